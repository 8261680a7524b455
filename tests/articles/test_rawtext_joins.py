"""Words and sentences without a space between them."""

import pytest

from articles.rawtext.document import Kind
from articles.rawtext.joins import sentences_glued, words_glued
from articles.rawtext.letters import words


def found(text: str) -> list[tuple[Kind, str]]:
    return [(f.kind, f.proposal) for find in (sentences_glued, words_glued) for f in find(1, text)]


@pytest.mark.parametrize(
    ("text", "heading"),
    [
        ("Elle part, dit l'agence Lusa.Réception sur le quai", "Réception sur le quai"),
        ("Elle part, dit l'agence ANSA.Réception sur le quai", "Réception sur le quai"),
        ("Elle part en 2024.Réception sur le quai", "Réception sur le quai"),
        ("Elle part « demain ».Réception sur le quai", "Réception sur le quai"),
        ("Elle part « demain.»Réception sur le quai", "Réception sur le quai"),
        ("Elle part.À quai avec Carsac?", "À quai avec Carsac?"),
        ("Elle part.L’écluse reste fermée", "L’écluse reste fermée"),
        ("Elle part !COLÈRE AU PORT", "COLÈRE AU PORT"),
        ("Она уехала.Приём на набережной", "Приём на набережной"),
        ("Sie fährt (noch heute).Empfang am Kai", "Empfang am Kai"),
    ],
)
def test_heading_behind_a_stop_is_found(text, heading):
    assert found(text) == [(Kind.HEADING_GLUED, heading)]


@pytest.mark.parametrize(
    ("text", "proposal"),
    [
        ("Elle part.Il reste.", "Elle part. Il reste."),
        ("Fährt sie?Ja, sie fährt.", "Fährt sie? Ja, sie fährt."),
        ("She sails…Nobody knows where.", "She sails… Nobody knows where."),
    ],
)
def test_two_sentences_without_a_space_are_found(text, proposal):
    assert found(text) == [(Kind.SENTENCES_GLUED, proposal)]


def test_long_tail_is_no_heading():
    tail = "Nous attendons que la brume se lève sur la baie " * 4
    assert [kind for kind, _ in found(f"Elle part.{tail}")] == [Kind.SENTENCES_GLUED]


@pytest.mark.parametrize(
    ("text", "proposal"),
    [
        ("La visite deCarsac dure.", "de Carsac"),
        ("Il va àMoscou demain.", "à Moscou"),
        ("Une phase critiqueCette visite dure.", "critique Cette"),
        ("Der Besuch vonMüller dauert.", "von Müller"),
        ("La visita deÁlvaro dura.", "de Álvaro"),
        ("визит вМоскву наВолге", "на Волге"),
        ("L'amie d'unPilote (deCarsac) attend.", "un Pilote"),
    ],
)
def test_word_glued_to_a_name_is_found(text, proposal):
    assert found(text)[0] == (Kind.WORDS_GLUED, proposal)


@pytest.mark.parametrize(
    "text",
    [
        # abbreviations, initials, decimals
        "Das heißt z.B. am Kai, d.h. im Hafen, z.B.Moskau und u.a.Berlin.",
        "The U.S. and the U.K. agree, e.g. on fog, i.e. on tides. U.S.Army, Ph.D. and J.R.R.Tolkien.",
        "Dr.Müller, Prof.Weber, Mr.Smith und St.Gallen mit ca.Hundert Leuten; Nr.Zwölf.",
        "Es sind 3.5 Meter, 1.200 Schiffe, §12.Abs und v2.Beta am 11.Juli im 20.Jahrhundert, beim 1.FC.",
        "M.Dupont et S.A.R.L.Quai, Mio.Euro.",
        # files, sites, addresses
        "Siehe Bericht.PDF, README.MD, Karte.Png, index.Html und www.Beispiel.De oder SPIEGEL.DE/Karte.Html.",
        "See https://Example.org/Fog.Report/deCarsac?x=Fog.Sails, Booking.com, Amazon.Com and Node.JS.",
        "Mail an jana.Feld@Beispiel.de und @deCarsac mit #dieBrume.Hafen, (siehe https://x.org/a.Bc).",
        "C:\\Daten.Neu\\Brief.Txt und /home/deCarsac/Brief.Alt und ein_Name.Hier",
        # stops that are in order
        "Sie fährt. Er bleibt. «Ja.» «Nein!» Und dann? Nichts… Ende.",
        "Yahoo!Japan",
    ],
)
def test_points_inside_names_are_no_findings(text):
    assert found(text) == []


@pytest.mark.parametrize(
    "name",
    words(
        """
        McDonald MacArthur iPhone iPad eBay YouTube DeMille DeSantis LinkedIn LeBron LaGuardia PayPal BioNTech
        AstraZeneca SpaceX WhatsApp macOS iOS easyJet arXiv mRNA kWh mmHg GmbH PhD WiFi BürgerInnen LeserIn
        StudentInnenrat l'Europe d’Orveau O'Neill OpenAI ThyssenKrupp DiCaprio getElementById myFunction()
        datei.deBrief deGrasse dieBasis hÉireann ProPublica VfL TikTok
        """
    ),
)
def test_names_with_a_capital_inside_are_no_findings(name):
    assert [kind for kind, _ in found(f"Und {name} wartet im Hafen.")] == []
