"""Every kind of page is valid HTML: the Nu checker (https://validator.github.io/validator/) finds no error.

It is a Java program: VNU_JAR names it (npm's package vnu-jar holds it), `java` runs it.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from django.test import Client

from tests.articles.readers import LANGUAGES, newspaper
from tests.conftest import missing


@pytest.mark.only_sqlite
@pytest.mark.django_db
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_kind_of_page_holds_an_error(client: Client, tmp_path: Path, language: str) -> None:
    jar, java = os.environ.get("VNU_JAR", ""), shutil.which("java")
    if not (jar and java):
        missing("The Nu checker (VNU_JAR, java)")
    for kind, address in newspaper(language).items():
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
