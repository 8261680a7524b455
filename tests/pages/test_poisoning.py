"""What a stranger sends with a request never changes what others get: the whole site, address by address."""

from typing import Any

import pytest

from articles import redirects
from articles.redirects import add_redirect
from newsroom.pages.files import FileStore
from tests.pages.base import Answer, ask
from tests.pages.test_never_stale import Paper, paper

__all__ = ["paper"]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgresql_later]

# All at once: each is a way in which a page was poisoned somewhere.
HOSTILE: dict[str, Any] = {
    "Cookie": "session=x; csrf=y; django_language=de",
    "Accept_Language": "fr",
    "Accept_Encoding": "br, gzip;q=0.1, zstd",
    "Accept": "application/json",
    "X_Forwarded_Host": "evil.example",
    "X_Forwarded_Proto": "https",
    "X_Forwarded_Port": "444",
    "Forwarded": "host=evil.example",
    "X_Original_Url": "/admin/",
    "X_Rewrite_Url": "/admin/",
    "X_Http_Method_Override": "HEAD",
    "Range": "bytes=0-9",
    "If_Range": '"x"',
    "If_None_Match": '"x"',
    "If_Modified_Since": "Wed, 01 Jan 2098 00:00:00 GMT",
    "User_Agent": "<script>alert(1)</script>",
    "Referer": "https://evil.example/",
    "Authorization": "Basic eDp5",
    "Save_Data": "on",
    "Sec_Ch_Prefers_Color_Scheme": "dark",
    "Host": "TESTSERVER:8443",
}


def told(answer: Answer) -> tuple[str, dict[str, str], bytes]:
    """Return what an answer tells, but for what the store adds."""
    kept = {name: value for name, value in answer.headers.items() if name not in ("etag", "vary", "expires")}
    return answer.status, kept, answer.body


def test_whoever_asks_first_changes_nothing_for_the_next(paper: Paper, store: FileStore) -> None:
    addresses = sorted(paper.addresses())
    clean = {at: told(ask(paper.django, *at)) for at in addresses}
    for path, query in addresses:
        ask(
            paper.cache,
            path,
            f"{query}&utm_source=%3Cscript%3E&lang=fr&before[]=1&_=2".lstrip("&"),
            **HOSTILE,
        )
    assert store.index.numbers()["pages"] > 60
    wrong = [at for at in addresses if told(ask(paper.cache, *at)) != clean[at]]
    assert wrong == []


def test_an_old_address_with_a_number_leads_on_and_is_not_missed(paper: Paper) -> None:
    add_redirect("/index.php?id=12", paper.main.path, by=None)
    answer = ask(paper.cache, "/index.php", "id=12&utm_source=x")
    assert (answer.status[:3], answer.headers.get("location")) == ("404", None)
    answer = ask(paper.cache, "/index.php", "id=12")
    assert (answer.status[:3], answer.headers["location"]) == ("301", paper.main.path)
    assert redirects.missed._counts == {"/index.php": 1}
    assert "index.php" not in str(paper.store.index.db.execute("SELECT address FROM page").fetchall())
