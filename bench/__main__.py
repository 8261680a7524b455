"""The run: `python -m bench`."""

import argparse
import random
import re
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from bench import cpu
from bench.figures import Pair, comparison, machine, table, versions
from bench.load import Answer, Wrong, ask, ask_often, load, request
from bench.sites import SHIPPED, Site, Sites, Turn, find_nginx, on_core

# What the least that a server can do costs, divided by what ours costs, is at least this.
GUNICORN, NGINX = 0.9, 0.95
# How long a server may put off what belongs to a request, in seconds: longer than newsroom.serving.WRITE_EVERY and
# than nginx.conf's `flush`.
PUT_OFF = 0.3
# How many turns what is dear gets.
DEAR_TIMES = 12
HOST = "127.0.0.1"
FRONT, FEED, CONSTANT = "/en/", "/en/feed.xml", "/healthz"
# Before anything is counted each server answers this often: memory is full, code is warm.
WARM = 200


@dataclass(frozen=True)
class Kind:
    """One kind of question."""

    name: str
    path: str
    asked: bytes

    @classmethod
    def of(cls, name: str, path: str, **headers: str) -> "Kind":
        """Return the kind that asks for a path as a browser does, but for these headers."""
        return cls(name, path, request(path, HOST, **headers))


@dataclass
class Race:
    """One kind of page, asked of two servers in turns."""

    kind: Kind
    least: Site
    ours: Site
    answers: dict[str, Answer]
    pair: Pair

    @classmethod
    def of(cls, kind: Kind, least: Site, ours: Site) -> "Race":
        """Return the race of two servers. Raises Wrong if they do not give the same answer."""
        answers = {site.name: ask(site.port, kind.asked) for site in (least, ours)}
        if unlike := answers[least.name].unlike(answers[ours.name]):
            raise Wrong(f"{kind.name}: {least.name} and {ours.name} differ in {unlike}")
        return cls(kind, least, ours, answers, Pair(kind.name))

    def ask(self, site: Site, requests: int, connections: int) -> None:
        """Ask one of the two."""
        load(site.port, self.kind.asked, self.answers[site.name], requests, connections)

    def run(self, requests: int, connections: int) -> None:
        """Ask both and note what it cost. Who comes first is left to chance."""
        turns = [(self.least, self.pair.least), (self.ours, self.pair.ours)]
        random.shuffle(turns)
        for site, found in turns:
            turn(site, found, requests, partial(self.ask, site, requests, connections))


@dataclass
class Dear:
    """What a page costs without the store, for comparison."""

    name: str
    requests: int
    asked: bytes
    found: list[float] = field(default_factory=list)


def turn(site: Site, found: list[float], requests: int, ask_them: Callable[[], object]) -> None:
    """Ask a server, and have what a request costs it noted, in nanoseconds of its processes.

    What it puts off, as the lines of its log, belongs to these requests too: its time is taken when its next turn
    begins (`settle`).
    """
    settle(site)
    site.open = Turn(found, requests, site.used())
    try:
        with on_core(0):
            ask_them()
    except Wrong as wrong:
        raise Wrong(f"{site.name}: {wrong}") from wrong


def settle(site: Site) -> None:
    """Note what the server's last turn has cost until now. Raises Wrong if that cannot be told."""
    if site.open is None:
        return
    used = site.used()
    if used.keys() != site.open.used.keys():
        raise Wrong(f"{site.name} has restarted a process")
    site.open.found.append(
        sum(used[pid] - before for pid, before in site.open.used.items()) / site.open.requests
    )
    site.open = None


def an_article(site: Site, pages: Path) -> str:
    """Return the path of an article that lasts until somebody changes it: no other one is scheduled to join it."""
    for language in ("en", "de", "fr"):
        front = ask(site.port, request(f"/{language}/", HOST, accept_encoding="")).body.decode()
        for path in dict.fromkeys(re.findall(rf'href="(/{language}/\d{{4}}/\d\d/\d\d/[^/"]+/)"', front)):
            ask(site.port, request(path, HOST))
            if any(pages.glob(f"*/lasting/{HOST}{path}index.html")):
                return path
    raise Wrong("no article on the front pages is stored for good")


class Run:
    """One run: the servers, and who is held against whom."""

    def __init__(self, sites: Sites) -> None:
        self.sites = sites
        self.nginx = find_nginx()
        self.behind: Site | None = None
        say("Preparing a site with the sample content …")
        sites.prepare("var")
        say("Starting the servers …")
        self.newsroom = sites.newsroom("Newsroom", "var")
        article = an_article(self.newsroom, sites.folder / "var" / "pages")
        etag = ask(self.newsroom.port, request(article, HOST)).header("etag")
        self.kinds = [
            Kind.of("article", article),
            Kind.of("front page", FRONT),
            Kind.of("feed", FEED),
            Kind.of("article, not compressed", article, accept_encoding=""),
            Kind.of("article, not modified (304)", article, if_none_match=etag),
        ]
        self.by_gunicorn = [self.beside_gunicorn(kind) for kind in self.kinds]
        self.by_nginx = self.beside_nginx() if self.nginx and SHIPPED.exists() else []
        self.without_store = sites.newsroom("no store", "var", PAGES_STORE="newsroom.pages.NullStore")
        self.dear = [
            Dear("article, rendered for each request", 10, request(article, HOST)),
            Dear("front page, rendered for each request", 10, request(FRONT, HOST)),
            Dear("a constant answer by Django, through all middleware", 200, request(CONSTANT, HOST)),
        ]

    def beside_gunicorn(self, kind: Kind) -> Race:
        """Return the race against a gunicorn that has only this answer."""
        answer = ask(self.newsroom.port, kind.asked)
        return Race.of(kind, self.sites.constant(f"gunicorn ({kind.name})", answer), self.newsroom)

    def beside_nginx(self) -> list[Race]:
        """Return the races of the shipped nginx against one that has only the files of this page."""
        # Nobody else asks that one: what its log tells has come through nginx.
        self.behind = self.sites.newsroom("behind nginx", "var")
        shipped = self.sites.shipped_nginx("the shipped nginx", self.nginx, "var", self.behind)
        plain = {}
        for path in dict.fromkeys(kind.path for kind in self.kinds):
            packed, whole = (
                ask(shipped.port, request(path, HOST, accept_encoding=coding)) for coding in ("gzip", "")
            )
            plain[path] = self.sites.plain_nginx(f"nginx ({path})", self.nginx, path, packed, whole)
        return [Race.of(kind, plain[kind.path], shipped) for kind in self.kinds]

    def measure(self, rounds: int, requests: int, connections: int) -> None:
        """Ask the two of a pair in turns, one pair after the other, then what is dear."""
        races = [*self.by_gunicorn, *self.by_nginx]
        for race in races:
            for site in (race.least, race.ours):
                race.ask(site, WARM, connections)
        lines = self.lines_behind()
        for number, race in enumerate(races):
            say(f"Pair {number + 1} of {len(races)} …")
            for _round in range(rounds):
                race.run(requests, connections)
        say("What costs more …")
        for dear in self.dear * DEAR_TIMES:
            asking = partial(ask_often, self.without_store.port, dear.asked, dear.requests)
            turn(self.without_store, dear.found, dear.requests, asking)
        time.sleep(PUT_OFF)
        for site in self.sites.started:
            settle(site)
        if self.lines_behind() != lines:
            raise Wrong("nginx has asked the application")

    def lines_behind(self) -> int:
        """Return how long the log of the application behind nginx is, once it has been written."""
        time.sleep(PUT_OFF)
        return self.behind.log.stat().st_size if self.behind else 0

    def report(self) -> bool:
        """Print the tables; return whether all bounds are kept."""
        gunicorn, nginx = ([race.pair for race in races] for races in (self.by_gunicorn, self.by_nginx))
        print(table("gunicorn, a constant answer", "Newsroom", gunicorn, GUNICORN), end="\n\n")
        if nginx:
            print(table("nginx, a plain file", "the shipped nginx", nginx, NGINX), end="\n\n")
        else:
            why = "deploy/nginx.conf is not there" if self.nginx else "this machine has no nginx"
            print(f"nginx: NOT MEASURED, {why}.\n")
        print(comparison({dear.name: dear.found for dear in self.dear}), end="\n\n")
        missed = [f"{pair.kind} by gunicorn" for pair in gunicorn if not pair.passes(GUNICORN)]
        missed += [f"{pair.kind} by nginx" for pair in nginx if not pair.passes(NGINX)] or (
            [] if nginx else ["nginx, which was not measured"]
        )
        print(f"FAIL: {', '.join(missed)}" if missed else "PASS")
        return not missed


def main() -> int:
    """Start the servers, ask them in turns, print what was found."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="What a stored page costs.")
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--requests", type=int, default=1000, help="of each kind, to each server, each round")
    parser.add_argument("--connections", type=int, default=1, help="asked over at once")
    options = parser.parse_args()
    if not cpu.is_accounted():
        print("The kernel's accounting (/proc/<pid>/task/*/schedstat, as Linux has it) is not there.")
        return 2
    with tempfile.TemporaryDirectory(prefix="newsroom-bench-") as folder:
        sites = Sites(Path(folder))
        try:
            run = Run(sites)
            run.measure(options.rounds, options.requests, options.connections)
            say("")
            print(f"{machine()}; {versions(run.nginx)}.")
            print(
                f"{options.rounds} rounds of {options.requests} requests over {options.connections} connections.\n"
            )
            return 0 if run.report() else 1
        except Wrong as wrong:
            print(f"Nothing measured: {wrong}.")
            return 2
        finally:
            sites.stop()


def say(text: str) -> None:
    """Tell whoever waits what is going on, on one line; only the report goes to standard output."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{text}")
        sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
