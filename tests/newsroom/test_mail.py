"""Mail waits in the database until the mail server has taken it."""

import errno
import socket
import time
from collections.abc import Callable
from datetime import timedelta
from smtplib import SMTPDataError, SMTPRecipientsRefused, SMTPServerDisconnected
from unittest import mock

import pytest
from django.core import mail
from django.utils import timezone

from articles.models import User
from newsroom.mail import MAX_TRIES, send_due, send_later
from newsroom.models import LogEntry, Mail
from tests import base

pytestmark = pytest.mark.django_db
SEND = "newsroom.mail.EmailMessage.send"


def test_what_the_server_takes_is_deleted() -> None:
    send_later("ida@example.org", "A subject\nof two lines", "Text")
    assert (send_due(), send_due()) == (1, 0)
    assert mail.outbox[0].subject == "A subject of two lines"
    assert not Mail.objects.exists()


@pytest.mark.parametrize("error", [OSError("no route"), SMTPRecipientsRefused({}), ValueError("bad")])
def test_what_it_refuses_waits_longer_each_time(error: Exception, caplog: pytest.LogCaptureFixture) -> None:
    row = send_later("ida@example.org", "Subject", "Text")
    now = timezone.now()
    for minutes in (1, 2, 4):
        with mock.patch(SEND, side_effect=error), base.at(now):
            assert send_due() == 0
            assert send_due() == 0
        row.refresh_from_db()
        assert row.due_at - now == timedelta(minutes=minutes)
        now = row.due_at
    assert type(error).__name__ in row.error
    assert "ida@example.org" not in caplog.text
    with base.at(now):
        assert send_due() == 1


def test_after_many_tries_it_waits_for_a_person() -> None:
    row = send_later("ida@example.org", "Subject", "Text")
    Mail.objects.update(tries=MAX_TRIES - 1)
    with mock.patch(SEND, side_effect=OSError):
        send_due()
    row.refresh_from_db()
    assert row.due_at is None
    assert send_due() == 0
    assert Mail.objects.exists()


def test_one_that_fails_does_not_hold_up_the_others() -> None:
    for number in range(3):
        send_later(f"reader{number}@example.org", "Subject", "Text")
    with mock.patch(SEND, side_effect=[OSError, 1, 1]):
        assert send_due() == 2
    assert Mail.objects.get().to == "reader0@example.org"


def test_a_server_that_takes_a_connection_and_says_nothing_is_waited_for_once(settings: object) -> None:
    """Else a run of fifty mails would hold up all that is due in the background."""
    for number in range(3):
        send_later(f"reader{number}@example.org", "Subject", "Text")
    now = timezone.now()
    with base.at(now), socket.create_server(("127.0.0.1", 0)) as silent:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = silent.getsockname()
        settings.EMAIL_TIMEOUT = 0.2
        begun = time.monotonic()
        assert (send_due(), send_due()) == (0, 0)
        assert time.monotonic() - begun < 10
    assert sorted(Mail.objects.values_list("to", "tries")) == [
        ("reader0@example.org", 1),
        ("reader1@example.org", 0),
        ("reader2@example.org", 0),
    ]
    assert {row.due_at - now for row in Mail.objects.all()} == {timedelta(minutes=1)}


AWAY = [
    TimeoutError(),
    ConnectionRefusedError(),
    OSError(errno.EHOSTUNREACH, "No route to host"),
    socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution"),
    SMTPServerDisconnected(),
]


@pytest.mark.parametrize("error", AWAY)
def test_where_the_server_is_away_the_others_wait_a_minute_untried(error: Exception) -> None:
    for number in range(3):
        send_later(f"reader{number}@example.org", "Subject", "Text")
    now = timezone.now()
    with mock.patch(SEND, side_effect=error) as send, base.at(now):
        assert (send_due(), send_due()) == (0, 0)
    assert send.call_count == 1
    assert sorted(Mail.objects.values_list("tries", flat=True)) == [0, 0, 1]
    with base.at(now + timedelta(minutes=1)):
        assert send_due() == 3


def test_a_mail_that_the_server_refuses_does_not_hold_up_the_others() -> None:
    for number in range(3):
        send_later(f"reader{number}@example.org", "Subject", "Text")
    refused = SMTPRecipientsRefused({"reader0@example.org": (550, b"No such user")})
    with mock.patch(SEND, side_effect=[refused, SMTPDataError(554, b"Spam"), 1]):
        assert send_due() == 1


def test_a_run_ends_in_time_however_slowly_the_server_takes_them(monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(4):
        send_later(f"reader{number}@example.org", "Subject", "Text")
    seconds = 0.0

    def slowly(message: object) -> int:
        nonlocal seconds
        seconds += 8
        return 1

    monkeypatch.setattr("newsroom.mail.time.monotonic", lambda: seconds)
    monkeypatch.setattr(SEND, slowly)
    assert (send_due(), send_due()) == (2, 2)


def test_a_crash_while_sending_loses_nothing() -> None:
    send_later("ida@example.org", "Subject", "Text")
    with mock.patch(SEND, side_effect=KeyboardInterrupt), pytest.raises(KeyboardInterrupt):
        send_due()
    row = Mail.objects.get()
    assert row.tries == 1
    assert row.due_at > timezone.now()


def test_without_a_mail_server_everything_waits(settings: object) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
    send_later("ida@example.org", "Subject", "Text")
    assert send_due() == 0
    assert Mail.objects.get().tries == 0


def test_who_may_delete_mails_makes_them_due_again_and_the_log_says_so(chief: User, login: Callable) -> None:
    row = send_later("ida@example.org", "Subject", "Text")
    Mail.objects.update(due_at=None, tries=MAX_TRIES)
    login(chief).post("/admin/newsroom/mail/", {"action": "try_again", "_selected_action": [row.pk]})
    entry = LogEntry.objects.get(verb="mail.retry")
    assert (entry.object_id, entry.by_id, entry.details) == (row.pk, chief.pk, {})
    assert send_due() == 1
