"""Read a folder of seeds; whatever is wrong in it is said in one line, with file and key, before anything is stored.

What the files are called and which keys they have stands in `seeds/README.md`.
"""

import hashlib
import re
import tomllib
from dataclasses import asdict
from datetime import time
from pathlib import Path

from articles.models import Content, Note, Page, Provenance, Role, Source
from comments.models import Comment
from newsroom.seeds.markdown import PhotoTrouble, to_html
from newsroom.seeds.shapes import (
    CommentSeed,
    NoteSeed,
    PageSeed,
    PhotoSeed,
    RawSeed,
    Seeds,
    SiteSeed,
    SourceSeed,
    StorySeed,
    ThingSeed,
    VersionSeed,
    When,
    Words,
)
from newsroom.seeds.table import SeedError, Table, digest_of

LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})?")
SITE_FIELDS = ("time_zone", "colour", "contact_email", "contact_address", "publisher")
SITE_TEXTS = ("name", "tagline", "description", "main_menu", "foot_menu")
# What an article has beside headline and text, if its file gives it.
OPTIONAL_CONTENT = (
    *("kicker", "standfirst", "slug", "dateline", "reviewed_by", "republished_from"),
    *("canonical_url", "search_title", "search_description"),
)
STATES = ("live", "draft", "withdrawn")
PURPOSES = [purpose for purpose in Page.Purpose.values if purpose != Page.Purpose.OTHER]


def read_folder(folder: Path) -> Seeds:
    """Read all seeds of a folder; a file that is not there is no mistake. Raises SeedError."""
    if not folder.is_dir():
        raise SeedError(f"{folder}: there is no such folder")
    seeds = _Reader(folder).seeds()
    if seeds == Seeds():
        raise SeedError(f"{folder}: there are no seeds in this folder")
    return seeds


class _Reader:
    """Reads the files of one folder; remembers the names that stories refer to."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.names: dict[str, set[str]] = {}

    def seeds(self) -> Seeds:
        names = ("sections", "tags", "authors", "series")
        sections, tags, authors, series = (self.things(name) for name in names)
        photos = self.photos()
        self.names = {
            kind: {seed.key for seed in seeds}
            for kind, seeds in (
                *(("section", sections), ("tag", tags), ("author", authors), ("series", series)),
                ("photo", photos),
            )
        }
        stories = sorted(path for path in (self.folder / "stories").glob("*") if path.is_dir())
        return Seeds(
            site=self.site(),
            sections=sections,
            tags=tags,
            authors=authors,
            series=series,
            pages=self.pages(),
            photos=photos,
            stories=[self.story(path) for path in stories],
            raw=self.raw(),
        )

    # Files

    def name(self, path: Path) -> str:
        """Name a file as seen from the folder."""
        return path.relative_to(self.folder).as_posix()

    def text(self, path: Path) -> str:
        try:
            return path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            raise SeedError(f"{self.name(path)}: is not UTF-8") from None
        except OSError as error:
            raise SeedError(f"{self.name(path)}: {error.strerror}") from None

    def parsed(self, text: str, path: Path) -> Table:
        try:
            return Table(tomllib.loads(text), self.name(path))
        except tomllib.TOMLDecodeError as error:
            raise SeedError(f"{self.name(path)}: {error}") from None

    def table(self, name: str) -> Table:
        """Read a TOML file, an empty one if it is not there."""
        path = self.folder / name
        return self.parsed(self.text(path) if path.exists() else "", path)

    def document(self, path: Path) -> tuple[Table, str]:
        """Read a head in TOML between two lines of +++, and the CommonMark below it."""
        text = self.text(path)
        found = re.match(r"\+\+\+\n(.*?\n)\+\+\+[ \t]*(?:\n|\Z)", text, re.DOTALL)
        if not found:
            raise SeedError(f"{self.name(path)}: must begin with a head in TOML between two lines of +++")
        # The empty line makes the line numbers of mistakes those of the file.
        head, body = self.parsed("\n" + found[1], path), text[found.end() :].strip()
        if not body:
            raise head.wrong("there is no text below the head")
        try:
            to_html(body, {name: name for name in self.names["photo"]}.__getitem__)
        except PhotoTrouble as trouble:
            raise head.wrong(str(trouble)) from None
        return head, body

    # The site, and what stories share

    def site(self) -> SiteSeed | None:
        table = self.table("site.toml")
        if not table.left():
            return None
        languages = table.texts("languages")
        fields = {"name": table.text("name"), "languages": languages}
        fields |= {key: value for key in SITE_FIELDS if (value := table.text(key, ""))}
        texts = {}
        for language in languages:
            words = table.table(language)
            texts[language] = {key: words.text(key, "") for key in SITE_TEXTS}
            words.done()
        table.done()
        return SiteSeed(fields, texts, table.digest)

    def things(self, name: str) -> list[ThingSeed]:
        table = self.table(f"{name}.toml")
        seeds = []
        for key in table.left():
            thing = table.table(key)
            words = {language: _words(thing.table(language)) for language in _languages(thing)}
            seeds.append(ThingSeed(key, table.file, words, thing.digest))
        return seeds

    def pages(self) -> list[PageSeed]:
        words: dict[str, dict[str, Words]] = {}
        bodies: dict[str, dict[str, str]] = {}
        for path in sorted((self.folder / "pages").glob("*.md")):
            purpose, _dot, language = path.stem.rpartition(".")
            if purpose not in PURPOSES or not LANGUAGE.fullmatch(language):
                raise SeedError(
                    f"{self.name(path)}: must be called like imprint.en.md; purposes are {', '.join(PURPOSES)}"
                )
            head, bodies.setdefault(purpose, {})[language] = self.document(path)
            words.setdefault(purpose, {})[language] = _words(head, "title")
        return [
            PageSeed(
                key=purpose,
                words=words[purpose],
                bodies=bodies[purpose],
                digest=digest_of(
                    {language: asdict(text) for language, text in words[purpose].items()}, bodies[purpose]
                ),
            )
            for purpose in words
        ]

    def photos(self) -> list[PhotoSeed]:
        table = self.table("photos/photos.toml")
        seeds = []
        for key in table.left():
            row = table.table(key)
            path = self.folder / "photos" / f"{key}.jpg"
            if not path.is_file():
                raise row.wrong(f"has no file {self.name(path)}")
            focus = row.numbers("focus", [0.5, 0.5])
            if len(focus) != 2 or not all(0 <= value <= 1 for value in focus):
                raise row.wrong("must be two numbers from 0 to 1", "focus")
            credit, usage_terms = row.text("credit"), row.text("usage", "")
            texts = {}
            for language in _languages(row):
                words = row.table(language)
                texts[language] = {"alt": words.text("alt"), "caption": words.text("caption", "")}
                words.done()
            digest = digest_of(row.digest, hashlib.sha256(path.read_bytes()).hexdigest())
            seeds.append(PhotoSeed(key, path, credit, usage_terms, (focus[0], focus[1]), texts, digest))
        return seeds

    # Stories

    def known(self, kind: str, name: str, table: Table) -> str:
        """Return a name that another file gives. Raises SeedError if none does."""
        if name not in self.names[kind]:
            raise table.wrong(f"names the {kind} “{name}”, which is nowhere in the seeds")
        return name

    def story(self, folder: Path) -> StorySeed:
        if not (folder / "story.toml").is_file():
            raise SeedError(f"{self.name(folder)}: has no story.toml")
        table = self.table(f"{self.name(folder)}/story.toml")
        authors = [self.known("author", name, table) for name in table.texts("author")]
        photo, series = table.text("photo", ""), table.text("series", "")
        state = table.one_of("state", STATES, "live")
        seed = StorySeed(
            key=folder.name,
            file=table.file,
            section=self.known("section", table.text("section"), table),
            series=self.known("series", series, table) if series else "",
            tags=[self.known("tag", name, table) for name in table.texts("tags")],
            photo=self.known("photo", photo, table) if photo else "",
            when=_when(table, required=state != "draft"),
            state=state,
            reason=table.text("reason") if state == "withdrawn" else "",
            stage=table.one_of("stage", ("writing", "copy-desk", "ready"), ""),
            front=table.one_of("front", ("lead", "second", "pinned"), ""),
            writer=table.text("writer", ""),
            comments_open=table.one_of("comments", ("open", "closed"), "open") == "open",
            sources=[_source(row) for row in table.tables("source")],
            versions=[],
        )
        table.done()
        for path in sorted(folder.glob("*.md")):
            seed.versions.append(self.version(path, table, authors))
        languages = {version.language for version in seed.versions}
        if not languages:
            raise SeedError(f"{self.name(folder)}: has no text; call it after its language, en.md")
        if state != "live" and any(version.notes for version in seed.versions):
            raise table.wrong("must be live: notes stand at live articles only", "state")
        if stray := [p for p in folder.glob("comments.*.toml") if p.name.split(".")[1] not in languages]:
            raise SeedError(f"{self.name(stray[0])}: there is no text in this language to comment on")
        # Originals before what was made from them.
        seed.versions.sort(key=lambda version: bool(version.source_language))
        return seed

    def version(self, path: Path, story: Table, authors: list[str]) -> VersionSeed:
        """Read a story's text in one language."""
        language = path.stem
        head, body = self.document(path)
        if not LANGUAGE.fullmatch(language):
            raise head.wrong("must be called after its language, en.md")
        content = {"headline": head.text("headline")} | {key: head.text(key, "") for key in OPTIONAL_CONTENT}
        content["provenance"] = head.one_of("provenance", Provenance.values, "original")
        for key, value in content.items():
            limit = getattr(Content._meta.get_field(key), "max_length", None)
            if limit and len(value) > limit:
                raise head.wrong(f"has {len(value)} characters, and {limit} are allowed", key)
        source_language = head.text("from", "")
        if source_language and not (path.parent / f"{source_language}.md").is_file():
            raise head.wrong(f"names “{source_language}”, and there is no {source_language}.md", "from")
        bylines = [(name, str(Role.AUTHOR)) for name in authors]
        for role in Role.values:
            bylines += [(self.known("author", name, head), role) for name in head.texts(role)]
        seed = VersionSeed(
            file=head.file,
            language=language,
            content=content,
            body=body,
            source_language=source_language,
            bylines=bylines,
            later=head.span("later"),
            changes=[_change(row, body) for row in head.tables("change")],
            notes=[_note(row) for row in head.tables("note")],
            comments=self.comments(path.parent / f"comments.{language}.toml", language),
            digest=digest_of(story.digest, head.digest, body),
        )
        head.done()
        return seed

    def comments(self, path: Path, language: str) -> list[CommentSeed]:
        table = self.table(self.name(path))
        seeds: dict[str, CommentSeed] = {}
        for number, row in enumerate(table.tables("comment"), 1):
            seed = _comment(row, number, language)
            if seed.key in seeds:
                raise row.wrong(f"is “{seed.key}”, and a comment above is it too", "id")
            if seed.parent and seed.parent not in seeds:
                raise row.wrong(f"is “{seed.parent}”, and no comment above has this id", "parent")
            if seed.parent and seeds[seed.parent].state in (Comment.State.WAITING, Comment.State.REJECTED):
                raise row.wrong(f"is {seeds[seed.parent].state}: nobody can have answered it", "parent")
            seeds[seed.key] = seed
        table.done()
        return list(seeds.values())

    def raw(self) -> list[RawSeed]:
        table = self.table("raw/raw.toml")
        seeds = []
        for key in table.left():
            row = table.table(key)
            path = self.folder / "raw" / f"{key}.txt"
            if not path.is_file():
                raise row.wrong(f"has no file {self.name(path)}")
            seeds.append(
                RawSeed(
                    key=key,
                    path=path,
                    language=row.text("language"),
                    section=self.known("section", row.text("section"), row),
                    when=None if row.flag("draft") else _when(row, required=True),
                    digest=row.digest,
                )
            )
            row.done()
        return seeds


def _languages(table: Table) -> list[str]:
    """Return the languages that a table has words in. Raises SeedError if there are other keys, or none."""
    languages = [key for key in table.left() if LANGUAGE.fullmatch(key)]
    if not languages:
        raise table.wrong("has no words in any language")
    if strange := [key for key in table.left() if key not in languages]:
        raise table.wrong("is no language and no key of this file", strange[0])
    return languages


def _words(table: Table, name: str = "name") -> Words:
    words = Words(table.text(name), table.text("slug", ""), table.text("description", ""))
    table.done()
    return words


def _when(table: Table, *, required: bool) -> When | None:
    hours, days = table.number("hours_ago", None), table.number("days_ago", None)
    clock = table.text("time", "")
    if hours is not None:
        return When(hours=hours)
    if days is None:
        if required:
            raise table.wrong("is missing; give it with a time, or give hours_ago", "days_ago")
        return None
    try:
        return When(days=int(days), clock=time.fromisoformat(clock))
    except ValueError:
        raise table.wrong('must be a time of day, "08:30"', "time") from None


def _source(row: Table) -> SourceSeed:
    seed = SourceSeed(
        kind=row.one_of("kind", Source.Kind.values),
        name=row.text("name"),
        url=row.text("url", ""),
        remarks=row.text("remarks", ""),
        public=row.flag("public"),
    )
    row.done()
    return seed


def _change(row: Table, body: str) -> tuple[str, str]:
    """Read what stands in a text now and what stood there first."""
    now, before = row.text("now"), row.text("before")
    if body.count(now) != 1:
        raise row.wrong("must stand in the text exactly once", "now")
    row.done()
    return now, before


def _note(row: Table) -> NoteSeed:
    seed = NoteSeed(
        kind=row.one_of("kind", Note.Kind.values),
        text=row.text("text"),
        author=row.text("author", ""),
        after=row.span("after"),
    )
    row.done()
    return seed


def _comment(row: Table, number: int, language: str) -> CommentSeed:
    state = row.one_of("state", Comment.State.values, str(Comment.State.APPROVED))
    needs_reason = state in (Comment.State.REJECTED, Comment.State.REMOVED)
    seed = CommentSeed(
        key=row.text("id", str(number)),
        parent=row.text("parent", ""),
        name=row.text("name"),
        email=row.text("email", ""),
        text=row.text("text"),
        language=row.text("language", language),
        after=row.span("after"),
        state=state,
        reason=row.text("reason") if needs_reason else row.text("reason", ""),
        staff=row.text("staff", ""),
        digest=row.digest,
    )
    row.done()
    return seed
