"""Log lines: one per record, and nothing in them that opens a private page or names a person."""

import logging
import sys

import pytest
from django.core import signing

from newsroom.logs import LineFormatter, masked
from tests.base import NOON

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
