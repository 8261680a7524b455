"""The verbs at an article as pages; each module holds one subject."""

from articles.admin.verbs.assigning import Assign, MakeTask
from articles.admin.verbs.base import VerbPage
from articles.admin.verbs.desk import Place, SetDesk, SetStage
from articles.admin.verbs.expunging import Expunge
from articles.admin.verbs.notes import AddNote, RemoveNote, listed_notes
from articles.admin.verbs.publishing import CancelPending, Publish, Unpublish
from articles.admin.verbs.sharing import Share
from articles.admin.verbs.versions import HideRevision, Join, Restore, ShowRevision, Version
from articles.admin.verbs.withdrawing import Discard, Reinstate, Withdraw

__all__ = [
    "PAGES",
    "AddNote",
    "Assign",
    "CancelPending",
    "Discard",
    "Expunge",
    "HideRevision",
    "Join",
    "MakeTask",
    "Place",
    "Publish",
    "Reinstate",
    "RemoveNote",
    "Restore",
    "SetDesk",
    "SetStage",
    "Share",
    "ShowRevision",
    "Unpublish",
    "VerbPage",
    "Version",
    "Withdraw",
    "listed_notes",
]

# In the order in which buttons stand at the article.
PAGES: tuple[type[VerbPage], ...] = (
    Publish,
    CancelPending,
    Unpublish,
    AddNote,
    SetStage,
    Assign,
    MakeTask,
    SetDesk,
    Place,
    Join,
    Share,
    Withdraw,
    Reinstate,
    Expunge,
    Discard,
)
