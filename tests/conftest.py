"""Fixtures that every test may ask for, and the rule about what a machine lacks."""

import gc
import os
import shutil
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.db.backends.base.operations import BaseDatabaseOperations
from django.template.base import Template
from django.test import Client
from django.test.utils import _TestState, instrumented_test_render

from articles import images, redirects
from articles.models import User
from articles.search.engine import engine
from tests import base

ON_POSTGRESQL = "postgresql" in settings.DATABASES["default"]["ENGINE"]


def missing(what: str) -> None:
    """Skip the test, visibly, on a machine that lacks something; on CI nothing may be lacking."""
    if os.environ.get("CI"):
        pytest.fail(f"{what} is missing, and CI runs every test", pytrace=False)
    pytest.skip(f"{what} is missing on this machine")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is for another database; on the second one, leave out what asks none."""
    second = bool(os.environ.get("TEST_SECOND_DATABASE"))
    kept, left = [], []
    for item in items:
        out = item.get_closest_marker("only_sqlite" if ON_POSTGRESQL else "only_postgresql")
        if second:
            asks = {"db", "transactional_db", "live_server"} & set(getattr(item, "fixturenames", ()))
            out = (
                out
                or not (asks or item.get_closest_marker("django_db"))
                or item.get_closest_marker("browser")
            )
        (left if out else kept).append(item)
        own = item.get_closest_marker("django_db")
        names = getattr(item, "fixturenames", ())
        if (own and own.kwargs.get("transaction")) or {"transactional_db", "live_server"} & set(names):
            # Such a test empties the database; base.role_named makes the roles anew.
            item.add_marker(pytest.mark.django_db(transaction=True), append=False)
    if left:
        config.hook.pytest_deselected(items=left)
        items[:] = kept


def pytest_collection_finish(session: pytest.Session) -> None:
    """Let the garbage collector leave alone what stays to the end, and look less often at the rest.

    It takes about a tenth of the tests' time otherwise: modules, models and test functions are half a million objects.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


@pytest.fixture(autouse=True)
def emptied_search(request: pytest.FixtureRequest, _django_db_marker: None) -> Iterator[None]:
    """Empty the search index after a test that empties the database: flush knows Django's own tables only."""
    yield
    marker = request.node.get_closest_marker("django_db")
    if marker and marker.kwargs.get("transaction"):
        engine().clear()


def sql_delete(
    operations: BaseDatabaseOperations, style: Any, tables: Iterable[str], **_options: Any
) -> list[str]:
    """Return the SQL that empties those tables that have rows."""
    names = [operations.quote_name(table) for table in tables]
    asked = " UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM {name})" for name in names)
    with operations.connection.cursor() as cursor:
        cursor.execute(asked)
        return [f"DELETE FROM {name}" for (name,) in cursor.fetchall()]


@pytest.fixture(scope="session", autouse=True)
def quick_flush() -> Iterator[None]:
    """Empty PostgreSQL's tables by DELETE: TRUNCATE makes new files for each of sixty, in a second or more."""
    with pytest.MonkeyPatch.context() as patch:
        if ON_POSTGRESQL:
            patch.setattr(connection.ops.__class__, "sql_flush", sql_delete)
        yield


@pytest.fixture(scope="session")
def full_length() -> bool:
    """Return whether heavy tests run at full length (`make test-all`)."""
    return bool(os.environ.get("LONG"))


@pytest.fixture(scope="session")
def chromium() -> str:
    """Return the path of Chromium, which the tests under tests/browser/ drive; CHROMIUM names another."""
    for name in (os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    missing("Chromium")
    return ""


@pytest.fixture
def chief(db: None) -> User:
    return base.person("clara", "Chief")


@pytest.fixture
def editor(db: None) -> User:
    return base.person("emil", "Editor")


@pytest.fixture
def journalist(db: None) -> User:
    return base.person("jana", "Journalist")


@pytest.fixture
def translator(db: None) -> User:
    return base.person("tomas", "Translator", languages=["de"])


@pytest.fixture
def moderator(db: None) -> User:
    return base.person("mira", "Moderator")


@pytest.fixture
def login() -> object:
    """Return a function that gives a client logged in as a user."""

    def as_user(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return as_user


@pytest.fixture(scope="session", autouse=True)
def plain_rendering(django_test_environment: None) -> None:
    """Render templates as the site does: keeping a copy of every context takes a good part of all tests' time."""
    Template._render = _TestState.saved_data.template_render


@pytest.fixture
def contexts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the contexts of what is rendered, for a test that asks for `response.context`."""
    monkeypatch.setattr(Template, "_render", instrumented_test_render)


@pytest.fixture(autouse=True)
def quick_encoders(monkeypatch: pytest.MonkeyPatch) -> None:
    """Encode pictures with less effort than for readers: the files are larger, and nothing else is different."""
    monkeypatch.setitem(images.OPTIONS, "webp", images.OPTIONS["webp"] | {"method": 0})
    monkeypatch.setitem(images.OPTIONS, "avif", images.OPTIONS["avif"] | {"speed": 10})


@pytest.fixture(autouse=True)
def missed_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no test write down what others missed."""
    monkeypatch.setattr(redirects, "missed", redirects.MissedCounter())
