"""How gunicorn serves Newsroom; `gunicorn` in this folder finds it by itself.

Options on gunicorn's command line and in GUNICORN_CMD_ARGS win over what stands here.
"""

import gc
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT))

from newsroom.serving import ACCESS_FORMAT, Background, ServerLogger  # noqa: E402

chdir = str(ROOT)
wsgi_app = "newsroom.wsgi:application"
bind = f"127.0.0.1:{os.environ.get('PORT') or 8000}"

# Two cores: two processes. Threads wait for the database, and a slow reader's connection costs a thread only.
workers = int(os.environ.get("WEB_CONCURRENCY") or 2)
worker_class = "gthread"
threads = 4
timeout = 60
graceful_timeout = 30
keepalive = 5

# Nobody's X-Forwarded-Proto, X-Forwarded-For or SCRIPT_NAME is believed here, also not a neighbour's on loopback.
# Which proxies count is one setting, PROXY_HOPS, and Django reads it.
forwarded_allow_ips = ""
secure_scheme_headers: dict[str, str] = {}
forwarder_headers = ""
limit_request_line = 4094
limit_request_fields = 100
limit_request_field_size = 8190
# A socket through which a running server could be told things; nobody here does.
control_socket_disable = True

accesslog = "-"
access_log_format = ACCESS_FORMAT
logger_class = ServerLogger


def on_starting(server):
    """End before anything is bound or forked if the site cannot start; it says why by itself."""
    # In a process of its own: what the master imported would stay as it is over a reload.
    if code := subprocess.run([sys.executable, "-m", "newsroom.wsgi"], cwd=ROOT).returncode:
        sys.exit(code)


def when_ready(server):
    """Start the background process once the address is ours."""
    server.background = Background(lambda: [listener.fileno() for listener in server.LISTENERS])
    server.background.start()


def post_worker_init(worker):
    """Take what was loaded out of the garbage collector's sight: it stays as long as the worker does.

    Else each collection walks through all of Django, which costs an answer from the page cache a thirtieth of its time.
    """
    gc.collect()
    gc.freeze()
    # And it looks less often: a request makes thousands of objects and hardly a cycle among them. Each time that
    # 700 more are there, as Python has it, costs a stored comment a twentieth.
    gc.set_threshold(10_000)


def on_reload(server):
    """Give the background process the new code and settings too."""
    server.background.reload()


def on_exit(server):
    """Stop the background process with the server."""
    if background := getattr(server, "background", None):
        background.stop()
