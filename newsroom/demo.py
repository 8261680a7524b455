"""The demo accounts: a login for each role on a site that only this machine reaches.

Each account is remembered by an `Origin`, with keyed marks of the password that we gave it and of what the database
made of it. So it can be told without any guess whether an account is still as we left it: whoever changes a password,
deactivates or deletes a demo account keeps that, at every later start.
"""

import json
import os
import secrets
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import transaction
from django.utils.crypto import salted_hmac

from articles.models import Grant, Origin, User
from newsroom.verbs import Refused, verb

PROVIDER = "demo logins"
LOOPBACK = {"localhost", "127.0.0.1", "::1"}


@dataclass(frozen=True)
class Person:
    """Who a demo account is, and what it may do."""

    role: str  # the group's name
    first_name: str
    last_name: str
    languages: tuple[str, ...] = ()  # empty: all


CAST = {
    "chief": Person("Chief", "Ilka", "Brandhorst"),
    "editor": Person("Editor", "Nils", "Quandt"),
    "journalist": Person("Journalist", "Leni", "Marbach"),
    "translator": Person("Translator", "Rosalie", "Bertin", ("de", "fr")),
    "moderator": Person("Moderator", "Sami", "Oduro"),
}


@dataclass
class Result:
    """What became of the demo accounts at this start."""

    made: list[str] = field(default_factory=list)
    renewed: list[str] = field(default_factory=list)  # same account, new password: the file was lost
    left: list[tuple[str, str]] = field(default_factory=list)  # not ours to touch, and why


def logins_file() -> Path:
    """Return where the passwords are kept."""
    return settings.VAR_DIR / "demo-logins.json"


def ensure_logins() -> Result:
    """Make the demo accounts that are missing and keep their passwords in `logins_file()`.

    Raises Refused unless the site runs for this machine only.
    """
    host = urlsplit(settings.BASE_URL).hostname
    if not settings.LOCAL or host not in LOOPBACK:
        raise Refused(
            "Demo logins are for a site on this machine only, and SECRET_KEY or BASE_URL say that this one may be "
            "public. Make accounts with: manage.py createsuperuser"
        )
    path = logins_file()
    kept = _read(path)
    logins: dict[str, dict[str, str]] = {}
    result = Result()
    for name, person in CAST.items():
        password = _ensure(name, person, kept.get(name), result)
        if password:
            logins[name] = {"username": name, "password": password}
    if logins != {name: {"username": name, "password": password} for name, password in kept.items()}:
        _write(path, logins)
    return result


def account(name: str) -> User | None:
    """Return a demo account by its name ("editor"), None if there is none that is ours and active."""
    origin = Origin.objects.filter(provider=PROVIDER, key=name).first()
    return User.objects.filter(pk=origin.object_id or 0, is_active=True).first() if origin else None


def _ensure(name: str, person: Person, kept: str | None, result: Result) -> str | None:
    """Return the password of a demo account, made or renewed if need be; None if the account is not ours."""
    with transaction.atomic():
        origin = Origin.objects.select_for_update().filter(provider=PROVIDER, key=name).first()
        if origin is None:
            if User.objects.filter(username=name).exists():
                result.left.append((name, "an account of this name was there before"))
                return None
            password = kept or secrets.token_urlsafe(12)
            _make(name, person, password)
            result.made.append(name)
            return password
        user = User.objects.filter(pk=origin.object_id or 0).first()
        if user is None or not user.is_active:
            result.left.append((name, "deactivated" if user else "deleted"))
            return None
        if origin.digest != _mark(user.password):
            # Somebody else set it, or Django made its hash stronger at a login: then our password still fits.
            if kept and user.check_password(kept):
                _remember(origin, user, kept)
                return kept
            result.left.append((name, "has a password of its own"))
            return None
        if kept and origin.version == _mark(kept)[:60]:
            return kept
        password = secrets.token_urlsafe(12)
        with verb("user.password", by=None, on=user):
            user.set_password(password)
            user.save(update_fields=["password"])
        _remember(origin, user, password)
        result.renewed.append(name)
        return password


def _make(name: str, person: Person, password: str) -> None:
    with verb("user.add", by=None) as act:
        user = User.objects.create_user(
            username=name,
            password=password,
            first_name=person.first_name,
            last_name=person.last_name,
            is_staff=True,
        )
        Grant.objects.create(
            user=user, group=Group.objects.get(name=person.role), languages=list(person.languages)
        )
        act.on = user
    _remember(Origin(kind="user", provider=PROVIDER, key=name), user, password)


def _remember(origin: Origin, user: User, password: str) -> None:
    origin.object_id = user.pk
    origin.digest = _mark(user.password)
    origin.version = _mark(password)[:60]
    origin.save()


def _mark(text: str) -> str:
    """Return what tells a text from any other and says nothing of it without our key."""
    return salted_hmac("newsroom.demo", text, algorithm="sha256").hexdigest()


def _read(path: Path) -> dict[str, str]:
    """Return the passwords by name; none where the file is lost or cannot be understood."""
    try:
        logins = json.loads(path.read_text(encoding="utf-8"))
        return {name: str(logins[name]["password"]) for name in CAST if name in logins}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def _write(path: Path, logins: dict[str, dict[str, str]]) -> None:
    """Replace the file in one step; only its owner may read it."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    with suppress(FileNotFoundError):
        draft.unlink()
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        json.dump(logins, file, indent=2)
        file.write("\n")
    draft.replace(path)
