"""Mail to those who comment: to confirm an address once; then what was decided, and who replied.

To an address that nobody has confirmed goes one mail a day at most, and not a word in it is a stranger's: else anybody
could have us carry his words to anybody.

A mail is written by the verb that it tells of, and once more at the moment of sending (`said_now`): by then its reader
may have unsubscribed, the article may be gone, the decision undone, the reply changed or removed.
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import Count, Prefetch, Q, prefetch_related_objects
from django.utils import timezone, translation
from django.utils.translation import gettext

from comments import links
from comments.models.commenters import Commenter
from comments.models.decisions import Decision
from comments.models.states import TRANSITIONS, Action, State
from newsroom.addresses import absolute, without_tag
from newsroom.languages import spoken
from newsroom.mail import is_set_up, send_all_later, written
from newsroom.models import Mail, Site

if TYPE_CHECKING:
    from comments.models.comments import Comment

# How long nobody is asked again, whatever is sent with his address.
ASKED_EVERY = timedelta(hours=24)
# Of how many replies an address is told, of those that were sent within such a time.
MOST_REPLIES, REPLIES_WITHIN = 20, timedelta(hours=24)
# What its writer is told by mail; the rest he sees on the private page.
TOLD = (Action.APPROVE, Action.REJECT, Action.REMOVE)
# Addresses or comments asked for by one statement.
_BATCH = 500


def ask_to_confirm(comment: "Comment") -> bool:
    """Mail a link to the address of a new comment that nobody has confirmed; return whether a mail is on its way.

    An address that was confirmed once is asked about a comment that is shown at once: no decision on it is told, and
    replies are told only of what is confirmed. Two comments at once make one mail: the row of the address is taken by
    the one that comes first. Of addresses that differ in a tag alone (`rosa+1@mail.example`) it is the row of the one
    without: they are one mailbox.
    """
    if not (comment.email and is_set_up()) or comment.confirmed_at or comment.state == State.SPAM:
        return False
    now, spoken_there = timezone.now(), {"language": comment.article.language}
    commenter, _made = Commenter.objects.get_or_create(email=comment.email, defaults=spoken_there)
    wanted = Commenter.objects.filter(unsubscribed_at=None)
    silent = Q(asked_at=None) | Q(asked_at__lte=now - ASKED_EVERY)
    asked = wanted if comment.shown else wanted.filter(confirmed_at=None)
    if (untagged := without_tag(commenter.email)) != commenter.email:
        if not asked.filter(pk=commenter.pk).exists():
            return False
        owner, _made = Commenter.objects.get_or_create(email=untagged, defaults=spoken_there)
        due = wanted.filter(silent, pk=owner.pk)
    else:
        due = asked.filter(silent, pk=commenter.pk)
    if not due.update(asked_at=now):
        return False
    _confirmation(Site.current(), commenter, comment).save()
    return True


def said_now(mail: Mail) -> Mail | None:
    """Return a mail that waits as it is to be said at this moment, None if it is not to be said any more.

    Asked just before it is sent. The words are those of now, and the links hold from now on.
    """
    from comments.models.comments import Comment  # it knows the mails

    kind = mail.about["kind"]
    comments = Comment.objects.select_related("article", "parent").defer("article__body", "parent__text")
    comment = comments.filter(pk=mail.about["comment"]).first()
    commenter = Commenter.objects.filter(email=mail.to, unsubscribed_at=None).first()
    if comment is None or commenter is None or not comment.article.is_visible():
        return None
    if kind == "confirm":
        states = (State.APPROVED,) if commenter.confirmed_at else (State.APPROVED, State.WAITING)
        is_due = comment.confirmed_at is None and comment.state in states
        return _confirmation(Site.current(), commenter, comment) if is_due else None
    if commenter.confirmed_at is None:
        return None
    if kind == "reply":
        is_due = comment.shown and _is_answer_to(mail.to, comment) and not _is_one_too_many(mail.to, comment)
        return _reply(Site.current(), commenter, comment) if is_due else None
    action = Action(kind)
    if comment.email != mail.to or comment.state != TRANSITIONS[action][0]:
        return None
    # Decided so once more since, undone in between: the later decision has a mail of its own.
    if comment.decisions.filter(action=action, version__gt=mail.about["version"]).exists():
        return None
    return _decision(Site.current(), commenter, comment, action)


def is_told(action: Action) -> bool:
    """Return whether writers are told of such a decision: then fetch comments with their texts, to be quoted."""
    return action in TOLD and is_set_up()


def tell_decisions(comments: "Iterable[Comment]", action: Action) -> None:
    """Tell the writers of comments what a moderator decided; rows in the outbox, a few statements for thousands.

    Only where the address is confirmed, its owner has not unsubscribed, and readers see the article (fetch it with the
    comments); of spam, and of what is undone, nobody is told. The moderator's reason is for colleagues: the mail says
    it in general words.
    """
    if not is_told(action):
        return
    told = [
        comment
        for comment in comments
        if comment.email and not comment.is_by_staff() and comment.article.is_visible()
    ]
    commenters = _reachable({comment.email for comment in told})
    told = [comment for comment in told if comment.email in commenters]
    if told:
        site = Site.current()
        send_all_later([_decision(site, commenters[comment.email], comment, action) for comment in told])


def tell_reply(reply: "Comment") -> None:
    """Tell the writer of a comment by mail that somebody's reply stands below it, see `tell_replies`."""
    tell_replies([reply])


def tell_replies(comments: "Iterable[Comment]") -> None:
    """Tell by mail whose confirmed comments are answered by some of these that are shown for the first time.

    A few statements for thousands; fetch the comments with their articles and texts. Nobody is told of his own reply,
    or of an article that readers do not see. What is shown only because the comment above it was approved again is
    not among these and need not be told: its own approval was. Call it after the rows of the decisions are stored.
    """
    from comments.models.comments import Comment  # it knows the mails

    if not is_set_up():
        return
    replies = [reply for reply in comments if reply.parent_id and reply.shown and reply.article.is_visible()]
    for start in range(0, len(replies), _BATCH):
        parents = Prefetch("parent", Comment.objects.defer("text"))
        prefetch_related_objects(replies[start : start + _BATCH], parents)
    answers = [(reply, reply.parent) for reply in replies if reply.parent]
    told = [(reply, parent) for reply, parent in answers if _is_answer_to(parent.email, reply)]
    commenters = _reachable({parent.email for _reply, parent in told})
    told = [(reply, parent) for reply, parent in told if parent.email in commenters]
    again = _shown_before([reply.pk for reply, _parent in told])
    told = [(reply, parent) for reply, parent in told if reply.pk not in again]
    if told:
        site = Site.current()
        send_all_later([_reply(site, commenters[parent.email], reply) for reply, parent in told])


def _is_answer_to(email: str, reply: "Comment") -> bool:
    """Return whether a reply answers a shown comment of this address, and is somebody else's.

    A comment that the address itself has confirmed: else anybody could comment with it, answer himself, and have us
    carry his words to whoever ever confirmed his address.
    """
    parent = reply.parent
    if parent is None or not parent.shown or parent.is_by_staff():
        return False
    return parent.confirmed_at is not None and parent.email == email and email not in ("", reply.email)


def _is_one_too_many(email: str, reply: "Comment") -> bool:
    """Return whether this address is told of enough replies that were sent in the 24 hours before this one."""
    from comments.models.comments import Comment  # it knows the mails

    # Not without an address, which makes the index serve; nor by state, which would have SQLite look at all approved.
    answered = Comment.objects.filter(email=email).exclude(email="").exclude(confirmed_at=None).order_by()
    earlier = Comment.objects.filter(
        shown=True,
        parent__in=answered.values("pk"),
        created_at__gt=reply.created_at - REPLIES_WITHIN,
        pk__lt=reply.pk,
    )
    return earlier.exclude(email=email).order_by()[:MOST_REPLIES].count() >= MOST_REPLIES


def _shown_before(pks: list[int]) -> set[int]:
    """Return those of comments that were approved more than once."""
    approved = Decision.objects.filter(state=State.APPROVED).order_by().values("comment")
    return {
        pk
        for start in range(0, len(pks), _BATCH)
        for pk in approved.filter(comment__in=pks[start : start + _BATCH])
        .annotate(times=Count("pk"))
        .filter(times__gt=1)
        .values_list("comment", flat=True)
    }


def _reachable(emails: set[str]) -> dict[str, Commenter]:
    """Return those of some addresses that are written to: confirmed, and not unsubscribed."""
    wanted = Commenter.objects.exclude(confirmed_at=None).filter(unsubscribed_at=None)
    listed = sorted(emails)
    return {
        commenter.email: commenter
        for start in range(0, len(listed), _BATCH)
        for commenter in wanted.filter(email__in=listed[start : start + _BATCH])
    }


def _confirmation(site: Site, commenter: Commenter, comment: "Comment") -> Mail:
    """Return the mail that asks to confirm an address, in the language of the article."""
    article = comment.article
    with translation.override(spoken(article.language)):
        parts = [
            gettext("Somebody has commented on “%(headline)s” and gave this e-mail address.")
            % {"headline": article.headline},
            gettext("If it was you, confirm that the address is yours:"),
            absolute(links.confirm_url(commenter, comment)),
            gettext(
                "The link holds for seven days. Then we write to you when the comment is decided on or answered."
            ),
            gettext("If it was not you, you need do nothing."),
        ]
        subject = gettext("%(site)s: confirm your e-mail address")
        return _mail(site, commenter, comment, subject, parts, kind="confirm")


def _decision(site: Site, commenter: Commenter, comment: "Comment", action: Action) -> Mail:
    """Return the mail that tells of a decision, in the language of the article."""
    article = comment.article
    with translation.override(spoken(article.language)):
        shown = (
            gettext("%(site)s: your comment is shown"),
            gettext("The comment on “%(headline)s” that was sent with this address is shown now."),
        )
        hidden = (
            gettext("%(site)s: your comment is not shown"),
            gettext(
                "The comment on “%(headline)s” that was sent with this address was approved, but a comment that it"
                " answers is not shown, and hides what stands below it."
            ),
        )
        subject, sentence = {
            Action.APPROVE: shown if comment.shown else hidden,
            Action.REJECT: (
                gettext("%(site)s: your comment is not shown"),
                gettext(
                    "The comment on “%(headline)s” that was sent with this address is not shown: a moderator found"
                    " that it does not keep to the rules for comments."
                ),
            ),
            Action.REMOVE: (
                gettext("%(site)s: your comment was removed"),
                gettext(
                    "The comment on “%(headline)s” that was sent with this address was removed: a moderator found"
                    " that it does not keep to the rules for comments."
                ),
            ),
        }[action]
        parts = [sentence % {"headline": article.headline}]
        # Without that it may be somebody else's words, sent with this address.
        if comment.confirmed_at:
            parts.append(_quoted(comment.text))
        parts.append(absolute(comment.get_absolute_url() if comment.shown else article.get_absolute_url()))
        if action is Action.APPROVE and not comment.confirmed_at:
            parts += [
                gettext(
                    "If you wrote it, confirm it: then we write to you when somebody answers it (the link holds for"
                    " seven days):"
                ),
                absolute(links.confirm_url(commenter, comment)),
            ]
        parts += [
            gettext("Write again with your confirmed address (the link holds for thirty days):"),
            absolute(links.write_url(commenter, article)),
        ]
        return _mail(site, commenter, comment, subject, parts, kind=action.value, version=comment.version)


def _reply(site: Site, commenter: Commenter, reply: "Comment") -> Mail:
    """Return the mail that tells of a reply, in the language of the article."""
    article = reply.article
    with translation.override(spoken(article.language)):
        parts = [
            gettext("%(name)s has answered your comment on “%(headline)s”:")
            % {"name": reply.name, "headline": article.headline},
            _quoted(reply.text),
            absolute(reply.get_absolute_url()),
            gettext("Answer with your confirmed address (the link holds for thirty days):"),
            absolute(links.write_url(commenter, article, reply.pk)),
        ]
        subject = gettext("%(site)s: a reply to your comment")
        return _mail(site, commenter, reply, subject, parts, kind="reply")


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}" for line in text.splitlines())


def _mail(
    site: Site, commenter: Commenter, comment: "Comment", subject: str, parts: list[str], **about: str | int
) -> Mail:
    """Return a mail with its end, and the headers by which a mail program unsubscribes with one click (RFC 8058)."""
    address = absolute(links.unsubscribe_url(commenter))
    end = "-- \n" + gettext("No more mails about comments: %(address)s") % {"address": address}
    return written(
        commenter.email,
        subject % {"site": site.name_in(comment.article.language)},
        "\n\n".join([*parts, end]),
        headers={
            "List-Unsubscribe": f"<{address}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        },
        about={"app": "comments", "comment": comment.pk, **about},
    )
