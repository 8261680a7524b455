"""A chief keeps a revision out of the history that readers are shown."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.utils import timezone

from articles.models import Article, User
from newsroom.models import LogEntry
from newsroom.verbs import Refused
from tests import base
from tests.articles.admin import page, send, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def article() -> Article:
    """Return an article of which readers got three texts."""
    made = base.published(body="<p>Ferries left on Monday.</p>", at=timezone.now() - timedelta(days=3))
    for day in ("Tuesday", "Wednesday"):
        made.save_revision(by=None, body=f"<p>Ferries left on {day}.</p>")
        made.publish(by=None)
    return made


def history(client: Client, article: Article) -> str:
    return text_of(client.get(f"{article.path}changes/")).partition('<div class="changes">')[2]


def test_what_is_kept_out_is_gone_at_once_and_comes_back(
    client: Client, chief: User, article: Article
) -> None:
    middle = article.revisions.get(number=2)
    assert "Tuesday" in history(client, article)
    with base.purged_keys() as purged:
        article.hide_revision(middle, by=chief)
    assert f"article-{article.pk}" in purged
    text = history(client, article)
    assert "Tuesday" not in text
    # The neighbours are compared with each other, and nothing is made out to be the whole.
    assert "Monday" in text
    assert "Wednesday" in text
    assert "Not every earlier version" in text
    article.show_revision(middle, by=chief)
    assert "Tuesday" in history(client, article)
    assert "Not every earlier version" not in history(client, article)


def test_the_newsroom_reads_it_as_before_and_the_log_holds_numbers(
    chief: User, login: Callable, article: Article
) -> None:
    article.hide_revision(article.revisions.get(number=2), by=chief)
    assert "Tuesday" in text_of(login(chief).get(page(article, "revision/2")))
    entry = LogEntry.objects.get(verb="revision.hide")
    assert (entry.details, entry.object_id) == ({"revision": 2}, article.pk)


def test_twice_is_once(chief: User, article: Article) -> None:
    first = article.revisions.get(number=1)
    for _time in range(2):
        article.hide_revision(first, by=chief)
    article.show_revision(first, by=chief)
    article.show_revision(first, by=chief)
    assert LogEntry.objects.filter(verb__startswith="revision.").count() == 2


def test_what_readers_see_now_stays_in_the_history(article: Article) -> None:
    with pytest.raises(Refused, match="publish another text first"):
        article.hide_revision(article.live_revision, by=None)
    draft = article.save_revision(by=None, body="<p>Ferries left on Friday.</p>")
    with pytest.raises(Refused, match="never got"):
        article.hide_revision(draft, by=None)
    with pytest.raises(Refused, match="another article"):
        base.published(headline="Another").hide_revision(draft, by=None)


def test_only_a_chief_of_that_language_may(editor: User, article: Article) -> None:
    french = base.person("dora", "Chief", languages=["fr"])
    for user in (editor, french):
        for change in (article.hide_revision, article.show_revision):
            with pytest.raises(PermissionDenied):
                change(article.revisions.get(number=1), by=user)


def test_the_desk_has_a_page_for_it(chief: User, editor: User, login: Callable, article: Article) -> None:
    desk = login(chief)
    listed = text_of(desk.get(page(article, "history")))
    assert page(article, "revision/2/hide") in listed
    assert page(article, "revision/3/hide") not in listed
    assert page(article, "revision/2/hide") in text_of(desk.get(page(article, "revision/2")))
    asked = text_of(desk.get(page(article, "revision/2/hide")))
    assert "its neighbours are compared with each other instead" in asked
    done = send(desk, page(article, "revision/2/hide"), follow=True)
    assert "Revision 2 is kept out of the public history." in text_of(done)
    assert "kept out of the public history" in text_of(done)
    assert page(article, "revision/2/show") in text_of(done)
    assert "kept out already" in text_of(desk.post(page(article, "revision/2/hide")))
    assert "Readers see this revision at the article" in text_of(desk.post(page(article, "revision/3/hide")))
    done = send(desk, page(article, "revision/2/show"), follow=True)
    assert "Revision 2 stands in the public history again." in text_of(done)

    at_editors = login(editor)
    for name in ("hide", "show"):
        assert at_editors.get(page(article, f"revision/2/{name}")).status_code == 403
    assert page(article, "revision/2/hide") not in text_of(at_editors.get(page(article, "history")))
