"""Every page of the admin in a real browser: accessible in both themes, and no wider than the window.

Django's own pages and CKEditor's toolbar are held to it too.
"""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from django.contrib import admin
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from playwright.sync_api import Page

from articles.models import Article, MistakeReport, User
from tests import base
from tests.articles import readers
from tests.browser.test_reading import violations

pytestmark = pytest.mark.browser


@pytest.fixture
def addresses(site: str, chief: User) -> dict[str, str]:
    """Return every page of the admin that has an address without a secret, with something on each."""
    addresses = readers.newspaper("de")
    # Those that were stored by no verb have no revision, and no form.
    Article.objects.filter(revisions=None).delete()
    article = Article.objects.get(path=addresses["article"])
    Article.objects.filter(pk=article.pk).update(created_by=chief)
    draft = base.draft(headline=f"Die {readers.LONG_WORD} kommt", language="de", by=chief)
    draft.share_draft(by=chief, expires_at=timezone.now() + timedelta(days=2), for_whom=readers.LONG_WORD)
    arabic = base.draft(headline="مرحبا بالعالم", language="en", by=chief)
    MistakeReport.send(article, text=f"Nicht {readers.LONG_WORD}, und nicht so.")
    article.place_on_front(by=chief, kind=1)
    return {
        **dict(of_articles(article, "live")),
        **dict(of_articles(draft, "draft")),
        **dict(of_models()),
        "arabic": f"/admin/articles/article/{arabic.pk}/change/",
        "password": "/admin/password_change/",
        "pages": "/admin/pages/",
        "flood": "/admin/comments/flood/",
        "rule words": "/admin/comments/rule/add/?kind=words",
        "rule again": "/admin/comments/rule/again/",
    }


def of_articles(article: Article, name: str) -> Iterator[tuple[str, str]]:
    from tests.test_permission_reach import pages_of

    for address in pages_of(article):
        if not re.search(r"/(revoke|restore|go|unsaved|version/\w+)/$|/\d+/$", address):
            yield f"{name} {address.strip('/').rpartition('/')[2]}", address


def of_models() -> Iterator[tuple[str, str]]:
    for model, _model_admin in admin.site._registry.items():
        name = f"{model._meta.app_label}_{model._meta.model_name}"
        yield f"{name} list", reverse(f"admin:{name}_changelist")
        with suppress(NoReverseMatch):  # some have no such page
            yield f"{name} add", reverse(f"admin:{name}_add")
        if row := model.objects.order_by("-pk").first():
            with suppress(NoReverseMatch):
                yield f"{name} form", reverse(f"admin:{name}_change", args=[row.pk])


@pytest.mark.later
@pytest.mark.long
def test_every_page_of_the_admin_is_accessible_and_fits(
    addresses: dict[str, str],
    staff: Callable[..., Page],
    chief: Any,
    shoot: Callable[..., None],
    full_length: bool,
) -> None:
    # Colours hang on the theme and places on the width: two sights hold all of both.
    every = [(360, True), (1440, False)]
    wrong: dict[str, Any] = {}
    for width, dark in every if full_length else [(360, True)]:
        page = staff(chief, width=width, dark=dark)
        for number, (kind, address) in enumerate(addresses.items()):
            if not full_length and number % 6:
                continue
            # What only takes what is sent has nothing to look at, and some pages have nothing to do now.
            if page.request.get(address).status != 200:
                continue
            page.goto(address)
            # Until it is ready the editor lacks half of its attributes, and the page moves.
            page.wait_for_function(
                "() => Object.values(window.CKEDITOR?.instances ?? {}).every(one => one.status === 'ready')"
            )
            shoot(page, f"admin-{kind.replace(' ', '-')}-{width}-{'dark' if dark else 'light'}")
            key = f"{kind} {width} {'dark' if dark else 'light'}"
            if found := violations(page, preload=False):
                wrong[key] = found
            if (wide := page.evaluate("document.documentElement.scrollWidth")) > width:
                wrong[f"{key} is too wide"] = wide
        page.close()
    assert wrong == {}, json.dumps(wrong, indent=1)


@pytest.mark.later
@pytest.mark.long
def test_a_collision_is_shown_and_settled_by_keyboard(
    staff: Callable[..., Page], editor: User, shoot: Callable[..., None], full_length: bool
) -> None:
    for number, (width, dark) in enumerate(
        product((360, 1440), (False, True)) if full_length else [(360, True)]
    ):
        article = base.draft(headline=f"Draft {number}", body="<p>The first ferry left at six.</p>")
        page = staff(editor, f"/admin/articles/article/{article.pk}/change/", width=width, dark=dark)
        article.save_revision(by=None, headline="Theirs", body="<p>The first ferry left at seven.</p>")
        page.fill("#id_headline", f"Mine, of the {readers.LONG_WORD}")
        page.get_by_role("button", name="Save draft").focus()
        page.keyboard.press("Enter")
        page.locator(".stale .decision").first.wait_for()
        shoot(page, f"admin-collision-{width}-{'dark' if dark else 'light'}")
        assert violations(page, preload=False) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        for choice in page.locator("input[type=radio][name^=choice-]").all()[:1]:
            choice.focus()
            page.keyboard.press("Space")
        page.get_by_role("button", name="Save draft").focus()
        page.keyboard.press("Enter")
        page.locator(".messagelist").get_by_text("Saved as revision").wait_for()
        newest = article.newest_revision()
        assert newest.body == "<p>The first ferry left at seven.</p>"
        page.close()
