"""Gunicorn as it is shipped, but for the application, the log of accesses and the background process."""

import os
import runpy
from pathlib import Path

_shipped = runpy.run_path(str(Path(__file__).resolve().parent.parent / "gunicorn.conf.py"))
_LEFT_OUT = ("wsgi_app", "accesslog", "access_log_format", "logger_class")
globals().update(
    {
        name: value
        for name, value in _shipped.items()
        if isinstance(value, str | int | dict) and not name.startswith("_") and name not in _LEFT_OUT
    }
)

wsgi_app = "bench.constant:application"
bind = f"127.0.0.1:{os.environ['PORT']}"
