"""A page in a language that the interface does not speak says of each word which language it is in (WCAG 3.1.2)."""

import re
from datetime import timedelta
from html.parser import HTMLParser

import pytest
from django.test import Client
from django.utils import timezone

from articles.models import Article
from newsroom.models import Site, SiteText
from tests import base
from tests.comments.base import approved, removed, waiting

pytestmark = pytest.mark.django_db

# These have no end tag.
EMPTY = {"meta", "link", "img", "input", "br", "source", "hr"}
# What nobody reads in the page, and what is of no language: names, and what somebody typed or chooses.
UNREAD = {"head", "script", "option", "textarea", "bdi"}


class Words(HTMLParser):
    """Collect the text of a page with the language and the direction that it stands in."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.around: list[tuple[str, str, str]] = [("", "", "")]
        self.found: list[tuple[str, str, str]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in EMPTY:
            named = dict(attrs)
            _tag, language, direction = self.around[-1]
            self.around.append((tag, named.get("lang") or language, named.get("dir") or direction))

    def handle_endtag(self, tag: str) -> None:
        while tag not in EMPTY and self.around.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if data.strip() and not UNREAD & {tag for tag, *_rest in self.around}:
            self.found.append((data.strip(), *self.around[-1][1:]))


def astray(html: str) -> list[tuple[str, str, str]]:
    """Return what stands in the wrong language or direction: whatever has Latin letters is English, the rest Arabic."""
    found = []
    for text, language, direction in Words(html).found:
        if text.startswith("http"):
            is_right = direction == "ltr"
        elif re.search("[A-Za-z]{2}", text.replace("UTC", "")):
            is_right = (language, direction) == ("en", "ltr")
        else:
            is_right = language == "ar" or not re.search("[\u0600-\u06ff]", text)
        if not is_right:
            found.append((text, language, direction))
    return found


def newspaper() -> Article:
    """Publish in Arabic, with all that a page may show."""
    site = Site(languages=["ar"])
    site.save()
    soon = timezone.now() + timedelta(hours=1)
    SiteText.objects.create(
        site=site, language="ar", name="البريد", banner="العبارة متوقفة", banner_until=soon
    )
    shared = {"language": "ar", "section": base.section({"ar": "السياسة"}), "tags": [base.tag("سفن", "ar")]}
    base.published(headline="السفينة الثانية", standfirst="مقدمة", body="<p>نص.</p>", **shared)
    article = base.published(headline="السفينة", standfirst="مقدمة", body="<p>نص المقال.</p>", **shared)
    article.add_note(by=None, kind="correction", text="كان الرقم خطأ.")
    return article


def test_every_word_of_an_arabic_page_says_which_language_it_is_in(client: Client) -> None:
    article = newspaper()
    parent = approved(article, name="ليلى", text="متى؟", language="ar")
    for number in range(30):
        parent = approved(
            article, parent if number < 6 else None, name="سامي", text=f"{number}", language="ar"
        )
    removed(article, name="سامي", text="لا", language="ar")
    own = waiting(article, name="ليلى", text="شكرا", language="ar")
    comments = f"{article.path}comments/"
    slug = article.section.texts.get(language="ar").slug
    typed = {"name": "ليلى", "text": "ما اسم السفينة؟"}
    pages = {
        path: client.get(path)
        for path in (
            "/ar/",
            "/ar/archive/",
            "/ar/discussed/",
            "/ar/corrections/",
            "/ar/search/",
            "/ar/search/?q=%D9%86%D8%B5",
            "/ar/search/?q=%D9%82%D9%82%D9%82&until=x",
            f"/ar/{slug}/",
            f"/ar/{slug}/?before={article.pk}",
            article.path,
            f"{article.path}changes/",
            f"{article.path}mistake/",
            f"{comments}2/",
            f"{comments}newest/",
            f"{comments}reply/{parent.pk}/",
            f"/comments/{parent.pk}/report/",
            own.own_url(),
        )
    }
    pages |= {
        "refused": client.post(comments, {"name": "", "text": ""}),
        "preview": client.post(comments, {**typed, "preview": "1"}),
        "report refused": client.post(f"/comments/{parent.pk}/report/", {}),
        "report sent": client.post(f"/comments/{parent.pk}/report/", {"reason": "insult"}, follow=True),
        "mistake refused": client.post(f"{article.path}mistake/", {}),
    }
    assert {page.status_code for page in pages.values()} == {200, 422}
    found = {kind: astray(page.content.decode()) for kind, page in pages.items()}
    assert {kind: words for kind, words in found.items() if words} == {}


def test_a_closing_note_says_it_too(client: Client) -> None:
    article = newspaper()
    approved(article, name="ليلى", text="متى؟", language="ar")
    Site.objects.update(comments_mode="closed")
    page = client.get(article.path).content.decode()
    assert '<p class="comments__closed" lang="en" dir="ltr">Comments are closed.</p>' in page
    assert astray(page) == []


def test_where_the_interface_speaks_the_language_of_the_page_nothing_is_marked(client: Client) -> None:
    article = base.published(language="de", headline="Hafen")
    page = client.get(article.path).content.decode()
    assert ' lang="de" dir="ltr">' in page
    assert page.count(' dir="ltr"') == 2  # The page's own, and that of its address on paper.
