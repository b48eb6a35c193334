"""How much of a picture has exactly one colour of the palette."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import numpy as np
from matplotlib.image import imread
from numpy.typing import NDArray

from loadtest.report.palette import TONES


def _packed(path: Path) -> NDArray[np.uint32]:
    channels = np.rint(imread(path)[..., :3] * 255).astype(np.uint32)
    packed: NDArray[np.uint32] = channels @ np.array([1 << 16, 1 << 8, 1], np.uint32)
    return packed


@cache
def colours(path: Path) -> Mapping[int, int]:
    """Pixels by colour (0xRRGGBB)."""
    found, numbers = np.unique(_packed(path), return_counts=True)
    return dict(zip(found.tolist(), numbers.tolist(), strict=True))


def pixels(path: Path, tone: str, *, dark: bool = False) -> int:
    """How many pixels of a PNG file have the colour of a tone."""
    return colours(path).get(_number(tone, dark=dark), 0)


def where(path: Path, tone: str) -> NDArray[np.bool_]:
    """Which pixels, rows from the top, have the colour of a tone on white."""
    found: NDArray[np.bool_] = _packed(path) == _number(tone)
    return found


def _number(tone: str, *, dark: bool = False) -> int:
    colour = TONES[tone].dark if dark else TONES[tone].light
    return int(colour.removeprefix("#"), 16)


def share(path: Path, tone: str, *, dark: bool = False) -> float:
    """The same as a share of the picture."""
    return pixels(path, tone, dark=dark) / sum(colours(path).values())
