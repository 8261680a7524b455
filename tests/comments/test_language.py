"""The language of a comment is told by its letters."""

import pytest

from comments.language import guess

SITE = ["en", "fr", "ar", "ru", "ja", "zh", "ko", "he", "el"]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The ferry was late.", "en"),
        ("Le bac était en retard.", "en"),  # one script: the article's
        ("العبارة متأخرة", "ar"),
        ("Паром опоздал", "ru"),
        ("フェリーが遅れた。船は来ない", "ja"),
        ("渡轮晚点了", "zh"),
        ("페리가 늦었다", "ko"),
        ("המעבורת איחרה", "he"),
        ("Το πλοίο άργησε", "el"),
        ("Паром опоздал, OK", "ru"),
        ("12 345 !!! 😀", "en"),
        ("", "en"),
        ("ფერი დაიგვიანა", "en"),  # no language of the site
        ("\ud800\0\u202e", "en"),
    ],
)
def test_letters_tell_the_language(text: str, language: str) -> None:
    assert guess(text, "en", SITE) == language


def test_the_articles_language_comes_before_others_of_its_script() -> None:
    assert guess("Merci !", "fr", SITE) == "fr"
    assert guess("Паром", "uk", ["en", "ru", "uk"]) == "uk"
    assert guess("Gruss", "ar", ["ar", "de", "fr"]) == "de"


def test_codes_with_a_script_or_a_country_are_understood() -> None:
    assert guess("渡輪", "en", ["en", "zh-tw"]) == "zh-tw"
    assert guess("Пароброд", "en", ["en", "sr"]) == "sr"
    assert guess("Паром", "en", ["en", "xx", "not-a-language"]) == "en"
