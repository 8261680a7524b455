"""Secrets that the site makes for itself."""

import os
import secrets
from pathlib import Path


def secret_in(path: Path) -> str:
    """Return the secret kept in `path`, made at the first call; several processes may call at once."""
    try:
        return path.read_text(encoding="ascii")
    except FileNotFoundError:
        pass
    draft = path.with_name(f"{path.name}.{os.getpid()}-{secrets.token_hex(4)}")
    draft.write_text(secrets.token_urlsafe(64), encoding="ascii")
    draft.chmod(0o600)
    try:
        os.link(draft, path)  # fails if another process was first: then its secret is the one
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return path.read_text(encoding="ascii")
