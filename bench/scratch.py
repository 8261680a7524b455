"""A site with a database of its own, in this process, for a bench that fills it and throws it away."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def scratch(name: str) -> Iterator[Any]:
    """Start Django on an empty database until the end of the block, and give the connection to it.

    On the server that DATABASE_URL names, else on SQLite in a folder of its own. Import models in the block only.
    """
    with tempfile.TemporaryDirectory(prefix=f"newsroom-{name}-") as folder:
        os.environ |= {
            "VAR_DIR": folder,
            "PAGES_DIR": f"{folder}/pages",
            "DEBUG": "0",
            "SECRET_KEY": "",
            "BASE_URL": "",
            "ALLOWED_HOSTS": "",
            "DJANGO_SETTINGS_MODULE": "newsroom.settings",
        }
        import django

        django.setup()
        os.makedirs(f"{folder}/static")
        from django.db import connection

        connection.settings_dict["TEST"]["NAME"] = (
            f"{folder}/{name}.sqlite3" if connection.vendor == "sqlite" else f"newsroom_{name}_{os.getpid()}"
        )
        connection.creation.create_test_db(verbosity=0, serialize=False)
        try:
            yield connection
        finally:
            connection.creation.destroy_test_db(connection.settings_dict["NAME"], verbosity=0)
