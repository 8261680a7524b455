"""Make a login for each role, on a site that only this machine reaches."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from newsroom import demo
from newsroom.verbs import Refused


class Command(BaseCommand):
    """Make the demo logins, each once."""

    help = (
        "Make the accounts chief, editor, journalist, translator and moderator with random passwords, kept in "
        "demo-logins.json. Refuses on a site that may be public. An account that somebody deleted, deactivated or "
        "gave another password is left as it is."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        """Make what is missing and say so."""
        try:
            result = demo.ensure_logins()
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        if result.made:
            self.stdout.write(f"Demo logins made: {', '.join(result.made)}.")
        if result.renewed:
            self.stdout.write(
                f"Demo logins with new passwords, for the old ones were lost: {', '.join(result.renewed)}."
            )
        for name, reason in result.left:
            self.stdout.write(f"Demo login {name} is not offered: {reason}.")
        if result.made or result.renewed:
            self.stdout.write(f"Their passwords are in {demo.logins_file()}.")
