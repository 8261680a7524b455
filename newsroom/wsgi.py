"""The WSGI application: what gunicorn serves. The page cache stands around Django."""

import logging
import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.handlers.wsgi import WSGIHandler
from django.core.wsgi import get_wsgi_application

from newsroom import pages
from newsroom.pages.cache import PageCache

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "newsroom.settings")


def with_pages(application: WSGIHandler) -> WSGIHandler | PageCache:
    """Return the application with stored pages in front, or as it is if none can be stored."""
    try:
        store = pages.store()
        if not store.keeps:
            return application
        store.serve()
    except pages.UNREADABLE as error:
        logging.getLogger("newsroom.pages").error("No pages are stored, each is rendered anew: %s", error)
        return application
    return PageCache(application, store)


try:
    application = with_pages(get_wsgi_application())
except ImproperlyConfigured as error:
    sys.stderr.write(f"Newsroom cannot start. {error}\n")
    # To gunicorn 3 means that a worker cannot start, so it ends instead of trying again for ever.
    sys.exit(3)
