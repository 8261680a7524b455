"""The press that the pictures of the sample newspaper come from: colour, noise, shapes, light, ink and paper.

A picture is a float array of HEIGHT × WIDTH × 3 between 0 and 1; a mask is one of HEIGHT × WIDTH.
"""

from __future__ import annotations

import io
import math
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

WIDTH, HEIGHT = 1600, 1067
MAX_BYTES = 250_000  # a sample picture is in the repository for good
SUPERSAMPLE = 2  # shapes are drawn twice as large and scaled down, for soft edges

INK = (0.094, 0.110, 0.145)
PAPER = (0.955, 0.925, 0.868)

Colour = tuple[float, float, float]
Point = tuple[float, float]


def rgb(value: str) -> Colour:
    """Read a colour written as six hexadecimal digits."""
    return tuple(int(value[i : i + 2], 16) / 255 for i in (0, 2, 4))  # type: ignore[return-value]


def mix(a: Sequence[float], b: Sequence[float], t: float) -> Colour:
    """Return the colour between a (t = 0) and b (t = 1)."""
    return tuple(x + (y - x) * t for x, y in zip(a, b, strict=True))  # type: ignore[return-value]


def noise(rng, cell: float, octaves: int = 4, stretch: float = 1.0, gain: float = 0.5, shape=(HEIGHT, WIDTH)):
    """Return smooth noise between 0 and 1; cell is the largest spot in pixels, stretch makes it wider than high."""
    height, width = shape
    total = np.zeros(shape, np.float32)
    amplitude = 1.0
    for _ in range(octaves):
        rows, columns = max(2, round(height / cell) + 2), max(2, round(width / (cell * stretch)) + 2)
        grid = Image.fromarray(rng.random((rows, columns), dtype=np.float32), "F")
        total += amplitude * np.asarray(grid.resize((width, height), Image.Resampling.BICUBIC))
        amplitude *= gain
        cell = max(1.0, cell / 2)
    low, high = np.percentile(total, (0.5, 99.5))
    return np.clip((total - low) / (high - low), 0, 1)


def line_noise(rng, length: int, cell: float, octaves: int = 6, gain: float = 0.5):
    """Return one-dimensional noise between -1 and 1, for ridges and shores."""
    x = np.arange(length)
    total = np.zeros(length)
    amplitude = 1.0
    for _ in range(octaves):
        points = rng.uniform(-1, 1, int(length / cell) + 3)
        total += amplitude * np.interp(x / cell, np.arange(len(points)), points)
        amplitude *= gain
        cell = max(2.0, cell / 2)
    return total / np.abs(total).max()


def ramp(stops: Sequence[tuple[float, Colour]]):
    """Return a picture that runs from top to bottom through colours at given heights (0 to 1)."""
    heights = [stop[0] * HEIGHT for stop in stops]
    rows = np.arange(HEIGHT)
    channels = [np.interp(rows, heights, [stop[1][c] for stop in stops]) for c in range(3)]
    column = np.stack(channels, axis=1).astype(np.float32)
    return np.repeat(column[:, None, :], WIDTH, axis=1)


def over(picture, colour: Sequence[float], mask) -> None:
    """Lay a colour over the picture where the mask (0 to 1) lets it."""
    picture += (np.asarray(colour, np.float32) - picture) * mask[..., None]


def glow(picture, colour: Sequence[float], mask) -> None:
    """Add light: bright spots stay bright, nothing goes above white."""
    light = np.asarray(colour, np.float32) * mask[..., None]
    picture[...] = 1 - (1 - picture) * (1 - np.clip(light, 0, 1))


def halo(x: float, y: float, radius: float, squeeze: float = 1.0, power: float = 2.0):
    """Return a round fall-off of light, 1 in the centre and 0 at the radius."""
    rows, columns = np.ogrid[0:HEIGHT, 0:WIDTH]
    distance = np.hypot(columns - x, (rows - y) / squeeze) / radius
    return (np.clip(1 - distance, 0, 1) ** power).astype(np.float32)


def blurred(mask, radius: float):
    """Return the mask out of focus."""
    image = Image.fromarray(np.uint8(np.clip(mask, 0, 1) * 255))
    return np.asarray(image.filter(ImageFilter.GaussianBlur(radius)), np.float32) / 255


class Pen:
    """Draw shapes into a mask, in picture coordinates, with soft edges."""

    def __init__(self):
        self.image = Image.new("L", (WIDTH * SUPERSAMPLE, HEIGHT * SUPERSAMPLE))
        self.draw = ImageDraw.Draw(self.image)

    def polygon(self, points: Sequence[Point], value: float = 1.0) -> Pen:
        """Fill a polygon; value is how much ink, 0 takes away."""
        self.draw.polygon([(x * SUPERSAMPLE, y * SUPERSAMPLE) for x, y in points], fill=round(value * 255))
        return self

    def box(self, x0: float, y0: float, x1: float, y1: float, value: float = 1.0, radius: float = 0) -> Pen:
        """Fill an upright box, with round corners if asked."""
        corners = [v * SUPERSAMPLE for v in (min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))]
        self.draw.rounded_rectangle(corners, radius * SUPERSAMPLE, fill=round(value * 255))
        return self

    def line(self, points: Sequence[Point], width: float = 1.0, value: float = 1.0) -> Pen:
        """Draw a line through points."""
        scaled = [(x * SUPERSAMPLE, y * SUPERSAMPLE) for x, y in points]
        self.draw.line(
            scaled, fill=round(value * 255), width=max(1, round(width * SUPERSAMPLE)), joint="curve"
        )
        return self

    def ellipse(self, x: float, y: float, rx: float, ry: float | None = None, value: float = 1.0) -> Pen:
        """Fill an ellipse, a circle where one radius is given."""
        ry = rx if ry is None else ry
        self.draw.ellipse(
            [v * SUPERSAMPLE for v in (x - rx, y - ry, x + rx, y + ry)], fill=round(value * 255)
        )
        return self

    def mask(self, soft: float = 0.0):
        """Return what was drawn as a mask, out of focus by so many pixels."""
        image = self.image.resize((WIDTH, HEIGHT), Image.Resampling.BOX)
        if soft:
            image = image.filter(ImageFilter.GaussianBlur(soft))
        return np.asarray(image, np.float32) / 255


def turned(points: Sequence[Point], angle: float, x: float, y: float, scale: float = 1.0) -> list[Point]:
    """Turn points about the origin (radians), scale them and move them to x, y."""
    c, s = math.cos(angle) * scale, math.sin(angle) * scale
    return [(x + px * c - py * s, y + px * s + py * c) for px, py in points]


def person(pen: Pen, x: float, y: float, tall: float, stride: float = 0.1, lean: float = 0.0) -> None:
    """Draw somebody in a coat, feet at x, y; stride 0 stands still, lean moves the head sideways."""

    def at(dx: float, dy: float) -> Point:
        return x + (dx + lean * dy) * tall, y - dy * tall

    for foot in (-1, 1):
        toe = foot * (0.035 + stride)
        pen.polygon(
            [at(foot * 0.012, 0.44), at(foot * 0.085, 0.44), at(toe + 0.03, 0.02), at(toe - 0.03, 0.02)]
        )
        pen.ellipse(*at(toe + 0.015, 0.014), 0.045 * tall, 0.016 * tall)
    pen.polygon(
        [
            at(-0.07, 0.83),
            at(0.07, 0.83),
            at(0.115, 0.78),
            at(0.13, 0.5),
            at(0.15, 0.27),
            at(-0.15, 0.27),
            at(-0.13, 0.5),
            at(-0.115, 0.78),
        ]
    )
    for side in (-1, 1):
        pen.line([at(side * 0.1, 0.78), at(side * 0.15, 0.6), at(side * 0.135, 0.44)], 0.062 * tall)
    pen.box(*at(-0.024, 0.88), *at(0.024, 0.8))
    pen.ellipse(*at(0, 0.925), 0.056 * tall, 0.07 * tall)


def below(edge):
    """Return the mask of everything below a line given by one height per column."""
    return np.clip(np.arange(HEIGHT)[:, None] - np.asarray(edge)[None, :] + 0.5, 0, 1).astype(np.float32)


def swell(rng, horizon: int, near: float = 26.0, far: float = 1.2):
    """Return waves on a plane that runs from the horizon to the lower edge, between 0 and 1."""
    sheet = noise(rng, 9, 4, stretch=3.2, shape=(1024, 2048))
    result = np.zeros((HEIGHT, WIDTH), np.float32)
    columns = np.arange(WIDTH) - WIDTH / 2
    for y in range(horizon, HEIGHT):
        t = (y - horizon) / (HEIGHT - horizon)
        size = far + (near - far) * t**1.3  # how large a wave is drawn in this row
        row = int(5200 / (t * 26 + 1.6)) % 1024
        position = (columns * 9 / size + 1024 + 37 * math.sin(y * 1.7)).astype(int) % 2048
        result[y] = sheet[row, position]
    return np.clip((blurred(result, 0.7) - 0.5) * 1.15 + 0.5, 0, 1)


def mirrored(picture, horizon: int, rng, ripple: float = 10.0, keep: float = 0.8):
    """Paint below the horizon what stands above it, broken by waves and a little darker."""
    waves = swell(rng, horizon)
    rows, columns = np.mgrid[horizon:HEIGHT, 0:WIDTH]
    t = (rows - horizon) / (HEIGHT - horizon)
    shift = (waves[horizon:] - 0.5) * 2
    source_y = np.clip(
        2 * horizon - rows - np.abs(shift) * ripple * (4 * t + 0.4) + shift * 3, 0, horizon - 1
    )
    source_x = np.clip(columns + shift * ripple * (t + 0.15), 0, WIDTH - 1)
    reflection = picture[source_y.astype(int), source_x.astype(int)]
    image = Image.fromarray(np.uint8(np.clip(reflection, 0, 1) * 255)).filter(ImageFilter.BoxBlur((1.2, 3)))
    reflection = np.asarray(image, np.float32) / 255
    shade = keep - 0.25 * t[..., None] + 0.14 * shift[..., None]
    picture[horizon:] = reflection * shade


def clouds(
    picture,
    rng,
    colour: Colour,
    bottom: float,
    cell: float = 240,
    strength: float = 0.6,
    stretch: float = 4.0,
):
    """Lay long clouds over the sky, thinner towards the horizon."""
    field = np.clip((noise(rng, cell, 6, stretch=stretch) - 0.42) * 2.2, 0, 1)
    fade = np.clip(1 - np.arange(HEIGHT)[:, None] / (bottom * HEIGHT), 0, 1) ** 0.5
    over(picture, colour, field * fade * strength)


def printed(picture, rng, grain: float = 0.04, rough: float = 1.1):
    """Put the picture through the press: rough edges, ink and paper for black and white, grain, fibres."""
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH]
    drift_x = (noise(rng, 5, 2) - 0.5) * 2 * rough
    drift_y = (noise(rng, 5, 2) - 0.5) * 2 * rough
    y = np.clip(np.rint(rows + drift_y), 0, HEIGHT - 1).astype(int)
    x = np.clip(np.rint(columns + drift_x), 0, WIDTH - 1).astype(int)
    picture = 0.6 * picture[y, x] + 0.4 * picture
    tone = picture.mean(axis=2)
    speckle = rng.normal(0, 1, (HEIGHT, WIDTH)).astype(np.float32)
    speckle = (
        speckle
        + 0.6 * (np.roll(speckle, 1, 0) + np.roll(speckle, 1, 1))
        + 0.4 * np.roll(speckle, (1, 1), (0, 1))
    )
    speckle /= speckle.std()
    mottle = noise(rng, 14, 4) - 0.5  # the unevenness of an inked stone
    amount = grain * (0.45 + 2.2 * tone * (1 - tone))
    picture = picture + (speckle * amount + mottle * grain * 0.75)[..., None]
    picture = np.clip(picture, 0, 1)
    ink, paper = np.asarray(INK, np.float32), np.asarray(PAPER, np.float32)
    picture = ink + picture * (paper - ink) / 1.0
    fibres = noise(rng, 3, 2, stretch=5) - 0.5
    return np.clip(picture * (1 + 0.018 * fibres[..., None]), 0, 1)


def as_jpeg(picture) -> bytes:
    """Encode the picture as well as the limit of MAX_BYTES allows."""
    image = Image.fromarray(np.uint8(np.clip(picture, 0, 1) * 255 + 0.5))
    for quality in range(88, 30, -3):
        buffer = io.BytesIO()
        image.save(buffer, "JPEG", quality=quality, optimize=True, progressive=True)
        if buffer.tell() <= MAX_BYTES:
            return buffer.getvalue()
    raise ValueError(f"The picture stays above {MAX_BYTES} bytes at any quality.")
