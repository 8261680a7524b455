"""Forms without a token: which requests come from a page of ours."""

import pytest
from django.test import RequestFactory

from newsroom.client import is_from_our_pages


@pytest.mark.parametrize(
    ("headers", "accepted"),
    [
        ({}, True),
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "null"}, True),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": "none"}, False),
        ({"Sec-Fetch-Site": ""}, False),
        ({"Origin": "https://news.example"}, True),
        ({"Origin": "https://news.example:443"}, True),
        ({"Origin": "HTTPS://NEWS.EXAMPLE"}, True),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "https://news.example"}, True),
        ({"Origin": "http://news.example"}, False),
        ({"Origin": "https://news.example:8443"}, False),
        ({"Origin": "https://news.example.evil.example"}, False),
        ({"Origin": "https://evil.example"}, False),
        ({"Origin": "null"}, False),
        ({"Origin": ""}, False),
        ({"Origin": "https://[::"}, False),
        ({"Origin": "https://news.example:99999999"}, False),
    ],
)
def test_a_form_is_taken_from_our_pages_and_from_what_is_no_browser(headers, accepted, settings):
    settings.BASE_URL = "https://news.example"
    assert is_from_our_pages(RequestFactory().post("/", headers=headers)) is accepted
