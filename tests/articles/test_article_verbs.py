"""Verbs of articles: the state, the log row, the page keys, and calling twice."""

from datetime import timedelta
from typing import Any
from unittest import mock

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from articles.models import Article, Grant, Path, Photo, Provenance, Revision, Source, StaleRevision, Story
from newsroom.models import LogEntry
from newsroom.verbs import Refused
from tests import base

pytestmark = pytest.mark.django_db


def at(moment: Any) -> Any:
    """Let the clock stand at a moment."""
    return mock.patch("django.utils.timezone.now", return_value=moment)


def last_verb(article: Article) -> str:
    return LogEntry.objects.about(article)[0].verb


def verbs_of(article: Article) -> list[str]:
    return [entry.verb for entry in LogEntry.objects.about(article)]


# Writing


def test_a_draft_mirrors_its_newest_revision_for_the_admins_lists():
    article = base.draft(headline="First")
    article.save_revision(by=None, headline="Second")
    assert Article.objects.get().headline == "Second"
    assert article.revisions.count() == 2


def test_a_published_article_keeps_what_readers_see_until_published_again():
    article = base.published(headline="First", tags=[base.tag("harbour")])
    article.save_revision(by=None, headline="Second", tags=[base.tag("storm")])
    article.refresh_from_db()
    assert article.headline == "First"
    assert [tag.name for tag in article.tags.all()] == ["harbour"]
    assert article.has_newer_draft()
    article.publish(by=None)
    assert article.headline == "Second"
    assert [tag.name for tag in article.tags.all()] == ["storm"]
    assert not article.has_newer_draft()


def test_what_a_save_does_not_name_stays_as_it_was():
    source = Source.objects.create(name="Harbour office")
    writer = base.author()
    article = base.draft(bylines=[(writer, "author")], sources=[(source, True)], tags=[base.tag("sea")])
    revision = article.save_revision(by=None, kicker="Weather")
    assert revision.byline_pairs() == [(writer, "author")]
    assert revision.source_pairs() == [(source, True)]
    assert revision.headline == "Harbour reopens after the storm"


def test_a_save_that_changes_nothing_makes_no_revision_and_no_log_row():
    article = base.draft()
    before = LogEntry.objects.count()
    assert article.save_revision(by=None, headline=article.headline).number == 1
    assert article.revisions.count() == 1
    assert LogEntry.objects.count() == before


def test_a_stale_save_is_refused_and_nothing_is_overwritten(editor):
    article = base.draft()
    article.save_revision(by=editor, base=1, headline="Hers")
    with pytest.raises(StaleRevision) as refusal:
        article.save_revision(by=None, base=1, headline="His")
    assert refusal.value.newest.headline == "Hers"
    assert "emil" in str(refusal.value)
    assert article.newest_revision().headline == "Hers"


def test_a_body_is_sanitised_on_its_way_into_a_revision():
    article = base.draft(body='<p onclick="x()">Sea<script>alert(1)</script></p>')
    assert article.newest_revision().body == "<p>Sea</p>"
    assert article.body == "<p>Sea</p>"


def test_a_block_keeps_its_key_from_revision_to_revision():
    article = base.draft(body="<p>The first ferry left at six.</p><p>Nobody was hurt.</p>")
    first = article.newest_revision()
    second = article.save_revision(
        by=None, body="<p>A word before.</p><p>The first ferry left at seven.</p><p>Nobody was hurt.</p>"
    )
    assert [block["key"] for block in second.blocks][1:] == [block["key"] for block in first.blocks]
    assert second.blocks[0]["key"] not in {block["key"] for block in first.blocks}


def test_a_revision_is_never_changed():
    revision = base.draft().newest_revision()
    with pytest.raises(TypeError):
        revision.save()


def test_unknown_content_is_refused():
    with pytest.raises(TypeError, match="comment_count"):
        base.draft().save_revision(by=None, comment_count=7)


def test_a_missing_slug_is_made_from_the_headline_in_its_language():
    assert base.draft(language="de", headline="Über 300 Züge fallen aus").slug == "ueber-300-zuege-fallen-aus"


def test_a_story_has_one_article_per_language():
    article = base.draft()
    with pytest.raises(Refused):
        base.draft(story=article.story)
    with pytest.raises(IntegrityError), transaction.atomic():
        Article.objects.create(story=article.story, language="en", headline="Twice")


# Publishing


def test_publish_shows_the_newest_revision_at_once():
    article = base.draft()
    with base.purged_keys() as purged:
        article.publish(by=None)
    assert article.state == Article.State.LIVE
    assert article in Article.objects.visible()
    assert {f"article-{article.pk}", f"story-{article.story_id}", "front-en", "sitemap"} <= purged
    assert f"section-{article.section_id}-en" in purged
    assert last_verb(article) == "article.publish"
    assert article.updated_at is None


def test_publish_twice_is_once():
    article = base.published()
    before, entries = Article.objects.values().get(), LogEntry.objects.count()
    with base.purged_keys() as purged:
        article.publish(by=None)
    assert Article.objects.values().get() == before
    assert LogEntry.objects.count() == entries
    assert not purged


def test_publishing_again_purges_the_lists_that_it_leaves_and_those_that_it_joins():
    article = base.published(tags=[base.tag("harbour")])
    old_section = article.section_id
    new_section = base.section({"en": "Weather"})
    article.save_revision(by=None, section=new_section, tags=[base.tag("storm")])
    with base.purged_keys() as purged:
        article.publish(by=None)
    harbour, storm = base.tag("harbour"), base.tag("storm")
    assert {
        f"section-{old_section}-en",
        f"section-{new_section.pk}-en",
        f"tag-{harbour.pk}-en",
        f"tag-{storm.pk}-en",
    } <= purged


def test_an_update_has_its_time_and_the_first_date_stays():
    with at(base.NOON):
        article = base.published()
    article.save_revision(by=None, headline="New words")
    with at(base.NOON + timedelta(days=2)):
        article.publish(by=None)
    assert article.published_at == article.first_published_at == base.NOON
    assert article.updated_at == base.NOON + timedelta(days=2)


def test_a_publication_in_the_future_is_scheduled_and_visible_from_its_second():
    article = base.draft()
    due = timezone.now() + timedelta(hours=2)
    article.publish(by=None, at=due)
    assert article.state == Article.State.SCHEDULED
    assert article not in Article.objects.visible()
    assert article not in Article.objects.visible(due - timedelta(seconds=1))
    assert article in Article.objects.visible(due)
    with at(due):
        assert article.is_visible()
        assert article.state == Article.State.LIVE


def test_a_schedule_can_be_moved_and_the_path_follows():
    with at(base.NOON):
        article = base.draft(headline="Tides")
        article.publish(by=None, at=base.NOON + timedelta(days=1))
        assert article.path == "/en/2025/07/12/tides/"
        article.publish(by=None, at=base.NOON + timedelta(days=3))
    assert article.path == "/en/2025/07/14/tides/"
    assert article.first_published_at == base.NOON + timedelta(days=3)
    assert [row.path for row in Path.objects.all()] == ["/en/2025/07/14/tides/"]


def test_a_cancelled_schedule_leaves_a_draft_whose_address_is_free():
    article = base.draft()
    article.publish(by=None, at=timezone.now() + timedelta(days=1))
    article.save_revision(by=None, headline="Changed while scheduled")
    article.unpublish(by=None)
    assert article.state == Article.State.DRAFT
    assert (article.path, Path.objects.count()) == ("", 0)
    assert article.headline == "Changed while scheduled"


def test_the_columns_of_a_scheduled_article_hold_what_will_go_live():
    article = base.draft(headline="Agreed")
    article.publish(by=None, at=timezone.now() + timedelta(days=1))
    article.save_revision(by=None, headline="Not agreed yet")
    article.refresh_from_db()
    assert article.headline == "Agreed"


def test_everything_that_is_missing_is_named_at_once():
    article = Article.start(by=None, language="en", headline="", body="")
    with pytest.raises(Refused) as refusal:
        article.publish(by=None)
    for word in ("headline", "slug", "section", "text"):
        assert word in str(refusal.value)


def test_nothing_publishes_before_an_embargo_ends(chief):
    article = base.draft()
    end = timezone.now() + timedelta(hours=5)
    article.set_desk(by=chief, embargo_until=end, comments_mode="open")
    for moment in (None, end - timedelta(seconds=1)):
        with pytest.raises(Refused, match="embargo"):
            article.publish(by=chief, at=moment)
    article.publish(by=chief, at=end)
    assert article.state == Article.State.SCHEDULED


def test_an_embargo_hides_even_a_row_that_says_published():
    article = base.published()
    Article.objects.filter(pk=article.pk).update(embargo_until=timezone.now() + timedelta(hours=1))
    article.refresh_from_db()
    assert not article.is_visible()
    assert article not in Article.objects.visible()


BEFORE, AFTER = base.NOON - timedelta(seconds=1), base.NOON + timedelta(seconds=1)


@pytest.mark.parametrize("withdrawn_at", [None, BEFORE])
@pytest.mark.parametrize("embargo_until", [None, BEFORE, base.NOON, AFTER])
@pytest.mark.parametrize("published_at", [None, BEFORE, base.NOON, AFTER])
def test_a_row_and_the_question_agree_on_what_readers_see(published_at, embargo_until, withdrawn_at):
    article = base.published(at=BEFORE)
    Article.objects.update(published_at=published_at, embargo_until=embargo_until, withdrawn_at=withdrawn_at)
    article.refresh_from_db()
    seen = published_at in (BEFORE, base.NOON) and embargo_until != AFTER and not withdrawn_at
    assert article.is_visible(base.NOON) is Article.objects.visible(base.NOON).exists() is seen
    with at(base.NOON):
        assert article.is_visible() is Article.objects.visible().exists() is seen


def test_an_embargo_comes_too_late_for_what_readers_saw():
    with pytest.raises(Refused, match="too late"):
        base.published().set_desk(
            by=None, embargo_until=timezone.now() + timedelta(days=1), comments_mode="open"
        )


def test_a_translation_that_nobody_began_is_not_published():
    german = base.published().add_version("de", by=None)
    with pytest.raises(Refused, match="translate"):
        german.publish(by=None)
    german.save_revision(
        by=None, headline="Hafen öffnet wieder", body="<p>Die erste Fähre fuhr um sechs.</p>"
    )
    german.publish(by=None)
    assert german.provenance == Provenance.TRANSLATED
    assert german.translated_from.article.language == "en"


# Addresses


def test_the_path_is_made_from_the_sites_date_and_the_slug():
    from newsroom.models import Site

    Site(time_zone="Pacific/Auckland").save()
    with at(base.NOON + timedelta(hours=11)):
        article = base.published(language="fr", headline="L’été à Zürich")
    assert article.path == "/fr/2025/07/12/l-ete-a-zurich/"


def test_another_slug_makes_another_path_and_the_old_one_stays_known():
    with at(base.NOON):
        article = base.published(headline="Tides")
    article.save_revision(by=None, slug="high-tides")
    article.publish(by=None)
    assert article.path == "/en/2025/07/11/high-tides/"
    assert {row.path for row in article.paths.all()} == {
        "/en/2025/07/11/tides/",
        "/en/2025/07/11/high-tides/",
    }
    article.save_revision(by=None, slug="tides")
    article.publish(by=None)
    assert article.path == "/en/2025/07/11/tides/"
    assert article.paths.count() == 2


def test_no_later_date_changes_the_path():
    with at(base.NOON):
        article = base.published(headline="Tides")
    article.unpublish(by=None)
    article.publish(by=None, at=base.NOON + timedelta(days=30))
    assert article.path == "/en/2025/07/11/tides/"
    assert article.first_published_at == base.NOON


def test_two_articles_of_one_day_and_slug_get_two_addresses():
    with at(base.NOON):
        first, second = (base.published(headline="Weather") for _ in range(2))
    assert (first.path, second.path) == ("/en/2025/07/11/weather/", "/en/2025/07/11/weather-2/")


# Taking back


def test_unpublish_takes_from_readers_and_keeps_the_address():
    article = base.published()
    path = article.path
    article.unpublish(by=None)
    assert article.state == Article.State.UNPUBLISHED
    assert article not in Article.objects.visible()
    assert article.path == path
    with base.purged_keys() as purged:
        article.unpublish(by=None)
    assert not purged
    assert verbs_of(article).count("article.unpublish") == 1


def test_withdraw_keeps_the_reason_and_is_undone_by_reinstate(chief):
    article = base.published()
    article.withdraw(by=chief, reason="The document was forged.")
    article.withdraw(by=chief, reason="Again")
    assert article.state == Article.State.WITHDRAWN
    assert article.withdrawals.get().reason == "The document was forged."
    with pytest.raises(Refused, match="withdrawn"):
        article.publish(by=chief)
    article.reinstate(by=chief)
    assert article in Article.objects.visible()


def test_what_readers_never_saw_cannot_be_withdrawn():
    article = base.draft()
    article.publish(by=None, at=timezone.now() + timedelta(days=1))
    with pytest.raises(Refused, match="never saw"):
        article.withdraw(by=None, reason="x")


def test_a_withdrawn_story_takes_all_its_versions_along():
    english = base.published()
    german = base.draft(language="de", story=english.story, headline="Hafen öffnet")
    german.publish(by=None, at=timezone.now() + timedelta(days=1))
    french = base.draft(language="fr", story=english.story, headline="Le port rouvre")
    english.story.withdraw(by=None, reason="Wrong")
    states = {a.language: a.state for a in Article.objects.all()}
    assert states == {"en": "withdrawn", "de": "draft", "fr": "draft"}
    assert not Article.objects.visible().exists()
    french.refresh_from_db()
    with pytest.raises(Refused, match="withdrawn"):
        french.publish(by=None)
    english.refresh_from_db()
    with pytest.raises(Refused, match="whole story"):
        english.reinstate(by=None)
    english.story.reinstate(by=None)
    assert english in Article.objects.visible()


def test_nothing_of_a_story_that_was_never_out_can_be_withdrawn():
    with pytest.raises(Refused):
        base.draft().story.withdraw(by=None, reason="x")


def live_with_a_newer_draft(**content: Any) -> Article:
    article = base.published(**content)
    article.save_revision(by=None, headline="Other words")
    return article


def scheduled(**content: Any) -> Article:
    return base.published(at=timezone.now() + timedelta(days=1), **content)


ITSELF, STORY = {"article-{article}"}, {"story-{story}"}
EVERYWHERE = {
    *ITSELF,
    *STORY,
    "front-en",
    "sitemap",
    "section-{section}-en",
    "tag-{tag}-en",
    "author-{author}-en",
}


@pytest.mark.parametrize(
    ("prepare", "call", "keys"),
    [
        (base.draft, lambda a: a.publish(by=None), EVERYWHERE),
        (live_with_a_newer_draft, lambda a: a.publish(by=None), EVERYWHERE),
        (base.published, lambda a: a.unpublish(by=None), EVERYWHERE),
        (scheduled, lambda a: a.unpublish(by=None), EVERYWHERE),
        (base.published, lambda a: a.withdraw(by=None, reason="Wrong."), EVERYWHERE),
        (base.withdrawn, lambda a: a.reinstate(by=None), EVERYWHERE),
        (base.published, lambda a: a.story.withdraw(by=None, reason="Wrong."), EVERYWHERE),
        (base.withdrawn_with_its_story, lambda a: a.story.reinstate(by=None), EVERYWHERE),
        (base.withdrawn, lambda a: a.story.withdraw(by=None, reason="Wrong."), STORY),
        (base.withdrawn_before_its_story, lambda a: a.story.reinstate(by=None), STORY),
        (base.published, lambda a: a.set_desk(by=None, comments_mode="closed"), EVERYWHERE),
        (
            base.published,
            lambda a: a.add_note(by=None, kind="update", text="More."),
            ITSELF | {"corrections-en"},
        ),
        (
            base.published,
            lambda a: a.join(Story.objects.create(pk=9_000), by=None),
            ITSELF | STORY | {"story-9000", "sitemap"},
        ),
        (base.draft, lambda a: a.discard(by=None), ITSELF | STORY),
    ],
)
def test_a_verb_purges_every_page_that_it_changes_and_no_other(prepare, call, keys):
    tag, author = base.tag("harbour"), base.author()
    article = prepare(tags=[tag], bylines=[(author, "author")])
    article.refresh_from_db()
    ids = {"article": article.pk, "story": article.story_id, "section": article.section_id}
    ids |= {"tag": tag.pk, "author": author.pk}
    with base.purged_keys() as purged:
        call(article)
    assert purged == {key.format(**ids) for key in keys}


# Beside the text


def test_a_note_stands_at_a_live_article_only(editor):
    with pytest.raises(Refused, match="live"):
        base.draft().add_note(by=editor, kind="correction", text="It was seven.")
    article = base.published()
    with base.purged_keys() as purged:
        note = article.add_note(by=editor, kind="correction", text="It was seven.")
    assert {f"article-{article.pk}", "corrections-en"} <= purged
    assert note.created_by == editor
    with pytest.raises(ValidationError, match="whose reply"):
        article.add_note(by=editor, kind="reply", text="We disagree.")


def test_an_article_joins_another_story():
    english = base.published()
    german = base.published(language="de", headline="Hafen öffnet")
    left = german.story
    german.join(english.story, by=None)
    assert list(english.other_versions()) == [german]
    assert not Story.objects.filter(pk=left.pk).exists()
    with pytest.raises(Refused):
        base.published().join(english.story, by=None)


# Who may


def test_a_journalist_edits_her_own_drafts_and_publishes_nothing(journalist, editor):
    article = base.draft(by=journalist)
    article.save_revision(by=journalist, headline="Better")
    with pytest.raises(PermissionDenied):
        article.publish(by=journalist)
    others = base.draft(by=editor)
    with pytest.raises(PermissionDenied):
        others.save_revision(by=journalist, headline="Mine now")
    assert list(Article.objects.editable_by(journalist)) == [article]
    assert others not in Article.objects.readable_by(journalist)


def test_who_wrote_a_draft_hands_it_in_and_the_desk_makes_it_ready(journalist, editor):
    article = base.draft(by=journalist)
    article.set_stage("copy-desk", by=journalist)
    article.set_stage("writing", by=journalist)
    with pytest.raises(PermissionDenied):
        article.set_stage("ready", by=journalist)
    article.set_stage("ready", by=editor)
    with pytest.raises(PermissionDenied):
        article.set_stage("writing", by=journalist)
    with pytest.raises(PermissionDenied):
        article.set_stage("copy-desk", by=base.person("otto", "Journalist"))
    assert Article.objects.get().stage == "ready"


def test_a_translator_writes_in_his_own_languages_only(translator):
    english = base.published()
    german = english.add_version("de", by=translator)
    german.save_revision(by=translator, headline="Hafen öffnet wieder")
    with pytest.raises(PermissionDenied):
        english.add_version("fr", by=translator)
    assert not Article.objects.filter(language="fr").exists()
    assert english in Article.objects.readable_by(translator)
    assert english not in Article.objects.editable_by(translator)


def test_a_role_limited_to_a_section_ends_at_its_border(editor):
    politics, weather = base.section(), base.section({"en": "Weather"})
    Grant.objects.get(user=editor).sections.add(politics)
    article = base.draft(section=politics)
    other = base.draft(section=weather)
    article.publish(by=editor)
    with pytest.raises(PermissionDenied):
        other.publish(by=editor)
    with pytest.raises(PermissionDenied):
        article.save_revision(by=editor, section=weather)
    article.save_revision(by=None, section=weather)
    with pytest.raises(PermissionDenied):
        article.publish(by=editor)
    assert list(Article.objects.editable_by(editor)) == [article]


def test_only_a_chief_withdraws(editor, chief):
    article = base.published()
    with pytest.raises(PermissionDenied):
        article.withdraw(by=editor, reason="x")
    with pytest.raises(PermissionDenied):
        article.story.withdraw(by=editor, reason="x")
    article.withdraw(by=chief, reason="x")


def test_a_deactivated_user_may_nothing(chief):
    chief.is_active = False
    chief.save()
    with pytest.raises(PermissionDenied):
        base.draft().publish(by=chief)


def test_a_verb_that_fails_leaves_no_trace():
    article = base.draft()
    entries = LogEntry.objects.count()
    with (
        mock.patch.object(Article, "_set_path", side_effect=RuntimeError),
        base.purged_keys(),
        pytest.raises(RuntimeError),
    ):
        article.publish(by=None)
    assert LogEntry.objects.count() == entries
    assert Article.objects.get().published_at is None
    assert Revision.objects.get().published_at is None


def test_ever_published_articles_cannot_be_deleted_with_their_story():
    article = base.published()
    with pytest.raises(IntegrityError), transaction.atomic():
        article.story.delete()
    assert Photo.objects.count() == 0


# What one state does to another


def test_a_version_withdrawn_by_itself_stays_so_when_the_story_comes_back():
    english = base.published(headline="Harbour closed")
    german = base.published(language="de", headline="Hafen zu")
    german.join(english.story, by=None)
    german.withdraw(by=None, reason="court order")
    english.story.withdraw(by=None, reason="all of it")
    english.story.reinstate(by=None)
    assert list(Article.objects.visible()) == [english]


def test_what_comes_back_keeps_its_first_date_unless_it_gets_one():
    article = base.published(at=base.NOON)
    article.unpublish(by=None)
    article.publish(by=None)
    assert article.published_at == base.NOON
    article.unpublish(by=None)
    later = base.NOON + timedelta(days=30)
    article.publish(by=None, at=later)
    assert (article.published_at, article.first_published_at) == (later, base.NOON)


def test_a_correction_made_while_unpublished_has_the_date_at_which_readers_got_it():
    article = base.published(at=base.NOON)
    article.unpublish(by=None)
    revision = article.save_revision(by=None, headline="Corrected")
    with at(base.NOON + timedelta(days=2)):
        article.publish(by=None)
    assert Revision.objects.get(pk=revision.pk).published_at == base.NOON + timedelta(days=2)


def test_a_revision_that_was_only_scheduled_never_says_that_readers_got_it():
    tomorrow = timezone.now() + timedelta(days=1)
    article = base.published(at=tomorrow)
    article.save_revision(by=None, headline="Second")
    article.publish(by=None, at=tomorrow)
    assert [r.published_at for r in article.revisions.order_by("number")] == [None, tomorrow]
    article.unpublish(by=None)
    assert [r.published_at for r in article.revisions.order_by("number")] == [None, None]


def test_imported_addresses_outlive_schedules():
    article = base.published(at=timezone.now() + timedelta(days=1))
    Path.objects.create(path="/2012/old.html", article=article)
    article.unpublish(by=None)
    article.publish(by=None)
    assert set(article.paths.values_list("path", flat=True)) == {"/2012/old.html", article.path}


def test_a_withdrawn_article_is_neither_unpublished_nor_moved():
    article = base.published()
    article.withdraw(by=None, reason="x")
    with pytest.raises(Refused):
        article.unpublish(by=None)
    with pytest.raises(Refused):
        article.join(Story.objects.create(), by=None)


def test_content_that_no_field_takes_is_refused():
    article = base.draft()
    with pytest.raises(ValidationError):
        article.save_revision(by=None, headline="x" * 201)
    with pytest.raises(ValidationError):
        article.save_revision(by=None, standfirst="x" * 1001)
    with pytest.raises(ValidationError):
        article.save_revision(by=None, canonical_url="javascript:alert(1)")
    assert article.revisions.count() == 1


def test_somebody_named_twice_stands_in_the_byline_once():
    author, source = base.author(), Source.objects.create(name="Harbour office")
    article = base.published(
        bylines=[(author, "author"), (author, "author")], sources=[(source, True), (source, True)]
    )
    assert article.bylines.count() == article.article_sources.count() == 1


def test_a_machines_translation_is_published_as_reviewed_only_with_a_name():
    article = base.draft(provenance=Provenance.MACHINE_REVIEWED)
    with pytest.raises(Refused, match="reviewed by"):
        article.publish(by=None)
    article.save_revision(by=None, reviewed_by="Klara Weyrich")
    article.publish(by=None)


def test_a_translated_headline_over_an_untranslated_text_is_not_published():
    german = base.draft().add_version("de", by=None)
    german.save_revision(by=None, headline="Hafen wieder offen")
    with pytest.raises(Refused, match="translate it"):
        german.publish(by=None)
