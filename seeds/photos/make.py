"""Draw the pictures of the sample newspaper: printed illustrations, made by code, owed to nobody.

    python seeds/photos/make.py              all of them, into this folder
    python seeds/photos/make.py low-tide     one of them
    python seeds/photos/make.py --out /tmp/x all of them, elsewhere

Every scene is painted in linear steps (sky, distance, middle, foreground) on a float array and then goes through one
print pass — ink and paper instead of black and white, rough edges, grain — so that all look like plates from one press.
The same seed gives the same picture. Needs Pillow and numpy, nothing else.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter
from press import (
    HEIGHT,
    INK,
    WIDTH,
    Colour,
    Pen,
    Point,
    as_jpeg,
    below,
    blurred,
    clouds,
    glow,
    halo,
    line_noise,
    mirrored,
    mix,
    noise,
    over,
    person,
    printed,
    ramp,
    rgb,
    swell,
    turned,
)


def cormorant_bank(rng):
    """Paint a wind farm at sea on a hazy morning, a service boat in front of it."""
    horizon = 660
    picture = ramp(
        [
            (0, rgb("7f97a3")),
            (0.3, rgb("b9c2bd")),
            (0.52, rgb("ecdcb8")),
            (0.62, rgb("f6e3b4")),
            (1, rgb("c9c6b4")),
        ]
    )
    clouds(picture, rng, rgb("f4ecda"), 0.62, cell=200, strength=0.75)
    clouds(picture, rng, rgb("6d8490"), 0.5, cell=150, strength=0.35, stretch=6)
    glow(picture, rgb("f7dd9c"), halo(1130, horizon - 70, 520, 0.75) * 0.75)
    over(picture, rgb("fff6dc"), Pen().ellipse(1130, horizon - 92, 40).mask(1.4))
    sea = ramp([(0, rgb("dccfa6")), (0.62, rgb("c7c2a4")), (0.70, rgb("82969a")), (1, rgb("28465a"))])
    water = below(np.full(WIDTH, horizon))
    picture += (sea - picture) * water[..., None]
    waves = swell(rng, horizon)
    over(picture, rgb("1d394d"), np.clip(0.5 - waves, 0, 1) * 1.1 * water)
    over(picture, rgb("eee4c8"), np.clip(waves - 0.66, 0, 1) * 1.2 * water)
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH]
    lane = np.exp(-(((columns - 1130) / (26 + (rows - horizon) * 0.42)) ** 2)) * water
    glow(picture, rgb("ffe9b0"), lane * np.clip(waves - 0.36, 0, 1) * 2.0)
    rows_of_turbines = [  # base, height, distance between two, first one, haze
        (662, 74, 92, 20, 0.76),
        (665, 118, 158, -30, 0.62),
        (672, 196, 262, 120, 0.42),
        (690, 350, 468, 330, 0.2),
        (724, 560, 900, 250, 0.0),
    ]
    blade = [(0, -0.012), (0.06, -0.034), (0.2, -0.024), (1, -0.003), (1, 0.003), (0, 0.012)]
    blade_edge = [(0.06, -0.032), (0.2, -0.024), (1, -0.003), (0.2, -0.008)]
    for base, height, gap, first, haze in rows_of_turbines:
        shaft, light, foam = Pen(), Pen(), Pen()
        width = height * 0.018
        for x in np.arange(first - gap, WIDTH + gap, gap) + rng.uniform(-6, 6):
            top, angle = base - height, rng.uniform(0, 2.1)
            shaft.polygon(
                [(x - width, base), (x - width * 0.5, top), (x + width * 0.5, top), (x + width, base)]
            )
            shaft.box(x - width * 1.7, base - height * 0.06, x + width * 1.7, base + 2)
            light.polygon(
                [(x + width * 0.15, base), (x + width * 0.1, top), (x + width * 0.5, top), (x + width, base)]
            )
            for k in range(3):
                turn = angle + k * 2 * math.pi / 3
                shaft.polygon(turned(blade, turn, x, top, height * 0.56))
                light.polygon(turned(blade_edge, turn, x, top, height * 0.56))
            shaft.ellipse(x, top, width * 1.15)
            foam.ellipse(x, base + 2, width * 5, max(1.2, width * 0.5))
        over(picture, mix(rgb("31475a"), rgb("ddd2b0"), haze), shaft.mask())
        over(picture, mix(rgb("f5efe0"), rgb("e3d7b4"), haze), light.mask() * 0.85)
        over(picture, rgb("f2ead6"), foam.mask(1) * 0.5)
    boat, window = Pen(), Pen()
    bx, by = 560, 860
    boat.polygon([(bx - 92, by - 30), (bx + 104, by - 36), (bx + 78, by + 4), (bx - 84, by + 4)])
    boat.polygon([(bx - 8, by - 34), (bx - 2, by - 84), (bx + 52, by - 84), (bx + 66, by - 34)])
    boat.line([(bx + 24, by - 84), (bx + 24, by - 136)], 3).line(
        [(bx + 24, by - 122), (bx + 58, by - 86)], 1.4
    )
    boat.line([(bx - 80, by - 30), (bx - 80, by - 52), (bx - 12, by - 52)], 1.6)
    window.polygon([(bx + 6, by - 76), (bx + 48, by - 76), (bx + 54, by - 60), (bx + 4, by - 60)])
    over(picture, rgb("26323f"), boat.mask())
    over(
        picture,
        rgb("a5462f"),
        Pen().polygon([(bx - 89, by - 14), (bx + 90, by - 14), (bx + 78, by + 4), (bx - 84, by + 4)]).mask(),
    )
    over(picture, rgb("f3e2b0"), window.mask())
    wake = Pen().polygon([(bx - 84, by - 2), (bx - 520, by + 22), (bx - 560, by + 40), (bx - 80, by + 7)])
    wake.polygon([(bx + 80, by - 4), (bx + 112, by + 3), (bx + 40, by + 12), (bx - 40, by + 12)])
    over(picture, rgb("f4eddc"), wake.mask(2.2) * np.clip(noise(rng, 7, 3, stretch=4) * 1.5 - 0.3, 0, 1))
    over(picture, rgb("172632"), Pen().ellipse(bx, by + 15, 96, 8).mask(5) * 0.55)
    gulls = Pen()
    for gx, gy, size in [(760, 610, 13), (838, 578, 10), (700, 562, 8), (905, 628, 8)]:
        gulls.line([(gx - size, gy - size * 0.42), (gx - size * 0.3, gy - size * 0.6), (gx, gy)], 1.8)
        gulls.line([(gx, gy), (gx + size * 0.4, gy - size * 0.64), (gx + size, gy - size * 0.3)], 1.8)
    over(picture, rgb("33424e"), gulls.mask())
    return picture


def hochfirn_dawn(rng):
    """Paint ridge behind ridge in morning mist, a hut with one lit window among firs."""
    picture = ramp(
        [
            (0, rgb("8ea7b0")),
            (0.22, rgb("c9cfc4")),
            (0.42, rgb("f3dcb4")),
            (0.6, rgb("f0c79a")),
            (1, rgb("e8c8a4")),
        ]
    )
    clouds(picture, rng, rgb("f7e8cb"), 0.5, cell=120, strength=0.7, stretch=7)
    glow(picture, rgb("ffdf9f"), halo(520, 430, 620, 0.7) * 0.8)
    over(picture, rgb("fff3d2"), Pen().ellipse(520, 405, 44).mask(2))
    columns = np.arange(WIDTH)
    peak = 150 * np.exp(-(((columns - 1040) / 200) ** 2)) + 60 * np.exp(-(((columns - 1210) / 90) ** 2))
    layers = [
        (500, 60, 420, "b9b8ac", peak * 1.15, 0.34),
        (560, 74, 330, "98a3a1", 46 * np.exp(-(((columns - 250) / 180) ** 2)), 0.30),
        (640, 86, 300, "748790", 0, 0.32),
        (724, 84, 260, "53697a", 30 * np.exp(-(((columns - 1340) / 220) ** 2)), 0.36),
        (812, 76, 300, "3a4f61", 0, 0.34),
        (900, 60, 260, "26394a", 60 * np.exp(-(((columns - 1500) / 320) ** 2)), 0.30),
    ]
    rows = np.arange(HEIGHT)[:, None]
    for index, (height, amplitude, cell, colour, bump, mist) in enumerate(layers):
        edge = height - amplitude * line_noise(rng, WIDTH, cell, 8, 0.52) - bump
        mask = below(edge)
        over(picture, rgb(colour), mask)
        flank = noise(rng, 46, 5, stretch=0.7)  # gullies and light on the slopes
        over(
            picture,
            mix(rgb(colour), rgb("ffe9c4"), 0.55),
            mask * np.clip(flank - 0.52, 0, 1) * (0.9 - index * 0.13),
        )
        if index == 0:
            snow = np.clip((noise(rng, 26, 4, stretch=0.6) - 0.34) * 2.4, 0, 1)
            reach = np.clip(1 - (rows - edge[None, :]) / 170, 0, 1) * np.clip((bump[None, :] - 22) / 60, 0, 1)
            over(picture, rgb("f8eedb"), mask * snow * reach)
        veil = np.clip((rows - edge[None, :] - 20) / 150, 0, 1) ** 1.2 * (
            0.55 + 0.45 * noise(rng, 130, 4, stretch=5)
        )
        over(picture, mix(rgb("f3dcb6"), rgb("c3c9c4"), index / 6), mask * veil * mist * 2.1)
    hill = 978 - 26 * line_noise(rng, WIDTH, 420, 4) - 70 * np.exp(-(((columns - 180) / 330) ** 2))
    trees = Pen()
    for _ in range(330):
        x = rng.uniform(-10, WIDTH + 10)
        if 985 < x < 1195:
            continue
        base = hill[int(np.clip(x, 0, WIDTH - 1))] + rng.uniform(4, 50)
        tall = rng.uniform(26, 100) * (1.25 if x < 420 else 0.8)
        for step in range(7):
            t = step / 7
            half = tall * 0.19 * (t + 0.12)
            y = base - tall * (1 - t)
            lean = rng.uniform(-1.5, 1.5)
            trees.polygon(
                [
                    (x + lean, y - tall * 0.1),
                    (x - half, y + tall * 0.19),
                    (x + half * rng.uniform(0.8, 1.1), y + tall * 0.19),
                ]
            )
    over(picture, rgb("121f2b"), np.maximum(below(hill), trees.mask()))
    x, y = 1086, int(hill[1086]) + 12
    hut = Pen().polygon(
        [
            (x - 44, y),
            (x - 44, y - 34),
            (x - 54, y - 32),
            (x, y - 70),
            (x + 54, y - 32),
            (x + 44, y - 34),
            (x + 44, y),
        ]
    )
    hut.box(x + 18, y - 78, x + 28, y - 48)
    over(picture, rgb("0f1923"), hut.mask())
    over(
        picture,
        rgb("e8dcc0"),
        Pen().line([(x - 55, y - 33), (x, y - 71), (x + 55, y - 33)], 2.4).mask() * 0.8,
    )
    over(picture, rgb("ffd27a"), Pen().box(x - 22, y - 28, x - 6, y - 11).mask())
    glow(picture, rgb("ffb84e"), halo(x - 14, y - 20, 74) * 0.55)
    smoke = Pen()
    for k in range(26):
        smoke.ellipse(x + 23 + k * 3.2 + 7 * math.sin(k / 3), y - 80 - k * 5.2, 3 + k * 0.6)
    over(picture, rgb("eadfca"), smoke.mask(6) * 0.42)
    return picture


def house_front(
    picture, rng, corners: Sequence[Point], floors: int, bays: int, wall: Colour, lit: float = 0.35
):
    """Paint a facade seen at an angle: four corners (top near, top far, bottom far, bottom near), with windows."""
    (x0, t0), (x1, t1), (_, b1), (_, b0) = corners
    over(picture, wall, Pen().polygon(corners).mask())
    dark, warm, snow = Pen(), Pen(), Pen()

    def at(u: float, v: float) -> Point:
        x = x0 + (x1 - x0) * u
        top, bottom = t0 + (t1 - t0) * u, b0 + (b1 - b0) * u
        return x, top + (bottom - top) * v

    for bay in range(bays):
        for floor in range(floors):
            u, v = (bay + 0.28) / bays, (floor + 0.3) / (floors + 0.7)
            du, dv = 0.44 / bays, 0.5 / (floors + 0.7)
            pen = warm if rng.random() < lit else dark
            pen.polygon([at(u, v), at(u + du, v), at(u + du, v + dv), at(u, v + dv)], rng.uniform(0.7, 1))
            snow.line([at(u - du * 0.12, v + dv * 1.05), at(u + du * 1.12, v + dv * 1.05)], 2)
    over(picture, mix(wall, INK, 0.6), dark.mask())
    light = warm.mask()
    over(picture, rgb("f6c56b"), light)
    glow(picture, rgb("e9a24a"), blurred(light, 14) * 0.5)
    over(picture, rgb("dfe3e2"), snow.mask() * 0.75)


def tram_in_snow(rng):
    """Paint a tram that comes up a street in falling snow at nightfall."""
    vx, vy = 850, 560
    picture = ramp([(0, rgb("3c5268")), (0.3, rgb("64798a")), (0.52, rgb("b0b3ac")), (1, rgb("c3c9ca"))])
    over(picture, rgb("8b9aa4"), noise(rng, 220, 5, stretch=2) * 0.35)
    glow(picture, rgb("e8b878"), halo(vx, vy, 520, 0.8) * 0.45)
    ground = (
        Pen()
        .polygon([(0, 900), (vx - 40, vy + 8), (vx + 40, vy + 8), (WIDTH, 880), (WIDTH, HEIGHT), (0, HEIGHT)])
        .mask(1)
    )
    street = ramp([(0, rgb("c8ccca")), (0.54, rgb("b9b5a8")), (0.75, rgb("c9cfd1")), (1, rgb("9fb0bb"))])
    picture += (street - picture) * ground[..., None]
    spire = Pen().polygon([(vx - 110, vy), (vx - 110, 330), (vx - 88, 190), (vx - 66, 330), (vx - 66, vy)])
    over(picture, rgb("8d9aa0"), spire.mask(2.2))
    depth = [1.0, 0.62, 0.4, 0.27, 0.19, 0.13, 0.09, 0.06]
    walls_left = ["6b4a40", "515b60", "7a6a52", "5c4a48", "64706f", "7b6a5c", "8a8a84"]
    walls_right = ["4a5866", "7b5a45", "596260", "6d5548", "716c62", "848a8a", "8c9294"]
    for i in reversed(range(len(depth) - 1)):
        near, far = depth[i], depth[i + 1]
        for side, walls, top in (
            (-1, walls_left, 620 + 60 * (i % 2)),
            (1, walls_right, 560 + 90 * ((i + 1) % 2)),
        ):
            reach = 860 if side < 0 else 770
            xn, xf = vx + side * reach * near, vx + side * reach * far
            shape = [(xn, vy - top * near), (xf, vy - top * far), (xf, vy + 330 * far), (xn, vy + 330 * near)]
            colour = mix(rgb(walls[i]), rgb("a9b0ae"), 0.1 + 0.62 * (1 - near) ** 2)
            house_front(picture, rng, shape, 4, 3, colour, 0.36)
            roof = Pen().line([(xn, vy - top * near), (xf, vy - top * far)], 3 + 14 * near)
            over(picture, rgb("e6e9e7"), roof.mask())
            shop = Pen().polygon(
                [(xn, vy + 190 * near), (xf, vy + 190 * far), (xf, vy + 312 * far), (xn, vy + 312 * near)]
            )
            over(
                picture,
                mix(rgb("f0b860"), rgb("c9b48c"), 1 - near),
                shop.mask() * (0.75 if (i + (side > 0)) % 2 else 0.15),
            )
            awning = Pen().polygon(
                [
                    (xn, vy + 170 * near),
                    (xf, vy + 170 * far),
                    (xf, vy + 200 * far),
                    (xn - side * 40 * near, vy + 212 * near),
                ]
            )
            over(picture, rgb("d9dedd"), awning.mask() * 0.9)
    for side in (-1, 1):  # trodden pavement, the kerb in shadow
        kerb = Pen().polygon(
            [
                (vx + side * 30, vy + 20),
                (vx + side * 760, HEIGHT),
                (vx + side * 800, HEIGHT),
                (vx + side * 31, vy + 19),
            ]
        )
        over(picture, rgb("7d8e99"), kerb.mask(2) * 0.6)
    rails = Pen()
    for offset in (-250, 190, -900, -1240):
        rails.polygon([(vx + offset * 0.02, vy + 16), (vx + offset - 9, HEIGHT), (vx + offset + 9, HEIGHT)])
    over(picture, rgb("42525e"), rails.mask() * 0.85)
    tracks = np.clip((noise(rng, 60, 4, stretch=0.25) - 0.5) * 2, 0, 1) * ground
    over(picture, rgb("8b9ca6"), tracks * 0.4)
    for reach in (1.0, 0.6, 0.38, 0.24):
        for side in (-1, 1):
            lx, ly = vx + side * 560 * reach, vy - 210 * reach
            post = (
                Pen()
                .line([(lx, vy + 330 * reach), (lx, ly)], 7 * reach + 1)
                .line([(lx, ly), (lx - side * 60 * reach, ly - 14 * reach)], 5 * reach + 1)
            )
            over(picture, rgb("252f38"), post.mask())
            lamp = lx - side * 60 * reach
            over(picture, rgb("fff1cc"), Pen().ellipse(lamp, ly - 8 * reach, 16 * reach, 10 * reach).mask(1))
            glow(picture, rgb("ffcf85"), halo(lamp, ly, 190 * reach + 24) * 0.8)
    x, y, w, h = 822, 846, 172, 392  # the tram: centre, wheels, half width, height
    over(picture, rgb("53626d"), Pen().ellipse(x, y + 14, w * 1.15, 20).mask(8) * 0.8)
    side_wall = Pen().polygon(
        [(x + w - 6, y - h + 22), (x + w + 62, y - h + 100), (x + w + 62, y - 60), (x + w - 6, y - 8)]
    )
    over(picture, rgb("6d2a22"), side_wall.mask())
    windows = Pen()
    for k in range(3):
        a, b = x + w + 4 + k * 19, x + w + 18 + k * 19
        windows.polygon(
            [
                (a, y - h + 92 + (a - x - w) * 0.75),
                (b, y - h + 92 + (b - x - w) * 0.75),
                (b, y - 190 - (b - x - w) * 0.1),
                (a, y - 190),
            ]
        )
    over(picture, rgb("f5cf86"), windows.mask())
    over(picture, rgb("9c3b2c"), Pen().box(x - w, y - h, x + w, y, radius=44).mask())
    over(picture, rgb("efe3c8"), Pen().box(x - w, y - h * 0.56, x + w, y - h * 0.43).mask())
    over(picture, rgb("3b2420"), Pen().box(x - w + 4, y - 44, x + w - 4, y, radius=10).mask())
    glass = Pen().box(x - w + 18, y - h + 72, x + w - 18, y - h * 0.58, radius=18).mask()
    over(picture, rgb("2f4150"), glass)
    over(picture, rgb("f2cf90"), glass * np.clip(halo(x, y - h + 150, 220, 0.7, 1.2) * 1.15, 0, 0.85))
    driver = (
        Pen().ellipse(x - 48, y - h + 122, 17, 20).box(x - 82, y - h + 142, x - 14, y - h * 0.58, radius=16)
    )
    over(picture, rgb("26323d"), driver.mask() * glass)
    over(
        picture,
        rgb("2a2f36"),
        Pen()
        .line([(x - 4, y - h + 72), (x - 4, y - h * 0.58)], 5)
        .line([(x + 30, y - h * 0.59), (x + 96, y - h + 100)], 3)
        .mask(),
    )
    over(picture, rgb("20262d"), Pen().box(x - 74, y - h + 18, x + 74, y - h + 60, radius=8).mask())
    digits = (
        Pen()
        .line([(x - 2, y - h + 25), (x - 18, y - h + 44), (x + 14, y - h + 44)], 4)
        .line([(x + 4, y - h + 32), (x + 4, y - h + 54)], 4)
    )
    over(picture, rgb("f7c25c"), digits.mask())
    over(picture, rgb("f3f2ec"), Pen().box(x - w + 12, y - h - 12, x + w - 12, y - h + 9, radius=10).mask())
    pantograph = Pen().line(
        [(x - 40, y - h - 10), (x + 26, y - h - 60), (x - 30, y - h - 116), (x + 40, y - h - 116)], 3.5
    )
    over(picture, rgb("29333c"), pantograph.mask())
    wires = Pen().line([(x + 5, y - h - 116), (vx, vy - 40)], 1.6).line([(x + 5, y - h - 116), (590, 0)], 2)
    for reach in (1.0, 0.55, 0.3):
        wires.line(
            [
                (vx - 860 * reach, vy - 330 * reach),
                (vx, vy - 300 * reach),
                (vx + 770 * reach, vy - 340 * reach),
            ],
            1.4,
        )
    over(picture, rgb("2c3842"), wires.mask() * 0.75)
    for lx in (x - 104, x + 104):
        over(picture, rgb("fff4d4"), Pen().ellipse(lx, y - 92, 25).mask(1.2))
        glow(picture, rgb("ffdc9a"), halo(lx, y - 92, 250) * 0.8)
        glow(picture, rgb("ffe6b4"), halo(lx, y + 96, 230, 0.34) * 0.55)
    shade, people, canopy = Pen(), Pen(), Pen()
    for px, py, tall, stride, lean in [
        (330, 960, 232, 0.07, 0.02),
        (398, 950, 214, 0.06, -0.02),
        (1216, 850, 142, 0.05, 0.0),
        (1262, 842, 128, 0.03, 0.0),
        (1330, 792, 92, 0.06, 0.0),
        (596, 764, 84, 0.05, 0.0),
        (648, 712, 52, 0.04, 0.0),
    ]:
        person(people, px, py, tall, stride, lean)
        shade.polygon(
            [
                (px - 8, py),
                (px + 8, py),
                (px - tall * 0.5, py + tall * 0.3),
                (px - tall * 0.62, py + tall * 0.27),
            ]
        )
    over(picture, rgb("6e808d"), shade.mask(4) * 0.5)
    canopy.polygon([(252, 752), (276, 712), (318, 690), (366, 682), (414, 690), (456, 712), (480, 752)])
    for k in range(4):  # the scallops between the ribs
        canopy.ellipse(280.5 + k * 57, 752, 28.5, 9, 0)
    people.line([(366, 672), (366, 830)], 3)
    over(picture, rgb("1f2932"), people.mask(0.5))
    over(picture, rgb("2c3a46"), canopy.mask(0.5))
    over(
        picture,
        rgb("eceeec"),
        Pen()
        .polygon([(276, 712), (318, 690), (366, 681), (414, 690), (456, 712), (400, 700), (330, 700)])
        .mask(2)
        * 0.9,
    )
    prints = Pen()
    for k in range(26):
        t = k / 25
        prints.ellipse(
            352 + 300 * t + (9 if k % 2 else -9) * (1 - t),
            1040 - 300 * t**0.8,
            9 * (1 - t) + 2,
            4 * (1 - t) + 1,
        )
    over(picture, rgb("758895"), prints.mask(0.8) * 0.55)
    over(picture, rgb("d5d8d5"), noise(rng, 300, 4) * np.clip(halo(vx, vy, 900, 0.7, 1), 0, 1) * 0.22)
    for count, size, soft, strength in [
        (1500, 1.5, 0.6, 0.75),
        (420, 3.0, 1.0, 0.8),
        (90, 6.5, 2.6, 0.75),
        (16, 15, 8, 0.6),
    ]:
        flakes = Pen()
        for _ in range(count):
            fx, fy = rng.uniform(0, WIDTH), rng.uniform(0, HEIGHT)
            s = size * rng.uniform(0.6, 1.3)
            flakes.ellipse(fx, fy, s, s * 1.15, rng.uniform(0.5, 1))
        over(picture, rgb("fbfaf4"), flakes.mask(soft) * strength)
    return picture


def crane(pen: Pen, x: float, base: float, s: float, boom: float) -> None:
    """Draw a quay crane: portal, tower, a boom (0 down over the water, 1 raised) and its stays."""

    def lattice(a: Point, b: Point, depth: float, count: int) -> None:
        (ax, ay), (bx, by) = a, b
        length = math.hypot(bx - ax, by - ay)
        nx, ny = -(by - ay) / length * depth, (bx - ax) / length * depth
        pen.line([a, b], 2.6 * s).line([(ax + nx, ay + ny), (bx + nx, by + ny)], 2.6 * s)
        for k in range(count):
            t0, t1 = k / count, (k + 1) / count
            p = (ax + (bx - ax) * t0, ay + (by - ay) * t0)
            q = (ax + (bx - ax) * t1 + nx, ay + (by - ay) * t1 + ny)
            r = (ax + (bx - ax) * t1, ay + (by - ay) * t1)
            pen.line([p, q], 1.3 * s).line([q, r], 1.1 * s)

    for leg in (-46, 40):
        pen.polygon(
            [
                (x + (leg - 5) * s, base),
                (x + (leg + 5) * s, base),
                (x + (leg * 0.72 + 4) * s, base - 190 * s),
                (x + (leg * 0.72 - 4) * s, base - 190 * s),
            ]
        )
    pen.box(x - 54 * s, base - 10 * s, x + 50 * s, base - 3 * s)
    pen.box(x - 42 * s, base - 108 * s, x + 38 * s, base - 98 * s)
    pen.line([(x - 44 * s, base - 6 * s), (x + 32 * s, base - 100 * s)], 2.6 * s).line(
        [(x + 38 * s, base - 6 * s), (x - 36 * s, base - 100 * s)], 2.6 * s
    )
    pen.box(x - 70 * s, base - 206 * s, x + 44 * s, base - 188 * s)
    pen.box(x - 66 * s, base - 232 * s, x - 18 * s, base - 204 * s)  # machine house
    apex = (x + 10 * s, base - 318 * s)
    lattice((x + 26 * s, base - 200 * s), apex, 9 * s, 8)
    lattice((x - 18 * s, base - 204 * s), apex, 4 * s, 8)
    hinge = (x + 40 * s, base - 196 * s)
    angle = -boom * 1.15
    tip = (hinge[0] + 210 * s * math.cos(angle), hinge[1] + 210 * s * math.sin(angle))
    lattice(hinge, tip, 10 * s, 15)
    lattice((x - 70 * s, base - 197 * s), (x - 140 * s, base - 197 * s), 8 * s, 5)
    middle = ((hinge[0] + tip[0]) / 2, (hinge[1] + tip[1]) / 2)
    for end in (tip, middle, (x - 138 * s, base - 197 * s)):
        pen.line([apex, end], 1.5 * s)
    if boom < 0.2:
        hook = hinge[0] + 120 * s
        pen.line([(hook - 7 * s, hinge[1]), (hook - 7 * s, hinge[1] + 90 * s)], 1.2 * s)
        pen.line([(hook + 7 * s, hinge[1]), (hook + 7 * s, hinge[1] + 90 * s)], 1.2 * s)
        pen.box(hook - 20 * s, hinge[1] + 90 * s, hook + 20 * s, hinge[1] + 112 * s)


def harbour_cranes(rng):
    """Paint quay cranes against the last light, mirrored in the dock."""
    horizon = 690
    picture = ramp(
        [
            (0, rgb("32455a")),
            (0.2, rgb("5b6a76")),
            (0.4, rgb("b58b6a")),
            (0.55, rgb("e2a561")),
            (0.65, rgb("f3cf8d")),
            (1, rgb("f3cf8d")),
        ]
    )
    clouds(picture, rng, rgb("3f4a5a"), 0.66, cell=170, strength=0.75, stretch=5)
    clouds(picture, rng, rgb("ec9f5c"), 0.75, cell=90, strength=0.55, stretch=8)
    glow(picture, rgb("ffcf80"), halo(540, horizon - 30, 560, 0.5) * 0.75)
    over(picture, rgb("ffeec0"), Pen().ellipse(540, horizon - 40, 36).mask(1.6))
    hills = horizon - 46 - 26 * line_noise(rng, WIDTH, 400, 6)
    over(picture, rgb("a5826c"), below(hills) * 0.85)
    town = Pen()
    for x in range(0, WIDTH, 13):
        town.box(x, horizon - rng.uniform(8, 34), x + 14, horizon)
    town.polygon(
        [(300, horizon), (300, horizon - 80), (311, horizon - 122), (322, horizon - 80), (322, horizon)]
    )
    over(picture, rgb("76635f"), town.mask(0.8))
    far = Pen()
    for x, boom in ((880, 0.9), (968, 0.0), (1050, 0.9), (700, 0.9)):
        crane(far, x, horizon - 4, 0.46, boom)
    over(picture, rgb("6b5b5c"), far.mask(0.6))
    colours = ["6a3a30", "3f5260", "8a6a42", "4d5a50", "5f4a48"]
    for colour in colours:
        boxes = Pen()
        for _ in range(34):
            x = 760 + 20 * int(rng.integers(0, 27))
            boxes.box(x, horizon - 9 * int(rng.integers(1, 6)), x + 19, horizon - 2)
        over(picture, rgb(colour), boxes.mask())
    quay = Pen().box(640, horizon - 9, WIDTH, horizon + 2)
    near = Pen()
    crane(near, 1180, horizon - 6, 1.34, 0.0)
    crane(near, 1432, horizon - 6, 1.5, 0.86)
    over(picture, rgb("252c36"), np.maximum(quay.mask(), near.mask()))
    ship, house = Pen(), Pen()
    sx = 470
    ship.polygon(
        [
            (sx - 330, horizon - 58),
            (sx - 306, horizon + 2),
            (sx + 300, horizon + 2),
            (sx + 356, horizon - 66),
            (sx + 300, horizon - 60),
        ]
    )
    for k in range(24):
        column = sx - 190 + k * 20
        ship.box(column, horizon - 62 - 16 * int(rng.integers(2, 6)), column + 19, horizon - 56)
    house.box(sx - 292, horizon - 168, sx - 222, horizon - 56).box(
        sx - 312, horizon - 180, sx - 206, horizon - 160
    )
    house.box(sx - 268, horizon - 214, sx - 244, horizon - 178).line(
        [(sx - 256, horizon - 214), (sx - 256, horizon - 250)], 2.4
    )
    over(picture, rgb("2b2f39"), ship.mask())
    over(picture, rgb("4a4648"), house.mask())
    bands = Pen()
    for k in range(5):
        bands.line([(sx - 286, horizon - 148 + k * 18), (sx - 228, horizon - 148 + k * 18)], 3)
    over(picture, rgb("f4cf8a"), bands.mask() * 0.9)
    tug = (
        Pen()
        .polygon([(150, horizon - 14), (158, horizon + 6), (232, horizon + 6), (246, horizon - 20)])
        .box(184, horizon - 44, 214, horizon - 12)
        .line([(199, horizon - 44), (199, horizon - 70)], 2)
    )
    over(picture, rgb("222a33"), tug.mask())
    lamps = [
        (1180 + dx * 1.34, horizon - 6 - dy * 1.34)
        for dx, dy in ((10, 318), (-40, 196), (30, 196), (160, 190), (0, 100))
    ]
    lamps += [
        (1432 - 60, horizon - 300),
        (1432 + 45, horizon - 300),
        (1432 + 14, horizon - 480),
        (420 - 206, horizon - 172),
        (199, horizon - 70),
    ]
    lamps += [
        (x, horizon - rng.uniform(10, 24)) for x in (*rng.uniform(0, 130, 9), *rng.uniform(840, WIDTH, 34))
    ]
    for k, (lx, ly) in enumerate(lamps):
        size = 3.2 if k < 10 else 1.6
        over(picture, rgb("fff0c8"), Pen().ellipse(lx, ly, size).mask(0.5))
        glow(picture, rgb("ffc873"), halo(lx, ly, size * 13) * 0.6)
    mirrored(picture, horizon, rng, ripple=11, keep=0.86)
    over(
        picture,
        rgb("24303c"),
        np.clip((np.arange(HEIGHT)[:, None] - 840) / 420, 0, 1) * np.ones((1, WIDTH)) * 0.75,
    )
    mooring = Pen()
    for x, top in ((96, 842), (132, 866)):
        mooring.polygon([(x - 13, HEIGHT), (x - 11, top), (x + 11, top), (x + 13, HEIGHT)])
        mooring.ellipse(x, top, 11, 4)
    gull_x, gull_y = 96, 842
    mooring.polygon(
        [
            (gull_x - 20, gull_y - 12),
            (gull_x - 4, gull_y - 22),
            (gull_x + 12, gull_y - 26),
            (gull_x + 10, gull_y - 8),
            (gull_x - 6, gull_y - 5),
        ]
    )
    mooring.ellipse(gull_x + 13, gull_y - 28, 7).line([(gull_x + 2, gull_y - 8), (gull_x + 2, gull_y)], 2)
    over(picture, rgb("141b23"), mooring.mask())
    return picture


def wall_of_books(rng, width: int, height: int, shelves: int):
    """Return the picture of a book wall, seen straight on, for a wall in perspective."""
    image = Image.new("RGB", (width, height), (38, 27, 22))
    draw = ImageDraw.Draw(image)
    spines = [
        "7c2f26",
        "8f4a2c",
        "a8763a",
        "c4a468",
        "d9cba8",
        "4f5a44",
        "33503f",
        "2f4558",
        "46586a",
        "5a3b34",
        "6f6154",
        "262d36",
    ]
    gap = height / shelves
    bay = width / 14
    for shelf in range(shelves):
        bottom = (shelf + 1) * gap - gap * 0.1
        x, family = 0.0, int(rng.integers(0, len(spines)))
        while x < width:
            if rng.random() < 0.03:
                x += rng.uniform(8, 26)
                continue
            if rng.random() < 0.12:
                family = int(rng.integers(0, len(spines)))
            same = rng.random() < 0.5
            colour = rgb(spines[family if same else int(rng.integers(0, len(spines)))])
            colour = mix(colour, (0.16, 0.11, 0.08), rng.uniform(0.0, 0.4))
            thick, tall = rng.uniform(9, 23), gap * rng.uniform(0.58, 0.83)
            fill = tuple(round(c * 255) for c in colour)
            draw.rectangle([x, bottom - tall, x + thick - 1.5, bottom], fill=fill)
            light = tuple(round(c * 255) for c in mix(colour, (1, 0.9, 0.7), 0.25))
            draw.line([x + thick * 0.3, bottom - tall, x + thick * 0.3, bottom], fill=light)
            if rng.random() < 0.6:
                for band in (0.16, 0.78):
                    y = bottom - tall * (1 - band)
                    draw.line([x + 1, y, x + thick - 3, y], fill=(203, 170, 104), width=2)
            x += thick
        draw.rectangle([0, bottom, width, bottom + gap * 0.07], fill=(112, 74, 46))
        draw.rectangle([0, bottom + gap * 0.07, width, bottom + gap * 0.1], fill=(50, 33, 24))
    for k in range(15):
        draw.rectangle([k * bay - 9, 0, k * bay + 9, height], fill=(96, 62, 39))
        draw.line([k * bay - 8, 0, k * bay - 8, height], fill=(140, 98, 62), width=2)
    return image


def in_perspective(image: Image.Image, corners: Sequence[Point]):
    """Return the image and its mask, stretched to four corners (top left, top right, bottom right, bottom left)."""
    width, height = image.size
    flat = [(0, 0), (width, 0), (width, height), (0, height)]
    matrix, values = [], []
    for (x, y), (u, v) in zip(corners, flat, strict=True):
        matrix += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        values += [u, v]
    coefficients = np.linalg.solve(np.array(matrix, float), np.array(values, float))
    size = (WIDTH, HEIGHT)
    bent = image.transform(size, Image.Transform.PERSPECTIVE, coefficients, Image.Resampling.BICUBIC)
    return np.asarray(bent, np.float32) / 255, Pen().polygon(corners).mask()


def reading_room(rng):
    """Paint the long room of a library: book walls, a bright window at the end, lamps, one reader."""
    vx, vy = 800, 500
    picture = ramp([(0, rgb("2a211c")), (1, rgb("2a211c"))])
    vault = ramp([(0, rgb("8d7a5f")), (0.45, rgb("d8c39a")), (1, rgb("d8c39a"))])
    arch = Pen().polygon([(120, 0), (1480, 0), (950, 330), (650, 330)]).mask()
    picture += (vault - picture) * arch[..., None]
    for k in range(9):  # ribs of the ceiling
        t = 0.8**k
        rib = Pen().line(
            [
                (vx - 820 * t, vy - 560 * t),
                (vx - 680 * t, vy - 760 * t),
                (vx + 680 * t, vy - 760 * t),
                (vx + 820 * t, vy - 560 * t),
            ],
            4 + 26 * t,
        )
        over(picture, mix(rgb("4c3626"), rgb("b79a70"), 1 - t), rib.mask(0.7))
    floor = (
        Pen().polygon([(0, 1000), (690, 640), (910, 640), (WIDTH, 1000), (WIDTH, HEIGHT), (0, HEIGHT)]).mask()
    )
    over(picture, rgb("5d4230"), floor)
    for k in range(34):  # boards, seams running to the vanishing point
        x = -900 + k * 100
        seam = Pen().line([(vx + (x - vx) * 0.16, 640), (x + (x - vx) * 0.55, HEIGHT)], 2)
        over(picture, rgb("3a281d"), seam.mask() * floor * 0.55)
    left = wall_of_books(rng, 3400, 1500, 11)
    right = wall_of_books(rng, 3400, 1500, 11)
    for image, corners in (
        (left, [(-60, -150), (660, 336), (660, 652), (-60, 1150)]),
        (right, [(940, 336), (1660, -150), (1660, 1150), (940, 652)]),
    ):
        wall, mask = in_perspective(image, corners)
        picture += (wall - picture) * mask[..., None]
    columns = np.arange(WIDTH)[None, :]
    depth = np.clip(1 - np.abs(columns - vx) / 860, 0, 1)
    over(picture, rgb("d9b87f"), (depth**2.6 * 0.5) * np.ones((HEIGHT, 1)))
    over(picture, rgb("17110e"), np.clip(0.55 - depth, 0, 1) * np.ones((HEIGHT, 1)) * 0.9)
    end_wall = Pen().polygon([(655, 330), (945, 330), (945, 655), (655, 655)]).mask()
    over(picture, rgb("a98c62"), end_wall)
    panes, bars = Pen(), Pen()
    panes.box(716, 398, 884, 622).ellipse(800, 400, 84, 62)
    for x in (758, 800, 842):
        bars.line([(x, 340), (x, 622)], 4)
    for y in (404, 460, 516, 572):
        bars.line([(716, y), (884, y)], 3.4)
    over(picture, rgb("fdf3d8"), panes.mask())
    over(picture, rgb("c9d2cf"), panes.mask() * np.clip((np.arange(HEIGHT)[:, None] - 470) / 300, 0, 1) * 0.9)
    trees = np.clip((noise(rng, 34, 4) - 0.45) * 3, 0, 1) * np.clip(
        (np.arange(HEIGHT)[:, None] - 500) / 80, 0, 1
    )
    over(picture, rgb("8b9a86"), panes.mask() * trees * 0.8)
    over(picture, rgb("7b6143"), bars.mask() * panes.mask())
    shine = np.exp(
        -(((columns - vx) / (60 + np.clip(np.arange(HEIGHT)[:, None] - 640, 0, None) * 0.36)) ** 2)
    )
    fade = np.clip(1 - (np.arange(HEIGHT)[:, None] - 640) / 460, 0, 1) ** 1.2
    glow(picture, rgb("f6dca6"), shine * fade * floor * (0.55 + 0.3 * noise(rng, 24, 3, stretch=0.2)))
    glow(picture, rgb("ffe9bd"), halo(vx, 490, 520, 0.9, 2.2) * 0.62)
    gallery = Pen()
    for side in (-1, 1):
        a, b = (vx + side * 860, 330 - 30), (vx + side * 140, 462)
        gallery.polygon([a, b, (b[0], b[1] + 6), (a[0], a[1] + 40)])
        gallery.line([(a[0], a[1] - 106), (b[0], b[1] - 16)], 7)
        for k in range(30):
            t = 1 - 0.9**k
            x, y = a[0] + (b[0] - a[0]) * t * 1.04, a[1] + (b[1] - a[1]) * t * 1.04
            gallery.line([(x, y), (x, y - 106 * (1 - t) - 14 * t)], 4 * (1 - t) + 1)
    over(picture, rgb("2b1c15"), gallery.mask(0.5) * 0.95)
    tables, tops, shades = Pen(), Pen(), Pen()
    lamps = []
    for k in range(3):
        t = 0.56**k
        y, high = vy + 470 * t, 120 * t
        for side in (-1, 1):
            inner, outer = vx + side * 150 * t, vx + side * (150 + 330) * t
            tops.polygon(
                [
                    (inner, y),
                    (outer, y),
                    (vx + (outer - vx) * 0.74, y - 96 * t),
                    (vx + (inner - vx) * 0.74, y - 96 * t),
                ]
            )
            tables.polygon([(inner, y), (outer, y), (outer, y + 22 * t), (inner, y + 22 * t)])
            for leg in (inner + side * 14 * t, outer - side * 14 * t):
                tables.polygon(
                    [
                        (leg - 9 * t, y + 20 * t),
                        (leg + 9 * t, y + 20 * t),
                        (leg + 7 * t, y + 150 * t),
                        (leg - 7 * t, y + 150 * t),
                    ]
                )
            lx, ly = vx + side * 270 * t, y - 50 * t
            shades.line([(lx, ly), (lx, ly - high * 0.7)], 7 * t)
            shades.ellipse(lx, ly, 26 * t, 9 * t)
            lamps.append((lx, ly - high * 0.72, t))
    over(picture, rgb("2a1a12"), tables.mask())
    over(picture, rgb("7e5433"), tops.mask())
    over(picture, rgb("b88a4e"), shades.mask())
    for lx, ly, t in lamps:
        over(
            picture,
            rgb("2f5c4a"),
            Pen()
            .polygon(
                [
                    (lx - 56 * t, ly + 18 * t),
                    (lx - 40 * t, ly - 20 * t),
                    (lx + 40 * t, ly - 20 * t),
                    (lx + 56 * t, ly + 18 * t),
                ]
            )
            .mask(0.5),
        )
        over(picture, rgb("ffedbe"), Pen().ellipse(lx, ly + 18 * t, 50 * t, 6 * t).mask(0.6))
        glow(picture, rgb("ffcf7e"), halo(lx, ly + 66 * t, 240 * t, 0.45) * 0.85)
    reader, book = Pen(), Pen()
    rx, ry = 1130, 960
    reader.box(rx - 100, ry - 104, rx + 100, ry + 180, radius=74)
    reader.polygon(
        [
            (rx - 84, ry - 60),
            (rx - 150, ry + 6),
            (rx - 176, ry - 10),
            (rx - 184, ry + 16),
            (rx - 150, ry + 44),
            (rx - 70, ry + 30),
        ]
    )
    reader.polygon([(rx - 60, ry - 92), (rx - 16, ry - 124), (rx + 18, ry - 124), (rx + 60, ry - 92)])
    reader.box(rx - 17, ry - 140, rx + 19, ry - 100, radius=8).ellipse(rx - 2, ry - 164, 37, 45).ellipse(
        rx + 22, ry - 196, 19
    )
    over(picture, rgb("1f1a1c"), reader.mask(0.6))
    rim = np.clip(reader.mask(0.6) - np.roll(reader.mask(0.6), (3, 3), (0, 1)), 0, 1)
    over(picture, rgb("f2c98a"), rim * 0.9)
    book.polygon([(rx - 176, ry - 36), (rx - 118, ry - 62), (rx - 108, ry - 22), (rx - 166, ry + 2)])
    over(picture, rgb("f3e6c8"), book.mask(0.5))
    dust = Pen()
    for _ in range(240):
        dust.ellipse(
            rng.normal(vx, 260), rng.uniform(250, 900), rng.uniform(0.6, 1.8), value=rng.uniform(0.2, 0.7)
        )
    over(picture, rgb("fff0cf"), dust.mask(0.6) * 0.6)
    return picture


def floodlights(rng):
    """Paint a floodlit pitch on a wet evening, seen from among the standing crowd."""
    picture = ramp([(0, rgb("16222f")), (0.25, rgb("27394a")), (0.42, rgb("4e6472")), (1, rgb("4e6472"))])
    over(picture, rgb("5f7480"), noise(rng, 200, 5, stretch=3) * 0.25)
    hills = 372 - 34 * line_noise(rng, WIDTH, 420, 6)
    over(picture, rgb("2a3946"), below(hills))
    houses = Pen()
    for _ in range(170):
        x = rng.uniform(0, WIDTH)
        houses.ellipse(x, hills[int(x)] + rng.uniform(8, 60), rng.uniform(0.9, 2.0))
    over(picture, rgb("f3c77c"), houses.mask(0.4) * 0.8)
    roof = Pen().polygon([(170, 330), (1430, 330), (1500, 372), (100, 372)])
    stand = Pen().polygon([(130, 372), (1470, 372), (1540, 520), (60, 520)])
    over(picture, rgb("24303c"), stand.mask())
    people = Pen()
    for row in range(15):
        y = 392 + row * 8.6
        for x in np.arange(130 - row * 4.6, 1470 + row * 4.6, 7.4):
            if rng.random() < 0.9:
                people.ellipse(
                    x + rng.uniform(-1.5, 1.5), y + rng.uniform(-1, 1), 2.5, 3.0, rng.uniform(0.25, 0.85)
                )
    over(picture, rgb("c9a988"), people.mask() * stand.mask())
    scarves = Pen()
    for _ in range(420):
        x, y = rng.uniform(130, 760), rng.uniform(396, 516)
        scarves.box(x, y, x + 5, y + 3.4)
    over(picture, rgb("b5432f"), scarves.mask() * stand.mask())
    scarves = Pen()
    for _ in range(380):
        x, y = rng.uniform(840, 1470), rng.uniform(396, 516)
        scarves.box(x, y, x + 5, y + 3.4)
    over(picture, rgb("d9c06a"), scarves.mask() * stand.mask())
    posts = Pen()
    for x in range(210, 1420, 110):
        posts.line([(x, 366), (x - (800 - x) * 0.03, 520)], 3)
    over(picture, rgb("1b2530"), np.maximum(roof.mask(), posts.mask()))
    hoarding = Pen().polygon([(40, 520), (1560, 520), (1576, 546), (24, 546)])
    over(picture, rgb("d8d2bf"), hoarding.mask())
    for k in range(14):
        panel = Pen().polygon(
            [(50 + k * 110, 522), (128 + k * 110, 522), (126 + k * 111, 545), (46 + k * 111, 545)]
        )
        over(picture, rgb(["7c2f26", "2f4558", "c4a468", "4f5a44"][k % 4]), panel.mask() * 0.85)
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH]
    pitch = Pen().polygon([(24, 546), (1576, 546), (2300, HEIGHT), (-700, HEIGHT)]).mask()
    t = (rows - 546) / (HEIGHT - 546) + 1e-6
    across = (columns - 800) / (776 + 1500 * t * 0.62)
    stripe = 0.5 + 0.5 * np.sign(np.sin((across + 1) * math.pi * 9))
    green = np.asarray(rgb("54704f"), np.float32) + stripe[..., None] * np.asarray(
        (0.055, 0.07, 0.035), np.float32
    )
    green = green * (0.86 + 0.22 * noise(rng, 5, 2, stretch=3)[..., None]) * (1.12 - 0.4 * t[..., None])
    picture += (green - picture) * pitch[..., None]

    def field(u: float, v: float) -> Point:
        y = 546 + (HEIGHT - 546) * v
        return 800 + u * (776 + 1500 * v * 0.62), y

    chalk = Pen()
    chalk.line([field(-0.98, 0.02), field(0.98, 0.02)], 3)
    chalk.line([field(0, 0.02), field(0, 1)], 5)
    circle = [field(0.17 * math.cos(a), 0.30 + 0.2 * math.sin(a)) for a in np.linspace(0, 2 * math.pi, 90)]
    chalk.line(circle, 4.4)
    for side in (-1, 1):
        chalk.line([field(side * 0.96, 0.02), field(side * 0.96, 1)], 5)
        chalk.line(
            [
                field(side * 0.96, 0.09),
                field(side * 0.7, 0.09),
                field(side * 0.7, 0.66),
                field(side * 0.96, 0.66),
            ],
            4,
        )
        goal = [field(side * 0.96, 0.27), field(side * 0.96, 0.43)]
        high = [(goal[0][0], goal[0][1] - 58), (goal[1][0], goal[1][1] - 70)]
        chalk.line([goal[0], high[0], high[1], goal[1]], 5)
        net = Pen()
        for k in range(10):
            f = k / 9
            p = (high[0][0] + (high[1][0] - high[0][0]) * f, high[0][1] + (high[1][1] - high[0][1]) * f)
            q = (
                goal[0][0] + (goal[1][0] - goal[0][0]) * f + side * 34,
                goal[0][1] + (goal[1][1] - goal[0][1]) * f,
            )
            net.line([p, q], 1)
        over(picture, rgb("e9e6d8"), net.mask() * 0.5)
    over(picture, rgb("efeee2"), chalk.mask(0.6) * pitch * 0.92 + 0 * t)
    masts = [(140, 40, 524), (560, 96, 340), (1040, 96, 340), (1460, 40, 524)]
    squad = [
        (-0.52, 0.30, "b5432f"),
        (-0.30, 0.14, "b5432f"),
        (-0.22, 0.42, "b5432f"),
        (-0.06, 0.24, "b5432f"),
        (0.10, 0.36, "b5432f"),
        (0.33, 0.20, "b5432f"),
        (0.44, 0.4, "b5432f"),
        (-0.40, 0.22, "e6cf74"),
        (-0.12, 0.13, "e6cf74"),
        (0.02, 0.45, "e6cf74"),
        (0.2, 0.27, "e6cf74"),
        (0.38, 0.3, "e6cf74"),
        (0.6, 0.24, "e6cf74"),
        (0.2, 0.1, "e6cf74"),
        (0.84, 0.34, "3f5568"),
        (-0.86, 0.32, "22282e"),
        (-0.02, 0.33, "22282e"),
    ]
    for u, v, colour in squad:
        x, y = field(u, v)
        s = 40 + 34 * v
        for mx, _, _ in masts:  # four lamps, four shadows
            length = s * (0.7 + 0.3 * abs(mx - x) / 800)
            dx, dy = (x - mx) / 800 * length, 0.32 * length
            over(
                picture,
                rgb("26382c"),
                Pen().polygon([(x - 4, y), (x + 4, y), (x + dx + 4, y + dy), (x + dx - 4, y + dy)]).mask(1.2)
                * 0.4,
            )
        legs, shirt, head = Pen(), Pen(), Pen()
        run = rng.uniform(0.1, 0.26)
        lean = rng.uniform(-0.1, 0.1)
        legs.line([(x, y - s * 0.45), (x - s * run, y - s * 0.2), (x - s * run * 1.3, y)], s * 0.09)
        legs.line(
            [(x, y - s * 0.45), (x + s * run, y - s * 0.24), (x + s * run * 0.8, y - s * 0.02)], s * 0.09
        )
        shirt.polygon(
            [
                (x - s * 0.12, y - s * 0.4),
                (x + s * 0.12, y - s * 0.4),
                (x + s * (0.16 + lean), y - s * 0.8),
                (x - s * (0.16 - lean), y - s * 0.8),
            ]
        )
        shirt.line([(x + s * (0.13 + lean), y - s * 0.76), (x + s * 0.26, y - s * 0.56)], s * 0.07)
        shirt.line([(x - s * (0.13 - lean), y - s * 0.76), (x - s * 0.27, y - s * 0.58)], s * 0.07)
        head.ellipse(x + s * lean, y - s * 0.9, s * 0.075, s * 0.09)
        over(picture, rgb("2b2f33"), legs.mask())
        over(picture, rgb(colour), shirt.mask())
        over(picture, rgb("6b4a38") if rng.random() < 0.5 else rgb("c89a78"), head.mask())
    bx, by = field(0.06, 0.31)
    over(picture, rgb("fbf8ec"), Pen().ellipse(bx, by - 5, 5.5).mask(0.4))
    for mx, my, foot in masts:
        tower = Pen().polygon([(mx - 9, foot), (mx - 4, my), (mx + 4, my), (mx + 9, foot)])
        for k in range(12):
            y0, y1 = my + (foot - my) * k / 12, my + (foot - my) * (k + 1) / 12
            tower.line([(mx - 7, y0), (mx + 7, y1)], 1.6)
        tower.box(mx - 58, my - 34, mx + 58, my + 18)
        over(picture, rgb("121a23"), tower.mask())
        bulbs = Pen()
        for r in range(3):
            for c in range(7):
                bulbs.ellipse(mx - 48 + c * 16, my - 24 + r * 16, 6)
        over(picture, rgb("fffdf0"), bulbs.mask(0.6))
        glow(picture, rgb("e9eedd"), halo(mx, my - 6, 430) * 0.85)
        glow(picture, rgb("fff6da"), halo(mx, my - 6, 120) * 0.9)
        toward = 800 + (mx - 800) * 0.25
        beam = (
            Pen().polygon([(mx - 54, my), (mx + 54, my), (toward + 620, 760), (toward - 620, 760)]).mask(40)
        )
        glow(picture, rgb("dfe5d6"), beam * np.clip(1 - (rows - my) / 760, 0, 1) ** 2 * 0.2)
    rain = Pen()
    for _ in range(900):
        x, y, length = rng.uniform(-40, WIDTH), rng.uniform(-20, 900), rng.uniform(10, 30)
        rain.line([(x, y), (x - length * 0.16, y + length)], 0.8, rng.uniform(0.3, 0.9))
    over(
        picture,
        rgb("e8ece4"),
        rain.mask() * (0.12 + 0.5 * np.clip(sum(halo(mx, my, 620, 1, 1) for mx, my, _ in masts), 0, 1)),
    )
    crowd = Pen()
    for x, y, s in [
        (60, 1010, 92),
        (214, 1046, 84),
        (352, 1010, 78),
        (520, 1058, 90),
        (676, 1030, 74),
        (840, 1062, 84),
        (1000, 1022, 80),
        (1150, 1056, 88),
        (1306, 1014, 86),
        (1470, 1048, 92),
        (1590, 1010, 80),
    ]:
        lean = rng.uniform(-8, 8)
        crowd.ellipse(x + lean, y - s * 0.95, s * 0.36, s * 0.44)
        crowd.box(x - s * 0.95, y - s * 0.48, x + s * 0.95, y + 200, radius=s * 0.6)
        crowd.polygon(
            [
                (x - s * 0.62, y - s * 0.44),
                (x - s * 0.16, y - s * 0.68),
                (x + s * 0.16, y - s * 0.68),
                (x + s * 0.62, y - s * 0.44),
            ]
        )
        if rng.random() < 0.55:
            crowd.ellipse(x + lean, y - s * 1.2, s * 0.37, s * 0.24)
            crowd.ellipse(x + lean, y - s * 1.5, s * 0.1)
    crowd.line([(352 - 60, 1000), (300, 900), (330, 790)], 30).line(
        [(352 + 60, 1000), (420, 905), (430, 792)], 30
    )
    crowd.ellipse(332, 778, 19, 22).ellipse(431, 780, 19, 22)
    shape = crowd.mask(1.4)
    over(picture, rgb("0e151d"), shape)
    rim_light = np.clip(shape - np.roll(shape, 4, 0), 0, 1)
    over(picture, rgb("c9cfbe"), rim_light * 0.5)
    scarf = Pen().polygon([(322, 782), (440, 784), (438, 820), (326, 816)])
    over(picture, rgb("b5432f"), scarf.mask(0.8))
    stripes = Pen()
    for k in range(4):
        stripes.polygon([(336 + k * 28, 782), (349 + k * 28, 782), (350 + k * 28, 820), (338 + k * 28, 818)])
    over(picture, rgb("efe3c8"), stripes.mask(0.8))
    return picture


def market_awnings(rng):
    """Paint a market on a square, seen from the bell tower: awnings, shadows, crates, people."""
    picture = ramp([(0, rgb("b9ad98")), (1, rgb("c8bca4"))])
    stones = Pen()
    for row in range(0, HEIGHT + 14, 14):
        for x in np.arange(-20 + (row // 14 % 2) * 9, WIDTH + 20, 18):
            stones.box(x + 1, row + 1, x + 16.4, row + 12.4, rng.uniform(0.2, 1), radius=3)
    over(picture, rgb("d8ccb4"), stones.mask(0.4) * 0.55)
    over(picture, rgb("8f8574"), noise(rng, 260, 5) * 0.3)
    shadow_dx, shadow_dy = 44, 30
    cloth = [
        ("a8442f", "efe4cc"),
        ("2f5468", "efe4cc"),
        ("c98a3a", "f3e8cf"),
        ("5c7457", "efe6d0"),
        ("e9dfc8", "cbbd9f"),
        ("7c2f3a", "e8d3b4"),
        ("d9b35a", "efe2bf"),
        ("3d4f58", "c9c4b2"),
        ("b86b4b", "f0dcc0"),
    ]
    stalls = []
    y, row = -70, 0
    while y < HEIGHT + 80:
        high = rng.uniform(112, 138)
        x = -120 + rng.uniform(0, 60)
        while x < WIDTH + 60:
            wide = rng.uniform(150, 260)
            aisle = 500 + 60 * math.sin(y / 260) < x + wide / 2 < 640 + 60 * math.sin(y / 260)
            fountain = math.hypot(x + wide / 2 - 1130, (y + high / 2 - 560) * 1.1) < 250
            if not aisle and not fountain and rng.random() < 0.96:
                stalls.append(
                    (x, y, wide, high, int(rng.integers(0, len(cloth))), rng.uniform(-0.025, 0.025))
                )
            x += wide + rng.uniform(10, 26)
        y += high + rng.uniform(78, 104)
        row += 1
    shade = Pen()
    for x, y, w, h, _, tilt in stalls:
        corners = turned(
            [(-w / 2, -h / 2), (w / 2, -h / 2), (w / 2, h / 2), (-w / 2, h / 2)],
            tilt,
            x + w / 2 + shadow_dx,
            y + h / 2 + shadow_dy,
        )
        shade.polygon(corners)
    fx, fy = 1130, 560
    shade.ellipse(fx + 18, fy + 14, 118, 106)
    over(picture, rgb("3d3f48"), shade.mask(3.0) * 0.6)
    goods = ["b5432f", "d98b3a", "e2c45c", "7f9a52", "4d6b3f", "8a3b52", "e8dcc0", "6b4a6b", "c76b4a"]
    for x, y, w, h, _, _ in stalls:  # crates in front of each stall
        for k in range(int(w // 30)):
            cx, cy = x + 8 + k * 30, y + h + 2
            over_box(picture, cx, cy, cx + 27, cy + 21, rgb("6f5236"))
            colour = rgb(goods[int(rng.integers(0, len(goods)))])
            heap(picture, rng, cx + 2, cy + 2, cx + 25, cy + 19, colour)
    people, cast, bags = {}, Pen(), Pen()
    coats = ["2a333d", "3f4f5c", "6e2f28", "7a5a36", "4a5a44", "b9a98a", "8a4a3a", "54486a"]
    for _ in range(430):
        px, py = rng.uniform(0, WIDTH), rng.uniform(0, HEIGHT)
        if rng.random() < 0.4:
            px = 570 + 60 * math.sin(py / 260) + rng.normal(0, 46)
        if any(x - 12 < px < x + w + 12 and y - 10 < py < y + h + 26 for x, y, w, h, _, _ in stalls):
            continue
        if math.hypot(px - fx, py - fy) < 122:
            continue
        cast.line([(px, py), (px + 30, py + 20)], 11)
        cast.ellipse(px + 31, py + 21, 6)
        people.setdefault(coats[int(rng.integers(0, len(coats)))], []).append((px, py))
    over(picture, rgb("3a3c45"), cast.mask(1.6) * 0.5)
    for coat, places in people.items():
        bodies, heads = Pen(), Pen()
        for px, py in places:
            angle = rng.uniform(-0.8, 0.8)
            bodies.polygon(
                turned(
                    [(-10, -4), (-5, -6.5), (5, -6.5), (10, -4), (10, 4), (5, 6), (-5, 6), (-10, 4)],
                    angle,
                    px,
                    py,
                )
            )
            heads.ellipse(px + rng.uniform(-1, 1), py - 1.5, 4.7)
            if rng.random() < 0.3:
                bags.box(px + 8, py + 1, px + 15, py + 8)
        over(picture, rgb(coat), bodies.mask(0.4))
        over(picture, rgb(["3b2a22", "6b4a34", "c2a27a", "22262b"][len(places) % 4]), heads.mask(0.4))
    over(picture, rgb("e3d3ad"), bags.mask(0.4))
    for x, y, w, h, c, tilt in stalls:
        base, stripe = rgb(cloth[c][0]), rgb(cloth[c][1])
        cx, cy = x + w / 2, y + h / 2
        over(
            picture,
            base,
            Pen()
            .polygon(
                turned([(-w / 2, -h / 2), (w / 2, -h / 2), (w / 2, h / 2), (-w / 2, h / 2)], tilt, cx, cy)
            )
            .mask(),
        )
        bands = Pen()
        step = 22 if c % 3 else 34
        count = int(w // step)
        for k in range(0, count + 1, 2):
            a, b = -w / 2 + k * w / (count + 1), -w / 2 + (k + 1) * w / (count + 1)
            if c not in (4, 7):
                bands.polygon(turned([(a, -h / 2), (b, -h / 2), (b, h / 2), (a, h / 2)], tilt, cx, cy))
        over(picture, stripe, bands.mask())
        front = Pen().polygon(
            turned([(-w / 2, 0), (w / 2, 0), (w / 2, h / 2), (-w / 2, h / 2)], tilt, cx, cy)
        )
        over(picture, rgb("2a2622"), front.mask() * 0.2)  # the slope away from the sun
        ridge = Pen().line(turned([(-w / 2, 0), (w / 2, 0)], tilt, cx, cy), 2)
        over(picture, rgb("fff6e0"), ridge.mask() * 0.6)
        fold = noise_strip(rng, w)
        creases = Pen()
        for k, strength in enumerate(fold):
            a = -w / 2 + (k + 0.5) * w / len(fold)
            creases.line(turned([(a, -h / 2), (a * 0.98, h / 2)], tilt, cx, cy), 2.4, strength)
        over(picture, rgb("1f1b18"), creases.mask(1.4) * 0.2)
        edge = Pen()
        for k in range(int(w // 13)):
            edge.ellipse(*turned([(-w / 2 + 6.5 + k * 13, h / 2)], tilt, cx, cy)[0], 6.4, 6)
        over(picture, mix(base, (0, 0, 0), 0.16), edge.mask())
    over(picture, rgb("9a917e"), Pen().ellipse(fx, fy, 112, 102).mask())
    over(picture, rgb("d6ccb6"), Pen().ellipse(fx - 3, fy - 4, 106, 96).mask())
    over(picture, rgb("5b7f88"), Pen().ellipse(fx, fy, 90, 81).mask())
    ripples = np.clip(
        np.sin(np.hypot(*(np.mgrid[0:HEIGHT, 0:WIDTH] - np.array([fy, fx])[:, None, None])) / 3.4), 0, 1
    )
    over(picture, rgb("b9d0cd"), Pen().ellipse(fx, fy, 88, 79).mask() * ripples * 0.4)
    over(picture, rgb("3a4d55"), Pen().ellipse(fx + 24, fy + 20, 34, 30).mask(5) * 0.6)
    over(picture, rgb("cdc3ad"), Pen().ellipse(fx, fy, 30, 28).mask())
    over(picture, rgb("e8ddc4"), Pen().ellipse(fx - 3, fy - 4, 17, 16).mask())
    light = np.clip(
        1.16
        - 0.22 * np.hypot((np.arange(WIDTH)[None, :] - 500) / 1200, (np.arange(HEIGHT)[:, None] - 300) / 900),
        0,
        1.2,
    )
    picture *= light[..., None]
    tower = Pen().polygon([(1600, 1067), (1600, 820), (1290, 1067)]).mask(6)
    over(picture, rgb("2b2d36"), tower * 0.62)
    return picture


def noise_strip(rng, width: float) -> list[float]:
    """Return how strong each crease of a cloth of this width is."""
    return [float(value) for value in rng.uniform(0, 1, int(width // 17))]


def over_box(picture, x0: float, y0: float, x1: float, y1: float, colour: Colour) -> None:
    """Fill a small upright box, without the cost of a mask for the whole picture."""
    a, b, c, d = (
        int(np.clip(v, 0, limit)) for v, limit in ((y0, HEIGHT), (y1, HEIGHT), (x0, WIDTH), (x1, WIDTH))
    )
    picture[a:b, c:d] = colour


def heap(picture, rng, x0: float, y0: float, x1: float, y1: float, colour: Colour) -> None:
    """Fill a crate with small round things of one colour."""
    for y in np.arange(y0 + 2, y1, 5):
        for x in np.arange(x0 + 2, x1, 5):
            over_box(picture, x - 2, y - 2, x + 2, y + 2, mix(colour, (1, 0.95, 0.85), rng.uniform(0, 0.35)))
            over_box(picture, x + 1, y + 1, x + 2, y + 2, mix(colour, (0, 0, 0), 0.4))


def diatoms(rng):
    """Paint a drop of sea water under the microscope: shells of algae, sharp and out of focus."""
    field = ramp([(0, rgb("e6dcc2")), (1, rgb("d9d2bb"))])
    picture = field * (0.9 + 0.14 * noise(rng, 420, 5)[..., None])
    glow(picture, rgb("fff6df"), halo(760, 500, 900, 0.9, 1.4) * 0.55)
    tints = ["7a6a2c", "94772f", "5f6b3a", "8a5a30", "4c6157", "a3853d"]

    def boat_shape(
        x: float, y: float, length: float, width: float, angle: float, belly: float
    ) -> list[Point]:
        points = []
        for k in range(60):
            a = 2 * math.pi * k / 60
            px = math.cos(a) * length / 2
            py = math.copysign(abs(math.sin(a)) ** belly, math.sin(a)) * width / 2
            points.append((px, py))
        return turned(points, angle, x, y)

    def cell(
        x: float, y: float, size: float, kind: int, angle: float, tint: str, soft: float, strength: float
    ) -> None:
        body, ribs, heart, rim = Pen(), Pen(), Pen(), Pen()
        if kind == 0:  # a long one with ribs
            width, belly = size * rng.uniform(0.2, 0.3), rng.uniform(1.0, 1.5)
            outline = boat_shape(x, y, size, width, angle, belly)
            body.polygon(outline)
            rim.line([*outline, outline[0]], max(2.0, size * 0.016))
            for k in range(-26, 27):
                u = k / 27
                reach = (1 - u * u) ** (belly / 2) * width / 2 * 0.9
                for side in (-1, 1):
                    ribs.line(
                        turned(
                            [(u * size / 2, side * width * 0.06), (u * size / 2, side * reach)], angle, x, y
                        ),
                        max(1.2, size * 0.007),
                    )
            ribs.line(turned([(-size * 0.46, 0), (size * 0.46, 0)], angle, x, y), max(1.5, size * 0.01))
            for side in (-1, 1):
                heart.polygon(
                    boat_shape(
                        *turned([(side * size * 0.2, 0)], angle, x, y)[0],
                        size * 0.24,
                        width * 0.62,
                        angle,
                        0.8,
                    )
                )
        elif kind == 1:  # a round one
            r = size / 2
            body.ellipse(x, y, r)
            for radius, width in ((r, 0.05), (r * 0.9, 0.016), (r * 0.34, 0.02)):
                circle = [
                    (x + radius * math.cos(a), y + radius * math.sin(a))
                    for a in np.linspace(0, 2 * math.pi, 80)
                ]
                rim.line(circle, max(1.6, size * width))
            for ring in range(2, 12):
                radius = r * 0.88 * ring / 12
                for k in range(ring * 5):
                    a = 2 * math.pi * (k + 0.5 * (ring % 2)) / (ring * 5)
                    ribs.ellipse(x + radius * math.cos(a), y + radius * math.sin(a), size * 0.011)
            for _ in range(9):
                a, radius = rng.uniform(0, 2 * math.pi), r * rng.uniform(0.42, 0.8)
                heart.ellipse(
                    x + radius * math.cos(a), y + radius * math.sin(a), size * rng.uniform(0.03, 0.07)
                )
        elif kind == 2:  # a chain of boxes
            count, side = 7, size / 7
            for k in range(count):
                cx, cy = turned([((k - 3) * side * 1.05, 12 * math.sin(k))], angle, x, y)[0]
                box = turned(
                    [
                        (-side * 0.48, -side * 0.62),
                        (side * 0.48, -side * 0.62),
                        (side * 0.48, side * 0.62),
                        (-side * 0.48, side * 0.62),
                    ],
                    angle + 0.06 * math.sin(k * 2),
                    cx,
                    cy,
                )
                body.polygon(box)
                rim.line([*box, box[0]], max(1.6, size * 0.008))
                heart.ellipse(cx, cy, side * 0.28)
                for horn in (-1, 1):
                    tip = turned([(side * 0.2, horn * side * 2.1)], angle, cx, cy)[0]
                    ribs.line(
                        [turned([(0, horn * side * 0.6)], angle, cx, cy)[0], tip], max(1.2, size * 0.004)
                    )
        else:  # a needle
            outline = boat_shape(x, y, size * 1.5, size * 0.06, angle, 1.0)
            body.polygon(outline)
            rim.line([*outline, outline[0]], 1.8)
        colour = rgb(tint)
        over(picture, mix(colour, rgb("f2e6c4"), 0.42), body.mask(soft) * 0.62 * strength)
        over(picture, colour, heart.mask(soft + 1.6) * 0.72 * strength)
        over(picture, mix(colour, INK, 0.5), ribs.mask(soft) * 0.62 * strength)
        over(picture, mix(colour, INK, 0.72), rim.mask(soft) * 0.9 * strength)
        if soft < 2:  # the bright line where light bends round the shell
            inner = np.clip(body.mask(0.5) - np.roll(body.mask(0.5), (5, 5), (0, 1)), 0, 1)
            over(picture, rgb("fff8e2"), inner * 0.55 * strength)

    for _ in range(26):
        kind = int(rng.choice([0, 0, 1, 3]))
        cell(
            rng.uniform(0, WIDTH),
            rng.uniform(0, HEIGHT),
            rng.uniform(90, 300),
            kind,
            rng.uniform(0, math.pi),
            tints[int(rng.integers(0, 6))],
            rng.uniform(9, 20),
            0.6,
        )
    for _ in range(14):
        cell(
            rng.uniform(0, WIDTH),
            rng.uniform(0, HEIGHT),
            rng.uniform(60, 170),
            int(rng.choice([0, 1, 3])),
            rng.uniform(0, math.pi),
            tints[int(rng.integers(0, 6))],
            rng.uniform(2.5, 5),
            0.8,
        )
    for x, y, size, kind, angle, tint in [
        (470, 360, 520, 0, -0.42, "7a6a2c"),
        (1120, 420, 330, 1, 0.3, "94772f"),
        (830, 800, 470, 0, 0.22, "8a5a30"),
        (1330, 800, 210, 1, 1.1, "5f6b3a"),
        (250, 790, 250, 1, 0.2, "4c6157"),
        (760, 130, 500, 2, 0.1, "5f6b3a"),
        (1440, 180, 280, 0, 1.05, "a3853d"),
        (140, 170, 230, 0, 1.9, "4c6157"),
        (1236, 628, 250, 3, -0.35, "94772f"),
        (240, 560, 210, 3, 0.5, "7a6a2c"),
        (520, 660, 150, 1, 0.7, "8a5a30"),
        (760, 560, 170, 0, -0.75, "5f6b3a"),
        (420, 950, 300, 0, -0.2, "a3853d"),
        (1090, 950, 130, 1, 0.4, "7a6a2c"),
    ]:
        cell(x, y, size, kind, angle, tint, 0.5, 1.0)
    specks = Pen()
    for _ in range(700):
        specks.ellipse(
            rng.uniform(0, WIDTH), rng.uniform(0, HEIGHT), rng.uniform(0.8, 2.6), value=rng.uniform(0.2, 0.8)
        )
    over(picture, rgb("4a4630"), specks.mask(0.7) * 0.6)
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH]
    edge = np.clip((np.hypot(columns - 800, rows - 533) - 770) / 26, 0, 1)
    over(picture, rgb("1d1c1a"), edge)
    scale = (
        Pen()
        .line([(1150, 986), (1330, 986)], 4)
        .line([(1150, 976), (1150, 996)], 4)
        .line([(1330, 976), (1330, 996)], 4)
    )
    over(picture, rgb("24231d"), scale.mask())
    return picture


def rain_window(rng):
    """Paint a wet window at night: lamps of the street out of focus, drops that hold them upside down."""
    picture = ramp([(0, rgb("18242f")), (0.4, rgb("2b3d4a")), (0.68, rgb("4a4a48")), (1, rgb("1b232b"))])
    picture *= 0.82 + 0.36 * noise(rng, 340, 4)[..., None]
    walls = Pen()
    for x in range(-40, WIDTH, 190):
        walls.box(x, rng.uniform(120, 330), x + rng.uniform(130, 200), 720)
    over(picture, rgb("141c24"), walls.mask(26) * 0.75)
    lamp_colours = ["f4b860", "f7d08a", "e88d4c", "f3e2b8", "c4563c", "8fb0a8", "e6a548"]
    for _ in range(95):
        x, y = rng.uniform(-30, WIDTH + 30), rng.normal(560, 150)
        size = rng.uniform(16, 62)
        disc = Pen().ellipse(x, y, size, size)
        ring = disc.mask(2.2)
        core = Pen().ellipse(x, y, size * 0.86, size * 0.86).mask(4)
        colour = rgb(lamp_colours[int(rng.integers(0, len(lamp_colours)))])
        glow(picture, colour, (ring * 0.34 + (ring - core * 0.6) * 0.24) * rng.uniform(0.35, 1.0))
    for x, y, size, colour in [
        (300, 470, 92, "f7d08a"),
        (1230, 430, 104, "f4b860"),
        (820, 610, 74, "c4563c"),
        (905, 622, 74, "c4563c"),
        (560, 640, 84, "f3e2b8"),
        (1440, 650, 80, "8fb0a8"),
    ]:
        glow(picture, rgb(colour), Pen().ellipse(x, y, size).mask(2.4) * 0.62)
        glow(picture, rgb(colour), halo(x, y, size * 3.2) * 0.25)
    street = np.clip((np.arange(HEIGHT)[:, None] - 700) / 240, 0, 1)
    smear = Image.fromarray(np.uint8(np.clip(picture, 0, 1) * 255)).transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    smear = np.asarray(smear.filter(ImageFilter.BoxBlur((14, 90))), np.float32) / 255
    picture[...] = picture * (1 - 0.55 * street[..., None]) + np.roll(smear, 330, 0) * (
        0.75 * street[..., None]
    )
    mist = noise(rng, 420, 5, stretch=1.2)
    over(picture, rgb("8d979a"), np.clip(mist - 0.45, 0, 1) * 0.42)
    beads = Pen()
    for _ in range(5200):
        s = rng.uniform(0.6, 2.3)
        beads.ellipse(rng.uniform(0, WIDTH), rng.uniform(0, HEIGHT), s, s)
    film = beads.mask(0.4)
    over(picture, rgb("dfe2da"), film * 0.22)
    height = np.zeros((HEIGHT, WIDTH), np.float32)
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    target_x, target_y = columns.copy(), rows.copy()
    inside = np.zeros((HEIGHT, WIDTH), np.float32)
    drops = []
    for _ in range(620):
        drops.append(
            (
                rng.uniform(0, WIDTH),
                rng.uniform(0, HEIGHT),
                3.5 + 17 * rng.random() ** 3.2,
                rng.uniform(1.0, 1.3),
            )
        )
    for _ in range(34):
        drops.append(
            (
                rng.uniform(20, WIDTH - 20),
                rng.uniform(20, HEIGHT - 20),
                rng.uniform(20, 40),
                rng.uniform(1.02, 1.25),
            )
        )
    for _ in range(17):  # runnels: a heavy drop and the track it left
        x, y, length = rng.uniform(20, WIDTH - 20), rng.uniform(180, HEIGHT), rng.uniform(160, 620)
        wander = rng.uniform(-0.06, 0.06)
        k = 0.0
        while k < length:
            t = k / length
            drops.append(
                (x + wander * k + 5 * math.sin(k / 34), y - k, (1 - t) * rng.uniform(5, 12) + 2, 1.5)
            )
            k += rng.uniform(9, 34) * (0.6 + t)
        drops.append((x, y + 6, rng.uniform(15, 22), 1.35))
        track = [(x + wander * k + 5 * math.sin(k / 34), y - k) for k in range(0, int(length), 6)]
        lane = Pen().line(track, 13).mask(2.5)
        clear = Image.fromarray(np.uint8(np.clip(picture, 0, 1) * 255)).filter(ImageFilter.GaussianBlur(3))
        picture += (np.asarray(clear, np.float32) / 255 * 0.86 - picture) * (lane * 0.5)[..., None]
    drops.sort(key=lambda drop: drop[2])
    for x, y, r, tall in drops:
        a, b = int(max(0, y - r * tall - 2)), int(min(HEIGHT, y + r * tall + 3))
        c, d = int(max(0, x - r - 2)), int(min(WIDTH, x + r + 3))
        if a >= b or c >= d:
            continue
        u, v = (columns[a:b, c:d] - x) / r, (rows[a:b, c:d] - y) / (r * tall)
        wobble = 1 + 0.08 * np.sin(3 * np.arctan2(v, u) + x)
        square = (u * u + v * v) / wobble**2
        cover = np.clip((1 - square) * r / 2.2, 0, 1)
        dome = np.sqrt(np.clip(1 - square, 0, 1))
        here = cover > 0.02
        target_x[a:b, c:d] = np.where(here, x - u * (150 + 5 * r) * (1.15 - dome), target_x[a:b, c:d])
        target_y[a:b, c:d] = np.where(here, 560 - v * (230 + 6 * r) * (1.1 - 0.5 * dome), target_y[a:b, c:d])
        inside[a:b, c:d] = np.where(here, cover, inside[a:b, c:d])
        height[a:b, c:d] = np.where(here, dome, height[a:b, c:d])
    source = Image.fromarray(np.uint8(np.clip(picture, 0, 1) * 255)).filter(ImageFilter.GaussianBlur(1.2))
    sharp = np.asarray(source, np.float32) / 255
    bent = sharp[np.clip(target_y, 0, HEIGHT - 1).astype(int), np.clip(target_x, 0, WIDTH - 1).astype(int)]
    gy, gx = np.gradient(height)
    rim = np.clip(np.hypot(gx, gy) * 3.4, 0, 1)
    bent = bent * (1.28 - 0.85 * rim[..., None])
    lit = np.clip(-gy * 2.6 - gx * 1.2 - 0.08, 0, 1) * 0.35 + np.clip(gy * 3.0 - 0.12, 0, 1) * 0.55
    picture += (bent - picture) * inside[..., None]
    glow(picture, rgb("f7e7c4"), lit * inside)
    sparks = Pen()
    for x, y, r, tall in drops:
        if r > 7:
            sparks.ellipse(x - r * 0.34, y - r * tall * 0.42, r * 0.13, r * 0.1)
    glow(picture, rgb("fffaf0"), sparks.mask(0.7) * 0.85)
    frame = Pen().box(0, 1004, WIDTH, HEIGHT).box(1120, 0, 1146, HEIGHT)
    over(picture, rgb("12171c"), frame.mask(1.2))
    over(picture, rgb("6c5a44"), Pen().box(0, 1001, WIDTH, 1005).box(1118, 0, 1121, 1003).mask(0.8) * 0.7)
    return picture


def old_town(rng):
    """Paint an old town on its hill at night: roofs, lit windows, a church, the river below."""
    horizon = 850
    picture = ramp(
        [
            (0, rgb("111c2a")),
            (0.35, rgb("22354a")),
            (0.62, rgb("4a5a68")),
            (0.8, rgb("8a7a68")),
            (1, rgb("8a7a68")),
        ]
    )
    clouds(picture, rng, rgb("5b6a78"), 0.8, cell=230, strength=0.5, stretch=3)
    stars = Pen()
    for _ in range(240):
        stars.ellipse(
            rng.uniform(0, WIDTH), rng.uniform(0, 460), rng.uniform(0.5, 1.5), value=rng.uniform(0.3, 1)
        )
    over(picture, rgb("f6efd9"), stars.mask(0.4) * 0.7)
    crescent = Pen().ellipse(1250, 170, 44).ellipse(1231, 160, 43, value=0)
    over(picture, rgb("f5ead0"), crescent.mask(0.8))
    glow(picture, rgb("d8d2bc"), halo(1262, 176, 240) * 0.4)
    columns = np.arange(WIDTH)
    mountains = 560 - 70 * line_noise(rng, WIDTH, 380, 7)
    over(picture, rgb("2c3e50"), below(mountains))
    hill = (
        812 - 385 * np.exp(-(((columns - 640) / 430) ** 2)) - 110 * np.exp(-(((columns - 1180) / 260) ** 2))
    )
    over(picture, rgb("1f2c39"), below(hill + 10))
    glow(picture, rgb("e9a95a"), halo(660, 640, 640, 0.6) * 0.3)
    houses = []
    for _ in range(520):
        x = rng.uniform(-30, WIDTH + 30)
        top = hill[int(np.clip(x, 0, WIDTH - 1))]
        houses.append((top + (horizon - 6 - top) * rng.random() ** 0.85, x))
    for _ in range(64):
        houses.append((horizon - rng.uniform(0, 5), rng.uniform(-30, WIDTH + 30)))
    houses.sort()
    walls = ["6f6152", "5a564f", "7d6a55", "4c5257", "665048", "857862", "4a4640", "72665c"]
    roofs = ["4a2a25", "5b342a", "3a2b2c", "33363c", "543c30"]
    church_done = False
    batch: list[tuple[float, float]] = []

    def paint(rows_of: list[tuple[float, float]]) -> None:
        for wall in range(len(walls)):
            body, roof, shade, lit, dim, chimney = Pen(), Pen(), Pen(), Pen(), Pen(), Pen()
            for k, (y, x) in enumerate(rows_of):
                if k % len(walls) != wall:
                    continue
                near = np.clip((y - 420) / 440, 0, 1)
                w, h, r = (
                    rng.uniform(30, 54) * (0.55 + 0.6 * near),
                    rng.uniform(34, 78) * (0.5 + 0.6 * near),
                    rng.uniform(16, 32) * (0.6 + 0.5 * near),
                )
                body.box(x - w / 2, y - h, x + w / 2, y + 14)
                if k % 3:
                    body.polygon([(x - w / 2, y - h), (x, y - h - r), (x + w / 2, y - h)])
                    roof.polygon(
                        [
                            (x - w / 2 - 3, y - h + 3),
                            (x, y - h - r - 3),
                            (x + w / 2 + 3, y - h + 3),
                            (x + w / 2, y - h),
                            (x, y - h - r + 4),
                            (x - w / 2, y - h),
                        ]
                    )
                else:
                    roof.polygon(
                        [
                            (x - w / 2 - 3, y - h + 3),
                            (x - w / 2 + 6, y - h - r),
                            (x + w / 2 - 6, y - h - r),
                            (x + w / 2 + 3, y - h + 3),
                        ]
                    )
                shade.box(x + w * 0.16, y - h + 2, x + w / 2, y + 14)
                chimney.box(x + w * 0.18, y - h - r * 1.0, x + w * 0.3, y - h - r * 0.3)
                for row in range(int(h // 17)):
                    for column in range(max(2, int(w // 15))):
                        wx = x - w / 2 + (column + 0.5) * w / max(2, int(w // 15))
                        wy = y - h + 8 + row * 16
                        pen = lit if rng.random() < 0.42 else dim
                        pen.box(wx - 3, wy - 1.4, wx + 3, wy + 7, rng.uniform(0.65, 1))
            tint = mix(rgb(walls[wall]), rgb("1d2937"), 0.22)
            over(picture, tint, body.mask())
            over(picture, rgb("141d29"), shade.mask() * body.mask() * 0.5)
            over(
                picture,
                mix(rgb(roofs[wall % len(roofs)]), rgb("17212d"), 0.12),
                np.maximum(roof.mask(), chimney.mask()),
            )
            over(picture, rgb("161e28"), dim.mask() * 0.7)
            light = lit.mask()
            over(picture, rgb("f5c470"), light)
            glow(picture, rgb("e79a45"), blurred(light, 7) * 0.75)

    for y, x in houses:
        if y > 520 and not church_done:
            paint(batch)
            batch = []
            church, trim = Pen(), Pen()
            church.box(610, 250, 668, 520).polygon([(604, 252), (639, 96), (674, 252)])
            church.polygon([(660, 520), (660, 392), (720, 340), (800, 392), (800, 520)])
            over(picture, rgb("57534f"), church.mask())
            over(
                picture,
                rgb("191f28"),
                Pen().polygon([(639, 96), (674, 252), (668, 520), (640, 520)]).mask() * 0.55,
            )
            trim.ellipse(639, 290, 15).box(632, 330, 646, 366, radius=7)
            for k in range(3):
                trim.box(690 + k * 34, 420, 702 + k * 34, 466, radius=6)
            over(picture, rgb("f8d48c"), trim.mask())
            glow(picture, rgb("f0b458"), blurred(trim.mask(), 12) * 0.8)
            glow(picture, rgb("d99a52"), halo(660, 540, 260, 0.5) * 0.25)
            church_done = True
        batch.append((y, x))
        if len(batch) == 130:
            paint(batch)
            over(
                picture,
                rgb("8b8174"),
                below(np.full(WIDTH, y - 60))
                * below(hill)
                * (1 - below(np.full(WIDTH, y + 30)))
                * noise(rng, 160, 4, stretch=4)
                * 0.16,
            )
            batch = []
    paint(batch)
    quay = Pen().box(0, horizon - 8, WIDTH, horizon + 2)
    over(picture, rgb("141b24"), quay.mask())
    for x in np.arange(30, WIDTH, 92):
        post = Pen().line([(x, horizon - 6), (x, horizon - 40)], 2)
        over(picture, rgb("11171e"), post.mask())
        over(picture, rgb("fff0c8"), Pen().ellipse(x, horizon - 42, 4).mask(0.5))
        glow(picture, rgb("ffc26a"), halo(x, horizon - 42, 62) * 0.7)
    mirrored(picture, horizon, rng, ripple=13, keep=0.9)
    boat = (
        Pen()
        .polygon([(1270, 946), (1296, 972), (1426, 972), (1452, 942), (1400, 954), (1320, 954)])
        .line([(1352, 956), (1352, 860)], 3)
    )
    over(picture, rgb("0d131a"), boat.mask(0.6))
    over(
        picture,
        rgb("0d131a"),
        Pen().polygon([(1290, 976), (1432, 976), (1400, 1010), (1316, 1010)]).mask(4) * 0.5,
    )
    return picture


def night_ferry(rng):
    """Paint the night ferry in the sound, lit deck over deck, a lighthouse turning behind it."""
    horizon = 610
    picture = ramp(
        [
            (0, rgb("0f1a29")),
            (0.3, rgb("1f3346")),
            (0.5, rgb("466072")),
            (0.57, rgb("8a9088")),
            (1, rgb("8a9088")),
        ]
    )
    clouds(picture, rng, rgb("0f1823"), 0.62, cell=210, strength=0.75, stretch=3.5)
    clouds(picture, rng, rgb("93a0a2"), 0.5, cell=120, strength=0.4, stretch=5)
    glow(picture, rgb("dfe0cf"), halo(420, 205, 360) * 0.55)
    over(picture, rgb("f7f0da"), Pen().ellipse(420, 205, 42).mask(1))
    veil = np.clip((noise(rng, 90, 5, stretch=4) - 0.5) * 2.5, 0, 1)
    over(picture, rgb("34485a"), veil * halo(420, 230, 260, 0.6, 1) * 0.9)
    islands = horizon - 40 - 34 * line_noise(rng, WIDTH, 300, 6)
    islands[: WIDTH // 2] += np.linspace(44, 0, WIDTH // 2)
    over(picture, rgb("2c4152"), below(islands) * 0.9)
    cape = (
        horizon
        + 18
        - 118 * np.exp(-(((np.arange(WIDTH) - 1490) / 190) ** 2))
        - 10 * line_noise(rng, WIDTH, 60, 4)
    )
    over(picture, rgb("14202c"), below(cape))
    lx, ly = 1440, 408
    light = Pen().polygon([(lx - 15, 508), (lx - 9, ly + 14), (lx + 9, ly + 14), (lx + 15, 508)])
    over(picture, rgb("c9c3b2"), light.mask())
    over(
        picture,
        rgb("7c332b"),
        Pen().polygon([(lx - 13, 478), (lx - 11.4, 448), (lx + 11.4, 448), (lx + 13, 478)]).mask(),
    )
    over(
        picture,
        rgb("101820"),
        Pen()
        .box(lx - 12, ly - 4, lx + 12, ly + 14)
        .polygon([(lx - 11, ly - 4), (lx, ly - 20), (lx + 11, ly - 4)])
        .mask(),
    )
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH]
    for angle, reach, power in ((-2.86, 1500, 0.75), (0.22, 600, 0.5)):
        spread = np.angle(np.exp(1j * (np.arctan2(rows - ly - 3, columns - lx) - angle)))
        distance = np.hypot(columns - lx, rows - ly - 3)
        beam = np.exp(-((spread / 0.036) ** 2)) * np.clip(1 - distance / reach, 0, 1) ** 1.4
        glow(picture, rgb("f6e6b8"), beam * power)
    over(picture, rgb("fffbe6"), Pen().ellipse(lx, ly + 4, 6).mask(0.8))
    glow(picture, rgb("ffe9b0"), halo(lx, ly + 4, 110) * 0.9)
    village = Pen()
    for _ in range(60):
        x = rng.normal(1130, 130)
        village.box(x, horizon - rng.uniform(4, 26), x + 2.4, horizon - rng.uniform(2, 3))
    over(picture, rgb("f3be6c"), village.mask(0.5) * 0.8)
    sea = ramp([(0, rgb("71828a")), (0.57, rgb("6a7c84")), (0.66, rgb("33495a")), (1, rgb("0d1924"))])
    water = below(np.full(WIDTH, horizon))
    picture += (sea - picture) * water[..., None]
    waves = swell(rng, horizon, near=32)
    over(picture, rgb("0a141d"), np.clip(0.56 - waves, 0, 1) * 1.5 * water)
    over(picture, rgb("8799a0"), np.clip(waves - 0.64, 0, 1) * 0.9 * water)
    lane = np.exp(-(((columns - 420) / (20 + (rows - horizon) * 0.36)) ** 2)) * water
    glow(picture, rgb("e9e2c8"), lane * np.clip(waves - 0.46, 0, 1) * 1.8)
    x, y = 820, 742  # the ferry: waterline amidships
    hull = Pen().polygon(
        [(x - 372, y - 74), (x - 346, y + 6), (x + 350, y + 6), (x + 424, y - 92), (x + 380, y - 84)]
    )
    decks, roof, glass, deck_lines = Pen(), Pen(), Pen(), Pen()
    for level, (left, right) in enumerate([(-340, 300), (-316, 262), (-280, 214)]):
        bottom = y - 78 - level * 34
        decks.polygon(
            [
                (x + left, bottom),
                (x + left + 6, bottom - 34),
                (x + right - 12, bottom - 34),
                (x + right, bottom),
            ]
        )
        deck_lines.line([(x + left - 8, bottom), (x + right + 12, bottom)], 3)
        width = 15 if level else 20
        k = left + 22
        while k < right - 30:
            if rng.random() < 0.9:
                glass.box(x + k, bottom - 25, x + k + width, bottom - 10, rng.uniform(0.7, 1), radius=2)
            k += width + 7
    decks.polygon([(x + 96, y - 180), (x + 106, y - 214), (x + 196, y - 214), (x + 214, y - 180)])
    glass.polygon([(x + 112, y - 206), (x + 192, y - 206), (x + 200, y - 191), (x + 108, y - 191)])
    roof.polygon([(x - 170, y - 180), (x - 156, y - 254), (x - 84, y - 254), (x - 92, y - 180)])
    roof.line([(x + 148, y - 214), (x + 148, y - 286)], 4).line([(x + 128, y - 262), (x + 168, y - 262)], 2.4)
    roof.line([(x + 148, y - 284), (x + 410, y - 96)], 1.2).line(
        [(x + 148, y - 284), (x - 120, y - 254)], 1.2
    )
    for k in range(4):
        roof.box(x - 60 + k * 34, y - 196, x - 36 + k * 34, y - 182, radius=5)
    over(picture, rgb("1a222b"), hull.mask())
    over(
        picture,
        rgb("7c2f28"),
        Pen().polygon([(x - 352, y - 10), (x - 346, y + 6), (x + 350, y + 6), (x + 362, y - 10)]).mask(),
    )
    over(picture, rgb("b9b3a2"), decks.mask())
    shade = np.clip((columns - x + 300) / 640, 0, 1)
    over(picture, rgb("3f4a52"), decks.mask() * shade * 0.6)
    over(picture, rgb("8d3a2d"), roof.mask())
    over(
        picture,
        rgb("e9dfc6"),
        Pen().polygon([(x - 166, y - 204), (x - 161, y - 228), (x - 87, y - 228), (x - 90, y - 204)]).mask(),
    )
    over(picture, rgb("22303a"), deck_lines.mask())
    lights = glass.mask(0.4)
    over(picture, rgb("ffdc94"), lights)
    glow(picture, rgb("f2a955"), blurred(lights, 16) * 0.75)
    ports = Pen()
    for k in range(-310, 330, 40):
        ports.ellipse(x + k, y - 46, 5)
    over(picture, rgb("f5cb80"), ports.mask(0.5))
    smoke = Pen()
    for k in range(40):
        smoke.ellipse(x - 130 - k * 10, y - 262 - k * 2.6 - 6 * math.sin(k / 4), 8 + k * 1.0)
    over(picture, rgb("2a3844"), smoke.mask(9) * 0.5 * np.clip(noise(rng, 40, 3) * 1.4, 0, 1))
    for ox, oy, colour in ((148, -288, "fff4d0"), (418, -100, "e2e2d0"), (150, -226, "d8503a")):
        over(picture, rgb(colour), Pen().ellipse(x + ox, y + oy, 4).mask(0.5))
        glow(picture, rgb(colour), halo(x + ox, y + oy, 46) * 0.7)
    below_ship = np.exp(-(((columns - x) / 380) ** 6)) * np.clip(1 - (rows - y) / 290, 0, 1) * (rows > y)
    over(picture, rgb("0b131b"), below_ship * 0.45)
    glow(
        picture,
        rgb("f2b25e"),
        below_ship * np.clip(waves - 0.42, 0, 1) * 2.1 * (0.6 + 0.4 * np.sin(columns / 21)),
    )
    foam = Pen().polygon(
        [
            (x + 352, y - 4),
            (x + 392, y + 4),
            (x + 300, y + 26),
            (x - 350, y + 14),
            (x - 900, y + 46),
            (x - 900, y + 8),
            (x - 350, y - 2),
        ]
    )
    over(
        picture, rgb("d5d9d0"), foam.mask(3) * np.clip(noise(rng, 10, 4, stretch=4) * 1.8 - 0.6, 0, 1) * 0.85
    )
    return picture


def low_tide(rng):
    """Paint an orchestra that rehearses on the sand at low tide, mirrored in the pools."""
    horizon = 560
    picture = ramp(
        [
            (0, rgb("9db0b3")),
            (0.25, rgb("c9cdc0")),
            (0.45, rgb("eddcb9")),
            (0.525, rgb("f4e2b8")),
            (1, rgb("d9c9a6")),
        ]
    )
    clouds(picture, rng, rgb("f6efdd"), 0.6, cell=190, strength=0.8, stretch=3)
    clouds(picture, rng, rgb("7d929a"), 0.42, cell=140, strength=0.5, stretch=5)
    glow(picture, rgb("ffe6ae"), halo(1080, horizon - 50, 480, 0.7) * 0.6)
    far = horizon - 12 - 20 * np.clip(line_noise(rng, WIDTH, 330, 6), -0.4, 1)
    over(picture, rgb("8ea0a3"), below(far) * 0.8)
    surf = Pen().box(0, horizon - 3, WIDTH, horizon + 12)
    over(picture, rgb("6f8a94"), surf.mask(1))
    over(picture, rgb("f6f0df"), surf.mask(1) * np.clip(noise(rng, 8, 3, stretch=8) * 2 - 1.1, 0, 1))
    sky = picture[:horizon][::-1].copy()
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH]
    t = np.clip((rows - horizon) / (HEIGHT - horizon), 0, 1)
    sand = ramp([(0, rgb("c6b692")), (0.54, rgb("bba981")), (0.75, rgb("a8946e")), (1, rgb("7f6d51"))])
    waves = swell(rng, horizon + 8, near=64, far=2)
    sand *= 0.82 + 0.34 * waves[..., None]
    ground = below(np.full(WIDTH, horizon + 10.0))
    picture += (sand - picture) * ground[..., None]
    sheet = noise(rng, 300, 5, shape=(1024, 2048))
    depth_row = np.clip(3000 / (t * 22 + 1.8), 0, None).astype(int) % 1024
    sideways = ((columns - 800) * 3.0 / (t * 3.4 + 0.42) + 1024).astype(int) % 2048
    pools = np.clip((sheet[depth_row, sideways] - 0.47) * 7, 0, 1) * ground
    pools = blurred(pools, 1.2)
    mirror_rows = np.clip((rows - horizon) * 1.02, 0, horizon - 1).astype(int)
    reflected = sky[mirror_rows, columns] * 0.94
    picture += (reflected - picture) * (pools * 0.94)[..., None]
    rim = np.clip(pools - np.roll(pools, -3, 0), 0, 1)
    rim[-4:] = 0
    over(picture, rgb("6d5d43"), rim * 0.8)
    figures, wood, sheets = Pen(), Pen(), Pen()
    lines: list[tuple[float, float, float]] = []

    def chair(x: float, y: float, s: float) -> None:
        figures.line(
            [(x - 0.16 * s, y), (x - 0.14 * s, y - 0.3 * s), (x + 0.12 * s, y - 0.3 * s), (x + 0.15 * s, y)],
            max(1.2, 0.022 * s),
        )

    def sitter(x: float, y: float, s: float, turn: int) -> None:
        chair(x, y, s)
        figures.polygon(
            [
                (x - 0.13 * s, y - 0.28 * s),
                (x + 0.13 * s, y - 0.28 * s),
                (x + 0.15 * s, y - 0.62 * s),
                (x + 0.08 * s, y - 0.7 * s),
                (x - 0.08 * s, y - 0.7 * s),
                (x - 0.15 * s, y - 0.62 * s),
            ]
        )
        figures.line(
            [(x - 0.08 * s, y - 0.3 * s), (x + turn * 0.24 * s, y - 0.32 * s), (x + turn * 0.26 * s, y)],
            0.1 * s,
        )
        figures.ellipse(x + turn * 0.02 * s, y - 0.81 * s, 0.075 * s, 0.095 * s)
        lines.append((x, y, s))

    def violin(x: float, y: float, s: float, turn: int) -> None:
        sitter(x, y, s, turn)
        figures.line(
            [
                (x + turn * 0.1 * s, y - 0.62 * s),
                (x + turn * 0.2 * s, y - 0.52 * s),
                (x + turn * 0.3 * s, y - 0.66 * s),
            ],
            0.06 * s,
        )
        wood.polygon(
            turned(
                [(-0.12, -0.045), (0.02, -0.06), (0.02, 0.06), (-0.12, 0.045)],
                -0.3 * turn,
                x + turn * 0.2 * s,
                y - 0.68 * s,
                s,
            )
        )
        wood.line([(x + turn * 0.2 * s, y - 0.68 * s), (x + turn * 0.4 * s, y - 0.74 * s)], 0.03 * s)
        figures.line(
            [(x + turn * 0.12 * s, y - 0.9 * s), (x + turn * 0.34 * s, y - 0.6 * s)], max(1.0, 0.014 * s)
        )

    def cello(x: float, y: float, s: float, turn: int) -> None:
        sitter(x, y, s, turn)
        cx, cy = x + turn * 0.2 * s, y - 0.3 * s
        wood.ellipse(cx, cy + 0.06 * s, 0.15 * s, 0.16 * s).ellipse(
            cx - turn * 0.02 * s, cy - 0.14 * s, 0.115 * s, 0.12 * s
        )
        wood.line([(cx, cy), (cx - turn * 0.09 * s, cy - 0.62 * s)], 0.045 * s)
        figures.line([(cx, cy + 0.2 * s), (cx + turn * 0.04 * s, y + 0.03 * s)], 0.02 * s)
        figures.line([(x + turn * 0.1 * s, y - 0.6 * s), (x + turn * 0.3 * s, y - 0.42 * s)], 0.06 * s)
        figures.line([(x - 0.05 * s, y - 0.34 * s), (x + turn * 0.46 * s, y - 0.42 * s)], max(1.0, 0.014 * s))

    def stand(x: float, y: float, s: float) -> None:
        figures.line([(x, y - 0.5 * s), (x, y - 0.08 * s)], max(1.1, 0.018 * s))
        for leg in (-0.09, 0.0, 0.09):
            figures.line([(x, y - 0.1 * s), (x + leg * s, y)], max(1.0, 0.016 * s))
        sheets.polygon(
            [
                (x - 0.13 * s, y - 0.52 * s),
                (x + 0.13 * s, y - 0.52 * s),
                (x + 0.11 * s, y - 0.68 * s),
                (x - 0.11 * s, y - 0.68 * s),
            ]
        )
        lines.append((x, y, s * 0.9))

    for x, y, s, turn, kind in [
        (470, 660, 118, 1, violin),
        (560, 652, 112, 1, violin),
        (640, 646, 108, 1, violin),
        (1010, 648, 110, -1, cello),
        (1096, 656, 114, -1, cello),
        (716, 642, 104, 1, violin),
        (924, 644, 106, -1, violin),
        (400, 716, 152, 1, violin),
        (528, 722, 156, 1, violin),
        (1080, 724, 158, -1, cello),
        (1210, 718, 154, -1, cello),
        (330, 806, 206, 1, violin),
        (1290, 812, 210, -1, cello),
    ]:
        kind(x, y, s, turn)
        stand(x + turn * 0.52 * s, y + 0.04 * s, s)
    bass = (1250, 668, 128)
    person(figures, bass[0], bass[1], bass[2] * 1.05, 0.03)
    wood.ellipse(bass[0] - 26, bass[1] - 34, 24, 30).ellipse(bass[0] - 26, bass[1] - 74, 18, 22).line(
        [(bass[0] - 26, bass[1] - 60), (bass[0] - 22, bass[1] - 158)], 6
    )
    lines.append(bass)
    lead = (806, 870, 250)

    def at(dx: float, dy: float) -> Point:
        return lead[0] + dx * lead[2], lead[1] - dy * lead[2]

    figures.box(*at(-0.2, 0.0), *at(0.2, -0.05))  # the box that the conductor stands on
    for foot in (-1, 1):
        figures.polygon([at(0, 0.5), at(foot * 0.105, 0.5), at(foot * 0.1, 0.01), at(foot * 0.025, 0.01)])
        figures.ellipse(*at(foot * 0.066, 0.014), 0.044 * lead[2], 0.018 * lead[2])
    figures.polygon(
        [
            at(-0.115, 0.46),
            at(-0.105, 0.6),
            at(-0.13, 0.74),
            at(-0.1, 0.81),
            at(0.1, 0.81),
            at(0.13, 0.74),
            at(0.105, 0.6),
            at(0.115, 0.46),
        ]
    )
    for side in (-1, 1):  # the tails of the coat, and round shoulders
        figures.polygon(
            [at(side * 0.115, 0.52), at(side * 0.0, 0.54), at(side * 0.03, 0.2), at(side * 0.1, 0.22)]
        )
        figures.ellipse(*at(side * 0.082, 0.775), 0.045 * lead[2])
    figures.box(*at(-0.03, 0.88), *at(0.03, 0.79))
    figures.ellipse(*at(0, 0.925), 0.058 * lead[2], 0.072 * lead[2])
    figures.line([at(-0.09, 0.77), at(-0.28, 0.75), at(-0.36, 0.97)], 0.06 * lead[2])
    figures.line([at(0.09, 0.77), at(0.26, 0.7), at(0.4, 0.84)], 0.06 * lead[2])
    for hand in (at(-0.365, 0.985), at(0.41, 0.85)):
        figures.ellipse(*hand, 0.032 * lead[2])
    figures.line([at(0.41, 0.85), at(0.56, 1.02)], 2.4)
    lines.append(lead)
    shadows = Pen()
    for x, y, s in lines:
        shadows.polygon(
            [(x - 0.1 * s, y), (x + 0.1 * s, y), (x - 0.18 * s, y + 0.5 * s), (x - 0.4 * s, y + 0.48 * s)]
        )
    over(picture, rgb("4d4335"), shadows.mask(3) * (1 - pools) * 0.5)
    body, brown, white = figures.mask(0.5), wood.mask(0.5), sheets.mask(0.4)
    for x, y, s in sorted(lines, key=lambda item: item[1]):  # each figure once more in the wet sand
        a, b, high = max(0, int(x - s * 0.55)), min(WIDTH, int(x + s * 0.55)), int(s * 1.15)
        y = int(y)
        for mask, colour in ((body, "1e262d"), (brown, "5c331f"), (white, "efe6cf")):
            part = mask[max(0, y - high) : y, a:b][::-1]
            end = min(HEIGHT, y + part.shape[0])
            strength = part[: end - y] * pools[y:end, a:b] * (0.4 + 0.3 * waves[y:end, a:b])
            layer = picture[y:end, a:b]
            layer += (np.asarray(rgb(colour), np.float32) - layer) * (strength * 0.6)[..., None]
    over(picture, rgb("1e262d"), body)
    over(picture, rgb("7a4526"), brown)
    over(picture, rgb("f7efd9"), white)
    warm = np.clip(body - np.roll(body, -2, 1), 0, 1)
    over(picture, rgb("f3d9a4"), warm * 0.5)
    gulls = Pen()
    for gx, gy, size in [(360, 300, 20), (430, 260, 15), (300, 240, 12), (1340, 210, 14)]:
        gulls.line([(gx - size, gy - size * 0.4), (gx - size * 0.3, gy - size * 0.6), (gx, gy)], 2.2)
        gulls.line([(gx, gy), (gx + size * 0.4, gy - size * 0.62), (gx + size, gy - size * 0.3)], 2.2)
    over(picture, rgb("4b585f"), gulls.mask())
    return picture


SCENES: dict[str, Callable] = {
    "cormorant-bank": cormorant_bank,
    "hochfirn-dawn": hochfirn_dawn,
    "tram-in-snow": tram_in_snow,
    "harbour-cranes": harbour_cranes,
    "reading-room": reading_room,
    "floodlights": floodlights,
    "market-awnings": market_awnings,
    "diatoms": diatoms,
    "rain-window": rain_window,
    "old-town": old_town,
    "night-ferry": night_ferry,
    "low-tide": low_tide,
}


def main(arguments: Sequence[str]) -> int:
    """Draw the pictures that are named, or all."""
    parser = argparse.ArgumentParser(description="Draw the pictures of the sample newspaper.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(SCENES))
    parser.add_argument("--out", type=Path, default=Path(__file__).parent, help="folder for the pictures")
    options = parser.parse_args(arguments)
    if unknown := set(options.names) - set(SCENES):
        parser.error(f"no such picture: {', '.join(sorted(unknown))}")
    for name in options.names or SCENES:
        rng = np.random.default_rng(list(name.encode()))
        data = as_jpeg(printed(SCENES[name](rng), rng))
        (options.out / f"{name}.jpg").write_bytes(data)
        sys.stdout.write(f"{name}.jpg: {len(data) // 1000} KB\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
