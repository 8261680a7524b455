"""Stories, articles, revisions, and all that they are made of; each module holds one subject."""

from articles.models.accounts import Grant, User
from articles.models.articles import Article, Story
from articles.models.attachments import ArticleAttachment, Attachment
from articles.models.content import CONTENT_FIELDS, Content, Provenance
from articles.models.credits import ArticleSource, Byline, Role, Source
from articles.models.drafts import DraftLink
from articles.models.expunctions import Expunction
from articles.models.front import FrontSlot
from articles.models.mistakes import MistakeReport
from articles.models.notes import Note, Withdrawal
from articles.models.origins import Origin
from articles.models.paths import MissedAddress, Path
from articles.models.photos import ArticlePhoto, Photo, PhotoText, Rendition
from articles.models.remarks import Remark
from articles.models.revisions import Revision, StaleRevision
from articles.models.search import SearchDocument, SearchRow
from articles.models.sittings import Sitting
from articles.models.tasks import Task
from articles.models.taxonomy import (
    Author,
    AuthorText,
    Page,
    PageText,
    Section,
    SectionText,
    Series,
    SeriesText,
    Tag,
    TaggedArticle,
    TagText,
)

__all__ = [
    "CONTENT_FIELDS",
    "Article",
    "ArticleAttachment",
    "ArticlePhoto",
    "ArticleSource",
    "Attachment",
    "Author",
    "AuthorText",
    "Byline",
    "Content",
    "DraftLink",
    "Expunction",
    "FrontSlot",
    "Grant",
    "MissedAddress",
    "MistakeReport",
    "Note",
    "Origin",
    "Page",
    "PageText",
    "Path",
    "Photo",
    "PhotoText",
    "Provenance",
    "Remark",
    "Rendition",
    "Revision",
    "Role",
    "SearchDocument",
    "SearchRow",
    "Section",
    "SectionText",
    "Series",
    "SeriesText",
    "Sitting",
    "Source",
    "StaleRevision",
    "Story",
    "Tag",
    "TagText",
    "TaggedArticle",
    "Task",
    "User",
    "Withdrawal",
]
