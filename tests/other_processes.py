"""Fixtures of the tests that start other processes on the very database of the test."""

from urllib.parse import quote

import pytest
from django.db import connection


@pytest.fixture
def environment(tmp_path, transactional_db: None) -> dict[str, str]:
    """Return the environment with which another process works on the database of this test, as a site of its own."""
    database = connection.settings_dict
    if connection.vendor == "sqlite":
        url = f"sqlite:///{database['NAME']}"
    else:
        user = quote(database["USER"]) + (f":{quote(database['PASSWORD'])}" if database["PASSWORD"] else "")
        host = f"{database['HOST'] or '127.0.0.1'}:{database['PORT'] or 5432}"
        url = f"postgres://{user}@{host}/{quote(database['NAME'])}"
    return {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "newsroom.settings", "VAR_DIR": str(tmp_path)}
