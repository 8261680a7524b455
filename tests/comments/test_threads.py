"""Threads: rows become a tree, the tree becomes pages."""

from itertools import product
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comments.threads import (
    COMMENTS_PER_PAGE,
    FEWEST_PER_PAGE,
    LEVELS,
    TOP_LEVEL_PER_PAGE,
    Entry,
    arrange,
    draw,
    page_of,
    paginate,
    shown_of,
)

STATES = ("waiting", "approved", "rejected", "spam", "removed")
HIDING = ("waiting", "rejected", "spam")

Row = tuple[int, int | None, str]


def seen(rows: list[Row]) -> list[Entry]:
    """Arrange a thread from its states, as the database would give it."""
    shown = shown_of(rows)
    return arrange(
        (pk, parent, pk in shown) for pk, parent, state in rows if pk in shown or state == "removed"
    )


@pytest.mark.parametrize(("grandparent", "parent", "comment"), list(product(STATES, repeat=3)))
def test_every_state_below_every_state(grandparent, parent, comment):
    for reply in STATES:
        states = [grandparent, parent, comment, reply]
        rows = [(number, number - 1 or None, state) for number, state in enumerate(states, start=1)]
        counted = [
            number
            for number, state in enumerate(states, start=1)
            if state == "approved" and not any(above in HIDING for above in states[: number - 1])
        ]
        placeholders = [
            number
            for number, state in enumerate(states, start=1)
            if state == "removed" and any(later > number for later in counted)
        ]
        assert shown_of(rows) == set(counted)
        drawn = seen(rows)
        assert [entry.pk for entry in drawn if entry.shown] == counted
        assert [entry.pk for entry in drawn if not entry.shown] == placeholders


def test_a_placeholder_goes_with_its_last_shown_reply():
    chain = [(1, None, "removed"), (2, 1, "removed"), (3, 2, "approved")]
    assert [(entry.pk, entry.shown) for entry in seen(chain)] == [(1, False), (2, False), (3, True)]
    chain[2] = (3, 2, "removed")
    assert seen(chain) == []


def test_replies_follow_what_they_answer_older_ones_first():
    rows = [(1, None, True), (2, None, True), (3, 1, True), (4, 3, True), (5, 1, True), (6, 2, True)]
    assert [(entry.pk, entry.depth) for entry in arrange(rows)] == [
        (1, 0),
        (3, 1),
        (4, 2),
        (5, 1),
        (2, 0),
        (6, 1),
    ]


def outline(entries: list[Entry]) -> list:
    return [(entry.pk, entry.apart, outline(entry.replies)) for entry in entries]


def test_ten_levels_are_drawn_as_three_and_the_deeper_ones_say_whom_they_answer():
    chain = arrange([(1, None, True), *((number, number - 1, True) for number in range(2, 11))])
    assert [entry.depth for entry in chain] == list(range(10))
    deepest = [(3, False, []), *((number, True, []) for number in range(4, 11))]
    assert LEVELS == 3
    assert outline(draw(chain)) == [(1, False, [(2, False, deepest)])]


def test_a_reply_beside_deep_ones_still_stands_below_its_own_parent():
    rows = [
        (1, None, True),
        (2, 1, True),
        (3, 2, True),
        (4, 3, True),
        (5, 2, True),
        (6, 1, True),
        (7, 6, True),
    ]
    assert outline(draw(arrange(rows))) == [
        (
            1,
            False,
            [(2, False, [(3, False, []), (4, True, []), (5, False, [])]), (6, False, [(7, False, [])])],
        )
    ]


def test_a_chain_of_thousands_needs_no_recursion():
    chain = arrange([(1, None, True), *((number, number - 1, True) for number in range(2, 20_001))])
    assert len(chain) == 20_000
    assert len(paginate(chain)) == 200


def test_an_empty_thread_has_one_page():
    assert paginate([]) == [[]]


def test_a_page_holds_twenty_threads():
    pages = paginate(arrange((number, None, True) for number in range(1, 42)))
    assert [len(page) for page in pages] == [TOP_LEVEL_PER_PAGE, TOP_LEVEL_PER_PAGE, 1]


def test_a_page_is_closed_early_rather_than_a_thread_cut():
    rows = []
    for _top in range(5):
        first = len(rows) + 1
        rows += [(first, None, True), *((first + number, first, True) for number in range(1, 40))]
    assert [len(page) for page in paginate(arrange(rows))] == [80, 80, 40]


def test_the_first_page_has_at_least_twenty_comments_also_before_a_long_thread():
    rows = [(1, None, True), (2, None, True), *((number, 2, True) for number in range(3, 300))]
    pages = paginate(arrange(rows))
    assert [len(page) for page in pages] == [COMMENTS_PER_PAGE, COMMENTS_PER_PAGE, 99]


def test_a_thread_that_goes_on_on_the_next_page_says_whom_it_answers():
    rows = [(1, None, True), *((number, 1, True) for number in range(2, 102)), (102, 101, True)]
    second = paginate(arrange(rows))[1]
    assert outline(draw(second)) == [(101, True, [(102, False, [])])]


def test_each_comment_is_found_on_its_page():
    pages = paginate(arrange((number, None, True) for number in range(1, 42)))
    assert [page_of(pages, pk) for pk in (1, 20, 21, 41, 42)] == [1, 1, 2, 3, None]


def grown(size: int, shape: str, chance: Random) -> list[Row]:
    """Grow a thread by chance: wide, deep, or both."""
    rows: list[Row] = []
    for pk in range(1, size + 1):
        if shape == "wide":
            parent = 0 if pk % 7 else chance.randrange(pk)
        else:
            parent = chance.randrange(max(0, pk - 3) if shape == "deep" else 0, pk)
        rows.append((pk, parent or None, chance.choice(["approved"] * 3 + ["removed", "spam", "waiting"])))
    return rows


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 300), st.sampled_from(["wide", "deep", "mixed"]), st.randoms(use_true_random=False))
def test_every_shown_comment_stands_on_exactly_one_page_and_every_page_is_bounded(size, shape, chance):
    rows = grown(size, shape, chance)
    shown = shown_of(rows)
    pages = paginate(seen(rows))
    placed = [entry.pk for page in pages for entry in page]
    assert len(placed) == len(set(placed))
    assert {entry.pk for page in pages for entry in page if entry.shown} == shown
    assert all(len(page) <= COMMENTS_PER_PAGE for page in pages)
    assert len(pages) == 1 or len(pages[0]) >= FEWEST_PER_PAGE
    for page in pages:
        drawn = []
        level = [(entry, 1) for entry in draw(page)]
        while level:
            entry, depth = level.pop()
            assert depth <= LEVELS
            drawn.append(entry.pk)
            level += [(reply, depth + 1) for reply in entry.replies]
        assert sorted(drawn) == sorted(entry.pk for entry in page)
