"""The modes: loopback needs nothing; any other host needs a key, an address and TLS, or the start is refused."""

import os
import re
import runpy
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db.utils import ConnectionHandler

SETTINGS = settings.BASE_DIR / "newsroom" / "settings.py"
NAMES = re.compile(r'\benv\.\w+\(\s*"([A-Z_]+)"')
KEY = "k3y-" * 16


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Return a function that reads the settings file under an environment."""

    def read(**environ: str) -> dict[str, Any]:
        for name in NAMES.findall(SETTINGS.read_text(encoding="utf-8")):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setattr("environs.Env.read_env", lambda *args, **kwargs: None)
        for name, value in {"VAR_DIR": str(tmp_path / "var"), **environ}.items():
            monkeypatch.setenv(name, value)
        return runpy.run_path(str(SETTINGS))

    return read


def test_without_environment_loopback_only(read: Any, tmp_path: Path) -> None:
    values = read()
    assert values["LOCAL"] is True
    assert values["DEBUG"] is False
    assert values["ALLOWED_HOSTS"] == ["localhost", "127.0.0.1", "[::1]"]
    assert values["BASE_URL"] == "http://127.0.0.1:8000"
    assert values["DATABASES"]["default"]["ENGINE"] == "newsroom.sqlite"
    assert values["SECRET_KEY"] == (tmp_path / "var" / "secret-key").read_text()
    assert len(values["SECRET_KEY"]) >= 50
    assert (tmp_path / "var" / "secret-key").stat().st_mode & 0o777 == 0o600
    assert read()["SECRET_KEY"] == values["SECRET_KEY"], "the same at the next start"


def test_sqlite_keeps_what_was_acknowledged_and_lets_readers_read(read: Any, django_db_blocker: Any) -> None:
    """A power cut takes nothing that was committed (FULL), and nobody who reads waits for a writer (WAL)."""
    database = ConnectionHandler(read()["DATABASES"])["default"]
    with django_db_blocker.unblock(), closing(database), database.cursor() as cursor:
        assert cursor.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert cursor.execute("PRAGMA synchronous").fetchone() == (2,)


def test_a_connection_that_postgresql_has_ended_is_noticed(read: Any) -> None:
    database = read(DATABASE_URL="postgres://newsroom@127.0.0.1/newsroom")["DATABASES"]["default"]
    assert database["CONN_MAX_AGE"] == 60
    assert database["CONN_HEALTH_CHECKS"] is True


def test_a_mail_server_that_says_nothing_is_not_waited_for_for_ever(read: Any) -> None:
    assert read()["EMAIL_TIMEOUT"] == 15
    assert read(EMAIL_URL="submission://mail.example:587")["EMAIL_TIMEOUT"] == 15
    assert read(EMAIL_URL="submission://mail.example:587?timeout=30")["EMAIL_TIMEOUT"] == 30


def test_port_is_part_of_the_address(read: Any) -> None:
    assert read(PORT="8123")["BASE_URL"] == "http://127.0.0.1:8123"


def test_public_site_is_https_all_through(read: Any) -> None:
    values = read(SECRET_KEY=KEY, BASE_URL="https://news.example.org/")
    assert values["LOCAL"] is False
    assert values["BASE_URL"] == "https://news.example.org"
    assert values["ALLOWED_HOSTS"] == ["news.example.org"]
    assert values["SESSION_COOKIE_NAME"].startswith("__Host-")
    assert values["CSRF_COOKIE_NAME"].startswith("__Host-")
    assert values["SESSION_COOKIE_SECURE"] is values["CSRF_COOKIE_SECURE"] is True
    assert values["SECURE_SSL_REDIRECT"] is True
    assert values["SECURE_HSTS_SECONDS"] >= 31_536_000


@pytest.mark.parametrize(
    ("environ", "reason"),
    [
        ({"ALLOWED_HOSTS": "news.example.org"}, "news.example.org, but SECRET_KEY is not set"),
        ({"BASE_URL": "https://news.example.org"}, None),
        ({"SECRET_KEY": "short", "BASE_URL": "https://news.example.org"}, "SECRET_KEY is an example"),
        (
            {"SECRET_KEY": "django-insecure-" + KEY, "BASE_URL": "https://x.example"},
            "SECRET_KEY is an example",
        ),
        ({"SECRET_KEY": KEY}, "BASE_URL is not set"),
        ({"SECRET_KEY": KEY, "BASE_URL": "news.example.org"}, "must begin with https://"),
        ({"SECRET_KEY": KEY, "BASE_URL": "ftp://news.example.org"}, "must begin with https://"),
        ({"SECRET_KEY": KEY, "BASE_URL": "https:///path"}, "must begin with https://"),
        ({"SECRET_KEY": KEY, "BASE_URL": "http://news.example.org"}, "need https"),
        ({"DEBUG": "perhaps"}, "DEBUG"),
        ({"PORT": "eight"}, "PORT"),
        ({"PROXY_HOPS": "one"}, "PROXY_HOPS"),
        ({"HSTS_PRELOAD": "perhaps"}, "HSTS_PRELOAD"),
        ({"DATABASE_URL": "nosuch://x"}, "setting cannot be used"),
        ({"EMAIL_URL": "smtp+tls://user:password@mail.example:587"}, "EMAIL_URL begins with submission://"),
    ],
)
def test_what_cannot_be_used_is_refused_with_the_reason(
    read: Any, environ: dict[str, str], reason: str | None
) -> None:
    if reason is None:  # an address alone changes no mode: still only loopback is answered
        assert read(**environ)["ALLOWED_HOSTS"] == ["localhost", "127.0.0.1", "[::1]"]
        return
    with pytest.raises(ImproperlyConfigured, match=re.escape(reason)):
        read(**environ)


def test_forwarded_scheme_counts_behind_a_proxy_of_ours_only(read: Any) -> None:
    assert read()["SECURE_PROXY_SSL_HEADER"] is None
    assert read(PROXY_HOPS="1")["SECURE_PROXY_SSL_HEADER"] == ("HTTP_X_FORWARDED_PROTO", "https")


def manage(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, settings.BASE_DIR / "manage.py", *arguments],
        capture_output=True,
        text=True,
        env={"PATH": os.environ["PATH"], "SECRET_KEY": "", "DEBUG": "0", **environ},
    )


def test_bad_setting_is_one_line_of_a_command(tmp_path: Path) -> None:
    answer = manage("check", VAR_DIR=str(tmp_path), ALLOWED_HOSTS="news.example.org")
    assert answer.returncode == 1
    assert answer.stderr.startswith("Newsroom cannot start. ALLOWED_HOSTS names news.example.org")
    assert len(answer.stderr.splitlines()) == 1


@pytest.mark.later
def test_checks_of_a_public_site_say_one_thing_about_the_editor(tmp_path: Path) -> None:
    answer = manage(
        *("check", "--deploy"),
        VAR_DIR=str(tmp_path),
        SECRET_KEY=KEY + "0123456789abcdef",
        BASE_URL="https://x.example",
    )
    assert answer.returncode == 0, answer.stderr
    assert re.findall(r"\((\w+\.\w\d+)\)", answer.stderr) == ["newsroom.W001"]


def test_every_name_of_the_environment_is_documented() -> None:
    """docs/settings.md has a row for each name that a program of ours reads, and no other."""
    root = settings.BASE_DIR
    read_in = set(NAMES.findall(SETTINGS.read_text(encoding="utf-8")))
    for path in (root / "gunicorn.conf.py", root / "newsroom" / "environment.py"):
        read_in |= set(re.findall(r'os\.environ\.get\([\'"]([A-Z_]+)[\'"]', path.read_text(encoding="utf-8")))
    rows = re.findall(r"^\| `([A-Z_]+)`", (root / "docs" / "settings.md").read_text(encoding="utf-8"), re.M)
    assert len(rows) == len(set(rows))
    assert set(rows) == read_in
