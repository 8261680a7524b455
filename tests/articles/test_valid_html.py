"""Every kind of page is valid HTML: the Nu checker (https://validator.github.io/validator/) finds no error.

It is a Java program: VNU_JAR names it (npm's package vnu-jar holds it), `java` runs it.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from django.template.loader import render_to_string
from django.test import Client

from tests.articles.readers import LANGUAGES, newspaper
from tests.conftest import missing


@pytest.mark.only_sqlite
@pytest.mark.long
@pytest.mark.django_db
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_kind_of_page_holds_an_error(
    client: Client, tmp_path: Path, full_length: bool, language: str
) -> None:
    """At full length every kind of page in each language; else every kind in one, and two from right to left."""
    jar, java = os.environ.get("VNU_JAR", ""), shutil.which("java")
    if not (jar and java):
        missing("The Nu checker (VNU_JAR, java)")
    addresses = newspaper(language)
    if language == "ar" and not full_length:
        addresses = {kind: addresses[kind] for kind in ("front", "article")}
    refused = client.post(f"{addresses['article']}comments/", {"name": "", "text": "x"})
    (tmp_path / "refused.html").write_bytes(refused.content)
    for template in ("400.html", "403.html", "500.html"):
        (tmp_path / template).write_text(render_to_string(template, {"language": language}))
    for kind, address in addresses.items():
        (tmp_path / f"{kind}.html").write_bytes(client.get(address).content)
    found = subprocess.run(
        [java, "-jar", jar, "--format", "json", "--exit-zero-always", *map(str, sorted(tmp_path.iterdir()))],
        capture_output=True,
        check=True,
    )
    messages = json.loads(found.stderr)["messages"]
    assert [
        f"{Path(row['url']).name}: {row['message']} {row.get('extract', '')}"
        for row in messages
        if row["type"] == "error"
    ] == []
