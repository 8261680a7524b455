"""The cache around an application: what is stored, what passes by, how it is answered, who waits for whom."""

import gzip
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from newsroom import clock
from newsroom.pages import files
from newsroom.pages.files import FileStore
from newsroom.pages.stored import matches, takes_gzip
from tests.pages.base import HTML, Site, address, ask, cached


@pytest.fixture
def site() -> Site:
    return Site()


def test_a_page_is_rendered_once_and_then_comes_from_the_store(store: FileStore, site: Site) -> None:
    cache = cached(site, store)
    first, second = ask(cache), ask(cache)
    assert len(site.renders) == 1
    assert (first.status, first.pairs, first.body) == (second.status, second.pairs, second.body)
    assert first.body == b"Front"
    store.fence(["front-en"]).free()
    site.text = "New"
    assert ask(cache).body == b"New"


@pytest.mark.parametrize(
    ("status", "headers", "keys"),
    [
        ("200 OK", [*HTML, ("Set-Cookie", "a=b")], {"k"}),
        ("200 OK", [*HTML, ("Cache-Control", "max-age=0, no-store")], {"k"}),
        ("200 OK", [*HTML, ("Cache-Control", "Private")], {"k"}),
        ("200 OK", [*HTML, ("Vary", "Accept-Encoding, Cookie")], {"k"}),
        ("200 OK", [*HTML, ("Vary", "*")], {"k"}),
        ("200 OK", [*HTML, ("Content-Encoding", "gzip")], {"k"}),
        ("200 OK", HTML, set()),
        *(
            (status, HTML, {"k"})
            for status in ("302 Found", "304 Not Modified", "404 Not Found", "403 Forbidden")
        ),
        *((status, HTML, {"k"}) for status in ("206 Partial Content", "500 Error", "503 Unavailable")),
    ],
)
def test_what_is_not_for_everybody_is_never_stored(
    store: FileStore, site: Site, status: str, headers: list[tuple[str, str]], keys: set[str]
) -> None:
    site.status, site.headers, site.keys = status, headers, keys
    cache = cached(site, store)
    for number in (1, 2):
        answer = ask(cache)
        assert (answer.status, answer.pairs, answer.body) == (status, headers, b"Front")
        assert len(site.renders) == number
    assert "etag" not in answer.headers


@pytest.mark.parametrize("status", ["301 Moved Permanently", "410 Gone"])
def test_a_lasting_redirect_and_what_is_gone_are_stored(store: FileStore, site: Site, status: str) -> None:
    site.status, site.headers = status, [*HTML, ("Location", "/en/new/")]
    cache = cached(site, store)
    first = ask(cache)
    again = ask(cache, If_None_Match=first.headers["etag"])
    assert len(site.renders) == 1
    assert again.status == status
    assert again.headers["location"] == "/en/new/"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PURGE", "get"])
def test_other_methods_pass_by(store: FileStore, site: Site, method: str) -> None:
    cache = cached(site, store)
    ask(cache)
    ask(cache, method=method)
    assert site.renders[-1]["REQUEST_METHOD"] == method
    assert len(site.renders) == 2


@pytest.mark.parametrize(
    "path",
    [
        *("/", "/admin/", "/admin/articles/article/1/change/", "/static/x.css", "/media/site/x.jpg"),
        *("/healthz", "/readyz", "/preview/x/", "/comments/own/x/", "/en/search/", "/de-ch/search/"),
        *("/en/a%00b/", "/en/%0a/", f"/en/{'x' * 1000}/"),
    ],
)
def test_addresses_that_are_never_stored_reach_the_application_as_they_are(
    store: FileStore, site: Site, path: str
) -> None:
    cache = cached(site, store)
    for _time in range(2):
        ask(cache, path, Cookie="a=b", If_None_Match='"x"', query="q=1")
    assert len(site.renders) == 2
    assert site.renders[1]["HTTP_COOKIE"] == "a=b"
    assert site.renders[1]["HTTP_IF_NONE_MATCH"] == '"x"'
    assert site.renders[1]["QUERY_STRING"] == "q=1"


# Answers


def test_head_gives_the_headers_of_get_and_no_body_stored_or_not(store: FileStore, site: Site) -> None:
    cache = cached(site, store)
    first = ask(cache, method="HEAD")
    assert site.renders[0]["REQUEST_METHOD"] == "GET"
    second, get = ask(cache, method="HEAD"), ask(cache)
    assert first.pairs == second.pairs == get.pairs
    assert first.body == second.body == b""
    assert get.headers["content-length"] == "5"
    site.status = "404 Not Found"
    assert ask(cache, "/en/none/", method="HEAD").body == b""


def test_a_browser_that_has_the_page_is_told_so_until_it_changes(store: FileStore, site: Site) -> None:
    site.text = "Front " * 100
    site.headers = [*HTML, ("Cache-Control", "no-cache"), ("Content-Language", "en")]
    cache = cached(site, store)
    plain, packed = ask(cache), ask(cache, Accept_Encoding="gzip")
    assert plain.headers["etag"] != packed.headers["etag"]
    for answer, accepted in ((plain, ""), (packed, "gzip, br")):
        etag = answer.headers["etag"]
        for sent in (etag, f"W/{etag}", f'"x", {etag}', "*"):
            again = ask(cache, If_None_Match=sent, Accept_Encoding=accepted)
            assert (again.status, again.body) == ("304 Not Modified", b""), sent
            assert again.headers["etag"] == etag
            assert again.headers["cache-control"] == "no-cache"
            assert again.headers["vary"] == "Accept-Encoding"
            assert "content-length" not in again.headers
    assert ask(cache, If_None_Match=packed.headers["etag"]).status == "200 OK"
    # A change within the same second, of the same length.
    store.fence(["front-en"]).free()
    site.text = "Later " * 100
    assert ask(cache, If_None_Match=plain.headers["etag"]).body == site.text.encode()


def test_a_page_is_packed_once_and_unpacked_for_whoever_cannot(store: FileStore, site: Site) -> None:
    site.text = "Front " * 100
    cache = cached(site, store)
    packed, plain = ask(cache, Accept_Encoding="gzip, deflate, br"), ask(cache)
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body == site.text.encode()
    assert "content-encoding" not in plain.headers
    assert packed.headers["vary"] == plain.headers["vary"] == "Accept-Encoding"
    assert int(packed.headers["content-length"]) == len(packed.body)


@pytest.mark.parametrize(
    ("header", "takes"),
    [
        ("gzip", True),
        ("GZIP;q=1.0, *;q=0", True),
        ("x-gzip", True),
        ("*", True),
        ("deflate, gzip;q=0.001", True),
        ("", False),
        ("identity", False),
        ("gzip;q=0", False),
        ("gzip; q=0.0, deflate", False),
        ("gzip;q=nan", False),
        ("gzip;q=", False),
        ("br, *;q=0", False),
        ("gzipped", False),
        (";;,,q=", False),
    ],
)
def test_gzip_is_sent_to_whoever_takes_it(header: str, takes: bool) -> None:
    assert takes_gzip(header) is takes


def test_an_etag_is_compared_whole() -> None:
    assert not matches('"1-2"', '"1-20"')
    assert not matches("1-2", '"1-2"')
    assert not matches("", '"1-2"')


# What nobody may change for others

HOSTILE: list[dict[str, Any]] = [
    {"Cookie": "session=x; csrf=y"},
    {"X_Forwarded_Host": "evil.example", "X_Forwarded_Proto": "https", "X_Forwarded_Port": "1"},
    {"X_Original_Url": "/de/", "X_Rewrite_Url": "/de/", "X_Http_Method_Override": "POST"},
    {"Range": "bytes=0-1"},
    {"Host": "TESTSERVER:99"},
    {"If_Modified_Since": "Wed, 01 Jan 2098 00:00:00 GMT", "If_None_Match": '"x"', "If_Match": '"y"'},
    {"User_Agent": "<script>", "Referer": "https://evil.example/", "Authorization": "Basic eA=="},
    {"Accept": "application/json", "X_Requested_With": "XMLHttpRequest"},
    {"query": "utm_source=x&before=&q=1"},
    {"query": "%62efore=9%26x&&&=&;a"},
    {"query": "sent=1"},
    {"query": "before=3&before=4"},
    {"query": "before=03"},
    {"query": "x" * 5000},
    {"method": "HEAD"},
]


@pytest.mark.parametrize("hostile", HOSTILE)
def test_nothing_in_a_request_changes_what_others_get(store: FileStore, hostile: dict[str, Any]) -> None:
    """The application here answers with all that it is told: whatever reached it would stand in the page."""

    def echo(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        site(environ, start_response)
        told = {
            name: value for name, value in environ.items() if name.startswith(("HTTP_", "QUERY", "REQUEST"))
        }
        return [repr(sorted(told.items())).encode()]

    site = Site()
    clean = ask(cached(echo, store)).body
    store.discard()
    cache = cached(echo, store)
    ask(cache, **hostile)
    assert ask(cache).body == clean


def test_a_known_parameter_names_another_page_in_any_order_and_unknown_ones_do_not(
    store: FileStore, site: Site
) -> None:
    cache = cached(site, store)
    ask(cache)
    for query in ("utm_source=a", "fbclid=b&utm_source=c", "=", "&", "Before=3"):
        ask(cache, query=query)
    assert len(site.renders) == 1
    ask(cache, query="before=3")
    ask(cache, query="x=1&before=3&y")
    ask(cache, query="sent=&before=3")
    ask(cache, query="before=3&sent=")
    assert [environ["QUERY_STRING"] for environ in site.renders[1:]] == ["before=3", "before=3&sent="]


def test_an_old_address_with_a_query_of_its_own_gets_it_where_the_path_alone_is_nothing(
    store: FileStore, site: Site
) -> None:
    site.status = "404 Not Found"
    ask(cached(site, store), "/index.php", query="id=12")
    assert [environ["QUERY_STRING"] for environ in site.renders] == ["", "id=12"]


@pytest.mark.parametrize("host", ["testserver:80", "TestServer", "testserver:8000"])
def test_a_host_of_ours_is_known_in_any_case_and_with_any_port(
    store: FileStore, site: Site, host: str
) -> None:
    cache = cached(site, store)
    ask(cache)
    ask(cache, Host=host)
    assert len(site.renders) == 1


@pytest.mark.parametrize(
    "host", ["evil.example", "testserver.evil.example", "", "testserver@evil", "testserver:x"]
)
def test_an_unknown_host_passes_by(store: FileStore, site: Site, host: str) -> None:
    cache = cached(site, store)
    ask(cache)
    ask(cache, Host=host)
    ask(cache, Host=host)
    assert len(site.renders) == 3


def test_what_comes_without_tls_is_sent_there_and_stores_nothing(
    store: FileStore, site: Site, settings: Any
) -> None:
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    cache = cached(site, store)
    ask(cache)
    ask(cache, X_Forwarded_Proto="http")
    assert store.find(address()) is None
    ask(cache, X_Forwarded_Proto="https")
    assert store.find(address())
    ask(cache)
    assert len(site.renders) == 4


# Changes meanwhile


def test_what_changes_while_it_is_rendered_is_answered_and_not_stored(store: FileStore, site: Site) -> None:
    cache = cached(site, store)
    site.meanwhile = lambda: store.fence(["front-en"]).free()
    assert ask(cache).body == b"Front"
    site.meanwhile = lambda: None
    assert store.find(address()) is None
    answer = ask(cache)
    assert answer.headers["etag"]
    assert store.find(address())


def test_what_is_not_stored_says_nothing_that_the_next_one_might_say_too(
    store: FileStore, site: Site
) -> None:
    cache = cached(site, store)
    site.meanwhile = lambda: store.fence(["front-en"]).free()
    assert "etag" not in ask(cache).headers
    assert ask(cache, If_None_Match="*").status == "200 OK"


def test_a_page_is_made_at_one_instant(store: FileStore, site: Site) -> None:
    instants = []
    site.meanwhile = lambda: (instants.append(clock.now()), time.sleep(0.01), instants.append(clock.now()))
    ask(cached(site, store))
    assert instants[0] == instants[1]
    assert clock.now() > instants[0]


def test_a_page_whose_instant_passes_while_it_is_rendered_is_not_stored(store: FileStore, site: Site) -> None:
    site.until = datetime.now(UTC) + timedelta(milliseconds=20)
    site.meanwhile = lambda: time.sleep(0.03)
    ask(cached(site, store))
    assert store.find(address()) is None


# Many at once


def at_once(number: int, act: Callable[[], Any]) -> list[Any]:
    """Do the same in as many threads, which begin together."""
    ready = threading.Barrier(number)

    def begin() -> Any:
        ready.wait()
        return act()

    with ThreadPoolExecutor(number) as pool:
        return [run.result() for run in [pool.submit(begin) for _number in range(number)]]


def waiting_times(cache: Any, number: int) -> list[float]:
    """Return how long each of many readers waited, who come at once."""

    def read() -> float:
        began = time.monotonic()
        assert ask(cache).status == "200 OK"
        return time.monotonic() - began

    return at_once(number, read)


def test_two_hundred_readers_of_one_page_cost_one_render(store: FileStore, site: Site) -> None:
    cache = cached(site, store)
    site.meanwhile = lambda: time.sleep(0.1)
    longest = max(waiting_times(cache, 200))
    assert len(site.renders) == 1
    assert longest < 0.1 + 0.25 + 0.5  # the half second is for two hundred threads to begin


def test_readers_who_come_while_the_page_is_being_purged_cost_one_render(
    store: FileStore, site: Site
) -> None:
    cache = cached(site, store)
    ask(cache)
    fence = store.fence(["front-en"])
    threading.Timer(0.05, fence.free).start()
    waiting_times(cache, 20)
    assert len(site.renders) == 2


def test_readers_wait_in_line_for_a_page_that_changed_while_it_was_rendered(
    store: FileStore, site: Site
) -> None:
    """The first render comes too late; the second one is for all others."""
    cache = cached(site, store)

    def meanwhile() -> None:
        time.sleep(0.05)
        if len(site.renders) == 1:
            store.fence(["front-en"]).free()

    site.meanwhile = meanwhile
    waiting_times(cache, 20)
    assert len(site.renders) == 2


def test_readers_of_what_cannot_be_stored_do_not_wait_one_after_the_other(
    store: FileStore, site: Site
) -> None:
    cache = cached(site, store)
    site.keys = set()
    site.meanwhile = lambda: time.sleep(0.1)
    assert max(waiting_times(cache, 20)) < 0.1 * 20 / 2


def test_nobody_waits_for_ever_for_a_change_that_does_not_end(
    store: FileStore, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = cached(site, store)
    ask(cache)
    fence = store.fence(["front-en"])
    began = time.monotonic()
    assert ask(cache).body == b"Front"
    assert time.monotonic() - began < files.FENCE_PATIENCE + 0.2
    fence.free()


def test_whoever_fails_lets_the_next_one_render(store: FileStore, site: Site) -> None:
    cache = cached(site, store)

    def fail() -> None:
        raise RuntimeError

    site.meanwhile = fail
    with pytest.raises(RuntimeError):
        ask(cache)
    site.meanwhile = lambda: None
    assert ask(cache).body == b"Front"
    assert store.find(address())
