"""Static files: hashed names for ours, the editor's as its makers named them, and nothing that nobody asks for."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.test import Client, override_settings

from articles.editor import CKEDITOR_CONFIGS
from newsroom.apps import UNUSED_BY_EDITOR, NewsroomStaticFilesConfig
from newsroom.management.commands.serve import Command, static_digest
from newsroom.storage import StaticStorage


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Collect all files, once for the tests that look at them."""
    folder = tmp_path_factory.mktemp("collected")
    with override_settings(STATIC_ROOT=folder / "static", VAR_DIR=folder):
        call_command("collectstatic", verbosity=0, interactive=False)
        yield folder / "static"


def test_our_files_are_hashed_and_the_editors_stay(collected: Path) -> None:
    for path in (settings.BASE_DIR / "static" / "css").glob("*.css"):
        assert list((collected / "css").glob(f"{path.stem}.????????????.css")), path.name
    assert (collected / "ckeditor/ckeditor/ckeditor.js").exists()
    assert (collected / "ckeditor/ckeditor/plugins/link/dialogs/link.js").exists()


def test_every_address_leads_to_a_collected_file(collected: Path) -> None:
    storage = StaticStorage()
    for name in (
        "css/admin-photos.css",
        "js/admin-kept.js",
        "ckeditor/ckeditor-init.js",
        "ckeditor/ckeditor/ckeditor.js",
    ):
        assert finders.find(name), name
        address = storage.url(name)
        assert (collected / address.removeprefix(settings.STATIC_URL)).exists(), address


def test_every_address_that_a_page_may_name_is_that_of_a_file(collected: Path) -> None:
    storage = StaticStorage(location=collected, base_url="/static/")
    names = [
        name
        for finder in finders.get_finders()
        for name, _ in finder.list(list(NewsroomStaticFilesConfig.ignore_patterns))
    ]
    assert len(names) > 500
    missing = [
        name for name in names if not (collected / storage.url(name).removeprefix("/static/")).is_file()
    ]
    assert missing == []


def test_parts_of_the_editor_that_are_left_out_are_not_used(collected: Path) -> None:
    for config in CKEDITOR_CONFIGS.values():
        used = set(re.split(r"[,\s]+", config.get("extraPlugins", "")))
        assert not used & set(UNUSED_BY_EDITOR)
    for name in UNUSED_BY_EDITOR:
        assert not (collected / "ckeditor/ckeditor/plugins" / name).exists()
        assert finders.find(f"ckeditor/ckeditor/plugins/{name}"), f"{name} is left out of what is not there"


def test_a_drawing_opened_by_itself_runs_and_loads_nothing(client: Client) -> None:
    policy = client.head("/static/img/icon.svg").headers["Content-Security-Policy"]
    assert policy == "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    assert "Content-Security-Policy" not in client.head("/static/css/base.css").headers


def test_files_are_collected_again_only_when_one_has_changed(
    settings: object, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    theme = tmp_path / "theme"
    theme.mkdir()
    (theme / "own.css").write_text("a{}")
    settings.STATIC_ROOT, settings.VAR_DIR = tmp_path / "static", tmp_path
    settings.STATICFILES_DIRS = [theme]
    finders.get_finder.cache_clear()
    try:
        command = Command()
        command.collect_static()
        assert "Collecting" in capsys.readouterr().out
        command.collect_static()
        assert capsys.readouterr().out == ""
        before = static_digest()
        (theme / "own.css").write_text("a{color:red}")
        assert static_digest() != before
        command.collect_static()
        assert "Collecting" in capsys.readouterr().out
    finally:
        finders.get_finder.cache_clear()
