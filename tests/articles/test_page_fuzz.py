"""No address that a stranger can type is an error of ours."""

import random
from urllib.parse import quote

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from newsroom.models import Site
from tests import base

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql_later]

ODD = [
    "\x00", "..", ".", "//", "\\", "%", "%00", "%ff", "\n", "\r\n", "\u202e", "\ud7ff", "é", "e\u0301", "ß", "İ",
    "中", "\U0001f600", "'", '"', "<", ">", ";", "|", "*", "{{", "}}", "{%", "$", "~", "x" * 400, "-" * 300, "9" * 30,
]  # fmt: skip
PARTS = [
    "en", "de", "xx", "tag", "author", "page", "feed.xml", "2025", "07", "11", "politics", "rail", "search",
    "comments", "accent-a3122a.css", "media", "static", "admin", "preview", "archive", "healthz", "",
]  # fmt: skip
segments = st.one_of(
    st.sampled_from(PARTS),
    st.sampled_from(ODD),
    st.text(max_size=20).filter(lambda text: text.isprintable() or "\x00" in text),
)
paths = st.lists(segments, min_size=1, max_size=7).map("/".join)
values = st.one_of(st.sampled_from(ODD), st.text(max_size=30), st.integers().map(str))


@pytest.fixture
def stranger() -> Client:
    """Return a client on a site with an article, which raises what a page raises."""
    Site(languages=["en", "de"]).save()
    base.published(tags=[base.tag("Rail")])
    return Client()


def encoded(text: str) -> str:
    return quote(text.encode("utf-8", "surrogatepass"), safe="/.%")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=paths)
def test_any_path_is_answered(stranger, path):
    response = stranger.get(f"/{encoded(path).lstrip('/')}")

    assert response.status_code in (200, 301, 302, 400, 404, 405, 410), path


@pytest.mark.later
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    path=st.sampled_from(["/en/", "/en/politics/", "/en/tag/rail/"]),
    name=st.sampled_from(["before", "page", "q"]),
    value=values,
)
def test_any_query_is_answered(stranger, path, name, value):
    response = stranger.get(f"{path}?{name}={encoded(value)}")

    assert response.status_code in (200, 404), value


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=values)
def test_any_accept_language_is_answered(stranger, value):
    header = value.encode("utf-8", "surrogatepass").decode("latin-1")

    assert stranger.get("/", headers={"Accept-Language": header}).status_code == 302


def test_overlong_path_is_not_found(stranger):
    assert stranger.get("/en/" + "x" * 100_000 + "/").status_code == 404


@pytest.mark.later
def test_every_piece_of_a_real_address_can_be_wrong(stranger):
    real = ["en", "2025", "07", "11", "harbour-reopens-after-the-storm"]
    picker = random.Random(7)

    for _attempt in range(100):
        parts = list(real)
        parts[picker.randrange(len(parts))] = picker.choice(ODD)
        response = stranger.get(f"/{encoded('/'.join(parts))}/")
        assert response.status_code in (301, 400, 404), parts
