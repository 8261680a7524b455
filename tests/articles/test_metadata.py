"""What a photo's file says of itself: read at upload, kept in every file made of it; all else stays behind."""

import io
import struct
import time
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from articles import metadata
from articles.images import encode_master, encode_renditions, metadata_of, newer_formats, read_picture
from articles.jobs import make_renditions
from articles.metadata import Metadata, packet_of, read_iptc, read_metadata, read_xmp
from articles.photos import add_photo, read_upload, words_in_file
from newsroom.models import Site

NAMES = (
    'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" '
    'xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" '
    'xmlns:xmpMM="http://ns.adobe.com/xap/1.0/mm/" xmlns:exif="http://ns.adobe.com/exif/1.0/"'
)
MADE = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
ALTERED = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"


def xmp(inside="", attributes="", head=""):
    return (
        f'{head}<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF {NAMES}>'
        f'<rdf:Description rdf:about="" {attributes}>{inside}</rdf:Description></rdf:RDF></x:xmpmeta>'
    ).encode()


AGENCY = xmp(
    '<dc:description><rdf:Alt><rdf:li xml:lang="x-default">Ferries &amp; rain</rdf:li></rdf:Alt></dc:description>'
    "<dc:creator><rdf:Seq><rdf:li>Jana Feld</rdf:li></rdf:Seq></dc:creator>"
    '<dc:rights><rdf:Alt><rdf:li xml:lang="x-default">© Agency</rdf:li></rdf:Alt></dc:rights>'
    "<exif:GPSLatitude>SECRET 52,30N</exif:GPSLatitude>",
    'photoshop:Credit="Agency" exif:SerialNumber="SECRET-123"',
)
AGENCY_WORDS = Metadata("Ferries & rain", "Jana Feld", "Agency", "© Agency")


def iptc(*rows):
    return b"".join(
        b"\x1c" + bytes((record, dataset)) + struct.pack(">H", len(value)) + value
        for record, dataset, value in rows
    )


def app13(block):
    """Return the segment of a JPEG in which Photoshop keeps an IPTC block."""
    padded = block + b"\0" * (len(block) % 2)
    resource = b"8BIM\x04\x04\0\0" + struct.pack(">I", len(block)) + padded
    content = b"Photoshop 3.0\0" + resource
    return b"\xff\xed" + struct.pack(">H", len(content) + 2) + content


def photo_file(format="JPEG", mode="RGB", block=b"", **options):
    picture = Image.radial_gradient("L").resize((700, 500)).convert(mode)
    if mode == "RGBA":
        picture.putalpha(100)
    file = io.BytesIO()
    picture.save(file, format, **options)
    data = file.getvalue()
    return data[:2] + app13(block) + data[2:] if block else data


def read(data):
    return read_picture(io.BytesIO(data))


def png_chunk(name, content):
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


# Reading


@pytest.mark.parametrize(
    ("packet", "expected"),
    [
        (AGENCY, AGENCY_WORDS),
        (
            xmp(attributes='dc:rights="All" photoshop:Credit="Agency"'),
            Metadata(credit="Agency", rights="All"),
        ),
        (xmp("<photoshop:Credit> Agency\n two </photoshop:Credit>"), Metadata(credit="Agency two")),
        (
            xmp(
                '<dc:description><rdf:Alt><rdf:li xml:lang="x-default">Fähre</rdf:li>'
                '<rdf:li xml:lang="de-DE">Fähre</rdf:li><rdf:li xml:lang="en">Ferry</rdf:li></rdf:Alt></dc:description>'
            ),
            Metadata("Fähre", language="de-DE"),
        ),
        (
            xmp("<dc:creator><rdf:Seq><rdf:li>A</rdf:li><rdf:li>B</rdf:li></rdf:Seq></dc:creator>"),
            Metadata(creator="A, B"),
        ),
        (
            xmp(f"<Iptc4xmpExt:DigitalSourceType>{MADE}</Iptc4xmpExt:DigitalSourceType>"),
            Metadata(origin="made"),
        ),
        (xmp(attributes=f'Iptc4xmpExt:DigitalSourceType="{ALTERED}"'), Metadata(origin="altered")),
        (
            xmp(f'<Iptc4xmpExt:DigitalSourceType rdf:resource="{MADE}"/>'),
            Metadata(origin="made"),
        ),
        (xmp(attributes='Iptc4xmpExt:DigitalSourceType="http://x/digitalCapture"'), Metadata()),
        # Of another picture, from which this one was made.
        (
            xmp(
                '<xmpMM:DerivedFrom><rdf:Description dc:rights="No" photoshop:Credit="No"><dc:creator>No</dc:creator>'
                "</rdf:Description></xmpMM:DerivedFrom><photoshop:Credit>Yes</photoshop:Credit>"
            ),
            Metadata(credit="Yes"),
        ),
        (xmp("<dc:description>a\x07b</dc:description>".replace("\x07", "&#x85;")), Metadata("a b")),
        (xmp(f"<photoshop:Credit>{'x' * 300}</photoshop:Credit>"), Metadata(credit="x" * 199 + "…")),
        (AGENCY.decode().encode("utf-16"), AGENCY_WORDS),
        (b"", Metadata()),
        (b"<x>SECRET</x>", Metadata()),
        (b"\xff\xfe\x00", Metadata()),
        (AGENCY[:300], Metadata()),
        (AGENCY.replace(b"<x:", b"<?xml version='1.0' encoding='no-such'?><x:", 1), Metadata()),
    ],
)
def test_xmp_is_read(packet, expected):
    assert read_metadata({"xmp": packet}) == expected


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        (
            iptc(
                (2, 120, b"Ferries"), (2, 110, b"Agency"), (2, 80, b"Jana"), (2, 80, b"Ida"), (2, 116, b"All")
            ),
            Metadata("Ferries", "Jana, Ida", "Agency", "All"),
        ),
        (iptc((1, 90, b"\x1b%G"), (2, 120, "Fähre".encode())), Metadata("Fähre")),
        (iptc((2, 120, "Fähre – 5 €".encode("cp1252"))), Metadata("Fähre – 5 €")),
        (iptc((2, 120, b"F\x81hre")), Metadata("F hre")),
        (iptc((3, 120, b"No"), (2, 25, b"keyword")), Metadata()),
        (iptc((2, 120, b"Ferries"))[:-2], Metadata()),
        (iptc((2, 110, b"Agency")) + b"\x1c\x02\x78\xff\xff", Metadata(credit="Agency")),
        (b"\x1c" * 5000, Metadata()),
    ],
)
def test_iptc_is_read(block, expected):
    assert read_metadata({"photoshop": {0x0404: block}}) == expected
    assert read(photo_file(block=block)).metadata == expected


def test_xmp_goes_before_iptc_word_by_word():
    block = iptc((2, 120, b"Old words"), (2, 116, b"All rights"))
    packet = xmp("<dc:description>New words</dc:description>")
    assert read(photo_file(block=block, xmp=packet)).metadata == Metadata("New words", rights="All rights")


@given(st.binary(max_size=400), st.binary(max_size=400))
def test_any_bytes_give_words_or_nothing(one, other):
    assert isinstance(read_metadata({"xmp": one, "photoshop": {0x0404: other}}), Metadata)
    assert isinstance(read_metadata({"xmp": xmp(attributes="") + one, "photoshop": other}), Metadata)


# Hostile

LAUGHS = (
    '<!DOCTYPE x [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(12))
    + "]>"
)
HOSTILE = {
    "laughs": xmp("<dc:description>&m;</dc:description>", head=LAUGHS),
    "outside": xmp(
        "<dc:description>&a;</dc:description>", head='<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    ),
    "doctype": xmp("<dc:description>x</dc:description>", head='<!DOCTYPE x SYSTEM "http://127.0.0.1/x">'),
    "long": xmp(f"<dc:description>{'x' * 10_000_000}</dc:description>"),
    "deep": xmp("<a>" * 60_000),
    "deep and whole": xmp("<a>" * 30_000 + "</a>" * 30_000),
    "wide": xmp("<dc:description/>" * 14_000),
    "attributes": xmp(attributes=" ".join(f'a{n}=""' for n in range(25_000))),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_xmp_costs_nothing_and_loses_nothing_but_itself(kind):
    began = time.process_time()
    assert read_xmp(HOSTILE[kind]) == {}
    assert time.process_time() - began < 0.5
    block = iptc((2, 110, b"Agency"))
    if len(HOSTILE[kind]) < 65_000:
        assert read(photo_file(block=block, xmp=HOSTILE[kind])).metadata == Metadata(credit="Agency")
    picture = read(photo_file("WEBP", xmp=HOSTILE[kind]))
    assert (picture.image.size, picture.metadata) == ((700, 500), Metadata())


def test_hostile_text_in_a_png_loses_nothing_but_itself():
    data = photo_file("PNG")
    for packet in (HOSTILE["long"], HOSTILE["laughs"]):
        chunks = (
            png_chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + packet),
            png_chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + zlib.compress(packet)),
            png_chunk(b"zTXt", b"Comment\0\0" + zlib.compress(packet)),
            png_chunk(b"zTXt", b"Comment\0\0no zlib"),
            png_chunk(b"iTXt", b"\0"),
            png_chunk(b"zTXt", b""),
        )
        for chunk in chunks:
            began = time.process_time()
            picture = read(data[:33] + chunk + data[33:])
            assert (picture.image.size, picture.metadata) == ((700, 500), Metadata())
            assert time.process_time() - began < 1


def test_packed_words_in_a_png_are_read():
    chunk = png_chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + zlib.compress(AGENCY))
    data = photo_file("PNG")
    assert read(data[:33] + chunk + data[33:]).metadata == AGENCY_WORDS


def test_no_markup_in_words_gets_out_of_its_place():
    hostile = Metadata('</rdf:li>"><x>&', "]]>", "<!DOCTYPE>", "<?xpacket end='w'?>", language="de")
    packet = packet_of(hostile)
    assert Metadata(**read_xmp(packet)) == hostile
    assert packet.count(b"<x>") == packet.count(b"<!DOCTYPE") == 0
    assert Metadata(
        **read_xmp(
            xmp('<dc:description><rdf:Alt><rdf:li xml:lang="&quot;>">a</rdf:li></rdf:Alt></dc:description>')
        )
    ) == Metadata("a")


# Kept and dropped


def private():
    """Return Exif as a camera writes it: position, serial number, owner, thumbnail."""
    exif = Image.Exif()
    exif[0x010E] = "SECRET description"
    exif[0x0112] = 1
    exif[0xA431] = "SECRET serial"
    exif.get_ifd(0x8769)[0xA430] = "SECRET owner"
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[2] = (52.0, 30.0, 0.0)
    return exif.tobytes() + b"SECRET thumbnail \xff\xd8\xff\xdb"


@pytest.mark.parametrize(
    ("format", "mode"),
    [
        ("JPEG", "RGB"),
        ("PNG", "RGBA"),
        *(pytest.param(format, "RGB", marks=pytest.mark.later) for format in ("PNG", "WEBP", "AVIF")),
    ],
)
def test_words_are_kept_in_every_file_and_all_else_is_dropped(format, mode):
    options = {"exif": private(), "xmp": AGENCY}
    if format == "PNG":
        options = {"exif": private(), "pnginfo": PngImagePlugin.PngInfo()}
        options["pnginfo"].add_itxt("XML:com.adobe.xmp", AGENCY.decode())
        options["pnginfo"].add_text("Comment", "SECRET comment")
    data = photo_file(format, mode, **options)
    assert b"SECRET" in data
    picture = read(data)
    assert picture.metadata == AGENCY_WORDS
    made = [encode_master(picture)]
    for crop in ("", "3:2", "16:9"):
        made += encode_renditions(picture, (640, 320), formats=("jpeg", *newer_formats()), crop=crop)
    assert {file.format for file in made} >= {"jpeg", *newer_formats()}
    for file in made:
        assert b"SECRET" not in file.data
        assert b"Exif\0" not in file.data
        image = Image.open(io.BytesIO(file.data))
        image.load()
        assert read_metadata(image.info) == AGENCY_WORDS, file.format
        assert not image.getexif()
        assert not set(image.info) & {"exif", "comment", "Comment", "photoshop", "icc_profile"}
    assert metadata_of(io.BytesIO(made[0].data)) == AGENCY_WORDS
    assert len(packet_of(AGENCY_WORDS)) < 1_000


def test_the_background_process_keeps_them_too(db, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    data = photo_file(xmp=AGENCY, exif=private())
    photo, _ = add_photo(read_upload(io.BytesIO(data)), by=None)
    make_renditions()
    assert photo.renditions.filter(format="webp").exists()
    for row in photo.renditions.all():
        with row.file.open() as file, Image.open(file) as image:
            image.load()
            assert read_metadata(image.info) == AGENCY_WORDS
    assert words_in_file(photo) == AGENCY_WORDS


# Proposed at upload


@pytest.fixture
def media(db, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def added(packet, **fields):
    return add_photo(read_upload(io.BytesIO(photo_file(xmp=packet))), by=None, **fields)[0]


def test_what_the_uploader_left_empty_is_what_the_file_says(media):
    photo = added(AGENCY, texts={"en": {"alt": "A ferry"}, "de": {"alt": "Eine Fähre"}})
    assert photo.credit == "Jana Feld / Agency"
    assert [photo.text_in(code).caption for code in ("en", "de")] == ["Ferries & rain", ""]
    assert photo.origin == "camera"


def test_what_the_uploader_wrote_stays(media):
    photo = added(AGENCY, credit="Ida", texts={"en": {"alt": "A ferry", "caption": "Mine"}})
    assert (photo.credit, photo.text_in("en").caption) == ("Ida", "Mine")


@pytest.mark.parametrize(
    ("language", "codes", "filled"),
    [
        ("de", ("en", "de"), "de"),
        ("de-CH", ("en", "de"), "de"),
        ("it", ("en", "de"), None),
        ("it", ("en",), None),
        ("", ("en", "de"), "en"),
        ("", ("de",), "de"),
        ("", ("de", "fr"), None),
    ],
)
def test_a_caption_goes_to_its_language(media, language, codes, filled):
    assert Site.current().default_language == "en"
    packet = packet_of(Metadata("Fähre", language=language))
    photo = added(packet, texts={code: {"alt": "x"} for code in codes})
    assert {text.language: text.caption for text in photo.texts.all()} == {
        code: "Fähre" if code == filled else "" for code in codes
    }


@pytest.mark.parametrize(("kind", "origin"), [(MADE, "made"), (ALTERED, "altered")])
def test_a_picture_that_says_that_it_is_made_with_ai_is_shown_so(media, kind, origin):
    assert added(xmp(attributes=f'Iptc4xmpExt:DigitalSourceType="{kind}"')).origin == origin


def test_the_limit_of_a_packet_is_looked_at_before_it_is_parsed(monkeypatch):
    monkeypatch.setattr(metadata._PacketReader, "read", lambda *args: pytest.fail("parsed"))
    assert read_xmp(b" " * (metadata.MAX_PACKET + 1)) == {}
    assert read_iptc(b"") == {}
