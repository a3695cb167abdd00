"""Abstract pictures for the demo's posts, painted at run time: the same name, the same picture."""

import math
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from random import Random

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageOps

SIZE = (1200, 800)
FINE = 2
"""Painted so many times larger, then reduced: edges come out smooth."""
WIDTH, HEIGHT = SIZE[0] * FINE, SIZE[1] * FINE

Colour = tuple[int, int, int]
Points = list[tuple[float, float]]


def paint(name: str, path: Path) -> None:
    """Write the picture of this name as a JPEG; KeyError when there is none."""
    MOTIFS[name](Random(name)).resize(SIZE, Image.Resampling.LANCZOS).save(path, quality=88)  # noqa: S311 - art


def _night(chance: Random) -> Image.Image:
    sky = _gradient("#0a1230", "#16305f", "#e09a3c", turn=205)
    pen = ImageDraw.Draw(sky)
    for _ in range(140):
        x, y = chance.uniform(0, WIDTH), chance.uniform(0, HEIGHT * 0.7)
        pen.circle((x, y), chance.uniform(1.5, 5), fill="#f4f1e4")
    return sky


def _wings(chance: Random) -> Image.Image:
    sky = _gradient("#c9d6e4", "#f0dfd2", "#f3c7a2")
    pen = ImageDraw.Draw(sky)
    for row in range(7):
        for column in range(9):
            x = WIDTH * (column + 0.5 + 0.3 * (row % 2)) / 9.5 + chance.uniform(-30, 30)
            y = HEIGHT * (row + 1) / 9 + chance.uniform(-24, 24) - abs(column - 4) * 22
            span = 26 + 5 * row
            pen.line([(x - span, y - span / 2), (x, y), (x + span, y - span / 2)], fill="#3f4a5a", width=7)
    return sky


def _terraces(_chance: Random) -> Image.Image:
    picture = _gradient("#eef3e6", "#dfe9cf", "#cfdfb6")
    for step, share in _steps(10):
        _hill(
            picture,
            HEIGHT * (0.22 + 0.08 * step),
            70 - 3 * step,
            1.2 * step,
            _mix("#c5d99a", "#1f5130", share),
        )
    return picture


def _arches(_chance: Random) -> Image.Image:
    stone = Image.new("L", (WIDTH, HEIGHT), 0)
    pen = ImageDraw.Draw(stone)
    pen.rectangle((0, HEIGHT * 0.34, WIDTH, HEIGHT), fill=255)
    for column in range(5):
        left = WIDTH * (column + 0.14) / 5
        right = left + WIDTH * 0.72 / 5
        pen.rounded_rectangle((left, HEIGHT * 0.45, right, HEIGHT * 1.3), radius=(right - left) / 2, fill=0)
    sky = _gradient("#a8672a", "#d59a45", "#f0cf8b")
    return Image.composite(_gradient("#8d8f92", "#7a7c80", "#56585c"), sky, stone)


def _kites(chance: Random) -> Image.Image:
    sky = _gradient("#9fd0ea", "#c4e4f3", "#eaf6fb")
    pen = ImageDraw.Draw(sky)
    for number in range(9):
        x, y = WIDTH * (number + 0.7) / 9.4, HEIGHT * chance.uniform(0.12, 0.62)
        half = chance.uniform(60, 120)
        string = [(x + 46 * math.sin(t / 3), y + t * HEIGHT / 24) for t in range(14)]
        pen.line(string, fill="#5a6b78", width=4, joint="curve")
        diamond: Points = [(x, y - 1.4 * half), (x + half, y), (x, y + 1.4 * half), (x - half, y)]
        pen.polygon(diamond, fill="#d8402f" if number % 2 else "#f08a24")
    return sky


def _river(_chance: Random) -> Image.Image:
    picture = _gradient("#f6e7c9", "#f7d9a0", "#f2c27b")
    ImageDraw.Draw(picture).circle((WIDTH * 0.66, HEIGHT * 0.3), HEIGHT * 0.16, fill="#e8a21c")
    for step, share in _steps(7):
        _hill(
            picture,
            HEIGHT * (0.5 + 0.07 * step),
            34 + 3 * step,
            2.1 * step,
            _mix("#8fc3dc", "#173f6b", share),
        )
    return picture


def _lanterns(chance: Random) -> Image.Image:
    lights = Image.new("RGB", (WIDTH, HEIGHT))
    pen = ImageDraw.Draw(lights)
    for number in range(11):
        place = (WIDTH * (number + 0.8) / 12, HEIGHT * chance.uniform(0.15, 0.85))
        pen.circle(place, chance.uniform(60, 130), fill=_mix("#c8641c", "#f7c65a", chance.random()))
    glow = ImageChops.add(
        lights.filter(ImageFilter.GaussianBlur(90)), lights.filter(ImageFilter.GaussianBlur(18))
    )
    return ImageChops.screen(_gradient("#0b0d1c", "#14162b", "#241a2c"), glow)


MOTIFS: Mapping[str, Callable[[Random], Image.Image]] = {
    "night": _night,
    "wings": _wings,
    "terraces": _terraces,
    "arches": _arches,
    "kites": _kites,
    "river": _river,
    "lanterns": _lanterns,
}


def _gradient(top: str, middle: str, bottom: str, *, turn: int = 127) -> Image.Image:
    """Colours from top to bottom; `turn` (0 to 255) is how far down the middle one is."""
    grey = Image.linear_gradient("L").resize((WIDTH, HEIGHT))
    return ImageOps.colorize(grey, black=top, white=bottom, mid=middle, midpoint=turn)


def _hill(picture: Image.Image, level: float, swing: float, shift: float, colour: Colour) -> None:
    """Fill everything below a wavy line."""
    wave = [
        (x, level + swing * math.sin(4 * x / WIDTH * math.pi / 2 + shift)) for x in range(0, WIDTH + 1, 20)
    ]
    ImageDraw.Draw(picture).polygon([(0, HEIGHT), *wave, (WIDTH, HEIGHT)], fill=colour)


def _mix(start: str, end: str, share: float) -> Colour:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(_parts(start), _parts(end), strict=True))
    return red, green, blue


def _parts(colour: str) -> bytes:
    return bytes.fromhex(colour.removeprefix("#"))


def _steps(count: int) -> Iterator[tuple[int, float]]:
    """(number, how far along from 0 to 1)."""
    return ((number, number / (count - 1)) for number in range(count))
