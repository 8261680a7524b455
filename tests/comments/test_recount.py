"""The command that recounts, reports and mends."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from articles.models import Article
from comments.models import Comment, Report
from newsroom.models import LogEntry
from tests import base
from tests.comments.base import approved, assert_true, removed, waiting

pytestmark = pytest.mark.django_db


def recount(option: str) -> str:
    out = StringIO()
    call_command("recount_comments", option, stdout=out)
    return out.getvalue()


@pytest.fixture
def article() -> Article:
    article = base.published()
    top = approved(article)
    approved(article, top)
    removed(article, top)
    waiting(article, top)
    return article


def test_nothing_differs_where_the_verbs_were_at_work(article):
    base.published(headline="No comments here")
    assert recount("--check") == "1 articles with comments counted, 0 differ.\n"


def test_a_wrong_number_is_reported_and_left_by_check(article):
    Article.objects.filter(pk=article.pk).update(comment_count=7)
    out = StringIO()
    with pytest.raises(CommandError) as error:
        call_command("recount_comments", "--check", stdout=out)
    assert error.value.returncode == 1
    told = f"article {article.pk}: stored 7, true 2, 0 comments are wrongly shown or hidden, "
    assert told + "0 with wrong reports or size\n" in out.getvalue()
    article.refresh_from_db()
    assert article.comment_count == 7
    assert not LogEntry.objects.filter(verb="comment.recount").exists()


def test_a_wrong_number_is_mended_logged_and_its_pages_purged(article):
    Article.objects.filter(pk=article.pk).update(comment_count=0)
    with base.purged_keys() as purged:
        told = recount("--fix")
    assert "stored 0, true 2, 0 comments were wrongly shown or hidden" in told
    assert "(mended)" in told
    assert assert_true(article) == 2
    assert purged == {f"article-{article.pk}", "discussed-en"}
    assert LogEntry.objects.get(verb="comment.recount").details == {
        "stored": 0,
        "true": 2,
        "flags": 0,
        "beside": 0,
    }
    assert recount("--fix") == "1 articles with comments counted, 0 differ.\n"


def test_wrong_flags_are_mended_both_ways(article):
    top = Comment.objects.filter(article=article, parent=None)
    top.update(shown=False)
    Comment.objects.filter(article=article).exclude(parent=None).filter(state="approved").update(shown=False)
    assert "stored 2, true 2, 2 comments" in recount("--fix")
    assert_true(article)
    top.update(state="rejected", shown=False)
    assert "stored 2, true 0, 1 comments" in recount("--fix")
    assert assert_true(article) == 0


def test_a_number_without_any_comment_is_found():
    article = base.published()
    Article.objects.filter(pk=article.pk).update(comment_count=3)
    assert "stored 3, true 0" in recount("--fix")
    assert recount("--check") == "0 articles with comments counted, 0 differ.\n"


def test_one_of_check_and_fix_is_asked_for():
    with pytest.raises(CommandError):
        call_command("recount_comments")


def test_a_wrong_number_of_reports_and_a_wrong_size_are_found_and_mended(article):
    comment = Comment.objects.filter(article=article).first()
    Report.objects.create(comment=comment, reason="spam")
    Comment.objects.filter(pk=comment.pk).update(size=1)
    with pytest.raises(CommandError):
        recount("--check")
    assert "1 with wrong reports or size (mended)" in recount("--fix")
    comment.refresh_from_db()
    assert (comment.open_reports, comment.size) == (1, len(comment.text.encode()))
    assert recount("--check").endswith("0 differ.\n")
