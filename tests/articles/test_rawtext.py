"""A raw text is taken apart, and what is wrong with it is said."""

import hashlib
import re
import time
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from articles.fields import sanitise
from articles.html import plain_text
from articles.models import Article
from articles.rawtext import Block, Kind, RawTextError, body_html, parse, read_file, report
from articles.rawtext.parsing import HEADLINE_LIMIT, MOST_OF_A_KIND, STANDFIRST_LIMIT
from articles.rawtext.reading import lines_of

DATA = Path(__file__).parent.parent / "data"
CONFERENCE = (DATA / "conference-fr.txt").read_text(encoding="utf-8")

CLEAN = """Fog holds the ferries
The harbour office of Ellory keeps seven ships in port.
Why nobody sails
Captains could not see the breakwater, the office said in 2024. Nobody was hurt.
What comes next
The ships leave when the light on Gull Rock can be seen again.
"""


def places(text: str, *kinds: Kind, **given) -> list[tuple[int | None, str]]:
    return [(finding.line, finding.excerpt) for finding in parse(text, **given).found(*kinds)]


def without(text: str, *words: str) -> str:
    for word in words:
        text = text.replace(word, "")
    return text


# The look-alike of the document that this began from


def test_look_alike_is_taken_apart():
    parsed = parse(CONFERENCE)
    assert parsed.headline == "Les ports du Nord se disputent la grande écluse d'Orveau"
    assert parsed.standfirst.startswith("Plusieurs des armateurs")
    assert parsed.standfirst.endswith("manque d'eau.")
    assert [(block.text, block.line) for block in parsed.blocks if block.is_heading] == [
        ("Rencontres prévues entre les capitaineries", 4),
        ("Un tournant pour l'estuaire", 7),
        ("COLÈRE À SAINT-AMBRE", 9),
        ("réparer une entente fragile", 11),
        ("Un repas avec Peyrac?", 13),
        ("Orveau prend part au chantier", 15),
        ("Un effort pour la première porte de porte", 17),
        ("Le transport des pierres entre les deux villes", 19),
        ("Orveau fournit les vannes", 21),
        ("Les marées montent", 23),
    ]
    assert [block.line for block in parsed.blocks if not block.is_heading] == [
        5,
        6,
        8,
        10,
        12,
        14,
        16,
        18,
        20,
        22,
        24,
    ]
    assert parsed.language == "fr"
    assert parsed.counter == "Kommentare (0)"


def test_look_alike_shows_each_of_its_defects_and_no_other():
    found = [(finding.kind, finding.line) for finding in parse(CONFERENCE).findings]
    assert found == [
        (Kind.HEADLINE_TWICE, 1),
        (Kind.COUNTER, 25),
        (Kind.CAPITALS, 9),
        (Kind.LOWER_CASE, 11),
        (Kind.CUT_OFF, 24),
        (Kind.HEADING_GLUED, 5),
        (Kind.WORDS_GLUED, 12),
        (Kind.AGENCY, 5),
        (Kind.AGENCY_DESCRIBED, 6),
        (Kind.UNDATED, None),
        (Kind.RELATIVE, 3),
        (Kind.YEARLESS, 5),
        (Kind.RELATIVE, 6),
        (Kind.RELATIVE, 8),
        (Kind.RELATIVE, 18),
        (Kind.RELATIVE, 22),
        (Kind.RELATIVE, 24),
        (Kind.RELATIVE, 24),
        (Kind.RELATIVE, 24),
    ]


def test_look_alike_gets_proposals():
    proposals = {finding.kind: finding.proposal for finding in parse(CONFERENCE).findings if finding.proposal}
    assert proposals[Kind.HEADING_GLUED] == "Réception sur le quai des Brumes"
    assert proposals[Kind.WORDS_GLUED] == "de Carsac"
    assert proposals[Kind.LOWER_CASE] == "Réparer une entente fragile"


def test_nothing_is_mended_by_itself():
    body = body_html(parse(CONFERENCE))
    for damaged in (
        "Lusa.Réception sur",
        "deCarsac",
        "<h2>COLÈRE À SAINT-AMBRE</h2>",
        "<h2>réparer une",
        "nouvelle méthode</p>",
    ):
        assert damaged in body
    assert "Kommentare" not in body


def test_clean_text_has_nothing_but_its_headline_to_tell():
    assert [finding.kind for finding in parse(CLEAN, published=True).findings] == [Kind.HEADLINE_ONCE]


def test_text_with_a_known_time_of_publication_may_say_last_week():
    assert not parse(CONFERENCE, published=True).found(Kind.UNDATED, Kind.RELATIVE, Kind.YEARLESS)


def test_report_names_line_and_piece_of_text_of_each_finding():
    text = report("conference-fr.txt", parse(CONFERENCE))
    for expected in (
        "conference-fr.txt",
        "line 5: heading glued",
        "presse portugaise Lusa.Réception sur le",
        "line 12: words glued",
        "La visite deCarsac pourrait",
        "line 9: capitals",
        "line 11: lower case",
        "line 24: cut-off end",
        "text: undated",
        "“ce week-end”",
        "“du 14 au 16 août”",
        "Kommentare (0)",
        "→ Lusa",
    ):
        assert expected in text


def test_report_is_safe_to_print_on_a_terminal():
    parsed = parse(
        "Fog\x9b31m holds the ferries\nThe office says so\u202e. It is deCarsac\x9b31m who knows.\n"
    )
    assert not any(
        unicodedata.category(char) == "Cc" and char != "\n" for char in report("a\x1b[31m\nb", parsed)
    )
    assert "\u202e" not in report("x", parsed)


# Lines, headline, standfirst


@pytest.mark.parametrize(
    "text",
    [
        CLEAN.replace("\n", "\r\n"),
        CLEAN.replace("\n", "\r"),
        CLEAN.replace("\n", "\n\n"),
        CLEAN.replace("\n", " \t \n \u00a0\n"),
        CLEAN.removesuffix("\n"),
        "\ufeff" + CLEAN,
        "\n\n" + CLEAN,
        CLEAN.replace("\n", "\u2028"),
        CLEAN + "\n\n12 Kommentare\n\n",
        "Fog holds the ferries\n" + CLEAN,
        "Fog  holds\u00a0the ferries \n\n" + CLEAN.replace("holds", "holds "),
    ],
)
def test_line_ends_and_repetitions_make_no_difference(text):
    parsed = parse(text, language="en")
    assert " ".join(parsed.headline.split()) == "Fog holds the ferries"
    assert parsed.standfirst == "The harbour office of Ellory keeps seven ships in port."
    assert [block.kind for block in parsed.blocks] == [Block.HEADING, Block.PARAGRAPH] * 2


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_encodings_make_no_difference(encoding):
    assert parse(CONFERENCE.encode(encoding)) == parse(CONFERENCE)
    assert parse(b"\xfe\xff" + CONFERENCE.encode("utf-16-be")) == parse(CONFERENCE)


def test_digest_is_of_the_text_alone():
    digest = parse(CLEAN).digest
    assert len(digest) == 64
    assert parse(CLEAN.replace("\n", "\r\n\r\n").encode("utf-16")).digest == digest
    assert parse(CLEAN + "Comments (3)").digest == digest
    assert parse(CLEAN.replace("seven", "eight")).digest != digest


def test_headline_that_stands_once_is_told():
    (finding,) = parse(CLEAN).found(Kind.HEADLINE_ONCE)
    assert (finding.line, finding.excerpt) == (1, "Fog holds the ferries")


def test_headline_inside_the_text_is_kept_and_told():
    text = CLEAN.replace("What comes next", "Fog holds the ferries")
    assert places(text, Kind.HEADLINE_AGAIN) == [(5, "Fog holds the ferries")]


def test_missing_standfirst_is_told():
    text = CLEAN.replace("The harbour office of Ellory keeps seven ships in port.\n", "")
    parsed = parse(text)
    assert parsed.standfirst == ""
    assert parsed.blocks[0].text == "Why nobody sails"
    assert places(text, Kind.STANDFIRST_MISSING) == [(2, "Why nobody sails")]


def test_standfirst_without_a_heading_behind_it_is_a_guess():
    text = CLEAN.replace("Why nobody sails\n", "")
    assert parse(text).standfirst == "The harbour office of Ellory keeps seven ships in port."
    assert [line for line, _ in places(text, Kind.STANDFIRST_GUESSED)] == [2]


def test_only_paragraph_is_the_body():
    parsed = parse("Fog holds the ferries\nNobody sails today.\n")
    assert (parsed.standfirst, [block.text for block in parsed.blocks]) == ("", ["Nobody sails today."])


def test_long_first_paragraph_is_no_standfirst():
    long = "The office waits. " * 100
    assert len(long) > STANDFIRST_LIMIT
    assert parse(f"Fog holds the ferries\n{long}\nNobody sails.\n").standfirst == ""


def test_limits_are_those_of_the_article():
    assert Article._meta.get_field("headline").max_length == HEADLINE_LIMIT
    assert Article._meta.get_field("standfirst").max_length == STANDFIRST_LIMIT


# Headings


@pytest.mark.parametrize(
    "line",
    [
        "Why nobody sails",
        "Will anybody sail?",
        "Will anybody sail ?",
        "„Wer fährt?“",
        "FOG AND NO END",
        "nobody knows why",
        "Der Hafen im Jahr 2024",
        "12 ships",
        "Was Kapitäne sagen und was sie verschweigen",
    ],
)
def test_short_line_without_a_stop_is_a_heading(line):
    assert parse(CLEAN.replace("What comes next", line)).blocks[2].kind == Block.HEADING


@pytest.mark.parametrize(
    "line",
    [
        "Nobody sails.",
        "Nobody sails!",
        "Nobody sails…",
        "« Personne ne part. »",
        "“Nobody sails.”",
        "It has three reasons:",
        "- one reason",
        "• one reason",
        "1. one reason",
        "(dpa)",
        "* * *",
        "1 204",
        "https://example.org/fog",
        "Published on 11 July 2025",
        "He waits. She waits",
        "No ship has left the port since the light on Gull Rock went out of sight behind the great white wall of "
        "fog that came in",
    ],
)
def test_other_lines_are_paragraphs(line):
    assert parse(CLEAN.replace("What comes next", line)).blocks[2].kind == Block.PARAGRAPH


def test_last_line_is_never_a_heading():
    parsed = parse(CLEAN + "And then\n")
    assert parsed.blocks[-1] == Block(Block.PARAGRAPH, "And then", 7)
    assert [finding.line for finding in parsed.found(Kind.CUT_OFF)] == [7]


def test_heading_above_a_heading_is_told():
    text = CLEAN.replace("What comes next", "What comes next\nWhat else")
    assert places(text, Kind.HEADING_EMPTY) == [(5, "What comes next")]


@pytest.mark.parametrize(
    ("heading", "told"),
    [
        ("FOG AND NO END", True),
        ("ÉCLUSES FERMÉES", True),
        ("FRUSTRATION", True),
        ("NATO", False),
        ("Was die NATO sagt", False),
        ("霧が晴れない", False),
        ("12", False),
    ],
)
def test_heading_in_capitals_is_told(heading, told):
    text = CLEAN.replace("What comes next", heading)
    assert places(text, Kind.CAPITALS) == ([(5, heading)] if told else [])


@pytest.mark.parametrize(
    ("heading", "proposal"),
    [
        ("nobody knows why", "Nobody knows why"),
        ("« personne ne sait »", "« Personne ne sait »"),
        ("élan nouveau au port", "Élan nouveau au port"),
        ("l'écluse reste fermée", "L'écluse reste fermée"),
        ("iPhones im Nebel", ""),
        ("eBay wartet", ""),
        ("macOS wartet", ""),
        ("'s-Hertogenbosch wacht", ""),
        ("25 000 soldats attendent", ""),
        ("Nobody knows why", ""),
    ],
)
def test_heading_that_begins_in_lower_case_is_told(heading, proposal):
    found = parse(CLEAN.replace("What comes next", heading)).found(Kind.LOWER_CASE)
    assert [finding.proposal for finding in found] == ([proposal] if proposal else [])


# Ends


@pytest.mark.parametrize(
    ("end", "told"),
    [
        ("The light is", True),
        ("The light is seen,", True),
        ("The light is seen again…", True),
        ("The light is seen [...]", True),
        ("The light is seen.", False),
        ("The light is seen!", False),
        ("Is the light seen?", False),
        ("“The light is seen.”", False),
        ("« La lumière est visible. »", False),
        ("The light is seen. (AFP)", False),
        ("光が見える。", False),
        ("ہوا۔", False),
    ],
)
def test_cut_off_end_is_told(end, told):
    assert bool(parse(CLEAN + end).found(Kind.CUT_OFF)) is told


def test_paragraph_without_a_stop_is_told_with_the_heading_that_may_hang_on_it():
    long = (
        "The captains of the seven ships wait in the old net hall and talk about the fog of forty years ago"
    )
    text = CLEAN.replace("What comes next", f"{long}. Tea for everybody")
    (finding,) = parse(text).found(Kind.UNFINISHED)
    assert (finding.line, finding.proposal) == (5, "Tea for everybody")


def test_sign_off_at_the_end_is_no_cut_off_end():
    assert not parse(CLEAN + "(dpa)\n").found(Kind.CUT_OFF)


# Times


def test_text_that_says_when_it_was_published_is_not_called_undated():
    parsed = parse(CLEAN.replace("What comes next", "Published on 11 July 2025 at 14:30."))
    assert not parsed.found(Kind.UNDATED)
    assert [finding.excerpt for finding in parsed.found(Kind.DATED)] == ["Published on 11 July 2025"]


def test_language_without_a_list_of_times_is_told():
    (finding,) = parse(CLEAN, language="tr").found(Kind.UNDATED)
    assert "not looked for in this language" in finding.message


# Language


def test_wrong_language_is_told():
    (finding,) = parse(CONFERENCE, language="de").found(Kind.LANGUAGE)
    assert (parse(CONFERENCE, language="de").language, finding.proposal) == ("de", "fr")


def test_region_is_no_other_language():
    assert not parse(CONFERENCE, language="fr-ca").found(Kind.LANGUAGE)


def test_unsure_language_is_told():
    parsed = parse("Port\nTaxi hotel radio.\n")
    assert len(parsed.found(Kind.LANGUAGE)) == 1


def test_text_without_letters_has_no_language():
    parsed = parse("2024\n12, 13.\n")
    assert parsed.language == ""
    assert parsed.found(Kind.LANGUAGE)[0].message == "The language cannot be told"


# Damage


@pytest.mark.parametrize("word", ["cafÃ©", "It\u0092s", "be\ufeffam", "caf\ufffd", "itâ€™s"])
def test_characters_broken_earlier_are_told(word):
    assert len(places(CLEAN.replace("light", word), Kind.BROKEN_CHARACTERS)) == 1


def test_findings_of_a_kind_are_counted_only_so_far():
    parsed = parse("Fog\n" + "La visite deCarsac dure. " * 1000)
    assert len(parsed.found(Kind.WORDS_GLUED)) == MOST_OF_A_KIND
    assert len(parsed.found(Kind.MORE)) == 1


# What is refused


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "it is empty"),
        (b"\xef\xbb\xbf", "nothing in it but white space"),
        (b" \n\t\r\n\xc2\xa0\n", "nothing in it but white space"),
        (b"Fog holds the ferries", "nothing in it but a single line"),
        (b"Fog holds the ferries\nFog holds the  ferries\n", "nothing in it but a single line"),
        (b"Fog holds the ferries\n\nComments (3)\n", "nothing in it but a single line"),
        (b"GIF89a\x01\x00\x01", "control byte 0x01 at offset 6"),
        (b"Fog\nNobody\x00 sails.\n", "control byte 0x00 at offset 10"),
        (b"\xef\xbb\xbfFog\nNobody \x1b[31msails.\n", "control byte 0x1B at offset 14"),
        ("Brume\nLa marée.\n".encode("latin-1"), "byte 0xE9 at offset 12"),
        (b"\xef\xbb\xbfBrume\nLa mar\xe9e.\n", "byte 0xE9 at offset 15"),
        ("Fog\nNobody sails.\n".encode("utf-16-le"), "control byte 0x00 at offset 1"),
        ("Fog\nNobody\x07 sails.\n".encode("utf-16"), "control byte 0x07 at offset 22"),
        ("Fog\nNobody sails.\n".encode("utf-16") + b"x", "breaks at byte offset 38"),
        ("Fog\nNobody sails.\n".encode("utf-32"), "UTF-32"),
        (b"x" * 2_000_001, "bigger than 2 MB"),
        (b"Fog " * 60 + b"\nNobody sails.\n", "too long for a headline (239 characters, at most 200)"),
    ],
)
def test_what_is_no_text_is_refused_with_the_reason(data, reason):
    with pytest.raises(RawTextError, match=r".") as refusal:
        parse(data)
    assert reason in str(refusal.value)


def test_lone_surrogate_in_a_string_is_refused():
    with pytest.raises(RawTextError, match="offset 4"):
        parse("Fog\n\ud800 sails.\n")


def test_file_is_read(tmp_path):
    path = tmp_path / "fog.txt"
    path.write_text(CLEAN)
    assert read_file(path) == CLEAN.encode()


def test_what_is_no_readable_file_is_refused(tmp_path):
    with pytest.raises(RawTextError, match="it is a folder"):
        read_file(tmp_path)
    with pytest.raises(RawTextError, match="it cannot be read: No such file"):
        read_file(tmp_path / "none.txt")
    with pytest.raises(RawTextError, match=r"it cannot be read: .*null byte"):
        read_file("a\0b")
    with pytest.raises(RawTextError, match="not a regular file"):
        read_file("/dev/null")


def test_huge_file_is_refused_without_being_read(tmp_path):
    path = tmp_path / "huge.txt"
    with path.open("wb") as file:
        file.truncate(50_000_000)
    before = time.process_time()
    with pytest.raises(RawTextError, match=r"bigger than 2 MB \(50\.0 MB\)"):
        read_file(path)
    assert time.process_time() - before < 0.05


# Nothing is lost


NOT_KEPT = re.compile("[\x80-\x9f\ufeff\ufffc\ufffe\uffff]")
TEXTS = st.text(
    alphabet=st.one_of(
        st.sampled_from("abcDEF .!?…\n\r\t\u00a0\u2028’'«»“”()0129-–:,é&<>\ufeff"),
        st.characters(exclude_categories=["Cs"]),
    ),
    max_size=300,
)


def kept(text: str) -> list[str]:
    """Return what must survive: the lines as they are, white space at their ends left out."""
    return [line.text for line in lines_of(text.removeprefix("\ufeff"))]


def as_read(line: str) -> str:
    """Return a line as a reader sees it, whatever its white space is made of."""
    return unicodedata.normalize("NFC", " ".join(line.split()))


@settings(max_examples=250, deadline=None)
@given(TEXTS)
def test_no_character_is_lost_or_rewritten(text):
    try:
        parsed = parse(text, language="en")
    except RawTextError:
        return
    lines = kept(text)
    if parsed.counter:
        assert lines.pop() == parsed.counter
    if parsed.found(Kind.HEADLINE_TWICE):
        assert as_read(lines.pop(1)) == as_read(lines[0])
    pieces = [parsed.headline, parsed.standfirst, *(block.text for block in parsed.blocks)]
    assert [piece for piece in pieces if piece] == lines


@settings(max_examples=200, deadline=None)
@given(TEXTS)
def test_body_survives_the_sanitiser(text):
    try:
        parsed = parse(text, language="en")
    except RawTextError:
        return
    body = body_html(parsed)
    assert body.count("<p>") + body.count("<h2>") == len(parsed.blocks)
    # What a body drops on every way in is no text, and was said.
    texts = ["".join(NOT_KEPT.sub("", block.text).split()) for block in parsed.blocks]
    assert plain_text(sanitise(body)).replace(" ", "").split("\n") == [text for text in texts if text] or [""]
    lines = "".join(block.text for block in parsed.blocks)
    assert bool(NOT_KEPT.search(lines)) <= bool(parsed.found(Kind.BROKEN_CHARACTERS))


def test_body_is_escaped():
    parsed = parse('Fog\n<script>alert(1)</script> & "more" it\'s.\n')
    assert body_html(parsed) == '<p>&lt;script&gt;alert(1)&lt;/script&gt; &amp; "more" it\'s.</p>'


# Cost


@pytest.mark.parametrize(
    "piece",
    [
        CONFERENCE.replace("\n", " "),
        "fin.Mercredi ",
        "aA",
        "a",
        ".'",
        "agence de presse russe ",
        "deCarsac ",
        "le 11 juillet et ",
        "(",
        " x",
    ],
    ids=str.split,
)
def test_cost_is_linear(piece):
    def cost(size: int) -> float:
        text = "Brume\n" + (piece * (size // len(piece) + 1))[:size]
        best = 1e9
        for _ in range(2):
            start = time.process_time()
            parse(text, language="fr")
            best = min(best, time.process_time() - start)
        return best

    cost(1000)
    assert cost(80_000) < 12 * cost(10_000) + 0.05


@pytest.mark.later
def test_two_megabytes_in_one_paragraph_take_about_a_second():
    parse(CLEAN)
    text = "Brume\n" + (CONFERENCE.replace("\n", " ") * 700)[:1_900_000]
    start = time.process_time()
    parse(text)
    assert time.process_time() - start < 4  # 1 s on the machine where this was written, which is not yours


def test_digest_is_that_of_the_lines():
    lines = "\n".join(["Fog", "", "Nobody sails."])
    assert parse("Fog\nNobody sails.").digest == hashlib.sha256(lines.encode()).hexdigest()
