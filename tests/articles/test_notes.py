"""Notes: each kind looks like what it is, is gone at once when it is removed, and is told to the other versions."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client

from articles.models import Article, MistakeReport, Note, Task, User, Withdrawal
from articles.models.tasks import MAX_OPEN
from newsroom.mail import send_due
from newsroom.models import LogEntry, Mail
from newsroom.verbs import Refused
from tests import base
from tests.articles.admin import page, send, text_of

pytestmark = pytest.mark.django_db
WORDS = "The ferry carried 38 people, not 83."
Kind = Note.Kind


@pytest.fixture
def article() -> Article:
    return base.published(headline="Ferry rescued")


def json_ld(client: Client, article: Article) -> dict[str, Any]:
    """Return the article as machines read it."""
    found = re.search(
        r'<script type="application/ld\+json">(.*?)</script>', text_of(client.get(article.path))
    )
    assert found
    return json.loads(found[1])


def everywhere(client: Client, article: Article) -> dict[str, str]:
    """Return each page on which a correction stands."""
    addresses = (
        article.path,
        f"/{article.language}/corrections/",
        f"/{article.language}/corrections/feed.xml",
    )
    return {address: text_of(client.get(address)) for address in addresses}


# How each kind looks


def test_a_reply_is_somebody_elses_word(client: Client, article: Article) -> None:
    article.add_note(by=None, kind=Kind.REPLY, text="We never said so.\n\nNever.", author="Ida Brandt")
    text = text_of(client.get(article.path))
    figure = text[text.index('<figure class="note note--reply"') :].partition("</figure>")[0]
    assert "<blockquote" in figure
    assert "<p>We never said so.</p>" in figure
    caption = figure[figure.index("<figcaption") :]
    assert "Ida Brandt" in caption
    assert "<time " in caption
    assert "Their words, not the newsroom’s" in figure


def test_a_note_of_the_house_is_no_quotation(client: Client, article: Article) -> None:
    for kind in (Kind.CORRECTION, Kind.CLARIFICATION, Kind.UPDATE, Kind.EDITORS_NOTE):
        article.add_note(by=None, kind=kind, text=WORDS)
    text = text_of(client.get(article.path))
    notes = text[text.index('id="notes"') :].partition("</section>")[0]
    assert "<blockquote" not in notes
    labels = [str(label) for label in Kind.labels]
    assert [label for label in labels if label in notes] == labels[:4]


def test_machines_are_told_of_corrections_alone(client: Client, article: Article) -> None:
    for kind in Kind:
        article.add_note(by=None, kind=kind, text=f"Words: {kind}", author="Ida Brandt")
    corrections = json_ld(client, article)["correction"]
    assert [(row["@type"], row["text"]) for row in corrections] == [
        ("CorrectionComment", "Words: correction")
    ]


def test_a_reply_needs_an_author(article: Article) -> None:
    with pytest.raises(ValidationError, match="whose reply"):
        article.add_note(by=None, kind=Kind.REPLY, text=WORDS)


# Removing


@pytest.mark.postgresql_later
def test_a_removed_note_is_seen_nowhere_and_kept(client: Client, editor: User, article: Article) -> None:
    note = article.add_note(by=None, kind=Kind.CORRECTION, text=WORDS)
    assert all(WORDS in text for text in everywhere(client, article).values())
    with base.purged_keys() as purged:
        note.remove(by=editor, reason="It was 83 after all.")
    assert {f"article-{article.pk}", "corrections-en"} <= purged
    assert not any(WORDS in text for text in everywhere(client, article).values())
    assert "correction" not in json_ld(client, article)
    note.refresh_from_db()
    assert (note.removed_by, note.removal_reason, note.text) == (editor, "It was 83 after all.", WORDS)
    assert note.removed_at
    entry = LogEntry.objects.get(verb="note.remove")
    assert "after all" not in str(entry.details)


def test_removing_twice_keeps_the_first_reason(editor: User, chief: User, article: Article) -> None:
    note = article.add_note(by=None, kind=Kind.UPDATE, text=WORDS)
    note.remove(by=editor, reason="First")
    note.remove(by=chief, reason="Second")
    note.refresh_from_db()
    assert (note.removed_by, note.removal_reason) == (editor, "First")
    assert LogEntry.objects.filter(verb="note.remove").count() == 1


@pytest.mark.parametrize(("reason", "error"), [(" ", Refused), ("x" * 2001, ValidationError)])
def test_removing_takes_a_reason_of_some_length(article: Article, reason: str, error: type) -> None:
    note = article.add_note(by=None, kind=Kind.UPDATE, text=WORDS)
    with pytest.raises(error):
        note.remove(by=None, reason=reason)
    note.refresh_from_db()
    assert note.removed_at is None


def test_somebody_elses_word_is_removed_by_who_may_withdraw(
    editor: User, chief: User, journalist: User, article: Article
) -> None:
    reply = article.add_note(by=None, kind=Kind.REPLY, text=WORDS, author="Ida Brandt")
    own = article.add_note(by=None, kind=Kind.CORRECTION, text=WORDS)
    for user, note in ((editor, reply), (journalist, reply), (journalist, own)):
        with pytest.raises(PermissionDenied):
            note.remove(by=user, reason="x")
    own.remove(by=editor, reason="x")
    reply.remove(by=chief, reason="x")
    french, update = base.person("dora", "Chief", languages=["fr"]), Kind.UPDATE
    note = article.add_note(by=None, kind=update, text=WORDS)
    with pytest.raises(PermissionDenied):
        note.remove(by=french, reason="x")


def test_the_desk_lists_all_notes_and_removes_them_with_a_reason(
    editor: User, login: Callable, article: Article
) -> None:
    note = article.add_note(by=editor, kind=Kind.CORRECTION, text=WORDS)
    reply = article.add_note(by=editor, kind=Kind.REPLY, text="Never.", author="Ida Brandt")
    desk = login(editor)
    assert page(article, "notes") in text_of(desk.get(page(article, "change")))
    text = text_of(desk.get(page(article, "notes")))
    remove = page(article, f"notes/{note.pk}/remove")
    assert remove in text
    assert page(article, f"notes/{reply.pk}/remove") not in text
    assert desk.get(page(article, f"notes/{reply.pk}/remove")).status_code == 403

    assert "Say why the note is removed" in text_of(send(desk, remove, reason=""))
    done = send(desk, remove, reason="It was 83 after all.", follow=True)
    assert "Correction removed." in text_of(done)
    assert "It was 83 after all." in text_of(done)
    again = desk.post(remove, {"reason": "Once more"})
    assert "This note is removed already." in text_of(again)
    assert "Once more" in text_of(again)


@pytest.mark.postgresql_later
def test_the_list_of_notes_is_the_desks(
    journalist: User, moderator: User, login: Callable, article: Article
) -> None:
    article.add_note(by=None, kind=Kind.UPDATE, text=WORDS)
    note = article.notes.get()
    note.remove(by=None, reason="Somebody asked us to.")
    for user in (journalist, moderator):
        assert login(user).get(page(article, "notes")).status_code == 403
    other = base.published(headline="Another")
    assert (
        login(base.person("eva", "Editor")).get(page(other, f"notes/{note.pk}/remove")).status_code == 404
    )  # the note stands elsewhere


# The other versions


@pytest.fixture
def versions(article: Article) -> dict[str, Article]:
    """Return a live and a drafted version beside the English one."""
    return {
        "de": base.published(language="de", headline="Fähre gerettet", story=article.story),
        "fr": base.draft(language="fr", headline="Ferry sauvé", story=article.story),
    }


@pytest.mark.parametrize(
    ("kind", "asked"),
    [
        (Kind.CORRECTION, Task.Kind.CORRECT),
        (Kind.CLARIFICATION, Task.Kind.CORRECT),
        (Kind.REPLY, Task.Kind.CORRECT),
        (Kind.UPDATE, Task.Kind.REDO),
        (Kind.EDITORS_NOTE, None),
    ],
)
def test_a_note_asks_the_other_versions_to_follow(
    editor: User, article: Article, versions: dict[str, Article], kind: str, asked: str | None
) -> None:
    base.published(headline="Another story", language="de")
    note = article.add_note(by=editor, kind=kind, text=WORDS, author="Ida Brandt")
    made = {(task.article.language, task.kind, task.source, task.note) for task in Task.objects.all()}
    assert made == {(language, asked, article, note) for language in versions if asked}


def test_a_version_that_is_withdrawn_is_not_asked(article: Article, versions: dict[str, Article]) -> None:
    versions["de"].withdraw(by=None, reason="x")
    Task.objects.all().delete()
    article.add_note(by=None, kind=Kind.CORRECTION, text=WORDS)
    assert [task.article.language for task in Task.objects.all()] == ["fr"]


def test_what_is_imported_asks_nobody(article: Article, versions: dict[str, Article]) -> None:
    article.add_note(by=None, kind=Kind.CORRECTION, text=WORDS, at=base.NOON)
    assert not Task.objects.exists()


def test_note_and_tasks_come_together_or_not_at_all(
    article: Article, versions: dict[str, Article], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(**given: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(Task, "make", broken)
    with pytest.raises(RuntimeError):
        article.add_note(by=None, kind=Kind.CORRECTION, text=WORDS)
    assert not Note.objects.exists()


def test_readers_need_not_wait_where_too_many_tasks_are_open(
    article: Article, versions: dict[str, Article]
) -> None:
    Task.objects.bulk_create(Task(article=versions["de"], kind="redo", text=str(n)) for n in range(MAX_OPEN))
    note = article.add_note(by=None, kind=Kind.CORRECTION, text=WORDS)
    assert [task.article.language for task in note.tasks.all()] == ["fr"]


@pytest.mark.postgresql_later
def test_the_desk_is_told_which_tasks_were_made(
    login: Callable, article: Article, versions: dict[str, Article]
) -> None:
    Article.objects.filter(pk=versions["fr"].pk).update(created_by=base.person("otto", "Journalist"))
    desk = login(base.person("eva", "Editor", languages=["en", "de"]))
    assert "Deutsch, Français" in text_of(desk.get(page(article, "note")))
    text = text_of(send(desk, page(article, "note"), kind="correction", text=WORDS, follow=True))
    assert "2 tasks for other versions:" in text
    assert f'<a href="{page(versions["de"], "change")}">Deutsch</a>' in text
    # What somebody may not open is named and not linked.
    assert f'{page(versions["fr"], "change")}">Français</a>' not in text


# Withdrawing


def test_a_version_withdrawn_alone_asks_the_others_to_look(
    chief: User, login: Callable, article: Article, versions: dict[str, Article]
) -> None:
    desk = login(chief)
    shown = text_of(desk.get(page(article, "withdraw")))
    assert "each gets the task to look at it: Deutsch, Français." in shown
    text = text_of(
        send(desk, page(article, "withdraw"), scope="article", reason="The source recanted.", follow=True)
    )
    assert "2 tasks for other versions:" in text
    withdrawal = Withdrawal.objects.get()
    made = {(task.article.language, task.kind, task.source, task.withdrawal) for task in Task.objects.all()}
    assert made == {(language, Task.Kind.REVIEW, article, withdrawal) for language in versions}


def test_a_whole_story_withdrawn_asks_nobody(
    client: Client, article: Article, versions: dict[str, Article]
) -> None:
    article.story.withdraw(by=None, reason="All wrong.")
    assert not Task.objects.exists()
    assert [client.get(row.path).status_code for row in (article, versions["de"])] == [410, 410]


def test_a_story_is_withdrawn_whole_or_not_at_all(
    client: Client, article: Article, versions: dict[str, Article], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = Article.withdraw

    def broken(self: Article, **given: Any) -> None:
        if self.language == "de":
            raise RuntimeError
        whole(self, **given)

    monkeypatch.setattr(Article, "withdraw", broken)
    with pytest.raises(RuntimeError):
        article.story.withdraw(by=None, reason="All wrong.")
    assert not Article.objects.exclude(withdrawn_at=None).exists()
    assert not Withdrawal.objects.exists()
    article.story.refresh_from_db()
    assert article.story.withdrawn_at is None
    assert [client.get(row.path).status_code for row in (article, versions["de"])] == [200, 200]


# A reported mistake becomes a correction


def report(article: Article, email: str = "ida@example.org") -> MistakeReport:
    return MistakeReport.send(article, text=WORDS, name="Ida Brandt", email=email)


def desk_page(row: MistakeReport) -> str:
    return f"/admin/articles/mistakereport/{row.pk}/change/"


@pytest.mark.postgresql_later
def test_a_report_becomes_a_correction_in_one_click(
    client: Client, editor: User, login: Callable, article: Article, versions: dict[str, Article]
) -> None:
    row = report(article)
    done = send(login(editor), desk_page(row), follow=True, answer="Thank you.", _correct="")
    assert "The correction stands at the article, and the report is closed." in text_of(done)
    assert "2 tasks for other versions:" in text_of(done)
    row.refresh_from_db()
    assert (row.state, row.email, row.fingerprint) == ("answered", "", "")
    assert (row.note.text, row.note.kind, row.note.created_by) == (WORDS, Kind.CORRECTION, editor)
    assert all(WORDS in text for text in everywhere(client, article).values())
    assert send_due() == 1
    assert "38 people" in text_of(login(editor).get(desk_page(row)))


def test_the_words_of_the_correction_are_the_newsrooms(
    editor: User, login: Callable, article: Article
) -> None:
    row = report(article)
    desk = login(editor)
    assert WORDS in text_of(desk.get(desk_page(row)))
    send(desk, desk_page(row), text="We wrote 83; it was 38.", _correct="")
    row.refresh_from_db()
    assert (row.note.text, row.state) == ("We wrote 83; it was 38.", "closed")
    assert not Mail.objects.exists()


def test_a_correction_sent_twice_is_one(editor: User, article: Article) -> None:
    row, same = (report(article) for _time in range(2))
    assert row.correct(by=editor, text=WORDS, answer="Thanks") == same.correct(
        by=editor, text=WORDS, answer="Thanks"
    )
    assert (Note.objects.count(), Mail.objects.count()) == (1, 1)
    assert LogEntry.objects.filter(verb="mistake.correct").count() == 1


def test_a_report_that_was_closed_meanwhile_loses_nothing_typed(
    editor: User, login: Callable, article: Article
) -> None:
    row, desk = report(article), login(editor)
    typed = {"text": "Typed at length.", "answer": "Dear Ida", "_correct": ""}
    row.settle(by=None)
    text = text_of(desk.post(desk_page(row), typed))
    assert "Somebody has closed this report meanwhile." in text
    assert "Typed at length." in text
    assert "Dear Ida" in text
    assert not Note.objects.exists()


@pytest.mark.postgresql_later
def test_nothing_is_corrected_where_readers_see_nothing(
    editor: User, login: Callable, article: Article
) -> None:
    row, desk = report(article), login(editor)
    article.unpublish(by=None)
    assert "_correct" not in text_of(desk.get(desk_page(row)))
    text = text_of(desk.post(desk_page(row), {"text": "Typed at length.", "_correct": ""}))
    assert "publish this one first" in text
    assert "Typed at length." in text
    row.refresh_from_db()
    assert (row.state, row.email) == ("open", "ida@example.org")


def test_correction_and_closing_come_together_or_not_at_all(
    article: Article, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = report(article)

    def broken(self: MistakeReport, answer: str) -> None:
        raise RuntimeError

    monkeypatch.setattr(MistakeReport, "_mail", broken)
    with pytest.raises(RuntimeError):
        row.correct(by=None, text=WORDS, answer="Thanks")
    row = MistakeReport.objects.get()
    assert (row.state, row.note, Note.objects.count()) == ("open", None, 0)


def test_who_may_not_add_notes_publishes_no_correction(
    moderator: User, journalist: User, article: Article
) -> None:
    for user in (moderator, journalist):
        with pytest.raises(PermissionDenied):
            report(article).correct(by=user, text=WORDS)
    assert not Note.objects.exists()
