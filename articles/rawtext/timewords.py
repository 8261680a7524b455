"""How languages speak of times: the tables of `times`.

A pattern is written to be read: a space is any white space, a bracket only groups, <name> is one of the language's
names, and of several lines each is an alternative, while one that is indented further goes on with the line above.
Letters match in either case but where a pattern says (?-i:…).
"""

from typing import NamedTuple


class Words(NamedTuple):
    """What one language says: dates that lack a year, and words that count from the day of publication.

    `core` are the words without one of which nothing else matches; `link` what may stand, beside days and months,
    between a date and the year that completes it.
    """

    names: dict[str, str]
    core: str
    link: str
    yearless: str
    relative: str


WORDS = {
    "en": Words(
        names={
            "weekday": r"(?-i:Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)",
            "month": r"""
                (?-i:January|February|March|April|May|June|July|August|September|October|November|December|
                  (Jan|Feb|Aug|Sept?|Oct|Nov|Dec)\.)
            """,
            "day": r"\d{1,2}(st|nd|rd|th)?(?!\w)",
            "number": r"""
                \d{1,3}|an?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|
                  thirty|a few|few|several|many|some|a couple of|a dozen|dozens of
            """,
            "season": r"spring|summer|autumn|fall|winter",
        },
        core=r"""
            <weekday>|<month>|<season>|\d+\w*|yesterday|today|tomorrow|tonight|(minute|hour|day|week|weekend|
              month|quarter|year|decade|night)s?|century|fortnight|half|morning|afternoon|evening
        """,
        link=r"of|to|and|until|through|in",
        yearless=r"""
            (<weekday>,? )?((from|between|on|since|until|by) )?(the )?<month> <day>(\s*([-–]|to|and|until|
              through)\s*(<month> )?<day>)?
            (<weekday>,? )?((from|between|on|since|until|by) )?(the )?<day>(\s*([-–]|to|and|
              until)\s*<day>)? (of )?<month>
            (in|since|by|until|till|from|before|after|during|early|mid|late|last|next|this|month of|end of|
              beginning of)[\s-]+(early[\s-]|mid[\s-]?|late[\s-])?<month>
            (in|since|by|until) (the )?(early |late )?<season>
        """,
        relative=r"""
            (?<!every\s)(?<!each\s)((last|next|this|past|coming) )?<weekday>( (morning|afternoon|evening|
              night))?
            (the day before )?yesterday( (morning|afternoon|evening))?
            (the day after )?tomorrow( (morning|afternoon|evening|night))?
            (?<!USA\s)((earlier|later) )?today|tonight
            ((earlier|later|late|early|so far|the end of|the beginning of|the start of) )?(last|this|next|
              the past|the coming|this past|this coming) (week(end)?|month|year|night|<season>|quarter|decade|
              century|morning|afternoon|evening|fortnight|half[-\s]year)
            (the |these )?(last|past|next|coming|recent) (<number> )?(hours|days|weeks|weekends|months|years|
              decades|quarters)
            ((about|almost|nearly|around|over|more than) )?(<number> )?(and a half )?(minutes?|hours?|days?|
              weeks?|months?|years?|decades?|fortnight) (ago|from now)
            in <number> (days|weeks|months|years)['’]? time
            (start|beginning|middle|end) of the (year|month|week|quarter)
        """,
    ),
    "de": Words(
        names={
            "weekday": r"""
                (Montag|Dienstag|Mittwoch|Donnerstag|Freitag|Samstag|Sonnabend|Sonntag)(früh|morgen|vormittag|
                  mittag|nachmittag|abend|nacht)?
            """,
            "month": r"""
                Januar|Jänner|Februar|Feber|März|Maerz|April|Mai|Juni|Juli|August|September|Oktober|November|
                  Dezember
            """,
            "day": r"\d{1,2}\.",
            "number": r"""
                \d{1,3}|eine[mnr]?|zwei|drei|vier|fünf|sechs|sieben|acht|neun|zehn|elf|zwölf|fünfzehn|zwanzig|
                  dreißig|wenige[nr]?|einige[nr]?|mehrere[nr]?|ein paar|viele[nr]?
            """,
            "season": r"Frühling|Frühjahr|Sommer|Herbst|Winter",
            "which": r"(dies|letzt|vergangen|vorig|nächst|kommend|laufend|zurückliegend)e[rnms]?",
        },
        core=r"""
            <weekday>|<month>|<season>\w*|\d+|heute|gestern|vorgestern|übermorgen|morgen|(minute|stunde|tag|
              woche|monat|quartal|halbjahr|jahr|jahrzehnt|jahrhundert)\w*|nacht|abend|saison|vor(jahr|monat|
              woche|vorjahr)\w*|heuer|(dies|letzt|vor)jährige\w?
        """,
        link=r"den|dem|der|bis|und|zum|des Jahres",
        yearless=r"""
            (<weekday>,? ((den|dem) )?)?((vom|zwischen dem|am|ab|ab dem|bis|bis zum|seit|seit dem|der|den|dem|
              zum) )?<day>\s*((<month>\s*)?(bis|und|oder|[-–/])( (zum|dem|am))?\s*<day>\s*)?<month>
            (im|Anfang|Mitte|Ende|seit|ab|bis|vom|zum|im Monat|<which>) ((Anfang|Mitte|Ende|
              <which>) )?<month>(\s*(und|bis) <month>)?
            (am|vom|bis|zum|seit|ab|den|dem) \d{1,2}\.\s?\d{1,2}\.(?!\s?\d)
            (im|diesen|bis zum|seit dem|zum) <season>
        """,
        relative=r"""
            (?<!jeden\s)((am|bis|seit|ab|vom|zum) )?(<which> )?<weekday>( (früh|morgen|Vormittag|Mittag|
              Nachmittag|Abend|Nacht))?
            (heute|gestern|vorgestern|übermorgen)( (früh|morgen|vormittag|mittag|nachmittag|abend|nacht))?
            (?-i:morgen)( (früh|vormittag|mittag|nachmittag|abend))?
            ((im|in|in den|in der|am) )?<which> (<number> )?(Tag(e[sn]?)?|Wochen?|Wochenende[ns]?|
              Monat(e[sn]?|s)?|Jahr(e[sn]?|s)?|Jahrzehnt(e[sn]?|s)?|Jahrhundert(s|e[sn]?)?|Quartals?|
              Halbjahr(e?s)?|Stunden|Nacht|Abend|Morgen|Saison|<season>(e?s)?)
            (am|zum|übers|vorm) (<which> )?Wochenende
            (vor|seit|in) ((rund|etwa|gut|fast|knapp|mehr als|über) )?<number> (Minuten?|Stunden?|Tag(en|e)?|
              Wochen?|Monat(en|e)?|Jahr(en|e)?|Jahrzehnt(en|e)?)
            (vor|seit) (Stunden|Tagen|Wochen|Monaten|Jahren|Jahrzehnten)
            ((im|zum|dem|des) )?(Vorjahr(e?s)?|Vormonat(s)?|Vorvorjahr)|(der )?Vorwoche
            heuer|(dies|letzt|vor)jährige[rnms]?
            (Anfang|Mitte|Ende|Beginn) (des|der) (Jahres|Monats|Woche)|(Jahres|Monats)(ende|beginn|anfang)
        """,
    ),
    "fr": Words(
        names={
            "weekday": r"lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche",
            "month": r"""
                janvier|février|fevrier|mars|avril|mai|juin|juillet|août|aout|septembre|octobre|novembre|
                  décembre|decembre
            """,
            "day": r"(1er|1ᵉʳ|premier|\d{1,2})(?!\w)",
            "number": r"""
                \d{1,3}|une?|deux|trois|quatre|cinq|six|sept|huit|neuf|dix|onze|douze|quinze|vingt|trente|
                  quelques|plusieurs|une dizaine de|une quinzaine de|une vingtaine de
            """,
            "season": r"été|automne|hiver|printemps",
            "unit": r"minutes?|heures?|jours?|semaines?|mois|ans?|années?|décennies?",
            "period": r"""
                an|année|mois|semaine|week-end|weekend|trimestre|semestre|décennie|siècle|saison|nuit|<season>
            """,
        },
        core=r"""
            <weekday>|<month>|<season>|<unit>|<period>s?|week|\d+\w*|avant|hier|aujourd|après|demain|matin|
              midi|soir
        """,
        link=r"le|de|du|et|à|au|en",
        yearless=r"""
            (<weekday>,? )?((du|entre le|dès le|depuis le|jusqu['’]au|le|
              au) )?(<weekday> )?<day>( <month>)?(\s*(au|et le|et|ou|[-–])\s*(<weekday> )?<day>)? <month>
            (en|début|fin|courant|dès|depuis|avant|après|de|d['’]ici|d['’]ici (à|fin|début)|jusqu['’]en|
              jusqu['’]à|jusqu['’]à fin|
              (au|du|les|des|aux) mois (de |d['’]))\s*<month>( (et|à|ou) <month>| (dernier|prochain))?
            d['’](avril|août|aout|octobre)
            ((à la|la) )?mi[-\s]<month>
            le \d{1,2}/\d{1,2}(?![/\d])
            au printemps|à l['’](été|automne)|en (été|hiver|automne)
        """,
        relative=r"""
            (?<!chaque\s)(ce )?<weekday>( (dernier|prochain|passé|matin|midi|après-midi|soir))*
            (avant-hier|hier|aujourd['’]hui|après-demain|demain)( (matin|midi|après-midi|soir))?
            (ce|cet|cette|ces) (<period>|matin|midi|après-midi|soir|jours)(-ci)?(?!-là)
            (<month>|l['’]<period>|(la|le|les|un|une|du|au|aux|des|ce|ces|cette|cet) <period>s?|
              d['’]<period>) (derni(er|ère)s?|passée?s?|prochaine?s?|écoulée?s?|en cours)
            ((au cours (de |des? )|lors (de |des? )|dans |depuis ))?((la|le|les|ces|cette|aux|du|au|
              des) )?(<number> )?(derni(er|ère)s?|prochaine?s?) (<number> )?(jours?|semaines?|mois|années?|
              ans|heures?|minutes|week-ends?|trimestres?|semestres?|décennies?|nuits?)
            il y a ((à peine|environ|près de|plus de|presque|moins de|plus d['’]|
              moins d['’])\s*)?<number> <unit>
            (depuis|dans|d['’]ici|sous) ((environ|près de|plus de|presque|plus d['’])\s*)?(<number>|
              des) <unit>
            (début|fin|milieu) (de l['’]année|de la semaine|du mois|d['’]année|de (semaine|mois))
        """,
    ),
    "es": Words(
        names={
            "weekday": r"lunes|martes|miércoles|miercoles|jueves|viernes|sábado|sabado|domingo",
            "month": r"""
                enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|setiembre|octubre|noviembre|
                  diciembre
            """,
            "day": r"\d{1,2}(?!\w)",
            "number": r"""
                \d{1,3}|una?|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|varios|varias|unos|unas|pocos|
                  pocas
            """,
            "unit": r"minutos?|horas?|días?|dias?|semanas?|meses|mes|años?|décadas?",
            "period": r"semana|mes|año|noche|fin de semana|verano|otoño|invierno|primavera|trimestre|década",
        },
        core=r"<weekday>|<month>|<unit>|<period>|semana|\d+|anteayer|ayer|hoy|mañana|anoche",
        link=r"de|del|y|al|a|el",
        yearless=r"""
            ((del|el|al|desde el|hasta el|entre el) )?<day>(\s*(al|y|y el|[-–])\s*<day>)? de <month>
            (en|desde|hasta|a (principios|mediados|finales) de|para) <month>
        """,
        relative=r"""
            ((este|el|pasado|próximo) )?((pasado|próximo) )?<weekday>( (pasado|próximo))?
            anteayer|ayer|hoy|pasado mañana|mañana por la (mañana|tarde|noche)|anoche
            est[ea] <period>
            (la|el|del|al) (<period> (pasad[oa]|próxim[oa]|que viene)|(pasad[oa]|próxim[oa]|
              últim[oa]) <period>)
            (las|los) (<number> )?(últim[oa]s|próxim[oa]s|pasad[oa]s) (<number> )?<unit>
            hace ((casi|más de|unos|unas) )?<number> <unit>
            dentro de <number> <unit>
        """,
    ),
    "it": Words(
        names={
            "weekday": r"lunedì|martedì|mercoledì|giovedì|venerdì|sabato|domenica",
            "month": r"""
                gennaio|febbraio|marzo|aprile|maggio|giugno|luglio|agosto|settembre|ottobre|novembre|dicembre
            """,
            "day": r"(1º|1°|\d{1,2})(?!\w)",
            "number": r"""
                \d{1,3}|un[ao]?|due|tre|quattro|cinque|sei|sette|otto|nove|dieci|alcuni|alcune|pochi|poche|
                  qualche
            """,
            "unit": r"minut[oi]|or[ae]|giorn[oi]|settiman[ae]|mes[ei]|ann[oi]|decenni",
            "period": r"""
                settimana|mese|anno|notte|fine settimana|weekend|estate|autunno|inverno|primavera|trimestre
            """,
        },
        core=r"""
            <weekday>|<month>|<unit>|<period>|settimana|\d+|ieri|oggi|dopodomani|domani|stasera|stanotte|
              stamattina
        """,
        link=r"di|del|e|al|il|a",
        yearless=r"""
            ((dal|il|al|fino al|entro il|tra il) |(dall|all|l)['’])?<day>(\s*(al|e il|e|
              [-–])\s*<day>)? <month>
            (a|ad|in|da|dal|fino a|a (inizio|metà|fine)|di) <month>
        """,
        relative=r"""
            <weekday>( (scors[oa]|prossim[oa]|mattina|pomeriggio|sera))?
            l['’]altro ieri|ieri( (mattina|pomeriggio|sera))?|oggi|dopodomani|domani|stasera|stanotte|
              stamattina
            (questo|questa) <period>|quest['’](anno|estate|inverno|autunno)
            ((la|il|lo|nella|nel|del|della) |(l|nell|dell)['’])<period> (scors[oa]|passat[oa]|prossim[oa])
            ((lo|la|il) )?(scors[oa]|prossim[oa]) <period>
            (negli|nelle|nei|gli|le|i|degli|delle) (ultim[ie]|prossim[ie]|scors[ie]) (<number> )?<unit>
            <number> <unit> fa
            (tra|fra) <number> <unit>
        """,
    ),
    "nl": Words(
        names={
            "weekday": r"""
                (maandag|dinsdag|woensdag|donderdag|vrijdag|zaterdag|zondag)(ochtend|middag|avond|nacht)?
            """,
            "month": r"""
                januari|februari|maart|april|mei|juni|juli|augustus|september|oktober|november|december
            """,
            "day": r"\d{1,2}(?!\w)",
            "number": r"""
                \d{1,3}|een|één|twee|drie|vier|vijf|zes|zeven|acht|negen|tien|enkele|een paar|meerdere
            """,
            "unit": r"minuten|minuut|uur|uren|dagen|dag|weken|week|maanden|maand|jaren|jaar",
            "period": r"week|weekend|maand|jaar|nacht|zomer|winter|lente|voorjaar|najaar|herfst|kwartaal",
        },
        core=r"""
            <weekday>|<month>|<unit>|<period>|\d+|(eergisteren|gisteren|vandaag|overmorgen)\w*|gisteravond|
              vanavond|vanochtend|vanmiddag|vannacht
        """,
        link=r"de|en|tot|van|tot en met",
        yearless=r"""
            ((van|op|vanaf|tot|sinds|tussen) )?<day>(\s*(tot en met|tot|en|[-–])\s*<day>)? <month>
            (in|sinds|vanaf|tot|begin|half|medio|eind|eind van) <month>
        """,
        relative=r"""
            ((afgelopen|vorige|komende|volgende) )?<weekday>
            (eergisteren|gisteren|vandaag|overmorgen)((ochtend|middag|avond))?|gisteravond|vanavond|
              vanochtend|vanmiddag|vannacht
            (deze|dit|afgelopen|vorige?|vorig|komende?|volgende?|volgend) <period>
            (de )?(afgelopen|komende|laatste) (<number> )?<unit>
            <number> <unit> geleden
            over <number> <unit>
        """,
    ),
    "pl": Words(
        names={
            "weekday": r"poniedziałek|wtorek|środę|środa|czwartek|piątek|sobotę|sobota|niedzielę|niedziela",
            "month": r"""
                stycznia|lutego|marca|kwietnia|maja|czerwca|lipca|sierpnia|września|października|listopada|
                  grudnia|styczniu|lutym|marcu|kwietniu|maju|czerwcu|lipcu|sierpniu|wrześniu|październiku|
                  listopadzie|grudniu
            """,
            "day": r"\d{1,2}(?!\w)",
            "number": r"\d{1,3}|dwa|dwie|trzy|cztery|pięć|sześć|siedem|osiem|dziewięć|dziesięć|kilka|parę",
            "unit": r"""
                minut[ęy]?|godzin[ęy]?|dni|dzień|tydzień|tygodni(e|u)?|miesiąc|miesiące|miesięcy|rok|lata|lat
            """,
        },
        core=r"""
            <weekday>|<month>|<unit>|\d+|przedwczoraj|wczoraj|dzisiaj|dziś|jutro|pojutrze|tygodniu|miesiącu|
              roku|kwartale|tygodnia|miesiąca|roku|lata|dniach|tygodniach|miesiącach|latach
        """,
        link=r"do|i|r\.|roku",
        yearless=r"""
            ((od|do|z) )?<day>(\s*(do|i|[-–])\s*<day>)? <month>
            (w|we|od|do|na (początku|koniec)|pod koniec|w połowie) <month>
        """,
        relative=r"""
            (w|we|do|od) ((ubiegły|ubiegłą|zeszły|zeszłą|najbliższy|najbliższą|tę|ten) )?<weekday>
            przedwczoraj|wczoraj|dzisiaj|dziś|jutro|pojutrze
            w (ubiegłym|zeszłym|tym|przyszłym|minionym) (tygodniu|miesiącu|roku|kwartale)
            (ubiegłego|zeszłego|tego|przyszłego|minionego) (tygodnia|miesiąca|roku|lata)
            w (ostatnich|najbliższych) (dniach|tygodniach|miesiącach|latach)
            (<number> )?<unit> temu
            za <number> <unit>
        """,
    ),
    "pt": Words(
        names={
            "weekday": r"segunda-feira|terça-feira|quarta-feira|quinta-feira|sexta-feira|sábado|domingo",
            "month": r"""
                janeiro|fevereiro|março|abril|maio|junho|julho|agosto|setembro|outubro|novembro|dezembro
            """,
            "day": r"(1º|\d{1,2})(?!\w)",
            "number": r"""
                \d{1,3}|uma?|dois|duas|três|quatro|cinco|seis|sete|oito|nove|dez|alguns|algumas|vários|várias|
                  poucos|poucas
            """,
            "unit": r"minutos?|horas?|dias?|semanas?|meses|mês|anos?|décadas?",
            "period": r"semana|mês|ano|noite|fim de semana|verão|outono|inverno|primavera|trimestre|década",
        },
        core=r"""
            <weekday>|<month>|<unit>|<period>|segunda|terça|quarta|quinta|sexta|semana|\d+|anteontem|ontem|
              hoje|amanhã
        """,
        link=r"de|do|e|a|ao|até",
        yearless=r"""
            ((de|do dia|no dia|a|ao|até|entre|dia) )?<day>(\s*(a|e|[-–])\s*<day>)? de <month>
            (em|desde|até|no (início|fim|final) de|em meados de) <month>
        """,
        relative=r"""
            ((na|no|nesta|neste|esta|este|última|último|próxima|próximo|passada|
              passado) )*<weekday>( passad[oa])?
            anteontem|ontem|hoje|depois de amanhã|amanhã
            (nest[ea]|est[ea]) <period>
            ([nd]?[oa]) (<period> (passad[oa]|que vem)|(últim[oa]|próxim[oa]) <period>)
            ([nd]?[oa]s) (últim[oa]s|próxim[oa]s) (<number> )?<unit>
            há ((cerca de|quase|mais de) )?<number> <unit>
            daqui a <number> <unit>
        """,
    ),
    "ru": Words(
        names={
            "weekday": r"понедельник|вторник|среду|четверг|пятницу|субботу|воскресенье",
            "month": r"января|февраля|марта|апреля|мая|июня|июля|августа|сентября|октября|ноября|декабря",
            "in_month": r"январе|феврале|марте|апреле|мае|июне|июле|августе|сентябре|октябре|ноябре|декабре",
            "day": r"\d{1,2}(?!\w)",
            "number": r"\d{1,3}|два|две|три|четыре|пять|шесть|семь|восемь|девять|десять|несколько|пару",
            "unit": r"минут[уы]?|час(а|ов)?|день|дня|дней|недел[юиья]|недель|месяц(а|ев)?|год(а)?|лет",
        },
        core=r"""
            <weekday>|<month>|<in_month>|<unit>|\d+|позавчера|вчера|сегодня|послезавтра|завтра|неделе|году|
              месяце|квартале|дни|недели|месяцы|годы
        """,
        link=r"по|и|до",
        yearless=r"""
            ((с|до|по|к) )?<day>(\s*(по|до|и|[-–—])\s*<day>)? <month>
            (в|начале|середине|конце) (<in_month>|<month>)
        """,
        relative=r"""
            (в|во) ((прошлый|прошлую|эту|этот|следующий|следующую) )?<weekday>
            позавчера|вчера|сегодня|послезавтра|завтра
            (на|в) (прошлой|этой|следующей|минувшей) неделе
            в (прошлом|этом|следующем|текущем|минувшем) (году|месяце|квартале)
            (прошлого|этого|текущего) (года|месяца)
            (в|за) последни[ех] (<number> )?(дни|недели|месяцы|годы|дней|недель|месяцев|лет)
            (<number> )?<unit> назад
            через <number> <unit>
        """,
    ),
}
