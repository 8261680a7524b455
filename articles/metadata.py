"""What a photo's file says of itself: caption, who made it, rights, whether with AI (IPTC-IIM and XMP).

Read at upload, written into every file that is made; all else (position, serial numbers, thumbnails) stays behind.
Whatever stands there was written by strangers: it is bounded before it is parsed, XML has no DTD and so no
entities, and what cannot be read is passed over.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any
from xml.parsers import expat
from xml.sax.saxutils import escape

# A packet in a JPEG has 64 KB at most; what is longer holds histories and thumbnails of editing programs.
MAX_PACKET = 256_000
MAX_IPTC = 64_000
# What the fields take that these are proposed for.
MAX_TEXT = 500
MAX_NAME = 200

DC = "http://purl.org/dc/elements/1.1/"
PHOTOSHOP = "http://ns.adobe.com/photoshop/1.0/"
IPTC_EXT = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
XML = "http://www.w3.org/XML/1998/namespace"
# https://cv.iptc.org/newscodes/digitalsourcetype/
SOURCE_TYPES = "http://cv.iptc.org/newscodes/digitalsourcetype/"
ORIGINS = {"trainedAlgorithmicMedia": "made", "compositeWithTrainedAlgorithmicMedia": "altered"}

# IPTC-IIM 4.2, record 2.
_IPTC = {120: "description", 110: "credit", 80: "creator", 116: "rights"}
_XMP = {
    f"{DC} description": "description",
    f"{DC} creator": "creator",
    f"{DC} rights": "rights",
    f"{PHOTOSHOP} Credit": "credit",
    f"{IPTC_EXT} DigitalSourceType": "origin",
}

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,3}")


@dataclass(frozen=True)
class Metadata:
    """The words in a photo's file, "" for what it does not say."""

    description: str = ""
    creator: str = ""
    credit: str = ""
    rights: str = ""
    origin: str = ""  # as Photo.Origin: "made" or "altered" with AI
    language: str = ""  # of the description, where the file says so

    def credit_line(self) -> str:
        """Return what would stand below the photo."""
        parts = dict.fromkeys(part for part in (self.creator, self.credit) if part)
        return " / ".join(parts)[:MAX_NAME] or self.rights


def read_metadata(info: Mapping[Any, Any]) -> Metadata:
    """Return what Pillow's `info` of a decoded picture says; XMP, which has Unicode, before IPTC-IIM."""
    photoshop = info.get("photoshop")
    iptc = photoshop.get(0x0404) if isinstance(photoshop, Mapping) else None
    found = read_iptc(iptc) if isinstance(iptc, bytes) else {}
    packet = info.get("xmp")
    if isinstance(packet, bytes):
        found |= read_xmp(packet)
    return Metadata(**found)


def read_iptc(block: bytes) -> dict[str, str]:
    """Return what an IPTC-IIM block says, by the fields of Metadata."""
    found: dict[str, list[bytes]] = {}
    encodings = ("utf-8", "cp1252", "latin-1")
    at, block = 0, block[:MAX_IPTC]
    while block[at : at + 1] == b"\x1c" and at + 5 <= len(block):
        record, dataset, size = block[at + 1], block[at + 2], int.from_bytes(block[at + 3 : at + 5], "big")
        if size > 0x7FFF or at + 5 + size > len(block):
            break
        if record == 2 and dataset in _IPTC:
            found.setdefault(_IPTC[dataset], []).append(block[at + 5 : at + 5 + size])
        at += 5 + size
    # Programs that write UTF-8 do not always say so, and no other text is valid UTF-8 by chance.
    return _tidied(
        {name: ", ".join(_decoded(value, encodings) for value in values) for name, values in found.items()}
    )


def _decoded(value: bytes, encodings: tuple[str, ...]) -> str:
    for encoding in encodings:
        try:
            return value.decode(encoding)
        except UnicodeDecodeError:
            continue
    return ""


def read_xmp(packet: bytes) -> dict[str, str]:
    """Return what an XMP packet says, by the fields of Metadata; nothing for one that is hostile, broken or huge."""
    if len(packet) > MAX_PACKET:
        return {}
    reader = _PacketReader()
    try:
        reader.read(packet)
    except Exception:
        # expat raises several kinds for broken XML and unknown encodings; none is worth a photo.
        return {}
    found = {name: ", ".join(reader.texts(name)) for name in ("creator", "credit")}
    found["description"], language = reader.best("description")
    found["rights"], _language = reader.best("rights")
    kind = next(iter(reader.texts("origin")), "").rpartition("/")[2]
    found |= {"origin": ORIGINS.get(kind, ""), "language": language}
    return _tidied(found)


def packet_of(metadata: Metadata) -> bytes:
    """Return an XMP packet with the words, b"" for none."""
    if metadata == Metadata():
        return b""

    def alternatives(name: str, text: str, *languages: str) -> str:
        # Programs show what stands there as x-default.
        items = (
            f'<rdf:li xml:lang="{language}">{escape(text)}</rdf:li>'
            for language in ("x-default", *languages)
            if language
        )
        return f"<{name}><rdf:Alt>{''.join(items)}</rdf:Alt></{name}>" if text else ""

    kind = next((kind for kind, origin in ORIGINS.items() if origin == metadata.origin), "")
    creator, credit = escape(metadata.creator), escape(metadata.credit)
    parts = [
        alternatives("dc:description", metadata.description, metadata.language),
        f"<dc:creator><rdf:Seq><rdf:li>{creator}</rdf:li></rdf:Seq></dc:creator>" if creator else "",
        alternatives("dc:rights", metadata.rights),
        f"<photoshop:Credit>{credit}</photoshop:Credit>" if credit else "",
        f"<Iptc4xmpExt:DigitalSourceType>{SOURCE_TYPES}{kind}</Iptc4xmpExt:DigitalSourceType>"
        if kind
        else "",
    ]
    names = {"dc": DC, "photoshop": PHOTOSHOP, "Iptc4xmpExt": IPTC_EXT}
    used = "".join(parts)
    declared = "".join(f' xmlns:{name}="{uri}"' for name, uri in names.items() if f"<{name}:" in used)
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
        f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="{RDF}">'
        f'<rdf:Description rdf:about=""{declared}>{used}</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="r"?>'
    ).encode()


def _tidied(found: Mapping[str, str]) -> dict[str, str]:
    """Return the texts that say something, as plain text of a bounded length on one line."""
    names = {field.name for field in fields(Metadata)}
    tidy = {
        name: _plain(text, MAX_TEXT if name == "description" else MAX_NAME) for name, text in found.items()
    }
    return {name: text for name, text in tidy.items() if text and name in names}


def _plain(text: str, length: int) -> str:
    # Control characters, halves of pairs and unassigned ones have no place in XML, nor in a caption.
    text = "".join(" " if unicodedata.category(char) in ("Cc", "Cs", "Cn", "Co") else char for char in text)
    text = " ".join(unicodedata.normalize("NFC", text).split())
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


class _Refused(Exception):
    """A packet that is not read any further."""


class _PacketReader:
    """Collects the few properties that we know, of the picture itself and not of those it was made from.

    They stand in `rdf:RDF/rdf:Description`, as attributes, as text, or as the items of a list.
    """

    def __init__(self) -> None:
        self.found: dict[str, list[tuple[str, str]]] = {}  # name -> (language, text)
        self._path: list[str] = []
        self._text: list[str] = []
        self._language = ""
        self._has_items = False

    def read(self, packet: bytes) -> None:
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self._refuse
        parser.EntityDeclHandler = self._refuse
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text_piece
        # Some programs fill up with zeros; in UTF-16 they are half of each letter.
        parser.Parse(packet if b"\0" in packet[:4] else packet.strip(b"\0 \t\r\n"), True)

    def texts(self, name: str) -> list[str]:
        return [text for _language, text in self.found.get(name, ())]

    def best(self, name: str) -> tuple[str, str]:
        """Return a text and its language: programs write it as x-default, and once more under its own."""
        items = self.found.get(name, [])
        text = next((text for language, text in items if language == "x-default"), "")
        text = text or next((text for _language, text in items), "")
        named = (language for language, other in items if other == text and language != "x-default")
        return text, next((language for language in named if _LANGUAGE.fullmatch(language)), "")

    def _refuse(self, *args: Any) -> None:
        raise _Refused

    @property
    def _property(self) -> str:
        """The property of ours in which the parser is, "" outside."""
        for at in (2, 3):
            if self._path[at - 2 : at] == [f"{RDF} RDF", f"{RDF} Description"] and len(self._path) > at:
                return _XMP.get(self._path[at], "")
        return ""

    def _add(self, name: str, text: str, language: str = "") -> None:
        if text.strip():
            self.found.setdefault(name, []).append((language, text))

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._path.append(name)
        self._text = []
        if name == f"{RDF} Description" and self._path[-2:-1] == [f"{RDF} RDF"]:
            for key, value in attributes.items():
                if key in _XMP:
                    self._add(_XMP[key], value)
        elif name == f"{RDF} li":
            self._has_items = True
            self._language = attributes.get(f"{XML} lang", "")
        elif self._property:
            self._has_items = False
            if resource := attributes.get(f"{RDF} resource"):
                self._add(self._property, resource)

    def _end(self, name: str) -> None:
        known = self._property
        is_item = name == f"{RDF} li"
        if known and (is_item or (_XMP.get(name) == known and not self._has_items)):
            self._add(known, "".join(self._text), self._language if is_item else "")
        self._text = []
        self._path.pop()

    def _text_piece(self, text: str) -> None:
        self._text.append(text)
