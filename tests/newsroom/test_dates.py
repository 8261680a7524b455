"""Dates, numbers and names of languages, by CLDR."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from newsroom import dates

MOMENT = datetime(2025, 7, 11, 8, 42, tzinfo=UTC)
ZURICH = ZoneInfo("Europe/Zurich")


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", "11 July 2025, 10:42 CEST"),
        ("en-us", "July 11, 2025"),
        ("de", "11. Juli 2025, 10:42 MESZ"),
        ("fr", "11 juillet 2025, 10:42 UTC+2"),
        ("pl", "11 lipca 2025 10:42 CEST"),
        ("xyz", "11 July 2025, 10:42 CEST"),
    ],
)
def test_moment_is_written_as_its_language_does(language, expected):
    assert dates.format_moment(MOMENT, language, ZURICH).startswith(expected)


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        ("Europe/Zurich", "CEST"),
        ("UTC", "UTC"),
        ("America/New_York", "UTC−4"),
        ("Asia/Kolkata", "UTC+5:30"),
        ("America/St_Johns", "UTC−2:30"),
    ],
)
def test_zone_is_named_or_told_by_its_distance(zone, expected):
    assert dates.zone_name(MOMENT, "en", ZoneInfo(zone)) == expected


def test_day_is_that_of_the_zone():
    late = datetime(2025, 7, 11, 23, 30, tzinfo=UTC)

    assert dates.format_date(late, "de", ZURICH) == "12. Juli 2025"
    assert dates.format_day(late, "en", UTC) == "Friday, 11 July 2025"


@pytest.mark.parametrize(
    ("language", "expected"), [("en", "1,204,000"), ("de", "1.204.000"), ("fr", "1\u202f204\u202f000")]
)
def test_number_has_the_separators_of_its_language(language, expected):
    assert dates.format_number(1_204_000, language) == expected


def test_language_is_named_in_itself_and_in_others():
    assert [dates.own_name(code) for code in ("en", "de", "fr", "ar", "pt-br")] == [
        "English",
        "Deutsch",
        "Français",
        "العربية",
        "Português (Brasil)",
    ]
    assert dates.name_of("de", "fr") == "allemand"
    assert dates.name_of("en", "de") == "Englisch"
    assert dates.name_of("xyz", "de") == "xyz"


def test_direction_is_that_of_the_script():
    assert [dates.direction(code) for code in ("en", "ar", "he", "fa", "xyz")] == [
        "ltr",
        "rtl",
        "rtl",
        "rtl",
        "ltr",
    ]
