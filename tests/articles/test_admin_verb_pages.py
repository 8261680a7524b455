"""The pages of the verbs: what will happen is said, GET changes nothing, what is refused loses nothing."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from articles.models import Article, Note, Photo, PhotoText, Provenance, User
from comments.models import Comment
from newsroom.models import LogEntry, Site
from newsroom.verbs import Refused
from tests import base
from tests.articles.admin import change, fields_of, page, send, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql_later]
VERBS = ("publish", "unpublish", "withdraw", "reinstate", "note", "stage", "desk", "join", "delete")


@pytest.fixture
def at_editors(editor: User, login: object) -> Client:
    Site(time_zone="Europe/Zurich").save()
    return login(editor)


@pytest.fixture
def at_chiefs(chief: User, login: object) -> Client:
    return login(chief)


@pytest.mark.parametrize("verb", VERBS)
def test_looking_at_a_page_changes_nothing(at_chiefs: Client, verb: str) -> None:
    article = base.draft()
    before = LogEntry.objects.count()
    for method in (at_chiefs.get, at_chiefs.head):
        assert method(page(article, verb)).status_code == 200
    assert LogEntry.objects.count() == before
    assert Article.objects.get().published_at is None


# Publishing


def test_publish_at_once(at_editors: Client, editor: User) -> None:
    article = base.draft(by=editor)
    response = send(at_editors, page(article, "publish"), follow=True)
    article.refresh_from_db()
    assert article.is_visible()
    assert "Readers see revision 1 now" in text_of(response)


def test_schedule_is_read_on_the_sites_clocks(at_editors: Client, editor: User) -> None:
    article = base.draft(by=editor)
    assert "Europe/Zurich" in text_of(at_editors.get(page(article, "publish")))

    send(at_editors, page(article, "publish"), at="2030-07-11T06:00")

    article.refresh_from_db()
    assert article.published_at == datetime(2030, 7, 11, 4, 0, tzinfo=UTC)
    form = text_of(at_editors.get(change(article)))
    assert "Scheduled for" in form
    assert "06:00 CEST" in form
    assert 'value="2030-07-11T06:00"' in text_of(at_editors.get(page(article, "publish")))


@pytest.mark.parametrize(
    "at", ["2030-03-31T02:30", "2030-10-27T02:30", "tomorrow", "2030-13-01T00:00", "9" * 40]
)
def test_time_that_is_no_clear_time_is_refused(at_editors: Client, editor: User, at: str) -> None:
    article = base.draft(by=editor)
    response = send(at_editors, page(article, "publish"), at=at)
    assert response.status_code == 200
    assert "errorlist" in text_of(response)
    assert Article.objects.get().published_at is None


def test_past_time_is_asked_about_before_it_dates_an_article_back(at_editors: Client, editor: User) -> None:
    article = base.draft(by=editor)
    address = page(article, "publish")

    asked = send(at_editors, address, at="2020-01-02T10:00")
    assert "That time is past" in text_of(asked)
    assert Article.objects.get().published_at is None

    send(at_editors, address, at="2020-01-02T10:00", backdate="on")
    assert Article.objects.get().path.startswith("/en/2020/01/02/")


def test_publishing_what_lacks_something_says_what(at_editors: Client, editor: User) -> None:
    article = base.draft(by=editor, section=None)
    response = send(at_editors, page(article, "publish"), at="2030-07-11T06:00")
    assert "section" in text_of(response)
    assert 'value="2030-07-11T06:00"' in text_of(response)
    assert Article.objects.get().published_at is None


def test_only_what_was_looked_at_is_published(at_editors: Client, editor: User, journalist: User) -> None:
    article = base.draft(by=journalist)
    at_editors.get(page(article, "publish"))
    article.save_revision(by=journalist, headline="Changed meanwhile")

    response = at_editors.post(page(article, "publish"), {"revision": "1", "at": ""})

    assert "jana saved revision 2 meanwhile" in text_of(response)
    assert Article.objects.get().published_at is None
    assert 'name="revision" value="2"' in text_of(response)


def test_embargo_is_told_and_kept(at_editors: Client, editor: User) -> None:
    article = base.draft(by=editor)
    send(at_editors, page(article, "desk"), embargo_until="2030-07-11T06:00", comments_mode="open")
    assert "Embargo" in text_of(at_editors.get(page(article, "publish")))

    response = send(at_editors, page(article, "publish"))

    assert "nothing publishes this article before" in text_of(response)
    assert Article.objects.get().published_at is None


def test_changes_of_a_live_article_are_published(at_editors: Client, editor: User) -> None:
    article = base.published(by=editor)
    assert "nothing to publish" in text_of(at_editors.get(page(article, "publish")))
    article.save_revision(by=editor, headline="A better headline", slug="better")

    told = text_of(at_editors.get(page(article, "publish")))
    assert "Readers see revision 1 now and will get revision 2" in told
    assert "Its address changes" in told
    send(at_editors, page(article, "publish"))

    article.refresh_from_db()
    assert article.headline == "A better headline"


def test_doubts_are_told_and_do_not_stand_in_the_way(at_editors: Client, editor: User) -> None:
    lead = Photo.objects.create(
        file="a.jpg", digest="1", width=1, height=1, original_name="quay.jpg", rights_end=timezone.now()
    )
    inline = Photo.objects.create(file="b.jpg", digest="2", width=1, height=1, original_name="pier.jpg")
    figure = f'<figure class="image"><img src="{inline.editor_address}" alt=""></figure>'
    article = base.draft(
        by=editor, standfirst="", photo=lead, body="<p>Text.</p>" + figure, provenance=Provenance.IMPORTED
    )

    told = text_of(at_editors.get(page(article, "publish")))

    for words in (
        "no standfirst",
        "no tags",
        "origin of the text is unknown",
        "rights to the photo “quay.jpg”",
    ):
        assert words in told
    for name in ("quay.jpg", "pier.jpg"):
        assert f"“{name}” has no alternative text in English" in told
    send(at_editors, page(article, "publish"))
    assert Article.objects.get().is_visible()


def test_described_and_decorative_photos_raise_no_doubt(at_editors: Client, editor: User) -> None:
    lead = Photo.objects.create(file="a.jpg", digest="1", width=1, height=1)
    inline = Photo.objects.create(file="b.jpg", digest="2", width=1, height=1)
    PhotoText.objects.create(photo=lead, language="en", decorative=True)
    figure = f'<figure class="image"><img src="{inline.editor_address}" alt="A pier in fog"></figure>'
    article = base.draft(by=editor, photo=lead, body="<p>Text.</p>" + figure, tags=[base.tag("Harbour")])
    assert "Before you go on" not in text_of(at_editors.get(page(article, "publish")))


def test_unpublish_and_cancelling_a_schedule(at_editors: Client, editor: User) -> None:
    live = base.published(by=editor)
    assert "answers “not found”" in text_of(at_editors.get(page(live, "unpublish")))
    send(at_editors, page(live, "unpublish"))
    live.refresh_from_db()
    assert live.state == Article.State.UNPUBLISHED

    due = base.published(by=editor, at=timezone.now() + timedelta(days=1))
    assert "becomes a draft again" in text_of(at_editors.get(page(due, "unpublish")))
    send(at_editors, page(due, "unpublish"))
    due.refresh_from_db()
    assert due.state == Article.State.DRAFT


# Withdrawing


def test_withdrawing_takes_the_whole_story_unless_told_otherwise(at_chiefs: Client) -> None:
    article = base.published()
    german = base.draft(language="de", headline="Hafen offen")
    german.join(article.story, by=None)
    german.publish(by=None)
    assert "Readers also see this story in: Deutsch" in text_of(at_chiefs.get(page(article, "withdraw")))

    send(at_chiefs, page(article, "withdraw"), reason="The letter was forged.")

    for version in (article, german):
        version.refresh_from_db()
        assert version.state == Article.State.WITHDRAWN
    assert article.withdrawals.get().reason == "The letter was forged."

    send(at_chiefs, page(article, "reinstate"))
    german.refresh_from_db()
    assert german.is_visible()


def test_withdrawing_one_version_leaves_the_others(at_chiefs: Client) -> None:
    article = base.published()
    german = base.draft(language="de", headline="Hafen offen")
    german.join(article.story, by=None)
    german.publish(by=None)

    send(at_chiefs, page(article, "withdraw"), scope="article", reason="Translated wrongly.")

    german.refresh_from_db()
    assert german.is_visible()
    send(at_chiefs, page(article, "reinstate"))
    article.refresh_from_db()
    assert article.is_visible()


def test_withdrawing_without_a_reason_is_refused(at_chiefs: Client) -> None:
    article = base.published()
    response = send(at_chiefs, page(article, "withdraw"), scope="article", reason="")
    assert "required" in text_of(response)
    assert Article.objects.get().withdrawn_at is None


def test_chief_of_one_language_is_told_that_the_story_reaches_further(login: object) -> None:
    article = base.published()
    german = base.published(language="de", headline="Hafen offen")
    german.join(article.story, by=None)
    client = login(base.person("dora", "Chief", languages=["de"]))

    response = send(client, page(german, "withdraw"), reason="Wrong.")

    assert "You may not withdraw the story in: English" in text_of(response)
    assert "Wrong." in text_of(response)
    article.refresh_from_db()
    assert article.is_visible()


# Notes, stage, desk


def test_note_is_added(at_editors: Client, editor: User) -> None:
    article = base.published(by=editor)
    send(at_editors, page(article, "note"), kind="correction", text="The ferry left at seven.")
    note = Note.objects.get()
    assert (note.kind, note.text, note.created_by) == ("correction", "The ferry left at seven.", editor)


def test_right_of_reply_asks_whose_word_it_is(at_editors: Client, editor: User) -> None:
    article = base.published(by=editor)
    response = send(at_editors, page(article, "note"), kind="reply", text="That is not so.")
    assert "Say whose reply this is" in text_of(response)
    assert "That is not so." in text_of(response)


def test_note_at_a_draft_is_refused_with_the_text_kept(at_editors: Client, editor: User) -> None:
    article = base.draft(by=editor)
    response = send(at_editors, page(article, "note"), kind="update", text="Not yet.")
    assert "publish this one first" in text_of(response)
    assert "Not yet." in text_of(response)
    assert not Note.objects.exists()


def test_note_that_is_too_long_is_refused(at_editors: Client, editor: User) -> None:
    article = base.published(by=editor)
    response = send(at_editors, page(article, "note"), kind="update", text="x" * 5001)
    assert "at most 5000" in text_of(response)


def test_stage_is_set(at_editors: Client, journalist: User) -> None:
    article = base.draft(by=journalist)
    send(at_editors, page(article, "stage"), stage="ready")
    article.refresh_from_db()
    assert article.stage == "ready"
    assert "Ready" in text_of(at_editors.get(change(article)))
    assert send(at_editors, page(article, "stage"), stage="published").status_code == 200


def test_comments_are_closed_at_one_article(at_editors: Client, editor: User) -> None:
    article = base.published(by=editor)
    opened = fields_of(at_editors.get(page(article, "desk")))
    response = at_editors.post(
        page(article, "desk"), {k: v for k, v in opened.items() if k != "comments_mode"}
    )
    article.refresh_from_db()
    assert (response.status_code, article.comments_mode) == (302, "")


# Versions and stories


def test_version_in_another_language_is_begun_and_opened(at_editors: Client, editor: User) -> None:
    article = base.published(by=editor)
    response = send(at_editors, page(article, "version/de"))
    german = Article.objects.get(language="de")
    assert response.headers["Location"] == change(german)
    assert german.story == article.story
    assert german.newest_revision().translated_from == article.newest_revision()


def test_version_that_is_there_is_opened(at_editors: Client, editor: User) -> None:
    article = base.published(by=editor)
    german = article.add_version("de", by=editor)
    assert at_editors.get(page(article, "version/de")).headers["Location"] == change(german)


def test_version_in_a_language_that_the_site_has_not_is_not_found(at_editors: Client, editor: User) -> None:
    article = base.published(by=editor)
    assert at_editors.get(page(article, "version/it")).status_code == 404


def test_translator_begins_versions_in_his_languages_only(translator: User, login: object) -> None:
    article = base.published()
    client = login(translator)
    assert client.get(page(article, "version/fr")).status_code == 403
    assert client.post(page(article, "version/fr")).status_code == 403
    assert client.post(page(article, "version/de")).status_code == 302
    assert Article.objects.get(language="de").created_by == translator


def test_somebody_elses_draft_version_is_neither_opened_nor_doubled(journalist: User, login: object) -> None:
    article = base.published(by=journalist)
    article.add_version("de", by=base.person("otto", "Journalist"))
    response = login(journalist).post(page(article, "version/de"))
    assert "has an article in that language already" in text_of(response)
    assert Article.objects.filter(language="de").count() == 1


def test_article_joins_the_story_of_another(at_editors: Client, editor: User) -> None:
    article = base.published(by=editor, headline="Harbour reopens")
    german = base.draft(by=editor, language="de", headline="Der Hafen ist wieder offen")
    address = page(german, "join")
    assert "Harbour reopens" in text_of(at_editors.get(address + "?q=reopens"))
    assert "Nothing found" in text_of(at_editors.get(address + "?q=volcano"))

    at_editors.post(address, {"target": article.pk})

    german.refresh_from_db()
    assert german.story == article.story


def test_joining_what_one_may_not_read_is_refused(journalist: User, login: object) -> None:
    secret = base.draft(by=base.person("otto", "Journalist"), headline="A secret headline")
    mine = base.draft(by=journalist, language="de")
    client = login(journalist)
    assert "secret headline" not in text_of(client.get(page(mine, "join") + "?q=secret"))
    response = client.post(page(mine, "join"), {"target": secret.pk})
    assert response.status_code == 200
    assert "secret headline" not in text_of(response)
    mine.refresh_from_db()
    assert mine.story != secret.story


# Discarding and restoring


def test_draft_is_discarded(journalist: User, login: object) -> None:
    article = base.draft(by=journalist)
    response = login(journalist).post(page(article, "delete"))
    assert response.headers["Location"] == "/admin/articles/article/"
    assert not Article.objects.exists()


def test_what_was_published_is_not_discarded(at_editors: Client, editor: User) -> None:
    article = base.published(by=editor)
    Comment.post(article=article, name="Ida", text="How high was the water?")
    response = at_editors.post(page(article, "delete"))
    assert "never deleted" in text_of(response)
    assert Article.objects.exists()


def test_older_revision_is_restored_as_a_new_one(journalist: User, login: object) -> None:
    article = base.draft(by=journalist, headline="First")
    article.save_revision(by=journalist, headline="Second")
    client = login(journalist)
    send(client, page(article, "revision/1/restore"))
    assert [r.headline for r in article.revisions.all()] == ["First", "Second", "First"]
    assert client.get(page(article, "revision/9/restore")).status_code == 404


def test_a_journalist_hands_in_and_cannot_forge_ready(journalist: User, login: object) -> None:
    article = base.draft(by=journalist)
    client = login(journalist)
    assert "copy desk" in text_of(client.get(page(article, "stage")))
    refused = send(client, page(article, "stage"), stage="ready")
    assert "Select a valid choice" in text_of(refused)
    send(client, page(article, "stage"), stage="copy-desk")
    article.refresh_from_db()
    assert article.stage == "copy-desk"


def test_a_verb_that_refuses_shows_why_at_the_form(
    at_editors: Client, editor: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        raise Refused("Not today: <b>strike</b>")

    monkeypatch.setattr(Article, "set_stage", refuse)
    article = base.draft(by=editor)
    response = send(at_editors, page(article, "stage"), stage="ready")
    assert response.status_code == 200
    assert "Not today: &lt;b&gt;strike&lt;/b&gt;" in text_of(response)


# Several at once


def test_several_are_published_after_a_question_each_by_its_checks(at_editors: Client, editor: User) -> None:
    good = base.draft(by=editor, headline="Good")
    bad = base.draft(by=editor, headline="Bad", section=None)
    chosen = {"action": "publish_selected", "_selected_action": [good.pk, bad.pk]}
    asked = at_editors.post("/admin/articles/article/", chosen)
    assert "Yes, all of these" in text_of(asked)
    assert not Article.objects.visible().exists()

    done = at_editors.post("/admin/articles/article/", chosen | {"confirmed": "yes"}, follow=True)

    assert list(Article.objects.visible()) == [good]
    assert "1 article: done." in text_of(done)
    assert "Bad: Before publishing, give: section." in text_of(done)


def test_select_across_reaches_only_what_one_may_publish(login: object) -> None:
    english = base.draft(by=base.person("otto", "Journalist"), headline="English")
    german = base.draft(by=None, language="de", headline="Deutsch")
    client = login(base.person("dora", "Editor", languages=["de"]))
    client.post(
        "/admin/articles/article/",
        {
            "action": "publish_selected",
            "_selected_action": [german.pk, english.pk],
            "select_across": "1",
            "confirmed": "yes",
        },
    )
    assert list(Article.objects.visible()) == [german]


def test_who_may_not_publish_has_no_such_action(journalist: User, login: object, at_editors: Client) -> None:
    article = base.draft(by=journalist)
    for action in ("publish_selected", "unpublish_selected"):
        assert f'value="{action}"' in text_of(at_editors.get("/admin/articles/article/"))
        assert f'value="{action}"' not in text_of(login(journalist).get("/admin/articles/article/"))
    login(journalist).post(
        "/admin/articles/article/",
        {"action": "publish_selected", "_selected_action": [article.pk], "confirmed": "yes"},
    )
    assert not Article.objects.visible().exists()


def test_there_is_no_action_that_deletes(at_chiefs: Client) -> None:
    article = base.draft()
    at_chiefs.post(
        "/admin/articles/article/",
        {"action": "delete_selected", "_selected_action": [article.pk], "post": "yes"},
    )
    assert Article.objects.exists()


def test_what_nobody_touched_on_an_old_page_is_not_set_back(at_editors: Client, editor: User) -> None:
    article = base.draft(by=editor)
    opened = fields_of(at_editors.get(page(article, "desk")))
    end = timezone.now() + timedelta(days=1)
    article.set_desk(by=editor, embargo_until=end)

    at_editors.post(page(article, "desk"), {k: v for k, v in opened.items() if k != "comments_mode"})

    article.refresh_from_db()
    assert (article.embargo_until, article.comments_mode) == (end, "")


@pytest.mark.parametrize(
    "moment", ["0001-01-01T00:00", "0202-11-27T06:00", "9999-12-31T23:59", "1599-12-31T00:00"]
)
def test_a_year_that_nobody_means_is_asked_about(at_editors: Client, editor: User, moment: str) -> None:
    article = base.draft(by=editor)
    refused = send(at_editors, page(article, "publish"), at=moment, backdate="on")
    assert f"Check the year: {moment[:4]}." in text_of(refused)
    assert moment in text_of(refused), "nothing is lost"
    assert not Article.objects.exclude(published_at=None).exists()
    assert "Check the year" in text_of(send(at_editors, page(article, "desk"), embargo_until=moment))


def test_a_time_that_the_clocks_skip_or_show_twice_is_told(at_editors: Client, editor: User) -> None:
    article = base.draft(by=editor)
    refused = send(at_editors, page(article, "publish"), at="2099-03-29T02:30")
    assert "The next one is 03:30." in text_of(refused)
    refused = send(at_editors, page(article, "publish"), at="2099-10-25T02:30")
    assert "show that time twice" in text_of(refused)


@pytest.mark.usefixtures("contexts")
@pytest.mark.parametrize(
    ("verb", "state"),
    [("unpublish", "draft"), ("reinstate", "live"), ("withdraw", "withdrawn"), ("publish", "withdrawn")],
)
def test_an_old_tab_says_why_a_verb_is_not_possible_now_and_does_nothing(
    at_chiefs: Client, verb: str, state: str
) -> None:
    article = base.draft() if state == "draft" else base.published()
    if state == "withdrawn":
        article.withdraw(by=None, reason="x")
    entries = LogEntry.objects.count()
    shown = at_chiefs.get(page(article, verb))
    assert "errornote" in text_of(shown)
    assert "submit" not in text_of(shown).split('class="verb"')[1]
    sent = at_chiefs.post(page(article, verb), {"scope": "story", "reason": "again", "revision": 1})
    assert sent.status_code == 200
    assert state in " ".join(sent.context["form"].non_field_errors()).lower()
    assert LogEntry.objects.count() == entries


def test_a_scheduled_article_says_which_revision_goes_out(at_editors: Client, editor: User) -> None:
    article = base.draft(by=editor)
    article.publish(by=editor, at=datetime(2030, 7, 11, 4, 0, tzinfo=UTC))

    saved = text_of(send(at_editors, change(article), follow=True, headline="Harbour reopens on Monday"))

    assert "Saved as revision 2. Revision 1 is the one that goes out" in saved
    assert "with newer draft" in saved
    publish = text_of(at_editors.get(page(article, "publish")))
    assert "is revision 1 now" in publish
    assert "Readers will get revision 2" in publish


def test_several_say_where_they_stand_and_leave_out_what_cannot_be(at_editors: Client, editor: User) -> None:
    good, bare = base.draft(by=editor), base.draft(by=editor, section=None)
    soon = base.draft(by=editor)
    soon.publish(by=editor, at=datetime(2030, 7, 11, 4, 0, tzinfo=UTC))
    out = base.published(by=editor)
    chosen = {
        "action": "publish_selected",
        "_selected_action": [article.pk for article in (good, bare, soon, out)],
    }

    asked = at_editors.post("/admin/articles/article/", chosen)

    assert "Before publishing, give: section." in text_of(asked)
    assert "It goes out now and not at its time." in text_of(asked)
    assert text_of(asked).count("Left out.") == 2
    taken = fields_of(asked)["_selected_action"]
    assert taken != str(bare.pk)
    # Whoever sends them all the same is told why.
    done = at_editors.post("/admin/articles/article/", chosen | {"confirmed": "yes"}, follow=True)
    assert "2 articles: done." in text_of(done)
    assert "Before publishing, give: section." in text_of(done)
    assert not Article.objects.get(pk=bare.pk).published_at
    assert LogEntry.objects.filter(verb="article.publish").count() == 4


def test_what_is_missing_is_said_before_anybody_presses(at_editors: Client, editor: User) -> None:
    opened = text_of(at_editors.get(page(base.draft(by=editor, section=None), "publish")))
    assert "Before publishing, give: section." in opened
    assert 'class="button default"' not in opened


def test_no_field_of_the_admin_cuts_off_what_is_pasted(at_chiefs: Client) -> None:
    things = ("articles/article", "articles/section", "articles/tag", "articles/author", "articles/page")
    for thing in (*things, "articles/source", "articles/photo"):
        opened = at_chiefs.get(f"/admin/{thing}/add/")
        assert opened.status_code == 200
        assert "maxlength" not in text_of(opened), thing
    assert "maxlength" not in text_of(at_chiefs.get("/admin/newsroom/site/1/change/"))
