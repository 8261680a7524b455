"""Sections, tags, authors, pages and sources in the admin: words per language, each change a verb."""

from collections.abc import Callable

import pytest
from django.test import Client

from articles.models import Author, Page, PageText, Section, SectionText, Source, Tag, User
from newsroom.models import LogEntry
from tests import base
from tests.articles.admin import fields_of, send, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql_later]


@pytest.fixture
def desk(chief: User, login: Callable) -> Client:
    return login(chief)


def test_section_is_added_with_its_words(desk: Client, chief: User) -> None:
    response = send(
        desk, "/admin/articles/section/add/", texts__0__name="Culture", texts__1__name="Kultur & Bühne"
    )
    assert response.status_code == 302
    section = Section.objects.get()
    assert {text.language: (text.name, text.slug) for text in section.texts.all()} == {
        "en": ("Culture", "culture"),
        "de": ("Kultur & Bühne", "kultur-buehne"),
    }
    entry = LogEntry.objects.get(verb="section.add")
    assert (entry.by_id, entry.object_type, entry.object_id) == (chief.pk, "articles.section", section.pk)


def test_thing_without_any_name_is_refused(desk: Client) -> None:
    response = send(desk, "/admin/articles/section/add/")
    assert "Give it a name in one language at least" in text_of(response)
    assert not Section.objects.exists()


@pytest.mark.parametrize("slug", ["search", "tag", "2025", "page", "author", "archive"])
def test_reserved_slug_of_a_section_is_refused(desk: Client, slug: str) -> None:
    response = send(
        desk, "/admin/articles/section/add/", texts__0__name="Culture", texts__0__slug=slug, position="3"
    )
    assert "is reserved for addresses of the site" in text_of(response)
    assert fields_of(response)["position"] == "3"
    assert not Section.objects.exists()


def test_slug_that_is_taken_in_a_language_is_refused(desk: Client) -> None:
    base.section()
    response = send(desk, "/admin/articles/section/add/", texts__0__name="Politics")
    assert "taken in this language" in text_of(response)


def test_name_that_makes_no_address_asks_for_a_slug(desk: Client) -> None:
    response = send(desk, "/admin/articles/section/add/", texts__0__name="???")
    assert "give a slug" in text_of(response)


def test_changed_words_purge_what_shows_them(desk: Client) -> None:
    section = base.section()
    with base.purged_keys() as purged:
        send(desk, f"/admin/articles/section/{section.pk}/change/", texts__1__name="Staat")
    assert purged == {f"section-{section.pk}", "front-en", "front-de", "front-fr"}
    assert LogEntry.objects.filter(verb="section.change", object_id=section.pk).count() == 1
    assert section.texts.get(language="de").name == "Staat"


def test_saving_without_a_change_is_no_act(desk: Client) -> None:
    section = base.section()
    before = LogEntry.objects.count()
    with base.purged_keys() as purged:
        send(desk, f"/admin/articles/section/{section.pk}/change/")
    assert purged == set()
    assert LogEntry.objects.count() == before


def test_section_in_use_is_not_deleted_and_says_why(desk: Client) -> None:
    section = base.section()
    base.draft(section=section, headline="A headline nobody may see here")
    address = f"/admin/articles/section/{section.pk}/delete/"
    told = text_of(desk.get(address))
    assert "Articles: 1" in told
    assert "Revisions: 1" in told
    assert "nobody may see" not in told
    desk.post(address, {"post": "yes"})
    assert Section.objects.filter(pk=section.pk).exists()


def test_section_without_articles_is_deleted(desk: Client) -> None:
    section = base.section()
    pk = section.pk
    with base.purged_keys() as purged:
        desk.post(f"/admin/articles/section/{pk}/delete/", {"post": "yes"})
    assert not SectionText.objects.exists()
    assert f"section-{pk}" in purged
    assert LogEntry.objects.get(verb="section.delete").object_id == pk


def test_history_of_a_thing_is_that_of_the_log(desk: Client) -> None:
    section = base.section()
    send(desk, f"/admin/articles/section/{section.pk}/change/", position="4")
    page = text_of(desk.get(f"/admin/articles/section/{section.pk}/history/"))
    assert "changed" in page
    assert "clara" in page


def test_tag_gets_words(desk: Client) -> None:
    send(desk, "/admin/articles/tag/add/", name="Harbour", texts__0__name="Harbour", texts__1__name="Hafen")
    tag = Tag.objects.get()
    assert tag.name_in("de") == "Hafen"
    with base.purged_keys() as purged:
        send(desk, f"/admin/articles/tag/{tag.pk}/change/", texts__2__name="Port")
    assert purged == {f"tag-{tag.pk}"}
    assert tag.texts.get(language="fr").slug == "port"


def test_author_gets_words_and_may_be_a_user(desk: Client, journalist: User) -> None:
    send(desk, "/admin/articles/author/add/", user=journalist.pk, texts__0__name="Jana Writes")
    author = Author.objects.get()
    assert author.user == journalist
    assert "jana" not in author.texts.get().slug.replace("jana-writes", "")


def test_page_is_written_and_sanitised(desk: Client) -> None:
    with base.purged_keys() as purged:
        send(
            desk,
            "/admin/articles/page/add/",
            purpose="imprint",
            texts__0__name="Imprint",
            texts__0__body="<p>Who we are.<script>alert(1)</script></p>",
        )
    page = Page.objects.get()
    assert PageText.objects.get().body == "<p>Who we are.</p>"
    assert purged == {f"page-{page.pk}", "site"}
    twice = send(
        desk,
        "/admin/articles/page/add/",
        purpose="imprint",
        texts__0__name="Another",
        texts__0__body="<p>Text.</p>",
    )
    assert twice.status_code == 200
    assert "errornote" in text_of(twice)


def test_source_is_changed_and_says_where_it_is_used(desk: Client) -> None:
    source = Source.objects.create(name="Port authority")
    article = base.published(sources=[(source, True)])
    response = send(desk, f"/admin/articles/source/{source.pk}/change/", url="javascript:alert(1)")
    assert response.status_code == 200
    with base.purged_keys() as purged:
        send(desk, f"/admin/articles/source/{source.pk}/change/", url="https://port.example/")
    assert purged == {f"source-{source.pk}"}
    assert f"source-{source.pk}" in base.page_keys(Client().get(article.path))
    assert "1" in text_of(desk.get(f"/admin/articles/source/{source.pk}/delete/"))
    desk.post(f"/admin/articles/source/{source.pk}/delete/", {"post": "yes"})
    assert Source.objects.exists()


@pytest.mark.parametrize("model", ["section", "tag", "author", "page", "source"])
def test_lists_cost_the_same_however_long(
    desk: Client, django_assert_num_queries: Callable, django_assert_max_num_queries: Callable, model: str
) -> None:
    def make(number: int) -> None:
        base.section({"en": f"Section {number}", "de": f"Rubrik {number}"})
        base.tag(f"Tag {number}")
        base.author(f"Author {number}")
        page = Page.objects.create()
        PageText.objects.create(page=page, language="en", name=f"Page {number}", body="<p>x</p>")
        Source.objects.create(name=f"Source {number}")

    make(1)
    address = f"/admin/articles/{model}/"
    desk.get(address)
    with django_assert_max_num_queries(15) as first:
        desk.get(address)
    for number in range(2, 8):
        make(number)
    with django_assert_num_queries(len(first.captured_queries)):
        assert "7 " in text_of(desk.get(address))


@pytest.mark.parametrize("model", ["section", "tag", "author", "page", "source", "user"])
def test_things_are_found_by_name(desk: Client, model: str) -> None:
    for query in ("?q=harbour", "?q=%00", "?q=" + "x" * 3000, "?p=x", "?unknown=1"):
        assert desk.get(f"/admin/articles/{model}/{query}", follow=True).status_code == 200


def test_log_is_read_and_never_written(desk: Client, login: Callable) -> None:
    article = base.published(by=None)
    page = text_of(desk.get(f"/admin/newsroom/logentry/?q=article+{article.pk}"))
    assert "article.publish" in page
    assert "the system" in page
    assert f'href="/admin/articles/article/{article.pk}/change/">Article {article.pk}<' in page
    found = text_of(
        desk.get(f"/admin/newsroom/logentry/?q=artikel+{article.pk}", headers={"Accept-Language": "de"})
    )
    assert f">Artikel {article.pk}<" in found
    entry = LogEntry.objects.first()
    root = login(User.objects.create_superuser(username="root", password="correct horse battery"))
    for client in (desk, root):
        assert client.get("/admin/newsroom/logentry/add/").status_code == 403
        assert client.get(f"/admin/newsroom/logentry/{entry.pk}/delete/").status_code == 403
        assert client.post(f"/admin/newsroom/logentry/{entry.pk}/change/", {"verb": "x"}).status_code == 403
    for query in ("?q=article+x", "?q=%00", "?q=article+" + "9" * 40, "?q=article.publish", "?q=a+b+c"):
        assert desk.get(f"/admin/newsroom/logentry/{query}").status_code == 200
