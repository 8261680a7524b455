"""Read a file that claims to be text, and refuse with the reason what is none."""

from __future__ import annotations

import codecs
import os
import re
import stat
from pathlib import Path
from typing import NamedTuple

# A long magazine piece has 100 kB; what is twenty times as long is no article, and nothing reads it whole.
MAX_BYTES = 2_000_000

# Tab, line feed, vertical tab, form feed and carriage return are text; the other controls are not.
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_LINE_END = re.compile("\r\n|[\n\r\v\f\x85\u2028\u2029]")

# What stands at line ends without being seen: white space of any kind (U+3000 is Unicode's last), and three
# characters of width zero.
_INVISIBLE = "".join(filter(str.isspace, map(chr, range(0x3001)))) + "\u200b\u2060\ufeff"


class RawTextError(ValueError):
    """A file or text that cannot be imported; its message is the reason, to be read after the file's name."""


class Line(NamedTuple):
    """One line that has something on it; numbers count from 1, empty lines included."""

    number: int
    text: str


def read_file(path: str | os.PathLike[str]) -> bytes:
    """Read a text file, at most `MAX_BYTES`; raises RawTextError for what is no such file."""
    path = Path(path)
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise RawTextError("it is a folder, not a file")
        if not stat.S_ISREG(status.st_mode):
            raise RawTextError("it is not a regular file")
        if status.st_size > MAX_BYTES:
            raise _too_big(status.st_size)
        with path.open("rb") as file:
            # One byte more than the limit tells a file that grew since.
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise RawTextError(f"it cannot be read: {error.strerror or error}") from error
    except ValueError as error:
        if isinstance(error, RawTextError):
            raise
        raise RawTextError(f"it cannot be read: {error}") from error
    return data


def decode(data: bytes) -> str:
    """Decode UTF-8 (with BOM or without) or UTF-16 (with BOM); raises RawTextError for anything else."""
    if not data:
        raise RawTextError("it is empty")
    if len(data) > MAX_BYTES:
        raise _too_big(len(data))
    if data.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        raise RawTextError("it is written in UTF-32; save it as UTF-8")
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _decode_utf16(data)
    return _decode_utf8(data)


def lines_of(text: str) -> list[Line]:
    """List the lines that have something on them, white space at both ends left out."""
    stripped = (Line(number, line.strip(_INVISIBLE)) for number, line in enumerate(_LINE_END.split(text), 1))
    return [line for line in stripped if line.text]


def _decode_utf8(data: bytes) -> str:
    # Latin-1 maps each byte to one character, so that positions are byte offsets.
    if found := _CONTROL.search(data.decode("latin-1")):
        raise _binary(ord(found.group()), found.start())
    offset = len(codecs.BOM_UTF8) if data.startswith(codecs.BOM_UTF8) else 0
    try:
        return data[offset:].decode("utf-8")
    except UnicodeDecodeError as error:
        at = error.start + offset
        raise RawTextError(
            f"it is not UTF-8: byte 0x{data[at]:02X} at offset {at} does not belong there; save it as UTF-8"
        ) from error


def _decode_utf16(data: bytes) -> str:
    try:
        text = data.decode("utf-16")
    except UnicodeDecodeError as error:
        raise RawTextError(
            f"it begins as UTF-16 but breaks at byte offset {error.start}; save it as UTF-8"
        ) from error
    if found := _CONTROL.search(text):
        offset = 2 + len(text[: found.start()].encode("utf-16-le"))
        raise _binary(ord(found.group()), offset)
    return text


def _binary(code: int, offset: int) -> RawTextError:
    return RawTextError(f"it is binary, not text: control byte 0x{code:02X} at offset {offset}")


def _too_big(size: int) -> RawTextError:
    limit = MAX_BYTES // 1_000_000
    return RawTextError(f"it is bigger than {limit} MB ({size / 1_000_000:.1f} MB)")
