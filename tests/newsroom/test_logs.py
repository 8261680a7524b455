"""Log lines: one per record, and nothing in them that opens a private page or names a person."""

import logging
import re
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.core import signing
from gunicorn.config import Config

from newsroom import serving
from newsroom.logs import _ESCAPES, LineFormatter, masked
from newsroom.serving import ACCESS_FORMAT, ServerLogger
from tests.base import NOON
from tests.newsroom.test_background import eventually

TOKEN = signing.dumps("0198c7d2-1b7e-7c55-9f3e-111111111111", salt="x")


def line(message: str, *args: object, exc_info: object = None) -> str:
    record = logging.LogRecord("newsroom", logging.INFO, "file.py", 1, message, args, exc_info)
    record.created = NOON.timestamp()
    return LineFormatter().format(record)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"GET /comments/own/{TOKEN}/ 200", "GET /comments/own/[signed]/ 200"),
        (f"GET /comments/own/{TOKEN.replace(':', '%3A')}/ 200", "GET /comments/own/[signed]/ 200"),
        (f"GET /preview/{TOKEN}/ 200", "GET /preview/[signed]/ 200"),
        (f"GET /preview/?t={TOKEN}&x=1", "GET /preview/?t=[signed]&x=1"),
        ("mail to nora.feld@example.org failed", "mail to [e-mail] failed"),
        ("Key (email)=(nora@example.org) already exists", "Key (email)=([e-mail]) already exists"),
        ("GET /x/nora%40example.org/ 404", "GET /x/[e-mail]/ 404"),
        ("GET /en/2025/07/11/harbour-reopens/ 200", "GET /en/2025/07/11/harbour-reopens/ 200"),
        ("at 12:30:00 by user 7, @property", "at 12:30:00 by user 7, @property"),
    ],
)
def test_secrets_and_mail_addresses_are_masked(text: str, expected: str) -> None:
    assert masked(text) == expected


def test_a_token_may_be_cut_at_no_place_that_leaves_it_whole() -> None:
    assert TOKEN.rsplit(":", 1)[1] not in masked(f'"{TOKEN}"')
    assert TOKEN.rsplit(":", 1)[1] not in masked(f"({TOKEN})")


def test_a_path_cannot_forge_a_line() -> None:
    text = line("GET %s 404", "/x\r\n2025-07-11 INFO newsroom article.publish\u2028\x85\x1b[2J")
    assert len(text.splitlines()) == 1
    assert "\\x0d\\x0a2025" in text
    assert "\x1b" not in text


def test_a_traceback_cannot_forge_a_line_or_tell_an_address() -> None:
    try:
        raise ValueError("nora@example.org\n2025-07-11 12:00:00 INFO newsroom forged")
    except ValueError:
        text = line("Failed", exc_info=sys.exc_info())
    first, *rest = text.splitlines()
    assert first.endswith("INFO newsroom Failed")
    assert rest
    assert all(row.startswith("  | ") for row in rest)
    assert "nora" not in text


def test_masking_a_long_line_takes_no_longer_than_it_should() -> None:
    for nasty in (
        "a" * 200_000,
        "@" * 200_000,
        ":" * 200_000,
        "a@" * 100_000,
        "%40" * 70_000,
        "a.@b" * 50_000,
    ):
        masked(nasty)


class Answered:
    """What gunicorn knows of an answer."""

    status: str | None = "200 OK"
    sent = 8616
    headers = (("Content-Type", "text/html"),)


def server_logger(path: Path, **settings: object) -> ServerLogger:
    config = Config()
    for name, value in {"accesslog": str(path), "access_log_format": ACCESS_FORMAT, **settings}.items():
        config.set(name, value)
    return ServerLogger(config)


def access_line(logger: ServerLogger, path: Path, asked: str, answered: Answered | None = None) -> str:
    """Return what a request adds to the log."""
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": asked, "RAW_URI": asked, "SERVER_PROTOCOL": "HTTP/1.1"}
    before = path.stat().st_size
    logger.access(answered or Answered(), [("HOST", "x")], environ, timedelta(seconds=2, microseconds=34_999))
    logger.write_lines()
    return path.read_bytes()[before:].decode()


@pytest.fixture
def access_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    loggers = [logging.getLogger("gunicorn.access"), logging.getLogger("gunicorn.error")]
    for logger in loggers:
        monkeypatch.setattr(logger, "handlers", [])
        monkeypatch.setattr(logger, "propagate", True)  # else pytest adds handlers of its own
    yield tmp_path / "access.log"
    for handler in loggers[0].handlers:
        handler.close()


@pytest.mark.parametrize(
    "asked",
    [
        "/en/2025/07/11/harbour-reopens/",
        f"/comments/own/{TOKEN}/",
        "/x/nora@example.org/",
        "/x/nora%40example.org/",
        "/x\r\n2025-07-11 12:00:00,000 INFO gunicorn.access GET /forged/ 200 1 bytes 0 ms",
        "/\x85\x1b[2J\x00",
        "/fr/l\xc3\xa9t\xc3\xa9/",
        "/\xff",
        '/"quoted"/',
        "/tab\there/",
        "*",
        "",
    ],
)
def test_the_line_of_a_request_is_what_gunicorn_and_logging_would_make_of_it(
    access_log: Path, asked: str
) -> None:
    logger = server_logger(access_log)
    assert logger._short
    short = access_line(logger, access_log, asked)
    logger._short = False
    long = access_line(logger, access_log, asked)
    assert short[23:] == long[23:]
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} INFO gunicorn.access GET [^\n]*\n", short)
    assert short.endswith(" 200 8616 bytes 2034 ms\n")
    assert TOKEN.rsplit(":", 1)[1] not in short
    assert "example.org" not in short


def test_a_request_that_was_never_answered_has_its_line_too(access_log: Path) -> None:
    answered = Answered()
    answered.status = None
    assert " None 8616 bytes" in access_line(server_logger(access_log), access_log, "/", answered)


def test_another_form_of_the_line_is_gunicorns_to_make(access_log: Path) -> None:
    logger = server_logger(access_log, access_log_format="%(h)s asked %(U)s %({host}i)s")
    assert access_line(logger, access_log, "/en/").endswith("INFO gunicorn.access - asked /en/ x\n")


def test_the_log_goes_on_in_a_new_file_once_the_old_one_was_moved(access_log: Path) -> None:
    logger = server_logger(access_log)
    access_line(logger, access_log, "/before/")
    access_log.rename(access_log.with_suffix(".1"))
    logger.reopen_files()
    assert "/after/" in access_line(logger, access_log, "/after/")


def test_a_log_that_was_closed_is_opened_again(access_log: Path) -> None:
    logger = server_logger(access_log)
    logger.access_log.handlers[0].close()
    assert "/en/" in access_line(logger, access_log, "/en/")


def test_lines_are_written_soon_and_together(access_log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "WRITE_EVERY", 0.01)
    logger = server_logger(access_log)
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/en/"}
    for _number in range(50):
        logger.access(Answered(), [], environ, timedelta())
    eventually(lambda: access_log.read_text().count("GET /en/ 200") == 50)


def test_nothing_is_written_where_no_log_is_kept(access_log: Path) -> None:
    logger = server_logger(access_log, accesslog=None)
    access_log.touch()
    assert access_line(logger, access_log, "/en/") == ""


def test_what_is_not_looked_at_twice_has_nothing_to_escape() -> None:
    for code in _ESCAPES.keys() - {ord("\t")}:
        assert masked(f"/a{chr(code)}b") == f"/a\\x{code:02x}b"
