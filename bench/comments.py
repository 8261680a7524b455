"""What a stored comment costs: `python -m bench.comments`.

A site with the sample content and all rules on (its limits lifted) is started as it is shipped; readers post comments,
each with words of its own, over kept connections; first alone, the server on one core, for the processor's time, then
on all cores while others load pages, for how many there are a second.
Beside the comments a second stands how often this disk can commit at all, and how long the slowest had to wait.
"""

import argparse
import random
import re
import socket
import sqlite3
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from statistics import median
from threading import Event, Thread
from urllib.parse import urlencode

from bench import cpu
from bench.figures import machine, versions
from bench.load import BROWSER, Wrong, answer_of, ask, request
from bench.sites import Site, Sites

MOST_MILLISECONDS, LEAST_PER_SECOND = 5.0, 300
HOST = "127.0.0.1"
WARM = 100
WORDS = [
    "harbour",
    "ferry",
    "council",
    "bridge",
    "winter",
    "school",
    "market",
    "strike",
    "energy",
    "border",
    "river",
    "storm",
    "museum",
    "election",
    "teacher",
    "hospital",
    "railway",
    "budget",
    "village",
    "orchestra",
    "factory",
    "island",
    "drought",
    "festival",
    "pension",
    "library",
]


def main() -> int:
    """Prepare, post, print; return 0 if the processor's time keeps within its bound."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--comments", type=int, default=3000)
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--database", default="", help="DATABASE_URL of an empty PostgreSQL database")
    options = parser.parse_args()
    if not cpu.is_accounted():
        print("This machine does not tell what its processes use.", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="newsroom-comments-") as folder:
        sites = Sites(Path(folder))
        settings = {"COMMENT_LIMITS": "0"}
        if options.database:
            settings["DATABASE_URL"] = options.database
        try:
            sites.prepare("var", **settings)
            return run(sites, settings, options.comments, options.connections)
        except Wrong as wrong:
            print(f"bench: {wrong}", file=sys.stderr)
            return 2
        finally:
            sites.stop()


def run(sites: Sites, settings: dict[str, str], comments: int, connections: int) -> int:
    """Post to a running site, first alone, then with readers beside it; print what it cost."""
    site = sites.newsroom("Newsroom", "var", core=-1, **settings)
    crowd = Crowd(site, commentable(site))
    crowd.post(WARM, connections)
    before = site.used()
    crowd.post(comments, connections)
    used = sum(site.used()[pid] - spent for pid, spent in before.items())
    milliseconds = used / comments / 1e6
    commits = (
        "" if "DATABASE_URL" in settings else f"; this disk commits {commits_a_second(sites.folder):.0f}"
    )
    sites.stop()
    site = crowd.site = sites.newsroom("Newsroom", "var", core=None, **settings)
    crowd.post(WARM, connections)
    crowd.waits.clear()
    readers = Readers(site, crowd.articles)
    with readers:
        began = time.monotonic()
        crowd.post(comments, connections)
        seconds = time.monotonic() - began
    print(f"{machine()}; {versions(None)}\n")
    print(f"{comments} comments over {connections} connections, twice")
    passes = milliseconds <= MOST_MILLISECONDS
    verdict = "PASS" if passes else "FAIL"
    print(f"- {milliseconds:.2f} ms of CPU a comment; at most {MOST_MILLISECONDS:.0f}: {verdict}")
    enough = "PASS" if comments / seconds >= LEAST_PER_SECOND else "less than"
    print(
        f"- {comments / seconds:.0f} a second while {readers.pages / seconds:.0f} pages were read a second"
        f" ({enough} {LEAST_PER_SECOND}){commits}"
    )
    print(f"- waited: median {median(crowd.waits) * 1e3:.0f} ms, at most {max(crowd.waits) * 1e3:.0f} ms")
    return 0 if passes else 1


def commentable(site: Site) -> list[str]:
    """Return the paths of the articles on the front page; all of them take comments."""
    front = ask(site.port, request("/en/", HOST, accept_encoding="")).body.decode()
    return list(dict.fromkeys(re.findall(r'href="(/en/\d{4}/\d\d/\d\d/[^/"]+/)"', front)))


def commits_a_second(folder: Path, seconds: float = 2.0) -> float:
    """Return how often SQLite commits a row of a comment's size on this disk, with what is kept through a power cut."""
    with closing(sqlite3.connect(folder / "disk.sqlite3", isolation_level=None)) as database:
        database.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE row (text);")
        began, number = time.monotonic(), 0
        while time.monotonic() - began < seconds:
            database.execute("INSERT INTO row VALUES (?)", ("x" * 400,))
            number += 1
        return number / (time.monotonic() - began)


class Crowd:
    """Readers who post, each over a connection that is kept."""

    def __init__(self, site: Site, articles: list[str]) -> None:
        self.site, self.articles = site, articles
        self.chance = random.Random(1)
        self.number = 0
        self.waits: list[float] = []

    def post(self, comments: int, connections: int) -> None:
        """Post so many comments. Raises Wrong if one is not stored."""
        asked = [self.form() for _ in range(comments)]
        wrong: list[str] = []

        def send() -> None:
            with closing(socket.create_connection((HOST, self.site.port), 60)) as connection:
                while asked and not wrong:
                    began = time.monotonic()
                    connection.sendall(asked.pop())
                    answer = answer_of(connection)
                    self.waits.append(time.monotonic() - began)
                    if not answer.status.startswith("303"):
                        wrong.append(f"a comment got {answer.status}: {answer.body[:2000]!r}")

        threads = [Thread(target=send) for _ in range(connections)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if wrong:
            raise Wrong(wrong[0])

    def form(self) -> bytes:
        """Return the bytes of a form with a comment that nobody sent before."""
        self.number += 1
        words = " ".join(self.chance.choice(WORDS) for _ in range(self.chance.randint(8, 60)))
        fields = {"name": f"Reader {self.number}", "email": "", "text": f"{words} {self.number}."}
        body = urlencode(fields).encode()
        headers = {
            **BROWSER,
            "Host": HOST,
            "Origin": f"http://{HOST}:{self.site.port}",
            "Sec-Fetch-Site": "same-origin",
            "Content-Type": "application/x-www-form-urlencoded",
            "Content-Length": str(len(body)),
        }
        lines = [f"{name}: {value}" for name, value in headers.items()]
        path = self.chance.choice(self.articles)
        return "\r\n".join([f"POST {path}comments/ HTTP/1.1", *lines, "", ""]).encode() + body


class Readers:
    """Two who load articles, one page after the other, until the end of the block."""

    def __init__(self, site: Site, articles: list[str]) -> None:
        self.site, self.articles, self.pages = site, articles, 0
        self.enough = Event()
        self.threads = [Thread(target=self.read) for _ in range(2)]

    def __enter__(self) -> None:
        for thread in self.threads:
            thread.start()

    def __exit__(self, *error: object) -> None:
        self.enough.set()
        for thread in self.threads:
            thread.join()

    def read(self) -> None:
        """Load pages."""
        while not self.enough.wait(0.01):
            for path in self.articles:
                ask(self.site.port, request(path, HOST))
                self.pages += 1


if __name__ == "__main__":
    sys.exit(main())
