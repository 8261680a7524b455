"""What pages say of themselves while they are rendered."""

from datetime import timedelta

from django.test import RequestFactory

from newsroom import pages
from tests.base import NOON


def test_a_page_gathers_its_keys_and_the_earliest_instant_of_its_parts():
    request = RequestFactory().get("/")
    pages.show(request, "site", "article-1", until=NOON + timedelta(hours=2))
    pages.show(request, "article-1", "photo-3", until=NOON)
    pages.show(request)
    page = pages.shown(request)
    assert page.keys == {"site", "article-1", "photo-3"}
    assert page.until == NOON


def test_what_a_page_showed_is_found_at_the_wsgi_environ():
    request = RequestFactory().get("/")
    pages.show(request, "site")
    assert request.environ[pages.ENVIRON_KEY].keys == {"site"}
