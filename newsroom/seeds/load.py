"""Store seeds through the same verbs as real content, each once.

An `Origin` remembers every seed that was loaded, with a digest of its file. So a second run stores only what is new;
what came of a seed belongs to the newsroom from then on, and a seed that was changed since is named and left alone.
"""

import hashlib
import io
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar, cast

from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import models, transaction
from django.utils import timezone

from articles.images import BadPicture
from articles.models import (
    Article,
    Author,
    AuthorText,
    FrontSlot,
    Origin,
    Page,
    PageText,
    Photo,
    Section,
    SectionText,
    Series,
    SeriesText,
    Source,
    Story,
    Tag,
    TagText,
    User,
)
from articles.photos import Upload, add_photo, read_upload
from articles.slugs import slug_for
from comments.models import Comment
from newsroom import demo
from newsroom.models import Site, SiteText
from newsroom.seeds.markdown import to_html
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
    Words,
)
from newsroom.seeds.table import SeedError
from newsroom.verbs import Refused, verb

PROVIDER = "seeds"

Row = TypeVar("Row", bound=models.Model)


@dataclass
class Result:
    """What a run did."""

    loaded: Counter[str] = field(default_factory=Counter)  # by kind
    changed: list[str] = field(default_factory=list)  # seeds edited since they were loaded
    left_out: list[str] = field(default_factory=list)  # why something was not loaded


def load(seeds: Seeds) -> Result:
    """Store what is not stored yet. Raises SeedError; whatever was stored before it stays."""
    loader = _Loader(seeds)
    loader.run()
    return loader.result


class _Loader:
    """One run over the seeds of a folder."""

    def __init__(self, seeds: Seeds):
        self.seeds = seeds
        self.now = timezone.now()
        self.result = Result()
        self.origins = {origin.key: origin for origin in Origin.objects.filter(provider=PROVIDER)}
        self.rows: dict[str, models.Model | None] = {}
        self.accounts: dict[str, User | None] = {}

    def run(self) -> None:
        if seed := self.seeds.site:
            self.once("site", "site", seed.digest, partial(self.site, seed))
        self.place = Site.current()
        for position, section in enumerate(self.seeds.sections):
            self.thing(section, Section, SectionText, position=position)
        for tag in self.seeds.tags:
            self.thing(tag, Tag, TagText)
        for author in self.seeds.authors:
            self.thing(author, Author, AuthorText)
        for series in self.seeds.series:
            self.thing(series, Series, SeriesText)
        self.photos()
        for page in self.seeds.pages:
            with _named(f"pages/{page.key}"):
                self.once("page", f"page/{page.key}", page.digest, partial(self.page, page))
        # Oldest first, as a newsroom would have written them; drafts last.
        for story in sorted(self.seeds.stories, key=self._age):
            self.story(story)
        for raw in self.seeds.raw:
            with _named(f"raw/{raw.key}.txt"):
                self.once("article", f"raw/{raw.key}", raw.digest, partial(self.raw, raw), counted="raw text")

    def _age(self, story: StorySeed) -> datetime:
        return story.when.at(self.now, self.place.zone) if story.when else self.now + timedelta(days=3650)

    # Once

    def once(
        self, kind: str, key: str, digest: str, make: Callable[[], Row | None], counted: str = ""
    ) -> Row | None:
        """Make what a seed stands for, unless that was done before; return it if it was made now.

        `make` may return None: then there is nothing to remember, and the next run tries again.
        """
        if known := self.origins.get(key):
            if known.digest != digest:
                self.result.changed.append(key)
            return None
        with transaction.atomic():
            # The origin first: who loads the same seeds at the same time waits for it, and then sees it.
            origin, is_new = Origin.objects.get_or_create(
                provider=PROVIDER, key=key, defaults={"kind": kind, "digest": digest}
            )
            row = make() if is_new else None
            if is_new and row is None:
                origin.delete()
                return None
            self.origins[key] = origin
            if row is None:
                return None
            origin.object_id = row.pk
            origin.save(update_fields=["object_id"])
        self.rows[key] = row
        self.result.loaded[counted or kind] += 1
        return row

    def row(self, model: type[Row], key: str) -> Row | None:
        """Return what became of a seed; None if it was not loaded, or deleted since."""
        if key not in self.rows:
            origin = self.origins.get(key)
            self.rows[key] = model._default_manager.filter(pk=origin.object_id).first() if origin else None
        return cast("Row | None", self.rows[key])

    def account(self, name: str) -> User | None:
        """Return a demo account, None without one: then the act is the system's."""
        if name not in self.accounts:
            self.accounts[name] = demo.account(name)
        return self.accounts[name]

    def who_may(self, name: str, permission: str, article: Article | None = None) -> User | None:
        """Return a demo account if its owner has left it the permission."""
        user = self.account(name)
        return user if user and user.may(permission, article) else None

    # The site, and what stories share

    def site(self, seed: SiteSeed) -> Site:
        if site := Site.objects.first():
            self.result.left_out.append("site.toml: “Site” is filled in already")
            return site
        site = Site(**seed.fields)
        with _named("site.toml"), verb("site.change", by=None, on=site) as act:
            site.full_clean()
            site.save()
            for language, words in seed.texts.items():
                text = SiteText(site=site, language=language, **words)
                text.full_clean()
                text.save()
            act.purge(*site.page_keys())
        return site

    def thing(self, seed: ThingSeed, model: Any, text_model: Any, **fields: Any) -> None:
        kind = model.kind

        def make() -> models.Model:
            if there := _in_the_way(model, seed.words):
                return there
            if model is Tag:
                fields["name"] = next(iter(seed.words.values())).name
                if there := Tag.objects.filter(name__iexact=fields["name"]).first():
                    return there
            row = model(**fields)
            with verb(f"{kind}.add", by=None, on=row) as act:
                row.save()
                for language, words in seed.words.items():
                    _add_words(text_model(**{kind: row}), language, words)
                act.purge(*row.page_keys())
                if model is Section:
                    act.purge(*(f"front-{language}" for language in seed.words))
            return row

        with _named(f"{seed.file}: {seed.key}"):
            self.once(kind, f"{kind}/{seed.key}", seed.digest, make)

    def page(self, seed: PageSeed) -> Page:
        there = Page.objects.filter(purpose=seed.key).first() or _in_the_way(Page, seed.words)
        if there:
            return there
        page = Page(purpose=seed.key)
        with verb("page.add", by=None, on=page) as act:
            page.save()
            for language, words in seed.words.items():
                body = to_html(seed.bodies[language], self.photo_address)
                _add_words(PageText(page=page, body=body), language, words)
            act.purge(*page.page_keys(), "site")
        return page

    def photos(self) -> None:
        """Store the photos; what takes long, decoding and encoding, is done on all cores and in no transaction."""
        new = [seed for seed in self.seeds.photos if f"photo/{seed.key}" not in self.origins]
        with ThreadPoolExecutor() as pool:
            uploads = dict(zip((seed.key for seed in new), pool.map(_read_photo, new), strict=True))
        for seed in self.seeds.photos:
            with _named(f"photos/photos.toml: {seed.key}"):
                self.once(
                    "photo",
                    f"photo/{seed.key}",
                    seed.digest,
                    partial(self.photo, seed, uploads),
                )

    def photo(self, seed: PhotoSeed, uploads: dict[str, Upload]) -> Photo:
        photo, _is_new = add_photo(
            uploads[seed.key],
            by=None,
            texts=seed.texts,
            original_name=seed.path.name,
            credit=seed.credit,
            usage_terms=seed.usage_terms,
            focal_x=seed.focus[0],
            focal_y=seed.focus[1],
        )
        return photo

    def photo_address(self, name: str) -> str:
        """Return the address by which a body shows a photo. Raises KeyError for one that was deleted since."""
        photo = self.row(Photo, f"photo/{name}")
        if photo is None:
            raise KeyError(name)
        return photo.editor_address

    # Stories

    def story(self, seed: StorySeed) -> None:
        """Load a story with its texts and their threads, as one transaction if anything of it is new."""
        key = f"story/{seed.key}"
        versions = []
        for version in seed.versions:
            if version.language in self.place.languages:
                versions.append(version)
            else:
                self.result.left_out.append(
                    f"{version.file}: the site does not publish in {version.language}"
                )
        keys = [f"{key}/{version.language}" for version in versions]
        keys += [
            f"{key}/{version.language}/comments/{comment.key}"
            for version in versions
            for comment in version.comments
        ]
        with nullcontext() if self.origins.keys() >= set(keys) else transaction.atomic():
            self.once("story", key, "", Story.objects.create)
            new = [article for version in versions if (article := self.version(key, seed, version))]
            for version in versions:
                self.thread(f"{key}/{version.language}", version.comments)
            if new and seed.state == "withdrawn":
                chief = self.who_may("chief", "articles.withdraw_article")
                new[0].story.withdraw(by=chief, reason=seed.reason)
            for article in new if not seed.comments_open else []:
                article.set_desk(by=None, embargo_until=None, comments_mode="closed")

    def version(self, key: str, seed: StorySeed, version: VersionSeed) -> Article | None:
        """Load a story's text in one language; return the article if it is new."""
        with _named(version.file):
            place = f"{key}/{version.language}"
            article = self.once("article", place, version.digest, partial(self.start, seed, version))
            if article:
                self.bring_out(seed, version, article)
            return article

    def start(self, seed: StorySeed, version: VersionSeed) -> Article:
        """Write an article, in the first of its wordings if it had several."""
        story = self.row(Story, f"story/{seed.key}")
        if story is None:
            raise SeedError("the story was deleted since it was loaded, and has a new text now")
        original = (
            self.row(Article, f"story/{seed.key}/{version.source_language}")
            if version.source_language
            else None
        )
        body = version.body
        for now, before in version.changes:
            body = body.replace(now, before)
        return Article.start(
            by=self.who_may(seed.writer, "articles.add_article") if seed.writer else None,
            language=version.language,
            story=story,
            **version.content,
            body=to_html(body, self.photo_address),
            section=self.row(Section, f"section/{seed.section}"),
            series=self.row(Series, f"series/{seed.series}") if seed.series else None,
            photo=self.row(Photo, f"photo/{seed.photo}") if seed.photo else None,
            translated_from=original.newest_revision() if original else None,
            bylines=[
                (row, role) for name, role in version.bylines if (row := self.row(Author, f"author/{name}"))
            ],
            tags=[row for name in seed.tags if (row := self.row(Tag, f"tag/{name}"))],
            sources=[(_source(source), source.public) for source in seed.sources],
        )

    def bring_out(self, seed: StorySeed, version: VersionSeed, article: Article) -> None:
        """Publish or schedule an article, bring it to its present wording, and add the notes that tell of it."""
        if seed.stage:
            article.set_stage(seed.stage, by=self.who_may("editor", "articles.edit_others", article))
        if seed.state == "draft" or seed.when is None:
            return
        editor = self.who_may("editor", "articles.publish_article", article)
        at = seed.when.at(self.now, self.place.zone) + version.later
        article.publish(by=editor, at=at)
        changed_at = self.past(at + (version.notes[0].after if version.notes else timedelta(hours=1)))
        if version.changes:
            article.save_revision(by=editor, body=to_html(version.body, self.photo_address))
            article.publish(by=editor, at=changed_at)
        for note in version.notes:
            self.note(article, note, at)
        if seed.front:
            article.place_on_front(
                by=self.who_may("editor", "articles.arrange_front", article),
                kind=FrontSlot.Kind[seed.front.upper()],
            )

    def note(self, article: Article, seed: NoteSeed, published_at: datetime) -> None:
        article.add_note(
            by=self.who_may("editor", "articles.add_note", article),
            kind=seed.kind,
            text=seed.text,
            author=seed.author,
            at=self.past(published_at + seed.after),
        )

    def past(self, moment: datetime) -> datetime:
        """Return the moment, or now if it is still to come: a seed may be younger than what happened to it."""
        return min(moment, self.now)

    # Threads

    def thread(self, key: str, seeds: list[CommentSeed]) -> None:
        """Post comments in their order, then decide: what is to be removed or spam may have been answered before."""
        new: list[tuple[CommentSeed, Comment]] = []
        for seed in seeds:
            place = f"{key}/comments/{seed.key}"
            with _named(place):
                comment = self.once("comment", place, seed.digest, partial(self.comment, key, seed))
                if comment:
                    new.append((seed, comment))
        for seed, comment in new:
            moderator = self.who_may("moderator", "comments.decide_comment", comment.article)
            if seed.state == Comment.State.REMOVED:
                comment.remove(by=moderator, reason=seed.reason)
            elif seed.state == Comment.State.SPAM:
                comment.mark_spam(by=moderator, reason=seed.reason)
            elif seed.state == Comment.State.REJECTED:
                comment.reject(by=moderator, reason=seed.reason)

    def comment(self, key: str, seed: CommentSeed) -> Comment | None:
        """Post one comment and let it through if anybody ever saw it; None, and why, if it cannot be posted."""
        article = self.row(Article, key)
        if article is None or article.published_at is None:
            self.result.left_out.append(f"{key}, comment {seed.key}: the article is not live")
            return None
        parent = self.row(Comment, f"{key}/comments/{seed.parent}") if seed.parent else None
        staff = self.who_may(seed.staff, "comments.decide_comment", article) if seed.staff else None
        if seed.parent and parent is None:
            # What it answers was left out, and that was said.
            return None
        if seed.staff and staff is None:
            self.result.left_out.append(f"{key}, comment {seed.key}: there is no demo account “{seed.staff}”")
            return None
        try:
            comment = Comment.post(
                article=article,
                name=seed.name,
                text=seed.text,
                email=seed.email,
                parent=parent,
                language=seed.language,
                by=staff,
                at=self.past(article.published_at + seed.after),
            )
        except Refused as refusal:
            self.result.left_out.append(f"{key}, comment {seed.key}: {refusal}")
            return None
        seen = (Comment.State.APPROVED, Comment.State.REMOVED, Comment.State.SPAM)
        if not staff and seed.state in seen:
            comment.approve(by=self.who_may("moderator", "comments.decide_comment", article))
        return comment

    # Raw texts

    def raw(self, seed: RawSeed) -> Article | None:
        """Hand a raw text to the import, as anybody would; its damage stays in it."""
        section = self.row(Section, f"section/{seed.section}")
        words = section.text_in(seed.language) if section else None
        if seed.language not in self.place.languages or words is None:
            self.result.left_out.append(
                f"raw/{seed.key}.txt: the site has no such section in {seed.language}"
            )
            return None
        options: dict[str, Any] = {"language": seed.language, "section": words.slug}
        if seed.when:
            at = seed.when.at(self.now, self.place.zone)
            options |= {"publish": True, "published_at": at.isoformat()}
        said = io.StringIO()
        try:
            call_command("import_text", str(seed.path), stdout=said, stderr=said, **options)
        except CommandError:
            raise SeedError(said.getvalue().strip()) from None
        digest = hashlib.sha256(seed.path.read_bytes()).hexdigest()
        origin = Origin.objects.filter(kind="article", digest=digest).exclude(provider=PROVIDER).first()
        return Article.objects.filter(pk=origin.object_id or 0).first() if origin else None


@contextmanager
def _named(file: str) -> Iterator[None]:
    """Say which seed it was that a verb or a model refuses."""
    try:
        yield
    except ValidationError as error:
        raise SeedError(f"{file}: {' '.join(error.messages)}") from error
    except Refused as refusal:
        raise SeedError(f"{file}: {refusal}") from refusal
    except KeyError as error:
        raise SeedError(f"{file}: the picture {error} was deleted since it was loaded") from error


def _add_words(text: Any, language: str, words: Words) -> None:
    text.language, text.name, text.slug, text.description = (
        language,
        words.name,
        words.slug,
        words.description,
    )
    text.full_clean()
    text.save()


def _in_the_way(model: Any, words: dict[str, Words]) -> Any:
    """Return the thing that has one of these addresses already: then it is that one."""
    for language, text in words.items():
        slug = text.slug or slug_for(text.name, language)
        if there := model.objects.with_slug(language, slug).first():
            return there
    return None


def _read_photo(seed: PhotoSeed) -> Upload:
    try:
        with seed.path.open("rb") as file:
            return read_upload(file, seed.focus)
    except (BadPicture, OSError) as error:
        raise SeedError(f"photos/{seed.path.name}: {error}") from None


def _source(seed: SourceSeed) -> Source:
    """Return a source, the same one for all stories that name it alike."""
    source = Source.objects.filter(kind=seed.kind, name=seed.name).first()
    if source is None:
        source = Source.add(by=None, kind=seed.kind, name=seed.name, url=seed.url, remarks=seed.remarks)
    return source
