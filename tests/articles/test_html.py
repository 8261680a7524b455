import html
import time
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from articles.fields import sanitise
from articles.html import (
    InlinePhoto,
    first_words,
    photo_uids,
    plain_text,
    replace_photos,
    tokens,
)

FERRY = "0b7e3a54-5c1d-4f7e-9a39-3f6f2d1c8b90"
PIER = "7d1f9f0e-21cb-4a55-8a43-0d9a4d1c2e11"


def figure(uid, caption="", alt="", classes="image"):
    inside = f'<img src="/admin/articles/photo/{uid}/file/" alt="{alt}">'
    if caption:
        inside += f"<figcaption>{caption}</figcaption>"
    return f'<figure class="{classes}">{inside}</figure>'


def test_plain_text_has_a_line_for_each_paragraph_item_and_cell():
    body = (
        "<h2>Ferry</h2>\n<p>It <em>left</em> at<br>six &amp; came&nbsp;back.</p>\n"
        "<ul><li>one<ul><li>two</li></ul></li></ul>\n"
        "<table><tbody><tr><td>a</td><td>b</td></tr></tbody></table>\n"
        + figure(FERRY, "At dawn", alt="A ship")
    )
    assert plain_text(body).split("\n") == [
        "Ferry",
        "It left at six & came back.",
        "one",
        "two",
        "a",
        "b",
        "At dawn",
    ]
    assert plain_text("") == ""


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="ab <>&\"'é\n", max_size=60))
def test_plain_text_gives_back_what_was_escaped(text):
    body = sanitise(f"<p>{html.escape(text)}</p>")
    assert plain_text(body) == " ".join(text.split())


@pytest.mark.parametrize(
    ("body", "limit", "words"),
    [
        ("<p>One two three</p>", 20, "One two three"),
        ("<p>One two, three</p>", 12, "One two…"),
        ("<h2>One</h2>\n<p>two</p>", 20, "One two"),
        ("<p>One</p>" * 3, 8, "One One…"),
        ("<p>abcdefghij klm</p>", 6, "abcde…"),
        ("<p>" + "渡" * 30 + "</p>", 10, "渡" * 9 + "…"),
        ("", 10, ""),
    ],
)
def test_first_words_end_between_words_within_the_limit(body, limit, words):
    assert first_words(body, limit) == words
    assert len(words) <= limit


def test_first_words_read_no_further_than_they_must():
    body = "<p>word word word</p>" * 50_000
    began = time.process_time()
    assert len(first_words(body)) <= 160
    assert time.process_time() - began < 0.05


def test_photos_are_found_once_each_in_reading_order():
    body = "\n".join([figure(PIER), "<p>a</p>", figure(FERRY), figure(PIER, "again")])
    assert photo_uids(body) == [UUID(PIER), UUID(FERRY)]
    assert photo_uids("<p>a</p>") == []


def test_each_figure_is_replaced_by_what_is_rendered_for_it():
    seen = []

    def render(photo):
        seen.append(photo)
        return f"[{photo.uid}]"

    body = "\n".join(
        [
            "<p>Before &amp; after</p>",
            figure(FERRY, "At <em>dawn</em>", alt="A &quot;ship&quot;", classes="image align-left"),
            f"<table><tbody><tr><td>{figure(PIER)}</td></tr></tbody></table>",
        ]
    )
    assert sanitise(body) == body
    assert replace_photos(body, render).split("\n") == [
        "<p>Before &amp; after</p>",
        f"[{FERRY}]",
        f"<table><tbody><tr><td>[{PIER}]</td></tr></tbody></table>",
    ]
    assert seen == [
        InlinePhoto(uid=UUID(FERRY), alt='A "ship"', caption="At <em>dawn</em>", align="left"),
        InlinePhoto(uid=UUID(PIER), alt="", caption="", align=""),
    ]


def test_no_address_of_the_editor_stays_where_photos_are_taken_out():
    body = sanitise(f"<p>a <img src='/admin/articles/photo/{FERRY}/file/'> b</p>" + figure(PIER, "c"))
    assert replace_photos(body, lambda photo: "") == "<p>a</p>\n\n<p>b</p>\n"
    assert replace_photos("<p>a</p>", lambda photo: "x") == "<p>a</p>"


def test_a_long_body_with_many_photos_is_replaced_in_linear_time():
    body = "\n".join([figure(FERRY, "c"), "<p>word</p>"] * 5_000)
    began = time.process_time()
    assert replace_photos(body, lambda photo: "").count("<p>") == 5_000
    assert time.process_time() - began < 2


def test_tokens_know_their_place_in_the_source():
    source = '<p CLASS=a title="&lt;&copy=1" x>1 &lt; 2<!-- no --></P >'
    read = list(tokens(source))
    assert [(token.kind, token.value) for token in read] == [("start", "p"), ("text", "1 < 2"), ("end", "p")]
    assert read[0].attributes == {"class": "a", "title": "<&copy=1", "x": ""}
    assert [source[token.start : token.end] for token in read][1:] == ["1 &lt; 2", "</P >"]
