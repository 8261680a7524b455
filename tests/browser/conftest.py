"""A real Chromium, a real server, and people at it.

    def test_something(visit): page = visit("/en/")               # a reader
    def test_without(visit): page = visit("/en/", scripts=False)  # …whose browser runs no JavaScript
    def test_desk(staff, editor): page = staff(editor)            # somebody logged in to the admin

Every page fails its test for an error in its console, for what the Content-Security-Policy refuses, and for a request
to anybody but the site. SCREENSHOTS=FOLDER keeps what `shoot` takes.
"""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from articles.models import User

FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-dev-shm-usage"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
PASSWORD = "correct horse battery"
# How long a page or an element may take on a busy machine, in milliseconds; nothing waits longer than it must.
PATIENCE = 60_000
expect.set_options(timeout=PATIENCE)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test of this folder: a browser, and a database that the server's threads see too."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            if not item.get_closest_marker("django_db"):
                item.add_marker(pytest.mark.django_db(transaction=True))


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """Start Chromium for the tests of one file."""
    with pytest.MonkeyPatch.context() as patch:
        # Playwright keeps an event loop in this thread, and Django takes queries beside one for a mistake.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
            yield browser
            browser.close()


@pytest.fixture
def site(live_server: Any, settings: Any) -> str:
    """Serve the site to the browser; return its address."""
    settings.BASE_URL = live_server.url
    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "localhost", "127.0.0.1"]
    return live_server.url


@pytest.fixture
def context(browser: Browser, site: str) -> Iterator[Callable[..., BrowserContext]]:
    """Return a function that opens a browser of one person's own; at the end nothing may have gone wrong in any."""
    contexts: list[BrowserContext] = []
    trouble: list[str] = []

    def open_one(
        *,
        scripts: bool = True,
        width: int = 1280,
        height: int = 900,
        dark: bool = False,
        language: str = "en",
        scale: float = 1,
        touch: bool = False,
    ) -> BrowserContext:
        context = browser.new_context(
            base_url=site,
            java_script_enabled=scripts,
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            locale=language,
            device_scale_factor=scale,
            has_touch=touch,
            is_mobile=touch,
        )
        context.set_default_timeout(PATIENCE)
        context.on(
            "console", lambda message: trouble.append(message.text) if message.type == "error" else None
        )
        context.on("weberror", lambda error: trouble.append(str(error.error)))
        context.on("request", lambda request: foreign(request.url))
        contexts.append(context)
        return context

    def foreign(url: str) -> None:
        if not url.startswith((f"{site}/", "data:", "blob:")):
            trouble.append(f"asked {url}")

    yield open_one
    for one in contexts:
        one.close()
    # A page that answers 404 or 422 is an error in Chromium's console, and may be what a test is about.
    assert [text for text in trouble if "Failed to load resource: the server responded" not in text] == []


@pytest.fixture
def visit(context: Callable[..., BrowserContext]) -> Callable[..., Page]:
    """Return a function that opens an address in a new reader's browser."""

    def go(path: str, **options: Any) -> Page:
        page = context(**options).new_page()
        page.goto(path)
        return page

    return go


@pytest.fixture
def staff(context: Callable[..., BrowserContext]) -> Callable[..., Page]:
    """Return a function that logs somebody in to the admin, by its own form, in a browser of his own."""

    def log_in(user: User, path: str = "/admin/", **options: Any) -> Page:
        page = context(**options).new_page()
        page.goto(path)
        page.fill("#id_username", user.username)
        page.fill("#id_password", PASSWORD)
        page.press("#id_password", "Enter")
        page.wait_for_url(f"**{path}")
        return page

    return log_in


def eventually(page: Page, holds: Callable[[], Any]) -> None:
    """Wait until something holds that is known here and not on the page; the browser goes on meanwhile."""
    end = time.monotonic() + PATIENCE / 1000
    while not holds():
        assert time.monotonic() < end, "it never came true"
        page.wait_for_timeout(20)


@pytest.fixture
def shoot(request: pytest.FixtureRequest) -> Callable[..., None]:
    """Return a function that takes a screenshot, if SCREENSHOTS names a folder for them."""

    def take(page: Page, name: str, *, whole: bool = True) -> None:
        if folder := os.environ.get("SCREENSHOTS"):
            Path(folder).mkdir(parents=True, exist_ok=True)
            page.screenshot(path=Path(folder) / f"{name}.png", full_page=whole)

    return take
