"""One process that changes things at random until its time is over, and writes down what it did.

    python -m tests.pages.hunt.writer LOG SEED SECONDS PAUSE LANGUAGE ARTICLE…

Each act is a line in LOG before it begins and one when it is done, so that whoever is killed leaves an act in doubt.
PAUSE is how long it waits between two acts at most, in seconds: with long ones nginx has something to answer with. The
articles, the banner and the front page of LANGUAGE are this writer's own; the next one of the same LOG goes on
where a killed one stopped, as soon as what that one scheduled has come: whatever it did before could take its place.
"""

import json
import random
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, TextIO

import django

django.setup()

from django.utils import timezone  # noqa: E402

from articles.models import Article, FrontSlot, Note  # noqa: E402
from comments.models import Comment  # noqa: E402
from newsroom.banner import set_banner  # noqa: E402
from newsroom.models import Site  # noqa: E402
from newsroom.verbs import Refused  # noqa: E402

# How far ahead things are scheduled, in seconds; more than the second by which nginx lets go of a page before its end.
AHEAD = 2.0


class Writer:
    """What this process may change, and the log of it."""

    def __init__(self, log: TextIO, seed: str, language: str, articles: list[int]) -> None:
        self.log, self.language, self.articles = log, language, articles
        self.chance = random.Random(seed)
        self.serial = int(time.time() * 1000) % 10**9

    def say(self, **what: Any) -> None:
        """Write a line, at once."""
        self.log.write(json.dumps(what) + "\n")
        self.log.flush()

    def act(self, values: dict[str, Any], do: Callable[[], object], at: float | None = None) -> None:
        """Do something that gives these things these values: at once, or at a moment to come.

        Whoever is killed meanwhile leaves it open whether they get them.
        """
        name = self.number()
        self.say(act=name, begun=time.time() if at is None else at, values=values)
        do()
        self.say(act=name, acknowledged=time.time() if at is None else at)

    def any_article(self) -> Article:
        """Return one of this writer's articles, as it is now."""
        return Article.objects.get(pk=self.chance.choice(self.articles))

    def number(self) -> int:
        """Return a number that is higher than any before."""
        self.serial += 1
        return self.serial

    # Acts

    def edit(self) -> None:
        """Publish another headline."""
        article, number = self.any_article(), self.number()
        if article.withdrawn_at:
            return

        def do() -> None:
            article.save_revision(by=None, headline=f"H{article.pk}v{number}z")
            article.publish(by=None)

        self.act({f"headline {article.pk}": number}, do)

    def edit_later(self) -> None:
        """Have another headline come by itself."""
        article, number = self.any_article(), self.number()
        if article.withdrawn_at:
            return
        at = timezone.now() + timedelta(seconds=AHEAD)

        def do() -> None:
            article.save_revision(by=None, headline=f"H{article.pk}v{number}z")
            article.publish(by=None, at=at)

        self.act({f"headline {article.pk}": number}, do, at=at.timestamp())
        # Nothing else of the article meanwhile, or it would take its place.
        time.sleep(max(0.0, at.timestamp() - time.time()) + 0.01)

    def correct(self) -> None:
        """Add a correction."""
        article, number = self.any_article(), self.number()
        if article.withdrawn_at:
            return
        self.act(
            {f"note {article.pk}": number},
            lambda: article.add_note(by=None, kind=Note.Kind.CORRECTION, text=f"N{article.pk}v{number}z"),
        )

    def comment(self) -> None:
        """Approve a new comment, or remove one."""
        article = self.any_article()
        if article.withdrawn_at:
            return
        shown = Comment.objects.shown().filter(article=article)
        count = shown.count()
        if count and self.chance.random() < 0.4:
            last = shown.last()
            assert last
            self.act({f"comments {article.pk}": count - 1}, lambda: last.remove(by=None, reason="off topic"))
        elif count < 12:
            new = Comment.post(article=article, name="Rosa", text=f"Number {self.number()}.")
            self.act({f"comments {article.pk}": count + 1}, lambda: new.approve(by=None))

    def withdraw(self) -> None:
        """Take the last article back, or bring it back."""
        article = Article.objects.get(pk=self.articles[-1])
        is_back = article.withdrawn_at is not None
        do = (
            (lambda: article.reinstate(by=None))
            if is_back
            else (lambda: article.withdraw(by=None, reason="Wrong."))
        )
        self.act({f"there {article.pk}": is_back}, do)

    def lead(self) -> None:
        """Put another article at the head of the front page; not the last one, which is not always there."""
        article = Article.objects.get(pk=self.chance.choice(self.articles[:-1]))
        self.act(
            {f"lead {self.language}": article.pk},
            lambda: article.place_on_front(by=None, kind=FrontSlot.Kind.LEAD),
        )

    def banner(self) -> None:
        """Set another banner, or one that begins by itself."""
        number, site = self.number(), Site.objects.get()
        text = f"B{self.language}v{number}z"
        begins = None if self.chance.random() < 0.5 else timezone.now() + timedelta(seconds=AHEAD)
        ends = timezone.now() + timedelta(hours=1)

        def do() -> None:
            set_banner(site, self.language, by=None, text=text, begins=begins, ends=ends)

        if begins is None:
            self.act({f"banner {self.language}": number}, do)
            return
        # The one before goes at once.
        thing, moment = f"banner {self.language}", begins.timestamp()
        self.act({thing: number}, lambda: self.act({thing: 0}, do), at=moment)
        # Nothing else of the banner meanwhile, or the next one might come first.
        time.sleep(max(0.0, moment - time.time()) + 0.01)

    def schedule(self) -> None:
        """Schedule a new article; those that came so before are withdrawn, so that the lists stay short."""
        pattern = Article.objects.filter(language=self.language, withdrawn_at=None).exclude(
            pk__in=self.articles
        )
        for old in pattern.filter(published_at__lt=timezone.now() - timedelta(seconds=2)).order_by("pk")[:3]:
            self.act({f"there {old.pk}": False}, lambda old=old: old.withdraw(by=None, reason="Over."))
        if pattern.exclude(published_at=None).count() > 4:
            return
        section = Article.objects.get(pk=self.articles[0]).section
        article = Article.start(
            by=None,
            language=self.language,
            headline="H0v0z",
            standfirst="S",
            body="<p>B</p>",
            section=section,
        )
        article.save_revision(by=None, headline=f"H{article.pk}v1z")
        at = timezone.now() + timedelta(seconds=AHEAD)
        thing = f"there {article.pk}"
        self.act({thing: False}, lambda: None, at=0)
        self.act({thing: True}, lambda: article.publish(by=None, at=at), at=at.timestamp())


ACTS = [
    *(["edit"] * 5 + ["comment"] * 6 + ["correct"] * 2 + ["withdraw"] * 2 + ["lead"] * 2),
    *("banner", "schedule", "edit_later"),
]


def wait_for_what_is_scheduled(log: Path) -> None:
    """Return when everything has come that the writers of a log wanted to have come by itself."""
    told = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
    last = max((line.get("begun", 0.0) for line in told), default=0.0)
    time.sleep(max(0.0, last + 0.01 - time.time()))


def main() -> None:
    """Act until the time is over."""
    log, seed, seconds, pause, language, *articles = sys.argv[1:]
    end = time.time() + float(seconds)
    wait_for_what_is_scheduled(Path(log))
    with Path(log).open("a") as file:
        writer = Writer(file, seed, language, [int(pk) for pk in articles])
        while time.time() < end:
            name = writer.chance.choice(ACTS)
            try:
                getattr(writer, name)()
            except Refused:
                writer.say(refused=name)
            time.sleep(writer.chance.random() * float(pause))


if __name__ == "__main__":
    main()
