"""What `make bench` reckons with: its pure parts. That it runs is shown by docs/performance.md."""

import os
import time
from pathlib import Path

import pytest

from bench import cpu, lists
from bench.figures import Pair, comparison, table
from bench.load import Answer, request
from bench.sites import plain_conf, shipped_conf

PAGE = Answer(
    b"HTTP/1.1 200 OK\r\nServer: nginx\r\nDate: Thu, 26 Nov 2026 09:00:00 GMT\r\nContent-Type: text/html; charset=utf-8"
    b'\r\nContent-Length: 4\r\nContent-Language: en\r\nETag: "6b07f851-4"\r\nX-Frame-Options: DENY\r\n\r\nPage'
)


def test_the_time_that_a_task_ran_is_the_first_number_of_its_line() -> None:
    assert cpu.parsed("1006025 77 12\n") == 1006025


def test_the_parent_is_found_whatever_a_process_is_called() -> None:
    assert cpu.parent("4711 (a) b) 1 2 (x) S 42 4711 4711 0 -1 4194560") == 42


def test_our_own_time_is_told_and_rises() -> None:
    if not cpu.is_accounted():
        pytest.skip("This machine tells no time of its tasks")
    before = cpu.nanoseconds(os.getpid())
    sum(range(200_000))
    time.sleep(0.001)  # the kernel adds up when another one has its turn
    assert cpu.nanoseconds(os.getpid()) > before > 0


def test_a_ratio_is_that_of_one_round() -> None:
    pair = Pair("article", least=[90_000.0, 200_000.0, 95_000.0], ours=[100_000.0, 400_000.0, 100_000.0])
    assert pair.ratios == [0.9, 0.5, 0.95]
    assert pair.passes(0.9)
    assert not pair.passes(0.91)
    assert pair.row(0.9) == "| article | 95.0 | 100 | 0.900 (0.500–0.950) | ≥ 0.9 PASS |"
    assert table("a", "b", [pair], 0.91).splitlines()[-1].endswith("≥ 0.91 FAIL |")


def test_what_has_no_bound_is_told_with_its_spread() -> None:
    assert comparison({"front": [1000.0, 3000.0, 2000.0]}).splitlines()[-1] == "| front | 2.0 (1–3) |"


def test_answers_are_compared_without_their_date_and_the_order_of_their_headers() -> None:
    lines = PAGE.raw.split(b"\r\n")
    lines[2], lines[6] = lines[6], lines[2].replace(b"09:00:00", b"09:00:01")
    assert PAGE.unlike(Answer(b"\r\n".join(lines))) == ""
    assert (
        PAGE.unlike(Answer(PAGE.raw.replace(b"DENY", b"ALLOW")))
        == "X-Frame-Options: ALLOW, X-Frame-Options: DENY"
    )
    assert PAGE.unlike(Answer(PAGE.raw.replace(b"Page", b"Pige"))).startswith("body")
    assert PAGE.unlike(Answer(PAGE.raw.replace(b"200 OK", b"404 Not Found"))).startswith("status")


def test_a_question_is_a_browsers_but_for_what_is_said() -> None:
    asked = request("/en/", "127.0.0.1", accept_encoding="", if_none_match='"1"').decode()
    assert asked.startswith("GET /en/ HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: Mozilla")
    assert "Accept-Encoding" not in asked
    assert '\r\nIf-None-Match: "1"\r\n' in asked
    assert asked.endswith("\r\n\r\n")


def test_the_plain_site_says_what_the_answer_said() -> None:
    conf = plain_conf(Path("/x"), 81, PAGE)
    assert 'add_header X-Frame-Options "DENY";' in conf
    assert 'default_type "text/html; charset=utf-8";' in conf
    assert "add_header ETag" not in conf


def test_the_shipped_site_is_changed_in_its_places_only(tmp_path: Path) -> None:
    text = (
        'upstream n { server 127.0.0.1:8000; }\nmap "" $p { default /var/lib/newsroom/pages; }\n'
        'map "" $d { default /srv/newsroom/deploy; }\n'
        "server {\n    listen 80;\n    listen [::]:80;\n    listen 443 ssl http2;\n    server_name news.example.org;\n"
        "    ssl_protocols TLSv1.3;\n    access_log /var/log/nginx/newsroom.log newsroom;\n"
        "    open_file_cache off;\n}\n"
    )
    changed = shipped_conf(text, Path("/f"), 81, 82, Path("/v"))
    assert changed.count("listen 127.0.0.1:81;") == 1
    assert "443" not in changed
    assert "[::]" not in changed
    assert "ssl_" not in changed
    assert "server 127.0.0.1:82;" in changed
    assert "default /v/pages;" in changed
    assert "access_log /f/newsroom.log newsroom;" in changed
    assert "open_file_cache off;" in changed
    with pytest.raises(Exception, match="has nothing like"):
        shipped_conf(text.replace("listen 80;", ""), Path("/f"), 81, 82, Path("/v"))


@pytest.mark.later
@pytest.mark.postgresql_later
@pytest.mark.long
@pytest.mark.django_db
def test_the_lists_of_a_small_site_are_measured(
    full_length: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(lists, "TIMES", 3)
    every = lists.addresses
    if not full_length:
        monkeypatch.setattr(lists, "addresses", lambda client: dict(list(every(client).items())[:2]))
    assert lists.report(lists.Filling(100).run()[: None if full_length else 1]) == 0
    told = capsys.readouterr().out
    assert told.endswith("At most 20 queries and 300 ms: PASS\n")
    assert "| articles | Chief | " in told
