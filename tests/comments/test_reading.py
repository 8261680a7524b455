"""Comments as readers find them: below the article, on further pages, by permalink."""

import re
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from articles.models import Article, Page, PageText, User
from comments.models import Comment
from newsroom.models import Site
from tests import base
from tests.comments.base import (
    approved,
    assert_true,
    numbers_for_a_reader,
    placeholders_for_a_reader,
    row,
    waiting,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def article() -> Article:
    return base.published()


def html(client: Client, address: str, status: int = 200) -> str:
    response = client.get(address)
    assert response.status_code == status, address
    return response.content.decode()


def close(article: Article, editor: User) -> None:
    article.set_desk(by=editor, embargo_until=None, comments_mode="closed")


# The number and the thread


def test_the_number_stands_above_the_comments_also_as_nought(client, article):
    assert numbers_for_a_reader(client, article) == ("Comments (0)", 0)
    approved(article)
    waiting(article)
    assert numbers_for_a_reader(client, article) == ("Comments (1)", 1)


@pytest.mark.postgresql_later
@pytest.mark.parametrize("language", ["de", "fr"])
def test_the_number_speaks_the_language_of_the_page(client, language):
    article = base.published(language=language)
    approved(article)
    with translation.override(language):
        label = translation.gettext("Comments (%(number)s)") % {"number": 1}
    assert numbers_for_a_reader(client, article) == (label, 1)


@pytest.mark.postgresql_later
def test_nothing_stands_below_a_closed_article_without_comments(client, article, editor):
    close(article, editor)
    page = html(client, article.path)
    assert 'class="comments"' not in page
    assert "comment-form" not in page


def test_comments_stay_when_they_are_closed_and_nobody_is_asked_for_more(client, article, editor):
    comment = approved(article)
    close(article, editor)
    page = html(client, article.path)
    assert f'id="comment-{comment.pk}"' in page
    assert "Comments are closed." in page
    assert "<form" not in page
    assert "comment__reply" not in page


def test_the_whole_site_can_close_its_comments(client, article):
    approved(article)
    Site(comments_mode="closed").save()
    page = html(client, article.path)
    assert "Comments are closed." in page
    assert "<form" not in page


def test_a_comment_shows_name_time_text_and_a_way_to_answer(client, article):
    comment = approved(
        article, name="Rosa", email="rosa@mail.example", text="First.\n\nSecond.", language="fr"
    )
    page = html(client, article.path)
    start = page.index(f'<article class="comment" id="comment-{comment.pk}">')
    shown = page[start : page.index("</article>", start)]
    assert '<span class="comment__author"><bdi>Rosa</bdi></span>' in shown
    assert re.search(r'<time datetime="\d{4}-\d\d-\d\dT\d\d:\d\d\+00:00">', shown)
    assert '<div class="comment__text" lang="fr" dir="auto"><p>First.</p><p>Second.</p></div>' in shown
    assert f'href="{article.path}comments/reply/{comment.pk}/"' in shown
    assert "rosa@mail.example" not in page


def test_what_is_not_approved_is_on_no_page(client, article):
    texts = {}
    for state in ("waiting", "rejected", "spam", "removed"):
        comment = row(article, state)
        Comment.objects.filter(pk=comment.pk).update(
            text=f"Secret of the {state} one", name=f"Writer {state}"
        )
        texts[comment.pk] = state
    page = html(client, article.path)
    assert "Secret" not in page
    assert "Writer" not in page
    for pk in texts:
        html(client, f"/comments/{pk}/", 404)
        html(client, f"{article.path}comments/reply/{pk}/", 404)


def test_a_removed_comment_leaves_a_place_while_something_below_it_is_shown(client, article):
    top = approved(article, name="Rosa", text="An insult.")
    reply = approved(article, top, text="Please be kind.")
    top.remove(by=None, reason="insult")
    page = html(client, article.path)
    assert "An insult." not in page
    assert "Rosa" not in page[page.index(f'id="comment-{top.pk}"') : page.index(f'id="comment-{reply.pk}"')]
    assert placeholders_for_a_reader(client, article) == 1
    assert numbers_for_a_reader(client, article) == ("Comments (1)", 1)
    reply.remove(by=None, reason="off topic")
    assert placeholders_for_a_reader(client, article) == 0
    assert numbers_for_a_reader(client, article) == ("Comments (0)", 0)


@pytest.mark.postgresql_later
def test_replies_of_staff_are_marked(client, article, moderator):
    Comment.post(article=article, name="Mira", text="Thank you.", by=moderator)
    page = html(client, article.path)
    assert '<span class="comment__badge">Newsroom</span>' in page
    approved(article, name="Newsroom")
    assert html(client, article.path).count("comment__badge") == 1


@pytest.mark.postgresql_later
def test_replies_say_in_words_whom_they_answer(client, article):
    top = approved(article, name="Rosa")
    reply = approved(article, top, name="Ines")
    deep = approved(article, approved(article, reply, name="Jon"), name="Lea")
    page = html(client, article.path)
    to_rosa = page[page.index(f'id="comment-{reply.pk}"') :]
    assert 'class="comment__answers unseen"' in to_rosa[: to_rosa.index("</header>")]
    to_jon = page[page.index(f'id="comment-{deep.pk}"') :]
    head = " ".join(to_jon[: to_jon.index("</header>")].split())
    assert 'class="comment__answers"' in head
    assert f'in reply to <a href="#comment-{deep.parent_id}"><bdi>Jon</bdi></a>' in head


def test_a_number_in_the_thousands_is_written_as_the_language_does(client):
    article = base.published(language="de")
    Article.objects.filter(pk=article.pk).update(comment_count=1204)
    assert numbers_for_a_reader(client, article)[0].endswith("(1.204)")


# Pages


@pytest.fixture
def long_thread(article: Article) -> list[Comment]:
    """Forty-one threads; the first comment has two replies."""
    tops = [approved(article) for _number in range(41)]
    for _number in range(2):
        tops.append(approved(article, tops[0]))
    return tops


def test_a_long_thread_goes_on_on_pages_of_its_own(client, article, long_thread):
    assert numbers_for_a_reader(client, article) == ("Comments (43)", 43)
    assert assert_true(article) == 43
    second = html(client, f"{article.path}comments/2/")
    assert second.count('<article class="comment"') == 20
    assert f'href="{article.path}#comments" rel="prev"' in second
    assert f'href="{article.path}comments/3/" rel="next"' in second
    assert '<link rel="canonical" href="http://testserver' in second
    third = html(client, f"{article.path}comments/3/")
    assert third.count('<article class="comment"') == 1
    assert 'rel="next"' not in third


@pytest.mark.postgresql_later
def test_a_page_that_is_not_there_is_not_found(client, article, long_thread):
    for number in ("4", "0", "01", "999999", "9999999", "-1", "x"):
        html(client, f"{article.path}comments/{number}/", 404)


def test_the_first_page_is_the_article_itself(client, article):
    response = client.get(f"{article.path}comments/1/")
    assert (response.status_code, response["Location"]) == (301, f"{article.path}#comments")
    response = client.get(f"{article.path}comments/")
    assert (response.status_code, response["Location"]) == (302, f"{article.path}#comments")


def test_a_permalink_leads_to_page_and_place_wherever_the_comment_stands_today(client, article, long_thread):
    for number, page in ((0, ""), (19, ""), (20, "comments/2/"), (40, "comments/3/"), (42, "")):
        pk = long_thread[number].pk
        response = client.get(f"/comments/{pk}/")
        assert (response.status_code, response["Location"]) == (302, f"{article.path}{page}#comment-{pk}")
        assert f'id="comment-{pk}"' in html(client, response["Location"].partition("#")[0])
    long_thread[1].mark_spam(by=None)
    response = client.get(f"/comments/{long_thread[20].pk}/")
    assert response["Location"] == f"{article.path}#comment-{long_thread[20].pk}"


def test_a_permalink_leads_to_a_placeholder_too(client, article):
    top = approved(article)
    approved(article, top)
    top.remove(by=None, reason="insult")
    assert client.get(f"/comments/{top.pk}/")["Location"] == f"{article.path}#comment-{top.pk}"
    assert f'<p class="comment-gone" id="comment-{top.pk}">' in html(client, article.path)


@pytest.mark.parametrize("pk", ["1", "0", "999999999999999999", "9999999999999999999999", "x", "-1", "%00"])
def test_a_permalink_to_nothing_is_not_found(client, db, pk):
    html(client, f"/comments/{pk}/", 404)


@pytest.mark.postgresql_later
def test_a_long_thread_goes_on_at_its_own_address_and_says_whom_it_answers(client, article):
    top = approved(article, name="Rosa")
    replies = [row(article, "approved", top) for _number in range(145)]
    Comment.recount(article)
    assert numbers_for_a_reader(client, article) == ("Comments (146)", 146)
    address = f"{article.path}comments/thread/{top.pk}/"
    first = " ".join(html(client, article.path).split())
    assert f'<a href="{address}" rel="nofollow">Continue this thread: 106 more replies</a>' in first
    page = " ".join(html(client, address).split())
    assert f'in reply to <a href="/comments/{top.pk}/" rel="nofollow"><bdi>Rosa</bdi></a>' in page
    assert f'<a href="/comments/{top.pk}/" rel="nofollow">Where it begins</a>' in page
    assert html(client, f"{address}2/").count('<article class="comment"') == 6
    for number, place in (
        (38, ""),
        (39, f"comments/thread/{top.pk}/"),
        (144, f"comments/thread/{top.pk}/2/"),
    ):
        answer = client.get(f"/comments/{replies[number].pk}/")
        assert answer["Location"] == f"{article.path}{place}#comment-{replies[number].pk}"
    html(client, f"{address}3/", 404)


def test_the_address_of_a_thread_that_goes_on_no_more_leads_to_where_it_stands(client, article):
    top = approved(article)
    answer = client.get(f"{article.path}comments/thread/{top.pk}/")
    assert (answer.status_code, answer["Location"]) == (302, f"{article.path}#comment-{top.pk}")
    top.mark_spam(by=None)
    html(client, f"{article.path}comments/thread/{top.pk}/", 404)


def test_the_newest_threads_are_read_first_if_asked(client, article, long_thread):
    assert f'href="{article.path}comments/newest/"' in html(client, article.path)
    pages = [html(client, f"{article.path}comments/newest/{number}") for number in ("", "2/", "3/")]
    assert [page.count('<article class="comment"') for page in pages] == [20, 20, 3]
    order = re.findall(r'<article class="comment" id="comment-(\d+)"', pages[0])
    assert [int(pk) for pk in order] == [comment.pk for comment in reversed(long_thread[21:41])]
    assert f'href="{article.path}#comments"' in pages[0]
    assert '<meta name="robots" content="noindex"' in pages[0]
    html(client, f"{article.path}comments/newest/4/", 404)


# What the article is, its comments are


def addresses_below(article: Article, comment: Comment) -> list[str]:
    return [
        f"{article.path}comments/",
        f"{article.path}comments/1/",
        f"{article.path}comments/2/",
        f"{article.path}comments/newest/",
        f"{article.path}comments/thread/{comment.pk}/",
        f"{article.path}comments/reply/{comment.pk}/",
        f"/comments/{comment.pk}/",
    ]


@pytest.mark.postgresql_later
def test_comments_of_an_unpublished_article_are_not_found(client, article, chief):
    comment = approved(article)
    addresses = addresses_below(article, comment)
    article.unpublish(by=chief)
    for address in addresses:
        html(client, address, 404)


@pytest.mark.postgresql_later
def test_comments_of_a_withdrawn_article_are_gone(client, article, chief):
    comment = approved(article, text="Something about it.")
    addresses = addresses_below(article, comment)
    article.withdraw(by=chief, reason="wrong")
    for address in addresses:
        assert "Something about it." not in html(client, address, 410)


def test_a_permalink_to_what_is_gone_speaks_the_language_of_the_article(client, chief):
    article = base.published(language="de", headline="Der Hafen ist offen")
    comment = approved(article)
    article.withdraw(by=chief, reason="wrong")
    response = client.get(f"/comments/{comment.pk}/", headers={"Accept-Language": "fr"})
    assert (response.status_code, response["Content-Language"]) == (410, "de")
    with translation.override("de"):
        assert translation.gettext("This article was withdrawn") in response.content.decode()


def test_comments_in_a_language_that_the_site_gave_up_are_not_found(client, article):
    comment = approved(article)
    Site(languages=["de"]).save()
    for address in addresses_below(article, comment):
        html(client, address, 404)


def test_an_old_path_leads_to_the_same_page_below_the_new_one(client, article, editor):
    comment = approved(article)
    old = article.path
    article.save_revision(by=None, slug="harbour-open")
    article.publish(by=editor)
    assert article.path != old
    for rest in ("comments/", "comments/2/", f"comments/reply/{comment.pk}/"):
        response = client.get(old + rest)
        assert (response.status_code, response["Location"]) == (301, article.path + rest)


@pytest.mark.parametrize("name", ["tag", "author", "page"])
def test_something_called_comments_keeps_its_address(client, name):
    assert client.get(f"/en/{name}/comments/").resolver_match.app_names == ["articles"]


# What pages declare and cost


@pytest.mark.postgresql_later
def test_pages_declare_what_they_show(client, article, long_thread):
    rules = Page.objects.create(purpose="comment-rules")
    PageText.objects.create(page=rules, language="en", name="Rules", body="<p>Be kind.</p>")
    keys = {"site", f"article-{article.pk}", f"page-{rules.pk}"}
    for rest in ("", "comments/2/", f"comments/reply/{long_thread[0].pk}/"):
        assert keys <= base.page_keys(client.get(article.path + rest)), rest


def test_a_permalink_declares_what_its_answer_depends_on(client, article, chief):
    comment = approved(article)
    keys = {"site", f"article-{article.pk}"}
    assert keys <= base.page_keys(client.get(comment.get_absolute_url()))
    article.withdraw(by=chief, reason="wrong")
    assert keys <= base.page_keys(client.get(comment.get_absolute_url()))


def test_form_links_to_the_rules_and_the_privacy_page_where_there_are_some(client, article):
    assert "Rules for comments" not in html(client, article.path)
    for purpose, name in (("comment-rules", "House rules"), ("privacy", "Privacy")):
        page = Page.objects.create(purpose=purpose)
        PageText.objects.create(page=page, language="en", name=name, body="<p>…</p>")
    page = html(client, article.path)
    assert '<a href="/en/page/house-rules/">Rules for comments</a>' in page
    assert '<a href="/en/page/privacy/">Privacy</a>' in page


def test_a_thread_costs_as_many_queries_however_long_it_is(client, article):
    def queries() -> int:
        with CaptureQueriesContext(connection) as context:
            client.get(article.path)
        return len(context)

    top = approved(article)
    few = queries()
    for _number in range(30):
        top = row(article, "approved", top)
    Comment.recount(article)
    assert queries() == few


def test_a_page_of_comments_costs_few_queries(client, article, long_thread, django_assert_max_num_queries):
    Site().save()
    with django_assert_max_num_queries(8):
        client.get(f"{article.path}comments/2/")


# Cookies, scripts, third parties


@pytest.mark.postgresql_later
def test_comment_pages_set_no_cookie_and_hold_no_token(client, article, long_thread):
    for rest in ("", "comments/2/", f"comments/reply/{long_thread[0].pk}/"):
        response = client.get(article.path + rest)
        assert not response.cookies
        assert "Cookie" not in response.get("Vary", "")
        page = response.content.decode()
        assert "csrf" not in page
        assert not re.search(r"<script(?! type=\"application/ld\+json\")|<style| style=| on\w+=", page)


def test_only_get_and_head_read(client, article):
    comment = approved(article)
    for address in (f"{article.path}comments/2/", f"/comments/{comment.pk}/", comment.own_url()):
        assert client.post(address).status_code == 405
        assert client.put(address).status_code == 405
    assert client.head(f"/comments/{comment.pk}/").status_code == 302
    assert client.put(f"{article.path}comments/").status_code == 405


@pytest.mark.postgresql_later
def test_words_of_a_comment_are_never_markup(client, article):
    hostile = '"><script>alert(1)</script><img src=x onerror=alert(1)> {{ site.name }}'
    comment = approved(article, name=hostile[:60], text=hostile)
    approved(article, comment)
    for address in (article.path, f"{article.path}comments/reply/{comment.pk}/", comment.own_url()):
        page = html(client, address)
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert hostile in unescape(page)
