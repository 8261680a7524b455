"""nginx as `deploy/nginx.conf` sets it up: what it answers from files is what the application answers, or nothing.

Two nginx stand in front of one set of files: `live` passes on to a gunicorn, `alone` to a port where nobody listens.
What `alone` answers came from a file; all else is its "back in a moment".
"""

import contextlib
import gzip
import http.client
import json
import os
import re
import shutil
import socket
import sqlite3
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import formatdate
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import settings
from django.core import signing
from django.db import connection

from newsroom.pages import clocks, nginx
from tests.conftest import missing
from tests.newsroom.test_background import eventually

ROOT = settings.BASE_DIR
CONF = ROOT / "deploy" / "nginx.conf"
HOST = "news.example.org"
# Those of pages.
TYPES = {kind["content-type"] for _pattern, kind in nginx.KINDS if "cache-control" not in kind}
# Of the connection or of the server, not of the page.
NOT_COMPARED = {"connection", "date", "keep-alive", "server", "transfer-encoding"}

# A process of its own that carries out lines of Python, as colleagues would through their own gunicorn.
WRITER = """
import json, sys, django
django.setup()
from datetime import UTC, datetime
from articles.models import Article
from newsroom.models import Site
from tests import base
for line in sys.stdin:
    answer = None
    exec(json.loads(line))
    print(json.dumps(answer), flush=True)
"""

pytestmark = [pytest.mark.only_sqlite, pytest.mark.django_db]


@dataclass
class Answer:
    """What somebody was answered; the names of headers in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def compared(self) -> tuple[int, dict[str, str], bytes]:
        return (
            self.status,
            {name: v for name, v in self.headers.items() if name not in NOT_COMPARED},
            self.body,
        )


@dataclass
class Server:
    """Somebody who listens: an nginx by TLS, or gunicorn as nginx asks it."""

    port: int
    tls: bool = True
    sent: dict[str, str] = field(default_factory=dict)

    def ask(self, path: str, method: str = "GET", body: bytes | None = None, **headers: str) -> Answer:
        """Return one answer; what is asked goes out as it stands here."""
        plain: Any = socket.create_connection(("127.0.0.1", self.port), timeout=30)
        if self.tls:
            plain = _tls().wrap_socket(plain, server_hostname=HOST)
        with closing(plain):
            named = {"Host": HOST, **self.sent, **{n.replace("_", "-"): v for n, v in headers.items()}}
            if body is not None:
                named["Content-Length"] = str(len(body))
            lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in named.items())]
            plain.sendall("\r\n".join([*lines, "Connection: close", "", ""]).encode("latin-1"))
            with contextlib.suppress(OSError):  # refused before it was all sent
                plain.sendall(body or b"")
            answer = http.client.HTTPResponse(plain, method=method)
            answer.begin()
            found = {name.lower(): value for name, value in answer.getheaders()}
            assert len(found) == len(answer.getheaders()), "a header stands there twice"
            return Answer(answer.status, found, answer.read())


@lru_cache
def _tls() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


@dataclass
class Site:
    """A site as it is run: gunicorn, an nginx in front of it, one in front of nobody, and somebody who writes."""

    folder: Path
    gunicorn: Server
    live: Server
    alone: Server
    plain_port: int
    writer: subprocess.Popen[str]

    def write(self, code: str) -> Any:
        """Have the other process carry out a line of Python; return what it calls `answer`."""
        assert self.writer.stdin
        assert self.writer.stdout
        self.writer.stdin.write(json.dumps(code) + "\n")
        self.writer.stdin.flush()
        return json.loads(self.writer.stdout.readline())

    def article(self, headline: str) -> str:
        """Publish an article; return its path."""
        return self.write(f"answer = base.published(headline={headline!r}).path")

    def photo(self, colour: str) -> str:
        """Publish an article with a photo; return the path of one of its files."""
        return self.write(
            "import io\n"
            "from PIL import Image\n"
            "from articles.photos import add_photo, read_upload\n"
            "file = io.BytesIO()\n"
            f"Image.new('RGB', (400, 300), {colour!r}).save(file, 'JPEG')\n"
            "file.seek(0)\n"
            "photo, _new = add_photo(read_upload(file), by=None)\n"
            "article = base.published(headline='With a photo', photo=photo)\n"
            "answer = photo.renditions.first().file.url"
        )

    def stored(self, path: str, kind: str = "lasting") -> Path:
        """Have a page stored; return its copy."""
        assert self.gunicorn.ask(path).status == 200
        copy = self.copy(path, kind)
        assert copy.is_file()
        return copy

    def forget_quarters(self, path: str) -> None:
        """Remove the copies of a page that lie under quarters of an hour, as if they were over."""
        folder = self.folder / "var/pages/current/quarters"
        found = list(folder.glob(f"*/{HOST}{nginx.copy_name(path)}*"))
        assert len(found) > 2
        for copy in found:
            copy.unlink()

    def copy(self, path: str, kind: str = "lasting") -> Path:
        """Return where the copy of a page lies."""
        return self.folder / "var/pages/current" / kind / HOST / nginx.copy_name(path)[1:]


def free_ports(number: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(closing(socket.socket())) for _ in range(number)]
        for found in sockets:
            found.bind(("127.0.0.1", 0))
        return [found.getsockname()[1] for found in sockets]


def configuration(folder: Path, site: Path, plain: int, tls: int, application: int) -> str:
    """Return the shipped configuration for other ports and folders."""
    text = CONF.read_text()
    for old, new in (
        ("listen 80", f"listen 127.0.0.1:{plain}"),
        ("listen 443", f"listen 127.0.0.1:{tls}"),
        ("server 127.0.0.1:8000;", f"server 127.0.0.1:{application};"),
        ("/etc/letsencrypt/live/news.example.org/fullchain.pem", f"{site}/certificate.pem"),
        ("/etc/letsencrypt/live/news.example.org/privkey.pem", f"{site}/key.pem"),
        ("/var/log/nginx", str(folder)),
        ("/var/lib/newsroom", f"{site}/var"),
        ("/srv/newsroom/deploy", str(ROOT / "deploy")),
    ):
        assert old in text, old
        text = text.replace(old, new)
    return re.sub(r"\n *listen \[::\].*", "", text)


def start_nginx(folder: Path, site: Path, plain: int, tls: int, application: int) -> subprocess.Popen[bytes]:
    """Start an nginx with the shipped configuration inside one like Debian's."""
    folder.mkdir()
    (folder / "site.conf").write_text(configuration(folder, site, plain, tls, application))
    folders = "\n".join(
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(
        f"include {ROOT}/deploy/nginx-main.conf;\n"
        f"{user} daemon off; worker_processes 1; pid {folder}/pid; error_log {folder}/start.log; events {{}}\n"
        f"http {{ {folders}\n types {{ text/html html; }} default_type application/octet-stream; gzip on;\n"
        # A site of somebody else's, which comes first.
        f" server {{ listen 127.0.0.1:{plain}; server_name first.example; return 200; }}\n"
        # A test says from where it asks.
        " set_real_ip_from 127.0.0.1; real_ip_header X-Real-IP;\n"
        f" tcp_nopush on; include {folder}/site.conf; }}\n"
    )
    command = [nginx_program(), "-c", f"{folder}/nginx.conf", "-e", f"{folder}/start.log"]
    tested = subprocess.run([*command, "-t"], capture_output=True, text=True)
    assert tested.returncode == 0, tested.stderr + (folder / "start.log").read_text()
    assert "[warn]" not in tested.stderr
    return subprocess.Popen(command)


def nginx_program() -> str:
    return shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin") or ""


def answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


def static_files(folder: Path) -> None:
    """Write what `collectstatic` leaves, for one file of each kind."""
    folder.mkdir(parents=True)
    css = b"a { color: red }\n" * 50
    for name, content in (
        ("site.css", css),
        ("site.0123456789ab.css", css),
        ("site.0123456789ab.css.gz", gzip.compress(css)),
        ("icon.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
        ("site.js", b"let a = 1\n"),
        ("icon.png", b"\x89PNG"),
        ("font.woff2", b"wOF2"),
        ("LICENSE", b"Free."),
    ):
        (folder / name).write_bytes(content)
    manifest = {"paths": {"site.css": "site.0123456789ab.css"}, "version": "1.1", "hash": ""}
    (folder / "staticfiles.json").write_text(json.dumps(manifest))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, django_db_setup: None) -> Iterator[Site]:
    if not nginx_program():
        missing("nginx")
    if not shutil.which("openssl"):
        missing("openssl")
    folder = tmp_path_factory.mktemp("site")
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"),
            *("-nodes", "-keyout", folder / "key.pem", "-out", folder / "certificate.pem"),
            *("-subj", f"/CN={HOST}"),
        ],
        check=True,
        capture_output=True,
    )
    # A copy of the tests' own database, which is migrated already.
    with (
        closing(sqlite3.connect(connection.settings_dict["NAME"])) as ours,
        closing(sqlite3.connect(folder / "site.sqlite3")) as its,
    ):
        ours.backup(its)
    static_files(folder / "var/static")
    application, plain, tls, plain_alone, tls_alone, nobody = free_ports(6)
    environ = {
        "PATH": os.environ["PATH"],
        "VAR_DIR": f"{folder}/var",
        "DATABASE_URL": f"sqlite:///{folder}/site.sqlite3",
        "SECRET_KEY": "not-a-secret-" * 5,
        "BASE_URL": f"https://{HOST}",
        "PROXY_HOPS": "1",
        "DEBUG": "0",
        "DJANGO_SETTINGS_MODULE": "newsroom.settings",
    }
    with contextlib.ExitStack() as stack:
        log = stack.enter_context((folder / "gunicorn.log").open("wb"))
        # Without the background process: nothing happens but what a test does.
        (folder / "gunicorn.py").write_text("threads = 4\nlimit_request_line = 4094\n")
        command = ["-m", "gunicorn", "--config", folder / "gunicorn.py", "--bind", f"127.0.0.1:{application}"]
        processes = [
            start_nginx(folder / "live", folder, plain, tls, application),
            start_nginx(folder / "alone", folder, plain_alone, tls_alone, nobody),
            subprocess.Popen(
                [sys.executable, *command, "newsroom.wsgi:application"],
                env=environ,
                cwd=ROOT,
                stdout=log,
                stderr=log,
            ),
        ]
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER],
            env=environ,
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        try:
            gunicorn = Server(application, False, {"X-Forwarded-Proto": "https"})
            eventually(lambda: all(answers(port) for port in (application, tls, tls_alone)))
            site = Site(folder, gunicorn, Server(tls), Server(tls_alone), plain, writer)
            # The first page takes seconds, and tests tell time.
            gunicorn.ask("/en/")
            site.write("answer = True")
            yield site
        finally:
            for process in [*processes, writer]:
                process.terminate()
            for process in [*processes, writer]:
                process.wait(60)
            for pipe in (writer.stdin, writer.stdout):
                if pipe:
                    pipe.close()


# ---------------------------------------------------------------------------------------------------------------------
# What stands in the file


def headers_of(block: str) -> dict[str, str]:
    """Return the headers that a part of the configuration adds."""
    found = re.findall(r"add_header (\S+) (?:\"([^\"]*)\"|(\S+));", block)
    return {name.lower(): quoted or word for name, quoted, word in found}


def test_the_headers_are_those_that_pages_are_compared_with() -> None:
    written = headers_of(pages_block())
    # Cleared, told by a map, or of the connection.
    for name in ("last-modified", "content-language", "strict-transport-security"):
        del written[name]
    assert written == nginx.HEADERS
    photos = CONF.read_text().split("    location ^~ /media/photos/ {\n")[1].split("\n    }\n")[0]
    assert headers_of(photos).items() >= (nginx.HEADERS | nginx.PHOTO_HEADERS).items()
    sitemaps = CONF.read_text().split('sitemap[\\w-]*\\.xml$" {\n')[1].split("\n    }\n")[0]
    assert headers_of(sitemaps).items() >= {**nginx.HEADERS, "x-robots-tag": "noindex"}.items()
    types = re.findall(r"^ +\"(.*?)\" +(?:html|xml|json|webmanifest|txt);$", pages_block() + sitemaps, re.M)
    assert set(types) == TYPES


def pages_block() -> str:
    """Return what the site's configuration says of copies of pages."""
    return CONF.read_text().split("    # What follows is for copies of pages")[1].split("    location ")[0]


# ---------------------------------------------------------------------------------------------------------------------
# Pages


def test_pages_come_from_files_and_are_what_the_application_answers(site: Site) -> None:
    path = site.article("Harbour reopens")
    section = site.write(
        "from articles.models import SectionText\n"
        f"row = Article.objects.get(path={path!r})\n"
        "answer = SectionText.objects.get(section=row.section, language='en').get_absolute_url()"
    )
    kinds = set()
    for page in (
        path,
        "/en/",
        section,
        "/en/feed.xml",
        "/en/feed.json",
        "/en/manifest.webmanifest",
        "/sitemap.xml",
        "/news-sitemap.xml",
        "/sitemap-pages.xml",
        "/robots.txt",
        f"{path}comments.xml",
    ):
        site.gunicorn.ask(page)
        for asked in ({}, {"Accept_Encoding": "gzip"}):
            right = site.gunicorn.ask(page, **asked)
            assert right.status == 200, page
            # GUARD gzip_proxied any: another proxy is no reason to send more.
            found = site.alone.ask(page, **asked, Via="1.0 x")
            assert found.compared == right.compared, page
            assert site.alone.ask(page, "HEAD", **asked).compared == (*right.compared[:2], b"")
            # It is asked again by ETag, by nothing else.
            again = {"If_None_Match": right.headers["etag"], **asked}
            assert site.alone.ask(page, **again).compared == site.gunicorn.ask(page, **again).compared
            assert site.alone.ask(page, **again).status == 304
            # GUARD gzip_static on, gzip_vary on: both are compared above.
            kinds.add((right.headers["content-type"], found.headers.get("content-encoding")))
        # GUARD max_ranges 0; if_modified_since off; add_header Last-Modified "".
        version = int(right.headers["etag"].strip('"').split("-")[0], 16)
        for more in (
            {"Range": "bytes=0-9"},
            {"If_Modified_Since": formatdate(version, usegmt=True)},
            {"If_Modified_Since": formatdate(time.time() + 3600, usegmt=True)},
            {"Cookie": "session=x"},
        ):
            assert site.alone.ask(page, **more).compared == site.gunicorn.ask(page).compared, (page, more)
    # GUARD gzip_http_version 1.0.
    old = f"GET {path} HTTP/1.0\r\nHost: {HOST}\r\nAccept-Encoding: gzip\r\n\r\n".encode()
    assert b"\r\nContent-Encoding: gzip\r\n" in raw(site.alone.port, old, HOST)
    assert {kind for kind, _packed in kinds} == TYPES
    assert {packed for _kind, packed in kinds} == {None, "gzip"}
    assert site.copy(path).is_file()
    assert site.copy("/en/", "timed").is_file()


def test_names_of_other_scripts_are_found_however_they_are_written(site: Site) -> None:
    path = site.article("افتتاح الميناء")
    # GUARD the patterns of encoded letters in the map of $newsroom_copy.
    for page in (path, f"{path}comments.xml"):
        sent = quote(page)
        assert site.gunicorn.ask(sent).status == 200
        for asked in (sent, sent.lower()):
            for more in ({}, {"Accept_Encoding": "gzip"}):
                found = site.alone.ask(asked, **more)
                assert found.compared == site.gunicorn.ask(sent, **more).compared, asked
        assert site.alone.ask(f"{sent}?x=1").status == 503
        assert site.alone.ask(sent.replace("/en/", "/%65n/")).status == 503
        assert site.alone.ask(sent, "POST", b"").status == 503


def test_a_list_that_lasts_is_found_when_its_quarters_are_over(site: Site) -> None:
    path = "/en/corrections/"
    assert site.gunicorn.ask(path).status == 200
    assert site.copy(path).is_file()
    right = site.alone.ask(path)
    assert right.status == 200
    site.forget_quarters(path)
    for asked in ({}, {"Accept_Encoding": "gzip"}):
        # GUARD /lasting/ in @second.
        found = site.alone.ask(path, **asked)
        assert found.compared == site.gunicorn.ask(path, **asked).compared
    site.copy(path).unlink()
    assert site.alone.ask(path).status == 503


def test_what_nginx_reads_otherwise_goes_to_the_application(site: Site) -> None:
    path = site.article("Bridge closed")
    copy = site.stored(path)
    feed = f"{path}comments.xml"
    site.stored(feed)
    assert Path(f"{copy}.gz").is_file()
    assert site.stored("/en/", "timed")
    now = int(time.time())
    # GUARD `if ($request_uri != $uri)`, the patterns of locations, the map of $newsroom_copy, each pattern of it.
    for odd in (
        f"{path}?",
        f"{path}?before=1",
        f"{path}?utm_source=x",
        f"/{path}",
        *(f"{path[:place]}/{path[place:]}" for place, letter in enumerate(path) if letter == "/"),
        f"{path}/",
        f"/.{path}",
        f"/x/..{path}",
        f"/%2e{path}",
        f"/x/%2E%2e{path}",
        path.replace("/", "%2F")[:-3] + "/",
        f"/x%2f..{path}",
        f"{path}index.html",
        f"{path}index.html.gz",
        f"{feed}.gz",
        f"{feed}/",
        path[:-1],
        f"{path}#x",
        f"/lasting/{HOST}{path}",
        f"/../{HOST}{path}",
        f"/unavailable.html?{path}",
        # What leads from a clock to the copies, and where those of a quarter of an hour lie.
        f"/en/index.html.until/{now // 10_000}/{now // 100 % 100:02}/{now % 100:02}/{clocks.COPIES}/{HOST}/en/",
        f"/quarters/{now // 1000}/{HOST}/en/",
        f"/en/../quarters/{now // 1000}/{HOST}/en/",
    ):
        assert site.alone.ask(odd).status in (400, 503, 404 if "unavailable" in odd else 503), odd
        found, right = site.live.ask(odd), site.gunicorn.ask(odd)
        if found.status == 400 or "unavailable" in odd:
            continue  # nginx itself refuses what leads out of the folder
        assert (found.status, found.headers.get("location")) == (
            right.status,
            right.headers.get("location"),
        ), odd
        assert found.body == right.body, odd
    # GUARD error_page 405.
    for page in (path, feed, "/en/", "/robots.txt", "/sitemap.xml"):
        for method in ("POST", "PUT", "DELETE", "OPTIONS", "PATCH"):
            assert site.alone.ask(page, method, b"").status == 503, (page, method)
            assert site.live.ask(page, method, b"").status == site.gunicorn.ask(page, method, b"").status
    # What a reader says of himself in the headers of proxies is overwritten.
    forged = {"X_Forwarded_Proto": "http", "X_Forwarded_For": "1.2.3.4", "X_Forwarded_Host": "evil.example"}
    assert site.live.ask("/en/?x=1", **forged).compared == site.live.ask("/en/?x=1").compared


def test_a_change_is_seen_at_once(site: Site) -> None:
    path = site.article("Storm ahead")
    site.stored(path)
    # GUARD open_file_cache off: both have opened the file by now, more than once.
    for server in (site.live, site.alone):
        assert {server.ask(path).status for _ in range(3)} == {200}
    before = site.live.ask(path)
    site.write(
        f"row = Article.objects.get(path={path!r})\n"
        "row.save_revision(by=None, headline='Storm passed'); row.publish(by=None)"
    )
    assert site.alone.ask(path).status == 503
    after = site.live.ask(path)
    assert b"Storm passed" in after.body
    assert after.headers["etag"] != before.headers["etag"]
    assert site.alone.ask(path, If_None_Match=before.headers["etag"]).body == after.body
    site.write(f"Article.objects.get(path={path!r}).withdraw(by=None, reason='Wrong.')")
    assert site.alone.ask(path).status == 503
    assert site.live.ask(path).compared == site.gunicorn.ask(path).compared
    assert site.live.ask(path).status == 410


def test_two_changes_within_a_second_have_different_tags(site: Site) -> None:
    path = site.article("Water 1")
    seen = set()
    for number in range(2, 6):
        site.write(
            f"row = Article.objects.get(path={path!r})\n"
            f"row.save_revision(by=None, headline='Water {number}'); row.publish(by=None)"
        )
        site.stored(path)
        found = site.alone.ask(path)
        assert f"Water {number}".encode() in found.body
        # GUARD the strictly rising times of copies (newsroom/pages/files.py).
        assert found.headers["etag"] not in seen
        for tag in seen:
            assert site.alone.ask(path, If_None_Match=tag).status == 200
        seen.add(found.headers["etag"])


def test_nothing_is_shown_beyond_its_instant(site: Site) -> None:
    photo = site.photo("blue")
    due = time.time() + 3
    # It is noon there: the front page ends at midnight, and in its last three quarters of an hour is found otherwise.
    zone = f"Etc/GMT{datetime.now(UTC).hour - 12:+d}"
    site.write(
        f"row = Site.current()\nrow.time_zone = {zone!r}\nrow.save()\n"
        f"due = datetime.fromtimestamp({due}, UTC)\n"
        "base.draft(headline='Comes by itself').publish(by=None, at=due)\n"
        "from newsroom.verbs import verb\n"
        "with verb('photo.change', by=None, on=photo) as act:\n"
        "    photo.rights_end = due\n"
        "    photo.save()\n"
        "    act.purge(*photo.page_keys())"
    )
    for path in ("/en/", photo):
        assert site.gunicorn.ask(path).status == 200
        assert site.copy(path, "timed").is_file()
        assert not site.copy(path).exists()
    assert b"Comes by itself" not in site.alone.ask("/en/").body
    shown = {"/en/": 0, photo: 0}
    while time.time() < due + 0.1:
        for path in shown:
            began = time.time()
            answer = site.alone.ask(path)
            shown[path] += answer.status == 200
            # GUARD the clock `…until/$newsroom_clock`, the end of clocks.quarters, and until=photo.rights_end.
            assert answer.status == 503 or began < due
            assert answer.status == 200 or began > due - 2.5, path
        time.sleep(0.02)
    assert min(shown.values()) > 3
    assert site.copy("/en/", "timed").is_file(), "nobody has removed it"
    assert b"Comes by itself" in site.live.ask("/en/").body
    assert site.live.ask(photo).status == 404
    # Without a clock it is not shown either.
    assert site.alone.ask("/en/").status == 200
    site.forget_quarters("/en/")
    assert site.alone.ask("/en/").status == 200, "it is found through its clock"
    Path(f"{site.copy('/en/', 'timed')}.until").unlink()
    assert site.alone.ask("/en/").status == 503


def test_half_of_a_copy_does_no_harm(site: Site) -> None:
    path = site.article("Half a page")
    copy = site.stored(path)
    packed = Path(f"{copy}.gz")
    right = site.live.ask(path)
    # Without the packed one the plain one is sent, as it is.
    kept = packed.read_bytes()
    packed.unlink()
    found = site.alone.ask(path, Accept_Encoding="gzip")
    # GUARD gzip off.
    assert (found.status, found.body, found.headers.get("content-encoding")) == (200, right.body, None)
    assert found.headers["etag"] == right.headers["etag"]
    # The packed one alone is what a purge or a store in progress leaves: right as long as it is there.
    packed.write_bytes(kept)
    copy.unlink()
    assert site.alone.ask(path).status == 503
    assert site.live.ask(path).body == right.body
    for server in (site.alone, site.live):
        found = server.ask(path, Accept_Encoding="gzip")
        assert (found.status, gzip.decompress(found.body)) == (200, right.body)
    # Gone between the look and the opening: here something that cannot be opened as a file.
    packed.unlink()
    os.mkfifo(copy)
    try:
        # GUARD error_page 403 404 = @application, and recursive_error_pages on.
        assert site.alone.ask(path).status == 503
        assert "retry-after" in site.alone.ask(path).headers
        found = site.live.ask(f"{path}")
        assert (found.status, found.body) == (200, right.body)
    finally:
        copy.unlink()


def test_photos_come_from_their_files_as_long_as_readers_may_see_them(site: Site) -> None:
    path = site.photo("red")
    assert site.alone.ask(path).status == 503
    right = site.gunicorn.ask(path)
    assert (right.status, right.headers["content-type"]) == (200, "image/jpeg")
    for method in ("GET", "HEAD"):
        for more in ({}, {"Accept_Encoding": "gzip"}, {"Range": "bytes=0-9"}, {"Cookie": "session=x"}):
            found = site.alone.ask(path, method, **more)
            assert found.compared == site.gunicorn.ask(path, method, **more).compared, (method, more)
    assert site.alone.ask(f"{path}?x=1").status == 503
    assert site.copy(path).is_symlink()
    # GUARD the keys of the photo: whatever takes it from readers removes the link before the change is there.
    for change, back in (
        ("article.withdraw(by=None, reason='Wrong.')", "article.reinstate(by=None)"),
        ("article.unpublish(by=None)", "article.publish(by=None)"),
        (
            "article.save_revision(by=None, photo=None); article.publish(by=None)",
            "article.save_revision(by=None, photo=photo); article.publish(by=None)",
        ),
    ):
        assert site.alone.ask(path).status == 200
        site.write(change)
        assert (site.alone.ask(path).status, site.live.ask(path).status) == (503, 404), change
        site.write(back)
        assert (site.live.ask(path).status, site.alone.ask(path).status) == (200, 200), back


def test_a_draft_behind_a_link_comes_from_the_application_only_and_closes_at_once(site: Site) -> None:
    path = site.write(
        "import datetime, io\n"
        "from PIL import Image\n"
        "from django.utils import timezone\n"
        "from articles.photos import add_photo, read_upload\n"
        "file = io.BytesIO()\n"
        "Image.new('RGB', (400, 300), 'yellow').save(file, 'JPEG')\n"
        "file.seek(0)\n"
        "shown, _new = add_photo(read_upload(file), by=None)\n"
        "draft = base.draft(headline='Not yet', photo=shown)\n"
        "link = draft.share_draft(by=None, expires_at=timezone.now() + datetime.timedelta(days=7))\n"
        "answer = [link.get_absolute_url(), f'{link.get_absolute_url()}{shown.uid}/', shown.file.url]"
    )
    for address in path[:2]:
        assert [site.live.ask(address).status for _time in range(3)] == [200] * 3
        assert site.live.ask(address).headers["cache-control"] == "no-store"
        assert site.alone.ask(address).status == 503
    assert site.live.ask(path[2]).status == 404
    assert not list((site.folder / "var/pages").rglob("*preview*"))
    # Also if a file lay there.
    now = int(time.time())
    for kind in ("lasting", f"quarters/{now // 900}", f"quarters/{now // 1000}"):
        copy = site.folder / "var/pages/current" / kind / HOST / path[0][1:] / "index.html"
        copy.parent.mkdir(parents=True)
        copy.write_text("Not yet")
        assert site.alone.ask(path[0]).status == 503
        shutil.rmtree(copy.parents[1])
    site.write("link.revoke(by=None)")
    assert [site.live.ask(address).status for address in path] == [404] * 3


# ---------------------------------------------------------------------------------------------------------------------
# Hosts, limits, what is said while the application is down


def raw(port: int, request: bytes, name: str | None = None) -> bytes:
    """Send bytes; return what comes back, with TLS if a name is given."""
    with closing(socket.create_connection(("127.0.0.1", port), timeout=30)) as plain:
        stream: Any = _tls().wrap_socket(plain, server_hostname=name) if name else plain
        with stream:
            stream.sendall(request)
            return b"".join(iter(lambda: stream.recv(65536), b""))


def test_hosts_that_are_not_ours_get_no_answer(site: Site) -> None:
    # GUARD the first server.
    for host in (
        b"Host: evil.example\r\n",
        b"Host: 127.0.0.1\r\n",
        b"Host: %s.evil.example\r\n" % HOST.encode(),
    ):
        assert raw(site.plain_port, b"GET /en/ HTTP/1.1\r\n" + host + b"\r\n") == b""
        assert raw(site.live.port, b"GET /en/ HTTP/1.1\r\n" + host + b"\r\n", HOST) == b""
    assert raw(site.plain_port, b"GET /en/ HTTP/1.0\r\n\r\n") == b""
    with pytest.raises(ssl.SSLError):
        raw(site.live.port, b"GET / HTTP/1.0\r\n\r\n", "evil.example")
    # The host in the request line counts, and so do its capitals; its port does not.
    asked = f"GET https://{HOST}/en/ HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n".encode()
    assert raw(site.live.port, asked, HOST).startswith(b"HTTP/1.1 200")
    assert site.live.ask("/en/", Host=f"{HOST.upper()}:8443").compared == site.live.ask("/en/").compared


def test_plain_http_leads_to_https(site: Site) -> None:
    plain = Server(site.plain_port, tls=False)
    site.stored("/robots.txt")
    for path in ("/robots.txt", "/en/?x=1", "/static/site.css", "/admin/"):
        answer = plain.ask(path)
        assert (answer.status, answer.headers["location"]) == (301, f"https://{HOST}{path}")
    # A balancer asks for these by plain HTTP.
    assert (plain.ask("/healthz").status, plain.ask("/readyz").status) == (200, 200)
    assert plain.ask("/.well-known/acme-challenge/nothing").status == 404


def test_while_the_application_is_down_the_rest_is_a_calm_503(site: Site) -> None:
    for path, method in (
        ("/nothing/", "GET"),
        ("/en/search/?q=x", "GET"),
        ("/admin/", "GET"),
        ("/en/2025/07/11/x/comments/", "POST"),
        ("/static/nothing.css", "GET"),
    ):
        answer = site.alone.ask(path, method, b"text=Hello" if method == "POST" else None)
        assert (answer.status, answer.headers["retry-after"]) == (503, "30")
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert not {"etag", "last-modified"} & set(answer.headers)
        assert answer.body == (ROOT / "deploy/unavailable.html").read_bytes()
    for words in ("Back in a moment", "Gleich wieder da", "Bientôt de retour"):
        assert words.encode() in answer.body
    # It needs nothing from elsewhere, least of all from us.
    assert not re.search(rb"src=|href=|url\(|@import", answer.body)
    # What the application itself says is left as it is, whatever it is.
    assert site.live.ask("/nothing/").body == site.gunicorn.ask("/nothing/").body
    site.write(
        "from django.db import connection\n"
        "with connection.cursor() as c: c.execute('ALTER TABLE newsroom_site RENAME TO away')"
    )
    try:
        answer = site.live.ask("/readyz")
        assert (answer.status, answer.body) == (503, b"database not ready\n")
    finally:
        site.write("with connection.cursor() as c: c.execute('ALTER TABLE away RENAME TO newsroom_site')")


def test_limits(site: Site) -> None:
    # GUARD client_max_body_size.
    assert site.alone.ask("/en/2025/07/11/x/comments/", "POST", b"x" * 1_100_000).status == 413
    # GUARD merge_slashes off.
    assert site.alone.ask("//admin/articles/", "POST", b"x" * 1_100_000).status == 413
    # GUARD client_max_body_size 0 of the page that says so.
    assert site.alone.ask("/admin/articles/", "POST", b"x" * 1_100_000).status == 503
    # GUARD limit_req: the zones of logins and of posts; nobody who only reads is stopped by them.
    for path in ("/admin/login/", "/en/2025/07/11/x/comments/"):
        told = [site.alone.ask(path, "POST", b"x=1").status for _ in range(15)]
        assert told[0] == 503
        assert told[-1] == 429
        assert site.alone.ask(path).status == 503
    # Colleagues save as often as they like.
    assert {site.alone.ask("/admin/articles/", "POST", b"x=1").status for _ in range(15)} == {503}


@pytest.mark.parametrize(
    ("same", "other"),
    [
        ("2001:db8:1:2::{:x}", "2001:db8:1:3::{:x}"),
        ("2001:db8:1:2:{:x}::", "2001:db8:1:0:{:x}::"),
        # Bytes that are a line break, or look like letters in another case.
        ("2001:db8:a0a:4142::a{:02x}:a0a", "2001:db8:a0a:6162::a{:02x}:a0a"),
        ("192.0.2.1", "192.0.2.{}"),
        ("::ffff:198.51.100.1", "::ffff:198.51.100.{}"),
    ],
)
def test_an_ipv6_network_has_the_limits_of_one_address(site: Site, same: str, other: str) -> None:
    def sent_from(address: str) -> list[int]:
        asked = ("/en/2025/07/11/x/comments/", "POST", b"x=1")
        # The first one may be what another line has used up.
        return [site.alone.ask(*asked, X_Real_IP=address.format(n)).status for n in range(2, 17)]

    assert sent_from(same)[-1] == 429
    told = sent_from(other)
    assert told[0] == 503
    assert (told[-1] == 503) == (":" not in other or other.startswith("::ffff"))


def test_static_files_are_those_of_the_application(site: Site) -> None:
    for name in sorted(os.listdir(site.folder / "var/static")):
        path = f"/static/{name}"
        for asked in ({}, {"Accept_Encoding": "gzip"}):
            right, found = site.gunicorn.ask(path, **asked), site.alone.ask(path, **asked)
            if name.endswith(".gz"):
                assert (right.status, found.status) == (404, 503)
                continue
            found.headers.pop("accept-ranges", None)
            # Two files of one name have one ETag at WhiteNoise, and two at nginx.
            times = [answer.headers.pop("last-modified") for answer in (right, found)]
            tags = [answer.headers.pop("etag") for answer in (right, found)]
            assert found.compared == right.compared, name
            assert "gzip" in asked.values() or (times[0], tags[0]) == (times[1], tags[1])
            assert site.alone.ask(path, **asked, If_None_Match=tags[1]).status == 304
        assert site.alone.ask(f"{path}?v=1").status == (503 if name.endswith(".gz") else 200)
    for odd in ("//static/site.css", "/static//site.css", "/x/../static/site.css", "/static/%2e/site.css"):
        assert site.alone.ask(odd).status == 503, odd
        assert site.live.ask(odd).status == site.gunicorn.ask(odd).status == 404, odd


def test_the_log_names_no_reader_and_no_secret(site: Site) -> None:
    before = len((site.folder / "alone/newsroom-error.log").read_text())
    token = signing.dumps("0198c7d2-1b7e-7c55-9f3e-111111111111", salt="x")
    for path in (
        f"/comments/own/{token}/?mail=nora@example.com",
        f"/preview/{token}/",
        f"/elsewhere/{token}/x",
        f"/{token.replace(':', '%3A')}",
        "/en/search/?q=nora",
        "/mail/nora@example.com/",
        "/mail/nora%40example.com/",
        "/%63omments/own/" + token + "/",
    ):
        site.alone.ask(path, User_Agent="Curious/1.0")
    # Lines are written in blocks.
    log, end = site.folder / "alone/newsroom.log", time.monotonic() + 10
    while "/own/[masked] 503 " not in (text := log.read_text()) and time.monotonic() < end:
        time.sleep(0.02)
    assert "GET /comments/own/[signed] 503 " in text
    errors = (site.folder / "alone/newsroom-error.log").read_text()[before:]
    for secret in (token.rsplit(":", 1)[1], "nora", "example.com", "Curious", "127.0.0.1", "?"):
        assert secret not in text + errors, secret
