"""The least that gunicorn can do: an application that gives the same answer to everything.

CONSTANT names a file with it: a line of JSON with status and headers, then the body.
"""

import json
import os
from pathlib import Path

_line, _newline, _body = Path(os.environ["CONSTANT"]).read_bytes().partition(b"\n")
STATUS, _headers = json.loads(_line)
HEADERS = [(name, value) for name, value in _headers]
BODY = [_body] if _body else []


def application(environ, start_response):
    """Answer."""
    start_response(STATUS, HEADERS)
    return BODY
