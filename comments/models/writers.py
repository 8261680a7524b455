"""What the writer of a comment does to it, who is known by a signed address alone: change, delete, confirm."""

import math
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from articles.models import Article
from comments import judging, telling
from comments.models import deciding
from comments.models.commenters import Commenter
from comments.models.comments import Comment, Wording, closed_here, fingerprint_of, store_counts
from comments.models.decisions import Decision
from comments.models.states import Action, State
from newsroom.models import Site
from newsroom.plaintext import plain
from newsroom.verbs import Act, Refused, verb

# How long its writer may change or delete a comment, from when he sent it.
WRITERS_TIME = timedelta(minutes=10)
# How often he may change it in that time: each change is kept.
MOST_EDITS = 20


def is_editable(comment: Comment, now: datetime) -> bool:
    """Return whether its writer may change or delete a comment: ten minutes long, while it waits or is shown."""
    is_there = comment.state == State.WAITING or comment.shown
    return is_there and not comment.is_by_staff() and now < comment.created_at + WRITERS_TIME


def edit(comment: Comment, *, text: str, language: str = "", seen: int) -> bool:
    """Change the text, and the language if one is given, as its writer; keep what it said before.

    The rules judge it again: what is shown may be held, then it is hidden with all below it. What waits is never
    released so, else anybody could find out word by word what holds it. Returns whether anything changed. Raises
    Refused if the writer's time is over, comments are closed or `seen` is not the version, TooMany after
    `MOST_EDITS` changes, ValidationError if the text is empty or too long.
    """
    text = plain(text)
    with verb("comment.edit", by=None, on=comment) as act:
        article = _lock(comment)
        language = language or comment.language
        if (text, language) == (comment.text, comment.language):
            act.nothing()
            return False
        now = timezone.now()
        _ask_writer(comment, seen, now)
        if comment.decisions.filter(action=Action.EDIT).count() >= MOST_EDITS:
            left = (comment.created_at + WRITERS_TIME - now).total_seconds()
            raise judging.TooMany(
                str(_("You have changed this comment very often; it stays as it is now.")),
                max(1, math.ceil(left)),
            )
        site = Site.current()
        if not article.takes_comments(site):
            raise Refused(closed_here(article, site))
        was = State(comment.state)
        if text != comment.text:
            Wording.objects.create(comment=comment, text=comment.text, until=now)
            comment.edited_at = now
        comment.text, comment.language, comment.size = text, language, len(text.encode())
        comment.fingerprint = fingerprint_of(comment.parent_id, comment.name, comment.address_digest, text)
        comment.clean_fields(exclude=["article", "parent", "user", "alike"])
        _note(comment, Action.EDIT, was, now)
        verdict = _verdict_now(comment, site, now)
        if was == verdict.state == State.WAITING:
            verdict = verdict.keeping(_standing_reasons(comment))
        comment.alike_id = verdict.alike
        comment._remember_words(verdict)
        if verdict.state != State.APPROVED:
            comment.state, comment.held_for = verdict.state, verdict.reasons[0].rule
            _note(comment, judging.ACTIONS[verdict.state], was, now, verdict)
        _store_after(comment, act, article, was)
    return True


def take_back(comment: Comment, *, seen: int) -> bool:
    """Delete a comment as its writer: nobody shows it again; shown replies stay below a placeholder.

    Returns whether anything changed: deleting twice is once. Raises Refused if the writer's time is over or
    `seen` is not the version.
    """
    with verb("comment.delete", by=None, on=comment) as act:
        article = _lock(comment)
        if comment.state == State.REMOVED and comment.is_deleted_by_writer():
            act.nothing()
            return False
        now = timezone.now()
        _ask_writer(comment, seen, now)
        was, comment.state, comment.held_for = State(comment.state), State.REMOVED, ""
        # Whoever sends the same words once more means them.
        comment.fingerprint = ""
        _note(comment, Action.DELETE, was, now)
        _store_after(comment, act, article, was)
    return True


def confirm(comment: Comment) -> bool:
    """Note that the writer opened the link that was mailed to him: address and comment are confirmed from now on.

    What waits is judged again: if it waited only because nobody knew its writer, it may be released; what waits on
    has its new reasons. What a person put back waits on. Returns whether anything changed: confirming twice is once.
    """
    with verb("comment.confirm", by=None, on=comment) as act:
        article = _lock(comment)
        if comment.confirmed_at or not comment.email:
            act.nothing()
            return False
        now = timezone.now()
        comment.confirmed_at = now
        Commenter.objects.filter(email=comment.email, confirmed_at=None).update(confirmed_at=now)
        was, verdict = State(comment.state), None
        site = Site.current()
        if was == State.WAITING and comment.held_for:
            before = _standing_reasons(comment)
            verdict = _verdict_now(comment, site, now)
            is_put_back = judging.is_put_back(before)
            # Where comments were closed meanwhile, nothing appears by itself.
            is_free = comment.held_for == "first-timer" and not is_put_back and article.takes_comments(site)
            if verdict.state == State.APPROVED and is_put_back:
                verdict = replace(verdict, state=State.WAITING)
            if verdict.state == State.WAITING:
                verdict = verdict.keeping(before)
                # What a person put back is found by what had held it.
                if (first := verdict.reasons[0].rule) != judging.PUT_BACK:
                    comment.held_for = first
            elif verdict.state == State.APPROVED and is_free:
                comment.state, comment.held_for = State.APPROVED, ""
            else:
                verdict = None
        _note(comment, Action.CONFIRM, was, now, verdict)
        _store_after(comment, act, article, was)
        telling.tell_reply(comment)
    return True


def _lock(comment: Comment) -> Article:
    """Lock the article, read its comment anew, and return the article."""
    article = Article.objects.lock().select_related("section").get(pk=comment.article_id)
    comment.refresh_from_db()
    comment.article = article
    return article


def _ask_writer(comment: Comment, seen: int, now: datetime) -> None:
    """Raise Refused, in a sentence for its writer, unless he may change it and looked at it as it is."""
    if comment.state == State.REMOVED and comment.is_deleted_by_writer():
        raise Refused(_("You have deleted this comment."))
    if seen != comment.version:
        raise Refused(
            _(
                "Something has happened to this comment meanwhile. Look at it again; this page shows it as it is."
            )
        )
    if not is_editable(comment, now):
        raise Refused(
            _("A comment can be changed or deleted for ten minutes after it was sent, and no longer.")
        )


def _verdict_now(comment: Comment, site: Site, now: datetime) -> judging.Verdict:
    """Return what becomes of a comment by itself as it is now; limits are for what is sent and refuse nothing here."""
    submission = judging.Submission.of(comment, comment.article.commenting(site), at=now)
    return judging.judge(submission, Comment.objects.all())


def _standing_reasons(comment: Comment) -> list[dict[str, Any]]:
    """Return why a rule or a mode holds a comment, as it is stored; empty if none does. A query."""
    decision = Decision.objects.standing([comment.pk]).get(comment.pk)
    return decision.reasons if decision else []


def _note(
    comment: Comment, action: Action, was: State, now: datetime, verdict: judging.Verdict | None = None
) -> None:
    """Write down what the writer did, or what the rules then said of it; the version rises with each row."""
    reasons = verdict.reasons if verdict else []
    by_rule = action not in (Action.EDIT, Action.DELETE, Action.CONFIRM)
    comment.version += 1
    Decision.objects.create(
        comment=comment,
        action=action,
        was=was,
        state=comment.state,
        rule=reasons[0].rule if by_rule and reasons else "writer",
        reasons=[reason.as_json() for reason in reasons],
        at=now,
    )


def _store_after(comment: Comment, act: Act, article: Article, was: State) -> None:
    """Store what the writer did, with all that follows from it for the thread and the number."""
    was_shown = comment.shown
    changed = deciding.settle([comment], {comment.pk: was}).total()
    comment.save()
    act.details.update(article=article.pk, changed=changed)
    if changed:
        store_counts([article.pk])
        act.purge(*article.comment_keys())
    elif was_shown:
        act.purge(*article.page_keys())
