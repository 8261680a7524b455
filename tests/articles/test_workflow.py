"""The work flow of the desk: who goes on with an article, until when, and who is told."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.test import Client
from django.utils import timezone

from articles.admin import stages
from articles.models import Article, Grant, Remark, Revision, Task, User
from articles.models.accounts import who_may_edit
from newsroom.models import LogEntry, Mail, Site
from newsroom.verbs import Refused
from tests import base
from tests.articles.admin import change, page, send, text_of

pytestmark = pytest.mark.django_db

Login = Callable[[User], Client]
LIST = "/admin/articles/article/"
STAGES = "/admin/articles/article/stages/"


def hours(number: float) -> object:
    return timezone.now() + timedelta(hours=number)


@pytest.fixture
def article(journalist: User) -> Article:
    return base.draft(by=journalist)


@pytest.fixture
def mailed(editor: User, journalist: User, chief: User) -> Callable[[], dict[str, list[Mail]]]:
    """Give everybody an address, and return what they got."""
    for user in (editor, journalist, chief):
        user.email = f"{user.username}@example.org"
        user.save()

    def got() -> dict[str, list[Mail]]:
        found: dict[str, list[Mail]] = {}
        for mail in Mail.objects.order_by("pk"):
            found.setdefault(mail.to.partition("@")[0], []).append(mail)
        return found

    return got


# Assigning


def test_assigning_is_safe_twice_and_logs_ids_only(article: Article, editor: User, journalist: User) -> None:
    due = hours(3)
    article.assign(by=editor, assignee=journalist, due_at=due)
    article.assign(by=editor, assignee=journalist, due_at=due)
    article.refresh_from_db()
    assert (article.assignee, article.due_at) == (journalist, due)
    [entry] = LogEntry.objects.filter(verb="article.assign")
    assert entry.details == {"assignee": journalist.pk, "due": due.isoformat()}


def test_what_is_not_given_stays(article: Article, editor: User, journalist: User) -> None:
    article.assign(by=editor, assignee=journalist, due_at=hours(3))
    article.assign(by=editor, due_at=None)
    assert (article.assignee, article.due_at) == (journalist, None)
    article.assign(by=editor, due_at=(due := hours(5)))
    article.assign(by=editor, assignee=None)
    assert (article.assignee, article.due_at) == (None, due)


def test_a_new_time_that_is_past_is_refused_and_one_that_has_passed_may_stay(
    article: Article, editor: User, journalist: User
) -> None:
    with pytest.raises(Refused, match="past"):
        article.assign(by=editor, due_at=hours(-1))
    article.assign(by=editor, due_at=(due := hours(1)))
    with base.at(hours(2)):
        article.assign(by=editor, assignee=journalist, due_at=due)
        with pytest.raises(Refused, match="past"):
            article.assign(by=editor, due_at=due + timedelta(minutes=1))
    article.refresh_from_db()
    assert (article.assignee, article.due_at) == (journalist, due)


def test_assigning_gives_no_access(article: Article, editor: User, translator: User, moderator: User) -> None:
    gone = base.person("greta", "Editor")
    gone.is_active = False
    gone.save()
    german = base.person("gerda", "Editor", languages=["de"])
    for person in (translator, moderator, gone, german, base.person("jonas", "Journalist")):
        with pytest.raises(Refused, match=f"{person.username} may not edit this article"):
            article.assign(by=editor, assignee=person)
    article.refresh_from_db()
    assert article.assignee is None


def test_who_writes_takes_what_is_free_and_gives_back_what_is_his(
    article: Article, editor: User, journalist: User
) -> None:
    article.assign(by=journalist, assignee=journalist, due_at=hours(2))
    article.assign(by=journalist, assignee=None)
    with pytest.raises(PermissionDenied):
        article.assign(by=journalist, assignee=editor)
    article.assign(by=editor, assignee=editor)
    for wish in ({"assignee": journalist}, {"assignee": None}, {"due_at": None}):
        with pytest.raises(PermissionDenied):
            article.assign(by=journalist, **wish)
    stranger = base.person("jonas", "Journalist")
    other = base.draft()
    with pytest.raises(PermissionDenied):
        other.assign(by=stranger, assignee=stranger)


def test_those_who_are_offered_are_those_who_may_edit(
    article: Article, editor: User, chief: User, translator: User, moderator: User
) -> None:
    culture = base.section({"en": "Culture"})
    elsewhere = base.person("carla", "Editor")
    Grant.objects.get(user=elsewhere).sections.add(culture)
    base.person("gerda", "Editor", languages=["de"])
    both = base.person("bea", "Editor", languages=["en"])
    Grant.objects.create(user=both, group=base.role_named("Chief"))
    by_herself = base.person("hanna", "Moderator")
    by_herself.user_permissions.add(base.Permission.objects.get(codename="edit_others"))
    User.objects.create_superuser("super")
    base.person("jonas", "Journalist")
    gone = base.person("greta", "Chief")
    gone.is_active = False
    gone.save()
    for row in (article, base.draft(language="de", headline="Hafen"), base.draft(section=culture)):
        row.refresh_from_db()
        able = {user.username for user in User.objects.all() if row.is_editable_by(user)}
        offered = [user.username for user in who_may_edit(row)]
        assert (set(offered), len(offered)) == (able, len(able))
    assert "carla" in offered
    assert "carla" not in {user.username for user in who_may_edit(article)}


def test_finding_those_who_may_edit_costs_the_same_for_many(
    article: Article, django_assert_num_queries: Callable
) -> None:
    article.refresh_from_db()
    for number in range(6):
        base.person(f"editor{number}", "Editor", languages=["en"])
    costs = []
    for round_ in range(2):
        with django_assert_num_queries(12, exact=False) as queries:
            assert list(who_may_edit(Article.objects.get(pk=article.pk)))
        costs.append(len(queries))
        for number in range(6):
            base.person(f"more{round_}-{number}", "Chief")
    assert costs[0] == costs[1]


@pytest.mark.postgresql_later
def test_the_page_assigns_on_the_sites_clocks_and_keeps_what_was_refused(
    article: Article, editor: User, journalist: User, login: Login
) -> None:
    Site(time_zone="Europe/Zurich").save()
    client = login(editor)
    address = page(article, "assign")
    shown = send(client, address, assignee=str(journalist.pk), due_at="2020-01-01T10:00")
    assert "That time is past" in text_of(shown)
    assert 'value="2020-01-01T10:00"' in text_of(shown)
    assert f'value="{journalist.pk}" selected' in text_of(shown)
    shown = send(client, address, follow=True, assignee=str(journalist.pk), due_at="2030-07-11T06:00")
    assert "Assigned to jana, due " in text_of(shown)
    assert "2030 06:00 CEST" in text_of(shown)
    article.refresh_from_db()
    assert article.due_at.isoformat() == "2030-07-11T04:00:00+00:00"


@pytest.mark.postgresql_later
@pytest.mark.parametrize("whom", ["99999999999999999999", "x", "\0", "-1"])
def test_somebody_who_is_not_offered_is_refused(
    article: Article, editor: User, login: Login, whom: str
) -> None:
    shown = send(login(editor), page(article, "assign"), assignee=whom)
    assert shown.status_code == 200
    assert "errorlist" in text_of(shown)


def test_what_nobody_touched_is_no_wish(
    article: Article, editor: User, journalist: User, login: Login
) -> None:
    client = login(editor)
    address = page(article, "assign")
    from tests.articles.admin import fields_of

    opened = fields_of(client.get(address))
    article.assign(by=editor, assignee=journalist)
    client.post(address, {**opened, "due_at": "2030-07-11T06:00"})
    article.refresh_from_db()
    assert article.assignee == journalist, "a form that was open before took it from her"
    assert article.due_at


@pytest.mark.postgresql_later
def test_a_writer_is_offered_himself_alone_and_nothing_of_what_another_has(
    article: Article, editor: User, journalist: User, login: Login
) -> None:
    client = login(journalist)
    shown = text_of(client.get(page(article, "assign")))
    assert "emil" not in shown
    send(client, page(article, "assign"), assignee=str(journalist.pk))
    article.refresh_from_db()
    assert article.assignee == journalist
    article.assign(by=editor, assignee=editor)
    assert client.get(page(article, "assign")).status_code == 403
    assert 'name="assignee"' not in text_of(client.get(page(article, "stage")))
    assert "Assigned to emil" in text_of(client.get(change(article)))


# Handing on


@pytest.mark.postgresql_later
def test_handing_on_is_one_step_and_one_mail(
    article: Article, editor: User, chief: User, login: Login, mailed: Callable
) -> None:
    send(
        login(editor),
        page(article, "stage"),
        stage="copy-desk",
        assignee=str(chief.pk),
        due_at="2030-07-11T18:00",
        text="Mind the names.",
    )
    article.refresh_from_db()
    assert (article.stage, article.assignee) == ("copy-desk", chief)
    remark = Remark.objects.get()
    assert (remark.text, remark.block) == ("Mind the names.", "")
    [mail] = mailed()["clara"]
    assert "emil has assigned this article to you." in mail.text
    assert "> Mind the names." in mail.text
    assert article.headline in mail.text
    assert f"/admin/articles/article/{article.pk}/change/" in mail.text
    assert "emil" not in mailed()


def test_of_a_handing_on_that_is_refused_nothing_stays(
    article: Article, editor: User, translator: User, mailed: Callable
) -> None:
    with pytest.raises(Refused):
        article.hand_on(by=editor, stage="ready", assignee=translator, text="Here.")
    article.refresh_from_db()
    assert article.stage == "writing"
    assert not Remark.objects.exists()
    assert not Mail.objects.exists()


@pytest.mark.postgresql_later
def test_a_word_that_is_too_long_is_refused_and_kept(article: Article, editor: User, login: Login) -> None:
    shown = send(login(editor), page(article, "stage"), stage="ready", text="x" * 2001)
    assert "x" * 2001 in text_of(shown)
    article.refresh_from_db()
    assert article.stage == "writing"


# Who is told


def test_a_remark_is_told_to_who_has_it_who_wrote_it_and_who_spoke(
    article: Article, editor: User, journalist: User, chief: User, mailed: Callable
) -> None:
    article.assign(by=chief, assignee=chief)
    remark = article.remark(by=editor, text="Who says so?")
    assert sorted(mailed()) == ["clara", "jana"]
    Mail.objects.all().delete()
    article.remark(by=journalist, text="She does.", answers=remark)
    assert sorted(mailed()) == ["clara", "emil"]
    [mail] = mailed()["emil"]
    assert "jana has answered a remark:" in mail.text
    assert remark.get_absolute_url().partition("#")[0] in mail.text
    article.remark(by=journalist, text="She does.", answers=remark)
    assert len(mailed()["emil"]) == 1, "the same word twice is one"


def test_nobody_is_told_of_what_he_may_not_see_or_did_himself(
    article: Article, editor: User, journalist: User, chief: User, mailed: Callable
) -> None:
    remark = article.remark(by=chief, text="Is it so?")
    article.remark(by=editor, text="It is.", answers=remark)
    Mail.objects.all().delete()
    chief.grants.all().delete()
    journalist.is_active = False
    journalist.save()
    User.objects.filter(pk=editor.pk).update(email="")
    other = base.person("erna", "Editor")
    article = Article.objects.get(pk=article.pk)
    article.remark(by=other, text="No.", answers=remark)
    article.assign(by=other, assignee=other)
    assert mailed() == {}


def test_without_a_mail_server_no_mail_piles_up(
    article: Article, editor: User, chief: User, mailed: Callable, settings: object
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
    article.assign(by=chief, assignee=editor)
    assert mailed() == {}


def test_a_task_is_told_to_who_gets_it(article: Article, editor: User, chief: User, mailed: Callable) -> None:
    task = Task.make(by=chief, article=article, kind="correct", text="Monday!", assignee=editor)
    [mail] = mailed()["emil"]
    assert "clara has given you a task: correct this." in mail.text
    assert f"/admin/articles/task/{task.pk}/change/" in mail.text
    task.assign(by=editor, assignee=chief, due_at=hours(3))
    [mail] = mailed()["clara"]
    assert "Due: " in mail.text
    task.assign(by=editor, due_at=None)
    assert len(mailed()["clara"]) == 1


def test_a_mail_speaks_the_language_of_the_article(editor: User, chief: User, mailed: Callable) -> None:
    Site(name="Newsroom", time_zone="Europe/Zurich").save()
    german = base.draft(language="de", headline="Der Hafen\nöffnet 100 %s")
    german.assign(by=chief, assignee=editor, due_at=hours(3))
    [mail] = mailed()["emil"]
    assert "öffnet 100 %s" in mail.text
    assert "\n" not in mail.subject


# Lists


def test_the_list_is_filtered_by_who_has_it_and_when_it_is_due(
    editor: User, chief: User, login: Login
) -> None:
    rows = {name: base.draft(headline=name) for name in ("late", "soon", "later", "free")}
    now = timezone.now().replace(hour=12)
    with base.at(now):
        for name, due in (("late", -1), ("soon", 2), ("later", 24 * 30)):
            rows[name].assign(by=chief, assignee=editor if name != "later" else chief)
            Article.objects.filter(pk=rows[name].pk).update(due_at=now + timedelta(hours=due))
        done = base.published(headline="done")
        done.assign(by=chief, assignee=editor)
        Article.objects.filter(pk=done.pk).update(due_at=now - timedelta(hours=1))
        client = login(editor)

        def listed(query: str) -> set[str]:
            shown = text_of(client.get(f"{LIST}?{query}"))
            return {name for name in (*rows, "done") if f'lang="en">{name}</span>' in shown}

        assert listed("assigned=me") == {"late", "soon"}
        assert listed("assigned=anybody") == {"late", "soon", "later"}
        assert listed("assigned=nobody") == {"free"}
        assert listed("due=late") == {"late"}
        assert listed("due=today") == {"late", "soon"}
        assert {"late", "soon"} <= listed("due=week") <= {"late", "soon", "later"}
        assert listed("due=%00") == {*rows, "done"}
        assert "late: " in text_of(client.get(LIST))


def test_others_drafts_are_in_no_filter(
    article: Article, editor: User, login: Login, journalist: User
) -> None:
    secret = base.draft(headline="Secret", by=editor)
    secret.assign(by=editor, assignee=editor, due_at=hours(1))
    client = login(base.person("jonas", "Journalist"))
    for query in ("assigned=anybody", "assigned=nobody", "due=today", "due=week"):
        assert "Secret" not in text_of(client.get(f"{LIST}?{query}"))


# By stage


def test_each_draft_stands_once_below_its_stage(
    article: Article, editor: User, chief: User, login: Login
) -> None:
    article.hand_on(by=chief, stage="copy-desk", assignee=editor, due_at=hours(3), text="Look.")
    base.draft(headline="Ready one").set_stage("ready", by=None)
    base.published(headline="Out already")
    shown = text_of(login(editor).get(STAGES))
    copy_desk = shown.partition('id="stage-copy-desk"')[2].partition('id="stage-ready"')[0]
    assert shown.count(f"/article/{article.pk}/change/") == 1
    for words in (article.headline, "emil", "due ", "1 open remark", f"/article/{article.pk}/stage/"):
        assert words in copy_desk
    assert "Ready one" in shown.partition('id="stage-ready"')[2]
    assert "Out already" not in shown


def test_a_column_ends_and_leads_to_the_list_and_what_is_due_stands_first(
    editor: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stages, "MAX_IN_COLUMN", 2)
    rows = [base.draft(headline=f"Number {number}") for number in range(4)]
    rows[1].assign(by=editor, due_at=hours(3))
    [writing, *_rest] = stages.columns(editor, Site.current().zone)
    assert [article.pk for article, _due in writing.rows] == [rows[1].pk, rows[3].pk]
    assert (writing.number, writing.has_more) == (4, True)
    assert writing.address == f"{LIST}?state=draft&stage=writing"


def test_who_edits_some_sees_those_alone(login: Login) -> None:
    base.draft(headline="English one")
    base.draft(headline="Deutscher", language="de")
    german = base.person("gerda", "Editor", languages=["de"])
    shown = text_of(login(german).get(STAGES))
    assert "Deutscher" in shown
    assert "English one" not in shown


@pytest.fixture
def many(editor: User, journalist: User) -> Callable[[int], None]:
    """Return a function that leaves so many drafts, each with all that the lists show."""
    section = base.section()

    def make(number: int) -> None:
        for model in (Task, Remark, Revision):
            model.objects.all().delete()
        Article.objects.all().delete()
        for one in range(number):
            row = base.draft(headline=f"Number {one}", section=section, by=journalist)
            Article.objects.filter(pk=row.pk).update(
                assignee=editor if one % 2 else journalist,
                due_at=hours(one) if one % 3 else None,
                stage=Article.Stage.values[one % 3],
            )
            Remark.objects.create(article=row, text="Is it so?", created_by=editor)
            Task.objects.create(article=row, source=row, kind="review", assignee=editor, due_at=hours(1))

    return make


@pytest.mark.parametrize(
    ("address", "most"),
    [
        (STAGES, 20),
        (LIST, 20),
        pytest.param("/admin/articles/task/", 20, marks=pytest.mark.later),
        pytest.param("/admin/", 32, marks=pytest.mark.later),
    ],
)
def test_lists_cost_the_same_for_few_and_for_many(
    address: str, most: int, many: Callable, editor: User, login: Login, django_assert_num_queries: Callable
) -> None:
    client = login(editor)
    costs = []
    for number in (5, 60):
        many(number)
        client.get(address)
        with django_assert_num_queries(most, exact=False) as queries:
            assert client.get(address).status_code == 200
        costs.append(len(queries))
    assert costs[0] == costs[1]


def test_in_work_is_what_readers_do_not_see_as_it_stands(editor: User) -> None:
    draft, live, newer, gone = base.draft(), base.published(), base.published(), base.withdrawn()
    later = base.published(at=hours(2))
    newer.save_revision(by=editor, headline="More is known")
    found: QuerySet = Article.objects.in_work()
    assert {*found} == {draft, newer, gone, later}
    assert live not in found
