"""Remarks: what colleagues say at a passage stays at it, whatever becomes of the text around."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.utils import timezone

from articles.admin.remarks import GONE, places
from articles.models import Article, Remark, User
from articles.models import articles as articles_module
from articles.passages import HEADLINE, STANDFIRST, passages, place_of, quoted
from newsroom.models import LogEntry
from newsroom.verbs import Refused
from tests import base
from tests.articles.admin import change, page, text_of
from tests.articles.test_publish_at_once import at_once

pytestmark = pytest.mark.django_db

FERRY = "<p>The first ferry left the northern pier at six in the morning.</p>"
HURT = "<p>Nobody was hurt when the storm tore the moorings last Tuesday.</p>"
MAYOR = "<p>The mayor wants to know who signed the contract for the repairs.</p>"
OTHER = "<p>Quite another subject: apples, pears and the price of plums.</p>"


@pytest.fixture
def article(journalist: User) -> Article:
    return base.draft(by=journalist, body=FERRY + HURT + MAYOR)


def key_of(article: Article, beginning: str) -> str:
    newest = article.newest_revision()
    assert newest
    return next(passage.key for passage in passages(newest) if passage.text.startswith(beginning))


def stands_at(article: Article, remark: Remark) -> str:
    """Return the passage that a remark stands at, as the page shows it."""
    for place in places(article, article.newest_revision()):
        if any(thread.remark == remark for thread in place.open):
            return place.passage.text if place.passage else place.key
    raise AssertionError("it stands nowhere")


# The verbs


def test_a_remark_keeps_how_its_passage_read_and_stays_out_of_the_log(article: Article, editor: User) -> None:
    remark = article.remark(by=editor, text="Is it Tuesday?", block=key_of(article, "Nobody"))
    assert remark.quote == "Nobody was hurt when the storm tore the moorings last Tuesday."
    assert article.remark(by=editor, text="Is it Tuesday?", block=remark.block) == remark
    [entry] = LogEntry.objects.filter(verb="article.remark")
    assert entry.details == {"remark": remark.pk}


def test_headline_standfirst_and_the_whole_article_are_passages_too(article: Article, editor: User) -> None:
    assert article.remark(by=editor, text="Too long", block=HEADLINE).quote == article.headline
    assert article.remark(by=editor, text="Too short", block=STANDFIRST).quote == article.standfirst
    assert article.remark(by=editor, text="Fine", block="").quote == ""


def test_an_answer_to_an_answer_stands_below_the_same_remark(
    article: Article, editor: User, journalist: User
) -> None:
    remark = article.remark(by=editor, text="Who says so?")
    first = article.remark(by=journalist, text="She does.", answers=remark)
    second = article.remark(by=editor, text="Then say so.", answers=first)
    assert (first.answers, second.answers) == (remark, remark)
    assert Remark.objects.open().count() == 1


def test_what_cannot_be_said_is_refused(article: Article, editor: User) -> None:
    other = base.draft().remark(by=editor, text="There")
    for reason, given in (
        ("no longer in the text", {"block": "abcdefabcdef"}),
        ("another article", {"answers": other}),
    ):
        with pytest.raises(Refused, match=reason):
            article.remark(by=editor, text="What?", **given)
    for text in ("", "x" * 2001):
        with pytest.raises(ValidationError):
            article.remark(by=editor, text=text)
    assert not article.remarks.exists()


def test_resolving_and_reopening_twice_is_once(article: Article, editor: User, journalist: User) -> None:
    remark = article.remark(by=editor, text="Who says so?")
    remark.resolve(by=journalist)
    Remark.objects.get(pk=remark.pk).resolve(by=editor)
    remark.refresh_from_db()
    assert remark.resolved_by == journalist
    with pytest.raises(Refused, match="resolved"):
        article.remark(by=editor, text="Wait.", answers=remark)
    remark.reopen(by=editor)
    remark.reopen(by=editor)
    assert article.remark(by=editor, text="Wait.", answers=remark)
    assert LogEntry.objects.filter(verb__in=("remark.resolve", "remark.reopen")).count() == 2


def test_an_answer_is_not_resolved_by_itself(article: Article, editor: User) -> None:
    answer = article.remark(by=editor, text="So?", answers=article.remark(by=editor, text="Who says so?"))
    for verb in (answer.resolve, answer.reopen):
        with pytest.raises(Refused, match="with its remark"):
            verb(by=editor)


def test_who_may_not_edit_the_article_says_nothing(article: Article, editor: User, translator: User) -> None:
    remark = article.remark(by=editor, text="Who says so?")
    for verb in (
        lambda: article.remark(by=translator, text="I do."),
        lambda: remark.resolve(by=translator),
        lambda: remark.reopen(by=translator),
    ):
        with pytest.raises(PermissionDenied):
            verb()


def test_open_remarks_and_answers_are_bounded(
    article: Article, editor: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(articles_module, "MAX_OPEN", 2)
    monkeypatch.setattr(articles_module, "MAX_ANSWERS", 1)
    one = article.remark(by=editor, text="one")
    article.remark(by=editor, text="two")
    with pytest.raises(Refused, match="Too many remarks"):
        article.remark(by=editor, text="three")
    article.remark(by=editor, text="an answer", answers=one)
    with pytest.raises(Refused, match="too many answers"):
        article.remark(by=editor, text="another", answers=one)
    one.resolve(by=editor)
    article.remark(by=editor, text="three")
    with pytest.raises(Refused, match="Too many remarks"):
        one.reopen(by=editor)


# Where they stand


@pytest.mark.postgresql_later
@pytest.mark.parametrize(
    ("body", "found"),
    [
        (HURT + FERRY + MAYOR, "Nobody"),  # moved up
        (FERRY + MAYOR + OTHER + HURT, "Nobody"),  # moved down, with a new one between
        (FERRY + HURT.replace("Tuesday", "Wednesday") + MAYOR, "Nobody was hurt"),  # reworded
        (HURT.replace("Tuesday", "Wednesday") + MAYOR + FERRY, "Nobody was hurt"),  # both
        (HURT, "Nobody"),  # all others gone
        (FERRY + HURT[:-4] + MAYOR[3:], "Nobody was hurt"),  # the next one joined to it
        (FERRY + HURT + HURT + MAYOR, "Nobody"),  # doubled
        (FERRY + MAYOR, GONE),
        ("", GONE),
        (FERRY + OTHER + MAYOR, GONE),  # another text in its place
    ],
)
def test_a_remark_stays_at_its_passage(article: Article, editor: User, body: str, found: str) -> None:
    remark = article.remark(by=editor, text="Is it so?", block=key_of(article, "Nobody"))
    article.save_revision(by=None, body=body)
    assert stands_at(article, remark).startswith(found)


def test_of_a_split_paragraph_the_half_that_is_more_alike_keeps_the_remark(
    article: Article, editor: User
) -> None:
    remark = article.remark(by=editor, text="Is it so?", block=key_of(article, "Nobody"))
    halves = "<p>Nobody was hurt when the storm tore the moorings.</p><p>Last Tuesday.</p>"
    article.save_revision(by=None, body=FERRY + halves + MAYOR)
    assert stands_at(article, remark).startswith("Nobody")


def test_a_passage_that_is_put_back_has_its_remarks_again(article: Article, editor: User) -> None:
    remark = article.remark(by=editor, text="Is it so?", block=key_of(article, "Nobody"))
    first = article.newest_revision()
    article.save_revision(by=None, body=FERRY)
    assert stands_at(article, remark) == GONE
    assert first
    article.restore(first, by=None)
    assert key_of(article, "Nobody") != remark.block, "it has another key, and is known by its words"
    assert stands_at(article, remark).startswith("Nobody")


def test_what_reads_alike_twice_is_nobodys_place(article: Article, editor: User) -> None:
    remark = article.remark(by=editor, text="Is it so?", block=key_of(article, "Nobody"))
    article.save_revision(by=None, body=OTHER)
    article.save_revision(by=None, body=HURT + OTHER + HURT)
    assert stands_at(article, remark) == GONE


def test_a_remark_at_a_standfirst_that_was_taken_out_stands_at_the_end(
    article: Article, editor: User
) -> None:
    remark = article.remark(by=editor, text="Shorter", block=STANDFIRST)
    article.save_revision(by=None, standfirst="", body=f"<p>{remark.quote}</p>")
    assert stands_at(article, remark) == GONE


def test_a_quote_is_cut_between_words() -> None:
    assert quoted(" a\n b ") == "a b"
    long = quoted("word " * 100)
    assert len(long) <= 300
    assert long.endswith("word…")
    assert len(quoted("x" * 400)) == 300


def test_place_of_knows_a_key_first() -> None:
    assert place_of("a", "", []) == ""


# The page


@pytest.mark.postgresql_later
def test_something_is_said_answered_resolved_and_opened_again(
    article: Article, editor: User, login: Callable[[User], Client]
) -> None:
    client, key = login(editor), key_of(article, "Nobody")
    address = page(article, "remarks")
    said = client.post(address, {"block": key, "text": "Is it <b>Tuesday</b>?"})
    remark = Remark.objects.get()
    assert said.headers["Location"] == f"{address}#remark-{remark.pk}"
    shown = text_of(client.get(address))
    assert "Is it &lt;b&gt;Tuesday&lt;/b&gt;?" in shown
    client.post(address, {"answers": str(remark.pk), "text": "Yes."})
    client.post(f"{address}{remark.pk}/resolve/")
    shown = text_of(client.get(address))
    assert "No remark is open." in shown
    assert "Resolved by emil" in shown
    client.post(f"{address}{remark.pk}/reopen/")
    assert "1 remark is open." in text_of(client.get(address))
    assert Remark.objects.filter(answers=remark).get().text == "Yes."


@pytest.mark.postgresql_later
@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"text": " "}, "Write something first."),
        ({"text": "x" * 2001}, "Shorten the text to 2000 characters; it has 2001."),
        ({"text": "Kept words", "block": "abcdefabcdef"}, "no longer in the text"),
        ({"text": "Kept words", "block": "x" * 17}, "at most 16 characters"),
        ({"text": "Kept words", "answers": "99999999999999999999"}, "Select a valid choice"),
        ({"text": "Kept words", "answers": "x\0"}, "Null characters"),
    ],
)
def test_what_is_refused_comes_back_with_the_reason(
    article: Article, editor: User, login: Callable[[User], Client], given: dict, reason: str
) -> None:
    shown = login(editor).post(page(article, "remarks"), given)
    assert shown.status_code == 200
    assert reason in text_of(shown)
    assert given["text"].strip() in text_of(shown)
    assert not Remark.objects.exists()


def test_an_answer_to_what_was_resolved_meanwhile_is_not_lost(
    article: Article, editor: User, login: Callable[[User], Client]
) -> None:
    remark = article.remark(by=editor, text="Who says so?")
    remark.resolve(by=editor)
    shown = login(editor).post(page(article, "remarks"), {"answers": str(remark.pk), "text": "She does."})
    assert "This remark is resolved" in text_of(shown)
    assert "She does.</textarea>" in text_of(shown)


def test_words_of_somebody_who_may_no_longer_are_kept(
    article: Article, journalist: User, login: Callable[[User], Client]
) -> None:
    client = login(journalist)
    journalist.grants.all().delete()
    base.person("petra", "Translator")
    kept = client.post(page(article, "remarks"), {"block": "", "text": "All that I know."})
    assert kept.status_code == 403
    assert "All that I know." in text_of(kept)


@pytest.mark.postgresql_later
def test_who_sees_what(
    article: Article, translator: User, editor: User, journalist: User, login: Callable[[User], Client]
) -> None:
    remark = article.remark(by=editor, text="Between us")
    address = page(article, "remarks")
    stranger = login(base.person("jonas", "Journalist"))
    assert stranger.get(address).status_code == 404
    assert stranger.post(f"{address}{remark.pk}/resolve/").status_code == 404
    article.publish(by=None)
    assert stranger.get(address).status_code == 403
    assert stranger.post(f"{address}{remark.pk}/resolve/").status_code == 403
    assert login(journalist).get(address).status_code == 200
    other = base.draft().remark(by=editor, text="There")
    assert login(editor).post(f"{address}{other.pk}/resolve/").status_code == 404
    assert login(editor).get(f"{address}{remark.pk}/resolve/").status_code == 405


@pytest.mark.postgresql_later
def test_the_form_tells_of_remarks_and_publishing_warns(
    article: Article, editor: User, login: Callable[[User], Client]
) -> None:
    remark = article.remark(by=editor, text="Who says so?")
    article.remark(by=editor, text="And when?").resolve(by=editor)
    client = login(editor)
    assert f"/remarks/#remark-{remark.pk}" in text_of(client.get(change(article)))
    assert "1 remark is open." in text_of(client.get(page(article, "publish")))
    client.post(page(article, "publish"), {"revision": "1", "at": ""})
    article.refresh_from_db()
    assert article.is_visible()


@pytest.mark.postgresql_later
def test_readers_and_previews_never_show_a_remark(
    article: Article, editor: User, login: Callable[[User], Client], client: Client
) -> None:
    article.remark(by=editor, text="Between ourselves", block=key_of(article, "Nobody"))
    link = article.share_draft(by=editor, expires_at=timezone.now() + timedelta(days=1))
    pages = [client.get(link.get_absolute_url()), login(editor).get(page(article, "preview"))]
    article.publish(by=None)
    pages.append(client.get(article.path))
    for shown in pages:
        assert shown.status_code == 200
        assert "Between ourselves" not in text_of(shown)


def test_the_page_costs_the_same_for_five_and_for_two_hundred(
    article: Article, editor: User, login: Callable[[User], Client], django_assert_num_queries: Callable
) -> None:
    client, key = login(editor), key_of(article, "Nobody")
    client.get(page(article, "remarks"))
    counts = []
    for number in (5, 200):
        Remark.objects.all().delete()
        for one in range(number):
            row = Remark.objects.create(article=article, block=key, text=f"Number {one}", created_by=editor)
            Remark.objects.create(article=article, answers=row, text="Yes", created_by=editor)
        with django_assert_num_queries(20, exact=False) as queries:
            client.get(page(article, "remarks"))
        counts.append(len(queries))
    assert counts[0] == counts[1]


@pytest.mark.django_db(transaction=True)
def test_of_an_answer_and_a_resolving_at_once_no_answer_comes_after() -> None:
    editor = base.person("emil", "Editor")
    article = base.draft()
    for number in range(5):
        remark = article.remark(by=editor, text=f"Is it so? {number}")
        copies = [Article.objects.get(pk=article.pk) for _time in range(3)]
        said = at_once(
            lambda remark=remark: Remark.objects.get(pk=remark.pk).resolve(by=editor),
            *[
                lambda copy=copy, remark=remark, n=n: copy.remark(by=editor, text=f"{n}", answers=remark)
                for n, copy in enumerate(copies)
            ],
        )
        remark.refresh_from_db()
        assert said[0] is None
        assert remark.resolved_at
        for one in said[1:]:
            assert isinstance(one, Refused) or one.created_at <= remark.resolved_at


@pytest.mark.django_db(transaction=True)
def test_two_presses_at_once_say_it_once() -> None:
    editor = base.person("emil", "Editor")
    article = base.draft()
    at_once(*[lambda: Article.objects.get(pk=article.pk).remark(by=editor, text="Is it so?")] * 4)
    assert Remark.objects.count() == 1
