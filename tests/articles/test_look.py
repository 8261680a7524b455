"""What the stylesheets and faces keep to."""

import gzip
import re
from pathlib import Path

import pytest
from django.conf import settings

from newsroom.models import Site
from tests import base

STATIC = Path(settings.BASE_DIR, "static")
SHEETS = ["base.css", "news.css", "comments.css"]


def sheet(name: str) -> str:
    """Return a stylesheet without its comments."""
    return re.sub(r"/\*.*?\*/", "", (STATIC / "css" / name).read_text(), flags=re.DOTALL)


@pytest.mark.parametrize("name", SHEETS)
def test_stylesheet_names_no_side_of_the_page(name):
    sides = r"\b(?:margin|padding|border|inset)-(?:left|right|top|bottom)\b"
    values = r"\b(?:text-align|float|clear): (?:left|right)\b"
    plain = r"[{;]\s*(?:left|right|top|bottom|width|height)\s*:"

    assert re.findall(f"{sides}|{values}|{plain}", sheet(name)) == []


@pytest.mark.parametrize("name", SHEETS)
def test_stylesheet_asks_nobody_else(name):
    assert all(address.startswith("../fonts/") for address in re.findall(r'url\("?([^")]+)', sheet(name)))


@pytest.mark.parametrize("name", ["news.css", "comments.css"])
def test_components_know_purposes_and_no_raw_colours(name):
    shown = sheet(name).split("@layer print")[0]

    assert not re.search(r"--raw-|#[0-9a-fA-F]{3,8}\b|rgb\(|hsl\(", shown)


def test_dark_theme_redefines_raw_values_alone():
    dark = re.search(r"prefers-color-scheme: dark\) \{\s*:root \{([^}]*)\}", sheet("base.css"))[1]

    names = re.findall(r"^\s*([a-z-]+):", dark, flags=re.MULTILINE)
    assert [name for name in names if not name.startswith("--raw-")] == ["color-scheme"]


def test_faces_on_the_critical_path_stay_within_25_kb():
    sizes = {path.name: path.stat().st_size for path in (STATIC / "fonts").glob("*.woff2")}

    # English, French and German load the first; Polish the first and the last.
    assert sizes["newsreader-core.woff2"] + sizes["newsreader-extended.woff2"] <= 25_000


def test_licence_of_the_face_comes_with_it():
    assert "SIL OPEN FONT LICENSE" in (STATIC / "fonts" / "OFL.txt").read_text()


def test_text_never_waits_for_its_face():
    faces = re.findall(r"@font-face \{(.*?)\}", sheet("base.css"), flags=re.DOTALL)

    assert all("font-display: swap" in face for face in faces if "url(" in face)
    assert len([face for face in faces if "size-adjust" in face]) == 3


@pytest.mark.django_db
def test_article_without_photos_weighs_45_kb_at_most(client):
    Site().save()
    paragraph = (
        "<p>" + "The ferry left the harbour at six in the morning, and nobody saw it go. " * 6 + "</p>"
    )
    page = client.get(base.published(body=paragraph * 30).path).content
    parts = [page, *((STATIC / "css" / name).read_bytes() for name in SHEETS)]

    packed = sum(len(gzip.compress(part)) for part in parts)
    font = (STATIC / "fonts" / "newsreader-core.woff2").stat().st_size
    icon = (STATIC / "img" / "icon.svg").stat().st_size
    assert packed + font + icon <= 45_000
