"""The sample content: what is in the files, how it is loaded, and what is said of a mistake in them."""

import io
import re
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings as django_settings
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.utils import timezone
from PIL import Image

from articles.html import photo_uids, plain_text
from articles.models import (
    Article,
    Author,
    FrontSlot,
    Origin,
    Page,
    Photo,
    Section,
    SectionText,
    Source,
    Story,
)
from articles.photos import Upload, read_upload
from comments.models import Comment
from newsroom import demo
from newsroom.models import LogEntry, Site
from newsroom.seeds.files import read_folder
from newsroom.seeds.markdown import PhotoTrouble, to_html
from newsroom.seeds.shapes import When
from tests import base

SEEDS = django_settings.BASE_DIR / "seeds"
ADDRESS = "/admin/articles/photo/00000000-0000-4000-8000-000000000000/file/"

pytestmark = pytest.mark.postgresql_later


@pytest.fixture(autouse=True)
def local(settings, tmp_path):
    settings.VAR_DIR = tmp_path / "var"
    settings.VAR_DIR.mkdir()
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.BASE_URL = "http://127.0.0.1:8000"
    settings.LOCAL = True


@pytest.fixture
def folder(tmp_path):
    """A small folder of seeds, complete and without a mistake."""
    files = {
        "site.toml": """
            name = "The Mill Gazette"
            languages = ["en", "de"]
            time_zone = "Europe/Zurich"
            [en]
            tagline = "Twice a week"
            [de]
            tagline = "Zweimal die Woche"
        """,
        "sections.toml": '[news]\nen = { name = "News" }\nde = { name = "Neues" }',
        "tags.toml": '[mill]\nen = { name = "The mill" }\nde = { name = "Die Mühle" }',
        "authors.toml": '[ada]\nen = { name = "Ada Miller" }\nde = { name = "Ada Miller" }',
        "pages/imprint.en.md": '+++\ntitle = "Imprint"\n+++\nWritten in a mill.',
        "photos/photos.toml": """
            [wheel]
            credit = "Illustration: Ada"
            focus = [0.25, 0.75]
            en = { alt = "A wheel", caption = "The old wheel" }
        """,
        "stories/01-flour/story.toml": """
            section = "news"
            tags = ["mill"]
            photo = "wheel"
            author = ["ada"]
            days_ago = 2
            time = "08:30"
            [[source]]
            kind = "person"
            name = "The miller"
            remarks = "Said so in passing."
        """,
        "stories/01-flour/en.md": """
            +++
            headline = "Flour is dear again"
            kicker = "Prices"
            [[change]]
            now = "three coins"
            before = "two coins"
            [[note]]
            kind = "correction"
            text = "A pound costs three coins, not two."
            after = "5:00"
            +++

            A pound costs three coins.

            ![The wheel turns](photo:wheel "It turns & turns")

            > So it is.
        """,
        "stories/01-flour/de.md": """
            +++
            headline = "Mehl ist wieder teuer"
            provenance = "translated"
            from = "en"
            later = "1:30"
            translator = ["ada"]
            +++

            Ein Pfund kostet drei Münzen.
        """,
        "stories/01-flour/comments.en.toml": """
            [[comment]]
            id = "baker"
            name = "Baker"
            after = "0:30"
            text = "Dear is no word for it."

            [[comment]]
            parent = "baker"
            staff = "editor"
            name = "Ada, Gazette"
            after = "1:00"
            text = "Which word then?"

            [[comment]]
            name = "Shouter"
            after = "2:00"
            state = "rejected"
            reason = "Shouting"
            text = "AAAH"
        """,
    }
    root = tmp_path / "seeds"
    for name, text in files.items():
        write(root / name, text)
    Image.new("RGB", (900, 600), (90, 120, 150)).save(root / "photos" / "wheel.jpg")
    return root


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(re.sub(r"^ +", "", text, flags=re.MULTILINE).strip() + "\n")


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def run(folder: Path | None = None) -> str:
    out = io.StringIO()
    call_command("seed", *(["--folder", str(folder)] if folder else []), stdout=out)
    return out.getvalue()


def refusal(folder: Path) -> str:
    """Return why the folder cannot be loaded; nothing of it may have been stored."""
    with pytest.raises(CommandError) as refused:
        run(folder)
    assert not Origin.objects.exists()
    assert not Story.objects.exists()
    return str(refused.value)


# What loading does


@pytest.mark.django_db
def test_loads_through_the_verbs(folder):
    call_command("demo_logins", stdout=io.StringIO())
    assert "1 story, 2 articles, 3 comments" in run(folder)
    verbs = Counter(LogEntry.objects.values_list("verb", flat=True))
    assert verbs["site.change"] == verbs["section.add"] == verbs["tag.add"] == verbs["photo.add"] == 1
    assert verbs["article.start"] == 2
    assert verbs["article.publish"] == 3  # one of them has two wordings
    assert verbs["article.note"] == 1
    assert verbs["comment.post"] == 3
    assert (verbs["comment.approve"], verbs["comment.reject"]) == (1, 1)


@pytest.mark.django_db
def test_article_has_all_that_its_files_say(folder):
    run(folder)
    english, german = Article.objects.order_by("-language")
    assert (english.headline, english.kicker) == ("Flour is dear again", "Prices")
    assert english.section.name_in("de") == "Neues"
    assert [tag.name_in("de") for tag in english.tags.all()] == ["Die Mühle"]
    assert [author.name_in("en") for author in english.authors.all()] == ["Ada Miller"]
    assert [str(byline.role) for byline in german.bylines.all()] == ["author", "translator"]
    assert (german.provenance, german.translated_from) == ("translated", english.newest_revision())
    assert german.story == english.story
    assert english.photo.text_in("en").caption == "The old wheel"
    assert (english.photo.focal_x, english.photo.focal_y) == (0.25, 0.75)
    assert photo_uids(english.body) == [english.photo.uid]
    assert "<figcaption>It turns &amp; turns</figcaption>" in english.body
    assert english.public_sources() == []
    assert [str(source) for source in english.sources.all()] == ["The miller"]
    assert Site.current().text_in("de").tagline == "Zweimal die Woche"
    assert Page.objects.get().purpose == "imprint"


@pytest.mark.django_db
def test_dates_are_relative_to_today_in_the_zone_of_the_site(folder):
    run(folder)
    zone = ZoneInfo("Europe/Zurich")
    english, german = Article.objects.order_by("-language")
    day = timezone.now().astimezone(zone).date() - timedelta(days=2)
    assert english.published_at.astimezone(zone).strftime("%Y-%m-%d %H:%M") == f"{day} 08:30"
    assert german.published_at - english.published_at == timedelta(minutes=90)
    assert english.path == f"/en/{day:%Y/%m/%d}/flour-is-dear-again/"
    comment = Comment.objects.order_by("pk").first()
    assert comment.created_at - english.published_at == timedelta(minutes=30)
    note = english.notes.get()
    assert note.created_at - english.published_at == timedelta(hours=5)


@pytest.mark.django_db
def test_corrected_article_keeps_the_wording_that_readers_saw_first(folder):
    run(folder)
    article = Article.objects.get(language="en")
    first, second = article.revisions.order_by("number")
    assert "two coins" in first.body
    assert "three coins" in second.body
    assert article.live_revision == second
    assert article.updated_at == article.notes.get().created_at
    assert (first.published_at, second.published_at) == (article.published_at, article.updated_at)


@pytest.mark.django_db
def test_second_run_changes_nothing_and_says_so(folder):
    call_command("demo_logins", stdout=io.StringIO())
    run(folder)
    entries, origins = LogEntry.objects.count(), Origin.objects.count()
    assert run(folder) == "The sample content is loaded already.\n"
    assert (LogEntry.objects.count(), Origin.objects.count()) == (entries, origins)


@pytest.mark.django_db
def test_second_run_asks_the_database_next_to_nothing(folder, django_assert_max_num_queries):
    call_command("demo_logins", stdout=io.StringIO())
    run(folder)
    with django_assert_max_num_queries(5):
        run(folder)


@pytest.mark.django_db
def test_changed_seed_is_named_and_an_editors_work_stays(folder):
    run(folder)
    article = Article.objects.get(language="en")
    article.save_revision(by=None, headline="Flour, dearer than ever")
    article.publish(by=None)
    change(folder / "stories/01-flour/en.md", "Flour is dear again", "Flour is cheap")
    said = run(folder)
    assert "Changed since it was loaded, and left as it is: story/01-flour/en." in said
    article.refresh_from_db()
    assert article.headline == "Flour, dearer than ever"
    assert Article.objects.count() == 2


@pytest.mark.django_db
def test_what_was_deleted_does_not_come_back(folder):
    run(folder)
    Page.objects.all().delete()
    run(folder)
    assert not Page.objects.exists()


@pytest.mark.django_db
def test_new_files_are_added_to_what_is_there(folder):
    run(folder)
    write(folder / "stories/02-bread/story.toml", 'section = "news"\nphoto = "wheel"\nhours_ago = 3')
    write(folder / "stories/02-bread/en.md", '+++\nheadline = "Bread too"\n+++\nAlas.')
    assert "1 story, 1 article" in run(folder)
    assert Article.objects.get(headline="Bread too").photo == Photo.objects.get()


@pytest.mark.django_db
def test_staff_answer_waits_for_its_account(folder):
    assert "there is no demo account “editor”" in run(folder)
    assert Comment.objects.count() == 2
    call_command("demo_logins", stdout=io.StringIO())
    assert "1 comment" in run(folder)
    answer = Comment.objects.get(name="Ada, Gazette")
    assert answer.user == demo.account("editor")
    assert answer.parent.name == "Baker"
    assert answer.article.comment_count == 1 + 1


@pytest.mark.django_db
def test_site_that_somebody_filled_in_stays(folder):
    Site(name="Mine", languages=["en"], time_zone="Asia/Tokyo").save()
    said = run(folder)
    assert "“Site” is filled in already" in said
    assert "stories/01-flour/de.md: the site does not publish in de" in said
    assert (Site.current().name, list(Article.objects.values_list("language", flat=True))) == ("Mine", ["en"])
    zone = ZoneInfo("Asia/Tokyo")
    assert Article.objects.get().published_at.astimezone(zone).hour == 8


@pytest.mark.django_db
def test_section_that_is_there_already_is_used(folder):
    mine = base.section({"en": "News"})
    run(folder)
    assert Article.objects.filter(section=mine).count() == 2
    assert not SectionText.objects.filter(language="de").exists()


@pytest.mark.django_db
def test_demo_account_without_its_role_is_not_used(folder):
    call_command("demo_logins", stdout=io.StringIO())
    demo.account("editor").grants.all().delete()
    assert "there is no demo account “editor”" in run(folder)
    assert not LogEntry.objects.filter(by_id=demo.account("editor").pk).exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("state", "found"),
    [
        ("days_ago = -1", Article.State.SCHEDULED),
        ('days_ago = 2\nstate = "draft"', Article.State.DRAFT),
        ('days_ago = 2\nstate = "withdrawn"\nreason = "Not so."', Article.State.WITHDRAWN),
        ("days_ago = 2", Article.State.LIVE),
    ],
)
def test_story_comes_into_its_state(folder, state, found):
    change(folder / "stories/01-flour/story.toml", "days_ago = 2", state)
    (folder / "stories/01-flour/comments.en.toml").unlink()
    text = folder / "stories/01-flour/en.md"
    text.write_text(re.sub(r"\[\[note\]\].*?(?=\+\+\+)", "", text.read_text(), flags=re.DOTALL))
    change(text, '[[change]]\nnow = "three coins"\nbefore = "two coins"\n', "")
    run(folder)
    assert {article.state for article in Article.objects.all()} == {found}


# What is said of a mistake


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("sections.toml", '"News"', '"News', "sections.toml: "),
        ("sections.toml", 'name = "News"', 'nam = "News"', "sections.toml: news.en.name is missing"),
        ("sections.toml", 'name = "News"', 'name = " "', "sections.toml: news.en.name is empty"),
        ("sections.toml", 'name = "News"', "name = 5", "sections.toml: news.en.name must be a text"),
        ("tags.toml", "en = {", "English = {", "tags.toml: mill.English is no language and no key"),
        ("tags.toml", 'name = "The mill"', 'name = "M", color = "r"', "tags.toml: mill.en.color is no key"),
        (
            "site.toml",
            'languages = ["en", "de"]',
            "languages = 2",
            "site.toml: languages must be a list of texts",
        ),
        ("site.toml", "Europe/Zurich", "Europe/Atlantis", "site.toml: “Europe/Atlantis” is no time zone"),
        (
            "pages/imprint.en.md",
            "+++\nWritten",
            "Written",
            "pages/imprint.en.md: must begin with a head in TOML",
        ),
        (
            "pages/imprint.en.md",
            "Written in a mill.",
            "",
            "pages/imprint.en.md: there is no text below the head",
        ),
        (
            "photos/photos.toml",
            "[0.25, 0.75]",
            "[25, 75]",
            "photos/photos.toml: wheel.focus must be two numbers",
        ),
        ("photos/photos.toml", "[wheel]", "[cog]", "photos/photos.toml: cog has no file photos/cog.jpg"),
        ("stories/01-flour/story.toml", '"news"', '"sport"', "names the section “sport”, which is nowhere"),
        ("stories/01-flour/story.toml", '["mill"]', '["mil"]', "names the tag “mil”, which is nowhere"),
        ("stories/01-flour/story.toml", '["mill"]', '"mill"', "tags must be a list of texts"),
        ("stories/01-flour/story.toml", "days_ago = 2\n", "", "story.toml: days_ago is missing"),
        ("stories/01-flour/story.toml", '"08:30"', '"8 am"', "story.toml: time must be a time of day"),
        (
            "stories/01-flour/story.toml",
            '"person"',
            '"rumour"',
            "source 1, kind must be one of person, agency",
        ),
        ("stories/01-flour/en.md", 'headline = "Flour is dear again"\n', "", "en.md: headline is missing"),
        ("stories/01-flour/en.md", "Prices", "P" * 61, "en.md: kicker has 61 characters, and 60 are allowed"),
        ("stories/01-flour/en.md", "photo:wheel", "photo:well", "names the picture “well”, which is nowhere"),
        ("stories/01-flour/en.md", "> So", "> ![x](photo:wheel) So", "on a line of its own"),
        (
            "stories/01-flour/en.md",
            "costs three coins",
            "costs 3 coins",
            "change 1, now must stand in the text exactly once",
        ),
        ("stories/01-flour/en.md", '"5:00"', '"5 hours"', "note 1, after must be hours and minutes"),
        (
            "stories/01-flour/de.md",
            'from = "en"',
            'from = "fr"',
            "de.md: from names “fr”, and there is no fr.md",
        ),
        ("stories/01-flour/de.md", '"translated"', '"guessed"', "de.md: provenance must be one of original,"),
        (
            "stories/01-flour/comments.en.toml",
            'parent = "baker"',
            'parent = "cook"',
            "no comment above has this id",
        ),
        ("stories/01-flour/comments.en.toml", 'reason = "Shouting"\n', "", "comment 3, reason is missing"),
        ("stories/01-flour/comments.en.toml", 'id = "baker"', 'id = "3"', "comment 2, parent is “baker”"),
    ],
)
def test_mistake_is_told_in_one_line_with_file_and_key(folder, file, old, new, said):
    change(folder / file, old, new)
    message = refusal(folder)
    assert said in message
    assert file in message or said.startswith(file)
    assert "\n" not in message


@pytest.mark.django_db
def test_line_of_a_mistake_in_a_head_is_the_line_of_the_file(folder):
    change(folder / "stories/01-flour/en.md", 'kicker = "Prices"', "kicker = Prices")
    assert "stories/01-flour/en.md: Invalid value (at line 3," in refusal(folder)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("stories/01-flour/english.md", "must be called after its language"),
        ("stories/01-flour/comments.fr.toml", "there is no text in this language to comment on"),
        ("pages/impressum.de.md", "must be called like imprint.en.md; purposes are imprint, privacy"),
        ("pages/imprint.md", "must be called like imprint.en.md"),
    ],
)
def test_file_with_a_wrong_name_is_refused(folder, name, said):
    write(folder / name, '+++\nheadline = "x"\ntitle = "x"\n+++\nx' if name.endswith(".md") else "")
    assert f"{name}: {said}" in refusal(folder)


@pytest.mark.django_db
def test_file_that_is_not_utf8_is_refused(folder):
    (folder / "tags.toml").write_bytes("[mühle]".encode("latin-1"))
    assert "tags.toml: is not UTF-8" in refusal(folder)


@pytest.mark.django_db
def test_story_without_texts_is_refused(folder):
    for path in (folder / "stories/01-flour").glob("*.md"):
        path.unlink()
    (folder / "stories/01-flour/comments.en.toml").unlink()
    assert "stories/01-flour: has no text" in refusal(folder)


@pytest.mark.django_db
def test_picture_that_is_none_is_refused_by_name(folder):
    (folder / "photos/wheel.jpg").write_bytes(b"no picture")
    with pytest.raises(CommandError, match=r"photos/wheel\.jpg: "):
        run(folder)


@pytest.mark.django_db
def test_missing_and_empty_folders_are_refused(tmp_path):
    assert "there is no such folder" in refusal(tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    assert "there are no seeds in this folder" in refusal(tmp_path / "empty")


# Times and texts


def test_time_of_day_is_that_of_the_site_on_both_sides_of_summer_time():
    zone = ZoneInfo("Europe/Zurich")
    now = datetime(2025, 3, 30, 12, 0, tzinfo=zone)  # clocks went forward that morning
    assert (
        When(days=1, clock=datetime(2025, 1, 1, 8, 30).time()).at(now, zone).isoformat()
        == "2025-03-29T08:30:00+01:00"
    )
    assert (
        When(days=-1, clock=datetime(2025, 1, 1, 8, 30).time()).at(now, zone).isoformat()
        == "2025-03-31T08:30:00+02:00"
    )
    assert When(hours=12.0).at(now, zone) == now - timedelta(hours=12)


def test_picture_of_a_text_is_a_figure_and_tables_have_headed_columns():
    html = to_html(
        '![A "wheel"](photo:wheel "x < y")\n\n| a | b |\n| --- | ---: |\n| 1 | 2 |',
        {"wheel": ADDRESS}.__getitem__,
    )
    assert (
        f'<figure class="image"><img src="{ADDRESS}" alt="A &quot;wheel&quot;"><figcaption>x &lt; y</figcaption>'
        in html
    )
    assert html.count('<th scope="col">') == 2


@pytest.mark.parametrize("text", ["See ![x](photo:wheel) there.", "![x](https://example.org/x.png)"])
def test_picture_elsewhere_is_refused(text):
    with pytest.raises(PhotoTrouble):
        to_html(text, {"wheel": ADDRESS}.__getitem__)


# The sample newspaper itself


def test_paper_has_what_a_paper_has():
    seeds = read_folder(SEEDS)
    languages = [{version.language for version in story.versions} for story in seeds.stories]
    assert len(seeds.stories) >= 16
    assert sum(found == {"en", "de", "fr"} for found in languages) >= 7
    assert len(seeds.photos) >= 10
    assert len(seeds.tags) >= 12
    assert len(seeds.authors) >= 6
    assert len(seeds.raw) >= 2
    for thing in (*seeds.sections, *seeds.tags, *seeds.authors, *seeds.pages):
        assert set(thing.words) == {"en", "de", "fr"}, thing.key
    for photo in seeds.photos:
        assert set(photo.texts) == {"en", "de", "fr"}, photo.key
        assert photo.path.stat().st_size <= 250_000
    states = Counter(
        comment.state for story in seeds.stories for v in story.versions for comment in v.comments
    )
    assert set(states) == {"approved", "waiting", "rejected", "spam", "removed"}


def test_paper_uses_every_picture_tag_author_and_section():
    seeds = read_folder(SEEDS)
    versions = [version for story in seeds.stories for version in story.versions]
    assert {photo.key for photo in seeds.photos} == {story.photo for story in seeds.stories} - {""}
    assert {tag.key for tag in seeds.tags} == {tag for story in seeds.stories for tag in story.tags}
    assert {a.key for a in seeds.authors} == {name for version in versions for name, _role in version.bylines}
    assert {section.key for section in seeds.sections} == {story.section for story in seeds.stories}


def test_texts_are_typeset_as_their_language_is():
    for path in SEEDS.rglob("*.md"):
        if path.name == "README.md":
            continue
        text = path.read_text()
        assert "'" not in text, f"{path}: a straight apostrophe"
        if path.stem.endswith("fr"):
            assert not re.search(r" [;:!?»]|« ", text), f"{path}: a breaking space before a sign"
        else:
            assert "«" not in re.sub(r"<blockquote.*?</blockquote>", "", text, flags=re.DOTALL), path


def test_every_picture_can_be_read():
    for photo in read_folder(SEEDS).photos:
        with Image.open(photo.path, formats=["JPEG"]) as image:
            image.load()
            assert image.size == (1600, 1067), photo.key


def thumbnail(file: BinaryIO, focal: tuple[float, float]) -> Upload:
    """Read a picture small: what encoding all of them costs says nothing about the seeds."""
    small = io.BytesIO()
    with Image.open(file) as image:
        image.thumbnail((160, 160))
        image.save(small, "JPEG")
    small.seek(0)
    return read_upload(small, focal)


@pytest.mark.django_db
def test_whole_paper_loads_and_its_counters_are_true(monkeypatch):
    monkeypatch.setattr("newsroom.seeds.load.read_upload", thumbnail)
    call_command("demo_logins", stdout=io.StringIO())
    said = run()
    assert "Left out" not in said
    states = Counter(article.state for article in Article.objects.all())
    assert all(states[state] for state in ("live", "draft", "scheduled", "withdrawn"))
    assert Article.objects.filter(comment_count__gte=30).exists()
    assert max(Comment.objects.values_list("depth", flat=True)) >= 5
    assert Comment.objects.filter(language="ar", shown=True).exists()
    assert Comment.objects.exclude(user=None).exists()
    for article in Article.objects.all():
        assert article.comment_count == article.comments.shown().count()
    provenances = set(Article.objects.values_list("provenance", flat=True))
    assert {"original", "translated", "machine-reviewed", "imported"} <= provenances
    translated = Article.objects.exclude(provenance__in=["original", "imported"])
    assert all(article.translated_from.article.story_id == article.story_id for article in translated)
    assert {note.kind for article in Article.objects.all() for note in article.notes.all()} >= {
        "correction",
        "update",
    }
    assert Article.objects.exclude(republished_from="").exclude(canonical_url="").exists()
    assert Source.objects.filter(article_sources__is_public=False).exists()
    leads = FrontSlot.objects.filter(kind=FrontSlot.Kind.LEAD).values_list("article__language", flat=True)
    assert sorted(leads) == ["de", "en", "fr"]
    assert Article.objects.visible().exclude(series=None).exists()
    long_ones = sum(len(plain_text(article.body).split()) >= 300 for article in Article.objects.all())
    assert long_ones >= 30
    assert all(default_storage.exists(photo.file.name) for photo in Photo.objects.all())
    assert Section.objects.count() == 7
    assert Author.objects.count() == 11
    assert run() == "The sample content is loaded already.\n"
