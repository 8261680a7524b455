"""The comment counter of another site."""

import pytest

from articles.rawtext import parse
from articles.rawtext.counters import is_counter


@pytest.mark.parametrize(
    "line",
    [
        "Kommentare (0)",
        "Kommentare: 0",
        "Kommentare 12",
        "12 Kommentare",
        "KOMMENTARE (0)",
        "Comments (12)",
        "1 comment",
        "1,204 Comments",
        "Comments (1.2k)".replace("1.2", "12"),
        "Commentaires (3)",
        "Commentaires\u00a0(3)",
        "1\u202f204 commentaires",
        "Aucun commentaire",
        "No comments",
        "Keine Kommentare",
        "0 комментариев",
        "Комментарии (5)",
        "Comentarios (0)",
        "Comentários (0)",
        "Commenti (4)",
        "Reacties (7)",
        "Komentarze (2)",
        "Komentáře (2)",
        "Kommentarer (3)",
        "Kommentit (3)",
        "Hozzászólások (1)",
        "Comentarii (1)",
        "Σχόλια (0)",
        "Yorumlar (0)",
        "تعليقات (٣)",
        "3 תגובות",
        "评论（0）",
        "0 条评论",
        "コメント (0)",
        "댓글 3",
        "Bình luận (0)",
    ],
)
def test_counter_is_known(line):
    assert is_counter(line)
    parsed = parse(f"Brume\nPersonne ne part.\n{line}")
    assert parsed.counter == line
    assert [block.text for block in parsed.blocks] == ["Personne ne part."]


@pytest.mark.parametrize(
    "line",
    [
        "Kommentare",
        "Kommentare zum Hafen (0)",
        "Comments are closed.",
        "Er hatte 3 Kommentare abgegeben.",
        "Seite 3",
        "(0)",
        "12",
        "No comment was made.",
        "Schiffe (0)",
    ],
)
def test_other_lines_are_text(line):
    assert not is_counter(line)
    assert parse(f"Brume\nPersonne ne part.\n{line}").counter == ""


def test_counter_inside_the_text_is_kept_and_told():
    parsed = parse("Brume\nPersonne ne part.\n3 commentaires\nOn attend.\n")
    assert parsed.counter == ""
    assert [
        (finding.line, finding.excerpt) for finding in parsed.findings if finding.kind == "comment counter"
    ] == [(3, "3 commentaires")]


def test_headline_is_never_a_counter():
    assert parse("12 comments\nNobody knows who wrote them.\n").headline == "12 comments"
