"""What changed since publication: word by word, in words and not by colour alone."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from articles.changes import MAX_PIECES, changed_parts, word_diff
from articles.models import Article, Revision
from tests import base


def told(old: str, new: str) -> list[tuple[str, str]]:
    return [(piece.kind, piece.text) for piece in word_diff(old, new)]


def test_words_that_came_and_went_are_marked_with_what_stayed() -> None:
    assert told("The ferry left on Tuesday.", "The last ferry left on Wednesday.") == [
        ("same", "The"),
        ("added", " last"),
        ("same", " ferry left on "),
        ("removed", "Tuesday"),
        ("added", "Wednesday"),
        ("same", "."),
    ]


def test_a_rewritten_sentence_is_one_change_not_many() -> None:
    assert told("They went home early", "Nobody stayed until late") == [
        ("removed", "They went home early"),
        ("added", "Nobody stayed until late"),
    ]


def test_what_is_too_long_to_compare_stands_whole() -> None:
    long = "word " * MAX_PIECES
    assert told(long, long + "more") == [("removed", long), ("added", long + "more")]


@given(st.text("ab cé.\n", max_size=60), st.text("ab cé.\n", max_size=60))
def test_both_texts_can_be_read_from_their_difference(old: str, new: str) -> None:
    pieces = word_diff(old, new)
    assert "".join(p.text for p in pieces if p.kind != "added") == old
    assert "".join(p.text for p in pieces if p.kind != "removed") == new


def parts(old: str, new: str) -> list[tuple[str, str, str]]:
    found = changed_parts(Revision(body=old), Revision(body=new))
    return [(part.label, part.what, "".join(piece.text for piece in part.pieces)) for part in found]


def test_blocks_that_came_went_moved_are_said_in_words() -> None:
    one, two = "<p>The first ferry left at six on Monday.</p>", "<p>Nobody was hurt in the harbour.</p>"
    three, heading = "<p>The mayor thanks the crews of the tugs.</p>", "<h2>What happens next</h2>"
    assert parts(f"{one}\n{two}", f"{one}\n{heading}\n{two}") == [("Heading", "added", "What happens next")]
    assert parts(f"{one}\n{two}\n{three}", f"{one}\n{three}") == [
        ("Paragraph", "removed", "Nobody was hurt in the harbour.")
    ]
    assert parts(f"{one}\n{two}\n{three}", f"{three}\n{one}\n{two}") == [
        ("Paragraph", "moved", "The first ferry left at six on Monday."),
        ("Paragraph", "moved", "Nobody was hurt in the harbour."),
    ]
    assert parts(one, one) == []


@pytest.fixture
def article(db: None) -> Article:
    article = base.published(at=timezone.now() - timedelta(days=2), headline="Ferries leave on Tuesday")
    article.save_revision(by=None, headline="A draft that nobody reads")
    article.save_revision(
        by=None, headline="Ferries leave on <b>Wednesday</b>", body="<p>The first ferry left at seven.</p>"
    )
    article.publish(by=None)
    article.save_revision(by=None, headline="What comes next")
    return article


def test_readers_see_what_changed_between_what_they_got(client: Client, article: Article) -> None:
    assert f'href="{article.path}changes/"' in client.get(article.path).content.decode()
    response = client.get(f"{article.path}changes/")
    page = response.content.decode()
    assert "[removed: </span>Tuesday<" in page
    assert "[added: </span>&lt;b&gt;Wednesday&lt;/b&gt;<" in page
    assert "<h3>Paragraph: removed</h3>" in page
    assert "nobody reads" not in page
    assert "What comes next" not in page
    assert base.page_keys(response) >= {f"article-{article.pk}", "site"}


def test_a_revision_kept_out_of_the_history_is_not_shown(client: Client, article: Article) -> None:
    Revision.objects.filter(article=article, number=1).update(is_public=False)
    page = client.get(f"{article.path}changes/").content.decode()
    assert "Tuesday" not in page
    # To say that nothing has changed would be untrue.
    assert "Nothing that readers read here has changed" not in page
    assert "Not every earlier version of this text is compared here" in page


@pytest.mark.django_db
def test_an_unchanged_article_says_so(client: Client) -> None:
    article = base.published()
    assert "changes/" not in client.get(article.path).content.decode()
    assert (
        "Nothing that readers read here has changed" in client.get(f"{article.path}changes/").content.decode()
    )


def test_changes_answer_as_their_article_does(client: Client, article: Article) -> None:
    old = article.path
    article.save_revision(by=None, slug="another-slug")
    article.publish(by=None)
    assert client.get(f"{old}changes/").headers["Location"] == f"{article.path}changes/"
    article.unpublish(by=None)
    assert client.get(f"{article.path}changes/").status_code == 404
    article.publish(by=None)
    article.withdraw(by=None, reason="Wrong.")
    gone = client.get(f"{article.path}changes/")
    assert gone.status_code == 410
    assert "Tuesday" not in gone.content.decode()


def test_many_changes_cost_the_same_queries(
    client: Client, article: Article, django_assert_max_num_queries: object
) -> None:
    for number in range(25):
        article.save_revision(by=None, standfirst=f"Number {number}.")
        article.publish(by=None)
    with django_assert_max_num_queries(8):
        page = client.get(f"{article.path}changes/").content.decode()
    assert page.count('class="change"') == 20
