"""Import raw text as it comes out of a scrape."""

import hashlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from enum import Enum
from typing import Any, NamedTuple

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, DataError, transaction
from django.utils import timezone
from tqdm import tqdm

from articles import fields
from articles.models import Article, Origin, Provenance, Section, SectionText, Source, User
from articles.rawtext import Kind, ParsedText, RawTextError, body_html, parse, printable, read_file, report
from articles.rawtext.language import same_language
from newsroom.dates import format_moment, name_of
from newsroom.models import Site
from newsroom.verbs import Refused

# What `Origin` calls these imports.
PROVIDER = "raw text"

# From so many files on a bar shows how far it is.
MANY = 10

# Before the first newspaper (Strasbourg, 1605) nothing was published; it also keeps dates inside what databases hold.
FIRST_YEAR = 1605


class Outcome(Enum):
    """What became of a file."""

    IMPORTED = "imported"
    KNOWN = "already there"
    REFUSED = "refused"


class Plan(NamedTuple):
    """What the command's options ask for."""

    site: Site
    language: str
    sections: dict[str, Section]
    published_at: datetime | None
    provenance: str
    publish: bool
    dry_run: bool
    by: User | None


class Command(BaseCommand):
    """Import text files; report what is wrong with each and change nothing in it."""

    help = (
        "Import text files as they come out of a scrape, each as a draft of a new story. The text is taken as it "
        "is; what looks damaged is reported with its line, for a person to mend. The same text is imported once."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Name the files and what is known about them."""
        parser.add_argument(
            "files", nargs="+", metavar="FILE", help="Text in UTF-8, or UTF-16 with its mark."
        )
        parser.add_argument("--language", default="", help="Code of the language; without it, it is guessed.")
        parser.add_argument("--section", default="", help="Slug of the section, in any language.")
        parser.add_argument(
            "--published-at",
            default="",
            metavar="TIME",
            help="When the text was published (2025-07-11T14:30+02:00); a date, or a time without a zone, is "
            "taken in the site's time zone.",
        )
        parser.add_argument(
            "--provenance",
            default=Provenance.IMPORTED.value,
            # A reviewer has a name, which an import cannot know.
            choices=[choice for choice in Provenance.values if choice != Provenance.MACHINE_REVIEWED],
            help="How the text came into its language (default: imported, origin unknown).",
        )
        parser.add_argument("--publish", action="store_true", help="Publish at once, or at --published-at.")
        parser.add_argument("--dry-run", action="store_true", help="Report only; import nothing.")
        parser.add_argument(
            "--by", default="", metavar="USERNAME", help="In whose name (default: the system's)."
        )

    def handle(self, *args: Any, files: list[str], **options: Any) -> None:
        """Import each file; those that are refused keep nobody else from being imported."""
        try:
            plan = self._plan(options)
            outcomes = [self._import(file, plan) for file in self._with_progress(files)]
        except DatabaseError as error:
            raise CommandError(
                f"The database cannot be used ({_one_line(error)}). Has “manage.py migrate” been run?"
            ) from error
        refused = outcomes.count(Outcome.REFUSED)
        if len(files) > 1:
            counts = ", ".join(f"{outcomes.count(outcome)} {outcome.value}" for outcome in Outcome)
            self._say(
                f"{len(files)} files: {counts}." + (" (Dry run: nothing was stored.)" if plan.dry_run else "")
            )
        if refused:
            raise CommandError(f"{refused} of {len(files)} files refused.")

    def _plan(self, options: dict[str, Any]) -> Plan:
        """Check the options. Raises CommandError with the first that cannot be followed."""
        site = Site.current()
        if options["language"] and options["language"] not in site.languages:
            raise CommandError(
                f"The site does not publish in “{options['language']}”; its languages are {', '.join(site.languages)}."
            )
        if options["publish"] and not options["section"]:
            raise CommandError("What is published stands in a section: give --section too.")
        published_at = self._published_at(options["published_at"], site) if options["published_at"] else None
        if published_at and published_at > timezone.now() and not options["publish"]:
            raise CommandError(
                "--published-at is in the future: give --publish too, to schedule what is imported."
            )
        by = None
        if options["by"]:
            by = User.objects.filter(username=options["by"], is_active=True).first()
            if by is None:
                raise CommandError(f"There is no active user “{options['by']}”.")
        return Plan(
            site=site,
            language=options["language"],
            sections=_sections(options["section"]),
            published_at=published_at,
            provenance=options["provenance"],
            publish=options["publish"],
            dry_run=options["dry_run"],
            by=by,
        )

    def _published_at(self, text: str, site: Site) -> datetime:
        """Read an ISO time, or a date as its first minute; say which zone was taken where none is given."""
        try:
            at = datetime.fromisoformat(text)
        except ValueError:
            raise CommandError(f"“{text}” is no ISO time; write it like 2025-07-11T14:30+02:00.") from None
        has_zone = at.tzinfo is not None
        if not has_zone:
            at = at.replace(tzinfo=site.zone)
        try:
            at = at.astimezone(UTC)
        except OverflowError:
            raise CommandError(f"“{text}” is out of range.") from None
        if not FIRST_YEAR <= at.year < date.max.year:
            raise CommandError(f"“{text}” is out of range.")
        if not has_zone:
            self._say(f"“{text}” is taken in the site's time zone: {_moment(at, site)} ({site.time_zone}).")
        return at

    def _with_progress(self, files: list[str]) -> Iterator[str]:
        """Show a bar on a terminal if there are many files."""
        hidden = len(files) < MANY or not sys.stderr.isatty()
        return iter(tqdm(files, unit="file", disable=hidden, leave=False))

    def _import(self, file: str, plan: Plan) -> Outcome:
        """Import one file and report; a file that cannot be imported is refused in one line."""
        name = printable(file)
        try:
            data = read_file(file)
            parsed = parse(data, language=plan.language, published=plan.published_at is not None)
            if known := _already(parsed):
                self._say(f"{name}: already imported: {printable(known)}")
                return Outcome.KNOWN
            language = _language(parsed, plan)
            section = _section(plan.sections, language)
            body = body_html(parsed)
            if len(body) > fields.MAX_LENGTH:
                raise RawTextError(
                    f"its text is too long for an article ({len(body)} characters of HTML, at most {fields.MAX_LENGTH})"
                )
            article = None
            if not plan.dry_run:
                article = _store(parsed, hashlib.sha256(data).hexdigest(), body, language, section, plan)
                if article is None:
                    self._say(f"{name}: already imported: {printable(parsed.headline)}")
                    return Outcome.KNOWN
        except (RawTextError, Refused) as error:
            return self._refuse(name, str(error))
        except ValidationError as error:
            return self._refuse(name, " ".join(error.messages))
        except DataError as error:
            return self._refuse(name, f"the database does not take it: {_one_line(error)}")
        except PermissionDenied:
            what = "publish" if plan.publish else "write"
            return self._refuse(name, f"{plan.by} may not {what} that")
        self._say(report(name, parsed, _facts(parsed, language, section, article, plan)) + "\n")
        return Outcome.IMPORTED

    def _refuse(self, name: str, reason: str) -> Outcome:
        with _beside_the_bar():
            self.stderr.write(_encodable(f"{name}: refused: {_one_line(reason)}", self.stderr))
        return Outcome.REFUSED

    def _say(self, text: str) -> None:
        with _beside_the_bar():
            self.stdout.write(_encodable(text, self.stdout))


def _store(
    parsed: ParsedText, digest: str, body: str, language: str, section: Section | None, plan: Plan
) -> Article | None:
    """Store a text with its origin, all or nothing; return None if somebody else stored it meanwhile."""
    with transaction.atomic():
        # The origin first: its unique key makes whoever imports the same text at the same time wait, and then see it.
        origin, is_new = Origin.objects.get_or_create(
            provider=PROVIDER, key=parsed.digest, defaults={"kind": "article", "digest": digest}
        )
        if not is_new:
            return None
        article = Article.start(
            by=plan.by,
            language=language,
            headline=parsed.headline,
            standfirst=parsed.standfirst,
            body=body,
            section=section,
            provenance=plan.provenance,
            sources=[(_agency(finding.proposal, plan.by), False) for finding in parsed.found(Kind.AGENCY)],
        )
        origin.object_id = article.pk
        origin.save(update_fields=["object_id"])
        if plan.publish:
            article.publish(by=plan.by, at=plan.published_at)
    return article


def _agency(name: str, by: User | None) -> Source:
    """Return the source of an agency, made if there is none of this name."""
    agencies = Source.objects.filter(kind=Source.Kind.AGENCY, name__iexact=name).order_by("pk")
    return agencies.first() or Source.add(by=by, kind=Source.Kind.AGENCY, name=name)


def _already(parsed: ParsedText) -> str:
    """Return the headline under which this very text is here already, "" if it is new."""
    origin = Origin.objects.filter(provider=PROVIDER, key=parsed.digest).first()
    if origin is None:
        return ""
    article = Article.objects.filter(pk=origin.object_id or 0).first()
    return str(article) if article else f"{parsed.headline} (discarded since)"


def _language(parsed: ParsedText, plan: Plan) -> str:
    """Return which of the site's languages a text is in. Raises RawTextError if that cannot be said."""
    told = plan.language or parsed.language
    if told in plan.site.languages:
        return told
    if not told:
        raise RawTextError("its language cannot be told; give --language")
    variants = [code for code in plan.site.languages if same_language(code, told)]
    if len(variants) == 1:
        return variants[0]
    name = f"{name_of(told, 'en')} ({told})"
    if variants:
        raise RawTextError(f"it is written in {name}; give --language as one of {', '.join(variants)}")
    raise RawTextError(
        f"it seems to be written in {name}, in which the site does not publish; give --language if that is wrong"
    )


def _sections(slug: str) -> dict[str, Section]:
    """Return the section that a slug means in each language, none without a slug. Raises CommandError."""
    if not slug:
        return {}
    texts = SectionText.objects.filter(slug=slug).select_related("section")
    sections = {text.language: text.section for text in texts}
    if not sections:
        slugs = sorted(set(SectionText.objects.values_list("slug", flat=True)))
        raise CommandError(
            f"There is no section “{slug}”. "
            + (f"Sections are: {', '.join(slugs)}." if slugs else "There is none yet.")
        )
    return sections


def _section(sections: dict[str, Section], language: str) -> Section | None:
    """Return the section for a language. Raises RawTextError if the slug means different ones elsewhere."""
    if not sections or language in sections:
        return sections.get(language)
    others = {section.pk: section for section in sections.values()}
    if len(others) > 1:
        raise RawTextError("the slug of the section means different sections, and none in this language")
    return next(iter(others.values()))


def _facts(
    parsed: ParsedText, language: str, section: Section | None, article: Article | None, plan: Plan
) -> Iterator[tuple[str, str]]:
    """Say what became of a text, or would become of it."""
    if language != parsed.language:
        yield "imported as", language
    if section:
        is_named = section.texts.filter(language=language).exists()
        yield (
            "section",
            section.name_in(language) + ("" if is_named else f" (it has no name in {language} yet)"),
        )
    yield "provenance", str(Provenance(plan.provenance).label)
    if agencies := [finding.proposal for finding in parsed.found(Kind.AGENCY)]:
        yield "sources", f"{', '.join(agencies)} (internal: readers are not told)"
    yield "state", _state(article, plan)


def _state(article: Article | None, plan: Plan) -> str:
    if not plan.publish:
        state = "draft" if article is None else f"draft, article {article.pk}"
        if plan.published_at:
            state += "; a draft keeps no date: give it when you publish"
        return state if article else f"would be a {state} (dry run)"
    at = article.published_at if article and article.published_at else plan.published_at or timezone.now()
    state = "scheduled for" if at > timezone.now() else "published"
    told = f"{state} {_moment(at, plan.site)}" + (
        "" if plan.published_at else " (now: no --published-at was given)"
    )
    return f"{told}, article {article.pk}, {article.path}" if article else f"would be {told} (dry run)"


def _moment(at: datetime, site: Site) -> str:
    return format_moment(at, "en", site.zone)


def _one_line(text: object) -> str:
    return " ".join(printable(str(text).replace("\n", " ")).split())


def _encodable(text: str, stream: Any) -> str:
    """Spell out what the stream's encoding has no letters for; a report is no reason for a traceback."""
    encoding = getattr(stream, "encoding", None) or "utf-8"
    return text.encode(encoding, "backslashreplace").decode(encoding)


@contextmanager
def _beside_the_bar() -> Iterator[None]:
    """Take the progress bar away while something else is written to the terminal."""
    with tqdm.external_write_mode():
        yield
