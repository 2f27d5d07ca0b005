"""The tables behind hearing.py: what modes, tempo, density, register and energy say, each with its reason.

Order of the seven-note modes from glad to sad: Temperley and Tan, "Emotional connotations of diatonic modes" (2013).
The five modes of the pentatonic scale: the months of the Book of Rites (礼记·月令) give each a season, an element and
with it a colour. Tempo, register, density and loudness: the directions are those of Eerola, Friberg and Bresin (2013);
the sizes are opinions, tried on pieces that muse composed.
"""

from __future__ import annotations

from dataclasses import dataclass

Moves = tuple[float, float, float, float, float]
"""By how much valence, energy, tension, warmth, density are moved."""


@dataclass(frozen=True, slots=True)
class Mode:
    """What a mode says: in numbers, why, and which styles and palettes of covers it speaks for."""

    moves: Moves
    why: str
    styles: str = ""
    palettes: str = ""


@dataclass(frozen=True, slots=True)
class Cue:
    """What a figure of a piece says.

    Attributes:
        centre: the figure that says nothing; reach: how far from it the most is said, a ratio where `ratio`.
        moves: at the high end; turned round at the low end.
        said: how it is told, with {value} and {word}; `low`, `middle`, `high` are the words.
        why: the reason for the directions.
    """

    name: str
    centre: float
    reach: float
    ratio: bool
    moves: Moves
    said: str
    low: str
    middle: str
    high: str
    why: str


MODES = {
    "major": Mode((0.5, 0.1, -0.2, 0.25, 0.0), "a raised third: glad", "botanical oil", "dawn spring"),
    "mixolydian": Mode((0.35, 0.2, -0.1, 0.3, 0.0), "glad with a lowered seventh: of the people", "oil", "gold autumn"),
    "lydian": Mode((0.3, 0.0, 0.1, -0.15, -0.1), "a raised fourth: floating", "cosmic flow", "dawn nebula"),
    "dorian": Mode((-0.1, 0.05, 0.05, 0.05, 0.0), "sad with a raised sixth: grave, old", "tarot oil", "forest earth"),
    "minor": Mode((-0.45, -0.1, 0.25, -0.2, 0.0), "a lowered third: sad", "", "dusk indigo"),
    "phrygian": Mode(
        (-0.55, 0.1, 0.55, 0.1, 0.1), "a lowered second: dark, strained", "tarot fractal", "ember mono indigo"
    ),
    "宫": Mode((0.4, -0.05, -0.3, 0.3, 0.0), "earth, the middle: broad, settled, yellow", "ink", "gold earth"),
    "商": Mode((-0.25, 0.05, 0.15, -0.25, -0.15), "metal, autumn: grave, clear, white", "ink", "autumn ink-mist"),
    "角": Mode((0.25, 0.1, -0.1, 0.05, -0.05), "wood, spring: fresh, green", "ink botanical", "jade spring blue-green"),
    "徵": Mode((0.4, 0.3, 0.0, 0.45, 0.1), "fire, summer: lively, red", "ink ukiyo-e", "vermilion summer"),
    "羽": Mode((-0.35, -0.15, 0.0, -0.45, -0.1), "water, winter: deep, cold, black", "ink", "ink-night winter"),
}

CUES = (
    Cue("tempo", 96, 1.9, True, (0.2, 0.7, 0.15, 0.1, 0.05), "{value:.0f} BPM ({word})", "slow", "moderate", "fast",
        "the first cue of arousal; a little gladder and more pressing as it rises"),
    Cue("density", 5.0, 2.2, True, (0.0, 0.2, 0.1, 0.0, 0.7), "{word}", "few notes", "", "many notes",
        "many notes in a beat fill a picture as they fill the ear"),
    Cue("register", 60, 9, False, (0.25, 0.05, -0.1, -0.15, -0.05), "{word}", "low register", "", "high register",
        "high is light and bright, low is dark and heavy"),
    Cue("full", 0.8, 0.2, False, (0.0, 0.3, 0.0, 0.05, 0.2), "{word}", "quiet for long", "", "full throughout",
        "a piece that stays near its loudest is a strong one"),
    Cue("climb", 0.0, 0.4, False, (0.1, 0.2, 0.2, 0.05, 0.1), "{word}", "dying away", "", "rising to its end",
        "what rises presses forward, what dies away comes to rest"),
    Cue("swing", 0.25, 0.25, False, (0.0, 0.1, 0.3, 0.0, 0.0), "{word}", "even", "", "loud and soft by turns",
        "contrast in loudness is contrast in the picture"),
)  # fmt: skip
