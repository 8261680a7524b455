"""Rules of the house that no single module can hold."""

import ast
import re
import subprocess
from pathlib import Path

import pytest
from django.conf import settings
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = settings.BASE_DIR
LOCKS = ("requirements", "requirements-postgres", "requirements-dev")


def tracked(*patterns: str) -> list[Path]:
    """Return the files of the repository that git knows, or would take in."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", *patterns],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [ROOT / name for name in listing.stdout.split("\0") if name and (ROOT / name).is_file()]


def imported(path: Path) -> set[str]:
    """Return the modules that a file imports, wherever it does."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


@pytest.mark.parametrize(
    ("package", "knows_nothing_of"),
    [
        ("articles", {"comments"}),
        ("newsroom/pages", {"articles", "comments"}),
    ],
)
def test_imports_go_one_way(package: str, knows_nothing_of: set[str]) -> None:
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in (ROOT / package).rglob("*.py")
        for name in imported(path)
        if name.split(".")[0] in knows_nothing_of
    ]
    assert wrong == []


def test_nothing_runs_by_signals_or_triggers() -> None:
    wrong = [
        str(path.relative_to(ROOT))
        for package in ("articles", "comments", "newsroom")
        for path in (ROOT / package).rglob("*.py")
        if {"django.db.models.signals", "django.dispatch"} & imported(path)
        or "CREATE TRIGGER" in path.read_text(encoding="utf-8").upper()
    ]
    assert wrong == []


def test_templates_for_readers_hold_no_script_and_no_style() -> None:
    """Promise 7: the policy of public pages forbids both; a JSON-LD block is data and passes."""
    inline = re.compile(
        r"<script(?![^>]*\bsrc=)(?![^>]*application/ld\+json)|<style\b|\sstyle\s*=|\son[a-z]+\s*=|javascript:",
        re.I,
    )
    wrong = [
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path in tracked("templates/*.html")
        if (match := inline.search(path.read_text(encoding="utf-8")))
    ]
    assert wrong == []


# What may pass a template unescaped: bodies, which `articles.html` has sanitised on their way in.
SAFE = {
    ("templates/admin/articles/article/_content.html", "row.value|safe"),
    ("templates/admin/articles/article/remarks.html", "place.passage.html|safe"),
    ("templates/admin/articles/article/_stale.html", "side.html|safe"),
}


def test_safe_is_said_of_the_sanitised_body_only() -> None:
    found = {
        (str(path.relative_to(ROOT)), match)
        for path in tracked("templates/*.html")
        for match in re.findall(
            r"[\w.]*\s*\|\s*safe(?:seq)?\b|autoescape off", path.read_text(encoding="utf-8")
        )
    }
    assert found == SAFE


def test_no_file_names_this_machine() -> None:
    """Neither the folder that this runs in, nor a home, nor the address of a package index."""
    here = [str(ROOT), str(Path.home())] if len(Path.home().parts) > 1 else [str(ROOT)]
    words = [re.escape(name) + r"\b(?!\w)" for name in here if len(name) > 4]
    wrong = re.compile("|".join([*words, r"--(?:extra-index-url|index-url|find-links)[ =]"]))
    found = []
    for path in tracked():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        found += [f"{path.relative_to(ROOT)}: {match[0]}" for match in [wrong.search(text)] if match]
    assert found == []


def test_no_file_is_unfinished() -> None:
    marks = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")
    found = [
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path in tracked("*.py", "*.html", "*.css", "*.js", "*.md", "Makefile", ".ci/run")
        if (match := marks.search(path.read_text(encoding="utf-8")))
    ]
    assert found == []


# The locks


def wanted(name: str) -> dict[str, Requirement]:
    """Return what an input file asks for, the files that it includes too."""
    found: dict[str, Requirement] = {}
    for line in (ROOT / f"{name}.in").read_text(encoding="utf-8").splitlines():
        line = line.partition("#")[0].strip()
        if line.startswith("-r "):
            found |= wanted(line[3:].strip().removesuffix(".in"))
        elif line:
            requirement = Requirement(line)
            found[canonicalize_name(requirement.name)] = requirement
    return found


def locked(name: str) -> dict[str, str]:
    """Return the version of each package in a lock."""
    text = (ROOT / f"{name}.txt").read_text(encoding="utf-8")
    pins = re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==(\S+)", text, re.M)
    assert len(pins) == len(re.findall(r"^\S*==", text, re.M))
    return {canonicalize_name(package): version for package, version in pins}


@pytest.mark.parametrize("name", LOCKS)
def test_lock_is_that_of_its_input(name: str) -> None:
    pins = locked(name)
    for package, requirement in wanted(name).items():
        assert package in pins, f"{package} is not in {name}.txt: run make lock"
        assert requirement.specifier.contains(pins[package], prereleases=True)
    text = (ROOT / f"{name}.txt").read_text(encoding="utf-8")
    for block in re.split(r"\n(?=\S)", text):
        package = canonicalize_name(re.split(r"==|\[", block)[0]) if "==" in block else ""
        if re.search(r"-r requirements\S*\.in", block) and package:
            assert package in wanted(name), f"{name}.in no longer asks for {package}: run make lock"


@pytest.mark.parametrize("name", LOCKS)
def test_every_package_of_a_lock_has_its_hashes(name: str) -> None:
    blocks = re.findall(r"^\S+==.*(?:\n[ #].*)*", (ROOT / f"{name}.txt").read_text(encoding="utf-8"), re.M)
    assert blocks
    assert [block.splitlines()[0] for block in blocks if "--hash=sha256:" not in block] == []


def test_the_locks_agree() -> None:
    ours, postgres, dev = (locked(name) for name in LOCKS)
    assert ours.items() <= postgres.items()
    assert postgres.items() <= dev.items()
