"""Sixteen at once before a real server: readers post, change and delete, moderators decide and take back.

Its page cache is on, in the long run its workers are killed every few seconds, and at every pause each number that
there is, wherever it stands, is what a logged-out reader can count.
"""

import http.client
import json
import os
import random
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.models import Count

from articles.models import Article
from comments.models import Comment, Step
from tests import base
from tests.articles.test_saves_survive import TOKEN, session_of
from tests.comments.base import assert_true, numbers_for_a_reader
from tests.newsroom.test_background import eventually
from tests.newsroom.test_server import Server, free_port
from tests.other_processes import environment
from tests.pages.test_hunt import command_of, kill, started

__all__ = ["environment"]

READERS, MODERATORS = 10, 6
QUEUE = "/admin/comments/queue/"
DECISIONS = ("approve", "approve", "approve", "reject", "spam", "remove", "restore", "keep")


@dataclass
class Page:
    """An answer, as `numbers_for_a_reader` wants it."""

    status_code: int
    content: bytes


class Browser:
    """One person with a connection that is kept, and opened anew where a worker was killed under it."""

    def __init__(self, port: int, cookies: str = "") -> None:
        self.port, self.cookies = port, cookies
        self.talk: http.client.HTTPConnection | None = None

    def ask(self, address: str, fields: dict[str, str] | None = None) -> tuple[int, str, bytes]:
        """Return status, Location and content; what was cut off is sent again."""
        headers = {"Cookie": self.cookies} if self.cookies else {}
        body = None
        if fields is not None:
            headers |= {"Content-Type": "application/x-www-form-urlencoded"}
            body = urlencode(fields)
        for _try in range(50):
            try:
                if self.talk is None:
                    self.talk = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
                self.talk.request("GET" if fields is None else "POST", address, body, headers)
                answer = self.talk.getresponse()
                return answer.status, answer.getheader("Location", ""), answer.read()
            except (OSError, http.client.HTTPException):
                self.close()
                time.sleep(0.02)
        raise AssertionError(f"{address}: cut off again and again")

    def get(self, address: str) -> Page:
        """Return a page."""
        status, _location, content = self.ask(address)
        return Page(status, content)

    def close(self) -> None:
        """End the connection."""
        if self.talk is not None:
            self.talk.close()
            self.talk = None


@dataclass
class Told:
    """What the crowd was told: how often which answer came, and what was acknowledged: private address -> text."""

    answers: Counter[str] = field(default_factory=Counter)
    stored: dict[str, str] = field(default_factory=dict)


class Crowd:
    """A site with two articles, its server, and everybody before it."""

    def __init__(self, folder: Path, environ: dict[str, str]) -> None:
        self.folder = folder
        self.articles = [base.published(headline=headline) for headline in ("Harbour", "Ferry")]
        self.cookies = [session_of(base.person(f"mira{n}", "Moderator")) for n in range(MODERATORS)]
        self.port = free_port()
        self.environ = {
            **os.environ,
            **environ,
            # The server signs with the key that the sessions were signed with.
            **{"SECRET_KEY": settings.SECRET_KEY, "BASE_URL": f"http://127.0.0.1:{self.port}"},
            **{"PORT": str(self.port), "WEB_CONCURRENCY": "4", "DEBUG": "0", "COMMENT_LIMITS": "0"},
            **{"PAGES_STORE": "newsroom.pages.files.FileStore", "PAGES_DIR": f"{folder}/pages"},
        }
        self.told = Told()
        self.turn = 0
        connection.close()

    @contextmanager
    def served(self) -> Iterator[Server]:
        """Run the server, four processes of four threads."""
        log = self.folder / "server.log"
        with started([sys.executable, "-m", "gunicorn"], self.environ, log) as process:
            server = Server(process, self.port, log)
            eventually(server.answers, 60)
            yield server

    def act(self, server: Server, seconds: float, kills: bool) -> None:
        """Let everybody act at random until the time is over; kill a worker every three seconds."""
        self.turn += 1
        end = time.monotonic() + seconds
        people: list[Callable[[float, random.Random], None]] = [
            *(self.read_and_write for _ in range(READERS)),
            *((lambda end, chance, c=cookies: self.moderate(end, chance, c)) for cookies in self.cookies),
        ]
        with ThreadPoolExecutor(len(people)) as pool:
            runs = [pool.submit(one, end, random.Random(f"{self.turn} {n}")) for n, one in enumerate(people)]
            while kills and time.monotonic() < end - 2:
                time.sleep(3)
                workers = [pid for pid in server.children() if "gunicorn" in command_of(pid)]
                if workers:
                    kill(random.choice(workers))
            for run in runs:
                run.result()

    def note(self, what: str, status: int) -> None:
        """Count an answer."""
        self.told.answers[f"{what} {status}"] += 1

    def read_and_write(self, end: float, chance: random.Random) -> None:
        """Read, post, and change or delete what one posted."""
        browser, mine = Browser(self.port), []
        while time.monotonic() < end:
            article = chance.choice(self.articles)
            what = chance.random()
            if what < 0.45 or not mine:
                text = f"Number {chance.randrange(10**9)} of the ferry."
                address = f"{article.path}comments/"
                shown = re.findall(rb'id="comment-(\d+)"', browser.ask(article.path)[2])
                if shown and chance.random() < 0.5:
                    address += f"reply/{chance.choice(shown).decode()}/"
                email = f"reader{chance.randrange(30)}@mail.example"
                fields = {"name": "Rosa", "email": email, "text": text}
                status, location, _page = browser.ask(address, fields)
                self.note("post", status)
                if status == 303:
                    self.told.stored[location] = text
                    mine.append(location)
            elif what < 0.65:
                self.change(browser, chance, chance.choice(mine[-5:]))
            else:
                self.note("read", browser.ask(article.path)[0])
        browser.close()

    def change(self, browser: Browser, chance: random.Random, own: str) -> None:
        """Change one's comment, or delete it, as its private page offers it."""
        page = browser.ask(own)[2].decode()
        seen = re.search(r'name="seen" value="(\d+)"', page)
        if not seen:
            return
        fields = {"seen": seen[1], "sure": "on"}
        if chance.random() < 0.3:
            status, _location, _page = browser.ask(f"{own}delete/", fields)
            self.note("delete", status)
        else:
            text = f"{self.told.stored[own]} Changed."
            status, _location, _page = browser.ask(f"{own}edit/", fields | {"text": text, "language": "en"})
            self.note("edit", status)

    def moderate(self, end: float, chance: random.Random, cookies: str) -> None:
        """Decide on what came last, ban its writer's address, take back what was done last."""
        browser = Browser(self.port, cookies)
        sent = {"csrfmiddlewaretoken": TOKEN, "reason": "off topic"}
        while time.monotonic() < end:
            rows = list(Comment.objects.order_by("-pk").values_list("pk", "version")[:15])
            steps = list(Step.objects.order_by("-pk").values_list("pk", flat=True)[:3])
            connection.close()
            if steps and chance.random() < 0.15:
                status, _location, _page = browser.ask(f"{QUEUE}undo/{chance.choice(steps)}/", sent)
                self.note("undo", status)
            elif rows and chance.random() < 0.04:
                # All come from one network address: what waits of this person is what waits at all.
                fields = sent | {"what": "email", "ends": "1", "reject": "on"}
                status, _location, _page = browser.ask(f"{QUEUE}{chance.choice(rows)[0]}/ban/", fields)
                self.note("ban", status)
            elif rows and chance.random() < 0.1:
                chosen = [f"{pk}:{version}" for pk, version in chance.sample(rows, min(4, len(rows)))]
                self.note("together", self.decide_together(browser, chance, sent, chosen))
            elif rows:
                pk, version = chance.choice(rows)
                action = chance.choice(DECISIONS)
                status, _location, _page = browser.ask(
                    f"{QUEUE}{pk}/{action}/", sent | {"seen": str(version)}
                )
                self.note("decide", status)
        browser.close()

    def decide_together(
        self, browser: Browser, chance: random.Random, sent: dict[str, str], chosen: list[str]
    ) -> int:
        """Decide on several in one step; return the status."""
        action = chance.choice(("approve", "reject", "spam"))
        fields: Any = [*sent.items(), *(("chosen", one) for one in chosen)]
        return browser.ask(f"{QUEUE}chosen/{action}/", fields)[0]

    def assert_true_everywhere(self) -> None:
        """Compare what is stored with what was acknowledged, and each number wherever it stands."""
        wrong = [what for what in self.told.answers if what.rpartition(" ")[2] >= "500"]
        assert not wrong, self.told.answers
        tokens = {location.strip("/").rpartition("/")[2] for location in self.told.stored}
        known = {comment.pk for token in tokens if (comment := Comment.by_token(token))}
        # What was cut off before its answer came and was sent again is one comment: it has one address.
        assert set(Comment.objects.values_list("pk", flat=True)) == known
        assert len(known) == len(tokens)
        # What its writer took back may be sent once more.
        sent = Comment.objects.exclude(fingerprint="").order_by()
        doubled = sent.values("article", "fingerprint").annotate(rows=Count("pk"))
        assert not doubled.filter(rows__gt=1).exists()
        call_command("recount_comments", "--check")
        browser = Browser(self.port)
        front, feed = browser.get("/en/").content.decode(), browser.get("/en/feed.xml").content.decode()
        for article in self.articles:
            number = assert_true(article)
            label, counted = numbers_for_a_reader(browser, article)
            page = browser.get(article.path).content.decode()
            data = [
                json.loads(block) for block in re.findall(r"ld\+json[^>]*>(.*?)</script>", page, re.DOTALL)
            ]
            found = {
                "label": label,
                "counted": counted,
                "list": number_beside(article, front),
                "feed": int(re.search(rf"<title>{article.headline}<.*?comments>(\d+)<", feed, re.DOTALL)[1]),
                "data": next(one["commentCount"] for one in flat(data) if "commentCount" in one),
            }
            assert found == {
                "label": f"Comments ({number:,})",
                "counted": number,
                "list": number,
                "feed": number,
                "data": number,
            }
        browser.close()


def number_beside(article: Article, page: str) -> int:
    """Return the number of comments that a list shows beside an article."""
    found = re.search(rf'href="{article.path}#comments"[^>]*>\D*?\(?([\d,]+)\)?', unescape(page))
    assert found, article
    return int(found[1].replace(",", ""))


def flat(data: Any) -> Iterator[dict[str, Any]]:
    """Yield every object of a JSON document."""
    if isinstance(data, dict):
        yield data
        data = list(data.values())
    if isinstance(data, list):
        for one in data:
            yield from flat(one)


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_every_number_is_true_at_every_pause(
    environment: dict[str, str], tmp_path: Path, full_length: bool
) -> None:
    """Five seconds in `make test`; a minute, with kills, in the long run."""
    turns, seconds = (12, 5.0) if full_length else (2, 2.5)
    crowd = Crowd(tmp_path, environment)
    with crowd.served() as server:
        for _turn in range(turns):
            crowd.act(server, seconds, kills=full_length)
            eventually(server.answers, 60)
            crowd.assert_true_everywhere()
        log = server.log.read_text(errors="replace")
    assert "database is locked" not in log
    happened = {what.partition(" ")[0] for what in crowd.told.answers}
    wanted = {"post", "read", "decide"}
    if full_length:
        wanted |= {"ban", "edit", "delete", "undo", "together"}
    assert happened >= wanted, crowd.told.answers
