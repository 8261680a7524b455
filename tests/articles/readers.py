"""What the tests of readers' pages share."""

import io
import uuid
from copy import copy
from datetime import timedelta

from django.core.files.base import ContentFile
from django.utils import timezone
from PIL import Image

from articles.models import (
    Article,
    Byline,
    Page,
    PageText,
    Photo,
    PhotoText,
    Rendition,
    Series,
    SeriesText,
    Source,
    Story,
    TaggedArticle,
)
from comments.links import confirm_url, unsubscribe_url, write_url
from comments.models import Comment, Commenter
from newsroom.banner import set_banner
from newsroom.models import Site, SiteText
from tests import base

# Sixty characters, the most that a name has, and nowhere to break.
LONG_NAME = "W" * 60
LONG_WORD = "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichenverordnung"
# From left to right, and from right to left.
LANGUAGES = ["de", "ar"]
NAMES = {"de": "Politik", "ar": "السياسة"}


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


def newspaper(language: str) -> dict[str, str]:
    """Fill the site in a language with what is hard to show; return the address of one page of each kind."""
    row = Site(name="Die Post", languages=[language, "en"])
    row.save()
    section = base.section({language: NAMES[language]})
    tag, author, picture = base.tag("Rail", language), base.author(languages=(language,)), photo()
    page = Page.objects.create(purpose="imprint")
    PageText.objects.create(page=page, language=language, name="Impressum", slug="imprint", body="<p>x</p>")
    menu = f"{NAMES[language]} | {section.get_absolute_url(language)}"
    SiteText.objects.create(
        site=row,
        language=language,
        tagline="Von hier",
        main_menu=menu,
        foot_menu=f"Imprint | /{language}/page/imprint/",
    )
    series = Series.objects.create()
    SeriesText.objects.create(series=series, language=language, name=LONG_WORD)
    article = base.published(
        series=series,
        language=language,
        headline=f"Die {LONG_WORD} gilt",
        standfirst="مرحبا بالعالم" if language == "ar" else "Ab Montag.",
        body=f"<p>Eins.</p><h2>{LONG_WORD}</h2>{figure(picture)}<ul><li>Zwei</li></ul><blockquote><p>Drei</p>"
        "</blockquote><table><tbody><tr><th>Pegel</th><td>7,12 m</td></tr></tbody></table>",
        section=section,
        photo=picture,
        tags=[tag],
        bylines=[(author, "author")],
        sources=[(Source.objects.create(name="Bericht", url="https://example.org/"), True)],
        slug="ordnung",
        at=timezone.now() - timedelta(minutes=5),
    )
    article.add_note(by=None, kind="correction", text="Um sechs.")
    article.save_revision(by=None, standfirst=f"{article.standfirst} {LONG_WORD}")
    article.publish(by=None)
    set_banner(row, language, by=None, text=LONG_WORD, ends=timezone.now() + timedelta(hours=1))
    first = Comment.post(article=article, name="Rosa", text=f"Gut.\n\n{LONG_WORD}")
    first.approve(by=None)
    Comment.post(article=article, name="Karl", text="Nein.", parent=first).approve(by=None)
    answered = first
    for _level in range(4):
        answered = Comment.post(article=article, name=LONG_NAME, text="Doch.", parent=answered)
        answered.approve(by=None)
    for number in range(25):
        Comment.post(article=article, name=f"Karl {number}", text="Doch.").approve(by=None)
    crowd(article, 34)
    own = Comment.post(article=article, name=LONG_NAME, text=LONG_WORD, email="rosa@mail.example")
    reader = Commenter.objects.get()
    Commenter.objects.update(confirmed_at=timezone.now())
    gone = base.published(language=language, headline="Fort", section=section, slug="fort")
    gone.withdraw(by=None, reason="x")
    return {
        "front": f"/{language}/",
        "older": f"/{language}/?before={article.pk}",
        "section": section.get_absolute_url(language),
        "tag": tag.get_absolute_url(language),
        "author": author.get_absolute_url(language),
        "page": f"/{language}/page/imprint/",
        "article": article.path,
        "reply": f"{article.path}comments/reply/{answered.pk}/",
        "comments": f"{article.path}comments/2/",
        "own": own.own_url(),
        "report": f"/comments/{answered.pk}/report/",
        "as": write_url(reader, article, answered.pk),
        "confirm": confirm_url(reader, own),
        "unsubscribe": unsubscribe_url(reader),
        "missing": f"/{language}/nothing/here/",
        "gone": gone.path,
        "search": f"/{language}/search/?q={article.standfirst.split()[0]}&tag={tag.text_in(language).slug}",
        "found-nothing": f"/{language}/search/?q=nothing+at+all&from=x",
        "archive": f"/{language}/archive/",
        "month": f"/{language}/archive/{article.published_at.astimezone(Site.current().zone):%Y/%m}/",
        "corrections": f"/{language}/corrections/",
        "discussed": f"/{language}/discussed/",
        "series": series.get_absolute_url(language),
        "changes": f"{article.path}changes/",
        "mistake": f"{article.path}mistake/",
        "empty": "/en/",
    }
