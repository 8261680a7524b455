"""Tasks: what is to be done at an article, by whom, until when."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.utils import timezone

from articles.models import Article, Task, User
from articles.models import tasks as tasks_module
from newsroom.models import LogEntry
from newsroom.verbs import Refused
from tests import base
from tests.articles.admin import change, page, send, text_of
from tests.articles.test_publish_at_once import at_once

pytestmark = pytest.mark.django_db


@pytest.fixture
def article(journalist: User) -> Article:
    return base.draft(by=journalist)


def make(article: Article, by: User | None = None, **given: object) -> Task:
    return Task.make(
        **{"by": by, "article": article, "kind": Task.Kind.REVIEW, "text": "Is it Monday?", **given}
    )


def deeds(verb: str) -> list[LogEntry]:
    return list(LogEntry.objects.filter(verb=verb))


def test_a_task_is_made_once_and_its_text_stays_out_of_the_log(article: Article, editor: User) -> None:
    task = make(article, editor)
    assert make(article, editor) == task
    assert make(article, editor, text="Another") != task
    made = deeds("task.make")
    assert len(made) == 2
    assert "Monday" not in str([entry.details for entry in made])
    task.close(by=editor)
    assert make(article, editor) != task, "what was done may come again"


def test_a_note_makes_one_task_at_an_article_even_after_it_is_done(article: Article, editor: User) -> None:
    source = base.published(language="de")
    note = source.add_note(by=editor, kind="correction", text="Montag, nicht Dienstag.")
    task = make(article, editor, kind="correct", source=source, note=note, text="")
    task.close(by=editor)
    assert make(article, editor, kind="correct", source=source, note=note, text="") == task
    task.refresh_from_db()
    assert task.closed_at
    assert Task.objects.count() == 1


def test_a_withdrawal_makes_one_task(article: Article, chief: User) -> None:
    source = base.published(language="de")
    source.withdraw(by=chief, reason="Wrong.")
    withdrawal = source.withdrawals.get()
    task = make(article, chief, source=source, withdrawal=withdrawal, text="")
    assert make(article, chief, source=source, withdrawal=withdrawal, text="") == task


def test_who_may_make_tasks(article: Article, editor: User, journalist: User, translator: User) -> None:
    for user in (journalist, translator):
        with pytest.raises(PermissionDenied):
            make(article, user)
    only_german = base.person("gerda", "Editor", languages=["de"])
    with pytest.raises(PermissionDenied):
        make(article, only_german)
    # His note is at his article, and what follows from it may be in a language that is not his.
    source = base.published(language="de")
    note = source.add_note(by=only_german, kind="correction", text="Montag.")
    assert make(article, only_german, source=source, note=note)
    with pytest.raises(PermissionDenied):
        make(article, journalist, source=source, note=note, text="")


def test_a_task_is_for_somebody_who_may_do_it(article: Article, editor: User, translator: User) -> None:
    with pytest.raises(Refused, match="tomas may not edit this article"):
        make(article, editor, assignee=translator)
    with pytest.raises(Refused, match="past"):
        make(article, editor, due_at=timezone.now() - timedelta(minutes=1))
    with pytest.raises(ValidationError):
        make(article, editor, text="x" * 2001)
    assert not Task.objects.exists()


def test_assigning_a_task(article: Article, editor: User, journalist: User) -> None:
    task = make(article, editor)
    due = timezone.now() + timedelta(hours=3)
    task.assign(by=editor, assignee=journalist, due_at=due)
    task.assign(by=editor, assignee=journalist, due_at=due)
    task.refresh_from_db()
    assert (task.assignee, task.due_at) == (journalist, due)
    assert len(deeds("task.assign")) == 1
    with base.at(due + timedelta(hours=1)):
        assert task.is_late
        task.assign(by=editor, assignee=editor)
        assert task.due_at == due, "a time that has passed meanwhile keeps nobody from handing it on"
        with pytest.raises(Refused, match="past"):
            task.assign(by=editor, due_at=due + timedelta(minutes=1))


def test_a_writer_takes_a_free_task_and_gives_it_back(
    article: Article, editor: User, journalist: User
) -> None:
    task = make(article, editor)
    task.assign(by=journalist, assignee=journalist)
    task.assign(by=journalist, assignee=None)
    with pytest.raises(PermissionDenied):
        task.assign(by=journalist, assignee=editor)
    task.assign(by=editor, assignee=editor)
    with pytest.raises(PermissionDenied):
        task.assign(by=journalist, assignee=journalist)
    other = base.person("jonas", "Journalist")
    with pytest.raises(PermissionDenied):
        task.assign(by=other, assignee=other)


def test_closing_and_reopening_twice_is_once(article: Article, editor: User, journalist: User) -> None:
    task = make(article, editor)
    task.close(by=journalist)
    Task.objects.get(pk=task.pk).close(by=editor)
    task.refresh_from_db()
    assert task.closed_by == journalist
    with pytest.raises(Refused, match="done"):
        task.assign(by=editor, assignee=editor)
    task.reopen(by=editor)
    task.reopen(by=editor)
    task.refresh_from_db()
    assert (task.closed_at, task.closed_by) == (None, None)
    assert (len(deeds("task.close")), len(deeds("task.reopen"))) == (1, 1)


def test_only_who_may_edit_the_article_closes_and_reopens(
    article: Article, editor: User, translator: User
) -> None:
    task = make(article, editor)
    with pytest.raises(PermissionDenied):
        task.close(by=translator)
    task.close(by=editor)
    with pytest.raises(PermissionDenied):
        task.reopen(by=translator)


def test_a_task_whose_article_is_gone_is_refused(article: Article, editor: User) -> None:
    task = make(article, editor)
    article.discard(by=editor)
    with pytest.raises(Refused, match="no longer there"):
        task.close(by=editor)


def test_open_tasks_at_an_article_are_bounded(
    article: Article, editor: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks_module, "MAX_OPEN", 2)
    make(article, editor, text="one")
    make(article, editor, text="two")
    with pytest.raises(Refused, match="Too many tasks"):
        make(article, editor, text="three")


# In the admin

LIST = "/admin/articles/task/"
Login = Callable[[User], Client]


def address(task: Task) -> str:
    return f"{LIST}{task.pk}/change/"


@pytest.mark.postgresql_later
def test_a_task_is_made_at_the_article_and_stands_beside_its_text(
    article: Article, editor: User, journalist: User, login: Login
) -> None:
    client = login(editor)
    assert client.get(page(article, "task")).status_code == 200
    send(client, page(article, "task"), kind="correct", text="Monday!", assignee=str(journalist.pk))
    task = Task.objects.get()
    assert (task.kind, task.text, task.assignee, task.created_by) == (
        "correct",
        "Monday!",
        journalist,
        editor,
    )
    shown = text_of(client.get(change(article)))
    assert address(task) in shown
    assert "Monday!" in shown
    assert login(journalist).get(page(article, "task")).status_code == 403


@pytest.mark.postgresql_later
@pytest.mark.parametrize(
    "given", [{"kind": "fly"}, {"text": "x" * 2001}, {"due_at": "2020-01-01T00:00"}, {"assignee": "999"}]
)
def test_a_task_that_is_not_right_comes_back_with_what_was_typed(
    article: Article, editor: User, login: Login, given: dict
) -> None:
    shown = send(login(editor), page(article, "task"), **{"text": "Kept words", **given})
    assert shown.status_code == 200
    assert "errorlist" in text_of(shown)
    assert given.get("text", "Kept words") in text_of(shown)
    assert not Task.objects.exists()


@pytest.mark.postgresql_later
def test_its_page_tells_where_it_comes_from_and_has_a_button_for_each_verb(
    article: Article, editor: User, login: Login
) -> None:
    source = base.published(language="de", headline="Hafen offen")
    note = source.add_note(by=editor, kind="correction", text="Montag, nicht Dienstag.")
    task = make(article, editor, kind="correct", source=source, note=note)
    client = login(editor)
    shown = text_of(client.get(address(task)))
    for words in ("Hafen offen", "Montag, nicht Dienstag.", "Deutsch: Correction", change(article)):
        assert words in shown
    send(client, address(task), _assign="", assignee=str(editor.pk), due_at="2030-07-11T06:00")
    task.refresh_from_db()
    assert (task.assignee, bool(task.due_at)) == (editor, True)
    client.post(address(task), {"_close": ""})
    task.refresh_from_db()
    assert task.closed_by == editor
    assert "Done by emil" in text_of(client.get(address(task)))
    client.post(address(task), {"_reopen": ""})
    task.refresh_from_db()
    assert task.closed_at is None
    before = LogEntry.objects.count()
    assert client.post(address(task), {}, follow=True).status_code == 200
    assert LogEntry.objects.count() == before


@pytest.mark.postgresql_later
def test_a_source_that_may_not_be_read_is_not_named(article: Article, editor: User, login: Login) -> None:
    secret = base.draft(language="de", headline="Geheim")
    task = make(article, editor, source=secret)
    english = base.person("enid", "Editor", languages=["en"])
    for shown in (login(english).get(address(task)), login(english).get(LIST)):
        assert shown.status_code == 200
        assert "Geheim" not in text_of(shown)
        assert "Deutsch" in text_of(shown)


@pytest.mark.postgresql_later
def test_a_withdrawn_source_and_a_note_that_was_taken_away_say_no_more_than_that(
    article: Article, chief: User, login: Login
) -> None:
    source = base.published(language="de", headline="Hafen offen")
    note = source.add_note(by=chief, kind="correction", text="Montag, nicht Dienstag.")
    first = make(article, chief, source=source, note=note)
    type(note).objects.filter(pk=note.pk).update(removed_at=timezone.now())
    assert "Montag" not in text_of(login(chief).get(address(first)))
    source.withdraw(by=chief, reason="Between us")
    task = make(article, chief, source=source, withdrawal=source.withdrawals.get())
    shown = text_of(login(chief).get(address(task)))
    assert "Deutsch: withdrawn" in shown
    assert "Between us" not in shown


def test_the_list_shows_open_tasks_of_ones_own_articles_and_filters_them(
    article: Article, editor: User, journalist: User, login: Login
) -> None:
    german = base.draft(language="de", headline="Hafen", by=editor)
    mine = make(article, editor, text="for jana", assignee=journalist)
    free = make(article, editor, text="for nobody", kind="translate")
    done = make(article, editor, text="is done")
    done.close(by=editor)
    other = make(german, editor, text="in German", assignee=editor)
    Task.objects.filter(pk=mine.pk).update(due_at=timezone.now() - timedelta(hours=1))
    rows = {"mine": mine, "free": free, "done": done, "other": other}

    def listed(user: User, query: str = "") -> set[str]:
        shown = login(user).get(LIST + query)
        assert shown.status_code == 200, query
        return {name for name, task in rows.items() if address(task) in text_of(shown)}

    assert listed(editor) == {"mine", "free", "other"}
    assert listed(journalist) == {"mine", "free"}
    assert listed(journalist, "?whose=mine") == {"mine"}
    assert listed(editor, "?whose=nobody") == {"free"}
    assert listed(editor, "?kind__exact=translate") == {"free"}
    assert listed(editor, "?language=de") == {"other"}
    assert listed(editor, "?done=1") == {"done"}
    assert listed(editor, "?done=all") == set(rows)
    for odd in ("?whose=%00", "?done=x", "?language=xx", "?p=99999999999", "?article__body__startswith=x"):
        assert login(editor).get(LIST + odd, follow=True).status_code in (200, 400)
    assert "late: " in text_of(login(journalist).get(LIST))


@pytest.mark.postgresql_later
def test_who_may_not_edit_the_article_finds_no_task(
    article: Article, editor: User, translator: User, moderator: User, login: Login
) -> None:
    task = make(article, editor)
    stranger = base.person("jonas", "Journalist")
    for user, expected in ((stranger, 404), (translator, 404), (moderator, 404)):
        for method in (login(user).get, login(user).post):
            assert method(address(task)).status_code == expected
    article.publish(by=None)
    assert login(stranger).post(address(task), {"_close": ""}).status_code == 404
    assert login(moderator).get(LIST).status_code == 403
    assert login(editor).post(f"{LIST}{task.pk}/delete/", {"post": "yes"}).status_code == 403
    assert login(editor).get(f"{LIST}add/").status_code == 403
    login(editor).post(LIST, {"action": "delete_selected", "_selected_action": str(task.pk), "post": "yes"})
    task.refresh_from_db()
    assert task.closed_at is None


@pytest.mark.django_db(transaction=True)
def test_two_who_close_at_once_close_once() -> None:
    editor = base.person("emil", "Editor")
    task = make(base.draft(), editor)
    found = [Task.objects.get(pk=task.pk) for _time in range(4)]
    assert at_once(*[lambda one=one: one.close(by=editor) for one in found]) == [None] * 4
    assert len(deeds("task.close")) == 1


@pytest.mark.django_db(transaction=True)
def test_two_presses_at_once_make_one_task() -> None:
    editor = base.person("emil", "Editor")
    article = base.draft()
    made = at_once(*[lambda: make(Article.objects.get(pk=article.pk), editor)] * 4)
    assert len({task.pk for task in made}) == 1
    assert Task.objects.count() == 1
