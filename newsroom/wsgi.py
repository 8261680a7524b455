"""The WSGI application: what gunicorn serves."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "newsroom.settings")

try:
    application = get_wsgi_application()
except ImproperlyConfigured as error:
    sys.stderr.write(f"Newsroom cannot start. {error}\n")
    # To gunicorn 3 means that a worker cannot start, so it ends instead of trying again for ever.
    sys.exit(3)
