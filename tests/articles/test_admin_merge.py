"""A stale save at the desk: both people's changes end up in the form or in a choice, and nothing is typed twice."""

import itertools
import re
from typing import Any
from unittest import mock

import pytest
from django.test import Client

from articles.admin.forms import MAX_ROWS, ArticleForm
from articles.models import Article, Photo, Source, User
from tests import base
from tests.articles.admin import change, fields_of, text_of
from tests.articles.test_blocks import A, B, C, sentence
from tests.articles.test_merge import A1, A2, B1, X, Y

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql_later]


@pytest.fixture
def article(journalist: User) -> Article:
    base.section()
    return base.draft(by=journalist, body="\n".join([A, B, C]))


@pytest.fixture
def jana(journalist: User, login: Any) -> Client:
    return login(journalist)


@pytest.fixture
def emil(editor: User, login: Any) -> Client:
    return login(editor)


def opened(client: Client, article: Article) -> dict[str, Any]:
    return fields_of(client.get(change(article)))


def save(client: Client, article: Article, form: dict[str, Any], button: str = "_save", **more: Any) -> Any:
    return client.post(change(article), form | more | {button: ""})


def body(*blocks: str) -> str:
    return "\n".join(blocks)


def offered(response: Any) -> dict[str, list[str]]:
    """Return the choices of a page: the name of each, and its values."""
    found: dict[str, list[str]] = {}
    for name, value in re.findall(
        r'<input type="radio" name="(choice-\w+)" value="([^"]+)"', text_of(response)
    ):
        found.setdefault(name, []).append(value)
    return found


def choose(response: Any, wanted: str) -> dict[str, str]:
    """Choose "mine", "theirs" or "both" wherever it is offered, else mine."""
    return {
        name: next((value for value in values if value.startswith(wanted)), values[0])
        for name, values in offered(response).items()
    }


def numbers(article: Article) -> list[int]:
    return [revision.number for revision in article.revisions.order_by("number")]


# Without a collision


def test_a_stale_save_brings_the_form_back_with_the_changes_of_both(
    jana: Client, article: Article, editor: User
) -> None:
    form = opened(jana, article)
    nora, agency = base.author("Nora Feld"), Source.objects.create(name="Harbour agency")
    article.save_revision(
        by=editor,
        kicker="Port",
        body=body(A1, B, C, X),
        tags=[base.tag("Ferries")],
        bylines=[(nora, "author")],
        sources=[(agency, True)],
    )

    form |= {"standfirst": "Typed by Jana.", "body": body(A, B1, C), "tags": "Cranes", "dateline": "Portside"}
    response = save(jana, article, form, **{"source-0-name": "Port authority"})

    assert response.status_code == 200
    page = text_of(response)
    assert "emil saved revision 2 of this article meanwhile" in page
    assert "Their changes and yours stand together in the form below now, and it is not saved yet." in page
    kept = fields_of(response)
    assert (kept["base"], kept["kicker"], kept["standfirst"]) == ("2", "Port", "Typed by Jana.")
    assert (kept["body"], kept["tags"]) == (body(A1, B1, C, X), "Ferries, Cranes")
    assert (kept["byline-0-author"], kept["byline-0-position"]) == ("Nora Feld", "1")
    assert (kept["source-0-name"], kept["source-0-is_public"]) == ("Harbour agency", "on")
    assert (kept["source-1-name"], kept["dateline"]) == ("Port authority", "Portside")
    # What came from the other is told in words.
    assert re.search(r"Paragraph: changed.*<ins>.*added:.*Yes, ", page, re.DOTALL)
    assert "Kicker: changed" in page
    assert "Tags: added" in page
    assert numbers(article) == [1, 2]

    assert save(jana, article, kept).status_code == 302
    newest = article.newest_revision()
    assert (newest.number, newest.kicker, newest.standfirst) == (3, "Port", "Typed by Jana.")
    assert newest.body == body(A1, B1, C, X)
    assert [tag.name for tag in newest.tag_list()] == ["Ferries", "Cranes"]
    assert [(source.name, public) for source, public in newest.source_pairs()] == [
        ("Harbour agency", True),
        ("Port authority", False),
    ]
    assert newest.byline_pairs() == [(nora, "author")]


def test_a_later_save_leaves_what_nobody_touched(jana: Client, article: Article, editor: User) -> None:
    series_form = opened(jana, article)
    photo = Photo.objects.create(width=10, height=10)
    section = base.section({"en": "Culture"})
    article.save_revision(by=editor, photo=photo, section=section, noindex=True, search_title="Found")
    kept = fields_of(save(jana, article, series_form, dateline="Portside"))
    save(jana, article, kept)
    newest = article.newest_revision()
    assert (newest.number, newest.dateline) == (3, "Portside")
    assert (newest.photo, newest.section, newest.noindex, newest.search_title) == (
        photo,
        section,
        True,
        "Found",
    )


def test_the_end_of_a_line_that_a_browser_sends_is_no_change(
    jana: Client, article: Article, editor: User
) -> None:
    article.save_revision(by=editor, standfirst="One line.\nAnother.")
    form = opened(jana, article)
    article.save_revision(by=editor, standfirst="One line.\nAnother one.")
    response = save(jana, article, form, standfirst="One line.\r\nAnother.", kicker="Mine")
    assert not offered(response)
    assert fields_of(response)["standfirst"] == "One line.\nAnother one."


@pytest.mark.parametrize("button", ["_preview", "_publish"])
def test_preview_and_publish_merge_first(emil: Client, article: Article, chief: User, button: str) -> None:
    form = opened(emil, article)
    article.save_revision(by=chief, kicker="Port")
    response = save(emil, article, form, button, dateline="Portside")
    assert response.status_code == 200
    assert numbers(article) == [1, 2]
    again = save(emil, article, fields_of(response), button)
    assert again.headers["Location"].startswith(f"/admin/articles/article/{article.pk}/{button[1:]}/")
    assert (article.newest_revision().kicker, article.newest_revision().dateline) == ("Port", "Portside")


def test_a_form_sent_twice_saves_once_and_asks_nothing(jana: Client, article: Article) -> None:
    form = opened(jana, article) | {"body": body(A1, X, B, C), "kicker": "Twice", "tags": "Cranes"}
    assert save(jana, article, form).status_code == 302
    assert save(jana, article, form).status_code == 302
    assert numbers(article) == [1, 2]


def test_who_typed_nothing_is_not_bothered(jana: Client, article: Article, editor: User) -> None:
    form = opened(jana, article)
    article.save_revision(by=editor, kicker="Port", body=body(A1))
    response = jana.post(change(article), form, follow=True)
    assert "revision 2 is still the newest" in text_of(response)
    assert fields_of(response)["kicker"] == "Port"


def test_whoever_saved_meanwhile_is_named(jana: Client, article: Article, editor: User, chief: User) -> None:
    form = opened(jana, article)
    article.save_revision(by=editor, kicker="Port")
    article.save_revision(by=chief, dateline="Portside")
    page = text_of(save(jana, article, form, search_title="Mine"))
    assert re.search(r"revision 3, clara, .*revision 2, emil, ", page, re.DOTALL)


def test_a_merge_that_is_not_right_says_what_is_wrong_and_keeps_all(
    jana: Client, article: Article, editor: User
) -> None:
    form = opened(jana, article)
    article.save_revision(by=editor, tags=[base.tag(f"Theirs {number}") for number in range(20)])
    response = save(jana, article, form, tags=", ".join(f"Mine {number}" for number in range(20)))
    assert "At most 30 tags" in text_of(response)
    kept = fields_of(response)
    assert len(kept["tags"].split(", ")) == 40
    assert kept["base"] == "2"


def test_more_rows_than_a_form_takes_are_all_shown_to_be_thinned_out(
    jana: Client, article: Article, editor: User
) -> None:
    form = opened(jana, article) | {"source-TOTAL_FORMS": str(MAX_ROWS)}
    form |= {f"source-{number}-name": f"Mine {number}" for number in range(MAX_ROWS)}
    theirs = [(Source.objects.create(name=f"Theirs {number}"), True) for number in range(MAX_ROWS)]
    article.save_revision(by=editor, sources=theirs)
    response = save(jana, article, form)
    assert f"at most {MAX_ROWS} forms" in text_of(response)
    kept = {value for name, value in fields_of(response).items() if re.fullmatch(r"source-\d+-name", name)}
    assert kept - {""} == {f"{who} {number}" for who in ("Mine", "Theirs") for number in range(MAX_ROWS)}


# With collisions


def test_a_collision_is_shown_side_by_side_and_chosen_by_one_button(
    jana: Client, article: Article, editor: User
) -> None:
    form = opened(jana, article)
    article.save_revision(by=editor, headline="The editor's headline", body=body(A1, B, C, X))
    form |= {"headline": "The journalist's headline", "body": body(A2, B1, C), "dateline": "Portside"}
    response = save(jana, article, form)

    page = text_of(response)
    assert response.status_code == 200
    assert "At 2 places you both changed the same thing." in page
    assert "1 of 2: Headline" in page
    assert "2 of 2: Paragraph" in page
    assert "Theirs (emil)" in page
    assert [len(values) for values in offered(response).values()] == [2, 3]
    kept = fields_of(response)
    assert (kept["base"], kept["headline"]) == ("1", "The journalist's headline")
    assert (kept["body"], kept["dateline"]) == (body(A2, B1, C), "Portside")
    assert numbers(article) == [1, 2]

    choices = choose(response, "both")
    headline, _paragraph = choices
    choices[headline] = next(value for value in offered(response)[headline] if value.startswith("theirs"))
    assert save(jana, article, kept | choices).status_code == 302
    newest = article.newest_revision()
    assert (newest.number, newest.headline, newest.dateline) == (3, "The editor's headline", "Portside")
    assert newest.body == body(A2, A1, B1, C, X)
    assert newest.created_by.username == "jana"


@pytest.mark.parametrize(("wanted", "text"), [("mine", (A2, B, C)), ("theirs", (B, C))])
def test_what_one_took_out_and_the_other_changed_is_asked_for(
    jana: Client, article: Article, editor: User, wanted: str, text: tuple[str, ...]
) -> None:
    form = opened(jana, article) | {"body": body(A2, B, C)}
    article.save_revision(by=editor, body=body(B, C))
    response = save(jana, article, form)
    assert "Taken out." in text_of(response)
    save(jana, article, fields_of(response) | choose(response, wanted))
    assert article.newest_revision().body == body(*text)


def test_a_missing_choice_is_asked_for_and_the_others_are_kept(
    jana: Client, article: Article, editor: User
) -> None:
    form = opened(jana, article) | {"headline": "Mine", "kicker": "Mine"}
    article.save_revision(by=editor, headline="Theirs", kicker="Theirs")
    response = save(jana, article, form)
    assert "Choose one." not in text_of(response)
    name, value = next(iter(choose(response, "theirs").items()))
    again = save(jana, article, fields_of(response) | {name: value})
    assert again.status_code == 200
    assert "Nothing was saved yet: 1 choice is missing." in text_of(again)
    assert text_of(again).count("Choose one.") == 1
    assert fields_of(again)[name] == value
    assert numbers(article) == [1, 2]


def test_another_save_while_somebody_chooses_is_merged_again(
    jana: Client, article: Article, editor: User
) -> None:
    form = opened(jana, article) | {"headline": "Mine", "kicker": "Mine"}
    article.save_revision(by=editor, headline="Theirs", kicker="Theirs")
    first = save(jana, article, form)
    chosen = fields_of(first) | choose(first, "mine")
    article.save_revision(by=editor, kicker="Theirs again", dateline="Portside")

    second = save(jana, article, chosen)
    assert second.status_code == 200
    assert numbers(article) == [1, 2, 3]
    # What still holds stays chosen; what was chosen against an older text is asked for anew.
    kept = fields_of(second)
    assert sum(name.startswith("choice-") for name in kept) == 1
    save(jana, article, kept | choose(second, "mine"))
    newest = article.newest_revision()
    assert (newest.number, newest.headline, newest.kicker, newest.dateline) == (4, "Mine", "Mine", "Portside")


def test_what_came_after_the_choices_were_offered_is_shown_before_it_is_saved(
    jana: Client, article: Article, editor: User
) -> None:
    form = opened(jana, article) | {"headline": "Mine"}
    article.save_revision(by=editor, headline="Theirs")
    first = save(jana, article, form)
    chosen = fields_of(first) | choose(first, "mine")
    article.save_revision(by=editor, dateline="Portside")
    second = save(jana, article, chosen)
    assert second.status_code == 200
    assert "Dateline: added" in text_of(second) or "Dateline: changed" in text_of(second)
    # The choice still holds; one press of the button is enough.
    assert save(jana, article, fields_of(second)).status_code == 302
    assert (article.newest_revision().headline, article.newest_revision().dateline) == ("Mine", "Portside")


def test_a_save_in_the_very_moment_of_the_choice_is_merged_again(
    jana: Client, article: Article, editor: User
) -> None:
    form = opened(jana, article) | {"headline": "Mine", "dateline": "Portside"}
    article.save_revision(by=editor, headline="Theirs")
    response = save(jana, article, form)
    chosen = fields_of(response) | choose(response, "mine")
    real = ArticleForm.save
    calls = itertools.count()

    def late(form: ArticleForm) -> Article:
        if next(calls) == 1:
            article.save_revision(by=editor, headline="In between", kicker="New")
        return real(form)

    with mock.patch.object(ArticleForm, "save", late):
        again = save(jana, article, chosen)
    assert again.status_code == 200
    assert (article.newest_revision().headline, numbers(article)) == ("In between", [1, 2, 3])
    kept = fields_of(again)
    assert (kept["base"], kept["headline"], kept["dateline"]) == ("2", "Mine", "Portside")
    save(jana, article, kept | choose(again, "mine"))
    newest = article.newest_revision()
    assert (newest.headline, newest.kicker, newest.dateline) == ("Mine", "New", "Portside")


def test_a_third_wording_typed_into_the_form_is_mine(jana: Client, article: Article, editor: User) -> None:
    form = opened(jana, article) | {"headline": "Mine"}
    article.save_revision(by=editor, headline="Theirs")
    response = save(jana, article, form)
    save(jana, article, fields_of(response) | choose(response, "mine"), headline="Mine and theirs")
    assert article.newest_revision().headline == "Mine and theirs"


def test_theirs_is_not_taken_for_a_wording_that_was_typed_after_the_choice_was_offered(
    jana: Client, article: Article, editor: User
) -> None:
    form = opened(jana, article) | {"headline": "Mine"}
    article.save_revision(by=editor, headline="Theirs")
    response = save(jana, article, form)
    again = save(jana, article, fields_of(response) | choose(response, "theirs"), headline="Mine, better")
    assert again.status_code == 200
    assert fields_of(again)["headline"] == "Mine, better"
    assert numbers(article) == [1, 2]


def test_relations_that_both_changed_are_shown_by_name(jana: Client, article: Article, editor: User) -> None:
    culture, sport = base.section({"en": "Culture"}), base.section({"en": "Sport"})
    agency = Source.objects.create(name="Harbour agency")
    article.save_revision(by=editor, sources=[(agency, False)])
    form = opened(jana, article) | {"section": str(culture.pk), "source-0-is_public": "on"}
    article.save_revision(by=editor, section=sport, sources=[])
    response = save(jana, article, form)
    page = text_of(response)
    assert len(offered(response)) == 2
    assert re.search(r"1 of 2: Section.*Culture.*Sport.*2 of 2: Sources.*Harbour agency", page, re.DOTALL)
    save(jana, article, fields_of(response) | choose(response, "theirs"))
    newest = article.newest_revision()
    assert (newest.section, newest.sources) == (sport, [])


def test_a_link_changed_by_both_is_told_apart_by_more_than_its_words(
    jana: Client, article: Article, editor: User
) -> None:
    linked = '<p>See the <a href="https://{}.example/">report</a> of the harbour office of May.</p>'
    article.save_revision(by=editor, body=linked.format("old"))
    form = opened(jana, article) | {"body": linked.format("mine")}
    article.save_revision(by=editor, body=linked.format("theirs"))
    page = text_of(save(jana, article, form))
    assert "The words are the same" in page
    assert linked.format("theirs") in page


def test_many_collisions_still_fit_into_one_form(jana: Client, article: Article, editor: User) -> None:
    blocks = [sentence(seed, 8) for seed in range(400)]
    article.save_revision(by=editor, body=body(*blocks))
    form = opened(jana, article) | {"body": body(*(block.replace(".", " mine.") for block in blocks))}
    article.save_revision(by=editor, body=body(*(block.replace(".", " theirs.") for block in blocks)))
    response = save(jana, article, form)
    assert "The whole text" in text_of(response)
    save(jana, article, fields_of(response) | choose(response, "theirs"))
    assert article.newest_revision().body == body(*(block.replace(".", " theirs.") for block in blocks))


def test_markup_typed_into_a_field_stays_text_in_a_choice(
    jana: Client, article: Article, editor: User
) -> None:
    form = opened(jana, article) | {"headline": "<img src=x onerror=alert(1)>", "body": "<p>Mine.</p>"}
    article.save_revision(by=editor, headline="<script>alert(2)</script>", body="<p>Theirs.</p>")
    page = text_of(save(jana, article, form, body='<p onclick="x()">Mine<script>alert(3)</script></p>'))
    assert "<img src=x" not in page
    assert "<script>alert(" not in page
    assert not re.search(r"<p onclick[^<]*Mine</p>\s*</div>", page)


# Every order of two browsers


EVENTS = [
    order
    for order in set(itertools.permutations(["open 1", "open 2", "save 1", "save 2", "again 1", "again 2"]))
    if all(
        order.index(f"{one} {who}") < order.index(f"{other} {who}")
        for who in (1, 2)
        for one, other in (("open", "save"), ("save", "again"))
    )
]


@pytest.mark.parametrize(
    "order",
    # Every third one in make test.
    [
        order if number % 3 == 0 else pytest.param(order, marks=pytest.mark.later)
        for number, order in enumerate(sorted(EVENTS))
    ],
    ids=" ".join,
)
def test_two_browsers_in_every_order_lose_nothing(
    jana: Client, emil: Client, article: Article, order: tuple[str, ...]
) -> None:
    clients = {"1": jana, "2": emil}
    own = {
        "1": {"body": body(A1, B, C, X), "kicker": "One", "tags": "Cranes"},
        "2": {"body": body(A2, B, Y), "dateline": "Two", "tags": "Ferries"},
    }
    forms: dict[str, dict[str, Any]] = {}
    done: dict[str, bool] = {}

    def send(who: str) -> None:
        if done.get(who):
            return
        response = save(clients[who], article, forms[who])
        done[who] = response.status_code == 302
        if not done[who]:
            forms[who] = fields_of(response) | choose(response, "both")

    for event in order:
        action, who = event.split()
        if action == "open":
            page = opened(clients[who], article)
            # Who opens a text that holds the other's additions adds to it.
            new = dict(own[who])
            if page["base"] != "1":
                new["body"] = page["body"] + "\n" + (X if who == "1" else Y)
                new["tags"] = f"{page['tags']}, {own[who]['tags']}"
            forms[who] = page | new
        else:
            send(who)
    while not all(done.values()):
        for who in ("1", "2"):
            send(who)
    newest = article.newest_revision()
    assert (newest.kicker, newest.dateline) == ("One", "Two")
    assert {tag.name for tag in newest.tag_list()} == {"Cranes", "Ferries"}
    assert newest.body.count(X) == newest.body.count(Y) == 1
    first_saved = article.revisions.get(number=2).body
    assert {A1, A2} & set(newest.body.split("\n"))
    if article.revisions.get(number=2).created_by != newest.created_by:
        assert set(first_saved.split("\n")) - {C} <= set(newest.body.split("\n"))


# Hostile forms


@pytest.mark.parametrize(
    "forged",
    [
        {"base": "999999"},
        {"base": "3"},
        {"base": "9" * 40},
        {"base": "1\0"},
        *(
            pytest.param(forged, marks=pytest.mark.later)
            for forged in (
                *({"base": base} for base in ("0", "-1", "1.5", "x", "")),
                *({"seen": seen} for seen in ("x", "2" * 5000)),
            )
        ),
        {"seen": "2", "choice-0000000000000000": "mine"},
        {"choice-": "both", "choice-x": "\0"},
    ],
    ids=repr,
)
def test_forged_hidden_fields_get_a_sentence_and_lose_nothing(
    jana: Client, article: Article, editor: User, forged: dict[str, str]
) -> None:
    form = opened(jana, article) | {"headline": "Mine", "body": body(A2, B, C, X)}
    article.save_revision(by=editor, headline="Theirs", body=body(A1, B, C, Y))
    response = save(jana, article, form | forged)
    assert response.status_code == 200
    page = text_of(response)
    assert "Nothing was saved yet" in page or "Nothing is saved yet" in page
    kept = fields_of(response)
    assert (kept["headline"], kept["body"]) == ("Mine", body(A2, B, C, X))
    assert numbers(article) == [1, 2]


def test_forged_choices_decide_nothing(jana: Client, article: Article, editor: User) -> None:
    form = opened(jana, article) | {"headline": "Mine"}
    article.save_revision(by=editor, headline="Theirs")
    response = save(jana, article, form)
    for value in ("mine", "theirs", "both", "mine-0000000000000000", "\0", "x" * 10_000):
        forged = dict.fromkeys(offered(response), value)
        again = save(jana, article, fields_of(response) | forged)
        assert again.status_code == 200
        assert "1 choice is missing" in text_of(again)
    assert numbers(article) == [1, 2]


def test_a_number_of_a_revision_that_is_not_there_asks_for_whatever_differs(
    jana: Client, article: Article, editor: User
) -> None:
    form = opened(jana, article) | {"base": "77", "headline": "Mine", "body": body(A2, B, C, X)}
    article.save_revision(by=editor, headline="Theirs", body=body(A1, B, C, Y))
    response = save(jana, article, form)
    assert "The revision that this form began from is not there any more." in text_of(response)
    save(jana, article, fields_of(response) | choose(response, "mine"))
    newest = article.newest_revision()
    assert newest.headline == "Mine"
    assert {A2, B, C, X, Y} == set(newest.body.split("\n"))


def test_a_form_sent_to_another_article_takes_nothing_from_the_first(
    jana: Client, article: Article, journalist: User, editor: User
) -> None:
    other = base.draft(by=journalist, headline="Another", body=body(X))
    for kicker in ("a", "b", "c"):
        article.save_revision(by=editor, kicker=kicker)
    form = opened(jana, article)
    response = save(jana, other, form)
    assert response.status_code == 200
    assert "is not there any more" in text_of(response)
    assert other.newest_revision().headline == "Another"


def test_nobody_merges_into_what_he_may_not_edit(article: Article, editor: User, login: Any) -> None:
    stranger = login(base.person("otto", "Journalist"))
    form = opened(login(editor), article)
    article.save_revision(by=editor, kicker="Port")
    assert save(stranger, article, form).status_code in (403, 404)
    assert numbers(article) == [1, 2]
