"""How much of a picture has exactly one colour of the palette."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import numpy as np
from matplotlib.image import imread

from loadtest.report.palette import TONES


@cache
def colours(path: Path) -> Mapping[int, int]:
    """Pixels by colour (0xRRGGBB)."""
    channels = np.rint(imread(path)[..., :3] * 255).astype(np.uint32)
    packed = (channels[..., 0] << 16) | (channels[..., 1] << 8) | channels[..., 2]
    found, numbers = np.unique(packed, return_counts=True)
    return dict(zip(found.tolist(), numbers.tolist(), strict=True))


def pixels(path: Path, tone: str, *, dark: bool = False) -> int:
    """How many pixels of a PNG file have the colour of a tone."""
    colour = TONES[tone].dark if dark else TONES[tone].light
    return colours(path).get(int(colour.removeprefix("#"), 16), 0)


def share(path: Path, tone: str, *, dark: bool = False) -> float:
    """The same as a share of the picture."""
    return pixels(path, tone, dark=dark) / sum(colours(path).values())
