"""One mailbox has one spelling, or none that is taken."""

import pytest
from django.core.exceptions import ValidationError
from django.core.mail.message import sanitize_address

from newsroom.addresses import mailbox
from newsroom.forms import OptionalEmailField

# What a mail server takes for rosa@mail.example.
SPELLINGS = [
    "Rosa@Mail.EXAMPLE",
    "rosa@\uff4dail.example",
    "rosa@ma\u00adil.example",
    "rosa@mail\u3002example",
]
# What it may take for it, and what has further spellings itself.
REFUSED = [
    '"rosa"@mail.example',
    '"r\\osa"@mail.example',
    "ro\u017fa@mail.example",
    "\uff52osa@mail.example",
    "rosa@[192.0.2.1]",
    "rosa@[2001:db8::1]",
    "rosa@ma\u202eil.example",
    "rosa@mail\u3002example\u3002",
    "rosa@mail.example\uff20",
    f"rosa@{'m' * 64}.example",
]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_mailbox_has_one_spelling(spelling: str) -> None:
    assert mailbox(spelling) == OptionalEmailField().clean(f" {spelling}") == "rosa@mail.example"
    assert sanitize_address(spelling, "utf-8").lower() == "rosa@mail.example"


@pytest.mark.parametrize("email", REFUSED)
def test_what_has_other_spellings_still_is_refused_in_a_sentence(email: str) -> None:
    with pytest.raises(ValidationError) as refused:
        OptionalEmailField().clean(email)
    assert "Write the e-mail like name@example.org" in refused.value.messages[0]


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("", ""),
        ("Rosa@BÜCHER.example", "rosa@xn--bcher-kva.example"),
        ("rosa@XN--BCHER-KVA.example", "rosa@xn--bcher-kva.example"),
        ("Rosa.O'Neill+news@mail.example", "rosa.o'neill+news@mail.example"),
    ],
)
def test_what_is_spelled_once_is_taken(typed: str, stored: str) -> None:
    assert OptionalEmailField().clean(typed) == stored
    assert mailbox(stored) == stored


def test_a_megabyte_is_too_long_at_once() -> None:
    with pytest.raises(ValidationError, match="Shorten the e-mail to 254"):
        OptionalEmailField().clean("rosa@" + "\u00fc" * 1_000_000)
