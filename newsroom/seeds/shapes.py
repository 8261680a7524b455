"""What a folder of seeds holds, once it is read."""

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class Words:
    """What a section, a tag, an author is called in a language."""

    name: str
    slug: str
    description: str


@dataclass(frozen=True)
class ThingSeed:
    """A section, a tag, an author, a series."""

    key: str
    file: str
    words: dict[str, Words]
    digest: str


@dataclass(frozen=True)
class PageSeed:
    """A static page with its text per language."""

    key: str
    words: dict[str, Words]
    bodies: dict[str, str]
    digest: str


@dataclass(frozen=True)
class PhotoSeed:
    """A picture, its rights and its words."""

    key: str
    path: Path
    credit: str
    usage_terms: str
    focus: tuple[float, float]
    texts: dict[str, dict[str, str]]
    digest: str


@dataclass(frozen=True)
class SiteSeed:
    """What the site is called, and its words per language."""

    fields: dict[str, Any]
    texts: dict[str, dict[str, str]]
    digest: str


@dataclass(frozen=True)
class When:
    """A time that moves with today: days before it at a time of day, or hours before now."""

    days: int = 0
    clock: time = time()
    hours: float | None = None

    def at(self, now: datetime, zone: ZoneInfo) -> datetime:
        """Return the moment, seen from now."""
        if self.hours is not None:
            return now - timedelta(hours=self.hours)
        day = now.astimezone(zone).date() - timedelta(days=self.days)
        return datetime.combine(day, self.clock, tzinfo=zone)


@dataclass(frozen=True)
class SourceSeed:
    """What a story relies on."""

    kind: str
    name: str
    url: str
    remarks: str
    public: bool


@dataclass(frozen=True)
class NoteSeed:
    """A dated word at an article."""

    kind: str
    text: str
    author: str
    after: timedelta


@dataclass(frozen=True)
class CommentSeed:
    """A reader's or an editor's comment; `key` is its own in its file."""

    key: str
    parent: str
    name: str
    email: str
    text: str
    language: str
    after: timedelta
    state: str
    reason: str
    staff: str
    digest: str


@dataclass(frozen=True)
class VersionSeed:
    """A story in one language."""

    file: str
    language: str
    content: dict[str, str]
    body: str  # CommonMark
    source_language: str
    bylines: list[tuple[str, str]]  # keys of authors, with their roles
    later: timedelta
    changes: list[tuple[str, str]]  # what stands there now, what stood there first
    notes: list[NoteSeed]
    comments: list[CommentSeed]
    digest: str


@dataclass(frozen=True)
class StorySeed:
    """A story: what its versions share."""

    key: str
    file: str
    section: str
    series: str
    tags: list[str]
    photo: str
    when: When | None
    state: str
    reason: str
    stage: str
    front: str  # its place on the front page, "" for none
    writer: str
    comments_open: bool
    sources: list[SourceSeed]
    versions: list[VersionSeed]  # originals before what was made from them


@dataclass(frozen=True)
class RawSeed:
    """A text as it came out of a scrape, for the import."""

    key: str
    path: Path
    language: str
    section: str
    when: When | None
    digest: str


@dataclass(frozen=True)
class Seeds:
    """All that a folder holds."""

    site: SiteSeed | None = None
    sections: list[ThingSeed] = field(default_factory=list)
    tags: list[ThingSeed] = field(default_factory=list)
    authors: list[ThingSeed] = field(default_factory=list)
    series: list[ThingSeed] = field(default_factory=list)
    pages: list[PageSeed] = field(default_factory=list)
    photos: list[PhotoSeed] = field(default_factory=list)
    stories: list[StorySeed] = field(default_factory=list)
    raw: list[RawSeed] = field(default_factory=list)
