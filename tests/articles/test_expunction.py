"""Expunction: a passage is taken out of everything that is kept of an article, and nothing readable is left of it."""

import json
import re
import unicodedata
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path as FilePath
from typing import Any

import pytest
from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.db import models
from django.test import Client
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from articles.blocks import split
from articles.expunction import MARK, Passage, fold
from articles.fields import sanitise
from articles.html import plain_text
from articles.models import (
    Article,
    Expunction,
    MistakeReport,
    Note,
    PhotoText,
    Remark,
    Revision,
    Sitting,
    Task,
    User,
)
from articles.models.expunctions import kept_texts
from newsroom.mail import send_later
from newsroom.models import LogEntry, Site
from newsroom.verbs import Refused
from tests import base
from tests.articles import readers
from tests.articles.admin import change, fields_of, page, send, text_of
from tests.pages.base import ask, cached
from tests.pages.conftest import store as store

WORDS = "Ida Brandt of Mill Lane 7"
REASON = "A court asked for it."


# The text


@pytest.mark.parametrize(
    ("body", "passage", "left"),
    [
        ("<p>Call <em>Ida</em> Brandt now.</p>", "Ida Brandt", "<p>Call <em>[…]</em> now.</p>"),
        ("<p>A&amp;B&#8217;s &lt;co&gt; stays.</p>", "A&B’s <co>", "<p>[…] stays.</p>"),
        ("<p>A&amp;B&#8217;s co</p>", "A&B's co", "<p>[…]</p>"),
        ("<p>Ida&nbsp;Bra\u00adndt\u200b came</p>", "Ida Brandt", "<p>[…]\u200b came</p>"),
        ("<p>Ida  \n Brandt came</p>", "Ida Brandt", "<p>[…] came</p>"),
        ("<p>Ida<br>Brandt<br>came</p>", "Ida Brandt", "<p>[…]<br>came</p>"),
        ("<p>I met Ida</p><p>Brandt there</p>", "Ida Brandt", "<p>I met […]</p>\n<p>there</p>"),
        ("<p>one</p><p>Ida</p><p>two</p>", "one Ida two", "<p>[…]</p>"),
        ("<ul><li>Ida</li><li>Brandt</li><li>x</li></ul>", "Ida Brandt", "<ul><li>[…]</li><li>x</li></ul>"),
        ('<p>See <a href="https://a.org/x">Ida</a>.</p>', "Ida", "<p>See […].</p>"),
        (
            '<p>See <a href="https://a.org/x">the Ida page</a>.</p>',
            "Ida",
            '<p>See <a href="https://a.org/x">the […] page</a>.</p>',
        ),
        ('<p>See <a href="https://a.org/Ida%20B">her</a>.</p>', "Ida B", "<p>See her.</p>"),
        ("<p>Café and cafe\u0301</p>", "café", "<p>Café and […]</p>"),
        ("<p>Caf\u00e9 one</p>", "Cafe\u0301 one", "<p>[…]</p>"),
        ("<p>Ida and ida</p>", "Ida", "<p>[…] and ida</p>"),
        ("<p>aaaaa</p>", "aa", "<p>[…][…]a</p>"),
        ("<p>a a […] b b</p>", "a […] b", "<p>[…]</p>"),
    ],
)
def test_a_passage_is_found_whatever_stands_between(body: str, passage: str, left: str) -> None:
    body = sanitise(body)
    assert Passage(passage).is_in_body(body)
    assert Passage(passage).taken_from_body(body) == left
    assert not Passage(passage).is_in_body(left)
    assert list(Passage(passage).excerpts_of_body(body))


@pytest.mark.parametrize("body", ["<p>café</p>", "<p>cafe\u0301</p>", "<p>Cafe</p>", "<p>ca-fe</p>"])
def test_another_word_is_not_the_passage(body: str) -> None:
    body = sanitise(body)
    assert not Passage("cafe").is_in_body(body)
    assert Passage("cafe").taken_from_body(body) == body


def test_the_text_of_a_picture_is_text() -> None:
    uid = "0b6e3a52-7b0e-4a54-9d1e-5d0d6a4a7c11"
    image = f'<img src="/admin/articles/photo/{uid}/file/" alt="{{}}">'
    body = sanitise(
        f"<figure>{image.format('Ida &amp; Otto')}<figcaption>By Ida &amp; Otto</figcaption></figure>"
    )
    left = Passage("Ida & Otto").taken_from_body(body)
    assert left.count(MARK) == 2
    assert sanitise(left) == left
    assert image.format(MARK) in left


def test_a_replacement_is_text_and_no_markup() -> None:
    left = Passage("Ida", '<b onclick="x">a & b</b>').taken_from_body("<p>Ida came</p>")
    assert plain_text(left) == '<b onclick="x">a & b</b> came'
    assert sanitise(left) == left


def test_blocks_keep_their_keys() -> None:
    body = sanitise("<p>One.</p><p>Ida</p><h2>Two Ida</h2><p>Three.</p>")
    stored = [{"key": f"k{n}", "kind": b.kind, "digest": b.digest} for n, b in enumerate(split(body))]
    left, blocks = Passage("Ida Two Ida").taken_from_blocks(body, stored)
    assert [block.html for block in split(left)] == ["<p>One.</p>", "<p>[…]</p>", "<p>Three.</p>"]
    assert [block["key"] for block in blocks] == ["k0", "k1", "k3"]
    assert [block["digest"] for block in blocks] == [block.digest for block in split(left)]


LETTERS = st.text(alphabet="abé e\u0301ßü\u00ad\u00a0 &<>\"'’«.\n한ก็کی", max_size=12)


BLOCKS = [
    *("<p>{}</p>", "<p>a {}</p>", "<h2>{}</h2>", "<pre>{}</pre>", "<blockquote><p>{}</p></blockquote>"),
    *("<ul><li>{}</li><li>a</li></ul>", "<table><tr><td>{}</td><td>b</td></tr></table>"),
]


@st.composite
def bodies(draw: Callable) -> str:
    """Make a sanitised body of all kinds of blocks and markup."""
    inline = st.sampled_from(
        ["{}", "<em>{}</em>", "<strong>a{}</strong>", '<a href="/x">{}</a>', "{}<br>b", "<q>{}</q>"]
    )
    block = st.sampled_from(BLOCKS)
    html = ""
    for _number in range(draw(st.integers(1, 4))):
        text = "".join(
            draw(inline).format(draw(LETTERS).replace("&", "&amp;").replace("<", "&lt;"))
            for _number in range(draw(st.integers(1, 4)))
        )
        html += draw(block).format(text)
    return sanitise(html)


def _bare(text: str) -> str:
    return re.sub(r"\s", "", fold(text))


@settings(max_examples=150, deadline=None)
@given(data=st.data(), body=bodies())
def test_any_passage_of_any_body_is_gone_and_all_else_stays(data: Any, body: str) -> None:
    text = plain_text(body)
    start = data.draw(st.integers(0, max(len(text) - 1, 0)))
    cut = text[start : data.draw(st.integers(start, len(text)))].strip()
    passage = Passage(cut)
    if not _bare(cut) or passage.is_in(MARK) or not passage.is_in_body(body):
        return  # nothing visible, or half a letter
    left = passage.taken_from_body(body)
    assert sanitise(left) == left
    assert not passage.is_in_body(left)
    assert not passage.is_in(plain_text(left))
    # By other means than the code's own: it stands nowhere as a whole word of letters.
    needle = unicodedata.normalize("NFC", " ".join(cut.split()))
    plain = unicodedata.normalize("NFC", " ".join(plain_text(left).split()))
    for found in re.finditer(re.escape(needle), plain):
        # A soft hyphen draws nothing: a mark behind it stands on the letter before it, and makes it another one.
        following = next((sign for sign in plain[found.end() :] if unicodedata.category(sign) != "Cf"), "")
        assert following
        assert unicodedata.category(following)[0] == "M" or "\u1160" <= following <= "\u11ff"
    # What is left, mark by mark, stands in the same order in what was there.
    at, before = 0, _bare(text)
    for part in _bare(plain_text(left)).split(_bare(MARK)):
        at = before.find(part, at)
        assert at >= 0, (text, cut, plain_text(left))
        at += len(part)
    # No more is gone than the passages.
    gone = _bare(plain_text(left)).count(_bare(MARK)) - before.count(_bare(MARK))
    assert len(before) == len(_bare(plain_text(left))) + gone * (len(_bare(cut)) - len(_bare(MARK)))


# What an article keeps


@pytest.fixture
def article(db: None, chief: User, journalist: User) -> Article:
    """Return a live article that holds the passage wherever people can write."""
    Site.objects.create(name="Newsroom")
    photo = readers.photo()
    type(photo).objects.update(credit="Otto Lang")
    figure = f'<figure><img src="{photo.editor_address}" alt="{WORDS} at sea"><figcaption>{WORDS}</figcaption></figure>'
    made = base.published(
        by=journalist,
        at=timezone.now() - timedelta(days=2),
        headline=f"News of {WORDS}",
        kicker="Ida Brandt of Mill Lane 7",
        standfirst=f"So said {WORDS}.",
        body=f"<p>First.</p><p>It was <em>Ida</em> Brandt of\u00a0Mill Lane&nbsp;7.</p>{figure}<p>Last.</p>",
        slug="news",
        dateline=WORDS,
        reviewed_by=WORDS,
        republished_from=WORDS,
        canonical_url="https://example.org/Ida%20Brandt%20of%20Mill%20Lane%207",
        search_title=WORDS,
        search_description=f"About {WORDS}",
        bylines=[(base.author(), "author")],
        tags=[base.tag("Ferries")],
        photo=photo,
    )
    made.save_revision(by=journalist, headline=f"Other news of {WORDS}")
    made.publish(by=None)
    made.add_note(by=None, kind=Note.Kind.REPLY, text=f"{WORDS}: never.", author=WORDS)
    made.add_note(by=None, kind=Note.Kind.CORRECTION, text=f"It was not {WORDS}.").remove(
        by=None, reason=f"{WORDS} asked."
    )
    made.add_note(by=None, kind=Note.Kind.CORRECTION, text=f"It was {WORDS} after all.")
    Remark.objects.create(article=made, text=f"Ask {WORDS}", created_by=journalist)
    Remark.objects.create(article=made, text="?", quote=WORDS, block="x", created_by=journalist)
    Task.make(article=made, kind="review", text=f"Call {WORDS}", by=None)
    report = MistakeReport.send(made, text=f"{WORDS} is wrong.", name=WORDS, email="ida@example.org")
    report.settle(by=None, answer=f"Thank you, {WORDS}.")
    made.draft_links.create(
        for_whom=WORDS, created_by=journalist, expires_at=timezone.now() + timedelta(days=1)
    )
    Sitting.objects.create(
        user=journalist,
        article=made,
        language="en",
        fields=[
            ["headline", WORDS],
            ["body", "<div>Ida&#32;Brandt of <b>Mill</b> Lane 7</div>"],
            ["slug", "x"],
        ],
        saved_at=timezone.now(),
    )
    made.withdraw(by=None, reason=f"{WORDS} sued.")
    made.reinstate(by=None)
    made.save_revision(by=journalist, standfirst=f"{WORDS} said nothing.")
    made.publish(by=None, at=timezone.now() + timedelta(days=1))
    # The mail has gone, and with it the row.
    apps.get_model("newsroom", "Mail").objects.all().delete()
    made.refresh_from_db()
    return made


def traces(text: str) -> bool:
    """Return whether something readable of the passage stands in a text, in whatever writing."""
    text = re.sub(r"<[^>]*>", "", text)
    for _time in range(2):
        text = text.replace("&nbsp;", " ").replace("&#x27;", "'").replace("\\u00a0", " ").replace("%20", " ")
    return "Mill Lane 7" in " ".join(text.split()) or "Ida Brandt" in " ".join(text.split())


def in_tables() -> Iterator[str]:
    """Yield each column of each model of which a row holds the passage: all text and all JSON of the database."""
    for model in apps.get_models(include_auto_created=True):
        if not model._meta.managed:
            continue
        for field in model._meta.concrete_fields:
            if not isinstance(
                field, (models.CharField, models.TextField, models.JSONField, models.FileField)
            ):
                continue
            for value in model._base_manager.values_list(field.attname, flat=True):
                if traces(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)):
                    yield f"{model._meta.label}.{field.name}"
                    break


def test_every_table_is_looked_at_and_holds_it_before(article: Article) -> None:
    """Shows that the dump finds what is there: every column that the expunction goes through holds the passage."""
    found = set(in_tables())
    named = {f"{rows.model._meta.label}.{name}" for rows, names in kept_texts(article) for name in names}
    assert named - found == {"articles.Expunction.reason", "articles.MistakeReport.email"}
    assert found <= named


def test_nothing_readable_is_left_in_any_table(article: Article, chief: User) -> None:
    expunction = article.expunge(by=chief, passage=WORDS, reason=REASON)
    assert set(in_tables()) == set()
    assert expunction.found == {
        "article": 1,
        "revision": 3,
        "note": 3,
        "remark": 2,
        "task": 1,
        "mistakereport": 1,
        "withdrawal": 1,
        "draftlink": 1,
        "sitting": 1,
    }
    entry = LogEntry.objects.get(verb="article.expunge")
    assert entry.details == {
        "expunction": expunction.pk,
        "digest": Passage(WORDS).digest,
        "found": expunction.found,
    }


def test_no_column_of_an_article_is_forgotten(article: Article) -> None:
    """A new column, or a new model that hangs on an article, has to say here whether people write in it."""
    named = {(rows.model, name) for rows, names in kept_texts(article) for name in names}
    # Not words of people: names of states, digests, keys, addresses of ours.
    made = {"language", "slug", "path", "target", "stage", "provenance", "kind", "state", "role", "block"}
    made |= {
        "fingerprint",
        "digest",
        "blocks",
        "bylines",
        "tags",
        "sources",
        "found",
        "comments_mode",
        "flood_mode",
    }
    missing = set()
    for relation in [None, *Article._meta.related_objects]:
        model = relation.related_model if relation else Article
        if model._meta.app_label != "articles" or (relation and relation.field.name == "translated_from"):
            continue  # comments are looked at in the queue
        for field in model._meta.concrete_fields:
            texts = (models.CharField, models.TextField, models.JSONField)
            if isinstance(field, texts) and field.name not in made and (model, field.name) not in named:
                missing.add(f"{model._meta.label}.{field.name}")
    assert missing == set()


def addresses_of(article: Article) -> list[str]:
    own = [f"{article.path}{name}" for name in ("", "changes/", "mistake/", "comments.xml", "comments/")]
    lists = [
        "",
        "feed.xml",
        "feed.json",
        "corrections/",
        "corrections/feed.xml",
        "discussed/",
        "tag/ferries/",
    ]
    return [
        *own,
        *(f"/en/{name}" for name in lists),
        *("/en/politics/", "/en/author/nora-feld/", "/news-sitemap.xml", "/sitemap-1.xml"),
        *(f"/en/archive/{article.published_at:%Y/%m}/", "/en/search/?q=Mill+Lane", "/en/search/?q=news"),
    ]


def desk_addresses_of(article: Article) -> list[str]:
    numbers = range(1, article.newest_revision().number + 1)
    return [
        *(
            page(article, name)
            for name in ("change", "history", "notes", "preview", "compare", "withdraw", "share")
        ),
        *(page(article, f"revision/{number}") for number in numbers),
        *(f"{page(article, 'preview')}?revision={number}" for number in numbers),
        *(
            f"{page(article, 'compare')}?old={old}&new={new}"
            for old in numbers
            for new in numbers
            if old < new
        ),
        *(
            "/admin/",
            "/admin/articles/article/",
            "/admin/articles/mistakereport/",
            "/admin/newsroom/logentry/",
        ),
        *(f"/admin/articles/mistakereport/{row.pk}/change/" for row in article.mistake_reports.all()),
    ]


@pytest.mark.postgresql_later
def test_no_page_shows_anything_of_it(client: Client, article: Article, chief: User, login: Callable) -> None:
    desk = login(chief)
    before = {address for address in addresses_of(article) if traces(text_of(client.get(address)))}
    assert before >= {article.path, f"{article.path}changes/", "/en/", "/en/feed.xml", "/en/corrections/"}
    assert traces(text_of(desk.get(page(article, "compare"))))
    article.expunge(by=chief, passage=WORDS, reason=REASON)
    for address in addresses_of(article):
        response = client.get(address)
        assert response.status_code in (200, 302, 404), address
        asked = "Mill Lane"
        assert not traces(
            text_of(response).replace(asked, "") if "q=Mill" in address else text_of(response)
        ), address
    for address in desk_addresses_of(article):
        response = desk.get(address)
        assert response.status_code == 200, address
        assert not traces(text_of(response)), address
    assert "[…]" in text_of(client.get(article.path))
    assert "No article was found" in text_of(client.get("/en/search/?q=%22Mill+Lane%22"))


@pytest.mark.postgresql_later
def test_a_link_to_a_draft_shows_it_gone(client: Client, chief: User) -> None:
    draft = base.draft(body=f"<p>It was {WORDS}.</p>")
    link = draft.share_draft(
        by=None, expires_at=timezone.now() + timedelta(days=1), revision=draft.newest_revision()
    )
    assert traces(text_of(client.get(link.get_absolute_url())))
    draft.expunge(by=chief, passage=WORDS, reason=REASON)
    assert not traces(text_of(client.get(link.get_absolute_url())))


@pytest.mark.postgresql_later
@pytest.mark.django_db(transaction=True)
def test_no_stored_page_keeps_it(store: Any, article: Article, client: Client) -> None:
    from django.core.wsgi import get_wsgi_application

    cache = cached(get_wsgi_application(), store)
    for address in addresses_of(article):
        path, _mark, query = address.partition("?")
        ask(cache, path, query)

    def stored() -> list[str]:
        files = [file for file in FilePath(store.folder).rglob("*") if file.is_file()]
        return [file.name for file in files if traces(file.read_bytes().decode(errors="replace"))]

    assert len(stored()) >= 5
    article.expunge(by=None, passage=WORDS, reason=REASON)
    assert stored() == []


# What the verb refuses, and what becomes of the revisions


def small(**content: Any) -> Article:
    return base.published(body=f"<p>It was {WORDS}.</p>", **content)


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"passage": "Nobody"}, "stands nowhere"),
        ({"passage": " a\u00ad b "}, "too short"),
        ({"passage": "x" * 5001}, "too long"),
        ({"replacement": f"not {WORDS}"}, "holds the passage itself"),
        ({"reason": f"Because of {WORDS}."}, "would be kept"),
        ({"passage": "Harbour reopens"}, "Nothing would be left of a headline"),
    ],
)
def test_what_is_refused_changes_nothing(chief: User, given: dict[str, str], reason: str) -> None:
    article = small(headline="Harbour reopens!")
    before = list(Revision.objects.values())
    with pytest.raises(Refused, match=reason):
        article.expunge(by=chief, **{"passage": WORDS, "reason": REASON} | given)
    assert list(Revision.objects.values()) == before
    assert not Expunction.objects.exists()
    assert not LogEntry.objects.filter(verb="article.expunge").exists()


def test_a_headline_that_nobody_sees_may_be_emptied(chief: User) -> None:
    draft = base.draft(headline=WORDS)
    draft.expunge(by=chief, passage=WORDS, reason=REASON)
    draft.refresh_from_db()
    assert draft.headline == MARK


def test_a_replacement_that_brings_it_back_is_refused(chief: User) -> None:
    article = base.published(body="<p>" + "a" * 60 + "b" * 60 + "</p>")
    with pytest.raises(Refused, match="brings the passage back"):
        article.expunge(by=chief, passage="aab", reason=REASON, replacement="ab")
    article.refresh_from_db()
    assert MARK not in article.body


def test_a_replacement_that_is_too_long_for_a_column_gives_way_to_the_mark(chief: User) -> None:
    article = small(kicker="Of Mill Lane 7 here")
    article.expunge(by=chief, passage="Mill Lane 7", reason=REASON, replacement="a house " * 8)
    article.refresh_from_db()
    assert article.kicker == "Of […] here"
    assert "a house a house" in article.body


def test_only_a_chief_of_that_language_may(editor: User, chief: User, login: Callable) -> None:
    article = small()
    for user in (editor, base.person("dora", "Chief", languages=["fr"])):
        with pytest.raises(PermissionDenied):
            article.expunge(by=user, passage=WORDS, reason=REASON)
        assert login(user).get(page(article, "expunge")).status_code == 403
    article.expunge(by=chief, passage=WORDS, reason=REASON)


def test_sent_twice_it_is_one(chief: User) -> None:
    article = small()
    first = article.expunge(by=chief, passage=WORDS, reason=REASON)
    assert article.expunge(by=chief, passage=f" {WORDS} ", reason=REASON) == first
    assert LogEntry.objects.filter(verb="article.expunge").count() == 1
    assert article.revisions.count() == 2


def test_what_fails_in_the_middle_changes_nothing(chief: User, monkeypatch: pytest.MonkeyPatch) -> None:
    article = small()

    def broken(self: Article) -> None:
        raise RuntimeError

    monkeypatch.setattr(Article, "_index", broken)
    with pytest.raises(RuntimeError):
        article.expunge(by=chief, passage=WORDS, reason=REASON)
    assert traces(Article.objects.get().body)
    assert traces(Revision.objects.get().body)


def test_the_newest_revision_gets_another_number_and_stays_live(client: Client, chief: User) -> None:
    article = small()
    keys = [block["key"] for block in article.live_revision.blocks]
    article.expunge(by=chief, passage=WORDS, reason=REASON)
    article.refresh_from_db()
    newest = article.newest_revision()
    assert (newest.number, article.live_revision, newest.created_by) == (2, newest, chief)
    assert not article.has_newer_draft()
    assert article.updated_at == newest.published_at == Expunction.objects.get().at
    assert [block["key"] for block in newest.blocks] == keys
    assert [block["digest"] for block in newest.blocks] == [block.digest for block in split(newest.body)]
    assert newest.same_as(article.revisions.get(number=1))
    # The history compares nothing with nothing, and does not say that nothing happened.
    text = text_of(client.get(f"{article.path}changes/"))
    assert "Nothing that readers read here has changed" not in text


def test_a_revision_that_does_not_hold_it_needs_no_other(chief: User) -> None:
    article = small()
    article.save_revision(by=None, body="<p>Somebody.</p>")
    article.publish(by=None)
    article.expunge(by=chief, passage=WORDS, reason=REASON)
    article.refresh_from_db()
    assert (article.revisions.count(), article.live_revision.number) == (2, 2)
    assert not traces(article.revisions.get(number=1).body)


def test_a_schedule_stays_a_schedule(chief: User) -> None:
    at = timezone.now() + timedelta(days=1)
    article = base.published(at=at, headline=f"News of {WORDS}")
    article.expunge(by=chief, passage=WORDS, reason=REASON)
    article.refresh_from_db()
    assert (article.published_at, article.updated_at) == (at, None)
    assert {row.number: row.published_at for row in article.revisions.all()} == {1: None, 2: at}
    assert article.live_revision.number == 2


def test_a_change_to_come_comes_without_it(chief: User) -> None:
    article = base.published()
    article.save_revision(by=None, headline=f"News of {WORDS}")
    article.publish(by=None, at=timezone.now() + timedelta(days=1))
    article.expunge(by=chief, passage=WORDS, reason=REASON)
    article.refresh_from_db()
    assert (article.pending_revision.number, article.pending_revision.headline) == (3, f"News of {MARK}")
    assert article.live_revision.number == 1


# A form that was open meanwhile


BODY = f"<p>One.</p><p>It was {WORDS} on the quay that day.</p><p>Three.</p><p>{WORDS}</p>"


def opened(desk: Client, article: Article) -> dict[str, Any]:
    return fields_of(desk.get(change(article)))


@pytest.mark.postgresql_later
def test_a_form_that_was_open_brings_nothing_back_by_itself(
    chief: User, editor: User, login: Callable
) -> None:
    article, desk = base.draft(body=BODY), login(editor)
    typed = opened(desk, article) | {"kicker": "Mine"}
    article.expunge(by=chief, passage=WORDS, reason=REASON)
    answer = desk.post(change(article), typed)
    text = text_of(answer)
    assert answer.status_code == 200
    assert "A passage was expunged from this article since you opened this form" in text
    assert not any(traces(revision.body) for revision in article.revisions.all())
    # Each of the two blocks is asked for, and the kicker; who takes the other side of the text saves it without.
    choices = dict(re.findall(r'name="(choice-[0-9a-f]+)"[^>]*value="(theirs-[0-9a-f]+)"', text))
    mine = dict(re.findall(r'name="(choice-[0-9a-f]+)"[^>]*value="(mine-[0-9a-f]+)"', text))
    assert len(choices) == 3
    again = fields_of(answer) | choices
    kicker = next(
        name for name in mine if "Mine" in text.partition(f'"{name}"')[2].partition("</fieldset>")[0]
    )
    again[kicker] = mine[kicker]
    saved = desk.post(change(article), again)
    if saved.status_code == 200:  # the merge is shown first
        saved = desk.post(change(article), fields_of(saved))
    assert saved.status_code == 302
    newest = article.newest_revision()
    assert newest.kicker == "Mine"
    assert not traces(newest.body)
    assert set(in_tables()) == set()


@pytest.mark.postgresql_later
def test_a_form_opened_before_on_an_older_revision_is_asked_too(
    chief: User, editor: User, login: Callable
) -> None:
    """The newest revision holds nothing of it; the one that the form began from did."""
    article, desk = base.draft(body=BODY), login(editor)
    typed = opened(desk, article) | {"kicker": "Mine"}
    article.save_revision(by=None, body="<p>One.</p>")
    article.expunge(by=chief, passage=WORDS, reason=REASON)
    assert "A passage was expunged" in text_of(desk.post(change(article), typed))
    assert not any(traces(revision.body) for revision in article.revisions.all())


@pytest.mark.postgresql_later
def test_a_form_opened_afterwards_is_merged_as_ever(chief: User, editor: User, login: Callable) -> None:
    article, desk = base.draft(body=BODY), login(editor)
    article.expunge(by=chief, passage=WORDS, reason=REASON)
    typed = opened(desk, article) | {"kicker": "Mine"}
    article.save_revision(by=None, standfirst="Theirs.")
    text = text_of(desk.post(change(article), typed))
    assert "A passage was expunged" not in text
    assert "Their changes and yours stand together" in text


# The page


def look(desk: Client, article: Article, **given: str) -> Any:
    return send(desk, page(article, "expunge"), **{"passage": WORDS, "reason": REASON} | given)


@pytest.mark.postgresql_later
def test_the_page_shows_where_it_stands_before_anything_is_done(chief: User, login: Callable) -> None:
    article, desk = small(), login(chief)
    article.add_note(by=None, kind=Note.Kind.UPDATE, text=f"{WORDS} is well.")
    assert page(article, "expunge") in text_of(desk.get(change(article)))
    answer = look(desk, article)
    text = text_of(answer)
    assert f"<mark>{WORDS}</mark>" in text
    assert "In 1 revision, and in 1 other text at this article." in text
    assert traces(Article.objects.get().body)
    assert "no-store" in answer.headers["Cache-Control"]

    done = desk.post(page(article, "expunge"), fields_of(answer) | {"_confirm": ""}, follow=True)
    assert "The passage is taken out, for good." in text_of(done)
    assert not traces(Article.objects.get().body)
    assert Expunction.objects.get().reason == REASON
    assert not any(WORDS in str(value) for value in desk.session.values())
    again = desk.post(page(article, "expunge"), fields_of(answer) | {"_confirm": ""})
    assert again.status_code == 302
    assert Expunction.objects.count() == 1


def test_only_what_was_shown_is_taken_out(chief: User, login: Callable) -> None:
    article, desk = small(), login(chief)
    seen = fields_of(look(desk, article))
    # Another passage, something that came meanwhile, and a press without a look.
    for changed in ({"passage": "Mill Lane"}, {"seen": ""}, {"replacement": "a woman"}):
        answer = desk.post(page(article, "expunge"), seen | changed | {"_confirm": ""})
        assert "Take it out for good" in text_of(answer)
    article.save_revision(by=None, headline=f"News of {WORDS}")
    answer = desk.post(page(article, "expunge"), seen | {"_confirm": ""})
    assert "In 2 revisions." in text_of(answer)
    assert not Expunction.objects.exists()
    assert traces(Article.objects.get().body)


@pytest.mark.postgresql_later
def test_what_is_refused_loses_nothing_that_was_typed(chief: User, login: Callable) -> None:
    article, desk = small(), login(chief)
    for wrong, why in (
        ({"passage": "Nobody here"}, "stands nowhere"),
        ({"passage": "ab"}, "too short"),
        ({"reason": ""}, "Say why, without the passage."),
        ({"reason": f"For {WORDS}"}, "say why without it"),
    ):
        text = text_of(look(desk, article, replacement="somebody", **wrong))
        assert why in text
        assert 'value="somebody"' in text
        assert (wrong.get("passage") or WORDS) in text


@pytest.mark.postgresql_later
def test_the_page_names_what_stands_elsewhere(chief: User, login: Callable) -> None:
    photo = readers.photo()
    article, desk = small(photo=photo, headline="News", slug="news-of-ida-brandt"), login(chief)
    german = base.published(language="de", story=article.story, body=f"<p>Es war {WORDS}.</p>")
    PhotoText.objects.update_or_create(photo=photo, language="en", defaults={"caption": WORDS})
    send_later("reader@example.org", "Subject", f"It was {WORDS}.")
    text = text_of(look(desk, article))
    beside = text[text.index("It also stands elsewhere") :]
    assert page(german, "expunge") in beside
    assert f"/admin/articles/photo/{photo.pk}/change/" in beside
    assert "1 mail that waits to be sent" in beside
    assert "Readers’ comments are looked at in the moderators’ queue." in text
    assert "The address may spell it" not in text
    assert "news-of-ida-brandt" in text_of(look(desk, article, passage="Ida Brandt"))


@pytest.mark.postgresql_later
def test_a_question_of_any_kind_is_answered(chief: User, login: Callable) -> None:
    article, desk = small(), login(chief)
    for passage in (
        "\x00\ud800".encode(errors="replace").decode(),
        "<script>",
        "%s%d{}",
        "\u202e" * 9,
        "𝔘" * 3,
    ):
        answer = desk.post(page(article, "expunge"), {"passage": passage, "reason": "x", "_confirm": "1"})
        assert answer.status_code == 200
