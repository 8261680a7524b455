"""Mail that waits in the database until the mail server has taken it; the background process sends and tries again.

Much may happen while a mail waits. What it tells of stands in `Mail.about`, with the app that wrote it; at the moment
of sending that app is asked for the mail as it is to be said now (setting MAIL_WRITERS), and what is not to be said any
more is deleted. So no verb has to think of what waits. A mail about nothing is sent as it was written.
"""

import logging
import time
from collections.abc import Callable, Iterable
from datetime import timedelta
from smtplib import SMTPConnectError, SMTPException, SMTPHeloError, SMTPServerDisconnected
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.module_loading import import_string

from newsroom.models import Mail
from newsroom.verbs import verb

logger = logging.getLogger(__name__)

# After each failure it waits longer: 1 min, 2, 4, … at most 6 hours; after so many tries it stays for a person.
FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=6)
MAX_TRIES = 20
# How many are sent in one run of the job, and for how many seconds: what else is due waits meanwhile.
BATCH = 50
RUN_FOR = 15.0
# How many are written by one statement.
INSERTED = 200


class ServerAway(Exception):
    """The mail server was not reached, or said nothing."""


def is_set_up() -> bool:
    """Return whether there is a mail server to send by (setting EMAIL_URL)."""
    return settings.EMAIL_BACKEND != "django.core.mail.backends.dummy.EmailBackend"


def written(
    to: str,
    subject: str,
    text: str,
    headers: dict[str, str] | None = None,
    about: dict[str, Any] | None = None,
) -> Mail:
    """Return a mail that is not in the outbox yet."""
    # A header is one line, whatever a headline holds.
    subject = " ".join(subject.split())[:200]
    return Mail(to=to, subject=subject, text=text, headers=headers or {}, about=about or {})


def send_later(to: str, subject: str, text: str) -> Mail:
    """Put a mail into the outbox, in the transaction of what it tells of."""
    mail = written(to, subject, text)
    mail.save()
    return mail


def send_all_later(mails: Iterable[Mail]) -> None:
    """Put many mails into the outbox, in the transaction of what they tell of; a statement for each few hundred."""
    Mail.objects.bulk_create(mails, batch_size=INSERTED)


def try_again(mails: Iterable[Mail], *, by: Any) -> None:
    """Make mails due at once, as if they had never been tried; the admin asks who may."""
    for mail in mails:
        with verb("mail.retry", by=by, on=mail):
            Mail.objects.filter(pk=mail.pk).update(due_at=timezone.now(), tries=0)


def send_due() -> int:
    """Send what is due, where there is a mail server; return how many it took.

    A mail may be sent twice, and is never lost. Taken means deleted: the address is not kept. The next try is written
    before the sending, so that another process, or this one after a crash, does not begin at the same mail at once.

    One process does all that is due in the background, one thing after another: a run begins no mail after 15 seconds,
    and ends with the first for which the server was away. Then all that is due waits for a minute, so that a silent
    server holds up the rest for one time-out a minute (setting EMAIL_TIMEOUT) and not for one a mail.
    """
    if not is_set_up():
        return 0
    sent, until = 0, time.monotonic() + RUN_FOR
    for pk in list(_due().values_list("pk", flat=True)[:BATCH]):
        if time.monotonic() >= until:
            break
        mail = _take(pk)
        if mail is None:
            continue
        said = _said_now(mail)
        if said is None:
            mail.delete()
            continue
        try:
            sent += _send(mail, said)
        except ServerAway:
            _due().update(due_at=timezone.now() + FIRST_WAIT)
            break
    return sent


def _due() -> QuerySet[Mail]:
    return Mail.objects.filter(due_at__lte=timezone.now()).order_by("due_at", "pk")


def _take(pk: int) -> Mail | None:
    """Return a mail that is still due, its next try already written; None if somebody else has it."""
    with transaction.atomic():
        mail = _due().select_for_update().filter(pk=pk).first()
        if mail is None:
            return None
        mail.tries += 1
        wait = min(FIRST_WAIT * 2 ** (mail.tries - 1), LONGEST_WAIT)
        mail.due_at = timezone.now() + wait if mail.tries < MAX_TRIES else None
        mail.save(update_fields=["tries", "due_at"])
    return mail


def _said_now(mail: Mail) -> Mail | None:
    """Return a mail as it is to be said now; None if there is nothing to say any more."""
    if "app" not in mail.about:
        return mail
    asked: Callable[[Mail], Mail | None] = import_string(settings.MAIL_WRITERS[mail.about["app"]])
    return asked(mail)


def _send(mail: Mail, said: Mail) -> bool:
    """Send a mail as it is said now, and return whether the server took it.

    Raises ServerAway if the next one need not be tried.
    """
    try:
        EmailMessage(said.subject, said.text, to=[said.to], headers=said.headers).send()
    except (SMTPException, OSError, ValueError) as error:
        # The class and not the words: a server's answer may name the address, and logs hold none.
        logger.warning("Mail %d was not sent (try %d): %s", mail.pk, mail.tries, type(error).__name__)
        mail.error = f"{type(error).__name__}: {error}"[:300]
        Mail.objects.filter(pk=mail.pk).update(error=mail.error)
        if _is_away(error):
            raise ServerAway from error
        return False
    Mail.objects.filter(pk=mail.pk).delete()
    return True


def _is_away(error: Exception) -> bool:
    """Return whether it is the server that failed and not this mail: the next one would wait as long for it."""
    if isinstance(error, SMTPException):
        # smtplib says of a server that is silent that it has disconnected.
        return isinstance(error, SMTPServerDisconnected | SMTPConnectError | SMTPHeloError)
    return isinstance(error, TimeoutError | ConnectionError) or bool(getattr(error, "errno", None))
