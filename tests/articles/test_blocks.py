import random
import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from articles.blocks import assign_keys, join, likeness, match, split
from articles.fields import sanitise
from tests.articles.test_tidy import PIECES

FERRY = "0b7e3a54-5c1d-4f7e-9a39-3f6f2d1c8b90"
PIER = "7d1f9f0e-21cb-4a55-8a43-0d9a4d1c2e11"
PHOTO = '<figure class="image"><img src="/admin/articles/photo/{}/file/" alt=""><figcaption>{}</figcaption></figure>'

SYLLABLES = ["ba", "de", "fi", "gol", "har", "kem", "lun", "mar", "nos", "per", "qui", "tan"]
WORDS = [first + second + third for first in SYLLABLES for second in SYLLABLES for third in SYLLABLES]


def sentence(seed, length=20):
    words = random.Random(seed).choices(WORDS, k=length)
    return f"<p>{' '.join(words).capitalize()}.</p>"


def keys(body, previous=(), previous_body=""):
    return [stored["key"] for stored in assign_keys(body, list(previous), previous_body)]


def followed(before, after):
    """Return where each block of `after` stood in `before`, None for a new one."""
    old = assign_keys(join_html(before), [], "")
    places = {stored["key"]: place for place, stored in enumerate(old)}
    new = assign_keys(join_html(after), old, join_html(before))
    assert len({stored["key"] for stored in new}) == len(new)
    return [places.get(stored["key"]) for stored in new]


def join_html(blocks):
    return "\n".join(blocks)


A, B, C, D, E = (sentence(seed) for seed in range(5))


def test_each_kind_of_block_has_its_name():
    body = sanitise(
        "<h3>a</h3><p>b</p><ul><li>c<ol><li>d</ol></ul><ol><li>e</ol><blockquote><p>f<p>g</blockquote>"
        "<table><td>h</table><hr><pre>i</pre>" + PHOTO.format(FERRY, "j")
    )
    kinds = [stored["kind"] for stored in assign_keys(body, [], "")]
    assert kinds == ["heading", "paragraph", "list", "list", "quote", "table", "rule", "code", "figure"]


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, max_size=40).map("".join))
def test_joined_blocks_are_the_body(source):
    body = sanitise(source)
    blocks = split(body)
    assert join(blocks) == body
    assert [sanitise(block.html) for block in blocks] == [block.html for block in blocks]
    assert len(assign_keys(body, [], "")) == len(blocks)


def test_keys_are_short_and_never_twice_the_same():
    found = keys("\n".join(["<hr>"] * 2_000))
    assert len(set(found)) == 2_000
    assert all(re.fullmatch("[0-9a-f]{12}", key) for key in found)


def test_an_unchanged_body_keeps_all_keys():
    body = join_html([A, "<hr>", B, "<hr>", C])
    stored = assign_keys(body, [], "")
    assert assign_keys(body, stored, body) == stored


@pytest.mark.parametrize(
    ("before", "after", "places"),
    [
        ([A, B, C], [A, C], [0, 2]),
        ([A, B, C], [A, D, B, C], [0, None, 1, 2]),
        ([A, B, C], [C, A, B], [2, 0, 1]),
        ([A, B, C], [B, A, C], [1, 0, 2]),
        ([], [A], [None]),
        ([A], [], []),
        ([A, B], [D, E], [None, None]),
        # Reworded, also when moved
        ([A, B, C], [A, B.replace("<p>", "<p>Yes, ").replace(".", ", he said."), C], [0, 1, 2]),
        ([A, B, C, D], [B.replace(".", " again."), D, C, A], [1, 3, 2, 0]),
        # Of equal blocks the one between the same neighbours stays
        ([A, "<hr>", B, "<hr>", C], [A, B, "<hr>", C], [0, 2, 3, 4]),
        (["<hr>", A, "<hr>", B], [A, "<hr>", B], [1, 2, 3]),
        ([A, A, A], [A, A], [0, 1]),
        # A mended heading; another one
        (["<h2>The longst winter</h2>", A], ["<h2>The longest winter</h2>", A], [0, 1]),
        (["<h2>Sumer</h2>", A], ["<h3>Summer</h3>", A], [0, 1]),
        (["<h2>The ferry</h2>", A], ["<h2>A new school</h2>", A], [None, 1]),
        # Another kind with the same words
        ([A, B], [A, B.replace("p>", "h2>")], [0, 1]),
        ([A, B], [A, f"<blockquote>{B}</blockquote>"], [0, 1]),
        # A figure is its photo, whatever the caption says
        (
            [PHOTO.format(FERRY, "At dawn"), PHOTO.format(PIER, "At noon")],
            [PHOTO.format(PIER, "Quite different words"), PHOTO.format(FERRY, "At noon")],
            [1, 0],
        ),
        ([A, PHOTO.format(FERRY, "At dawn")], [A, PHOTO.format(PIER, "At night")], [0, None]),
        # Scripts without spaces
        (
            ["<p>渡し船は月曜日の朝六時に港を出発した。</p>"],
            ["<p>渡し船は月曜日の朝七時に港を出発した。</p>"],
            [0],
        ),
    ],
)
def test_a_block_is_known_again(before, after, places):
    assert followed(before, after) == places


def test_a_split_paragraph_gives_its_key_to_the_more_alike_half():
    words = [f"word{number}" for number in range(30)]
    whole = f"<p>{' '.join(words)}</p>"
    short, long = f"<p>{' '.join(words[:10])}</p>", f"<p>{' '.join(words[10:])}</p>"
    assert followed([A, whole, B], [A, short, long, B]) == [0, None, 1, 2]
    assert followed([A, whole, B], [A, long, short, B]) == [0, 1, None, 2]


def test_joined_paragraphs_keep_the_key_of_the_longer():
    words = [f"word{number}" for number in range(30)]
    short, long = f"<p>{' '.join(words[:10])}</p>", f"<p>{' '.join(words[10:])}</p>"
    assert followed([short, long], [f"<p>{' '.join(words)}</p>"]) == [1]


def test_likeness_goes_from_nothing_to_all():
    one, other, third = split(
        join_html([A, A.replace(".", ", he said."), "<p>Something else altogether</p>"])
    )
    assert likeness(one, one) == 1
    assert 0.5 < likeness(one, other) < 1
    assert likeness(one, third) == 0
    rule = split("<hr>")[0]
    assert likeness(rule, rule) == 0


@settings(max_examples=200, deadline=None)
@given(st.lists(st.integers(0, 12), max_size=12), st.lists(st.integers(0, 12), max_size=12))
def test_every_old_block_is_matched_at_most_once(before, after):
    old, new = (split(join_html([sentence(seed) for seed in seeds])) for seeds in (before, after))
    matched = match(old, new)
    assert len(set(matched.values())) == len(matched)
    shared = sum(min(before.count(seed), after.count(seed)) for seed in set(before))
    assert len(matched) >= shared


@pytest.mark.parametrize(
    "case",
    [
        "all new",
        "common words",
        "all the same",
        *(pytest.param(case, marks=pytest.mark.later) for case in ("reworded", "shuffled", "rules", "short")),
    ],
)
def test_two_thousand_blocks_cost_little(case):
    before = [sentence(seed, 40) for seed in range(2_000)]
    after = [block.replace(".", " again.").replace(" ", " very ", 1) for block in before]
    if case == "shuffled":
        random.Random(1).shuffle(after)
    elif case == "all new":
        after = [f"<p>{' '.join(f'{seed}x{word}' for word in range(40))}</p>" for seed in range(2_000)]
    elif case == "all the same":
        before, after = [A] * 2_000, [A.replace(".", "!")] * 1_999
    elif case == "common words":
        before = [f"<p>{' '.join(WORDS[:40])} {seed}</p>" for seed in range(2_000)]
        after = [f"<p>{' '.join(WORDS[:40])} {seed} x</p>" for seed in range(2_000, 0, -1)]
    elif case == "rules":
        before, after = ["<hr>"] * 2_000, ["<hr>", "<p>x</p>"] * 1_000
    elif case == "short":
        before, after = ([sentence(seed + add, 12) for seed in range(2_000)] for add in (0, 10_000))
    stored = assign_keys(join_html(before), [], "")
    began = time.process_time()
    found = assign_keys(join_html(after), stored, join_html(before))
    # One second is the aim on a free core; the test leaves room for a busy one.
    assert time.process_time() - began < 3
    if case == "reworded":
        assert [block["key"] for block in found] == [block["key"] for block in stored]
