"""Mail to those who comment: to confirm an address once; then what was decided, and who replied.

To an address that nobody has confirmed goes one mail a day at most, and not a word in it is a stranger's: else anybody
could have us carry his words to anybody.
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
from comments.models.states import Action, State
from newsroom.addresses import absolute, without_tag
from newsroom.languages import spoken
from newsroom.mail import is_set_up, send_all_later, send_later, written
from newsroom.models import Mail, Site

if TYPE_CHECKING:
    from comments.models.comments import Comment

# How long nobody is asked again, whatever is sent with his address.
ASKED_EVERY = timedelta(hours=24)
# What its writer is told by mail; the rest he sees on the private page.
TOLD = (Action.APPROVE, Action.REJECT, Action.REMOVE)
# Addresses or comments asked for by one statement.
_BATCH = 500


def ask_to_confirm(comment: "Comment") -> bool:
    """Mail a link to the address of a new comment that nobody has confirmed; return whether a mail is on its way.

    Two comments at once make one mail: the row of the address is taken by the one that comes first. Of addresses that
    differ in a tag alone (`rosa+1@mail.example`) it is the row of the one without: they are one mailbox.
    """
    if not (comment.email and is_set_up()) or comment.confirmed_at or comment.state == State.SPAM:
        return False
    now, spoken_there = timezone.now(), {"language": comment.article.language}
    commenter, _made = Commenter.objects.get_or_create(email=comment.email, defaults=spoken_there)
    wanted = Commenter.objects.filter(unsubscribed_at=None)
    silent = Q(asked_at=None) | Q(asked_at__lte=now - ASKED_EVERY)
    if (untagged := without_tag(commenter.email)) != commenter.email:
        if not wanted.filter(pk=commenter.pk, confirmed_at=None).exists():
            return False
        owner, _made = Commenter.objects.get_or_create(email=untagged, defaults=spoken_there)
        due = wanted.filter(silent, pk=owner.pk)
    else:
        due = wanted.filter(silent, pk=commenter.pk, confirmed_at=None)
    if not due.update(asked_at=now):
        return False
    site, article = Site.current(), comment.article
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
        subject = gettext("%(site)s: confirm your e-mail address") % {"site": site.name_in(article.language)}
        text, headers = _ended(parts, commenter)
    send_later(commenter.email, subject, text, headers)
    return True


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
    """Tell by mail whose comments are answered by some of these that are shown for the first time.

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
    told = [
        (reply, parent)
        for reply, parent in answers
        if parent.shown and parent.email not in ("", reply.email) and not parent.is_by_staff()
    ]
    commenters = _reachable({parent.email for _reply, parent in told})
    told = [(reply, parent) for reply, parent in told if parent.email in commenters]
    again = _shown_before([reply.pk for reply, _parent in told])
    told = [(reply, parent) for reply, parent in told if reply.pk not in again]
    if told:
        site = Site.current()
        send_all_later([_reply(site, commenters[parent.email], reply) for reply, parent in told])


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


def _decision(site: Site, commenter: Commenter, comment: "Comment", action: Action) -> Mail:
    """Return the mail that tells of a decision, in the language of the article."""
    article = comment.article
    with translation.override(spoken(article.language)):
        subject, sentence = {
            Action.APPROVE: (
                gettext("%(site)s: your comment is shown"),
                gettext("The comment on “%(headline)s” that was sent with this address is shown now."),
            ),
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
        parts += [
            gettext("Write again with your confirmed address (the link holds for thirty days):"),
            absolute(links.write_url(commenter, article)),
        ]
        text, headers = _ended(parts, commenter)
        return written(commenter.email, subject % {"site": site.name_in(article.language)}, text, headers)


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
        subject = gettext("%(site)s: a reply to your comment") % {"site": site.name_in(article.language)}
        text, headers = _ended(parts, commenter)
    return written(commenter.email, subject, text, headers)


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}" for line in text.splitlines())


def _ended(parts: list[str], commenter: Commenter) -> tuple[str, dict[str, str]]:
    """Return a mail's text, and its headers by which a mail program unsubscribes with one click (RFC 8058)."""
    address = absolute(links.unsubscribe_url(commenter))
    text = "\n\n".join(
        [*parts, "-- \n" + gettext("No more mails about comments: %(address)s") % {"address": address}]
    )
    return text, {
        "List-Unsubscribe": f"<{address}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
