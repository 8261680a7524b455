"""Search: words and queries, what is found and in which order, the index that follows every verb, the page."""

import re
from datetime import UTC, datetime, timedelta
from itertools import islice
from unittest import mock
from urllib.parse import quote, urlencode

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from articles.fields import MAX_LENGTH
from articles.models import Article, SearchDocument, Story
from articles.search import find
from articles.search.engine import engine
from articles.search.index import BITS, place_at
from articles.search.query import MAX_TERMS, parse
from articles.search.snippets import marked, snippet
from articles.search.words import fold, indexed
from newsroom.models import Site
from tests import base
from tests.articles import readers


@pytest.fixture
def site(db: None) -> Site:
    row = Site(languages=["en", "de", "fr"])
    row.save()
    return row


def found(text: str, language: str = "en", **bounds: object) -> list[Article]:
    """Return the visible articles that search finds, in its order."""
    ids = Article.objects.visible().search(parse(text, language, **bounds)).articles
    return [Article.objects.get(pk=pk) for pk in ids]


# Words


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Zürich", "zurich"),
        ("ZU\u0308RICH", "zurich"),
        ("Straße GROẞ", "strasse gross"),
        ("Œuvre Æther Ørsted Łódź", "oeuvre aether orsted lodz"),
        ("Çà Ñandú Ǻ", "ca nandu a"),
        ("İstanbul ışık", "istanbul isik"),
        ("ﬁn", "fin"),
        ("Häf\u00aden", "hafen"),
        ("ΑΘΉΝΑ Σοφός", "αθηνα σοφοσ"),
        ("مُحَمَّد", "محمد"),
        ("が か", "が か"),
        ("हिन्दी", "हिन्दी"),
    ],
)
def test_accents_and_case_are_folded(text, folded):
    assert fold(text) == folded


@pytest.mark.parametrize(
    ("language", "text", "words"),
    [
        ("en", "The elections: 2,5 km, Zurich’s a_b", "the elect 2 5 km zurich a b"),
        ("en", "election", "elect"),
        ("fr", "L’été, d'Aujourd’hui", "ete aujourd hui"),
        ("de", "Häuser Haus", "haus haus"),
        ("pt-br", "eleições eleição", "eleico eleica"),
        ("xx", "elections", "elections"),
        ("ja", "東京2025タワー", "東 京 2025 タ ワ ー"),
        ("ko", "한국어", "한 국 어"),
        ("th", "ข่าว", "ข า ว"),
        ("hi", "हिन्दी समाचार", "हिन्दी समाचार"),
        ("en", "½ \x00 😀 — …", "1 2"),
    ],
)
def test_words_are_what_the_index_has(language, text, words):
    assert " ".join(indexed(text, language)) == words


def test_a_run_of_letters_without_end_is_cut():
    assert len(indexed("x" * 100_000, "xx")[0]) == 64


@given(st.text())
def test_words_hold_nothing_that_an_engine_could_misread(text):
    for language in ("en", "fr", "ja", "tr", "xx"):
        for word in indexed(text, language):
            assert word
            assert not re.search(r"[\s\0\"'\\:*^(){}=&|!<>+-]", word)


# Queries


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("harbour ferry", [("harbour",), ("ferri",)]),
        ('"harbour ferry" boat', [("harbour", "ferri"), ("boat",)]),
        ("„harbour ferry“ «at six» bus", [("harbour", "ferri"), ("at", "six"), ("bus",)]),
        ('boat "harbour ferry', [("boat",), ("harbour",), ("ferri",)]),
        ("covid-19", [("covid", "19")]),
        ("boat BOATS boat", [("boat",)]),
        ("NOT boat OR NEAR(a* b)", [("not",), ("boat",), ("near", "a"), ("b",)]),
        ("", []),
        (' "" “” \x00 -- *', []),
    ],
)
def test_query_is_words_and_phrases(text, terms):
    assert list(parse(text, "en").terms) == terms


@pytest.mark.parametrize(
    ("language", "text", "terms"),
    [
        ("en", "The harbour of Zürich", [("harbour",), ("zurich",)]),
        ("en", "to be or not to be", [("not",)]),
        ("en", '"the who" in town', [("the", "who"), ("town",)]),
        ("fr", "les ports de l’île en été", [("port",), ("ile",), ("ete",)]),
        ("de", "über die Brücke", [("bruck",)]),
        ("en", "to be or to be", [("to",), ("be",), ("or",)]),
        ("en", "John Doe does", [("john",), ("doe",)]),
        ("fr", "Dan dans l’eau", [("dan",), ("eau",)]),
        ("ja", "the", [("the",)]),
    ],
)
def test_small_words_are_left_out_unless_there_are_no_others(language, text, terms):
    assert list(parse(text, language).terms) == terms


def test_query_is_bounded_and_says_so():
    many = parse(" ".join(f"w{n}" for n in range(30)), "en")
    long = parse("x" * 10_000, "en")

    assert len(many.terms) == MAX_TERMS
    assert many.is_cut
    assert long.is_cut
    assert [len(term) for term in parse("東" * 10_000, "ja").terms] == [200]
    assert len(long.terms) == 1
    assert not parse("two words", "en").is_cut


# Finding


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "text", "query"),
    [
        ("en", "Trams in Zürich", "zurich"),
        ("en", "Trams in Zurich", "ZÜRICH"),
        ("en", "The elections are over", "election"),
        ("en", "The tram runs", "running trams"),
        ("de", "Die Häuser am Fluss", "haus"),
        ("de", "Die Straße", "strasse"),
        ("fr", "Le tramway de l’été", "été"),
        ("fr", "Aujourd'hui la réouverture", "aujourd’hui reouverture"),
        ("fr", "Les élections", "élection"),
        ("ja", "東京タワー", "京タ"),
        ("pt-br", "São Paulo", "sao paulo"),
        ("en", "The covid-19 report", "COVID-19"),
    ],
)
@pytest.mark.parametrize("part", ["headline", "standfirst", "body"])
def test_article_is_found_by_its_words(language, text, query, part):
    section = base.section({language: "News"})
    base.published(language=language, headline="Something", section=section)
    content = {part: f"<p>{text}</p>" if part == "body" else text}
    wanted = base.published(**{"headline": "x", "language": language, "section": section, **content})

    assert found(query, language) == [wanted]


@pytest.mark.django_db
def test_all_words_must_be_there_wherever_they_stand():
    wanted = base.published(headline="Tram", standfirst="Red.", body="<p>Bridge</p>")
    base.published(headline="Tram", standfirst="Red.", body="<p>Tunnel</p>")

    assert found("bridge red tram") == [wanted]
    assert found("bridge blue tram") == []


@pytest.mark.django_db
def test_phrase_stands_side_by_side_and_in_one_part():
    wanted = base.published(headline="The red tram")
    base.published(headline="The tram is red")
    base.published(headline="All is red", standfirst="Tram to the sea")

    assert found('"red tram"') == [wanted]
    assert len(found("red tram")) == 3


@pytest.mark.django_db
def test_words_of_two_paragraphs_are_two_words():
    article = base.published(headline="x", body="<p>Harbour</p><p>Ferry</p>")

    assert found("harbour") == found("ferry") == [article]


@pytest.mark.django_db
def test_headline_ranks_above_standfirst_above_body_then_the_newest():
    now = timezone.now()
    words = {"standfirst": "Nothing.", "body": "<p>Nothing.</p>", "headline": "Nothing"}
    body, headline, standfirst, old_headline = (
        base.published(at=now - timedelta(minutes=age), **{**words, part: text})
        for part, text, age in (
            ("body", "<p>tram tram tram tram tram tram tram</p>", 1),
            ("headline", "A tram for everyone who lives on the long road to the hills", 3),
            ("standfirst", "A tram.", 2),
            ("headline", "Tram", 9),
        )
    )

    assert found("tram") == [headline, old_headline, standfirst, body]


@pytest.mark.django_db
def test_each_word_counts_at_its_best_spot():
    both = base.published(headline="Red tram", at=timezone.now() - timedelta(days=9))
    one = base.published(headline="The tram", body="<p>It is red.</p>")

    assert found("red tram") == [both, one]
    assert found("tram") == [one, both]

    twice = base.published(headline="Tram", standfirst="A tram.")
    assert found("tram") == [twice, one, both]


@pytest.mark.django_db
def test_only_its_own_language_is_searched():
    base.published(language="de", headline="Tram")

    assert found("tram", "en") == []
    assert len(found("tram", "de")) == 1


@pytest.mark.django_db
def test_facts_are_no_words():
    article = base.published(headline="Tram", tags=[base.tag("Rail")])

    for word in ("len", f"s{article.section_id}", "=len", f"t{base.tag('Rail').pk}"):
        assert found(word) == []


@pytest.mark.django_db
def test_bounds_hold():
    tag, author, other = base.tag("Rail"), base.author(), base.section({"en": "Culture"})
    at = datetime(2025, 7, 11, 12, tzinfo=UTC)
    wanted = base.published(
        headline="Tram", section=base.section(), tags=[tag], bylines=[(author, "author")], at=at
    )
    newer = base.published(headline="Tram", section=other, at=at + timedelta(seconds=1))

    assert found("tram", section=wanted.section_id) == [wanted]
    assert found("tram", section=other.pk) == [newer]
    assert found("tram", tag=tag.pk) == found("tram", author=author.pk) == [wanted]
    assert found("tram", tag=tag.pk, section=other.pk) == []
    assert found("tram", until=at) == found("tram", since=at + timedelta(seconds=2)) == []
    assert found("tram", until=at + timedelta(seconds=1)) == [wanted]
    assert found("tram", since=at + timedelta(seconds=1)) == [newer]
    assert found("tram", since=at) == [newer, wanted]


@pytest.mark.django_db
def test_only_the_newest_matches_are_ranked_and_the_answer_says_so(monkeypatch):
    monkeypatch.setattr(find, "NEWEST", 3)
    now = timezone.now()
    base.published(headline="Tram", at=now - timedelta(days=5))
    newest = [
        base.published(headline="x", standfirst="Tram.", at=now - timedelta(days=n)) for n in range(1, 4)
    ]

    result = Article.objects.visible().search(parse("tram", "en"))

    assert result.articles == [article.pk for article in newest]
    assert result.is_cut


@pytest.mark.django_db
def test_articles_older_than_computers_are_found():
    old = base.published(headline="Tram", at=datetime(1855, 3, 1, tzinfo=UTC))
    new = base.published(headline="Tram", at=datetime(1999, 3, 1, tzinfo=UTC))

    assert found("tram") == [new, old]


@pytest.mark.django_db
def test_longest_article_of_many_different_words_is_found():
    letters = "abcdefghijklmnopqrstuvwxyzабвгдежзийклмнопрстуфхцчшщэюя"
    words = (a + b + c for a in letters for b in letters for c in letters)
    text = " ".join(islice(words, (MAX_LENGTH - 10) // 4))

    article = base.published(
        headline="x", language="xx", section=base.section({"xx": "x"}), body=f"<p>{text}</p>"
    )

    assert found(text[-3:], "xx") == found(text[:3], "xx") == [article]


@pytest.mark.django_db
def test_two_articles_that_want_one_place_get_two():
    at = timezone.now() - timedelta(hours=1)
    first = base.published(headline="Tram", at=at)
    second = base.draft(headline="Tram")
    taken = place_at(at) + second.pk % (1 << BITS)
    SearchDocument.objects.filter(article=first).update(place=taken)
    engine().erase(place_at(at) + first.pk % (1 << BITS))
    first.save_revision(by=None, headline="Tram again")
    first.publish(by=None)

    second.publish(by=None, at=at)

    assert set(found("tram")) == {first, second}
    assert len(set(SearchDocument.objects.values_list("place", flat=True))) == 2


# Nothing leaks


@pytest.mark.django_db
def test_what_readers_may_not_see_is_neither_found_nor_counted(client, site):
    base.draft(headline="Tram draft")
    base.published(headline="Tram to come", at=timezone.now() + timedelta(hours=1))
    unpublished = base.published(headline="Tram unpublished")
    unpublished.unpublish(by=None)
    withdrawn = base.published(headline="Tram withdrawn")
    withdrawn.withdraw(by=None, reason="wrong")
    live = base.published(headline="Tram live")
    live.save_revision(by=None, headline="Tram secret")

    page = client.get("/en/search/?q=tram").text

    assert found("tram") == [live]
    assert "1 article" in page
    for word in ("draft", "to come", "unpublished", "withdrawn", "secret"):
        assert word not in page.partition("<h1")[2]
        assert found(word) == [] or word == "to come"


@pytest.mark.django_db
@pytest.mark.parametrize("field", ["embargo_until", "withdrawn_at"])
def test_the_rule_holds_even_where_the_index_does_not_know(client, site, field):
    article = base.published(headline="Tram")
    Article.objects.filter(pk=article.pk).update(**{field: timezone.now() + timedelta(hours=1)})

    assert found("tram") == []
    assert "No article was found" in client.get("/en/search/?q=tram").text


@pytest.mark.django_db
def test_a_schedule_comes_out_at_its_second_without_any_job():
    due = timezone.now() + timedelta(hours=1)
    article = base.published(headline="Tram", at=due)

    assert found("tram") == []
    with mock.patch("django.utils.timezone.now", return_value=due - timedelta(microseconds=1)):
        assert found("tram") == []
    with mock.patch("django.utils.timezone.now", return_value=due):
        assert found("tram") == [article]


# The index follows


def in_index() -> set[int]:
    """Return the articles that stand in the index; the two tables must agree."""
    documents = dict(SearchDocument.objects.values_list("article", "place"))
    assert sorted(documents.values()) == sorted(engine().newest(1000))
    return set(documents)


@pytest.mark.django_db
def test_index_follows_every_verb():
    article = base.draft(headline="Tram")
    assert in_index() == set()

    article.publish(by=None)
    assert in_index() == {article.pk}

    article.save_revision(by=None, headline="Bus")
    assert found("bus") == []
    article.publish(by=None)
    assert (found("tram"), found("bus")) == ([], [article])

    article.withdraw(by=None, reason="wrong")
    assert in_index() == set()
    article.reinstate(by=None)
    assert found("bus") == [article]

    article.story.withdraw(by=None, reason="wrong")
    assert in_index() == set()
    Story.objects.get(pk=article.story_id).reinstate(by=None)
    assert found("bus") == [article]

    article.join(Story.objects.create(), by=None)
    assert found("bus") == [article]

    article.unpublish(by=None)
    assert in_index() == set()
    article.publish(by=None)
    assert found("bus") == [article]


@pytest.mark.django_db
def test_index_follows_a_schedule_that_moves_and_goes():
    now = timezone.now()
    article = base.published(headline="Tram", at=now + timedelta(hours=2))
    assert in_index() == {article.pk}

    article.publish(by=None, at=now + timedelta(hours=1))
    assert engine().newest(9) == [place_at(now + timedelta(hours=1)) + article.pk]
    article.publish(by=None, at=now - timedelta(seconds=1))
    assert found("tram") == [article]

    later = base.published(headline="Tram", at=now + timedelta(hours=2))
    later.unpublish(by=None)
    later.discard(by=None)
    assert in_index() == {article.pk}


@pytest.mark.django_db
def test_index_follows_section_tags_and_authors():
    rail, sea, other = base.tag("Rail"), base.tag("Sea"), base.section({"en": "Culture"})
    author = base.author()
    article = base.published(headline="Tram", tags=[rail], bylines=[(author, "author")])

    article.save_revision(by=None, tags=[sea], bylines=[], section=other)
    assert found("tram", tag=rail.pk) == found("tram", author=author.pk) == [article]
    article.publish(by=None)

    assert found("tram", tag=rail.pk) == found("tram", author=author.pk) == []
    assert found("tram", tag=sea.pk) == found("tram", section=other.pk) == [article]


@pytest.mark.django_db
def test_index_goes_back_with_its_transaction():
    article = base.draft(headline="Tram")

    with transaction.atomic():
        article.publish(by=None)
        transaction.set_rollback(True)

    assert in_index() == set()


@pytest.mark.django_db
def test_a_row_left_over_is_replaced_and_never_found():
    article = base.published(headline="Tram", at=base.NOON)
    SearchDocument.objects.all().delete()

    assert found("tram") == []
    article.save_revision(by=None, headline="Bus")
    article.publish(by=None)

    assert (found("tram"), found("bus")) == ([], [article])


# The command


def run(capsys: pytest.CaptureFixture[str], *options: str) -> str:
    call_command("search_index", *options)
    return capsys.readouterr().out


@pytest.mark.django_db
def test_command_reports_mends_and_makes_anew(capsys):
    missing, different, superfluous, moved = (base.published(headline=f"Tram {n}") for n in range(4))
    right = base.published(headline="Tram")
    assert "is right: 5 articles" in run(capsys, "--check")

    SearchDocument.objects.filter(article=missing).delete()
    Article.objects.filter(pk=different.pk).update(headline="Bus")
    Article.objects.filter(pk=superfluous.pk).update(withdrawn_at=timezone.now())
    Article.objects.filter(pk=moved.pk).update(published_at=base.NOON)
    with pytest.raises(CommandError, match="1 missing, 2 superfluous, 2 different"):
        call_command("search_index", "--check")
    told = capsys.readouterr().out
    assert f"article {missing.pk}: missing" in told
    assert f"article {superfluous.pk}: superfluous" in told
    assert len(found("tram")) == 3

    # The row of the missing one is taken again, so it is no stray any more.
    assert "mended: 1 missing, 1 superfluous, 2 different" in run(capsys)
    assert "is right" in run(capsys, "--check")
    assert found("tram") == [right, missing, moved]
    assert found("bus") == [different]

    engine().clear()
    with pytest.raises(CommandError, match="4 missing, 0 superfluous"):
        call_command("search_index", "--check")
    assert "made anew: 4 of 5 articles" in run(capsys, "--rebuild")
    assert "is right" in run(capsys, "--check")


@pytest.mark.django_db
def test_command_takes_out_rows_of_nothing(capsys):
    article = base.published(headline="Tram")
    SearchDocument.objects.all().delete()
    Article.objects.filter(pk=article.pk).update(published_at=None)

    assert "1 superfluous" in run(capsys)
    assert engine().newest(9) == []


# Snippets


@pytest.mark.parametrize(
    ("text", "query", "html"),
    [
        ("Trams in Zürich", "zurich tram", "<mark>Trams</mark> in <mark>Zürich</mark>"),
        ("<b>Tram</b> & bus", "tram", "&lt;b&gt;<mark>Tram</mark>&lt;/b&gt; &amp; bus"),
        ("red tram, red bus", '"red bus"', "red tram, <mark>red bus</mark>"),
        ("東京タワーの東", "東京", "<mark>東京</mark>タワーの東"),
        ("covid-19", "covid-19", "<mark>covid-19</mark>"),
        ("nothing", "tram", "nothing"),
    ],
)
def test_words_are_marked_and_all_is_escaped(text, query, html):
    language = "ja" if "東" in text else "en"
    assert marked(text, parse(query, language)) == html


def test_snippet_is_thirty_words_around_the_first_hit():
    words = [f"word{n}" for n in range(200)]
    text = snippet(["Nothing here.", " ".join(words)], parse("word100", "en"))

    assert text.startswith("… ")
    assert text.endswith(" …")
    assert "<mark>word100</mark>" in text
    assert 25 <= len(text.split()) <= 35


def test_snippet_is_where_most_of_the_terms_stand_together():
    texts = ["A tram.", "The tram. " + "More words. " * 40 + "A red tram. " + "More words. " * 40]

    assert "<mark>red</mark> <mark>tram</mark>" in snippet(texts, parse("red tram", "en"))


@pytest.mark.parametrize(
    "text", ["x" * 5000 + " tram", "!" * 5000 + " tram " + "?" * 5000, "tram" + "東" * 5000]
)
def test_snippet_is_short_whatever_the_text(text):
    short = snippet([text], parse("tram", "ja" if "東" in text else "en"))

    assert "<mark>tram</mark>" in short
    assert len(short) < 700


def test_snippet_without_a_hit_is_the_beginning():
    assert snippet(["A short standfirst.", "The body."], parse("tram", "en")) == "A short standfirst."


# The page


@pytest.mark.django_db
@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"q": ""},
        {"q": '"'},
        {"q": '" OR 1=1 --'},
        {"q": "tram AND NOT bus NEAR(a b)"},
        {"q": "headline:tram"},
        {"q": "tram*"},
        {"q": "^tram + {x} : y"},
        {"q": "'); DROP TABLE articles_search; --"},
        {"q": "a & | ! <-> ( ) : \\ '"},
        {"q": "\x00tram\x00"},
        {"q": "😀 \ud7ff \u200d \u202e"},
        {"q": "x" * 10_000},
        {"q": "x " * 5_000},
        {"q": "%"},
        {"q": "<script>alert(1)</script>"},
        {"q": "\ufdfa" * 200},
        {"q": "\u33ff" * 64 + "\ufdfb" * 64 + "\u0344" * 64},
        {"q": '"' + "東" * 198 + '"'},
        {"q": "tram", "page": "99999999999999999999999"},
        {"q": "tram", "page": "-1"},
        {"q": "tram", "page": "x"},
        {"q": "tram", "page": "²"},
        {"q": "tram", "page": "9" * 5000},
        {"q": "tram", "from": "2025-13-45"},
        {"q": "tram", "from": "0001-01-01", "to": "9999-12-31"},
        {"q": "tram", "from": "9999-12-31", "to": "0001-01-01"},
        {"q": "tram", "to": "\x00"},
        {"q": "tram", "section": "nothing", "tag": "nothing", "author": "nobody"},
        {"q": "tram", "section": "\x00", "tag": "\x00", "author": "\x00"},
        {"q": "tram", "tag": "x" * 5000},
        {"q": "tram", "before": "1", "unknown": "x"},
    ],
)
def test_nothing_that_is_asked_gives_an_error(client, site, parameters):
    base.published(headline="Tram")

    response = client.get("/en/search/", parameters)

    assert response.status_code == 200
    assert "<script>alert" not in response.text


@pytest.mark.django_db
@pytest.mark.parametrize(
    "query", ["q=%00", "q=%ff%fe", "q=%ed%a0%80", "q=a&q=b", "q[]=a", "q", "%00=%00", "&&=&"]
)
def test_nor_does_a_broken_address(client, site, query):
    assert client.get(f"/en/search/?{query}").status_code == 200


@pytest.mark.django_db
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=300), st.sampled_from(["en", "fr", "de"]))
def test_no_text_is_too_odd(client, site, text, language):
    assert client.get(f"/{language}/search/?q={quote(text, errors='replace')}").status_code == 200


@pytest.mark.django_db
def test_page_shows_what_is_found(client, site):
    article = base.published(
        headline="Trams in Zürich", kicker="On rails", body="<p>The first &amp; last tram left at six.</p>"
    )

    page = client.get("/en/search/?q=tram").text

    assert f'href="{article.path}"' in page
    assert "<mark>Trams</mark> in Zürich" in page
    assert "On rails" in page
    assert "first &amp; last <mark>tram</mark> left at six" in page
    assert 'class="comment-count"' in page
    assert 'name="q" value="tram"' in page
    assert "1 article" in page
    assert "ranked among" not in page


@pytest.mark.django_db
def test_page_says_how_many_and_that_the_ranking_ends_somewhere(client, site, monkeypatch):
    article = base.published(headline="Tram")
    with mock.patch.object(find, "NEWEST", 1):
        base.published(headline="Tram")
        page = client.get("/en/search/?q=tram").text
    assert "ranked among" in page

    page = client.get("/en/search/?q=tram").text
    assert "2 articles" in page
    assert article.headline in page


@pytest.mark.django_db
def test_pages_go_through_all_results_once(client, site):
    for n in range(45):
        base.published(headline=f"Tram number {n}", at=timezone.now() - timedelta(minutes=n + 1))

    seen = []
    for number in range(1, 4):
        page = client.get(f"/en/search/?q=number&page={number}").text
        seen += [int(n) for n in re.findall(r"Tram <mark>number</mark> ([0-9]+)<", page)]
        assert ('rel="next"' in page) == (number < 3)
        assert ('rel="prev"' in page) == (number > 1)

    assert seen == list(range(45))
    assert "Tram <mark>number</mark> 44<" in client.get("/en/search/?q=number&page=99").text


@pytest.mark.django_db
def test_filters_of_the_page_hold_and_can_be_taken_off(client, site):
    tag, author = base.tag("Rail"), base.author()
    at = datetime(2025, 7, 11, 22, 30, tzinfo=UTC)  # in Paris and Berlin it is the 12th
    Site.objects.update(time_zone="Europe/Berlin")
    base.published(headline="Tram one", tags=[tag], bylines=[(author, "author")], at=at)
    base.published(headline="Tram two", section=base.section({"en": "Culture"}))

    def shown(**parameters: str) -> tuple[bool, bool]:
        page = client.get(f"/en/search/?{urlencode({'q': 'tram', **parameters})}").text
        return "</mark> one<" in page, "</mark> two<" in page

    assert shown() == (True, True)
    assert shown(section="politics") == (True, False)
    assert shown(section="culture") == (False, True)
    assert shown(tag="rail") == shown(author="nora-feld") == (True, False)
    assert shown(**{"from": "2025-07-12", "to": "2025-07-12"}) == (True, False)
    assert shown(**{"from": "2025-07-13"}) == (False, True)
    assert shown(to="2025-07-11") == (False, False)

    page = client.get("/en/search/?q=tram&tag=rail&author=nora-feld&section=politics").text
    assert 'href="?q=tram&amp;section=politics&amp;author=nora-feld"' in page
    assert 'href="?q=tram&amp;section=politics&amp;tag=rail"' in page
    assert '<option value="politics" selected>' in page


@pytest.mark.django_db
def test_a_date_that_is_none_is_said(client, site):
    base.published(headline="Tram")

    page = client.get("/en/search/?q=tram&from=yesterday").text

    assert "Enter a valid date" in page
    assert "<mark>Tram</mark>" in page


@pytest.mark.django_db
def test_page_without_a_question_says_what_can_be_searched(client, site):
    page = client.get("/en/search/").text

    assert 'name="q"' in page
    assert "headlines, standfirsts and texts" in page


@pytest.mark.django_db
def test_page_without_a_result_helps(client, site):
    base.published(headline="Bus")

    page = client.get("/en/search/?q=tram+%22red+bus%22").text

    assert "fewer words" in page
    assert page.count('href="/de/search/?q=tram+%22red+bus%22"') == 2  # in the masthead too
    assert ">Bus<" in page


@pytest.mark.django_db
def test_page_is_neither_stored_nor_indexed(client, site):
    response = client.get("/en/search/?q=tram")

    assert "no-store" in response.headers["Cache-Control"]
    assert '<meta name="robots" content="noindex">' in response.text
    assert client.post("/en/search/", {"q": "tram"}).status_code == 405
    assert client.get("/it/search/").status_code == 404


@pytest.mark.django_db
def test_page_costs_eight_queries_at_most(client, site, django_assert_max_num_queries):
    tag, author = base.tag("Rail"), base.author()
    for n in range(25):
        base.published(
            headline=f"Tram {n}",
            tags=[tag],
            bylines=[(author, "author")],
            photo=readers.photo() if n < 4 else None,
        )

    for address in (
        "?q=tram",
        "?q=tram&page=2&tag=rail&author=nora-feld&section=politics&from=2020-01-01",
        "?q=bus",
        "?q=bus&tag=rail&author=nora-feld&section=politics",
        "",
    ):
        with django_assert_max_num_queries(8):
            assert client.get(f"/en/search/{address}").status_code == 200


@pytest.mark.django_db
def test_every_page_leads_to_search(client, site):
    assert 'href="/en/search/"' in client.get("/en/").text
    page = client.get("/en/nothing/here/").text
    assert 'action="/en/search/"' in page


@pytest.mark.only_sqlite
@pytest.mark.django_db
def test_sqlite_reads_the_newest_matches_and_sorts_none():
    base.published(headline="Tram")
    asked = []

    def remember(run, sql, params, many, context):
        asked.append((sql, params))
        return run(sql, params, many, context)

    with connection.execute_wrapper(remember):
        found("tram")
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {asked[0][0]}", asked[0][1])
        plan = [row[3] for row in cursor.fetchall()]

    assert plan[0].startswith("SCAN articles_search VIRTUAL TABLE INDEX")
    assert not any("TEMP B-TREE" in step for step in plan)


def test_search_tells_no_tag_and_no_author_of_drafts_alone(client, site):
    draft = base.draft(tags=[base.tag("Merger talks")], bylines=[(base.author("Ada Secret"), "author")])
    address = "/en/search/?q=tram&tag=merger-talks&author=ada-secret"
    page = client.get(address).text
    assert "Merger talks" not in page
    assert "Ada Secret" not in page
    draft.publish(by=None)
    assert "Merger talks" in client.get(address).text
