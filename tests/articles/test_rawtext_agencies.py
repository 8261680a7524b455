"""News agencies are proposed as sources."""

import pytest

from articles.rawtext.agencies import agencies


def proposed(*lines: str) -> list[tuple[str, tuple[int, ...]]]:
    found = agencies(enumerate(lines, 1))
    return [(finding.proposal, (finding.line, *finding.other_lines)) for finding in found]


@pytest.mark.parametrize(
    ("text", "agency"),
    [
        ("comme l'a rapporté l'agence de presse russe Tass.Réception", "TASS"),
        ("selon l'AFP, rien ne bouge", "AFP"),
        ("laut der dpa liegt es am Nebel", "dpa"),
        ("sagte ein dpa-Reporter", "dpa"),
        ("(Reuters) - The harbour is closed", "Reuters"),
        ("told The Associated Press on deck", "AP"),
        ("ORVEAU (AP) — The harbour", "AP"),
        ("selon KCNA, l'agence de presse d'État nord-coréenne", "KCNA"),
        ("South Korea's Yonhap news agency said", "Yonhap"),
        ("the state news agency Xinhua said", "Xinhua"),
        ("l'agenzia di stampa Ansa riferisce", "ANSA"),
        ("informó la agencia EFE", "EFE"),
        ("сообщает ТАСС", "TASS"),
        ("RIA Novosti said", "RIA Novosti"),
        ("die Nachrichtenagentur APA meldet", "APA"),
        ("l'agence de presse polonaise PAP", "PAP"),
        ("Warszawa (PAP)", "PAP"),
        # by description
        ("L'agence de presse d'État nord-coréenne a rapporté", "KCNA"),
        ("l’agence officielle nord-coréenne a rapporté", "KCNA"),
        ("North Korea's state news agency said", "KCNA"),
        ("die staatliche nordkoreanische Nachrichtenagentur meldet", "KCNA"),
        ("the official Chinese news agency said", "Xinhua"),
        ("Iran's state-run news agency said", "IRNA"),
        ("la agencia estatal china de noticias", "agencia estatal china"),
        ("l'agence de presse russe a rapporté", "agence de presse russe"),
        ("eine britische Nachrichtenagentur meldet", "britische Nachrichtenagentur"),
    ],
)
def test_agency_is_proposed(text, agency):
    if agency == "agencia estatal china":
        assert proposed(text) == [("Xinhua", (1,))]
    else:
        assert proposed(text) == [(agency, (1,))]


@pytest.mark.parametrize(
    "text",
    [
        "L'agence a rapporté, et les agences de presse attendent.",
        "L'agence nationale de santé et l'agence spatiale européenne attendent.",
        "La agencia estatal de meteorología espera.",
        "The map shows AA batteries, a SPA and the PAP smear; TT and PA too.",
        "Michael Bloomberg wartet auf APA-Zitate und die STA.",
        "Mehr auf dpa.com, bei info@dpa.com und unter https://example.org/AFP.",
        "Der AFPler und die Apotheke im APfelhain.",
        "die ansa del fiume",
    ],
)
def test_other_things_are_not_proposed(text):
    assert proposed(text) == []


def test_agency_is_proposed_once_with_all_its_lines():
    lines = ["Tass meldet es.", "Niemand sonst.", "Auch AFP und Tass.", "Tass, Tass."]
    assert proposed(*lines) == [("TASS", (1, 3, 4)), ("AFP", (3,))]


def test_named_agency_and_its_description_elsewhere_are_one():
    assert proposed("KCNA said so.", "North Korea's state news agency said so.") == [("KCNA", (1, 2))]


def test_described_agency_is_said_to_be_a_guess():
    (finding,) = agencies([(6, "L'agence de presse d'État nord-coréenne a rapporté")])
    assert "probably KCNA" in finding.message
    assert "agence de presse d'État nord-coréenne" in finding.excerpt
