"""A site of one slow page that counts its renders in a file, behind the page cache; test_one_render.py serves it."""

import os
import time
from collections.abc import Iterable
from typing import Any

import django

django.setup()

from newsroom import pages  # noqa: E402
from newsroom.pages.cache import PageCache  # noqa: E402

RENDER = 0.1  # seconds
TEXT = b"<p>The front page.</p>" * 500


def site(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Answer with the page, slowly."""
    if environ["PATH_INFO"] == "/healthz":
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b"ok"]
    with open(os.environ["COUNT_RENDERS_IN"], "ab") as file:
        file.write(b".")
    environ[pages.ENVIRON_KEY].keys.add("front-en")
    time.sleep(RENDER)
    start_response("200 OK", [("Content-Type", "text/html; charset=utf-8")])
    return [TEXT]


store = pages.store()
store.serve()
application = PageCache(site, store)
