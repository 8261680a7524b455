"""The form of an article: filled from the newest revision, saves another, loses nothing."""

import pytest
from django.test import Client

from articles.models import Article, Author, Provenance, Revision, Section, Source, Tag, User
from newsroom.models import LogEntry
from tests import base
from tests.articles.admin import change, fields_of, send, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql_later]
ADD = "/admin/articles/article/add/"


@pytest.fixture
def desk(journalist: User, login: object) -> Client:
    base.section()
    return login(journalist)


@pytest.fixture
def at_editors(editor: User, login: object) -> Client:
    return login(editor)


# Writing


def test_journalist_begins_an_article(desk: Client, journalist: User) -> None:
    section = Section.objects.get()
    response = send(
        desk,
        ADD,
        language="en",
        kicker="Harbour",
        headline="The old crane comes down",
        standfirst="After sixty years.",
        body="<p>It took two days.</p>",
        section=section.pk,
        dateline="Portside",
        tags="Cranes, Harbour",
    )
    article = Article.objects.get()
    assert response.headers["Location"] == change(article)
    revision = article.newest_revision()
    assert (article.language, article.created_by, revision.number) == ("en", journalist, 1)
    assert (revision.kicker, revision.headline, revision.body) == (
        "Harbour",
        "The old crane comes down",
        "<p>It took two days.</p>",
    )
    assert revision.section == section
    assert revision.slug == "the-old-crane-comes-down"
    assert [tag.name for tag in revision.tag_list()] == ["Cranes", "Harbour"]
    assert article.published_at is None


def test_form_shows_the_newest_revision_and_not_what_is_live(at_editors: Client, editor: User) -> None:
    article = base.published(by=editor, headline="Live headline")
    article.save_revision(by=editor, headline="Headline of the draft")

    assert fields_of(at_editors.get(change(article)))["headline"] == "Headline of the draft"


def test_saving_a_live_article_leaves_what_readers_see(at_editors: Client, editor: User) -> None:
    article = base.published(by=editor, headline="Live headline", tags=[base.tag("Harbour")])

    response = send(at_editors, change(article), follow=True, headline="Better headline", tags="Ferries")

    article.refresh_from_db()
    assert article.headline == "Live headline"
    assert [row.tag.name for row in article.tagged.all()] == ["Harbour"]
    assert article.newest_revision().headline == "Better headline"
    assert "Readers still see revision 1" in text_of(response)


def test_saving_without_a_change_makes_no_revision(at_editors: Client, editor: User) -> None:
    author, source = base.author(), Source.objects.create(name="Port authority", url="https://port.example/")
    article = base.draft(
        by=editor,
        standfirst="One line.\nAnother line.",
        bylines=[(author, "author"), (author, "photographer")],
        tags=[base.tag("Harbour"), base.tag("Wind, waves")],
        sources=[(source, True)],
        provenance=Provenance.IMPORTED,
        canonical_url="https://first.example/text",
    )

    response = send(at_editors, change(article), follow=True)

    assert article.revisions.count() == 1
    assert "Nothing had changed" in text_of(response)


def test_who_may_publish_goes_on_to_publishing(at_editors: Client, editor: User) -> None:
    article = base.draft(by=editor)
    response = send(at_editors, change(article), headline="New", _publish="1")
    assert response.headers["Location"] == f"/admin/articles/article/{article.pk}/publish/"
    assert Article.objects.get().published_at is None


def test_forged_publish_button_of_a_journalist_saves_only(desk: Client, journalist: User) -> None:
    article = base.draft(by=journalist)
    response = send(desk, change(article), headline="New", _publish="1")
    assert response.headers["Location"] == change(article)


def test_preview_button_saves_first(desk: Client, journalist: User) -> None:
    article = base.draft(by=journalist)
    response = send(desk, change(article), headline="New", _preview="1")
    assert response.headers["Location"] == f"/admin/articles/article/{article.pk}/preview/?revision=2"


def test_language_is_chosen_once(desk: Client, journalist: User) -> None:
    article = base.draft(by=journalist)
    send(desk, change(article), headline="New", language="fr")
    article.refresh_from_db()
    assert article.language == "en"


def test_who_writes_in_some_languages_begins_articles_in_these_only(login: object) -> None:
    base.section()
    client = login(base.person("gerda", "Journalist", languages=["de"]))
    response = send(client, ADD, language="en", headline="Not mine")
    assert response.status_code == 200
    assert not Article.objects.exists()
    send(client, ADD, language="de", headline="Meins")
    assert Article.objects.get().language == "de"


def test_a_translator_begins_versions_and_no_stories(translator: User, login: object) -> None:
    article = base.published()
    client = login(translator)
    assert client.get(ADD).status_code == 403
    assert client.post(ADD, {"language": "de", "headline": "Meins"}).status_code == 403
    client.post(f"/admin/articles/article/{article.pk}/version/de/", {})
    assert article.story.articles.filter(language="de", created_by=translator).exists()


def test_forged_fields_change_nothing(desk: Client, journalist: User, editor: User) -> None:
    article = base.draft(by=journalist)
    story = base.draft(by=editor).story
    send(
        desk,
        change(article),
        headline="New",
        created_by=editor.pk,
        comment_count=99,
        published_at="2020-01-01 00:00",
        first_published_at="2020-01-01 00:00",
        live_revision=1,
        path="/en/2020/01/01/mine/",
        stage="ready",
        story=story.pk,
        article=story.pk,
        number=77,
        embargo_until="2030-01-01",
        is_public="",
        is_superuser="on",
    )
    article.refresh_from_db()
    assert article.created_by == journalist
    assert (article.comment_count, article.published_at, article.live_revision, article.path) == (
        0,
        None,
        None,
        "",
    )
    assert (article.stage, article.story_id != story.pk) == ("writing", True)
    assert article.newest_revision().number == 2


# What may be wrong, each said at its field, with all that was written


BAD_INPUT = (
    ("headline", "", "required"),
    ("headline", "x" * 201, "at most 200 characters"),
    ("headline", "a\0b", "Null characters"),
    ("kicker", "x" * 61, "at most 60 characters"),
    ("standfirst", "x" * 1001, "at most 1000 characters"),
    ("body", "<p>" + "x" * 200_001 + "</p>", "at most 200000 characters"),
    ("body", "<p>a\0b</p>", "Null characters"),
    ("slug", "no slug at all!", "slug"),
    ("canonical_url", "javascript:alert(1)", "valid URL"),
    ("canonical_url", "ftp://files.example/text", "valid URL"),
    ("section", "987654", "Select a valid choice"),
    ("photo", "987654", "Select a valid choice"),
    ("translated_from", "987654", "Select a valid choice"),
    ("provenance", "invented", "Select a valid choice"),
    ("tags", "Harbour, ???", "no tag: it has no letters"),
    ("tags", "x" * 101, "too long for a tag"),
    ("tags", ",".join(f"tag {n}" for n in range(31)), "At most 30 tags"),
    ("tags", "x" * 3001, "at most 3000 characters"),
    ("byline-0-author", "Nobody Known", "There is no author"),
    ("byline-0-role", "king", "Select a valid choice"),
    ("byline-0-position", "x", "whole number"),
    ("source-0-url", "https://port.example/", "Give the source a name"),
    ("source-0-name", "x" * 201, "at most 200 characters"),
    ("byline-TOTAL_FORMS", "x", "ManagementForm"),
    ("source-TOTAL_FORMS", "100000", "at most 40"),
    ("base", "x", "whole number"),
    ("base", "", "required"),
)


def test_bad_input_is_said_and_nothing_is_lost(desk: Client, journalist: User) -> None:
    article = base.draft(by=journalist)
    opened = fields_of(desk.get(change(article)))
    opened |= {"standfirst": "Typed with care.", "dateline": "Portside"}
    for field, value, words in BAD_INPUT:
        response = desk.post(change(article), opened | {field: value})

        assert response.status_code == 200, field
        assert words in text_of(response), field
        assert "Nothing was saved yet" in text_of(response), field
        kept = fields_of(response)
        assert kept["dateline"] == "Portside", field
        if field in ("headline", "kicker", "standfirst", "body", "slug", "tags", "byline-0-author"):
            assert kept[field] == value, field
    assert article.revisions.count() == 1


def test_reviewed_machine_translation_names_its_reviewer(desk: Client, journalist: User) -> None:
    article = base.draft(by=journalist)
    response = send(desk, change(article), provenance="machine-reviewed", reviewed_by="")
    assert "Name the person who reviewed" in text_of(response)
    send(desk, change(article), provenance="machine-reviewed", reviewed_by="Ruth Amsel")
    assert article.newest_revision().reviewed_by == "Ruth Amsel"


def test_body_is_sanitised(desk: Client, journalist: User) -> None:
    article = base.draft(by=journalist)
    send(desk, change(article), body='<p onclick="x()">Safe<script>alert(1)</script></p>')
    assert article.newest_revision().body == "<p>Safe</p>"


def test_markup_in_a_headline_stays_text(desk: Client, journalist: User) -> None:
    headline = '<img src=x onerror="alert(1)"> and {{ 7|add:7 }}'
    article = base.draft(by=journalist, headline=headline)
    for address in (
        change(article),
        "/admin/articles/article/",
        change(article).replace("change", "history"),
    ):
        page = text_of(desk.get(address))
        assert "<img src=x" not in page
        assert "{{ 7|add:7 }}" in page


# Rows


def test_byline_is_ordered_by_position(desk: Client, journalist: User) -> None:
    nora, otto = base.author("Nora Feld"), base.author("Otto Brandt")
    article = base.draft(by=journalist, bylines=[(nora, "author")])
    send(
        desk,
        change(article),
        byline__0__position="2",
        byline__1__author="otto brandt",
        byline__1__role="photographer",
        byline__1__position="1",
    )
    assert article.newest_revision().byline_pairs() == [(otto, "photographer"), (nora, "author")]


def test_emptied_row_is_taken_out(desk: Client, journalist: User) -> None:
    article = base.draft(by=journalist, bylines=[(base.author(), "author")])
    send(desk, change(article), byline__0__author="")
    assert article.newest_revision().byline_pairs() == []


def test_same_author_twice_in_one_role_is_refused(desk: Client, journalist: User) -> None:
    article = base.draft(by=journalist, bylines=[(base.author(), "author")])
    response = send(desk, change(article), byline__1__author="Nora Feld", byline__1__role="author")
    assert "stands here twice" in text_of(response)
    assert article.revisions.count() == 1


def test_two_authors_of_one_name_are_told_apart_by_slug(desk: Client, journalist: User) -> None:
    first = base.author("Nora Feld")
    second = Author.objects.create()
    second.texts.create(language="en", name="Nora Feld", slug="nora-feld-2")
    article = base.draft(by=journalist)
    response = send(desk, change(article), byline__0__author="Nora Feld")
    assert "Several authors have this name" in text_of(response)
    send(desk, change(article), byline__0__author="nora-feld-2")
    assert article.newest_revision().byline_pairs() == [(second, "author")]
    # Once chosen, saving again keeps this one and no other.
    send(desk, change(article), headline="Again")
    assert article.newest_revision().byline_pairs() == [(second, "author")]
    assert first.pk != second.pk


def test_a_new_article_carries_its_writers_name(desk: Client, journalist: User) -> None:
    author = base.author("Jana Writes")
    author.user = journalist
    author.save()
    assert fields_of(desk.get(ADD))["byline-0-author"] == "Jana Writes"


def test_source_is_found_by_name_or_made(desk: Client, journalist: User) -> None:
    known = Source.objects.create(name="Harbour News Agency", kind="agency", url="https://agency.example/")
    article = base.draft(by=journalist)
    send(
        desk,
        change(article),
        source__0__name="harbour news agency",
        source__0__is_public="on",
        source__1__name="Port authority",
        source__1__url="port.example/crane",
    )
    (first, told), (second, hidden) = article.newest_revision().source_pairs()
    assert (first, told) == (known, True)
    assert (second.name, second.url, hidden) == ("Port authority", "https://port.example/crane", False)
    assert LogEntry.objects.get(verb="source.add").by_id == journalist.pk


def test_source_of_the_same_name_with_another_address_is_another_source(
    desk: Client, journalist: User
) -> None:
    Source.objects.create(name="Port authority", url="https://port.example/1")
    article = base.draft(by=journalist)
    send(desk, change(article), source__0__name="Port authority", source__0__url="https://port.example/2")
    assert Source.objects.filter(name="Port authority").count() == 2


# Tags


def test_unknown_tag_gets_words_in_the_articles_language(desk: Client, journalist: User) -> None:
    article = base.draft(by=journalist, language="de")
    send(desk, change(article), tags="Hafen, Züge")
    tags = article.newest_revision().tag_list()
    assert [tag.text_in("de").name for tag in tags] == ["Hafen", "Züge"]
    assert tags[1].text_in("de").slug == "zuege"
    assert LogEntry.objects.filter(verb="tag.add", by_id=journalist.pk).count() == 2


def test_tag_is_found_by_its_name_in_the_language_and_not_made_twice(desk: Client, journalist: User) -> None:
    tag = base.tag("Harbour")
    tag.texts.create(language="de", name="Hafen", slug="haefen")
    article = base.draft(by=journalist, language="de")
    send(desk, change(article), tags="hafen, Hafen")
    assert article.newest_revision().tag_list() == [tag]
    assert Tag.objects.count() == 1


def test_tags_are_not_made_by_a_save_that_fails(desk: Client, journalist: User, editor: User) -> None:
    article = base.draft(by=journalist)
    opened = fields_of(desk.get(change(article)))
    article.save_revision(by=editor, headline="Meanwhile")
    desk.post(change(article), opened | {"tags": "Cranes", "headline": "Mine"})
    assert not Tag.objects.exists()


def test_who_may_not_add_tags_is_told_so(editor: User, login: object) -> None:
    helper = User.objects.create_user(username="hana", password="correct horse battery", is_staff=True)
    from django.contrib.auth.models import Permission

    helper.user_permissions.set(Permission.objects.filter(codename__in=["edit_others", "view_article"]))
    article = base.draft(by=editor)
    response = send(login(helper), change(article), tags="Cranes")
    assert "you may not add one" in text_of(response)
    assert not Tag.objects.exists()


def test_sections_offered_are_those_where_one_may_write(login: object) -> None:
    politics, culture = base.section(), base.section({"en": "Culture"})
    writer = base.person("sara", "Journalist")
    writer.grants.get().sections.add(culture)
    client = login(writer)
    page = text_of(client.get(ADD))
    assert "Culture" in page
    assert ">Politics<" not in page

    refused = send(client, ADD, headline="Elsewhere", section=politics.pk)
    assert refused.status_code == 200
    refused = send(client, ADD, headline="Nowhere", section="")
    assert "Choose one of your sections" in text_of(refused)
    send(client, ADD, headline="Concert", section=culture.pk)
    assert Revision.objects.get().section == culture


def test_editor_page_gets_what_the_editor_needs_and_no_other_page(desk: Client, journalist: User) -> None:
    article = base.draft(by=journalist)
    policy = desk.get(change(article)).headers["Content-Security-Policy"]
    assert "script-src-attr 'unsafe-inline'" in policy
    assert "style-src 'self' 'unsafe-inline'" in policy
    assert "script-src 'self';" in policy + ";"
    for address in ("/admin/", "/admin/articles/article/", f"/admin/articles/article/{article.pk}/stage/"):
        assert "unsafe-inline" not in desk.get(address).headers["Content-Security-Policy"]
