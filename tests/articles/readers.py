"""What the tests of readers' pages share."""

import io
import uuid
from copy import copy
from datetime import timedelta

from django.core.files.base import ContentFile
from django.utils import timezone
from PIL import Image

from articles.models import Article, Byline, Photo, PhotoText, Rendition, Story, TaggedArticle
from tests import base


def photo(
    words: dict[str, tuple[str, str]] | None = None, widths: tuple[int, ...] = (320, 960, 1280)
) -> Photo:
    """Store a photo with renditions; `words` are (alt, caption) per language."""
    buffer = io.BytesIO()
    Image.new("RGB", (8, 6), "#406080").save(buffer, "jpeg")
    row = Photo(digest=uuid.uuid4().hex, width=1280, height=960, credit="Ida Brandt")
    row.file.save(f"{row.digest}.jpg", ContentFile(buffer.getvalue()))
    for width in widths:
        rendition = Rendition(photo=row, format="jpeg", width=width, height=width * 3 // 4)
        rendition.file.save(f"{row.digest}-{width}.jpg", ContentFile(buffer.getvalue()), save=False)
        rendition.save()
    for language, (alt, caption) in (words or {"en": ("A quay at dusk", "The quay on Tuesday")}).items():
        PhotoText.objects.create(photo=row, language=language, alt=alt, caption=caption)
    return row


def figure(row: Photo, alt: str = "", caption: str = "") -> str:
    """Return the figure of a photo as a body holds it."""
    inside = f"<figcaption>{caption}</figcaption>" if caption else ""
    return f'<figure class="image"><img src="{row.editor_address}" alt="{alt}">{inside}</figure>'


def many(count: int) -> list[Article]:
    """Publish a few articles a minute apart, the newest first in the list."""
    now = timezone.now()
    return [
        base.published(headline=f"Story number {n}", at=now - timedelta(minutes=n + 1)) for n in range(count)
    ]


def crowd(like: Article, count: int, apart: timedelta = timedelta(minutes=1)) -> list[Article]:
    """Store many articles like one, each older than the one before, with its tags and authors: quick, by no verb."""
    like = Article.objects.get(pk=like.pk)
    began = Article.objects.count()
    stories = Story.objects.bulk_create(Story() for _ in range(count))
    rows = []
    for number, story in enumerate(stories, began):
        row = copy(like)
        row.pk, row.uid, row.story = None, uuid.uuid4(), story
        row._state = type(row._state)()
        row.headline, row.path = f"Story number {number}", f"/{like.language}/2025/01/01/story-{number}/"
        row.published_at = row.first_published_at = like.published_at - apart * number
        rows.append(row)
    Article.objects.bulk_create(rows)
    TaggedArticle.objects.bulk_create(
        TaggedArticle(content_object=row, tag_id=tagged.tag_id)
        for row in rows
        for tagged in like.tagged.all()
    )
    Byline.objects.bulk_create(
        Byline(article=row, author_id=byline.author_id) for row in rows for byline in like.bylines.all()
    )
    return rows
