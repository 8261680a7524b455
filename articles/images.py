"""Pictures: read what somebody uploads, encode what readers get. Nothing but Pillow.

An upload is decoded once, made upright, brought to sRGB and to a bounded size; of the rest of the file only caption,
credit and rights are kept (`articles.metadata`), so no position, no comment and no trick of a format goes further.
Memory and time are bounded before decoding.
"""

import hashlib
import io
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import IO, Any

from django.utils.translation import gettext as _
from PIL import Image, ImageCms, PngImagePlugin, features

from articles.metadata import MAX_PACKET, Metadata, packet_of, read_metadata

FORMATS = ["JPEG", "PNG", "WEBP", "AVIF"]
MAX_BYTES = 30_000_000
# What may be decoded by format, so that one upload takes no more than 400 MB: a JPEG decoder writes what it needs
# at half size, WebP keeps its frame three times. A second picture in a JPEG makes it an MPO.
MAX_PIXELS = {
    "JPEG": 50_000_000,
    "MPO": 50_000_000,
    "PNG": 30_000_000,
    "AVIF": 24_000_000,
    "WEBP": 16_000_000,
}
MAX_SIDE = 30_000
# A progressive JPEG is gone through once for each of its scans; cameras and programs write ten to twenty.
MAX_SCANS = 60
MAX_PROFILE_BYTES = 2_000_000

MASTER_SIDE = 4_000
# With transparency it is a drawing or a logo, and a PNG: twice the pixels would cost seconds and 20 MB.
TRANSPARENT_SIDE = 2_000
MASTER_QUALITY = 90
# Fixed widths in pixels: phones at two or three to one, tablets, desktops.
WIDTHS = (320, 640, 960, 1280, 1920)
# What is made of a photo, by crop ("" is the whole of it): lists show one shape, other sites show wide pictures.
CROPS: dict[str, tuple[int, ...]] = {"": WIDTHS, "3:2": (320, 640, 960, 1280), "16:9": (1200,)}
# Other sites take a JPEG; newer formats of this would be files that nobody asks for.
JPEG_ONLY = ("16:9",)

# How each format is encoded. One thread: the background process must leave the other cores to readers.
OPTIONS: dict[str, dict[str, Any]] = {
    "jpeg": {"quality": 78, "progressive": True, "optimize": True},
    "webp": {"quality": 74, "method": 4},
    "avif": {"quality": 54, "speed": 7, "max_threads": 1},
}

# What a picture with transparency stands on where a rendition has none.
PAPER = "white"

_SCAN = b"\xff\xda"
_PNG = b"\x89PNG\r\n\x1a\n"

_TRANSPOSE = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


class BadPicture(Exception):
    """A file that is no picture we can use; its text tells the person who uploaded it why."""


@dataclass(frozen=True)
class Picture:
    """A decoded upload: upright, sRGB, RGB or RGBA, no side longer than MASTER_SIDE; and what its file says of it."""

    image: Image.Image
    digest: str  # SHA-256 of the uploaded bytes, hex
    metadata: Metadata = field(default_factory=Metadata)

    @property
    def has_transparency(self) -> bool:
        """Whether any pixel shows what lies below."""
        return self.image.mode == "RGBA"


@dataclass(frozen=True)
class Encoded:
    """A picture as a file."""

    format: str  # "jpeg", "png", "webp", "avif"
    width: int
    height: int
    data: bytes
    crop: str = ""


def read_picture(file: IO[bytes]) -> Picture:
    """Decode an upload. Raises BadPicture, and nothing else, for whatever can't be used."""
    data = file.read(MAX_BYTES + 1)
    if not data:
        raise BadPicture(_("This file is empty."))
    if len(data) > MAX_BYTES:
        raise BadPicture(
            _("This file is larger than %(limit)s MB: make the picture smaller first.")
            % {"limit": MAX_BYTES // 1_000_000}
        )
    try:
        digest = hashlib.sha256(data).hexdigest()
        data = _without_packed_text(data)
        image = Image.open(io.BytesIO(data), formats=FORMATS)
        _check_header(image, data)
        prepared = _prepared(image)
        return Picture(prepared, digest, read_metadata(image.info))
    except BadPicture:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        # Pillow's own limit; it lies above ours.
        raise _too_large(max(MAX_PIXELS.values())) from error
    except Image.UnidentifiedImageError as error:
        raise BadPicture(
            _("This is no picture in a format that can be used: JPEG, PNG, WebP, AVIF.")
        ) from error
    except Exception as error:
        # Pillow's decoders raise nearly anything for a broken file: OSError, SyntaxError, struct.error, KeyError…
        raise BadPicture(_("This picture is damaged or incomplete: export it again.")) from error


def metadata_of(file: IO[bytes]) -> Metadata:
    """Return what a master of ours says of itself, without decoding it. Raises OSError for what is none."""
    # Our own masters say it before the pixels begin.
    return read_metadata(Image.open(file, formats=["JPEG", "PNG"]).info)


def encode_master(picture: Picture) -> Encoded:
    """Encode what all renditions, now and later, are made from: a JPEG, or a PNG where it has transparency."""
    if picture.has_transparency:
        # Level 3 is a fifth larger than the usual 6 and takes a third of the time.
        return _encoded(picture, picture.image, "png", compress_level=3)
    return _encoded(picture, picture.image, "jpeg", quality=MASTER_QUALITY, subsampling="4:4:4")


def encode_renditions(
    picture: Picture,
    widths: tuple[int, ...] = WIDTHS,
    *,
    formats: Sequence[str] = ("jpeg",),
    crop: str = "",
    focal: tuple[float, float] = (0.5, 0.5),
) -> Iterator[Encoded]:
    """Encode files at the fixed widths, widest first, each from the one before; none is enlarged.

    A picture narrower than the widest gets one at its own width. `crop` ("3:2") cuts it to this shape first, with
    the focal point (from the left, from the top; 0 to 1) as near to the middle as the edges allow.
    """
    image = picture.image
    if crop:
        image = image.crop(cut(image.size, crop, focal))
    if image.mode == "RGBA":
        paper = Image.new("RGB", image.size, PAPER)
        paper.paste(image, mask=image.getchannel("A"))
        image = paper
    full_width, full_height = image.size
    own = min(full_width, max(widths))
    for width in sorted({own, *(width for width in widths if width < own)}, reverse=True):
        height = max(1, round(full_height * width / full_width))
        if (width, height) != image.size:
            image = image.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=2.0)
        for format in formats:
            yield _encoded(picture, image, format, crop=crop, **OPTIONS[format])


def cut(size: tuple[int, int], crop: str, focal: tuple[float, float]) -> tuple[int, int, int, int]:
    """Return the largest box of a shape ("3:2") in a picture: left, top, right, bottom; nothing is enlarged."""
    across, down = map(int, crop.split(":"))
    width = max(1, min(size[0], round(size[1] * across / down)))
    height = max(1, min(size[1], round(size[0] * down / across)))
    left = min(max(0, round(size[0] * focal[0] - width / 2)), size[0] - width)
    top = min(max(0, round(size[1] * focal[1] - height / 2)), size[1] - height)
    return left, top, left + width, top + height


def newer_formats() -> tuple[str, ...]:
    """Return the formats that the background process makes; AVIF where this Pillow can write it."""
    return tuple(name for name in ("webp", "avif") if features.check(name))


def _encoded(picture: Picture, image: Image.Image, format: str, *, crop: str = "", **options: Any) -> Encoded:
    buffer = io.BytesIO()
    if format == "jpeg":
        # Pillow would carry a comment over from the file that was read.
        options["comment"] = b""
    if packet := packet_of(picture.metadata):
        if format == "png":
            options["pnginfo"] = PngImagePlugin.PngInfo()
            options["pnginfo"].add_itxt("XML:com.adobe.xmp", packet.decode())
        else:
            options["xmp"] = packet
    image.save(buffer, format, **options)
    return Encoded(format, image.width, image.height, buffer.getvalue(), crop)


def _without_packed_text(data: bytes) -> bytes:
    """Leave compressed texts of more than a packet's length out of a PNG: for them Pillow would refuse all of it."""
    if not data.startswith(_PNG):
        return data
    parts, at = [_PNG], len(_PNG)
    while at + 12 <= len(data):
        end = at + 12 + int.from_bytes(data[at : at + 4], "big")
        name, content = data[at + 4 : at + 8], data[at + 8 : end - 4]
        if not (name in (b"zTXt", b"iTXt") and _is_large_when_unpacked(name, content)):
            parts.append(data[at:end])
        at = end
    return b"".join([*parts, data[at:]])


def _is_large_when_unpacked(name: bytes, content: bytes) -> bool:
    keyword_end = content.find(b"\0")
    if name == b"zTXt":
        packed = content[keyword_end + 2 :]
    elif content[keyword_end + 1 : keyword_end + 2] == b"\1":
        packed = content[keyword_end + 3 :].split(b"\0", 2)[-1]
    else:
        return False
    try:
        return len(zlib.decompressobj().decompress(packed, MAX_PACKET + 1)) > MAX_PACKET
    except zlib.error:
        return True


def _check_header(image: Image.Image, data: bytes) -> None:
    """Refuse what would cost too much to decode, by what the file says of itself."""
    limit = MAX_PIXELS[image.format or ""]
    if image.width * image.height > limit or max(image.size) > MAX_SIDE:
        raise _too_large(limit)
    # Stereo cameras and phones add a second picture, which is left out; an animation is another thing.
    if image.format != "MPO" and getattr(image, "n_frames", 1) > 1:
        raise BadPicture(_("This picture is animated: export a single picture."))
    # In the data of a scan 0xFF is never followed by 0xDA, so counting is exact enough.
    if image.format in ("JPEG", "MPO") and data.count(_SCAN) > MAX_SCANS:
        raise BadPicture(_("This picture is damaged or incomplete: export it again."))


def _too_large(limit: int) -> BadPicture:
    return BadPicture(
        _("This picture is larger than %(limit)s million pixels: make it smaller, or save it as JPEG.")
        % {"limit": limit // 1_000_000}
    )


def _prepared(image: Image.Image) -> Image.Image:
    """Return the decoded picture as Picture promises it."""
    largest = max(image.size)
    if largest > MASTER_SIDE:
        # A JPEG decoder can halve, quarter, eighth for nothing; for other formats this does nothing.
        scale = MASTER_SIDE / largest
        image.draft(None, (max(1, int(image.width * scale)), max(1, int(image.height * scale))))
    image.load()
    profile = image.info.get("icc_profile") or b""
    upright = _orientation(image)
    image = _plain_mode(image)
    if image.mode == "RGBA" and image.getchannel("A").getextrema() == (255, 255):
        image = image.convert("RGB")
    side = TRANSPARENT_SIDE if image.mode == "RGBA" else MASTER_SIDE
    # As sharp as Lanczos to the eye at this size, at less than half the cost.
    image.thumbnail((side, side), Image.Resampling.HAMMING, reducing_gap=2.0)
    image = _in_srgb(image, profile)
    if upright is not None:
        image = image.transpose(upright)
    # A fresh object: what the file said of itself stays behind.
    clean = Image.new(image.mode, image.size)
    clean.paste(image)
    return clean


def _orientation(image: Image.Image) -> Image.Transpose | None:
    """Return what has to be done to see the picture as it was taken (Exif 2.32, tag 0x0112)."""
    try:
        return _TRANSPOSE.get(image.getexif().get(0x0112, 1))
    except Exception:
        # Broken Exif is common and no reason to refuse a photo.
        return None


def _plain_mode(image: Image.Image) -> Image.Image:
    """Bring palettes, 16-bit grey and odd kinds of transparency to L, RGB, RGBA or CMYK."""
    if image.mode in ("RGB", "RGBA", "L", "CMYK") and "transparency" not in image.info:
        return image
    if image.mode.startswith(("I", "F")):
        # 16 bits a pixel; a plain conversion would cut at 255 instead of scaling.
        return image.convert("I").point(lambda value: value * (1 / 257)).convert("L")
    if image.mode in ("LA", "PA", "La", "RGBa") or "transparency" in image.info:
        return image.convert("RGBA")
    return image.convert("L" if image.mode == "1" else "RGB")


def _in_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    """Convert the colours to sRGB by the profile in the file; without a usable one they are taken as sRGB."""
    target = "RGBA" if image.mode == "RGBA" else "RGB"
    if 0 < len(profile) <= MAX_PROFILE_BYTES:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            if "sRGB" not in (ImageCms.getProfileDescription(source) or ""):
                converted = ImageCms.profileToProfile(
                    image, source, ImageCms.createProfile("sRGB"), outputMode=target
                )
                if converted:
                    return converted
        except (ImageCms.PyCMSError, OSError, TypeError, ValueError):
            # A profile for another kind of picture, or a broken one.
            pass
    return image if image.mode == target else image.convert(target)
