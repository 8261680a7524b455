"""Who has an article's form open, and what was typed there and not saved."""

import json
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError
from django.test import Client
from django.utils import timezone

from articles import jobs
from articles.models import Article, Sitting, User
from articles.models.sittings import ALIVE, DONE, KEPT, MAX_DONE, MAX_EMPTY, MAX_OPEN, SILENT
from newsroom.models import LogEntry
from tests import base
from tests.articles.admin import change, fields_of, text_of

pytestmark = pytest.mark.django_db
ADD = "/admin/articles/article/add/"
KEPT_PAGE = "/admin/articles/article/kept/"
TYPED = "Typed with care <b>and</b> not saved"


def address(uid: object) -> str:
    return f"/admin/articles/article/sitting/{uid}/"


def say(client: Client, user: User, article: Article | None, uid: object, **more: Any) -> Any:
    """Say what the script of a tab says."""
    word = {"user": user.pk, "article": article.pk if article else None, "language": "en", **more}
    return client.post(address(uid), json.dumps(word), content_type="application/json")


def pairs(form: dict[str, Any], **changes: str) -> list[list[str]]:
    """Return the fields of an opened form as the script sends them."""
    return [[name, str(value)] for name, value in (form | changes).items() if not name.startswith("sitting")]


def later(seconds: float) -> Any:
    return base.at(timezone.now() + timedelta(seconds=seconds))


@pytest.fixture
def article(journalist: User) -> Article:
    return base.draft(by=journalist)


@pytest.fixture
def jana(journalist: User, login: Callable) -> Client:
    return login(journalist)


@pytest.fixture
def emil(editor: User, login: Callable) -> Client:
    return login(editor)


def kept(
    client: Client, user: User, article: Article | None, *, gone: bool = True, **changes: str
) -> Sitting:
    """Type into a form, and let the tab crash a minute ago."""
    form = fields_of(client.get(change(article) if article else ADD))
    uid = form["sitting"]
    answer = say(client, user, article, uid, fields=pairs(form, **(changes or {"headline": TYPED})))
    assert answer.status_code == 200, answer.content
    sitting = Sitting.objects.get(uid=uid)
    if gone:
        Sitting.objects.filter(pk=sitting.pk).update(seen_at=timezone.now() - ALIVE)
    return sitting


# Who is there


def test_two_people_see_each_other_until_one_says_that_he_is_gone(
    jana: Client, emil: Client, journalist: User, editor: User, article: Article
) -> None:
    mine, his = uuid.uuid4(), uuid.uuid4()
    with base.at(base.NOON):
        assert say(jana, journalist, article, mine).json()["present"] == ""
    with base.at(base.NOON + timedelta(seconds=20)):
        assert "jana has this open since 12:00" in say(emil, editor, article, his).json()["present"]
        assert "jana has this open since 12:00" in text_of(emil.get(change(article)))
        assert "emil has this open since 12:00" in say(jana, journalist, article, mine).json()["present"]
        say(jana, journalist, article, mine, closed=True)
        assert say(emil, editor, article, his).json()["present"] == ""


def test_the_time_is_that_of_the_sites_clocks(
    jana: Client, emil: Client, journalist: User, editor: User, article: Article
) -> None:
    from newsroom.models import Site

    Site.objects.create(name="Newsroom", time_zone="Europe/Paris")
    with base.at(base.NOON):
        say(jana, journalist, article, uuid.uuid4())
        assert "since 14:00" in say(emil, editor, article, uuid.uuid4()).json()["present"]


def test_a_tab_that_fell_silent_is_gone_after_a_minute(
    emil: Client, journalist: User, editor: User, article: Article
) -> None:
    Sitting.objects.create(user=journalist, article=article, language="en")
    with later(ALIVE.total_seconds() - 1):
        assert "jana" in say(emil, editor, article, uuid.uuid4()).json()["present"]
    with later(ALIVE.total_seconds() + 1):
        assert "jana" not in say(emil, editor, article, uuid.uuid4()).json()["present"]


@pytest.mark.postgresql_later
def test_whoever_is_alone_is_never_told_of_somebody_else(
    jana: Client, journalist: User, login: Callable, article: Article
) -> None:
    another_browser = login(journalist)
    names = [uuid.uuid4() for _tab in range(5)]
    for number, name in enumerate(names):
        with later(number):
            for client in (jana, another_browser):
                told = say(client, journalist, article, name).json()["present"]
                assert "since" not in told
                assert "jana" not in told
                assert "has this open" not in text_of(client.get(change(article)))
    assert "another tab" in told, "of one's own other tabs one is told"
    for name in names[1:]:
        say(jana, journalist, article, name, closed=True)
    assert say(jana, journalist, article, names[0]).json()["present"] == ""


def test_a_reload_whose_goodbye_was_lost_closes_the_former_tab_itself(
    jana: Client, journalist: User, article: Article
) -> None:
    former, now = uuid.uuid4(), uuid.uuid4()
    say(jana, journalist, article, former)
    assert say(jana, journalist, article, now, former=[str(former)]).json()["present"] == ""
    assert Sitting.objects.get(uid=former).seen_at is None


def test_a_crashed_tab_of_ones_own_is_forgotten_after_a_minute(
    jana: Client, journalist: User, article: Article
) -> None:
    say(jana, journalist, article, uuid.uuid4())
    with later(ALIVE.total_seconds() + 1):
        assert say(jana, journalist, article, uuid.uuid4()).json()["present"] == ""


def test_a_clock_that_goes_back_makes_nobody_of_one_self(
    jana: Client, journalist: User, article: Article
) -> None:
    say(jana, journalist, article, uuid.uuid4())
    with later(-3600):
        assert "jana" not in say(jana, journalist, article, uuid.uuid4()).json()["present"]


def test_a_person_is_named_once_and_many_are_counted(
    emil: Client, editor: User, journalist: User, article: Article
) -> None:
    for user in [journalist, *(base.person(f"kai{n}", "Editor") for n in range(6))]:
        for _tab in range(2):
            Sitting.objects.create(user=user, article=article, language="en")
    told = say(emil, editor, article, uuid.uuid4()).json()["present"]
    assert told.count("jana") == 1
    assert told.endswith("And 2 more.")


def test_who_left_the_newsroom_is_not_there(
    emil: Client, editor: User, journalist: User, article: Article
) -> None:
    Sitting.objects.create(user=journalist, article=article, language="en")
    User.objects.filter(pk=journalist.pk).update(is_active=False)
    assert say(emil, editor, article, uuid.uuid4()).json()["present"] == ""


def test_open_forms_of_a_user_are_bounded(jana: Client, journalist: User, article: Article) -> None:
    for _tab in range(MAX_EMPTY + MAX_OPEN + 5):
        say(jana, journalist, article, uuid.uuid4())
    rows = Sitting.objects.filter(user=journalist)
    assert rows.alive().count() == MAX_OPEN
    assert rows.count() == MAX_EMPTY


# Who gets what


@pytest.mark.postgresql_later
def test_whoever_may_not_edit_the_article_gets_and_leaves_nothing(
    article: Article, editor: User, moderator: User, login: Callable
) -> None:
    other = base.person("otto", "Journalist")
    live = base.published(by=editor)
    Sitting.objects.create(user=editor, article=article, language="en")
    for user, what in ((other, article), (other, live), (moderator, article), (moderator, None)):
        response = say(login(user), user, what, uuid.uuid4(), fields=[["headline", "x"]])
        assert response.status_code == 404
        assert b"emil" not in response.content
    assert Sitting.objects.count() == 1


@pytest.mark.postgresql_later
def test_a_form_belongs_to_who_opened_it(
    jana: Client, emil: Client, journalist: User, editor: User, article: Article
) -> None:
    sitting = kept(jana, journalist, article, gone=False)
    response = say(emil, editor, article, sitting.uid, fields=[["headline", "Not mine"]], closed=True)
    assert response.status_code == 404
    sitting.refresh_from_db()
    assert sitting.headline == TYPED
    assert sitting.seen_at
    say(emil, editor, article, uuid.uuid4(), former=[str(sitting.uid)])
    sitting.refresh_from_db()
    assert sitting.seen_at, "nobody closes another's"


@pytest.mark.postgresql_later
def test_kept_text_is_shown_to_nobody_else(
    jana: Client, journalist: User, article: Article, chief: User, login: Callable
) -> None:
    sitting = kept(jana, journalist, article)
    clara = login(chief)
    own = f"{KEPT_PAGE}{sitting.uid}/"
    for path in (change(article), f"{change(article)}?kept={sitting.uid}", KEPT_PAGE, "/admin/"):
        assert "Typed with care" not in text_of(clara.get(path)), path
    assert clara.get(own).status_code == clara.post(own).status_code == 404
    assert "Typed with care" not in say(clara, chief, article, uuid.uuid4(), offers=True).json()["offers"]
    assert "Typed with care" in text_of(jana.get(own))


def test_a_session_that_is_over_is_told_and_leads_nowhere(journalist: User, article: Article) -> None:
    response = say(Client(), journalist, article, uuid.uuid4(), fields=[["headline", "x"]])
    assert response.status_code == 401
    assert response.json() == {"ended": True}
    assert not Sitting.objects.exists()


def test_an_old_token_is_told_as_json(journalist: User, article: Article) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(journalist)
    response = say(client, journalist, article, uuid.uuid4())
    assert (response.status_code, response.json()) == (403, {"token": "old"})


def test_text_is_never_kept_under_anothers_name(emil: Client, journalist: User, article: Article) -> None:
    response = say(emil, journalist, article, uuid.uuid4(), fields=[["headline", TYPED]])
    assert response.status_code == 409
    assert response.json()["other"] == "emil is logged in in this browser now."
    assert not Sitting.objects.exists()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff",
        b"[]",
        b"null",
        b"[" * 5000,
        b'{"user": "x"}',
        b'{"user": %d, "article": -1}',
        b'{"user": %d, "article": 99999999999999999999}',
        b'{"user": %d, "article": [1]}',
        b'{"user": %d, "fields": []}',
        b'{"user": %d, "fields": {"a": "b"}}',
        b'{"user": %d, "fields": [["a", 1]]}',
        b'{"user": %d, "fields": [["a"]]}',
        b'{"user": %d, "former": 3}',
        b'{"user": Infinity}',
    ],
)
def test_what_is_forged_is_refused(jana: Client, journalist: User, body: bytes) -> None:
    body = body.replace(b"%d", str(journalist.pk).encode())
    response = jana.post(address(uuid.uuid4()), body, content_type="application/json")
    assert response.status_code == 400
    assert not Sitting.objects.exists()


def test_what_no_database_takes_is_left_out(jana: Client, journalist: User, article: Article) -> None:
    uid = uuid.uuid4()
    fields = [
        ["headline", "a\0b\ud800c"],
        ["csrfmiddlewaretoken", "x"],
        ["my_password", "y"],
        ["sitting", "z"],
    ]
    assert say(jana, journalist, article, uid, fields=fields, former=["no uuid"]).status_code == 200
    assert Sitting.objects.get(uid=uid).fields == [["headline", "ab?c"]]


def test_text_is_bounded_as_a_form_is(
    jana: Client, journalist: User, article: Article, settings: Any
) -> None:
    too_many = [["a", "b"]] * (settings.DATA_UPLOAD_MAX_NUMBER_FIELDS + 1)
    assert say(jana, journalist, article, uuid.uuid4(), fields=too_many).status_code == 400
    long = [["a", "x" * settings.DATA_UPLOAD_MAX_MEMORY_SIZE]]
    assert say(jana, journalist, article, uuid.uuid4(), fields=long).status_code == 413


def test_the_row_says_what_was_typed_with_its_time(journalist: User) -> None:
    with pytest.raises(IntegrityError):
        Sitting.objects.create(user=journalist, language="en", fields=[["a", "b"]])


# What is kept


@pytest.mark.postgresql_later
def test_keeping_makes_no_revision_changes_nothing_and_is_not_logged(
    jana: Client, journalist: User, article: Article
) -> None:
    before, entries = Article.objects.values().get(pk=article.pk), LogEntry.objects.count()
    for headline in ("One", "Two", "", "x" * 5000):
        kept(jana, journalist, article, headline=headline, language="no such")
    assert Article.objects.values().get(pk=article.pk) == before
    assert article.revisions.count() == 1
    assert LogEntry.objects.count() == entries


def test_later_text_of_a_tab_takes_the_place_of_earlier(
    jana: Client, journalist: User, article: Article
) -> None:
    sitting = kept(jana, journalist, article, gone=False)
    told = say(jana, journalist, article, sitting.uid, fields=[["headline", "Newer"]]).json()
    assert told["kept"].startswith("Kept ")
    assert Sitting.objects.get().headline == "Newer"
    told = say(jana, journalist, article, sitting.uid, fields=None).json()
    assert told["kept"] == ""
    assert Sitting.objects.get().fields is None


def test_a_word_costs_little(
    jana: Client, journalist: User, article: Article, django_assert_max_num_queries: Any
) -> None:
    uid = uuid.uuid4()
    say(jana, journalist, article, uid)
    with django_assert_max_num_queries(16):
        say(jana, journalist, article, uid)


def test_a_beacon_of_a_page_that_goes_away_is_heard(jana: Client, journalist: User, article: Article) -> None:
    uid = uuid.uuid4()
    word = {"user": journalist.pk, "article": article.pk, "closed": True, "fields": [["headline", TYPED]]}
    assert jana.post(address(uid), {"word": json.dumps(word)}).status_code == 200
    sitting = Sitting.objects.get(uid=uid)
    assert (sitting.seen_at, sitting.headline) == (None, TYPED)


# What is offered


def test_what_was_typed_is_offered_taken_up_and_saved(
    jana: Client, journalist: User, article: Article
) -> None:
    sitting = kept(jana, journalist, article, standfirst="Also typed, also not saved.")
    page = text_of(jana.get(change(article)))
    assert "You wrote here and did not save it" in page
    taken = jana.get(f"{change(article)}?kept={sitting.uid}")
    form = fields_of(taken)
    assert form["standfirst"] == "Also typed, also not saved."
    assert form["sitting"] != str(sitting.uid)
    assert form["sitting_from"] == str(sitting.uid)
    assert "You wrote here and" not in text_of(taken)
    assert article.revisions.count() == 1
    assert Sitting.objects.kept().count() == 1, "until it is saved it stays"
    assert jana.post(change(article), form).status_code == 302
    assert article.newest_revision().standfirst == "Also typed, also not saved."
    assert not Sitting.objects.kept().exists()
    assert "You wrote here" not in text_of(jana.get(change(article)))


@pytest.mark.postgresql_later
def test_it_is_merged_with_what_a_colleague_saved_meanwhile(
    jana: Client, journalist: User, editor: User, article: Article
) -> None:
    sitting = kept(jana, journalist, article)
    article.save_revision(by=editor, standfirst="By the editor.")
    taken = jana.get(f"{change(article)}?kept={sitting.uid}")
    assert "Somebody has saved this article meanwhile" in text_of(taken)
    form = fields_of(taken)
    assert form["base"] == "1"
    merged = jana.post(change(article), form)
    assert merged.status_code == 200
    assert "emil saved revision 2" in text_of(merged)
    assert Sitting.objects.kept().count() == 1, "not saved yet"
    jana.post(change(article), fields_of(merged))
    newest = article.newest_revision()
    assert (newest.number, newest.headline, newest.standfirst) == (3, TYPED, "By the editor.")
    assert not Sitting.objects.kept().exists()


@pytest.mark.postgresql_later
def test_an_article_not_begun_yet_is_offered_where_one_is_begun(
    jana: Client, journalist: User, article: Article
) -> None:
    sitting = kept(jana, journalist, None, language="de", kicker="Nur ein Anfang")
    assert "You wrote here" not in text_of(jana.get(change(article)))
    assert "You wrote here" in text_of(jana.get(ADD))
    form = fields_of(jana.get(f"{ADD}?kept={sitting.uid}"))
    assert (form["kicker"], form["language"]) == ("Nur ein Anfang", "de")
    assert Article.objects.count() == 1
    response = jana.post(ADD, form | {"headline": "Jetzt"})
    assert response.status_code == 302
    assert Article.objects.get(language="de").newest_revision().kicker == "Nur ein Anfang"
    assert not Sitting.objects.kept().exists()


@pytest.mark.postgresql_later
def test_what_is_open_in_a_tab_is_not_offered(jana: Client, journalist: User, article: Article) -> None:
    sitting = kept(jana, journalist, article, gone=False)
    assert "You wrote here" not in text_of(jana.get(change(article)))
    with later(ALIVE.total_seconds() + 1):
        assert "You wrote here" in text_of(jana.get(change(article)))
    answer = say(jana, journalist, article, uuid.uuid4(), offers=True, former=[str(sitting.uid)]).json()
    assert f"kept={sitting.uid}" in answer["offers"]


@pytest.mark.postgresql_later
@pytest.mark.parametrize(
    ("name", "same"),
    [
        ("headline", "Harbour reopens  after the storm "),
        ("standfirst", " Ferries leave again from Monday.\n"),
        ("body", "<p>The first ferry left at six.</p>\n\n<p>Nobody was&nbsp;hurt.</p>\n"),
        ("base", "7"),
        ("standfirst", "Ferries leave again from Monday."),
    ],
)
def test_what_the_form_shows_anyway_is_not_offered(
    jana: Client, journalist: User, article: Article, name: str, same: str
) -> None:
    if name == "body":
        same = same.replace("&nbsp;", " ")
    if name == "headline":
        same = same.replace("  ", " ")
    kept(jana, journalist, article, **{name: same})
    assert "You wrote here" not in text_of(jana.get(change(article)))


@pytest.mark.postgresql_later
@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("body", "<p>The first ferry left at seven.</p>"),
        ("byline-0-author", "Nora"),
        *(
            pytest.param(name, other, marks=pytest.mark.later)
            for name, other in (
                ("tags", "Ferries"),
                ("source-0-name", "Harbour office"),
                ("noindex", "on"),
                ("section", ""),
            )
        ),
    ],
)
def test_whatever_differs_is_offered(
    jana: Client, journalist: User, article: Article, name: str, other: str
) -> None:
    sitting = kept(jana, journalist, article, **{name: other})
    assert f"kept={sitting.uid}" in text_of(jana.get(change(article)))
    taken = fields_of(jana.get(f"{change(article)}?kept={sitting.uid}"))
    assert taken[name].strip() == other


def test_at_most_five_are_offered_the_newest_first(jana: Client, journalist: User, article: Article) -> None:
    for number in range(7):
        with later(number - 100):
            kept(jana, journalist, article, headline=f"Number {number}")
    page = text_of(jana.get(change(article)))
    assert "several times" in page
    assert [n for n in sorted(range(7), key=lambda n: page.find(f"Number {n}")) if f"Number {n}" in page] == [
        6, 5, 4, 3, 2,
    ]  # fmt: skip


def test_what_was_saved_is_never_offered_whatever_comes_late(
    jana: Client, journalist: User, editor: User, article: Article
) -> None:
    form = fields_of(jana.get(change(article))) | {"headline": TYPED}
    uid = form["sitting"]
    say(jana, journalist, article, uid, fields=pairs(form))
    assert jana.post(change(article), form).status_code == 302
    # Sent before, heard after: by the tab, by its beacon, by the next page out of the browser's store.
    assert say(jana, journalist, article, uid, fields=pairs(form)).json()["done"] is True
    assert say(jana, journalist, article, uid, fields=pairs(form), closed=True).json()["done"] is True
    article.save_revision(by=editor, headline="By the editor")
    assert not Sitting.objects.kept().exists()
    assert not Sitting.objects.alive().exists()
    assert "You wrote here" not in text_of(jana.get(change(article)))


def test_text_that_arrives_while_the_form_is_saved_is_not_kept(
    jana: Client, journalist: User, article: Article
) -> None:
    read_before = kept(jana, journalist, article, gone=False)
    Sitting.objects.finish(journalist, read_before.uid)
    assert read_before.keep([("headline", TYPED)], language="en") is False
    assert Sitting.objects.get().is_done()


def test_a_save_that_nothing_was_heard_of_before_is_known_too(
    jana: Client, journalist: User, article: Article
) -> None:
    form = fields_of(jana.get(change(article))) | {"headline": TYPED}
    jana.post(change(article), form)
    assert say(jana, journalist, article, form["sitting"], fields=pairs(form), closed=True).json()["done"]


@pytest.mark.postgresql_later
def test_a_save_that_fails_is_offered_still(jana: Client, journalist: User, article: Article) -> None:
    form = fields_of(jana.get(change(article))) | {"headline": ""}
    say(jana, journalist, article, form["sitting"], fields=pairs(form, standfirst="Not lost."), closed=True)
    refused = jana.post(change(article), form | {"standfirst": "Not lost.", "section": "nonsense"})
    assert refused.status_code == 200
    assert "You wrote here" not in text_of(refused), "it stands in the form"
    assert fields_of(refused)["sitting_from"] == form["sitting"]
    assert "You wrote here" in text_of(jana.get(change(article)))


@pytest.mark.postgresql_later
def test_a_forged_save_finishes_nothing_of_anybody_else(
    jana: Client, emil: Client, journalist: User, article: Article
) -> None:
    sitting = kept(jana, journalist, article)
    form = fields_of(emil.get(change(article))) | {"headline": "By the editor"}
    names = {"sitting": str(sitting.uid), "sitting_from": str(sitting.uid)}
    assert emil.post(change(article), form | names).status_code == 302
    assert emil.post(change(article), form | {"sitting": "nonsense", "base": "2"}).status_code == 302
    sitting.refresh_from_db()
    assert sitting.headline == TYPED


@pytest.mark.postgresql_later
def test_the_text_that_a_form_took_up_goes_when_it_is_kept_there(
    jana: Client, journalist: User, article: Article
) -> None:
    former = kept(jana, journalist, article)
    form = fields_of(jana.get(f"{change(article)}?kept={former.uid}"))
    say(jana, journalist, article, form["sitting"], **{"from": [str(former.uid)]})
    assert Sitting.objects.kept().get() == former, "until something is kept in its place"
    say(jana, journalist, article, form["sitting"], fields=pairs(form), **{"from": [str(former.uid)]})
    assert Sitting.objects.kept().get().uid == uuid.UUID(form["sitting"])


@pytest.mark.postgresql_later
def test_a_tab_that_wakes_up_again_keeps_its_own(jana: Client, journalist: User, article: Article) -> None:
    asleep = kept(jana, journalist, article)
    form = fields_of(jana.get(f"{change(article)}?kept={asleep.uid}"))
    say(jana, journalist, article, asleep.uid)
    jana.post(change(article), form)
    assert Sitting.objects.kept().get() == asleep


# Where one finds it again


@pytest.mark.postgresql_later
def test_the_desk_leads_to_what_was_not_saved_only_if_there_is_something(
    jana: Client, journalist: User, article: Article
) -> None:
    assert "Written and not saved" not in text_of(jana.get("/admin/"))
    assert "Everything that you wrote is saved." in text_of(jana.get(KEPT_PAGE))
    kept(jana, journalist, article)
    kept(jana, journalist, None, kicker="Just begun")
    desk = text_of(jana.get("/admin/"))
    assert "Written and not saved" in desk
    assert KEPT_PAGE in desk
    page = text_of(jana.get(KEPT_PAGE))
    assert "Typed with care &lt;b&gt;" in page
    assert "an article not begun yet" in page


@pytest.mark.postgresql_later
def test_it_is_thrown_away_after_a_look_at_it(jana: Client, journalist: User, article: Article) -> None:
    sitting = kept(jana, journalist, article)
    own = f"{KEPT_PAGE}{sitting.uid}/"
    assert own in text_of(jana.get(change(article)))
    assert "Typed with care" in text_of(jana.get(own))
    assert Sitting.objects.kept().exists(), "a look changes nothing"
    assert jana.post(own).headers["Location"] == KEPT_PAGE
    assert not Sitting.objects.exists()
    assert jana.post(own).status_code == 404


@pytest.mark.postgresql_later
def test_what_went_out_of_reach_is_still_read_and_still_kept(
    jana: Client, journalist: User, editor: User, article: Article
) -> None:
    sitting = kept(jana, journalist, article)
    Article.objects.filter(pk=article.pk).update(created_by=editor)
    assert jana.get(change(article)).status_code == 404
    page = text_of(jana.get(KEPT_PAGE))
    assert "Typed with care" in page
    assert "You may not change this article any more" in page
    assert f"kept={sitting.uid}" not in page
    assert str(article) not in page, "of the article itself he learns nothing"
    Sitting.objects.create(user=editor, article=article, language="en")
    told = say(jana, journalist, article, sitting.uid, fields=[["headline", "More"]]).json()
    assert told["present"] == ""
    assert told["refused"].startswith("You may not change this article any more")
    sitting.refresh_from_db()
    assert sitting.headline == "More"


@pytest.mark.postgresql_later
def test_a_draft_that_is_discarded_takes_nobodys_text_along(
    jana: Client, journalist: User, editor: User, article: Article
) -> None:
    sitting = kept(jana, journalist, article)
    gone = Article(pk=article.pk)
    article.discard(by=editor)
    sitting.refresh_from_db()
    assert sitting.headline == TYPED
    assert "You wrote here" in text_of(jana.get(ADD))
    told = say(jana, journalist, gone, sitting.uid, fields=[["headline", "More"]])
    assert told.status_code == 200
    form = fields_of(jana.get(f"{ADD}?kept={sitting.uid}"))
    assert form["headline"] == "More"


@pytest.mark.postgresql_later
@pytest.mark.parametrize("field", ["nonsense", "byline-TOTAL_FORMS", "section", "photo", "base"])
def test_whatever_was_kept_can_be_opened(
    jana: Client, journalist: User, article: Article, field: str
) -> None:
    Sitting.objects.create(
        user=journalist,
        article=article,
        language="en",
        seen_at=None,
        fields=[[field, "no such thing"], ["headline", TYPED]],
        saved_at=timezone.now(),
    )
    assert "You wrote here" in text_of(jana.get(change(article)))
    uid = Sitting.objects.get().uid
    assert "Typed with care" in text_of(jana.get(f"{change(article)}?kept={uid}"))


@pytest.mark.postgresql_later
@pytest.mark.parametrize("wanted", ["", "x", str(uuid.UUID(int=7)), "%00"])
def test_taking_up_what_is_not_there_opens_the_form(jana: Client, article: Article, wanted: str) -> None:
    response = jana.get(f"{change(article)}?kept={wanted}")
    assert response.status_code == 200
    assert fields_of(response)["headline"] == "Harbour reopens after the storm"


# How long it stays


def test_silent_forms_go_after_a_day_and_kept_text_after_thirty(journalist: User, article: Article) -> None:
    now = timezone.now()

    def row(**values: Any) -> Sitting:
        return Sitting.objects.create(user=journalist, article=article, language="en", **values)

    old, long_ago = now - SILENT - timedelta(hours=1), now - KEPT - timedelta(hours=1)
    fields: list = [["headline", "x"]]
    gone = [
        row(seen_at=old, opened_at=old),
        row(seen_at=None, opened_at=old),
        row(seen_at=None, fields=fields, saved_at=long_ago),
        row(seen_at=old, fields=fields, saved_at=long_ago),
        row(seen_at=None, fields=DONE, saved_at=long_ago),
    ]
    stays = [
        row(seen_at=now, opened_at=old),
        row(seen_at=None, opened_at=now),
        row(seen_at=old, fields=fields, saved_at=old),
        row(seen_at=now, fields=fields, saved_at=long_ago),
        row(seen_at=None, fields=DONE, saved_at=old),
    ]
    assert jobs.forget_sittings() == len(gone)
    assert sorted(Sitting.objects.values_list("pk", flat=True)) == sorted(one.pk for one in stays)


def test_rows_of_saved_forms_are_bounded(journalist: User) -> None:
    Sitting.objects.bulk_create(
        Sitting(user=journalist, language="", fields=DONE, saved_at=timezone.now(), seen_at=None)
        for _row in range(MAX_DONE + 3)
    )
    Sitting.objects.bound(journalist)
    assert Sitting.objects.count() == MAX_DONE


# What was expunged meanwhile


@pytest.mark.postgresql_later
def test_what_was_typed_upon_an_expunged_text_is_not_kept(
    jana: Client, journalist: User, article: Article
) -> None:
    article.save_revision(by=None, body="<p>The first ferry left at six.</p><p>Ada Lund was hurt.</p>")
    sitting = kept(jana, journalist, article, gone=False)
    assert "Ada Lund" in str(sitting.fields)
    old = sitting.fields
    article.expunge(by=None, passage="Ada Lund", reason="A minor.")
    sitting.refresh_from_db()
    assert "Ada Lund" not in str(sitting.fields)

    answer = say(jana, journalist, article, sitting.uid, fields=old).json()

    assert "A passage was expunged" in answer["refused"]
    sitting.refresh_from_db()
    assert "Ada Lund" not in str(sitting.fields)
    # A form that is opened now is kept as ever.
    assert "Typed" in str(kept(jana, journalist, article, gone=False).fields)


def test_a_form_that_is_forgotten_while_it_speaks_is_not_found(
    jana: Client, journalist: User, article: Article, monkeypatch: pytest.MonkeyPatch
) -> None:
    sitting = kept(jana, journalist, article, gone=False)
    keep = Sitting.keep

    def forgotten(self: Sitting, *args: Any, **options: Any) -> bool:
        is_kept = keep(self, *args, **options)
        Sitting.objects.all().delete()
        return is_kept

    monkeypatch.setattr(Sitting, "keep", forgotten)
    assert say(jana, journalist, article, sitting.uid, fields=[["headline", "Newer"]]).status_code == 404
