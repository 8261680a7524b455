"""The accent colour is readable on both papers, whatever the site sets."""

import re
from pathlib import Path

from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from newsroom import colours
from newsroom.models import Site

BASE_CSS = Path(settings.BASE_DIR, "static/css/base.css")
any_colour = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


def themes() -> list[dict[str, str]]:
    """Return the raw colours of the light and the dark theme, as base.css sets them."""
    css = BASE_CSS.read_text()
    light, dark = (
        dict(re.findall(r"--raw-([a-z-]+): (#[0-9a-f]{6});", block))
        for block in re.findall(r":root \{([^}]*--raw-paper:[^}]*)\}", css)[:2]
    )
    return [light, dark]


def test_contrast_is_that_of_wcag():
    assert round(colours.contrast("#ffffff", "#000000"), 2) == 21
    assert round(colours.contrast("#767676", "#ffffff"), 2) == 4.54


@given(any_colour)
def test_any_accent_is_readable_in_both_themes(colour):
    for theme, paper in zip(themes(), (colours.LIGHT_PAPER, colours.DARK_PAPER), strict=True):
        accent = colours.readable_on(paper, colour)
        assert colours.contrast(accent, theme["paper"]) >= 4.5
        assert colours.contrast(accent, theme["paper-deep"]) >= 4.5


def test_readable_colour_stays_as_it_is():
    assert colours.readable_on(colours.LIGHT_PAPER, "#00594f") == "#00594f"


def test_stylesheet_brings_the_accent_of_a_new_site():
    default = Site._meta.get_field("colour").default
    light, dark = themes()

    assert light["accent"] == colours.readable_on(colours.LIGHT_PAPER, default)
    assert dark["accent"] == colours.readable_on(colours.DARK_PAPER, default)
    assert (light["paper-deep"], dark["paper-deep"]) == (colours.LIGHT_PAPER, colours.DARK_PAPER)


def test_text_is_readable_in_both_themes():
    for theme in themes():
        for paper in (theme["paper"], theme["paper-deep"]):
            assert colours.contrast(theme["ink"], paper) >= 7
            assert colours.contrast(theme["ink-soft"], paper) >= 7
            assert colours.contrast(theme["line-firm"], paper) >= 3


def test_stylesheet_of_a_colour_sets_the_accent_alone(client, db):
    assert client.get("/accent-1a4fd0.css").status_code == 404, "only the site's colour has one"
    Site.objects.create(colour="#1A4FD0")
    response = client.get("/accent-1a4fd0.css")

    assert response.headers["Content-Type"] == "text/css; charset=utf-8"
    assert set(re.findall(r"--[a-z-]+", response.text)) == {"--raw-accent"}
    assert set(re.findall(r"#[0-9a-f]{6}", response.text)) == {
        colours.readable_on(colours.LIGHT_PAPER, "#1a4fd0"),
        colours.readable_on(colours.DARK_PAPER, "#1a4fd0"),
    }
