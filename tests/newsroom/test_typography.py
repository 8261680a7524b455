"""French spaces."""

from newsroom.typography import typeset


def test_french_punctuation_stays_with_its_word():
    assert typeset("« Qui ? » : personne ; rien !", "fr") == (
        "«\u00a0Qui\u202f?\u00a0»\u00a0: personne\u202f; rien\u202f!"
    )


def test_space_that_is_not_there_is_not_added():
    assert typeset("Rencontre à Berne? Oui: demain", "fr") == "Rencontre à Berne? Oui: demain"


def test_other_languages_are_left_alone():
    assert typeset("What ? « this »", "en") == "What ? « this »"


def test_markup_is_left_alone():
    body = '<p>Un <a href="https://example.org/a?b=c;d">lien</a> ; &amp; la suite</p>'

    assert typeset(body, "fr") == body.replace(" ;", "\u202f;")
