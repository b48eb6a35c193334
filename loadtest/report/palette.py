"""The colours of graphs and page, in a light and a dark scheme.

Places and what is sent have colours that people with any colour vision tell apart (Petroff's ten,
https://arxiv.org/abs/2107.02270); percentiles are steps of one scale, from calm to alarming, and
differ in lightness too. An alarm that rings is also thicker than one that does not.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Tone(NamedTuple):
    """One colour on white, and on black."""

    light: str
    dark: str


TONES: Mapping[str, Tone] = {
    "page": Tone("#ffffff", "#12161c"),
    "raised": Tone("#f5f7f9", "#1b2129"),
    "ink": Tone("#16191f", "#e6e9ed"),
    "faint": Tone("#5a6675", "#98a4b3"),
    "grid": Tone("#e3e7eb", "#2b323c"),
    "good": Tone("#00704f", "#3ecf9b"),
    "bad": Tone("#b3261e", "#ff8a75"),
    "requests": Tone("#1f77c4", "#5cb0f2"),
    "failures": Tone("#c2271b", "#ff7a66"),
    "users": Tone("#717581", "#a5adba"),
    "reads": Tone("#1f77c4", "#5cb0f2"),
    "writes": Tone("#832db6", "#c58bec"),
    "p50": Tone("#72b7de", "#6d9cc0"),
    "p95": Tone("#3f90da", "#5cb0f2"),
    "p99": Tone("#e08a00", "#ffb547"),
    "p999": Tone("#a3160c", "#ff7a66"),
    "ALARM": Tone("#d1200f", "#ff6a55"),
    "OK": Tone("#a9c7de", "#3d566b"),
    "INSUFFICIENT_DATA": Tone("#c9ced6", "#4a525d"),
    "place0": Tone("#3f90da", "#5aa6ee"),
    "place1": Tone("#e07f00", "#ffa90e"),
    "place2": Tone("#832db6", "#bd7de6"),
    "place3": Tone("#5f9c9f", "#92dadd"),
    "place4": Tone("#bd1f01", "#f0563a"),
    "place5": Tone("#717581", "#a5adba"),
    "place6": Tone("#a96b59", "#cc9484"),
    "place7": Tone("#8f8540", "#b9ac70"),
    "place8": Tone("#e76300", "#ff8b3d"),
    "place9": Tone("#94a4a2", "#c3cfcd"),
}


def custom_properties(scheme: str) -> str:
    """The colours of `light` or `dark` as CSS custom properties: `--p99: #…;`."""
    chosen = {name: tone.dark if scheme == "dark" else tone.light for name, tone in TONES.items()}
    return "".join(f"--{name}: {colour}; " for name, colour in chosen.items())
