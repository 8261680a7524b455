"""Dates, numbers and names of languages as a page's language writes them, by the rules of CLDR (Babel).

Language codes are those of addresses: "fr", "pt-br". Plain "en" is British English, as the interface is; a site
that writes American English publishes in "en-us".
"""

import re
from datetime import datetime, timedelta, tzinfo
from functools import lru_cache

from babel import Locale, UnknownLocaleError, dates, numbers
from babel.core import get_global

_BRITISH = Locale("en", "GB")


@lru_cache(maxsize=256)
def locale_of(language: str) -> Locale:
    """Return the locale of a language code; British English for one that CLDR does not know."""
    if language == "en":
        return _BRITISH
    try:
        return Locale.parse(language, sep="-")
    except (UnknownLocaleError, ValueError):
        return _BRITISH


def with_territory(language: str) -> str:
    """Return a language with its territory, the likeliest if it names none: "fr_FR"; "fr" if none is known."""
    locale = locale_of(language)
    likely = Locale.parse(get_global("likely_subtags").get(locale.language, locale.language))
    territory = locale.territory or likely.territory
    return f"{locale.language}_{territory}" if territory else locale.language


def direction(language: str) -> str:
    """Return "rtl" for a language that is written from right to left, else "ltr"."""
    return "rtl" if locale_of(language).character_order == "right-to-left" else "ltr"


@lru_cache(maxsize=256)
def script_of(language: str) -> str:
    """Return the script that a language is written in, by ISO 15924, the likeliest if the code names none: "Cyrl"."""
    locale = locale_of(language)
    if locale.script:
        return locale.script
    known = get_global("likely_subtags")
    likely = known.get(f"{locale.language}_{locale.territory}") or known.get(locale.language, "")
    return next((part for part in likely.split("_") if len(part) == 4), "")


def own_name(language: str) -> str:
    """Return the name of a language in itself, as a list of languages shows it: "Français"."""
    name = name_of(language, language)
    return name[:1].upper() + name[1:]


def name_of(language: str, within: str) -> str:
    """Return the name of a language in another one, as a sentence holds it: "allemand"; its code if it has none."""
    if language == "en":
        return Locale("en").get_display_name(locale_of(within)) or language
    locale = locale_of(language)
    return language if locale is _BRITISH else locale.get_display_name(locale_of(within)) or language


def format_date(moment: datetime, language: str, zone: tzinfo) -> str:
    """Return the day in a time zone: "9 July 2025"."""
    return dates.format_date(moment.astimezone(zone), "long", locale=locale_of(language))


def format_day(moment: datetime, language: str, zone: tzinfo) -> str:
    """Return the day with its name: "Wednesday, 9 July 2025"."""
    return dates.format_date(moment.astimezone(zone), "full", locale=locale_of(language))


def format_short_date(moment: datetime, language: str, zone: tzinfo) -> str:
    """Return the day without its year, for narrow columns: "9 Jul"."""
    return dates.format_skeleton("MMMd", moment, tzinfo=zone, locale=locale_of(language))


def format_time(moment: datetime, language: str, zone: tzinfo) -> str:
    """Return the time of day in a time zone: "10:42"."""
    return dates.format_time(moment, "short", tzinfo=zone, locale=locale_of(language))


def format_second(moment: datetime, language: str, zone: tzinfo) -> str:
    """Return the time of day to the second in a time zone: "10:42:07"."""
    return dates.format_time(moment, "medium", tzinfo=zone, locale=locale_of(language))


def format_moment(moment: datetime, language: str, zone: tzinfo, *, seconds: bool = False) -> str:
    """Return day, time and the zone's name: "9 July 2025, 10:42 CEST"."""
    pattern = dates.get_datetime_format("long", locale=locale_of(language))
    clock = format_second if seconds else format_time
    time = f"{clock(moment, language, zone)} {zone_name(moment, language, zone)}"
    return pattern.format(time, format_date(moment, language, zone))


def zone_name(moment: datetime, language: str, zone: tzinfo) -> str:
    """Return the short name of a zone at a moment, "CEST"; its distance, "UTC+2", where the language has none."""
    local = moment.astimezone(zone)
    name = dates.get_timezone_name(local, width="short", locale=locale_of(language))
    if re.fullmatch(r"[A-Z]{2,5}", name):
        return name
    offset = f"{local:%z}"
    hours, minutes = f"{offset[0]}{int(offset[1:3])}".replace("-", "−"), offset[3:5]
    return f"UTC{hours}" if minutes == "00" else f"UTC{hours}:{minutes}"


def format_duration(seconds: float, language: str) -> str:
    """Return a span of time in its largest unit: "40 minutes", "2 hours"."""
    return dates.format_timedelta(
        timedelta(seconds=seconds), granularity="minute", threshold=1.5, locale=locale_of(language)
    )


def format_number(number: int, language: str) -> str:
    """Return a whole number with the language's separators: 1,204 or 1.204."""
    return numbers.format_decimal(number, locale=locale_of(language))


def format_month(moment: datetime, language: str, zone: tzinfo) -> str:
    """Return the month with its year, as a heading has it: "July 2025"."""
    local = moment.astimezone(zone)
    return dates.format_skeleton("yMMMM", local, tzinfo=zone, locale=locale_of(language))


def month_names(language: str) -> dict[int, str]:
    """Return the names of the months by number, as they stand alone in a list."""
    return dict(dates.get_month_names("wide", context="stand-alone", locale=locale_of(language)))
