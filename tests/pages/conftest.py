"""Fixtures of the tests of the page cache."""

from pathlib import Path
from typing import Any

import pytest

from newsroom import pages
from newsroom.pages.files import FileStore
from tests.other_processes import environment

__all__ = ["environment"]


@pytest.fixture
def store(tmp_path: Path, settings: Any) -> FileStore:
    """Return a store of its own, which the site's verbs purge too."""
    settings.PAGES_STORE = "newsroom.pages.files.FileStore"
    settings.PAGES_DIR = tmp_path / "pages"
    store = pages.store()
    assert isinstance(store, FileStore)
    store.serve()
    return store


@pytest.fixture
def another(store: FileStore) -> FileStore:
    """Return the same store as another process has it."""
    return FileStore()
