"""What the admin has saved survives kill -9 of the whole server: every acknowledged revision, none twice, none half."""

import http.client
import os
import random
import re
import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from threading import Semaphore
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection

from articles.models import Article, Sitting, User
from tests import base
from tests.articles.admin import _Fields, change
from tests.comments.test_durability import PATIENCE, server
from tests.other_processes import environment

__all__ = ["environment"]

WRITERS = 3
TOKEN = "x" * 32


def session_of(user: User) -> str:
    """Return the cookies of a session of this user, as a login makes one."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return f"session={session.session_key}; csrf={TOKEN}"


def ask(port: int, cookies: str, address: str, fields: dict[str, str] | None = None) -> tuple[int, str]:
    """Return status and page. Raises OSError or HTTPException if the connection is cut."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as talk:
        headers = {"Cookie": cookies, "Content-Type": "application/x-www-form-urlencoded"}
        talk.request("POST" if fields else "GET", address, urlencode(fields) if fields else None, headers)
        response = talk.getresponse()
        return response.status, response.read().decode()


def write(
    port: int, cookies: str, article: Article, name: str, counted: Callable[[], object]
) -> tuple[list[str], str, str]:
    """Save until the connection is cut; return what was acknowledged, and what was cut off with its form's name."""
    acknowledged: list[str] = []
    text = uid = ""
    try:
        while True:
            text = uid = ""
            status, page = ask(port, cookies, change(article))
            assert status == 200
            form = _Fields()
            form.feed(page)
            text, uid = f"{name}, save {len(acknowledged) + 1}", form.sent["sitting"]
            fields = form.sent | {"headline": text, "csrfmiddlewaretoken": TOKEN}
            status, page = ask(port, cookies, change(article), fields)
            assert status == 302, re.findall(r"errornote.*|errorlist.*", page)
            acknowledged.append(text)
            counted()
    except (OSError, http.client.HTTPException):
        return acknowledged, text, uid


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_every_acknowledged_save_survives_kill_9_again_and_again(
    environment: dict[str, str], tmp_path: Path, full_length: bool
) -> None:
    people = [base.person(f"writer{number}", "Editor") for number in range(WRITERS)]
    articles = [base.draft(by=person, headline="Begun") for person in people]
    cookies = [session_of(person) for person in people]
    assert settings.SESSION_COOKIE_NAME == "session"
    assert settings.CSRF_COOKIE_NAME == "csrf"
    # The server has a key of its own below VAR_DIR; it must be the one that the sessions were signed with.
    environment = environment | {"SECRET_KEY": settings.SECRET_KEY, "BASE_URL": "http://127.0.0.1"}
    told: list[list[str]] = [[] for _person in people]
    cut: list[dict[str, str]] = [{} for _person in people]
    connection.close()
    chance = random.Random(7)
    for kill in range(6 if full_length else 1):
        with server(environment, tmp_path) as (port, group), ThreadPoolExecutor(WRITERS) as pool:
            saved = Semaphore(0)
            runs = [
                pool.submit(write, port, cookies[n], articles[n], f"Kill {kill} of {n}", saved.release)
                for n in range(WRITERS)
            ]
            # One has just saved; the others are somewhere in the work of a save, each time elsewhere.
            for _save in range(chance.randint(3, 9)):
                assert saved.acquire(timeout=PATIENCE)
            os.killpg(group, signal.SIGKILL)
            for n, run in enumerate(runs):
                acknowledged, text, uid = run.result()
                told[n] += acknowledged
                if uid:
                    cut[n][text] = uid
    assert sum(map(len, told)) >= WRITERS, "something was saved"
    for n, article in enumerate(articles):
        stored = list(article.revisions.order_by("number").values_list("headline", flat=True))
        assert stored[0] == "Begun"
        assert len(set(stored)) == len(stored), "nothing twice"
        assert set(told[n]) <= set(stored), "nothing lost"
        # What was cut off is there whole or not at all; and what is there is known as saved, so it is not offered.
        assert set(stored[1:]) <= {*told[n], *cut[n]}
        for text, uid in cut[n].items():
            done = Sitting.objects.done().filter(uid=uid).exists()
            assert done == (text in stored)
        numbers = list(article.revisions.order_by("number").values_list("number", flat=True))
        assert numbers == list(range(1, len(stored) + 1))
