"""Gunicorn as the site is served, without its background process and its log of requests."""

workers = 2
worker_class = "gthread"
threads = 4
keepalive = 5
control_socket_disable = True
