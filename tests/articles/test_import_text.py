"""The command that imports raw text."""

import io
import os
import re
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.utils import timezone

from articles.fields import MAX_LENGTH
from articles.html import plain_text
from articles.models import Article, Origin, Revision, SectionText, Source, Story
from articles.rawtext import parse
from newsroom.models import LogEntry, Site
from tests import base

CONFERENCE = Path(__file__).parent.parent / "data" / "conference-fr.txt"
FOG = """Fog holds the ferries of Ellory
The harbour office keeps seven ships in port, and nobody knows for how long.
Why nobody sails
Captains could not see the breakwater, the office said. Nobody was hurt.
"""

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def site():
    row = Site(time_zone="Europe/Zurich")
    row.save()
    return row


@pytest.fixture
def fog(tmp_path):
    path = tmp_path / "fog.txt"
    path.write_text(FOG)
    return path


def run(*args, **options) -> tuple[str, str]:
    """Run the command; return what it printed on either channel, and the error that it ended with."""
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command("import_text", *map(str, args), stdout=out, stderr=err, **options)
    except CommandError as error:
        err.write(f"CommandError: {error}\n")
    return out.getvalue(), err.getvalue()


def everything() -> tuple[int, ...]:
    """Count the rows that an import may write."""
    return tuple(model.objects.count() for model in (Story, Article, Revision, Origin, Source, LogEntry))


# What is stored


def test_text_becomes_a_draft_of_a_new_story():
    out, err = run(CONFERENCE)
    assert err == ""
    article = Article.objects.get()
    assert article.state == Article.State.DRAFT
    assert article.language == "fr"
    assert article.headline == "Les ports du Nord se disputent la grande écluse d'Orveau"
    assert article.standfirst.startswith("Plusieurs des armateurs")
    assert article.provenance == "imported"
    assert article.created_by is None
    assert article.comment_count == 0
    assert f"draft, article {article.pk}" in out


def test_body_holds_every_sentence_as_it_was():
    run(CONFERENCE)
    lines = CONFERENCE.read_text(encoding="utf-8").split("\n")
    body = Article.objects.get().body
    assert plain_text(body).split("\n") == lines[3:-1]
    assert re.findall("<h2>(.*?)</h2>", body) == [
        lines[at - 1] for at in (4, 7, 9, 11, 13, 15, 17, 19, 21, 23)
    ]


def test_body_comes_through_the_sanitiser(tmp_path):
    path = tmp_path / "markup.txt"
    path.write_text(f"{FOG}Then <script>alert(1)</script> & <b>more</b> of it.\n")
    run(path)
    assert Article.objects.get().body.endswith(
        "&lt;script&gt;alert(1)&lt;/script&gt; &amp; &lt;b&gt;more&lt;/b&gt; of it.</p>"
    )


def test_named_agencies_become_internal_sources_and_described_ones_do_not():
    Source.objects.create(kind=Source.Kind.AGENCY, name="lusa")
    run(CONFERENCE)
    article = Article.objects.get()
    assert [(row.source.name, row.is_public) for row in article.article_sources.all()] == [("lusa", False)]
    assert article.public_sources() == []


def test_import_goes_through_the_verbs(fog):
    run(fog, section=base.section().text_in("en").slug, publish=True)
    assert list(LogEntry.objects.order_by("pk").values_list("verb", flat=True)) == [
        "article.save",
        "article.start",
        "article.publish",
    ]


def test_origin_says_where_it_came_from(fog):
    run(fog)
    origin = Origin.objects.get()
    assert (origin.kind, origin.provider, origin.object_id) == (
        "article",
        "raw text",
        Article.objects.get().pk,
    )
    assert origin.key == parse(FOG).digest
    assert re.fullmatch("[0-9a-f]{64}", origin.digest)


# Twice is once


def test_second_run_changes_nothing(fog):
    run(fog)
    before = everything()
    out, err = run(fog, publish=True, section=base.section().text_in("en").slug)
    assert out.strip() == f"{fog}: already imported: Fog holds the ferries of Ellory"
    assert err == ""
    assert everything() == before


def test_same_text_under_another_name_or_with_other_line_ends_is_the_same(fog, tmp_path):
    run(fog)
    other = tmp_path / "other.txt"
    other.write_bytes(("\ufeff" + FOG.replace("\n", "\r\n") + "Comments (7)").encode("utf-16"))
    out, _ = run(other)
    assert "already imported" in out
    assert Article.objects.count() == 1


def test_changed_file_of_the_same_name_is_a_new_text(fog):
    run(fog)
    fog.write_text(FOG.replace("seven", "eight"))
    run(fog)
    assert Article.objects.count() == Origin.objects.count() == 2


def test_same_text_twice_in_one_run_is_once(fog):
    out, _ = run(fog, fog)
    assert "2 files: 1 imported, 1 already there, 0 refused." in out
    assert Article.objects.count() == 1


def test_discarded_import_does_not_come_back(fog):
    run(fog)
    Article.objects.get().discard(by=None)
    out, _ = run(fog)
    assert "already imported: Fog holds the ferries of Ellory (discarded since)" in out
    assert Article.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_two_at_once_import_once(fog):
    def one(_):
        try:
            return run(fog)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(one, range(2)))
    assert [err for _, err in results] == ["", ""]
    assert sorted("already imported" in out for out, _ in results) == [False, True]
    assert Article.objects.count() == Origin.objects.count() == 1


# Language and section


def test_language_is_taken_as_told(fog):
    out, _ = run(fog, language="de")
    assert Article.objects.get().language == "de"
    assert "The language is given as de, but the text looks like another (en" in out


def test_language_that_the_site_does_not_publish_in_is_refused(fog):
    Site(languages=["de", "fr"]).save()
    _, err = run(fog)
    assert (
        f"{fog}: refused: it seems to be written in English (en), in which the site does not publish" in err
    )
    assert Article.objects.count() == 0


def test_region_of_the_site_is_taken(fog):
    Site(languages=["de", "en-us"]).save()
    run(fog)
    assert Article.objects.get().language == "en-us"


def test_two_regions_ask_for_one(fog):
    Site(languages=["en-gb", "en-us"]).save()
    _, err = run(fog)
    assert "refused: it is written in English (en); give --language as one of en-gb, en-us" in err


def test_text_in_no_language_is_refused(tmp_path):
    path = tmp_path / "numbers.txt"
    path.write_text("2024\n12, 13, 14.\n")
    _, err = run(path)
    assert "refused: its language cannot be told; give --language" in err


def test_section_is_found_by_its_slug_in_any_language(fog):
    section = base.section()
    run(fog, section="politik")
    assert Article.objects.get().section == section


def test_slug_of_two_sections_means_that_of_the_language(fog, tmp_path):
    base.section({"en": "World", "de": "Kultur"})
    culture = base.section({"en": "Kultur", "fr": "Culture"})
    run(fog, section="kultur")
    assert Article.objects.get().section == culture
    _, err = run(CONFERENCE, section="kultur")
    assert "refused: the slug of the section means different sections" in err


def test_section_without_a_name_in_the_language_is_told(fog):
    base.section({"de": "Hafen"})
    out, _ = run(fog, section="hafen")
    assert "it has no name in en yet" in out


# Publishing


def test_published_text_carries_the_date_that_was_given(fog):
    section = base.section()
    out, _ = run(fog, publish=True, section="politics", published_at="2025-07-11T14:30+02:00")
    article = Article.objects.visible().get()
    assert article.published_at == article.first_published_at == datetime(2025, 7, 11, 12, 30, tzinfo=UTC)
    assert article.path == "/en/2025/07/11/fog-holds-the-ferries-of-ellory/"
    assert article.section == section
    assert "published 11 July 2025, 14:30 CEST" in out
    assert article.path in out


@pytest.mark.parametrize(
    ("text", "expected", "told"),
    [
        (
            "2025-07-11",
            datetime(2025, 7, 10, 22, 0, tzinfo=UTC),
            "11 July 2025, 00:00 CEST (Europe/Zurich)",
        ),
        (
            "2025-01-11T14:30",
            datetime(2025, 1, 11, 13, 30, tzinfo=UTC),
            "11 January 2025, 14:30 CET (Europe/Zurich)",
        ),
        ("2025-01-11T14:30Z", datetime(2025, 1, 11, 14, 30, tzinfo=UTC), ""),
    ],
)
def test_time_without_a_zone_is_the_sites_and_that_is_said(fog, text, expected, told):
    base.section()
    out, _ = run(fog, publish=True, section="politics", published_at=text)
    assert Article.objects.get().published_at == expected
    assert ("is taken in the site's time zone" in out) is bool(told)
    assert told in out


def test_publishing_without_a_time_is_now_and_that_is_said(fog):
    base.section()
    before = timezone.now()
    out, _ = run(fog, publish=True, section="politics")
    assert before <= Article.objects.visible().get().published_at <= timezone.now()
    assert "(now: no --published-at was given)" in out


def test_time_in_the_future_is_a_schedule(fog):
    base.section()
    out, _ = run(fog, publish=True, section="politics", published_at="2999-07-11T14:30Z")
    assert Article.objects.get().state == Article.State.SCHEDULED
    assert "scheduled for 11 July 2999" in out


def test_text_with_findings_may_be_published():
    base.section()
    run(CONFERENCE, publish=True, section="politique", published_at="2025-07-11")
    assert Article.objects.visible().count() == 1


def test_draft_says_that_it_keeps_no_date(fog):
    out, _ = run(fog, published_at="2025-07-11")
    assert "a draft keeps no date: give it when you publish" in out
    assert Article.objects.get().published_at is None


def test_provenance_is_taken_as_told(fog):
    run(fog, provenance="machine")
    assert Article.objects.get().provenance == "machine"


def test_import_in_somebodys_name_is_theirs(fog, journalist):
    run(fog, by="jana")
    article = Article.objects.get()
    assert article.created_by == journalist
    assert article.is_editable_by(journalist)


def test_nobody_publishes_by_importing_what_he_may_not(fog, journalist):
    base.section()
    _, err = run(fog, by="jana", publish=True, section="politics")
    assert f"{fog}: refused: jana may not publish that" in err
    assert Article.objects.count() == Origin.objects.count() == 0


def test_refused_publication_leaves_nothing_behind(tmp_path):
    base.section()
    path = tmp_path / "dots.txt"
    path.write_text("* * *\nThe harbour office keeps seven ships in port.\n")
    _, err = run(path, publish=True, section="politics")
    assert "refused: Before publishing, give: slug." in err
    assert Article.objects.count() == Origin.objects.count() == 0


# The report


def test_report_shows_findings_with_their_lines():
    out, _ = run(CONFERENCE)
    assert out.startswith(f"{CONFERENCE}\n  headline    Les ports du Nord")
    assert "line 5: heading glued" in out
    assert "text: undated. The text does not say when it was published." in out
    assert "“du 14 au 16 août” names no year" in out
    assert "sources     Lusa (internal: readers are not told)" in out


def test_given_time_answers_the_relative_ones():
    out, _ = run(CONFERENCE, published_at="2025-08-13")
    assert "undated" not in out
    assert "ce week-end” counts" not in out


def test_dry_run_reports_and_stores_nothing(fog):
    before = everything()
    out, err = run(fog, CONFERENCE, dry_run=True)
    assert everything() == before
    assert err == ""
    assert "would be a draft (dry run)" in out
    assert "line 5: heading glued" in out
    assert "Dry run: nothing was stored." in out


def test_dry_run_refuses_what_a_run_would_refuse(fog, tmp_path):
    (tmp_path / "empty.txt").touch()
    out, err = run(tmp_path / "empty.txt", fog, dry_run=True)
    assert "empty.txt: refused: it is empty" in err
    assert "Fog holds" in out


def test_report_spells_out_what_the_terminal_has_no_letters_for():
    out = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    call_command("import_text", str(CONFERENCE), stdout=out)
    out.flush()
    assert b"grande \\xe9cluse" in out.buffer.getvalue()


# What is refused


def test_broken_files_are_refused_by_name_while_the_others_go_on(fog, tmp_path):
    broken = {
        "empty.txt": (b"", "it is empty"),
        "blank.txt": (b" \n\n", "there is nothing in it but white space"),
        "picture.txt": (
            b"\x89PNG\r\n\x1a\n\x00\x00",
            "it is binary, not text: control byte 0x1A at offset 6",
        ),
        "latin.txt": ("Brume\nLa marée.\n".encode("latin-1"), "it is not UTF-8: byte 0xE9 at offset 12"),
        "line.txt": (b"Fog holds the ferries\n", "there is nothing in it but a single line"),
        "long.txt": (("Fog\n" + "Nobody sails. " * 20_000).encode(), "its text is too long for an article"),
    }
    for name, (data, _) in broken.items():
        (tmp_path / name).write_bytes(data)
    with (tmp_path / "huge.txt").open("wb") as file:
        file.truncate(50_000_000)
    (tmp_path / "folder").mkdir()
    names = [*broken, "huge.txt", "folder", "none.txt"]
    out, err = run(*(tmp_path / name for name in names), fog)
    lines = err.splitlines()
    assert len(lines) == len(names) + 1
    for line, (name, (_, reason)) in zip(lines, broken.items(), strict=False):
        assert line.startswith(f"{tmp_path / name}: refused: {reason}")
    assert lines[-4:-1] == [
        f"{tmp_path}/huge.txt: refused: it is bigger than 2 MB (50.0 MB)",
        f"{tmp_path}/folder: refused: it is a folder, not a file",
        f"{tmp_path}/none.txt: refused: it cannot be read: No such file or directory",
    ]
    assert lines[-1] == "CommandError: 9 of 10 files refused."
    assert "10 files: 1 imported, 0 already there, 9 refused." in out
    assert Article.objects.get().headline == "Fog holds the ferries of Ellory"


def test_unreadable_file_is_refused(fog, monkeypatch):
    def forbidden(*args):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", forbidden)
    _, err = run(fog)
    assert f"{fog}: refused: it cannot be read: Permission denied" in err


def test_name_that_is_no_text_is_spelt_out(tmp_path):
    path = os.fsdecode(os.fsencode(tmp_path) + b"/\xff\x1b[31m\n.txt")
    _, err = run(path)
    assert err.splitlines()[0].endswith(
        "/\\udcff\\x1b[31m\\n.txt: refused: it cannot be read: No such file or directory"
    )


def test_longest_text_that_an_article_holds_is_imported(tmp_path):
    path = tmp_path / "long.txt"
    line = "Nobody sails today, the harbour office of Ellory says. "
    path.write_text("Fog\n" + (line * (MAX_LENGTH // len(line)))[: MAX_LENGTH - 8].rsplit(".", 1)[0] + ".\n")
    _, err = run(path, language="en")
    assert err == ""
    assert len(Article.objects.get().body) > MAX_LENGTH - 70


@pytest.mark.postgresql_later
@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"language": "xx"}, "The site does not publish in “xx”; its languages are en, de, fr."),
        ({"section": "sea"}, "There is no section “sea”. Sections are: politics, politik, politique."),
        ({"published_at": "yesterday"}, "“yesterday” is no ISO time; write it like 2025-07-11T14:30+02:00."),
        ({"published_at": "2025-02-30"}, "“2025-02-30” is no ISO time"),
        ({"published_at": "0001-01-01"}, "“0001-01-01” is out of range."),
        ({"published_at": "9999-12-31T23:59-10:00"}, "“9999-12-31T23:59-10:00” is out of range."),
        ({"published_at": "2999-01-01"}, "--published-at is in the future: give --publish too"),
        ({"publish": True}, "What is published stands in a section: give --section too."),
        ({"by": "nobody"}, "There is no active user “nobody”."),
    ],
)
def test_option_that_cannot_be_followed_stops_everything(fog, options, reason):
    base.section()
    _, err = run(fog, **options)
    assert err.startswith(f"CommandError: {reason}")
    assert err.count("\n") == 1
    assert Article.objects.count() == 0


def test_site_without_sections_says_so(fog):
    SectionText.objects.all().delete()
    _, err = run(fog, section="sea")
    assert "There is no section “sea”. There is none yet." in err


def test_unknown_provenance_is_refused(fog):
    _, err = run(fog, "--provenance", "guessed")
    assert "invalid choice: 'guessed'" in err


def test_database_that_does_not_answer_is_no_traceback(fog, monkeypatch):
    def locked():
        raise OperationalError("database is\nlocked")

    monkeypatch.setattr(Site, "current", locked)
    _, err = run(fog)
    assert err == (
        "CommandError: The database cannot be used (database is locked). Has “manage.py migrate” been run?\n"
    )


# The bar


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.postgresql_later
@pytest.mark.parametrize(
    ("files", "stream", "shown"), [(12, Terminal, True), (3, Terminal, False), (12, io.StringIO, False)]
)
def test_bar_is_shown_for_many_files_on_a_terminal_only(tmp_path, monkeypatch, files, stream, shown):
    paths = [tmp_path / f"{number}.txt" for number in range(files)]
    for number, path in enumerate(paths):
        path.write_text(FOG.replace("seven", f"{number} hundred"))
    terminal = stream()
    monkeypatch.setattr(sys, "stderr", terminal)
    run(*paths, dry_run=True)
    assert ("file" in terminal.getvalue()) is shown
