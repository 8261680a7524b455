"""Links to articles of this site: they follow slugs, and nothing of what is hidden shows."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles.html import Link, article_uids, replace_links
from articles.models import Article, Page, PageText, User
from newsroom.addresses import own
from newsroom.models import Site
from tests import base
from tests.articles.test_attachments import document, link_to

pytestmark = pytest.mark.django_db


def link(article: Article, words: str = "as we wrote") -> str:
    """Return a link to an article as a body holds it."""
    return f'<a href="/admin/articles/article/{article.uid}/go/">{words}</a>'


@pytest.fixture(autouse=True)
def site(settings: Any) -> Site:
    settings.BASE_URL = "https://post.example"
    row = Site(name="The Post", languages=["en", "de"])
    row.save()
    return row


@pytest.fixture
def target() -> Article:
    return base.published(headline="Quay is closed", at=base.NOON)


def linking(target: Article, **content: Any) -> Article:
    return base.published(headline="Harbour opens", body=f"<p>See {link(target)}.</p>", **content)


def test_readers_get_the_present_path(client: Client, target: Article) -> None:
    article = linking(target)
    assert f'See <a href="{target.path}">as we wrote</a>.' in client.get(article.path).text
    target.save_revision(by=None, slug="quay-is-shut")
    target.publish(by=None)
    assert "/quay-is-shut/" in target.path
    page = client.get(article.path).text
    assert f'<a href="{target.path}">as we wrote</a>' in page
    assert "/admin/" not in page


@pytest.mark.postgresql_later
@pytest.mark.parametrize("fragment", ["#comments", "#note-3", "#ä&amp;b"])
def test_a_place_in_the_article_stays(client: Client, target: Article, fragment: str) -> None:
    body = f'<p><a href="{target.path}{fragment}">x</a></p>'
    article = base.published(headline="Harbour opens", body=body)
    stored = article.newest_revision().body
    assert article_uids(stored) == [target.uid]
    assert f'href="{target.path}{fragment}"' in client.get(article.path).text


@pytest.mark.postgresql_later
@pytest.mark.parametrize(
    "hide",
    [
        lambda row: row.withdraw(by=None, reason="x"),
        lambda row: row.unpublish(by=None),
        lambda row: Article.objects.filter(pk=row.pk).update(
            embargo_until=timezone.now() + timedelta(days=1)
        ),
        lambda row: Article.objects.filter(pk=row.pk).update(published_at=timezone.now() + timedelta(days=1)),
        lambda row: Article.objects.filter(pk=row.pk).update(language="ar"),
    ],
    ids=["withdrawn", "unpublished", "embargoed", "scheduled", "in no language of the site"],
)
def test_what_readers_may_not_see_leaves_its_words_only(
    client: Client, target: Article, hide: Callable[[Article], object]
) -> None:
    article = linking(target)
    hide(target)
    page = client.get(article.path).text
    assert "<p>See as we wrote.</p>" in page
    for secret in (target.slug, target.headline, str(target.uid)):
        assert secret not in page


@pytest.mark.postgresql_later
def test_a_draft_and_nothing_at_all_are_the_same(client: Client, target: Article) -> None:
    draft = base.draft(headline="Secret")
    bodies = [link(draft), link(draft).replace(str(draft.uid), "0" * 8 + str(draft.uid)[8:])]
    first, second = (base.published(headline="One", slug=f"a{n}", body=body) for n, body in enumerate(bodies))
    pages = [client.get(article.path).text for article in (first, second)]
    assert all("<p>as we wrote</p>" in page for page in pages)


@pytest.mark.postgresql_later
def test_the_page_carries_the_keys_of_all_that_it_links(client: Client, target: Article) -> None:
    draft, gone = base.draft(headline="Secret"), base.withdrawn(headline="Gone")
    article = base.published(body=f"<p>{link(target)} {link(draft)} {link(gone)}</p>")
    keys = base.page_keys(client.get(article.path))
    assert keys >= {f"article-{row.pk}" for row in (target, draft, gone)}


def test_the_page_ends_when_what_it_links_comes_out(client: Client) -> None:
    later, first = (
        base.published(headline=f"To come {n}", at=timezone.now() + timedelta(hours=n), section=section)
        for n, section in ((3, base.section({"en": "World"})), (2, base.section({"en": "Letters"})))
    )
    article = base.published(
        headline="Now", body=f"<p>{link(later)}{link(first)}</p>", section=base.section({"en": "Arts"})
    )
    assert base.page_until(client.get(article.path)) == first.published_at
    with base.at(first.published_at):
        response = client.get(article.path)
    assert f'href="{first.path}"' in response.text
    assert base.page_until(response) == later.published_at


def test_one_query_finds_all(client: Client, target: Article) -> None:
    def cost(article: Article) -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get(article.path)
        return len(queries)

    none = base.published(headline="None", body="<p>x</p>")
    one = linking(target)
    rows = [base.published(headline=f"Number {n}") for n in range(7)]
    many = base.published(headline="Many", body="".join(f"<p>{link(row)}</p>" for row in [target, *rows]))
    # Asked for together with the other versions of the story.
    assert cost(one) == cost(many) == cost(none)


def test_other_versions_of_the_story_are_named_as_before(client: Client, target: Article) -> None:
    german = base.published(language="de", headline="Hafen offen", story=target.story)
    row = document()
    target.save_revision(by=None, body=f"<p>{link(german)} {link_to(row)}</p>")
    target.publish(by=None)
    page = client.get(target.path).text
    assert f'href="{german.path}" lang="de" hreflang="de"><bdi>Hafen offen</bdi>' in page
    assert f'<a href="{german.path}">as we wrote</a>' in page
    assert row.get_absolute_url() in page


@pytest.mark.postgresql_later
def test_drafts_and_previews_lead_to_what_readers_may_see(
    client: Client, login: Callable[[User], Client], editor: User, target: Article
) -> None:
    hidden = base.draft(headline="Hidden")
    draft = base.draft(body=f"<p>{link(target)}, {link(hidden, 'this one')}</p>", slug="draft")
    shared = draft.share_draft(by=None, expires_at=timezone.now() + timedelta(days=1)).get_absolute_url()
    desk = login(editor)
    pages = [client.get(shared), desk.get(f"/admin/articles/article/{draft.pk}/preview/")]
    for page in pages:
        assert f'<p><a href="{target.path}">as we wrote</a>, this one</p>' in page.text


def test_pages_of_the_house_follow_too(client: Client, target: Article) -> None:
    row = Page.objects.create()
    body = f'<p><a href="https://post.example{target.path}">x</a></p><script>1</script>'
    text = PageText.objects.create(page=row, language="en", name="Imprint", body=body)
    assert article_uids(text.body) == [target.uid]
    target.save_revision(by=None, slug="quay-is-shut")
    target.publish(by=None)
    response = client.get("/en/page/imprint/")
    assert f'<a href="{target.path}">x</a>' in response.text
    assert f"article-{target.pk}" in base.page_keys(response)


# Written as an address


@pytest.mark.postgresql_later
@pytest.mark.parametrize(
    "address",
    [
        "{path}",
        "https://post.example{path}",
        "http://POST.example{path}",
        "{path}?utm_source=mail",
        "https://post.example{old}",
    ],
)
def test_an_address_of_this_site_is_saved_as_the_article(target: Article, address: str) -> None:
    old = target.path
    target.save_revision(by=None, slug="quay-is-shut")
    target.publish(by=None)
    written = address.format(path=target.path, old=old).replace("&", "&amp;")
    article = base.draft(body=f'<p>See <a href="{written}"><em>as</em> we wrote</a>.</p>')
    wanted = f"<p>See {link(target, '<em>as</em> we wrote')}.</p>"
    assert article.newest_revision().body == article.body == wanted


@pytest.mark.postgresql_later
@pytest.mark.parametrize(
    "address",
    [
        *("https://elsewhere.example{path}", "{path}comments/2/", "/en/", "mailto:a@post.example"),
        *("/admin/articles/article/1/change/", "https://post.example", "/en/2025/07/11/never-was/"),
    ],
)
def test_every_other_address_stays_as_it_is(target: Article, address: str) -> None:
    body = f'<p><a href="{address.format(path=target.path)}">x</a></p>'
    assert base.draft(body=body).newest_revision().body == body


def test_nobody_learns_of_a_schedule_by_trying_addresses() -> None:
    row = base.published(headline="To come", at=timezone.now() + timedelta(days=1))
    body = f'<p><a href="{row.path}">x</a></p>'
    assert base.draft(body=body).newest_revision().body == body


def test_an_address_in_another_script_is_found(client: Client) -> None:
    row = base.published(language="de", headline="Übermut tut gut", slug="übermut")
    body = f'<p><a href="{row.path.replace("ü", "%C3%BC")}">x</a></p>'
    assert article_uids(base.draft(body=body).newest_revision().body) == [row.uid]


def test_saving_asks_once_whatever_is_linked(target: Article) -> None:
    def cost(number: int) -> int:
        article = base.draft(body="<p>x</p>", slug=f"with-{number}")
        links = "".join(f'<p><a href="/en/2025/07/11/{n}/">x</a></p>' for n in range(number - 1))
        with CaptureQueriesContext(connection) as queries:
            article.save_revision(by=None, body=f'{links}<p><a href="{target.path}">x</a></p>')
        assert number > 500 or article_uids(article.newest_revision().body) == [target.uid]
        return len(queries)

    assert cost(1) == cost(100) == cost(800)


def test_a_text_at_its_limit_is_kept_as_it_was_written(target: Article) -> None:
    body = f'<p><a href="{target.path}">{{}}</a></p>'
    body = body.format("x" * (200_000 - len(body) + 2))
    assert base.draft(body=body).newest_revision().body == body


def test_the_same_text_again_is_no_new_revision(target: Article) -> None:
    article = base.draft(body=f'<p><a href="{target.path}">x</a></p>')
    again = article.save_revision(by=None, body=f'<p><a href="{target.path}">x</a></p>')
    assert again.number == 1


# The desk


def test_the_address_in_a_text_leads_staff_to_the_form_or_to_the_page(
    login: Callable[[User], Client], editor: User, journalist: User, target: Article
) -> None:
    address = f"/admin/articles/article/{target.uid}/go/"
    assert login(editor).get(address).headers["Location"] == f"/admin/articles/article/{target.pk}/change/"
    assert login(journalist).get(address).headers["Location"] == target.path
    target.unpublish(by=None)
    assert login(journalist).get(address).status_code == 404
    assert Client().get(address).headers["Location"].startswith("/admin/login/")


def test_the_editor_finds_what_a_writer_may_read(
    login: Callable[[User], Client], editor: User, journalist: User, target: Article
) -> None:
    german = base.published(language="de", headline="Quay gesperrt", slug="quay-gesperrt")
    secret = base.draft(headline="Quay to be sold")

    def found(user: User, **asked: str) -> list[str]:
        response = login(user).get("/admin/articles/article/links/", asked)
        assert response.status_code == 200
        return [row["title"] for row in response.json()["rows"]]

    assert found(editor, q="quay", language="en") == [secret.headline, target.headline, german.headline]
    assert found(editor, q="quay", language="de")[0] == german.headline
    assert found(journalist, q="quay", language="en") == [target.headline, german.headline]
    address = f"/admin/articles/article/{target.uid}/go/"
    for words in (target.path, f"https://post.example{target.path}", f"#{target.pk}", address):
        assert found(journalist, q=words) == [target.headline]
    assert found(journalist, q=f"/admin/articles/article/{secret.uid}/go/") == []
    for odd in ("\0", "x" * 5_000, "//", "https://[", "%"):
        found(journalist, q=odd, language=odd)


def test_what_is_found_says_what_it_is(
    login: Callable[[User], Client], editor: User, target: Article
) -> None:
    (row,) = login(editor).get("/admin/articles/article/links/", {"q": "quay"}).json()["rows"]
    assert row["address"] == f"/admin/articles/article/{target.uid}/go/"
    assert row["about"].startswith("English · Live · ")


# What they are made of


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("/en/x/", ("/en/x/", "")),
        ("https://post.example/en/x/?q=1#a", ("/en/x/", "a")),
        ("//post.example/en/x/", ("/en/x/", "")),
        ("https://post.example", None),
        ("https://post.example:8000/en/", None),
        ("ftp://post.example/en/", None),
        ("mailto:a@post.example", None),
        ("https://[x", None),
        ("en/x/", None),
        ("https://post.example//evil.example/", None),
    ],
)
def test_addresses_of_this_site_are_known(address: str, found: Any) -> None:
    assert own(address) == found


def test_links_are_replaced_and_dropped() -> None:
    body = '<p><a href="/a?x=1&amp;y=2">one</a> and <a href="/b"><em>two</em></a>.</p>'

    def change(href: str) -> Link | None:
        return Link(href + "&z", " (PDF)") if href.startswith("/a") else None

    wanted = '<p><a href="/a?x=1&amp;y=2&amp;z">one</a> (PDF) and <em>two</em>.</p>'
    assert replace_links(body, change) == wanted
