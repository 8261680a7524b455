"""Threads: rows become a tree, the tree becomes pages."""

from itertools import product
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comments.threads import (
    BYTES_PER_PAGE,
    COMMENTS_PER_PAGE,
    COMMENTS_PER_THREAD,
    FEWEST_PER_PAGE,
    LEVELS,
    TOP_LEVEL_PER_PAGE,
    Entry,
    Place,
    arrange,
    draw,
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
        (pk, parent, pk in shown, 9) for pk, parent, state in rows if pk in shown or state == "removed"
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
    rows = [
        (1, None, True, 9),
        (2, None, True, 9),
        (3, 1, True, 9),
        (4, 3, True, 9),
        (5, 1, True, 9),
        (6, 2, True, 9),
    ]
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
    chain = arrange([(1, None, True, 9), *((number, number - 1, True, 9) for number in range(2, 11))])
    assert [entry.depth for entry in chain] == list(range(10))
    deepest = [(3, False, []), *((number, True, []) for number in range(4, 11))]
    assert LEVELS == 3
    assert outline(draw(chain)) == [(1, False, [(2, False, deepest)])]


def test_a_reply_beside_deep_ones_still_stands_below_its_own_parent():
    rows = [
        (1, None, True, 9),
        (2, 1, True, 9),
        (3, 2, True, 9),
        (4, 3, True, 9),
        (5, 2, True, 9),
        (6, 1, True, 9),
        (7, 6, True, 9),
    ]
    assert outline(draw(arrange(rows))) == [
        (
            1,
            False,
            [(2, False, [(3, False, []), (4, True, []), (5, False, [])]), (6, False, [(7, False, [])])],
        )
    ]


def test_a_chain_of_thousands_needs_no_recursion():
    chain = arrange([(1, None, True, 9), *((number, number - 1, True, 9) for number in range(2, 20_001))])
    assert len(chain) == 20_000
    paging = paginate(chain)
    assert [len(page) for page in paging.pages] == [COMMENTS_PER_THREAD]
    assert len(paging.continued[1]) == 200


def test_an_empty_thread_has_one_page():
    assert paginate([]).pages == [[]]


def test_a_page_holds_twenty_threads():
    pages = paginate(arrange((number, None, True, 9) for number in range(1, 42))).pages
    assert [len(page) for page in pages] == [TOP_LEVEL_PER_PAGE, TOP_LEVEL_PER_PAGE, 1]


def test_the_newest_threads_come_first_if_asked_and_their_replies_still_follow():
    rows = [(1, None, True, 9), (2, None, True, 9), (3, 1, True, 9), (4, 2, True, 9), (5, 2, True, 9)]
    (page,) = paginate(arrange(rows), newest_first=True).pages
    assert [entry.pk for entry in page] == [2, 4, 5, 1, 3]


def test_a_page_is_closed_early_rather_than_a_thread_cut():
    rows = []
    for _top in range(5):
        first = len(rows) + 1
        rows += [(first, None, True, 9), *((first + number, first, True, 9) for number in range(1, 40))]
    paging = paginate(arrange(rows))
    assert [len(page) for page in paging.pages] == [80, 80, 40]
    assert not paging.continued


def test_a_long_thread_goes_on_at_its_own_address_and_leaves_room_for_the_others():
    rows = [
        (1, None, True, 9),
        (2, None, True, 9),
        *((number, 2, True, 9) for number in range(3, 300)),
        (300, None, True, 9),
    ]
    paging = paginate(arrange(rows))
    assert [len(page) for page in paging.pages] == [1 + COMMENTS_PER_THREAD + 1]
    assert paging.pages[0][1].more == 298 - COMMENTS_PER_THREAD
    assert [len(page) for page in paging.continued[2]] == [COMMENTS_PER_PAGE, COMMENTS_PER_PAGE, 58]
    assert [paging.place_of(pk) for pk in (1, 2, 41, 42, 142, 299, 300, 301)] == [
        Place(1),
        Place(1),
        Place(1),
        Place(1, 2),
        Place(2, 2),
        Place(3, 2),
        Place(1),
        None,
    ]


def test_long_texts_close_a_page_but_the_first_has_twenty_comments_in_any_case():
    size = BYTES_PER_PAGE // 10
    pages = paginate(arrange((number, None, True, size) for number in range(1, 42))).pages
    assert [len(page) for page in pages] == [FEWEST_PER_PAGE, FEWEST_PER_PAGE, 1]
    rows = [(1, None, True, size), *((number, 1, True, size) for number in range(2, 42))]
    paging = paginate(arrange(rows))
    assert [len(page) for page in paging.pages] == [FEWEST_PER_PAGE]
    assert [len(page) for page in paging.continued[1]] == [FEWEST_PER_PAGE, 1]


def test_a_thread_that_goes_on_elsewhere_says_whom_it_answers():
    rows = [(1, None, True, 9), *((number, 1, True, 9) for number in range(2, 42)), (42, 41, True, 9)]
    (rest,) = paginate(arrange(rows)).continued[1]
    assert outline(draw(rest)) == [(41, True, [(42, False, [])])]


def test_each_comment_is_found_on_its_page():
    paging = paginate(arrange((number, None, True, 9) for number in range(1, 42)))
    places = [paging.place_of(pk) for pk in (1, 20, 21, 41, 42)]
    assert places == [Place(1), Place(1), Place(2), Place(3), None]


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
    entries = seen(rows)
    for entry in entries:
        entry.size = chance.choice([9, 900, 20_000])
    paging = paginate(entries)
    pages = [*paging.pages, *(page for rest in paging.continued.values() for page in rest)]
    placed = [entry.pk for page in pages for entry in page]
    assert len(placed) == len(set(placed))
    assert {entry.pk for page in pages for entry in page if entry.shown} == shown
    assert all(len(page) <= COMMENTS_PER_PAGE for page in pages)
    longest = FEWEST_PER_PAGE * 20_000 + BYTES_PER_PAGE
    assert all(sum(entry.size for entry in page) <= longest for page in pages)
    assert len(pages) == 1 or len(paging.pages[0]) >= FEWEST_PER_PAGE
    for pk in shown:
        place = paging.place_of(pk)
        of = paging.pages if place.thread is None else paging.continued[place.thread]
        assert pk in {entry.pk for entry in of[place.number - 1]}
    for page in pages:
        drawn = []
        level = [(entry, 1) for entry in draw(page)]
        while level:
            entry, depth = level.pop()
            assert depth <= LEVELS
            drawn.append(entry.pk)
            level += [(reply, depth + 1) for reply in entry.replies]
        assert sorted(drawn) == sorted(entry.pk for entry in page)
