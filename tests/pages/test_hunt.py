"""The hunt: writers and readers at once, workers and writers killed, schedules falling due; not one old page.

In `make test` for seconds, to see that the hunt itself works; in `make test-all` for at least 100 000 reads.
"""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from articles.models import Article
from bench.sites import SHIPPED, around, find_nginx, shipped_conf
from newsroom.models import Site
from tests import base
from tests.conftest import missing
from tests.newsroom.test_background import eventually
from tests.newsroom.test_server import Server, free_port
from tests.pages.hunt.judge import Act, Sight, stale

ROOT = settings.BASE_DIR
LANGUAGES = ("en", "de")


def test_the_judge_knows_old_from_new() -> None:
    acts = [
        ("banner", Act(0, 0, 0)),
        ("banner", Act(1, 10, 11)),
        ("banner", Act(2, 20)),
        ("banner", Act(3, 30, 31)),
    ]
    wrong = {
        # What was seen, from when to when.
        (0, 9, 12),
        (0, 10.5, 12),
        (1, 10.5, 12),
        (0, 12, 13),
        (1, 12, 13),
        (1, 25, 26),
        (2, 25, 26),
        (2, 18, 19),
        (1, 32, 33),
        (2, 32, 33),
        (3, 32, 33),
        (7, 1, 2),
    }
    found = [what for what in wrong if stale(acts, [Sight("banner", *what)])]
    assert sorted(found) == [(0, 12, 13), (1, 32, 33), (2, 18, 19), (2, 32, 33), (7, 1, 2)]
    assert not stale(acts, [Sight("nothing known", 1, 1, 2)])


@contextmanager
def started(command: list[str], environ: dict[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run a process until the end of the block."""
    with log.open("ab") as out:
        process = subprocess.Popen(command, env=environ, cwd=ROOT, stdout=out, stderr=out)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(60)


class Hunt:
    """A site of two languages, its server, and everybody who hunts."""

    def __init__(self, folder: Path, environ: dict[str, str], stack: ExitStack) -> None:
        self.folder, self.stack = folder, stack
        self.port = free_port()
        self.environ = {**os.environ, **environ, "PORT": str(self.port), "WEB_CONCURRENCY": "4", "DEBUG": "0"}
        self.environ |= {"PAGES_STORE": "newsroom.pages.files.FileStore", "PAGES_DIR": f"{folder}/pages"}
        self.chance = random.Random(1)
        Site.objects.create(name="Hunted", languages=list(LANGUAGES))
        section = base.section({"en": "Hunt", "de": "Jagd"})
        self.acts: list[tuple[str, Act]] = []
        self.articles: dict[str, list[int]] = {language: [] for language in LANGUAGES}
        self.places: list[str] = []
        for language in LANGUAGES:
            for number in range(3):
                article = base.draft(
                    language=language, section=section, headline=f"H{number}v0z", slug=f"h-{number}"
                )
                article.save_revision(by=None, headline=f"H{article.pk}v0z")
                article.publish(by=None)
                self.articles[language].append(article.pk)
                self.places += [f"{language} {article.pk} {article.path}"] * 2
                self.known(f"there {article.pk}", True)
                for thing in ("headline", "note", "comments"):
                    self.known(f"{thing} {article.pk}", 0)
            first = Article.objects.get(pk=self.articles[language][0])
            first.place_on_front(by=None, kind=1)
            self.known(f"lead {language}", first.pk)
            self.known(f"banner {language}", 0)
            path = section.texts.get(language=language).get_absolute_url()
            self.places += [
                f"{language} - {place}" for place in (f"/{language}/", path, f"{path}feed.xml")
            ] * 3
        connection.close()

    def known(self, thing: str, value: Any) -> None:
        """Say what a thing is from the beginning."""
        self.acts.append((thing, Act(value, 0, 0)))

    def serve(self) -> None:
        """Start the server."""
        log = self.folder / "server.log"
        process = self.stack.enter_context(started([sys.executable, "-m", "gunicorn"], self.environ, log))
        self.server = Server(process, self.port, log)
        eventually(self.server.answers, 60)

    def put_nginx_in_front(self) -> int:
        """Start nginx with the shipped configuration; return its port."""
        folder, port = self.folder / "nginx", free_port()
        folder.mkdir()
        site = shipped_conf(SHIPPED.read_text(), folder, port, self.port, self.folder)
        # All readers come from one address here.
        site = site.replace("rate=20r/s", "rate=100000r/s")
        (folder / "nginx.conf").write_text(around(folder, site))
        command = [
            find_nginx() or missing("nginx"),
            "-p",
            str(folder),
            "-e",
            "stderr",
            "-c",
            f"{folder}/nginx.conf",
        ]
        self.stack.enter_context(started(command, self.environ, self.folder / "nginx.log"))
        eventually(lambda: Server(self.server.process, port, self.server.log).answers(), 30)
        return port

    def go(self, seconds: float, reads: int, port: int, pause: float, readers: int = 2) -> dict[str, int]:
        """Hunt until the time is over, or each reader has read enough; return what the readers counted.

        It goes on for a sixth of the time at least: on a quick machine the readers would be done before the writers.
        """
        modules = [sys.executable, "-m"]
        writing = {
            language: [*modules, "tests.pages.hunt.writer", f"{self.folder}/{language}.acts"]
            for language in LANGUAGES
        }

        def writer(language: str) -> subprocess.Popen[bytes]:
            seed = str(self.chance.random())
            articles = [str(pk) for pk in self.articles[language]]
            command = [*writing[language], seed, str(end - time.time()), str(pause), language, *articles]
            return self.stack.enter_context(started(command, self.environ, self.folder / "writer.log"))

        end = time.time() + seconds
        writers = {language: writer(language) for language in LANGUAGES}
        reading = [
            subprocess.Popen(
                [
                    *(*modules, "tests.pages.hunt.reader", f"{self.folder}/{number}.sights", str(number)),
                    *(str(seconds), str(seconds / 6), "127.0.0.1", str(port), str(reads), *self.places),
                ],
                cwd=ROOT,
                stdout=subprocess.PIPE,
            )
            for number in range(readers)
        ]
        while time.time() < end and any(process.poll() is None for process in reading):
            # A new worker takes a second or two of the processor: with more kills nobody would read.
            time.sleep(max(0, min(2 + 4 * self.chance.random(), end - time.time())))
            workers = [pid for pid in self.server.children() if "gunicorn" in command_of(pid)]
            if workers:
                kill(self.chance.choice(workers))
            if self.chance.random() < 0.4:
                language = self.chance.choice(LANGUAGES)
                writers[language].kill()
                writers[language].wait()
                writers[language] = writer(language)
        counted = {"reads": 0, "failed": 0, "errors": 0}
        for process in reading:
            told = json.loads(process.communicate(timeout=60)[0])
            counted = {name: counted[name] + told[name] for name in counted}
        for process in writers.values():
            process.terminate()
            process.wait(60)
        return counted

    def old(self) -> list[str]:
        """Return what was old of what the readers saw."""
        begun: dict[tuple[str, int], list[tuple[str, Act]]] = {}
        for path in sorted(self.folder.glob("*.acts")):
            for line in path.read_text().splitlines():
                told = json.loads(line)
                if "values" in told:
                    begun[path.name, told["act"]] = [
                        (thing, Act(value, told["begun"])) for thing, value in told["values"].items()
                    ]
                elif "act" in told:
                    for _thing, act in begun[path.name, told["act"]]:
                        act.acknowledged = told["acknowledged"]
        acts = [*self.acts, *(act for acts in begun.values() for act in acts)]
        # Which articles a list could show, by language.
        of_language = {pk: language for language, pks in self.articles.items() for pk in pks}
        for (log, _number), known in begun.items():
            for thing, _act in known:
                if thing.startswith("there "):
                    of_language.setdefault(int(thing.split()[1]), log.removesuffix(".acts"))
        self.number_of_acts = len(acts)
        return stale(acts, self.sights(of_language))

    def sights(self, of_language: dict[int, str]) -> Iterator[Sight]:
        """Yield what the readers saw; a list shows of each article whether it is there."""
        for path in self.folder.glob("*.sights"):
            for line in path.read_text().splitlines():
                began, ended, address, told = json.loads(line)
                for thing, value in told.items():
                    kind, _space, name = thing.partition(" ")
                    if kind != "listed":
                        yield Sight(thing, value, began, ended, address)
                        continue
                    for pk, language in of_language.items():
                        if language == name:
                            yield Sight(f"there {pk}", pk in value, began, ended, address)


def command_of(pid: int) -> str:
    """Return how a process was started, "" if it has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return ""


def kill(pid: int) -> None:
    """Kill a process, if it is there."""
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
@pytest.mark.postgresql_later
@pytest.mark.parametrize("front", ["gunicorn", "nginx"] if os.environ.get("LONG") else ["nginx"])
def test_not_one_old_page_is_seen(
    environment: dict[str, str], tmp_path: Path, full_length: bool, front: str
) -> None:
    """In the long run both together read more than 100 000 pages, on each database."""
    seconds, reads = (600.0, 30_000) if full_length else (3.0, 100_000)
    with ExitStack() as stack:
        hunt = Hunt(tmp_path, environment, stack)
        hunt.serve()
        port = hunt.port if front == "gunicorn" else hunt.put_nginx_in_front()
        counted = hunt.go(seconds, reads, port, pause=0.1 if front == "gunicorn" else 0.3)
    old = hunt.old()
    assert not old, "\n".join([f"{len(old)} old of {counted}", *old[:20]])
    if front == "nginx":
        log = (tmp_path / "nginx" / "newsroom.log").read_text()
        asked, lines = hunt.server.log.read_text().count(" gunicorn.access "), log.count("\n")
        assert asked < lines * 0.9, f"nginx answers by itself with what is stored: {asked} of {lines} went on"
    # nginx says in its own words that a worker was killed under it.
    assert counted["errors"] == 0 or front == "nginx"
    assert counted["reads"] >= (55_000 if full_length else 50)
    assert hunt.number_of_acts > (500 if full_length else 20)
