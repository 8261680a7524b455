"""Plain text: cleaned on the way in, escaped first and linked afterwards on the way out."""

import re
import time
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsroom.plaintext import as_html, is_blank, one_line, plain


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("  Good  morning \r\n\r\n\r\n\r\nall \t\r\n", "Good  morning\n\nall"),
        ("a\0b\x07c\x1b[31m\x7f\x9f", "abc[31m"),
        ("one\u2028two\u2029three\vfour\x85five", "one\ntwo\nthree\nfour\nfive"),
        ("half \ud800 a pair", "half ? a pair"),
        ("no\ufffe character\ufdd0\U0010ffff", "no character"),
        ("tab\tstays", "tab\tstays"),
        ("\u202eright to\u202d left", "right to left"),
        ("\u2067שלום\u2069 \u202bשלום\u202c", "\u2067שלום\u2069 \u202bשלום\u202c"),
        ("Z\u0351\u036b\u0343a\u0300l", "Z\u0351\u036b\u0343a\u0300l"),
    ],
)
def test_what_is_typed_is_stored_without_what_breaks_a_page_or_a_database(typed, stored):
    assert plain(typed) == stored


@pytest.mark.parametrize("between", ["", "\u034f", "\u200b", "\u200d"])
def test_marks_do_not_pile_up_into_a_tower(between):
    stored = plain("Z" + f"\u0351{between}" * 200 + "a\u0300l")
    assert sum(unicodedata.combining(char) > 0 for char in stored.partition("a")[0]) <= 8
    assert stored.endswith("a\u0300l")


@pytest.mark.parametrize(
    "text", ["ཧྐྵྨླྺྼྻྂ", "שָׁ֣לוֹם", "ที่นี่", "👩\u200d👩\u200d👧\u200d👦 ❤\ufe0f 🏴\U000e0067\U000e0062\U000e007f"]
)
def test_marks_that_a_script_needs_stay(text):
    assert plain(text) == text


def test_a_name_is_one_line():
    assert one_line(" Rosa\r\n\tLind\u2028a ") == "Rosa Lind a"


@pytest.mark.parametrize(
    "text", ["", " \n", "\u200b", "\u3164\u2800", "\u0301\u0302", "\u202e\u2066", "\xa0"]
)
def test_what_draws_nothing_is_blank(text):
    assert is_blank(text)


@pytest.mark.parametrize("text", ["a", "?", "😀", "日", "\u200bא"])
def test_what_draws_something_is_not_blank(text):
    assert not is_blank(text)


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("One.\nTwo.\n\nThree.", "<p>One.<br>Two.</p><p>Three.</p>"),
        ("<b>&amp;</b>", "<p>&lt;b&gt;&amp;amp;&lt;/b&gt;</p>"),
        (
            "See https://a.example/x?a=1&b=2.",
            '<p>See <a href="https://a.example/x?a=1&amp;b=2" rel="nofollow ugc noopener" dir="ltr">'
            "https://a.example/x?a=1&amp;b=2</a>.</p>",
        ),
        (
            "(https://a.example/a_(b))!",
            '<p>(<a href="https://a.example/a_(b)" rel="nofollow ugc noopener" dir="ltr">'
            "https://a.example/a_(b)</a>)!</p>",
        ),
        (
            "https://bank.example@evil.example/",
            '<p><a href="https://bank.example" rel="nofollow ugc noopener" dir="ltr">https://bank.example</a>'
            "@evil.example/</p>",
        ),
        (
            '"https://a.example/"onclick="x"',
            '<p>&quot;<a href="https://a.example/" rel="nofollow ugc noopener" dir="ltr">https://a.example/</a>'
            "&quot;onclick=&quot;x&quot;</p>",
        ),
        (
            "javascript:alert(1) data:text/html,x //a.example",
            "<p>javascript:alert(1) data:text/html,x //a.example</p>",
        ),
        ("{{ 7 }}{% debug %}", "<p>{{ 7 }}{% debug %}</p>"),
    ],
)
def test_text_becomes_paragraphs_and_links(text, html):
    assert as_html(text) == html


def test_a_link_ends_before_what_turns_the_direction_of_writing():
    assert as_html("https://a.example/\u202egpj.exe").startswith('<p><a href="https://a.example/" ')


@settings(deadline=None)
@given(st.text(alphabet=st.sampled_from("ahtps:/.&;<>\"'()\n \u202e#?=é"), max_size=60))
def test_whatever_is_typed_nothing_but_our_own_tags_comes_out(text):
    html = as_html(plain(text))
    tags = re.findall(r"<[^>]*>", html)
    ours = re.compile(r'<(/?p|br|/a|a href="https?://[^"<>\s]*" rel="nofollow ugc noopener")>')
    assert all(ours.fullmatch(tag) for tag in tags)
    assert re.sub(r"<[^>]*>", "", html).count("<") == 0


@pytest.mark.parametrize(
    "text",
    [
        "é" * 5000,
        "https://a.example/" + ")" * 5000,
        "https://a.example/" + "&" * 5000,
        "http://" * 700,
        "\n" * 5000,
    ],
)
def test_the_worst_text_is_drawn_at_once(text):
    began = time.process_time()
    as_html(plain(text[:5000]))
    assert time.process_time() - began < 0.1
