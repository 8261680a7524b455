"""News agencies that a text names or describes; each is a source to propose."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from .document import Finding, Kind, excerpt
from .letters import words

# What each agency is called in texts. Letters count as they stand: "dpa" and "ANSA" are agencies, "ansa" is a bay.
_NAMES = {
    "AFP": "AFP, Agence France-Presse, Agence France Presse",
    "AP": "AP, Associated Press",
    "APA": "Austria Presse Agentur",
    "Reuters": "Reuters, Thomson Reuters",
    "dpa": "dpa, Deutsche Presse-Agentur, Deutschen Presse-Agentur",
    "epd": "epd, Evangelischer Pressedienst, Evangelischen Pressedienst, Evangelische Pressedienst",
    "UPI": "UPI, United Press International",
    "PA Media": "PA Media, Press Association",
    "The Canadian Press": "Canadian Press, Presse canadienne, Presse Canadienne",
    "Bloomberg": "Bloomberg News",
    "Dow Jones Newswires": "Dow Jones Newswires",
    "Keystone-SDA": "Keystone-SDA, Keystone-ATS",
    "Belga": "Belga",
    "ANP": "ANP",
    "EFE": "EFE, Efe",
    "Europa Press": "Europa Press",
    "ANSA": "ANSA, Ansa",
    "Adnkronos": "Adnkronos, AdnKronos",
    "Lusa": "Lusa, LUSA",
    "Ritzau": "Ritzau",
    "NTB": "NTB",
    "PAP": "Polska Agencja Prasowa, Polskiej Agencji Prasowej",
    "ČTK": "ČTK, CTK",
    "Agerpres": "Agerpres, AGERPRES",
    "Tanjug": "Tanjug, Танјуг",
    "TASS": "TASS, Tass, ITAR-TASS, Itar-Tass, ТАСС",
    "RIA Novosti": "RIA Novosti, RIA-Novosti, Ria Novosti, Ria-Novosti, РИА Новости",
    "Interfax-Ukraine": "Interfax-Ukraine, Interfax-Ukraina, Интерфакс-Украина, Інтерфакс-Україна",
    "Interfax": "Interfax, Интерфакс",
    "Ukrinform": "Ukrinform, Укринформ, Укрінформ",
    "UNIAN": "UNIAN, УНИАН, УНІАН",
    "BelTA": "BelTA, БелТА, БЕЛТА",
    "Anadolu": "Anadolu Agency, Anadolu Ajansı, Anadolu-Agentur, Agence Anadolu, Anadolu",
    "IRNA": "IRNA, Irna",
    "ISNA": "ISNA",
    "Tasnim": "Tasnim",
    "WAFA": "WAFA, Wafa",
    "SANA": "SANA",
    "KUNA": "KUNA",
    "Xinhua": "Xinhua, XINHUA, Chine nouvelle",
    "Kyodo": "Kyodo News, Kyodo",
    "Jiji Press": "Jiji Press, Jiji",
    "KCNA": "KCNA, Korean Central News Agency",
    "Yonhap": "Yonhap",
    "Bernama": "Bernama",
    "Press Trust of India": "Press Trust of India, PTI",
    "Prensa Latina": "Prensa Latina",
    "Télam": "Télam, Telam",
    "Notimex": "Notimex",
    "Agência Brasil": "Agência Brasil",
}
# Names that mean many other things: an agency only after a word that says so, or as a sign-off: "(PAP)".
_AMBIGUOUS = frozenset(
    words(
        """
        AA AAP AGI ANA ANI APA APS ATS BTA Bloomberg CNA Fars HINA IANS KNA MAP MENA MTI PA PAP SDA SID SPA SPS STA
        STT TAP TASR TT VNA WAM
        """
    )
)

# Who stands behind an agency that is described instead of named: nations in English, German, French, Spanish, Italian,
# Dutch, Polish, Portuguese and Russian, "*" for whatever ending; and the one agency that can be meant by it. Where a
# nation has several, a description means the state's own only if it says so ("state", "official").
_NATIONS = {
    "North Korea*, nordkoreanisch*, nord-coréen*, norcorean*, nordcorean*, Noord-Koreaans*, północnokoreańsk*, "
    "norte-corean*, северокорейск*": "KCNA",
    "South Korea*, südkoreanisch*, sud-coréen*, surcorean*, sudcorean*, Zuid-Koreaans*, południowokoreańsk*, "
    "sul-corean*, южнокорейск*": "Yonhap",
    "Chinese, China*, chinesisch*, chinois*, chino, cinese, Chinees, chińsk*, chinês, chinesa, китайск*": "Xinhua",
    "Iran*, iranisch*, iranien*, iraní, Iraans*, irańsk*, иранск*": "IRNA",
    "Turkish, Turkey*, türkisch*, turc, turque, turco, turca, Turks*, tureck*, турецк*": "Anadolu",
    "Syria*, syrisch*, syrien*, siri*, Syrisch*, syryjsk*, сирийск*": "SANA",
    "Belarus*, belarussisch*, weißrussisch*, biélorusse, bélarusse, bielorrus*, bieloruss*, białorusk*, "
    "белорусск*, беларуск*": "BelTA",
    "Cuba*, kubanisch*, cubain*, Cubaans*, kubańsk*, кубинск*": "Prensa Latina",
    "Saudi*, saoudien*, saudí, saudita, saudyjsk*, саудовск*": "SPA",
    "Vietnam*, vietnamesisch*, vietnamien*, wietnamsk*, вьетнамск*": "VNA",
    "Russia*, russisch*, russe, ruso, rusa, russo, russa, Russisch*, rosyjsk*, российск*, русск*": "",
    "German*, deutsch*, allemand*, alemán, alemana, tedesc*, Duits*, niemieck*, alemão, alemã, немецк*": "",
    "French, französisch*, français*, francés, francesa, francese, Frans*, francusk*, francês, французск*": "",
    "Italian*, italienisch*, italien*, Italiaans*, włosk*, итальянск*": "",
    "Spanish, spanisch*, espagnol*, español*, spagnol*, Spaans*, hiszpańsk*, espanhol*, испанск*": "",
    "Portuguese, portugiesisch*, portugais*, portugu*, portoghese, Portugees*, portugalsk*, португальск*": "",
    "Japan*, japanisch*, japonais*, japon*, giapponese, Japans*, japońsk*, японск*": "",
    "Ukrain*, ukrainisch*, ucranian*, ucrain*, Oekraïens*, ukraińsk*, украинск*": "",
    "Polish, polnisch*, polonais*, polac*, Pools*, polsk*, polon*, польск*": "",
    "British, britisch*, britannique, británic*, britannic*, Brits*, brytyjsk*, britânic*, британск*": "",
    "American, amerikanisch*, américain*, estadounidense, american*, Amerikaans*, amerykańsk*, американск*": "",
    "Swiss, schweizer*, suisse, suiz*, svizzer*, Zwitsers*, szwajcarsk*, suíç*, швейцарск*": "",
    "Austrian, österreichisch*, autrichien*, austríac*, austriac*, Oostenrijks*, австрийск*": "",
    "Egyptian, Egypt*, ägyptisch*, égyptien*, egipci*, egizian*, Egyptisch*, egipsk*, египетск*": "",
    "Israel*, israelisch*, israélien*, israelí, Israëlisch*, izraelsk*, израильск*": "",
    "Indian, India*, indisch*, indien*, indio, india, indian*, Indias*, indyjsk*, индийск*": "",
    "Palestinian, palästinensisch*, palestinien*, palestin*, Palestijns*, palestyńsk*, палестинск*": "",
}
_THE_ONLY_ONE = frozenset({"KCNA"})


def _alternatives(forms: str) -> str:
    """Make a pattern of a list of forms."""
    return "|".join(
        re.escape(form).replace(r"\*", r"[\w'’]*").replace(r"\ ", r"\s+") for form in forms.split(", ")
    )


_NATION = _alternatives(", ".join(_NATIONS))
_MEANS = [
    (re.compile(rf"(?<![\w-])(?:{_alternatives(forms)})(?!\w)", re.IGNORECASE), agency)
    for forms, agency in _NATIONS.items()
    if agency
]
_STATE = (
    r"(?:d['’][ÉEée]tat|officielle|nationale|publique|étatique|gouvernementale|semi-officielle|staatlich\w*|amtlich\w*|"
    r"offiziell\w*|halbamtlich\w*|state(?:-run|-owned|-controlled)?|official|government(?:-run)?|semi-official|"
    r"national|estatal|oficial|statale|ufficiale|di\s+stato|staats|officiële|państwow\w+|rządow\w+|государственн\w+|"
    r"официальн\w+)"
)
_IS_STATE = re.compile(rf"(?<!\w){_STATE}", re.IGNORECASE)
_IS_NATION = re.compile(rf"(?<![\w-])(?:{_NATION})(?!\w)", re.IGNORECASE)
_IS_PRESS = re.compile(
    "press|news|wire|information|nouvelles|noticias|notícias|stampa|nachrichten|persbureau|nieuws|prasow|"
    "informacyjn|информ",
    re.IGNORECASE,
)
_MODIFIER = rf"(?:{_STATE}|(?:{_NATION}))"

# The nouns by which an agency is described; with adjectives behind them (French, Spanish, Italian, Portuguese,
# sometimes Polish) or before them (English, German, Dutch, Polish, Russian).
_NOUN = (
    r"agence(?:\s+(?:de\s+presse|d['’]information|de\s+nouvelles))?|agencia(?:\s+de\s+noticias)?|"
    r"agenzia(?:\s+di\s+stampa)?|agência(?:\s+de\s+notícias)?|(?:news|press)\s+agency|news\s*wire|Staatsagentur|"
    r"(?:Nachrichten|Presse)?agentur|(?:staats)?persbureau|nieuwsagentschap|"
    r"agencj[aiąęo]+(?:\s+(?:prasow|informacyjn)\w+)?|(?:информ)?агентств\w+"
)
_NOUN_WORDS = re.compile(
    r"agence|agencia|agenzia|agência|agency|newswire|wire|staatsagentur|(?:nachrichten|presse)?agentur|"
    r"(?:staats)?persbureau|nieuwsagentschap|agencj\w+|(?:информ)?агентств\w+",
    re.IGNORECASE,
)
_NOUN_FIRST = re.compile(rf"(?:{_NOUN})(?:\s+{_MODIFIER}(?!\w)){{1,3}}", re.IGNORECASE)
_NOUN_LAST = re.compile(rf"(?<![\w-])(?:{_MODIFIER}\s+){{1,3}}(?:{_NOUN})\Z", re.IGNORECASE)
_NOUN_BEFORE = re.compile(rf"(?<!\w)(?:{_NOUN})\s+(?:{_MODIFIER}\s+){{0,2}}\Z", re.IGNORECASE)

_WORD = re.compile(r"\w+")

# The words of a description, and of a name beside it, stand within so many characters.
_WIDEST = 90
# A name this near to a description is the description's: "l'agence de presse russe Tass", "KCNA, the … agency".
_NEAR = 25


class _Mention(NamedTuple):
    agency: str
    start: int
    end: int
    described: str


def agencies(lines: Iterable[tuple[int, str]]) -> list[Finding]:
    """Find the agencies named or described, each once with all its lines, in the order of the text."""
    first: dict[str, tuple[int, str, _Mention]] = {}
    places: dict[str, list[int]] = {}
    named: set[str] = set()
    for line, text in lines:
        for mention in _mentions(text):
            if mention.agency not in first:
                first[mention.agency] = line, excerpt(text, mention.start, mention.end), mention
            seen = places.setdefault(mention.agency, [])
            if line not in seen[-1:]:
                seen.append(line)
            if not mention.described:
                named.add(mention.agency)
    return [
        Finding(
            Kind.AGENCY if agency in named else Kind.AGENCY_DESCRIBED,
            line,
            piece,
            _message(mention, is_named=agency in named),
            proposal=agency,
            other_lines=tuple(places[agency][1:]),
        )
        for agency, (line, piece, mention) in first.items()
    ]


def _message(mention: _Mention, *, is_named: bool) -> str:
    if is_named:
        return "An agency is named; it is proposed as a source"
    if mention.agency == mention.described:
        return "An agency is described but not named; find out which it is, and whether it is a source"
    return f"An agency is described (“{mention.described}”), probably {mention.agency}; find out whether it is a source"


def _mentions(text: str) -> Iterator[_Mention]:
    """Find names and descriptions in one walk over the words; each looks at a few words around it only."""
    names, descriptions = [], []
    is_cue: dict[str, bool] = {}
    end = 0
    for word in _WORD.finditer(text):
        written = word.group()
        if written not in is_cue:
            is_cue[written] = (
                written in _BY_FIRST_WORD or written in _AMBIGUOUS or bool(_NOUN_WORDS.fullmatch(written))
            )
        if not is_cue[written] or word.start() < end:
            continue
        if mention := _named(text, word):
            names.append(mention)
            end = mention.end
        elif mention := _described(text, word):
            descriptions.append(mention)
            end = mention.end
    descriptions = [mention for mention in descriptions if not _has_name(text, mention, names)]
    return iter(sorted([*names, *descriptions], key=lambda mention: mention.start))


def _named(text: str, word: re.Match[str]) -> _Mention | None:
    start = word.start()
    for name, agency in _BY_FIRST_WORD.get(word.group(), ()):
        if text.startswith(name, start) and not text[start + len(name) : start + len(name) + 1].isalnum():
            # "dpa.com" and "@AFP" are addresses.
            in_address = text[start - 1 : start] in ("@", "/") or _goes_on(text, start + len(name))
            return None if in_address else _Mention(agency, start, start + len(name), "")
    if word.group() in _AMBIGUOUS:
        is_sign_off = text[start - 1 : start] == "(" and text[word.end() : word.end() + 1] == ")"
        if is_sign_off or _NOUN_BEFORE.search(text, max(0, start - _WIDEST), start):
            return _Mention(word.group(), start, word.end(), "")
    return None


def _goes_on(text: str, end: int) -> bool:
    return text.startswith(".", end) and text[end + 1 : end + 2].islower()


def _described(text: str, noun: re.Match[str]) -> _Mention | None:
    if not _NOUN_WORDS.fullmatch(noun.group()):
        return None
    found = _NOUN_FIRST.match(text, noun.start(), noun.start() + _WIDEST) or _NOUN_LAST.search(
        text, max(0, noun.end() - _WIDEST), noun.end()
    )
    if not found:
        return None
    described = " ".join(found.group().split())
    # There are agencies of all trades; one that is not called a press agency must be a state's own.
    is_state_own = _IS_STATE.search(described) and _IS_NATION.search(described)
    if not _IS_PRESS.search(described) and not is_state_own:
        return None
    return _Mention(_meant(described), found.start(), found.end(), described)


def _has_name(text: str, description: _Mention, names: list[_Mention]) -> bool:
    """Tell whether a named agency stands beside the description in the same sentence."""
    at = bisect_left(names, description.start, key=lambda name: name.start)
    for name in names[max(0, at - 1) : at + 1]:
        left, right = min(name.end, description.end), max(name.start, description.start)
        if right - left <= _NEAR and not re.search(r"[.!?;]", text[left:right]):
            return True
    return False


@lru_cache(maxsize=1_000)
def _meant(described: str) -> str:
    """Name the one agency that a description can mean, else repeat the description."""
    for nation, agency in _MEANS:
        if nation.search(described):
            return agency if agency in _THE_ONLY_ONE or _IS_STATE.search(described) else described
    return described


def _by_first_word() -> dict[str, list[tuple[str, str]]]:
    """List the names that begin with a word, longest first."""
    names: dict[str, list[tuple[str, str]]] = {}
    for agency, spellings in _NAMES.items():
        for name in spellings.split(", "):
            first = _WORD.match(name)
            names.setdefault(first.group() if first else name, []).append((name, agency))
    return {word: sorted(found, key=lambda pair: -len(pair[0])) for word, found in names.items()}


_BY_FIRST_WORD = _by_first_word()
