"""Finding comments for moderators, at a cost that does not grow with their number."""

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from comments.models import Comment, CommentQuerySet
from newsroom.addresses import mailbox
from newsroom.plaintext import one_line

MAX_WORDS = 100
# Words are looked for in this many of the newest comments: no index finds a word in the middle of a text.
NEWEST = 5_000
HELP = _("Words are looked for in the newest 5,000 comments, a whole e-mail address in all of them.")


def find(comments: CommentQuerySet, text: str) -> CommentQuerySet:
    """Return those of the comments that have some words in text, name or e-mail; for a whole e-mail, all from it."""
    words = one_line(text)[:MAX_WORDS]
    if not words:
        return comments
    if "@" in words and Comment.objects.filter(email=_mailbox(words)).exists():
        return comments.filter(email=_mailbox(words))
    older = Comment.objects.order_by("-pk").values_list("pk", flat=True)[NEWEST : NEWEST + 1]
    found = Q(text__icontains=words) | Q(name__icontains=words) | Q(email__icontains=words)
    return comments.filter(found, pk__gt=next(iter(older), 0))


def _mailbox(words: str) -> str:
    """Return some words as an e-mail address is stored; "" where they are none."""
    try:
        return mailbox(words)
    except ValidationError:
        return ""
