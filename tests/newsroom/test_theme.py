"""THEME_DIR: any template and any static file can be another one, without a fork."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

ROOT = settings.BASE_DIR
ASK = """
import json, sys
import django
django.setup()
from django.contrib.staticfiles import finders
from django.template.loader import get_template
templates, files = json.load(sys.stdin)
print(json.dumps([
    [name for name in templates if get_template(name).template.source != "{# theirs #}"],
    [name for name in files if open(finders.find(name)).read() != "theirs"],
]))
"""


def names(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


@pytest.mark.later
def test_every_template_and_static_file_can_be_overridden(tmp_path: Path) -> None:
    templates, files = names(ROOT / "templates"), names(ROOT / "static")
    assert len(templates) > 10
    assert len(files) > 5
    for kind, each, text in (("templates", templates, "{# theirs #}"), ("static", files, "theirs")):
        for name in each:
            path = tmp_path / "theme" / kind / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    answer = subprocess.run(
        [sys.executable, "-c", ASK],
        input=json.dumps([templates, files]),
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "newsroom.settings",
            "VAR_DIR": str(tmp_path / "var"),
            "THEME_DIR": str(tmp_path / "theme"),
        },
    )
    assert json.loads(answer.stdout) == [[], []]


@pytest.mark.django_db
def test_readers_get_the_template_of_the_theme(client: object, settings: object, tmp_path: Path) -> None:
    (tmp_path / "404.html").write_text("<p>Lost? So are we.</p>")
    engine = settings.TEMPLATES[0]
    settings.TEMPLATES = [{**engine, "DIRS": [tmp_path, *engine["DIRS"]]}]
    assert client.get("/en/nothing-here/").content == b"<p>Lost? So are we.</p>"


@pytest.mark.later
def test_a_theme_that_is_not_there_is_said(tmp_path: Path) -> None:
    answer = subprocess.run(
        [sys.executable, ROOT / "manage.py", "check"],
        capture_output=True,
        text=True,
        env={
            "PATH": os.environ["PATH"],
            "VAR_DIR": str(tmp_path / "var"),
            "THEME_DIR": str(tmp_path / "nowhere"),
        },
    )
    assert answer.returncode == 1
    assert "(newsroom.E001) THEME_DIR names" in answer.stderr
