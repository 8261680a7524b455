"""The servers, each on a free port of this machine, with a folder of their own that is removed in the end."""

import json
import os
import pwd
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from bench import cpu
from bench.load import Answer, Wrong, ask, request

ROOT = Path(__file__).resolve().parent.parent
SHIPPED = ROOT / "deploy" / "nginx.conf"
SHIPPED_MAIN = ROOT / "deploy" / "nginx-main.conf"
# The background process would make smaller pictures while we measure, and each one changes pages.
NO_PICTURES = "from articles.models import Photo\nPhoto.objects.update(encode_at=None)"
HOST = "127.0.0.1"
# How long a server may take to answer for the first time, in seconds.
PATIENCE = 60.0
# What nginx says by itself; all else stands in its configuration.
_OF_NGINX = {
    "server",
    "date",
    "connection",
    "content-length",
    "content-type",
    "etag",
    "vary",
    "content-encoding",
}


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def on_core(index: int) -> Iterator[None]:
    """Keep this process, and for good what it starts meanwhile, on one core of those it may use.

    Who asks stays on the first and who answers on the last: whether the two meet on one core makes more of a difference
    than what is measured.
    """
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {sorted(before)[index]})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


@dataclass(frozen=True)
class Turn:
    """Requests to a server that have been counted and not yet paid: where the cost goes, what was used before."""

    found: list[float]
    requests: int
    used: dict[int, int]


@dataclass
class Site:
    """A running server."""

    name: str
    port: int
    process: subprocess.Popen[bytes]
    log: Path
    open: Turn | None = None

    def wait(self) -> "Site":
        """Wait until the server answers."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and self.process.poll() is None:
            try:
                ask(self.port, request("/healthz", "127.0.0.1"))
            except OSError:
                time.sleep(0.05)
            else:
                return self
        raise SystemExit(f"{self.name} does not answer:\n{self.log.read_text(errors='replace')[-2000:]}")

    def used(self) -> dict[int, int]:
        """Return how long each process that serves has run, in nanoseconds.

        Not of Newsroom's background process, which serves nobody.
        """
        children = [child for child in cpu.children(self.process.pid) if "work" not in cpu.command(child)]
        return {pid: cpu.nanoseconds(pid) for pid in (self.process.pid, *children)}

    def stop(self) -> None:
        """Stop the server and wait until it has ended."""
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Sites:
    """All servers of a run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.started: list[Site] = []

    def environ(self, var: str, **more: str) -> dict[str, str]:
        """Return the environment of a Newsroom of its own: this shell's settings are not measured."""
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "LC_ALL") if name in os.environ}
        empty = dict.fromkeys(
            ("SECRET_KEY", "BASE_URL", "ALLOWED_HOSTS", "THEME_DIR", "GUNICORN_CMD_ARGS"), ""
        )
        folder = self.folder / var
        return {
            **kept,
            **empty,
            "DEBUG": "0",
            "PROXY_HOPS": "0",
            "VAR_DIR": str(folder),
            "PAGES_DIR": str(folder / "pages"),
            "DATABASE_URL": f"sqlite:///{folder}/newsroom.sqlite3",
            **more,
        }

    def prepare(self, var: str, **settings: str) -> None:
        """Make the database, the sample content and the static files."""
        for command in (
            ["migrate", "-v0"],
            ["seed"],
            ["collectstatic", "--noinput", "-v0"],
            ["shell", "--no-imports", "-c", NO_PICTURES],
        ):
            subprocess.run(
                [sys.executable, str(ROOT / "manage.py"), *command],
                env=self.environ(var, **settings),
                stdout=subprocess.DEVNULL,
                check=True,
            )

    def newsroom(self, name: str, var: str, *, core: int | None = -1, **settings: str) -> Site:
        """Start Newsroom as it is shipped, on one core, or on all of them for None."""
        port = free_port()
        environ = self.environ(var, PORT=str(port), **settings)
        return self._start(name, port, [sys.executable, "-m", "gunicorn"], environ, core)

    def constant(self, name: str, answer: Answer) -> Site:
        """Start a gunicorn that always gives this answer."""
        port = free_port()
        given = [
            (key, value)
            for key, value in answer.headers
            if key.lower() not in ("server", "date", "connection")
        ]
        file = self.folder / f"{port}.answer"
        file.write_bytes(json.dumps([answer.status, given]).encode() + b"\n" + answer.body)
        environ = self.environ("constant", PORT=str(port), CONSTANT=str(file))
        return self._start(
            name, port, [sys.executable, "-m", "gunicorn", "-c", "bench/constant_conf.py"], environ
        )

    def plain_nginx(self, name: str, nginx: str, path: str, packed: Answer, plain: Answer) -> Site:
        """Start an nginx that answers with a plain file, and with the packed one beside it, as the answers say."""
        port = free_port()
        folder = self.folder / f"{port}.nginx"
        for end, answer in (("", plain), (".gz", packed)):
            file = Path(f"{folder}/files{path}{'index.html' if path.endswith('/') else ''}{end}")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(answer.body)
            # The ETag holds the file's time and its length.
            seconds = int(answer.header("etag").strip('"').partition("-")[0], 16)
            os.utime(file, (seconds, seconds))
        conf = folder / "nginx.conf"
        conf.write_text(around(folder, plain_conf(folder, port, plain)))
        return self._nginx(name, nginx, port, conf)

    def shipped_nginx(self, name: str, nginx: str, var: str, application: Site) -> Site:
        """Start nginx with deploy/nginx.conf, in front of a running Newsroom."""
        port = free_port()
        folder = self.folder / f"{port}.nginx"
        folder.mkdir()
        conf = folder / "nginx.conf"
        site = shipped_conf(SHIPPED.read_text(), folder, port, application.port, self.folder / var)
        conf.write_text(around(folder, site, SHIPPED_MAIN.read_text()))
        return self._nginx(name, nginx, port, conf)

    def stop(self) -> None:
        """Stop all servers, the last one first."""
        while self.started:
            self.started.pop().stop()

    def _nginx(self, name: str, nginx: str, port: int, conf: Path) -> Site:
        command = [nginx, "-p", str(conf.parent), "-e", "stderr", "-c", str(conf)]
        return self._start(name, port, command, self.environ("nginx"))

    def _start(
        self, name: str, port: int, command: list[str], environ: dict[str, str], core: int | None = -1
    ) -> Site:
        log = self.folder / f"{port}.log"
        with log.open("wb") as out, nullcontext() if core is None else on_core(core):
            process = subprocess.Popen(command, env=environ, cwd=ROOT, stdout=out, stderr=out)
        site = Site(name, port, process, log)
        self.started.append(site)
        return site.wait()


def find_nginx() -> str | None:
    """Return where nginx is, None if this machine has none."""
    return shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


def around(folder: Path, site: str, main: str = "") -> str:
    """Return a whole configuration around a site, as Debian's says it, with what else its outermost level says.

    One process: with several it is left to chance how many connections each of them gets, and with that how many
    answers it gives in one turn.
    """
    # nginx's processes must be able to read a folder that is this user's alone.
    user = f"user {pwd.getpwuid(0).pw_name};" if os.geteuid() == 0 else ""
    temporary = (
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    lines = [
        user,
        main,
        "daemon off;",
        f"pid {folder}/pid;",
        "worker_processes 1;",
        "events {}",
        "http {",
        *temporary,
        "sendfile on;",
        "tcp_nopush on;",
        site,
        "}",
    ]
    return "\n".join(lines)


def plain_conf(folder: Path, port: int, answer: Answer) -> str:
    """Return the least site that sends a file with the headers of an answer."""
    values = {name: value for name, value in answer.headers if name.lower() not in _OF_NGINX}
    added = [f'add_header {name} "{value}";' for name, value in values.items()]
    lines = [
        # The log that nginx keeps of itself, in its own form; without a log would not be how anybody runs it.
        f"access_log {folder}/access.log;",
        "server_tokens off;",
        "server {",
        f"listen {HOST}:{port};",
        f"root {folder}/files;",
        "types {}",
        f'default_type "{answer.header("content-type")}";',
        "gzip_static on;",
        "gzip_vary on;",
        *added,
        'add_header Last-Modified "";',
        "max_ranges 0;",
        "}",
    ]
    return "\n".join(lines)


def shipped_conf(text: str, folder: Path, port: int, application: int, var: Path) -> str:
    """Return the shipped site with this run's ports and folders, and without TLS, which would cost both the same."""
    for pattern, replacement in (
        (r"(?m)^\s*(listen \[::\]|ssl_).*\n", ""),
        (r"listen 443 ssl http2", f"listen {HOST}:{port}"),
        (r"listen 80\b", f"listen {HOST}:{free_port()}"),
        (r"server 127\.0\.0\.1:8000;", f"server {HOST}:{application};"),
        (r"server_name .*;", f"server_name {HOST};"),
        (r"/var/lib/newsroom\b", str(var)),
        (r"/srv/newsroom\b", str(ROOT)),
        (r"/var/log/nginx\b", str(folder)),
    ):
        text, changed = re.subn(pattern, replacement, text)
        if not changed:
            raise Wrong(f"deploy/nginx.conf has nothing like {pattern}, which is to be changed for this run")
    return text
