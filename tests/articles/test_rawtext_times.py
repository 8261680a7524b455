"""Times that mean nothing without the day of publication."""

import pytest

from articles.rawtext.document import Kind
from articles.rawtext.times import LANGUAGES, _matches, _patterns, times


def said(text: str, language: str) -> list[tuple[str, str]]:
    kinds = {Kind.YEARLESS: "yearless", Kind.RELATIVE: "relative"}
    return [
        (kinds[finding.kind], finding.message.split("”")[0].lstrip("“"))
        for finding in times(1, text, language)
    ]


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        # French
        ("fr", "Les pilotes se réunissent ce week-end au port.", "ce week-end"),
        ("fr", "Ils resteront du 11 au 13 juillet, dit-elle.", "du 11 au 13 juillet"),
        ("fr", "Le quai a fermé mercredi.", "mercredi"),
        ("fr", "Jeudi, les grues étaient à l'arrêt.", "Jeudi"),
        ("fr", "Le trafic avait doublé l'année dernière.", "l'année dernière"),
        ("fr", "Le trafic avait doublé l’année dernière.", "l’année dernière"),
        ("fr", "Un rapport publié le mois dernier le confirme.", "le mois dernier"),
        ("fr", "Au cours des dernières semaines, rien n'a bougé.", "Au cours des dernières semaines"),
        ("fr", "Ces trois derniers mois ont été rudes.", "Ces trois derniers mois"),
        ("fr", "Les prochains jours seront décisifs.", "Les prochains jours"),
        ("fr", "La halle a rouvert il y a trois ans.", "il y a trois ans"),
        ("fr", "La halle a rouvert il y a plus de 30 ans.", "il y a plus de 30 ans"),
        ("fr", "Depuis deux semaines, on attend.", "Depuis deux semaines"),
        ("fr", "Hier soir, la brume est tombée.", "Hier soir"),
        ("fr", "Le vote a lieu aujourd’hui.", "aujourd’hui"),
        ("fr", "Les travaux reprennent après-demain matin.", "après-demain matin"),
        ("fr", "Cette semaine, les chalutiers restent à quai.", "Cette semaine"),
        ("fr", "Cet été sera calme.", "Cet été"),
        ("fr", "L'été dernier fut calme.", "L'été dernier"),
        ("fr", "La digue sera prête en novembre.", "en novembre"),
        ("fr", "La digue sera prête début mars.", "début mars"),
        ("fr", "La digue sera prête à la mi-août.", "à la mi-août"),
        ("fr", "La digue sera prête d'ici fin avril.", "d'ici fin avril"),
        ("fr", "Elle arrive le 1er mai.", "le 1er mai"),
        ("fr", "Elle arrive le mercredi 9 juillet.", "le mercredi 9 juillet"),
        ("fr", "Elle arrive le 11/07 au matin.", "le 11/07"),
        ("fr", "Ils en parleront lundi prochain.", "lundi prochain"),
        ("fr", "Le chantier finit en fin d'année.", "fin d'année"),
        ("fr", "Les ventes ont baissé en juillet dernier.", "en juillet dernier"),
        # German
        ("de", "Am Mittwoch tagte der Hafenrat.", "Am Mittwoch"),
        ("de", "Er kam am Dienstagabend an.", "am Dienstagabend"),
        ("de", "Gestern Abend fiel der Strom aus.", "Gestern Abend"),
        ("de", "Das wird morgen entschieden.", "morgen"),
        ("de", "Vom 11. bis 13. Juli bleibt die Schleuse zu.", "Vom 11. bis 13. Juli"),
        ("de", "Am 11. Juli bleibt die Schleuse zu.", "Am 11. Juli"),
        ("de", "Am 11.7. bleibt die Schleuse zu.", "Am 11.7."),
        ("de", "Im vergangenen Jahr war das anders.", "Im vergangenen Jahr"),
        ("de", "Letzte Woche war das anders.", "Letzte Woche"),
        ("de", "In den letzten drei Wochen war das anders.", "In den letzten drei Wochen"),
        ("de", "Vor drei Jahren war das anders.", "Vor drei Jahren"),
        ("de", "Seit rund zwei Monaten ist das anders.", "Seit rund zwei Monaten"),
        ("de", "Vor Wochen schon war das anders.", "Vor Wochen"),
        ("de", "Am Wochenende kommen Gäste.", "Am Wochenende"),
        ("de", "Im Juli kommen Gäste.", "Im Juli"),
        ("de", "Ende Mai kommen Gäste.", "Ende Mai"),
        ("de", "Die diesjährige Messe fällt aus.", "diesjährige"),
        ("de", "Mehr als im Vorjahr kamen.", "im Vorjahr"),
        ("de", "Das soll bis Ende des Jahres gelingen.", "Ende des Jahres"),
        ("de", "Dieses Jahr gelingt es.", "Dieses Jahr"),
        ("de", "Im Sommer gelingt es.", "Im Sommer"),
        # English
        ("en", "The council met last week.", "last week"),
        ("en", "The council met on Wednesday.", "Wednesday"),
        ("en", "The council met last Tuesday night.", "last Tuesday night"),
        ("en", "The council met yesterday.", "yesterday"),
        ("en", "Earlier today the council met.", "Earlier today"),
        ("en", "The council meets later this month.", "later this month"),
        ("en", "The council met on July 11.", "on July 11"),
        ("en", "The council met on 11 July.", "on 11 July"),
        ("en", "The council meets from July 11 to 13.", "from July 11 to 13"),
        ("en", "The council meets in May.", "in May"),
        ("en", "The council met in early March.", "in early March"),
        ("en", "The council met three weeks ago.", "three weeks ago"),
        ("en", "Over the past two years little has changed.", "the past two years"),
        ("en", "In recent months little has changed.", "recent months"),
        ("en", "It will change in two weeks' time.", "in two weeks' time"),
        ("en", "It will change by the end of the year.", "end of the year"),
        ("en", "It will change this weekend.", "this weekend"),
        ("en", "It changed last summer.", "last summer"),
        # the others
        ("es", "El puerto cerró el miércoles pasado.", "el miércoles pasado"),
        ("es", "El puerto cerró ayer.", "ayer"),
        ("es", "El puerto cerró la semana pasada.", "la semana pasada"),
        ("es", "El puerto cerró del 11 al 13 de julio.", "del 11 al 13 de julio"),
        ("es", "El puerto cerró hace tres meses.", "hace tres meses"),
        ("it", "Il porto ha chiuso mercoledì.", "mercoledì"),
        ("it", "Il porto ha chiuso la settimana scorsa.", "la settimana scorsa"),
        ("it", "Il porto ha chiuso l'anno scorso.", "l'anno scorso"),
        ("it", "Il porto ha chiuso dall'11 al 13 luglio.", "dall'11 al 13 luglio"),
        ("it", "Il porto ha chiuso tre mesi fa.", "tre mesi fa"),
        ("nl", "De haven sloot vorige week.", "vorige week"),
        ("nl", "De haven sloot woensdagavond.", "woensdagavond"),
        ("nl", "De haven sloot van 11 tot 13 juli.", "van 11 tot 13 juli"),
        ("nl", "De haven sloot drie maanden geleden.", "drie maanden geleden"),
        ("pl", "Port zamknięto w środę.", "w środę"),
        ("pl", "Port zamknięto wczoraj.", "wczoraj"),
        ("pl", "Port zamknięto w zeszłym roku.", "w zeszłym roku"),
        ("pl", "Port zamknięto 11 lipca.", "11 lipca"),
        ("pl", "Port zamknięto trzy tygodnie temu.", "trzy tygodnie temu"),
        ("pt", "O porto fechou na quarta-feira.", "na quarta-feira"),
        ("pt", "O porto fechou ontem.", "ontem"),
        ("pt", "O porto fechou no ano passado.", "no ano passado"),
        ("pt", "O porto fechou há três meses.", "há três meses"),
        ("pt-br", "O porto fechou em julho.", "em julho"),
        ("ru", "Порт закрыли в среду.", "в среду"),
        ("ru", "Порт закрыли вчера.", "вчера"),
        ("ru", "Порт закрыли в прошлом году.", "в прошлом году"),
        ("ru", "Порт закрыли 11 июля.", "11 июля"),
        ("ru", "Порт закрыли три недели назад.", "три недели назад"),
    ],
)
def test_time_without_a_day_of_its_own_is_found(language, text, expected):
    assert [words for _, words in said(text, language)] == [expected]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("fr", "Elle est venue en novembre 2024 avec deux adjoints."),
        ("fr", "Elle est venue du 11 au 13 juillet 2025."),
        ("fr", "Elle est venue le mercredi 9 juillet 2025."),
        ("fr", "Entre mai et juillet 2024, le quai était fermé."),
        ("fr", "Au printemps 2023, le quai était fermé."),
        ("fr", "Le quai est ouvert 24 heures sur 24 et emploie 25 000 à 30 000 personnes."),
        ("fr", "La planète Mars est rouge, et le marché couvre le quai."),
        ("fr", "Chaque mardi, le marché couvre le quai."),
        ("fr", "Cette année-là, le quai était neuf."),
        ("fr", "En 1987, le quai était neuf."),
        ("de", "Im November 2024 kam sie mit zwei Begleitern."),
        ("de", "Am Mittwoch, dem 9. Juli 2025, kam sie."),
        ("de", "Am 11.07.2025 kam sie."),
        ("de", "Vom 11. bis zum 13. Juli 2025 blieb sie."),
        ("de", "Im Sommer 2024 blieb sie."),
        ("de", "Der Markt beginnt montags um sechs am Morgen."),
        ("de", "Von Mai bis Juli 2024 blieb sie."),
        ("en", "She came in November 2024 with two aides."),
        ("en", "She came on Wednesday, July 9, 2025, with two aides."),
        ("en", "She came on 9 July 2025."),
        ("en", "They may march to the harbour, or so they say."),
        ("de", "Jeden Montag ist Markt."),
        ("en", "Every Monday there is a market."),
        ("en", "USA Today reported it."),
        ("en", "From July to September 2024 she stayed."),
        ("es", "Llegó en noviembre de 2024."),
        ("it", "È arrivata nel novembre 2024."),
        ("nl", "Zij kwam in november 2024."),
        ("pl", "Przyjechała 11 lipca 2025 roku."),
        ("pt", "Chegou em novembro de 2024."),
        ("ru", "Она приехала 11 июля 2025 года."),
        ("tr", "Geçen hafta geldi, 11 temmuz."),
        ("", "Last week, hier, gestern."),
    ],
)
def test_time_that_stands_on_its_own_is_no_finding(language, text):
    assert said(text, language) == []


def test_date_without_a_year_is_told_from_a_word_that_counts_from_today():
    assert said("Elle vient le 9 juillet, et lui demain.", "fr") == [
        ("yearless", "le 9 juillet"),
        ("relative", "demain"),
    ]


def test_excerpt_is_a_piece_of_the_line():
    text = "Les délégués de neuf ports visiteront le chantier ce week-end malgré la pluie qui menace la côte."
    (finding,) = times(4, text, "fr")
    assert finding.line == 4
    assert "ce week-end" in finding.excerpt
    assert finding.excerpt.strip("…") in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_looking_around_core_words_misses_nothing(language):
    cases = next(
        m for m in test_time_without_a_day_of_its_own_is_found.pytestmark if m.name == "parametrize"
    ).args[1]
    filler = " … " + "xyz " * 40
    text = filler.join(text for lang, text, _ in cases if lang == language)
    core, pattern = _patterns(language)
    assert [found.span() for found in _matches(text, core, pattern)] == [
        found.span() for found in pattern.finditer(text)
    ]
