"""Comparing two revisions at the desk: what differs word by word, in a sentence, in a few words; and who may."""

import random
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from articles import compare
from articles.admin import comparison
from articles.admin.comparison import Comparison, Fold, Part, in_short
from articles.admin.history import MAX_REVISIONS_LISTED
from articles.blocks import split
from articles.compare import MAX_PIECES, Piece, Work, fewest_moved, known_again, steps, word_diff
from articles.models import Article, Photo, Revision, Series, SeriesText, Source, User
from articles.models.revisions import HELD
from tests import base
from tests.articles.admin import change, page, text_of

FERRY = "0b7e3a54-5c1d-4f7e-9a39-3f6f2d1c8b90"
PIER = "7d1f9f0e-21cb-4a55-8a43-0d9a4d1c2e11"
WORDS = (
    "harbour",
    "ferry",
    "mayor",
    "storm",
    "crane",
    "tug",
    "pier",
    "night",
    "crew",
    "rope",
    "tide",
    "lamp",
)


def p(seed: int, words: int = 20) -> str:
    return f"<p>{' '.join(f'{word}{seed}' for word in random.Random(seed).choices(WORDS, k=words))}.</p>"


def figure(uid: str, alt: str, caption: str) -> str:
    return (
        f'<figure class="image"><img src="/admin/articles/photo/{uid}/file/" alt="{alt}">'
        f"<figcaption>{caption}</figcaption></figure>"
    )


ONE, TWO, THREE, FOUR, FIVE = (p(seed) for seed in range(5))


def compared(old: str, new: str, language: str = "en") -> Comparison:
    """Compare two bodies that nobody stored: their blocks have no keys."""
    article = Article(language=language)
    return Comparison(
        Revision(article=article, number=1, body=old), Revision(article=article, number=2, body=new)
    )


def told(found: Comparison) -> list[str]:
    return [part.title if isinstance(part, Fold) else f"{part.label}: {part.what}" for part in found.text]


def marks(part: Part) -> list[tuple[str, str]]:
    rows = [piece for row in part.rows for cell in row.cells for piece in cell]
    words = [piece for _label, pieces in part.words for piece in pieces]
    return [(piece.kind, piece.text) for piece in rows + words if piece.kind != "same"]


# The text


@pytest.mark.postgresql_later
def test_blocks_between_changes_are_folded_to_a_line() -> None:
    changed = FOUR.replace(".", ", he said.")
    found = compared(
        "\n".join([ONE, TWO, "<h2>Later</h2>", FOUR, FIVE]), "\n".join([ONE, TWO, "<h2>Later</h2>", changed])
    )
    assert told(found) == ["2 paragraphs, 1 heading unchanged", "Paragraph: changed", "Paragraph: removed"]
    assert marks(found.text[1]) == [("added", ", he said")]
    assert found.summary == ["1 paragraph changed", "1 paragraph removed"]


@pytest.mark.postgresql_later
def test_one_moved_block_is_one_that_moved() -> None:
    found = compared("\n".join([ONE, TWO, THREE, FOUR]), "\n".join([FOUR, ONE, TWO, THREE]))
    assert told(found) == ["Paragraph: moved up", "3 paragraphs unchanged"]
    found = compared("\n".join([ONE, TWO, THREE]), "\n".join([TWO, THREE, ONE.replace(".", " again.")]))
    assert told(found) == ["2 paragraphs unchanged", "Paragraph: moved down and changed"]
    assert found.summary == ["1 paragraph moved and changed"]


@pytest.mark.postgresql_later
def test_the_fewest_moved_are_those_outside_the_longest_run() -> None:
    assert fewest_moved({}) == set()
    assert fewest_moved({0: 3, 1: 0, 2: 1, 3: 2}) == {0}
    assert fewest_moved({0: 0, 2: 4, 3: 1, 5: 2, 6: 5}) == {2}


@pytest.mark.postgresql_later
def test_every_block_of_both_bodies_stands_in_the_steps_once() -> None:
    chance = random.Random(7)
    for _round in range(50):
        old = split("\n".join(p(n) for n in chance.sample(range(12), k=chance.randint(0, 9))))
        new = split("\n".join(p(n) for n in chance.sample(range(12), k=chance.randint(0, 9))))
        places = {block.html: place for place, block in enumerate(old)}
        matched = {at: places[block.html] for at, block in enumerate(new) if block.html in places}
        found = list(steps(old, new, matched, fewest_moved(matched)))
        assert [step.new for step in found if step.new] == new
        assert {step.old.html for step in found if step.old} == set(places)
        assert sum(step.old is not None for step in found) == len(old)


@pytest.mark.postgresql_later
def test_lists_and_tables_are_compared_row_by_row() -> None:
    head = "<thead><tr><th>Line</th><th>Leaves</th></tr></thead>"
    table = f"<table>{head}<tbody><tr><td>One</td><td>{{}}</td></tr></tbody></table>"
    items = "<ul><li>Buy a ticket</li><li>Wait {}here</li></ul>"
    found = compared(
        "\n".join([table.format("6"), items.format("")]),
        "\n".join([table.format("7"), items.format("right ").replace("</ul>", "<li>Go</li></ul>")]),
    )
    rows, bullets = found.text
    assert [(row.kind, row.is_head) for row in rows.rows] == [("same", True), ("changed", False)]
    assert marks(rows) == [("removed", "6"), ("added", "7")]
    assert [row.kind for row in bullets.rows] == ["same", "changed", "added"]


@pytest.mark.postgresql_later
@pytest.mark.parametrize(
    ("old", "new", "note"),
    [
        (
            "<p>See the page</p>",
            '<p>See the <a href="https://example.org/">page</a></p>',
            "Link added: https://example.org/",
        ),
        ("<p>See the page</p>", "<p>See the <em>page</em></p>", "Only formatting changed"),
        ("<h2>See the page</h2>", "<h3>See the page</h3>", "A heading of level 3, before: of level 2."),
        ("<p>See the page</p>", "<h2>See the page</h2>", "Before: Paragraph"),
        ("<ul><li>See the page</li></ul>", "<ol><li>See the page</li></ol>", "With numbers now."),
    ],
)
def test_what_changes_no_word_is_said_too(old: str, new: str, note: str) -> None:
    (part,) = compared(old, new).text
    assert part.notes[0].startswith(note)
    assert marks(part) == []


@pytest.mark.postgresql_later
def test_of_a_figure_picture_caption_and_alternative_text_are_compared() -> None:
    before = figure(FERRY, "A ship", "At dawn")
    caption = compared(before, figure(FERRY, "A ship", "At noon")).text[0]
    assert (caption.what, [shown.kind for shown in caption.pictures]) == ("changed", ["same"])
    assert marks(caption) == [("removed", "dawn"), ("added", "noon")]
    alt = compared(before, figure(FERRY, "A large ship", "At dawn")).text[0]
    assert marks(alt) == [("added", "large ")]
    assert [label for label, _pieces in alt.words] == ["Caption", "Alternative text"]
    (another,) = compared(before, figure(PIER, "A ship", "At dawn")).text
    assert [(shown.kind, FERRY in shown.address) for shown in another.pictures] == [
        ("removed", True),
        ("added", False),
    ]
    assert another.notes == ["Another picture."]


@pytest.mark.postgresql_later
def test_a_figure_that_became_a_text_is_removed_and_added() -> None:
    found = compared(figure(FERRY, "A ship", "The ferry at dawn"), "<p>The ferry at dawn</p>")
    assert told(found) == ["Picture: removed", "Paragraph: added"]


@pytest.mark.postgresql_later
@pytest.mark.django_db
def test_blocks_are_known_by_their_keys_whatever_became_of_their_words() -> None:
    article = base.draft(body=f"{ONE}\n{TWO}")
    for words in ("rope tide lamp", "rope tide crew", "mayor tide crew", "mayor storm crew"):
        article.save_revision(by=None, body=f"{ONE}\n<p>{words}</p>")
    old, new = article.revisions.get(number=2), article.revisions.get(number=5)
    old_keys = [block["key"] for block in old.blocks]
    assert old_keys == [block["key"] for block in new.blocks]
    assert told(Comparison(old, new)) == ["1 paragraph unchanged", "Paragraph: changed"]
    old.blocks = []  # without keys there is nothing in common
    assert told(Comparison(old, new)) == ["1 paragraph unchanged", "Paragraph: removed", "Paragraph: added"]


@pytest.mark.postgresql_later
@pytest.mark.django_db
def test_a_block_that_was_deleted_and_brought_back_is_the_same() -> None:
    article = base.draft(body=f"{ONE}\n{TWO}\n{THREE}")
    article.save_revision(by=None, body=f"{ONE}\n{THREE}")
    article.save_revision(by=None, body=f"{ONE}\n{TWO}\n{THREE}\n{FOUR}")
    found = Comparison(article.revisions.get(number=1), article.revisions.get(number=3))
    assert told(found) == ["3 paragraphs unchanged", "Paragraph: added"]


# All else


@pytest.fixture
def changed(editor: User) -> Article:
    """A live article of which a newer draft changes everything."""
    photos = [
        Photo.objects.create(file=f"photos/{n}.jpg", digest=str(n) * 64, width=8, height=6) for n in (1, 2)
    ]
    series = Series.objects.create()
    SeriesText.objects.create(series=series, language="en", name="The harbour files")
    office, captain = (Source.objects.create(name=name) for name in ("Harbour office", "The captain"))
    nora, otto = base.author(), base.author("Otto Brandt")
    article = base.published(
        by=editor,
        photo=photos[0],
        tags=[base.tag("ferries"), base.tag("storm")],
        bylines=[(nora, "author")],
        sources=[(office, True)],
    )
    article.save_revision(
        by=editor,
        kicker="Harbour",
        headline="Harbour stays closed after the storm",
        standfirst="Ferries leave again from Tuesday.",
        body="<p>The first ferry left at seven.</p><p>Nobody was hurt.</p>",
        slug="closed",
        section=base.section({"en": "Economy"}),
        series=series,
        dateline="Portside",
        photo=photos[1],
        tags=[base.tag("harbour"), base.tag("ferries")],
        bylines=[(nora, "author"), (otto, "photographer")],
        sources=[(office, False), (captain, True)],
        provenance="translated",
        translated_from=base.published(headline="Somewhere else").live_revision,
        reviewed_by="Nora",
        republished_from="The Post",
        canonical_url="https://example.org/closed",
        search_title="Closed",
        search_description="It is closed.",
        social_photo=photos[0],
        noindex=True,
    )
    return article


@pytest.mark.postgresql_later
def test_all_that_a_revision_holds_is_compared(changed: Article) -> None:
    found = Comparison(changed.live_revision, changed.newest_revision())
    assert {part.kind for part in (*found.above, *found.beside)} == {
        field.name for field in Revision._meta.fields if field.name in comparison.ABOVE + comparison.BESIDE
    }
    assert set(comparison.ABOVE + comparison.BESIDE) | {"body"} == set(HELD)
    assert len(found.summary) == 22
    for words in (
        "kicker added",
        "headline changed",
        "1 paragraph changed",
        "lead photo changed",
        "tag “harbour” added",
        "tag “storm” removed",
        "keep out of search engines changed",
    ):
        assert words in found.summary
    parts = {part.kind: part for part in (*found.above, *found.beside)}
    assert marks(parts["headline"]) == [("removed", "reopens"), ("added", "stays closed")]
    assert marks(parts["bylines"]) == [("added", "Otto Brandt (photographer)")]
    assert marks(parts["section"]) == [("removed", "Politics"), ("added", "Economy")]
    assert marks(parts["sources"]) == [
        ("added", "Harbour office (internal)"),
        ("added", "The captain (public)"),
        ("removed", "Harbour office (public)"),
    ]
    assert marks(parts["noindex"]) == [("removed", "no"), ("added", "yes")]
    assert [shown.kind for shown in parts["photo"].pictures] == ["removed", "added"]


@pytest.mark.postgresql_later
def test_another_order_and_what_was_deleted_since_are_said(editor: User) -> None:
    tags = [base.tag("one"), base.tag("two")]
    article = base.published(by=editor, tags=tags)
    article.save_revision(by=editor, tags=tags[::-1])
    article.save_revision(by=editor, tags=[*tags[::-1], base.tag("gone")])
    base.tag("gone").delete()
    first, second, third = article.revisions.order_by("number")
    assert [part.notes for part in Comparison(first, second).beside] == [["In another order."]]
    assert [part.notes for part in Comparison(second, third).beside] == [["Only in what was deleted since."]]


# The page


def marked(response: Any) -> str:
    return text_of(response).replace('<span class="visually-hidden">', "").replace("</span>", "")


@pytest.mark.postgresql_later
def test_the_page_says_what_is_new_in_words_and_marks(
    changed: Article, editor: User, login: Callable
) -> None:
    response = login(editor).get(page(changed, "compare"))
    text = marked(response)
    assert "<ins>[added: stays closed]</ins>" in text
    assert "<del>[removed: reopens]</del>" in text
    assert "tag “harbour” added" in text
    assert "1 paragraph unchanged" in text
    assert f"{changed.newest_revision().photo.editor_address}?width=320" in text
    assert "Restore revision 1" in text


@pytest.mark.postgresql_later
def test_both_orders_show_the_earlier_one_first(changed: Article, editor: User, login: Callable) -> None:
    client = login(editor)
    there, back = (
        marked(client.get(page(changed, "compare") + query)) for query in ("?old=1&new=2", "?old=2&new=1")
    )
    for text in (there, back):
        assert "<del>[removed: reopens]</del>" in text


@pytest.mark.postgresql_later
@pytest.mark.parametrize(
    "query", ["", "?old=live&new=2", "?new=2", "?old=1", "?old=1&new=", "?old=&new=2", "?old=+1+&new=2"]
)
def test_what_is_left_out_has_a_meaning(changed: Article, editor: User, login: Callable, query: str) -> None:
    assert "<del>[removed: reopens]</del>" in marked(login(editor).get(page(changed, "compare") + query))


@pytest.mark.postgresql_later
def test_nothing_to_compare_is_said(changed: Article, editor: User, login: Callable) -> None:
    client = login(editor)
    assert "Twice the same: revision 2" in text_of(client.get(page(changed, "compare") + "?old=2&new=2"))
    assert "Revision 1 is the first one" in text_of(client.get(page(changed, "compare") + "?new=1"))
    assert "Revision 1 is the first one" in text_of(client.get(page(base.draft(by=editor), "compare")))
    changed.save_revision(by=editor, headline="Another")
    changed.restore(changed.revisions.get(number=2), by=editor)
    assert "nothing differs" in text_of(client.get(page(changed, "compare") + "?old=2&new=4"))


@pytest.mark.later
@pytest.mark.postgresql_later
def test_what_is_no_revision_is_not_found(changed: Article, editor: User, login: Callable) -> None:
    client = login(editor)
    for odd in ("0", "3", "x", "9" * 9, "9" * 30, "-1", "1e3", "٢", "²", "%00", "Live", "1;2", "<b>"):
        for query in (f"?old={odd}&new=2", f"?old=1&new={odd}", f"?new={odd}"):
            assert client.get(page(changed, "compare") + query).status_code == 404, query
    draft = base.draft(by=editor)
    assert client.get(page(draft, "compare") + "?old=live").status_code == 404


@pytest.mark.postgresql_later
def test_an_arabic_text_runs_from_right_to_left(editor: User, login: Callable) -> None:
    article = base.draft(
        by=editor,
        language="ar",
        headline="الميناء يفتح",
        body="<p>غادرت العبارة الأولى الميناء في السادسة.</p>",
    )
    article.save_revision(
        by=editor, body='<p>غادرت العبارة الأولى الميناء في السابعة.</p><p lang="en" dir="ltr">See below.</p>'
    )
    text = marked(login(editor).get(page(article, "compare")))
    assert '<div lang="ar" dir="rtl">' in text
    assert '<div lang="en" dir="ltr">' in text
    assert "<del>[removed: السادسة]</del><ins>[added: السابعة]</ins>" in text


@pytest.mark.postgresql_later
def test_markup_of_a_text_stays_text(editor: User, login: Callable) -> None:
    article = base.draft(by=editor, headline="Plain")
    article.save_revision(by=editor, headline="<script>x</script>", body="<p>a &lt;img src=x&gt; b</p>")
    text = text_of(login(editor).get(page(article, "compare")))
    assert "<script>x" not in text
    assert "<img src=x" not in text


# Who may


@pytest.mark.postgresql_later
def test_who_may_not_edit_reads_the_live_one_and_compares_nothing(
    changed: Article, journalist: User, login: Callable
) -> None:
    client = login(journalist)
    for query in ("?old=1&new=2", "?new=2", "?old=2", "?old=live&new=2"):
        assert client.get(page(changed, "compare") + query).status_code == 404, query
    for name in ("compare", "history"):
        text = text_of(client.get(page(changed, name)))
        assert "stays closed" not in text
        assert "Changed:" not in text
        assert "compare/?" not in text
    # The one before the live one is nobody else's either.
    changed.publish(by=None)
    assert "Revision 2 is the first one that you may read" in text_of(client.get(page(changed, "compare")))
    assert "Changed:" not in text_of(client.get(page(changed, "history")))


@pytest.mark.postgresql_later
def test_anothers_draft_is_compared_by_nobody_else(
    journalist: User, translator: User, login: Callable
) -> None:
    article = base.draft(by=base.person("otto", "Journalist"))
    article.save_revision(by=None, headline="Another")
    for user in (journalist, translator):
        assert login(user).get(page(article, "compare") + "?old=1&new=2").status_code == 404
    assert Client().get(page(article, "compare")).headers["Location"].startswith("/admin/login/")
    own = login(User.objects.get(username="otto")).get(page(article, "compare"))
    assert "headline changed" in text_of(own)


# Ways there


@pytest.mark.postgresql_later
def test_one_click_leads_from_every_page_to_what_is_new(
    changed: Article, editor: User, login: Callable
) -> None:
    client = login(editor)
    way = page(changed, "compare")
    assert f'href="{way}">what is new' in text_of(client.get("/admin/articles/article/"))
    assert f'href="{way}"' in text_of(client.get(change(changed)))
    assert f'href="{way}?old=live&amp;new=2"' in text_of(client.get(page(changed, "publish")))
    revision = text_of(client.get(page(changed, "revision/2")))
    assert f'href="{way}?old=live&amp;new=2"' in revision
    assert f'href="{way}?new=2"' in revision
    changed.publish(by=None)
    for address in ("/admin/articles/article/", change(changed), page(changed, "publish")):
        assert way not in text_of(client.get(address)), address


@pytest.mark.postgresql_later
def test_the_list_says_what_each_revision_changed(changed: Article, editor: User, login: Callable) -> None:
    changed.save_revision(by=editor, headline="Another", tags=[], body=f"{ONE}\n{TWO}")
    changed.save_revision(by=editor, body=f"{TWO}\n{ONE.replace('.', '!')}\n<h2>More</h2>")
    text = text_of(login(editor).get(page(changed, "history")))
    assert "Changed: headline, 2 paragraphs, tags" in text
    assert "Changed: 2 paragraphs, 1 heading" in text
    assert "The first one" in text
    way = page(changed, "compare")
    assert f'href="{way}?old=live&amp;new=3"' in text
    assert f'href="{way}?old=2&amp;new=3"' in text
    assert page(changed, "revision/1/restore") in text
    assert f'<form method="get" action="{way}">' in text
    assert '<input type="radio" name="old" value="1" checked>' in text
    assert '<input type="radio" name="new" value="4" checked>' in text


# Bounds


@pytest.mark.postgresql_later
def test_a_repetitive_text_takes_no_more_steps_than_there_are() -> None:
    work = Work()
    # Each of 400 spaces is like each of 400 others: word by word that takes 30 million steps.
    old, new = (" ".join(f"{letter}{number}" for number in range(400)) for letter in "ab")
    assert word_diff(old, new, work) == [Piece("removed", old), Piece("added", new)]
    assert 0 < compare.PAGE_STEPS - work.left <= 2 * compare.TEXT_STEPS
    assert len(old) < MAX_PIECES


@pytest.mark.postgresql_later
def test_when_no_steps_are_left_equal_ends_are_still_found() -> None:
    pieces = word_diff("The first ferry left", "The last ferry left", Work(left=0))
    assert [(piece.kind, piece.text) for piece in pieces] == [
        ("same", "The "),
        ("removed", "first "),
        ("added", "last "),
        ("same", "ferry left"),
    ]


@pytest.mark.later
@pytest.mark.postgresql_later
def test_two_thousand_long_blocks_share_the_steps_of_one_page() -> None:
    before = [p(seed, 400) for seed in range(2_000)]
    after = [block.replace(" ferry", " boat") for block in before]
    found = compared("\n".join(before), "\n".join(after))
    assert found.summary == ["2000 paragraphs changed"]
    assert found.work.left >= 0
    shown = sum(len(text) for part in found.text for _kind, text in marks(part))
    assert shown < 4 * comparison.MAX_SHOWN
    assert found.is_cut


@pytest.mark.postgresql_later
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<p>" + "word " * 1_000_000 + "x</p>", "<p>" + "word " * 1_000_000 + "y</p>"),
        *(
            pytest.param(old, new, marks=pytest.mark.later)
            for old, new in (
                ("<ul>" + "<li>a</li>" * 20_000 + "</ul>", "<ul>" + "<li>b</li>" * 20_000 + "</ul>"),
                ("<p>a</p>\n" * 9_000, "<p>a</p>\n" * 9_000 + "<p>b</p>"),
                ("<p>a</p>", "<p>b c d</p>\n" * 9_000),
            )
        ),
    ],
)
def test_of_what_is_very_long_a_bounded_part_is_shown(old: str, new: str) -> None:
    found = compared(old.strip(), new.strip())
    parts = [one for part in found.text for one in (part.blocks if isinstance(part, Fold) else [part])]
    assert sum(max(len(part.rows), 1) for part in parts) <= 2 * comparison.MAX_SHOWN / comparison.LINE
    assert (
        sum(len(piece.text) for part in parts for row in part.rows for cell in row.cells for piece in cell)
        < 100_000
    )
    assert found.is_cut


@pytest.mark.django_db
def test_the_list_of_many_revisions_takes_no_more_queries_and_no_body(
    editor: User, login: Callable, django_assert_num_queries: Callable
) -> None:
    article = base.published(by=editor)
    article.save_revision(by=editor, headline="Another")
    client = login(editor)
    client.get(page(article, "history"))
    with django_assert_num_queries(17):
        client.get(page(article, "history"))
    first = article.newest_revision()
    Revision.objects.bulk_create(
        Revision(
            article=article,
            number=number,
            headline=str(number),
            body=f"<p>{number}</p>",
            section=first.section,
            created_by=editor,
            blocks=first.blocks,
        )
        for number in range(3, 260)
    )
    with django_assert_num_queries(17) as many:
        text = text_of(client.get(page(article, "history")))
    assert text.count("Changed: headline") == 200
    (rows,) = [query["sql"] for query in many if f"LIMIT {MAX_REVISIONS_LISTED + 1}" in query["sql"]]
    assert '"blocks"' in rows
    assert '"body"' not in rows


def test_the_page_takes_no_more_queries_for_more_that_differs(
    changed: Article, editor: User, login: Callable, django_assert_max_num_queries: Callable
) -> None:
    client = login(editor)
    many = [base.tag(f"tag {number}") for number in range(40)]
    sources = [(Source.objects.create(name=f"Source {number}"), True) for number in range(40)]
    authors = [(base.author(f"Author {number}"), "author") for number in range(40)]
    changed.save_revision(
        by=editor, tags=many, sources=sources, bylines=authors, body="\n".join(p(n) for n in range(99))
    )
    with django_assert_max_num_queries(50):
        text = text_of(client.get(page(changed, "compare")))
    assert "Author 39" in text


def test_in_short_reads_no_body(changed: Article, django_assert_num_queries: Callable) -> None:
    new, old = changed.revisions.defer("body").order_by("-number")
    with django_assert_num_queries(0):
        assert in_short(old, new).startswith("kicker, headline, standfirst, 1 paragraph, lead photo")


@pytest.mark.postgresql_later
def test_readers_and_desk_know_blocks_the_same_way() -> None:
    old, new = (Revision(body=f"{ONE}\n{TWO}"), Revision(body=f"{TWO}\n{ONE}"))
    assert known_again(old, new)[2] == {0: 1, 1: 0}
