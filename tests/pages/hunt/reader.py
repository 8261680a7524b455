"""One process that reads pages over the network and notes what it saw.

    python -m tests.pages.hunt.reader LOG SEED SECONDS LEAST HOST PORT READS ADDRESS…

An address may be `LANGUAGE ARTICLE PATH`, for an article's own page, or `LANGUAGE - PATH` for a list.
"""

import gzip
import http.client
import json
import random
import re
import sys
import time
from pathlib import Path
from typing import Any

HEADLINE = re.compile(r"H(\d+)v(\d+)z")
NOTE = re.compile(r"N(\d+)v(\d+)z")
BANNER = re.compile(r"B(..)v(\d+)z")
COUNTER = re.compile(r'id="comments-title"><span class="comment-count">\D*\((\d+)\)')
ITEM = re.compile(r"<item>.*?H(\d+)v.*?<slash:comments>(\d+)</slash:comments>", re.DOTALL)
LEAD = re.compile(r"front__lead.*?H(\d+)v", re.DOTALL)


def sights(language: str, article: str, path: str, status: int, text: str) -> dict[str, Any]:
    """Return what a page says: thing -> value."""
    seen: dict[str, Any] = {}
    is_page = path.endswith("/")
    if is_page and status in (200, 410):
        banner = BANNER.search(text)
        seen[f"banner {language}"] = int(banner[2]) if banner else 0
    if article != "-":
        seen[f"there {article}"] = status == 200
        if status == 200:
            notes = [int(number) for pk, number in NOTE.findall(text) if pk == article]
            seen[f"note {article}"] = max(notes, default=0)
            counter = COUNTER.search(text)
            seen[f"comments {article}"] = int(counter[1]) if counter else 0
    if status == 200:
        for pk, number in HEADLINE.findall(text):
            seen[f"headline {pk}"] = int(number)
    if article == "-" and status == 200:
        if path == f"/{language}/":
            lead = LEAD.search(text)
            seen[f"lead {language}"] = int(lead[1]) if lead else 0
        else:
            seen[f"listed {language}"] = sorted({int(pk) for pk, _number in HEADLINE.findall(text)})
        for pk, number in ITEM.findall(text):
            seen[f"comments {pk}"] = int(number)
    return seen


class Reader:
    """A browser that keeps its connection, and what it got with its ETag."""

    def __init__(self, host: str, port: int, seed: str) -> None:
        self.host, self.port = host, port
        self.chance = random.Random(seed)
        self.connection: http.client.HTTPConnection | None = None
        self.had: dict[tuple[str, bool], tuple[str, int, str]] = {}

    def read(self, path: str) -> tuple[int, str]:
        """Return status and text of a page; what the browser has already counts as read if it is told so."""
        takes_gzip, asks = self.chance.random() < 0.8, self.chance.random() < 0.5
        headers = {"Accept-Encoding": "gzip"} if takes_gzip else {}
        etag, status, text = self.had.get((path, takes_gzip), ("", 0, ""))
        if etag and asks:
            headers["If-None-Match"] = etag
        if self.connection is None:
            self.connection = http.client.HTTPConnection(self.host, self.port, timeout=30)
        self.connection.request("GET", path, headers=headers)
        answer = self.connection.getresponse()
        body = answer.read()
        if answer.status == 304:
            return status, text
        if answer.getheader("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        text = body.decode()
        if found := answer.getheader("ETag"):
            self.had[path, takes_gzip] = (found, answer.status, text)
        return answer.status, text


def main() -> None:
    """Read until the time is over, or enough is read and LEAST seconds are over: writers need time, too."""
    log, seed, seconds, least, host, port, reads, *addresses = sys.argv[1:]
    reader = Reader(host, int(port), seed)
    now, done, failed, errors = time.time(), 0, 0, 0
    end, enough = now + float(seconds), now + float(least)
    places = [tuple(address.split(" ")) for address in addresses]
    with Path(log).open("w") as file:
        while time.time() < (end if done < int(reads) else enough):
            language, article, path = reader.chance.choice(places)
            began = time.time()
            try:
                status, text = reader.read(path)
            except (OSError, http.client.HTTPException):
                # A worker was killed under it.
                failed += 1
                reader.connection = None
                time.sleep(0.005)
                continue
            ended = time.time()
            if status >= 500:
                errors += 1
                continue
            done += 1
            told = sights(language, article, path, status, text)
            file.write(json.dumps([began, ended, f"{path} {status}", told]) + "\n")
    print(json.dumps({"reads": done, "failed": failed, "errors": errors}), flush=True)


if __name__ == "__main__":
    main()
