"""Requests over kept connections. Each answer has to be, byte for byte, the one that is expected."""

import socket
from contextlib import ExitStack
from dataclasses import dataclass

# What a browser sends, without the conditions of the single question.
BROWSER = {
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Language": "en-GB,en;q=0.5",
    "Accept-Encoding": "gzip, deflate, br, zstd",
    "Connection": "keep-alive",
    "Upgrade-Insecure-Requests": "1",
    "Sec-Fetch-Dest": "document",
    "Sec-Fetch-Mode": "navigate",
    "Sec-Fetch-Site": "none",
    "Sec-Fetch-User": "?1",
    "Priority": "u=0, i",
}
# Servers end a connection after so many requests or more.
PER_CONNECTION = 500
TIMEOUT = 30.0
_DATE = b"\r\nDate: "
_DATE_LENGTH = len("Thu, 26 Nov 2026 09:00:00 GMT")


class Wrong(Exception):
    """An answer is not what it has to be."""


@dataclass(frozen=True)
class Answer:
    """An answer as it came over the network."""

    raw: bytes

    @property
    def status(self) -> str:
        """Its status, "200 OK"."""
        return self.raw.partition(b"\r\n")[0].decode("latin-1").partition(" ")[2]

    @property
    def headers(self) -> list[tuple[str, str]]:
        """Its headers in their order."""
        lines = self.raw.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")[1:]
        return [(name, value.strip()) for name, _colon, value in (line.partition(":") for line in lines)]

    def header(self, name: str) -> str:
        """Return the value of a header, "" if there is none."""
        return next((value for key, value in self.headers if key.lower() == name), "")

    @property
    def body(self) -> bytes:
        """Its content."""
        return self.raw.partition(b"\r\n\r\n")[2]

    @property
    def undated(self) -> bytes:
        """All of it but the value of its Date header, which is another one each second."""
        start = self.raw.index(_DATE) + len(_DATE)
        return self.raw[:start] + self.raw[start + _DATE_LENGTH :]

    def unlike(self, other: "Answer") -> str:
        """Return in what an answer differs from another one, "" if it is the same up to the order of headers."""
        if self.status != other.status:
            return f"status ({self.status}, {other.status})"
        if self.body != other.body:
            return f"body ({len(self.body)} and {len(other.body)} bytes)"
        ours, theirs = (
            {f"{name}: {value}" for name, value in answer.headers if name.lower() not in ("date", "server")}
            for answer in (self, other)
        )
        return ", ".join(sorted(ours ^ theirs))


def request(path: str, host: str, **headers: str) -> bytes:
    """Return the bytes of a GET, as a browser sends it but for the given headers."""
    changed = {name.replace("_", "-").title(): value for name, value in headers.items()}
    lines = [f"{name}: {value}" for name, value in {"Host": host, **BROWSER, **changed}.items() if value]
    return "\r\n".join([f"GET {path} HTTP/1.1", *lines, "", ""]).encode("latin-1")


def ask(port: int, asked: bytes) -> Answer:
    """Ask once and return the answer."""
    return ask_often(port, asked, 1)


def ask_often(port: int, asked: bytes, requests: int) -> Answer:
    """Ask on one connection, one after the other; return the last answer. All have to have the same status."""
    statuses = set()
    with socket.create_connection(("127.0.0.1", port), TIMEOUT) as connection:
        for _ in range(requests):
            connection.sendall(asked)
            answer = answer_of(connection)
            statuses.add(answer.status)
    if len(statuses) > 1:
        raise Wrong(f"Answers differ: {', '.join(sorted(statuses))}")
    return answer


def answer_of(connection: socket.socket) -> Answer:
    """Read one answer from a connection that is kept. Raises Wrong if it is closed before."""
    raw = b""
    while b"\r\n\r\n" not in raw:
        raw += _more(connection)
    answer = Answer(raw)
    length = len(raw) - len(answer.body)
    if not answer.status.startswith("304"):
        length += int(answer.header("content-length"))
    while len(raw) < length:
        raw += _more(connection)
    return Answer(raw)


def load(port: int, asked: bytes, expected: Answer, requests: int, connections: int) -> None:
    """Ask `requests` times, on all connections at once. Raises Wrong if an answer is not the expected one."""
    length, date = len(expected.raw), expected.raw.index(_DATE) + len(_DATE)
    start, rest = expected.raw[:date], expected.raw[date + _DATE_LENGTH :]
    left = requests
    while left:
        with ExitStack() as opened:
            sockets = [
                opened.enter_context(socket.create_connection(("127.0.0.1", port), TIMEOUT))
                for _ in range(min(connections, left))
            ]
            for _ in range(PER_CONNECTION):
                turn = sockets[:left]
                for connection in turn:
                    connection.sendall(asked)
                for connection in turn:
                    raw = b""
                    while len(raw) < length and (more := connection.recv(length)):
                        raw += more
                    if not raw.startswith(start) or raw[date + _DATE_LENGTH :] != rest:
                        raise Wrong(
                            f"An answer differs: {Answer(raw).unlike(expected) or 'order of headers'}"
                        )
                left -= len(turn)


def _more(connection: socket.socket) -> bytes:
    data = connection.recv(1 << 20)
    if not data:
        raise Wrong("A connection was closed before the answer was whole")
    return data
