"""Times in a text that mean nothing without the day of publication: "last week", "on Wednesday", "11 July"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from .document import Finding, Kind, excerpt

_YEAR = r"(?:19|20)\d\d(?!\w)"

# For each language: names (used as <name> in what follows), dates that lack a year, and words that count from now.
# The name "core" lists the words without which there is no match, "link" what
# may stand between a date and the year that completes it. Letters match in either case but
# where a pattern says (?-i:…).
_WORDS: dict[str, tuple[dict[str, str], list[str], list[str]]] = {
    "en": (
        {
            "weekday": "(?-i:Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)",
            "month": r"(?-i:January|February|March|April|May|June|July|August|September|October|November|December|"
            r"(?:Jan|Feb|Aug|Sept?|Oct|Nov|Dec)\.)",
            "day": r"\d{1,2}(?:st|nd|rd|th)?(?!\w)",
            "number": r"(?:\d{1,3}|an?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|"
            r"thirty|a few|few|several|many|some|a couple of|a dozen|dozens of)",
            "season": "(?:spring|summer|autumn|fall|winter)",
            "core": r"<weekday>|<month>|<season>|\d+\w*|yesterday|today|tomorrow|tonight|(?:minute|hour|day|"
            r"week|weekend|month|quarter|year|decade|night)s?|century|fortnight|half|morning|"
            r"afternoon|evening",
            "link": "of|to|and|until|through|in",
        },
        [
            r"(?:<weekday>,?\s+)?(?:(?:from|between|on|since|until|by)\s+)?(?:the\s+)?<month>\s+<day>"
            r"(?:\s*(?:[-–]|to|and|until|through)\s*(?:<month>\s+)?<day>)?",
            r"(?:<weekday>,?\s+)?(?:(?:from|between|on|since|until|by)\s+)?(?:the\s+)?<day>"
            r"(?:\s*(?:[-–]|to|and|until)\s*<day>)?\s+(?:of\s+)?<month>",
            r"(?:in|since|by|until|till|from|before|after|during|early|mid|late|last|next|this|month\s+of|"
            r"end\s+of|beginning\s+of)[\s-]+(?:early[\s-]|mid[\s-]?|late[\s-])?<month>",
            r"(?:in|since|by|until)\s+(?:the\s+)?(?:early\s+|late\s+)?<season>",
        ],
        [
            r"(?:(?:last|next|this|past|coming)\s+)?<weekday>(?:\s+(?:morning|afternoon|evening|night))?",
            r"(?:the\s+day\s+before\s+)?yesterday(?:\s+(?:morning|afternoon|evening))?",
            r"(?:the\s+day\s+after\s+)?tomorrow(?:\s+(?:morning|afternoon|evening|night))?",
            r"(?<!USA )(?:(?:earlier|later)\s+)?today|tonight",
            r"(?:(?:earlier|later|late|early|so\s+far|the\s+end\s+of|the\s+beginning\s+of|"
            r"the\s+start\s+of)\s+)?"
            r"(?:last|this|next|the\s+past|the\s+coming|this\s+past|this\s+coming)\s+(?:week(?:end)?|"
            r"month|year|night|"
            r"<season>|quarter|decade|century|morning|afternoon|evening|fortnight|half[- ]year)",
            r"(?:the\s+|these\s+)?(?:last|past|next|coming|recent)\s+(?:<number>\s+)?"
            r"(?:hours|days|weeks|weekends|months|years|decades|quarters)",
            r"(?:(?:about|almost|nearly|around|over|more\s+than)\s+)?(?:<number>\s+)?(?:and\s+a\s+half\s+)?"
            r"(?:minutes?|hours?|days?|weeks?|months?|years?|decades?|fortnight)\s+(?:ago|from\s+now)",
            r"in\s+<number>\s+(?:days|weeks|months|years)['’]?\s+time",
            r"(?:start|beginning|middle|end)\s+of\s+the\s+(?:year|month|week|quarter)",
        ],
    ),
    "de": (
        {
            "weekday": r"(?:Montag|Dienstag|Mittwoch|Donnerstag|Freitag|Samstag|Sonnabend|Sonntag)"
            r"(?:früh|morgen|vormittag|mittag|nachmittag|abend|nacht)?",
            "month": "(?:Januar|Jänner|Februar|Feber|März|Maerz|April|Mai|Juni|Juli|August|September|Oktober|"
            "November|Dezember)",
            "day": r"\d{1,2}\.",
            "number": "(?:\\d{1,3}|eine[mnr]?|zwei|drei|vier|fünf|sechs|sieben|acht|neun|zehn|elf|zwölf|"
            "fünfzehn|zwanzig|dreißig|wenige[nr]?|einige[nr]?|mehrere[nr]?|ein\\s+paar|viele[nr]?)",
            "season": "(?:Frühling|Frühjahr|Sommer|Herbst|Winter)",
            "which": "(?:dies|letzt|vergangen|vorig|nächst|kommend|laufend|zurückliegend)e[rnms]?",
            "core": r"<weekday>|<month>|<season>\w*|\d+|heute|gestern|vorgestern|übermorgen|morgen|(?:minute|"
            r"stunde|tag|woche|monat|quartal|halbjahr|jahr|jahrzehnt|jahrhundert)\w*|nacht|abend|"
            r"saison|vor(?:jahr|monat|woche|vorjahr)\w*|heuer|(?:dies|letzt|vor)jährige\w?",
            "link": r"den|dem|der|bis|und|zum|des\s+Jahres",
        },
        [
            r"(?:<weekday>,?\s+(?:(?:den|dem)\s+)?)?(?:(?:vom|zwischen\s+dem|am|ab|ab\s+dem|bis|bis\s+zum|"
            r"seit|seit\s+dem|"
            r"der|den|dem|zum)\s+)?<day>\s*(?:(?:<month>\s*)?(?:bis|und|oder|[-–/])(?:\s+(?:zum|dem|"
            r"am))?\s*<day>\s*)?"
            r"<month>",
            r"(?:im|Anfang|Mitte|Ende|seit|ab|bis|vom|zum|im\s+Monat|<which>)\s+(?:(?:Anfang|Mitte|Ende|"
            r"<which>)\s+)?"
            r"<month>(?:\s*(?:und|bis)\s+<month>)?",
            r"(?:am|vom|bis|zum|seit|ab|den|dem)\s+\d{1,2}\.\s?\d{1,2}\.(?!\s?\d)",
            r"(?:im|diesen|bis\s+zum|seit\s+dem|zum)\s+<season>",
        ],
        [
            r"(?:(?:am|bis|seit|ab|vom|zum)\s+)?(?:<which>\s+)?<weekday>(?:\s+(?:früh|morgen|Vormittag|"
            r"Mittag|Nachmittag|"
            r"Abend|Nacht))?",
            r"(?:heute|gestern|vorgestern|übermorgen)(?:\s+(?:früh|morgen|vormittag|mittag|nachmittag|"
            r"abend|nacht))?",
            r"(?-i:morgen)(?:\s+(?:früh|vormittag|mittag|nachmittag|abend))?",
            r"(?:(?:im|in|in\s+den|in\s+der|am)\s+)?<which>\s+(?:<number>\s+)?(?:Tag(?:e[sn]?)?|Wochen?|"
            r"Wochenende[ns]?|Monat(?:e[sn]?|s)?|Jahr(?:e[sn]?|s)?|Jahrzehnt(?:e[sn]?|s)?|Jahrhundert(?:s|"
            r"e[sn]?)?|"
            r"Quartals?|Halbjahr(?:e?s)?|Stunden|Nacht|Abend|Morgen|Saison|<season>(?:e?s)?)",
            r"(?:am|zum|übers|vorm)\s+(?:<which>\s+)?Wochenende",
            r"(?:vor|seit|in)\s+(?:(?:rund|etwa|gut|fast|knapp|mehr\s+als|"
            r"über)\s+)?<number>\s+(?:Minuten?|Stunden?|"
            r"Tag(?:en|e)?|Wochen?|Monat(?:en|e)?|Jahr(?:en|e)?|Jahrzehnt(?:en|e)?)",
            r"(?:vor|seit)\s+(?:Stunden|Tagen|Wochen|Monaten|Jahren|Jahrzehnten)",
            r"(?:(?:im|zum|dem|des)\s+)?(?:Vorjahr(?:e?s)?|Vormonat(?:s)?|Vorvorjahr)|(?:der\s+)?Vorwoche",
            r"heuer|(?:dies|letzt|vor)jährige[rnms]?",
            r"(?:Anfang|Mitte|Ende|Beginn)\s+(?:des|der)\s+(?:Jahres|Monats|Woche)|(?:Jahres|"
            r"Monats)(?:ende|beginn|anfang)",
        ],
    ),
    "fr": (
        {
            "weekday": "(?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche)",
            "month": "(?:janvier|février|fevrier|mars|avril|mai|juin|juillet|août|aout|septembre|octobre|novembre|"
            "décembre|decembre)",
            "day": r"(?:1er|1ᵉʳ|premier|\d{1,2})(?!\w)",
            "number": r"(?:\d{1,3}|une?|deux|trois|quatre|cinq|six|sept|huit|neuf|dix|onze|douze|quinze|vingt|trente|"
            r"quelques|plusieurs|une\s+dizaine\s+de|une\s+quinzaine\s+de|une\s+vingtaine\s+de)",
            "season": "(?:été|automne|hiver|printemps)",
            "unit": r"(?:minutes?|heures?|jours?|semaines?|mois|ans?|années?|décennies?)",
            "period": r"(?:an|année|mois|semaine|week-end|weekend|trimestre|semestre|décennie|siècle|"
            r"saison|nuit|<season>)",
            "core": r"<weekday>|<month>|<season>|<unit>|<period>s?|week|\d+\w*|avant|hier|aujourd|après|"
            r"demain|matin|midi|soir",
            "link": "le|de|du|et|à|au|en",
        },
        [
            r"(?:<weekday>,?\s+)?(?:(?:du|entre\s+le|dès\s+le|depuis\s+le|jusqu['’]au|le|"
            r"au)\s+)?(?:<weekday>\s+)?<day>"
            r"(?:\s+<month>)?(?:\s*(?:au|et\s+le|et|ou|[-–])\s*(?:<weekday>\s+)?<day>)?\s+<month>",
            r"(?:en|début|fin|courant|dès|depuis|avant|après|de|d['’]ici|d['’]ici\s+(?:à|fin|début)|"
            r"jusqu['’]en|jusqu['’]à|"
            r"jusqu['’]à\s+fin|(?:au|du|les|des|aux)\s+mois\s+(?:de\s+|d['’]))\s*<month>(?:\s+(?:et|à|"
            r"ou)\s+<month>|"
            r"\s+(?:dernier|prochain))?",
            r"d['’](?:avril|août|aout|octobre)",
            r"(?:(?:à\s+la|la)\s+)?mi[-\s]<month>",
            r"le\s+\d{1,2}/\d{1,2}(?![/\d])",
            r"au\s+printemps|à\s+l['’](?:été|automne)|en\s+(?:été|hiver|automne)",
        ],
        [
            r"(?<!chaque )(?:ce\s+)?<weekday>(?:\s+(?:dernier|prochain|passé|matin|midi|après-midi|soir))*",
            r"(?:avant-hier|hier|aujourd['’]hui|après-demain|demain)(?:\s+(?:matin|midi|après-midi|soir))?",
            r"(?:ce|cet|cette|ces)\s+(?:<period>|matin|midi|après-midi|soir|jours)(?:-ci)?(?!-là)",
            r"(?:<month>|l['’]<period>|(?:la|le|les|un|une|du|au|aux|des|ce|ces|cette|cet)\s+<period>s?|"
            r"d['’]<period>)\s+"
            r"(?:derni(?:er|ère)s?|passée?s?|prochaine?s?|écoulée?s?|en\s+cours)",
            r"(?:(?:au\s+cours\s+(?:de\s+|des?\s+)|lors\s+(?:de\s+|des?\s+)|dans\s+|depuis\s+))?"
            r"(?:(?:la|le|les|ces|cette|aux|du|au|des)\s+)?(?:<number>\s+)?(?:derni(?:er|ère)s?|"
            r"prochaine?s?)\s+"
            r"(?:<number>\s+)?(?:jours?|semaines?|mois|années?|ans|heures?|minutes|week-ends?|trimestres?|"
            r"semestres?|"
            r"décennies?|nuits?)",
            r"il\s+y\s+a\s+(?:(?:à\s+peine|environ|près\s+de|plus\s+de|presque|moins\s+de|plus\s+d['’]|"
            r"moins\s+d['’])\s*)?"
            r"<number>\s+<unit>",
            r"(?:depuis|dans|d['’]ici|sous)\s+(?:(?:environ|près\s+de|plus\s+de|presque|"
            r"plus\s+d['’])\s*)?(?:<number>|des)\s+"
            r"<unit>",
            r"(?:début|fin|milieu)\s+(?:de\s+l['’]année|de\s+la\s+semaine|du\s+mois|d['’]année|"
            r"de\s+(?:semaine|mois))",
        ],
    ),
    "es": (
        {
            "weekday": "(?:lunes|martes|miércoles|miercoles|jueves|viernes|sábado|sabado|domingo)",
            "month": "(?:enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|setiembre|octubre|noviembre|"
            "diciembre)",
            "day": r"\d{1,2}(?!\w)",
            "number": "(?:\\d{1,3}|una?|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|varios|varias|"
            "unos|unas|pocos|pocas)",
            "unit": "(?:minutos?|horas?|días?|dias?|semanas?|meses|mes|años?|décadas?)",
            "period": r"(?:semana|mes|año|noche|fin\s+de\s+semana|verano|otoño|invierno|primavera|"
            r"trimestre|década)",
            "core": r"<weekday>|<month>|<unit>|<period>|semana|\d+|anteayer|ayer|hoy|mañana|anoche",
            "link": "de|del|y|al|a|el",
        },
        [
            r"(?:(?:del|el|al|desde\s+el|hasta\s+el|entre\s+el)\s+)?<day>(?:\s*(?:al|y|y\s+el|"
            r"[-–])\s*<day>)?\s+de\s+<month>",
            r"(?:en|desde|hasta|a\s+(?:principios|mediados|finales)\s+de|para)\s+<month>",
        ],
        [
            r"(?:(?:este|el|pasado|próximo)\s+)?(?:(?:pasado|próximo)\s+)?<weekday>(?:\s+(?:pasado|próximo))?",
            r"anteayer|ayer|hoy|pasado\s+mañana|mañana\s+por\s+la\s+(?:mañana|tarde|noche)|anoche",
            r"est[ea]\s+<period>",
            r"(?:la|el|del|al)\s+(?:<period>\s+(?:pasad[oa]|próxim[oa]|que\s+viene)|(?:pasad[oa]|"
            r"próxim[oa]|últim[oa])\s+<period>)",
            r"(?:las|los)\s+(?:<number>\s+)?(?:últim[oa]s|próxim[oa]s|pasad[oa]s)\s+(?:<number>\s+)?<unit>",
            r"hace\s+(?:(?:casi|más\s+de|unos|unas)\s+)?<number>\s+<unit>",
            r"dentro\s+de\s+<number>\s+<unit>",
        ],
    ),
    "it": (
        {
            "weekday": "(?:lunedì|martedì|mercoledì|giovedì|venerdì|sabato|domenica)",
            "month": "(?:gennaio|febbraio|marzo|aprile|maggio|giugno|luglio|agosto|settembre|ottobre|"
            "novembre|dicembre)",
            "day": r"(?:1º|1°|\d{1,2})(?!\w)",
            "number": "(?:\\d{1,3}|un[ao]?|due|tre|quattro|cinque|sei|sette|otto|nove|dieci|alcuni|alcune|"
            "pochi|poche|qualche)",
            "unit": "(?:minut[oi]|or[ae]|giorn[oi]|settiman[ae]|mes[ei]|ann[oi]|decenni)",
            "period": r"(?:settimana|mese|anno|notte|fine\s+settimana|weekend|estate|autunno|inverno|"
            r"primavera|trimestre)",
            "core": r"<weekday>|<month>|<unit>|<period>|settimana|\d+|ieri|oggi|dopodomani|domani|stasera|"
            r"stanotte|stamattina",
            "link": "di|del|e|al|il|a",
        },
        [
            r"(?:(?:dal|il|al|fino\s+al|entro\s+il|tra\s+il)\s+|(?:dall|all|l)['’])?<day>"
            r"(?:\s*(?:al|e\s+il|e|[-–])\s*<day>)?\s+<month>",
            r"(?:a|ad|in|da|dal|fino\s+a|a\s+(?:inizio|metà|fine)|di)\s+<month>",
        ],
        [
            r"<weekday>(?:\s+(?:scors[oa]|prossim[oa]|mattina|pomeriggio|sera))?",
            r"l['’]altro\s+ieri|ieri(?:\s+(?:mattina|pomeriggio|sera))?|oggi|dopodomani|domani|stasera|"
            r"stanotte|stamattina",
            r"(?:questo|questa)\s+<period>|quest['’](?:anno|estate|inverno|autunno)",
            r"(?:(?:la|il|lo|nella|nel|del|della)\s+|(?:l|nell|dell)['’])<period>\s+(?:scors[oa]|"
            r"passat[oa]|prossim[oa])",
            r"(?:(?:lo|la|il)\s+)?(?:scors[oa]|prossim[oa])\s+<period>",
            r"(?:negli|nelle|nei|gli|le|i|degli|delle)\s+(?:ultim[ie]|prossim[ie]|"
            r"scors[ie])\s+(?:<number>\s+)?<unit>",
            r"<number>\s+<unit>\s+fa",
            r"(?:tra|fra)\s+<number>\s+<unit>",
        ],
    ),
    "nl": (
        {
            "weekday": "(?:maandag|dinsdag|woensdag|donderdag|vrijdag|zaterdag|zondag)"
            "(?:ochtend|middag|avond|nacht)?",
            "month": "(?:januari|februari|maart|april|mei|juni|juli|augustus|september|oktober|november|"
            "december)",
            "day": r"\d{1,2}(?!\w)",
            "number": "(?:\\d{1,3}|een|één|twee|drie|vier|vijf|zes|zeven|acht|negen|tien|enkele|"
            "een\\s+paar|meerdere)",
            "unit": "(?:minuten|minuut|uur|uren|dagen|dag|weken|week|maanden|maand|jaren|jaar)",
            "period": "(?:week|weekend|maand|jaar|nacht|zomer|winter|lente|voorjaar|najaar|herfst|kwartaal)",
            "core": r"<weekday>|<month>|<unit>|<period>|\d+|(?:eergisteren|gisteren|vandaag|overmorgen)\w*|"
            r"gisteravond|vanavond|vanochtend|vanmiddag|vannacht",
            "link": "de|en|tot|van|tot\\s+en\\s+met",
        },
        [
            r"(?:(?:van|op|vanaf|tot|sinds|tussen)\s+)?<day>(?:\s*(?:tot\s+en\s+met|tot|en|"
            r"[-–])\s*<day>)?\s+<month>",
            r"(?:in|sinds|vanaf|tot|begin|half|medio|eind|eind\s+van)\s+<month>",
        ],
        [
            r"(?:(?:afgelopen|vorige|komende|volgende)\s+)?<weekday>",
            r"(?:eergisteren|gisteren|vandaag|overmorgen)(?:(?:ochtend|middag|avond))?|gisteravond|"
            r"vanavond|vanochtend|vanmiddag|vannacht",
            r"(?:deze|dit|afgelopen|vorige?|vorig|komende?|volgende?|volgend)\s+<period>",
            r"(?:de\s+)?(?:afgelopen|komende|laatste)\s+(?:<number>\s+)?<unit>",
            r"<number>\s+<unit>\s+geleden",
            r"over\s+<number>\s+<unit>",
        ],
    ),
    "pl": (
        {
            "weekday": "(?:poniedziałek|wtorek|środę|środa|czwartek|piątek|sobotę|sobota|niedzielę|"
            "niedziela)",
            "month": "(?:stycznia|lutego|marca|kwietnia|maja|czerwca|lipca|sierpnia|września|października|listopada|"
            "grudnia|styczniu|lutym|marcu|kwietniu|maju|czerwcu|lipcu|sierpniu|wrześniu|październiku|listopadzie|"
            "grudniu)",
            "day": r"\d{1,2}(?!\w)",
            "number": "(?:\\d{1,3}|dwa|dwie|trzy|cztery|pięć|sześć|siedem|osiem|dziewięć|dziesięć|kilka|"
            "parę)",
            "unit": "(?:minut[ęy]?|godzin[ęy]?|dni|dzień|tydzień|tygodni(?:e|u)?|miesiąc|miesiące|"
            "miesięcy|rok|lata|lat)",
            "core": r"<weekday>|<month>|<unit>|\d+|przedwczoraj|wczoraj|dzisiaj|dziś|jutro|pojutrze|tygodniu|"
            r"miesiącu|roku|kwartale|tygodnia|miesiąca|roku|lata|dniach|tygodniach|miesiącach|latach",
            "link": "do|i|r\\.|roku",
        },
        [
            r"(?:(?:od|do|z)\s+)?<day>(?:\s*(?:do|i|[-–])\s*<day>)?\s+<month>",
            r"(?:w|we|od|do|na\s+(?:początku|koniec)|pod\s+koniec|w\s+połowie)\s+<month>",
        ],
        [
            r"(?:w|we|do|od)\s+(?:(?:ubiegły|ubiegłą|zeszły|zeszłą|najbliższy|najbliższą|tę|ten)\s+)?<weekday>",
            r"przedwczoraj|wczoraj|dzisiaj|dziś|jutro|pojutrze",
            r"w\s+(?:ubiegłym|zeszłym|tym|przyszłym|minionym)\s+(?:tygodniu|miesiącu|roku|kwartale)",
            r"(?:ubiegłego|zeszłego|tego|przyszłego|minionego)\s+(?:tygodnia|miesiąca|roku|lata)",
            r"w\s+(?:ostatnich|najbliższych)\s+(?:dniach|tygodniach|miesiącach|latach)",
            r"(?:<number>\s+)?<unit>\s+temu",
            r"za\s+<number>\s+<unit>",
        ],
    ),
    "pt": (
        {
            "weekday": "(?:segunda-feira|terça-feira|quarta-feira|quinta-feira|sexta-feira|sábado|domingo)",
            "month": "(?:janeiro|fevereiro|março|abril|maio|junho|julho|agosto|setembro|outubro|novembro|"
            "dezembro)",
            "day": r"(?:1º|\d{1,2})(?!\w)",
            "number": "(?:\\d{1,3}|uma?|dois|duas|três|quatro|cinco|seis|sete|oito|nove|dez|alguns|"
            "algumas|vários|várias|poucos|poucas)",
            "unit": "(?:minutos?|horas?|dias?|semanas?|meses|mês|anos?|décadas?)",
            "period": r"(?:semana|mês|ano|noite|fim\s+de\s+semana|verão|outono|inverno|primavera|trimestre|"
            r"década)",
            "core": r"<weekday>|<month>|<unit>|<period>|segunda|terça|quarta|quinta|sexta|semana|\d+|"
            r"anteontem|ontem|hoje|amanhã",
            "link": "de|do|e|a|ao|até",
        },
        [
            r"(?:(?:de|do\s+dia|no\s+dia|a|ao|até|entre|dia)\s+)?<day>(?:\s*(?:a|e|"
            r"[-–])\s*<day>)?\s+de\s+<month>",
            r"(?:em|desde|até|no\s+(?:início|fim|final)\s+de|em\s+meados\s+de)\s+<month>",
        ],
        [
            r"(?:(?:na|no|nesta|neste|esta|este|última|último|próxima|próximo|passada|"
            r"passado)\s+)*<weekday>(?:\s+passad[oa])?",
            r"anteontem|ontem|hoje|depois\s+de\s+amanhã|amanhã",
            r"(?:nest[ea]|est[ea])\s+<period>",
            r"(?:[nd]?[oa])\s+(?:<period>\s+(?:passad[oa]|que\s+vem)|(?:últim[oa]|próxim[oa])\s+<period>)",
            r"(?:[nd]?[oa]s)\s+(?:últim[oa]s|próxim[oa]s)\s+(?:<number>\s+)?<unit>",
            r"há\s+(?:(?:cerca\s+de|quase|mais\s+de)\s+)?<number>\s+<unit>",
            r"daqui\s+a\s+<number>\s+<unit>",
        ],
    ),
    "ru": (
        {
            "weekday": "(?:понедельник|вторник|среду|четверг|пятницу|субботу|воскресенье)",
            "month": "(?:января|февраля|марта|апреля|мая|июня|июля|августа|сентября|октября|ноября|декабря)",
            "in_month": "(?:январе|феврале|марте|апреле|мае|июне|июле|августе|сентябре|октябре|ноябре|"
            "декабре)",
            "day": r"\d{1,2}(?!\w)",
            "number": "(?:\\d{1,3}|два|две|три|четыре|пять|шесть|семь|восемь|девять|десять|несколько|пару)",
            "unit": "(?:минут[уы]?|час(?:а|ов)?|день|дня|дней|недел[юиья]|недель|месяц(?:а|ев)?|год(?:а)?|"
            "лет)",
            "core": r"<weekday>|<month>|<in_month>|<unit>|\d+|позавчера|вчера|сегодня|послезавтра|завтра|"
            r"неделе|году|месяце|квартале|дни|недели|месяцы|годы",
            "link": "по|и|до",
        },
        [
            r"(?:(?:с|до|по|к)\s+)?<day>(?:\s*(?:по|до|и|[-–—])\s*<day>)?\s+<month>",
            r"(?:в|начале|середине|конце)\s+(?:<in_month>|<month>)",
        ],
        [
            r"(?:в|во)\s+(?:(?:прошлый|прошлую|эту|этот|следующий|следующую)\s+)?<weekday>",
            r"позавчера|вчера|сегодня|послезавтра|завтра",
            r"(?:на|в)\s+(?:прошлой|этой|следующей|минувшей)\s+неделе",
            r"в\s+(?:прошлом|этом|следующем|текущем|минувшем)\s+(?:году|месяце|квартале)",
            r"(?:прошлого|этого|текущего)\s+(?:года|месяца)",
            r"(?:в|за)\s+последни[ех]\s+(?:<number>\s+)?(?:дни|недели|месяцы|годы|дней|недель|месяцев|лет)",
            r"(?:<number>\s+)?<unit>\s+назад",
            r"через\s+<number>\s+<unit>",
        ],
    ),
}

LANGUAGES = tuple(_WORDS)

_WORD = re.compile(r"\w+")
# The longest expression of time and the year that may complete it lie within so many characters of a core word.
_WIDEST = 60

# "Published on 11 July 2025", on a line of its own or at a line's beginning.
_PUBLISHED = re.compile(
    r"(?:publié|mis\s+(?:à\s+jour|en\s+ligne)|published|updated|posted|veröffentlicht|aktualisiert|stand|"
    r"publicado|"
    r"actualizado|atualizado|pubblicato|aggiornato|gepubliceerd|bijgewerkt|opublikowano|aktualizacja|"
    r"опубликовано|обновлено)"
    rf"\b[^.!?\n]{{0,40}}?(?:\b{_YEAR}|\b\d{{1,2}}[./-]\d{{1,2}}[./-]\d{{2,4}})",
    re.IGNORECASE,
)


def published_line(text: str) -> str:
    """Return the piece of a line that begins by saying when the text was published, empty where it says nothing."""
    found = _PUBLISHED.match(text)
    return found.group() if found else ""


def times(line: int, text: str, language: str) -> Iterator[Finding]:
    """Find dates without a year and words that count from today, in the languages of `LANGUAGES`."""
    patterns = _patterns(language.partition("-")[0])
    if not patterns:
        return
    for found in _matches(text, *patterns):
        said = " ".join(found.group().split())
        if found.lastgroup == "yearless":
            kind, message = Kind.YEARLESS, f"“{said}” names no year"
        else:
            kind, message = Kind.RELATIVE, f"“{said}” counts from a day that the text does not name"
        yield Finding(kind, line, excerpt(text, found.start(), found.end()), message)


def _matches(text: str, core: re.Pattern[str], pattern: re.Pattern[str]) -> Iterator[re.Match[str]]:
    """Match around core words only: the whole pattern at every word would take seconds on a long text."""
    is_core: dict[str, bool] = {}
    start = end = 0
    for word in _WORD.finditer(text):
        name = word.group()
        if name not in is_core:
            is_core[name] = bool(core.fullmatch(name))
        if not is_core[name]:
            continue
        if word.start() - _WIDEST > end:
            yield from pattern.finditer(text, start, end)
            start = word.start() - _WIDEST
        end = word.end() + _WIDEST
    yield from pattern.finditer(text, start, end)


@cache
def _patterns(language: str) -> tuple[re.Pattern[str], re.Pattern[str]] | None:
    if language not in _WORDS:
        return None
    names, yearless, relative = _WORDS[language]
    # Nothing but days, months and small words may stand between a date and the year that completes it.
    with_year = rf"(?!(?:,?\s*(?:(?:<link>|<month>|<weekday>)(?!\w)|<day>|[-–])){{0,6}},?\s*{_YEAR})"
    whole = rf"(?<!\w)(?=\w)(?:(?P<yearless>{'|'.join(yearless)})|(?P<relative>{'|'.join(relative)}))(?!\w){with_year}"
    return re.compile(_expand(names["core"], names), re.IGNORECASE), re.compile(
        _expand(whole, names), re.IGNORECASE
    )


def _expand(source: str, names: dict[str, str]) -> str:
    """Put the names' patterns in place of the names, which may themselves hold names."""
    expanded = re.sub(r"(?<!\?P)<([a-z_]+)>", lambda name: f"(?:{names[name[1]]})", source)
    return expanded if expanded == source else _expand(expanded, names)
