"""The name of everything that pages are made with: after an upgrade no page of the old release is found."""

import json
import platform
from functools import lru_cache
from hashlib import sha256
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

from django.conf import settings

# What code, templates and texts are made of; static files tell by their manifest.
KINDS = {".py", ".html", ".txt", ".xml", ".mo", ".json"}
FOLDERS = ("newsroom", "articles", "comments", "templates", "locale")
# Settings that pages do not depend on: secrets, and those that differ from process to process.
LEFT_OUT = {"SECRET_KEY", "LOGGING", "WHITENOISE_USE_FINDERS"}


@lru_cache
def release_name() -> str:
    """Return a digest of code, templates, texts, static files, packages and settings."""
    digest = sha256(platform.python_version().encode())
    for package in sorted(f"{found.name} {found.version}" for found in distributions()):
        digest.update(f"{package}\n".encode())
    known = {
        name: getattr(settings, name) for name in dir(settings) if name.isupper() and name not in LEFT_OUT
    }
    digest.update(json.dumps(known, sort_keys=True, default=_said).encode())
    folders = [settings.BASE_DIR / name for name in FOLDERS]
    if settings.THEME_DIR:
        folders.append(settings.THEME_DIR / "templates")
    paths = [path for folder in folders for path in folder.rglob("*") if path.suffix in KINDS]
    for path in sorted([*paths, settings.STATIC_ROOT / "staticfiles.json"]):
        if path.is_file():
            digest.update(f"\n{path}\n".encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def _said(value: Any) -> str:
    """Return a value of a setting as text that is the same in each process."""
    if isinstance(value, set | frozenset):
        return repr(sorted(value, key=repr))
    if isinstance(value, Path) or not callable(value):
        return str(value)
    return f"{value.__module__}.{value.__qualname__}"
