"""Comments, what was decided on them, and what decides by itself."""

from comments.models.commenters import Commenter
from comments.models.comments import (
    ADDRESS_KEPT_FOR,
    BATCH,
    MAX_DEPTH,
    MAX_TEXT,
    SAME_COMMENT_WITHIN,
    Comment,
    CommentQuerySet,
    Difference,
    Sketch,
    Wording,
    address_digest,
)
from comments.models.decisions import MAX_REASON, Decision, DecisionQuerySet, LeftOut, Step
from comments.models.reports import MAX_REPORT, Report
from comments.models.rules import Ban, Rule
from comments.models.states import HIDING, TRANSITIONS, Action, State
from comments.models.writers import WRITERS_TIME

__all__ = [
    "ADDRESS_KEPT_FOR",
    "BATCH",
    "HIDING",
    "MAX_DEPTH",
    "MAX_REASON",
    "MAX_REPORT",
    "MAX_TEXT",
    "SAME_COMMENT_WITHIN",
    "TRANSITIONS",
    "WRITERS_TIME",
    "Action",
    "Ban",
    "Comment",
    "CommentQuerySet",
    "Commenter",
    "Decision",
    "DecisionQuerySet",
    "Difference",
    "LeftOut",
    "Report",
    "Rule",
    "Sketch",
    "State",
    "Step",
    "Wording",
    "address_digest",
]
