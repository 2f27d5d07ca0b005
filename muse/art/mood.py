"""From a theme, a mood and a work's features to style, palette and finish, by tables that can be read and argued with.

Style: each style has words (Chinese and English) and leanings of mood; the score is 1 for the first word that a theme
shares with it and less for each further one, plus the leanings, plus a small draw from the seed so that two seeds need
not agree. Palette: each has a place in (valence, energy, warmth) and words of its own; the nearest that suits the style
wins. The tables stand in moodtable.py.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from muse.art import palette as colours
from muse.art.colour import hex_of, lab_of
from muse.art.corpus import STYLES
from muse.art.finishes.finish import STYLE_FINISH, known
from muse.art.moodtable import LANGUAGE, PALETTE_MOODS, STYLE_MOODS, STYLE_NAMES, STYLE_WORDS
from muse.errors import UsageError, did_you_mean
from muse.seed import stream
from muse.terms import Features, Mood, Theme


@dataclass(frozen=True, slots=True)
class Plan:
    """What a cover will be.

    Attributes:
        style: class of the generator.
        palette: hex colours, dark to light; `name` is "" for the user's own.
        weights: share of each colour.
        finish: key of finish.FINISHES.
        mood: after the features of a work were heard.
        reasons: one sentence each, for people.
    """

    style: str
    palette: tuple[str, ...]
    weights: tuple[float, ...]
    name: str
    finish: str
    mood: Mood
    reasons: tuple[str, ...]

    def condition(self) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        """(colours (K, 3) Lab, weights (K,)) for the generator."""
        return lab_of(self.palette), np.array(self.weights, np.float32)


def plan(
    mood: Mood,
    features: Features | None,
    theme: Theme,
    *,
    style: str | None = None,
    palette: tuple[str, ...] | None = None,
    finish: str | None = None,
    seed: int = 0,
) -> Plan:
    """Style, palette and finish for a cover, each as wished or else chosen, with reasons.

    Raises:
        UsageError: an unknown style, palette or finish.

    >>> from muse.tables.lexicon import interpret
    >>> reading = interpret("秋江夜泊")
    >>> plan(reading.mood, None, reading.theme, seed=7).style
    'ink'
    """
    reasons: list[str] = []
    mood = heard(mood, features, reasons)
    words = _words(theme, features)
    if style is None:
        style, why = _style(words, theme, mood, seed)
        reasons.append(f"{STYLE_NAMES[style]}: {why}")
    elif style not in STYLES:
        raise UsageError(f"unknown style {style!r}", "", did_you_mean(style, STYLES))
    else:
        reasons.append(f"{STYLE_NAMES[style]}: as asked")
    if palette is None:
        name, why = _palette(words, theme, mood, style, seed)
        chosen = colours.PALETTES[name]
        reasons.append(f"palette {name}: {why}")
    else:
        chosen, name = colours.hexes(palette), ""
        reasons.append(f"palette {' '.join(chosen)}: as asked")
    reasons.append(f"finish {known(finish)}: as asked" if finish else f"finish {STYLE_FINISH[style]}: suits the style")
    chosen = hex_of(lab_of(chosen)[np.argsort(lab_of(chosen)[:, 0], kind="stable")])
    return Plan(
        style, chosen, _weights(len(chosen), mood, style), name, finish or STYLE_FINISH[style], mood, tuple(reasons)
    )


def heard(mood: Mood, features: Features | None, reasons: list[str]) -> Mood:
    """A mood moved a third of the way to what a piece's mode, tempo and register say; the reasons are added to."""
    if features is None or not (features.mode or features.tempo or features.energy):
        return mood
    valence = {
        "minor": -0.5,
        "phrygian": -0.6,
        "locrian": -0.7,
        "dorian": -0.2,
        "major": 0.5,
        "lydian": 0.5,
        "mixolydian": 0.3,
    }.get(features.mode, 0.0)
    speed = float(np.clip(((features.tempo or 92) - 92) / 60, -1, 1))
    loud = float(np.clip(2 * np.mean(features.energy) - 1, -1, 1)) if features.energy else speed
    full = float(np.clip(((features.density or 1.2) - 1.2) / 1.5, -1, 1))
    height = float(np.clip(((features.register or 64) - 64) / 14, -1, 1))
    other = Mood(valence + 0.25 * height, 0.6 * speed + 0.4 * loud, mood.tension, mood.warmth, full)
    parts = [features.mode, f"{features.tempo:.0f} BPM" if features.tempo else ""]
    reasons.append(f"mood moved by the music ({', '.join(part for part in parts if part)})")
    return mood.mix(other, 1 / 3)


def _words(theme: Theme, features: Features | None) -> tuple[str, ...]:
    images = features.imagery if features else ()
    season = theme.season or (features.season if features else "")
    plain = theme.text.lower().replace(",", " ").split()
    return tuple(
        dict.fromkeys((*theme.words, *plain, *theme.en, *theme.zh[:6], *images, *((season,) if season else ())))
    )


def _shared(words: tuple[str, ...], listed: str) -> list[str]:
    """The listed words that stand in a theme: English ones as whole words, Chinese ones inside longer ones too."""
    english = {part for word in words if word.isascii() for part in (word, *word.split())}
    han = [word for word in words if not word.isascii()]
    out = [item for item in listed.split() if item in english or (not item.isascii() and any(item in w for w in han))]
    return out


def _style(words: tuple[str, ...], theme: Theme, mood: Mood, seed: int) -> tuple[str, str]:
    draw = stream(seed, "style")
    feel = np.array([mood.valence, mood.energy, mood.tension, mood.warmth, mood.density])
    best: tuple[float, str, list[str]] | None = None
    for style in STYLES:
        found = _shared(words, STYLE_WORDS[style])
        score = sum(0.6**k for k in range(len(found))) + LANGUAGE[theme.language].get(style, 0.0)
        score += 0.8 * float(feel @ np.array(STYLE_MOODS[style])) + 0.3 * float(draw.random())
        if best is None or score > best[0]:
            best = score, style, found
    assert best is not None
    if best[2]:
        return best[1], ", ".join(best[2][:4])
    return best[1], "nearest to the mood (" + _spoken(mood) + ")"


def _palette(words: tuple[str, ...], theme: Theme, mood: Mood, style: str, seed: int) -> tuple[str, str]:
    draw = stream(seed, "palette")
    feel = np.array([mood.valence, mood.energy, mood.warmth])
    best: tuple[float, str, list[str]] | None = None
    for name, (place, listed, suits) in PALETTE_MOODS.items():
        chance = float(draw.random())
        if suits and style not in suits.split():
            continue
        found = _shared(words, listed)
        score = 0.7 * sum(0.5**k for k in range(len(found))) - float(np.linalg.norm(feel - place)) + 0.2 * chance
        score += 0.35 if theme.season and name == theme.season else 0.0
        if best is None or score > best[0]:
            best = score, name, found
    assert best is not None
    tone = "dark" if mood.valence < -0.15 else "light" if mood.valence > 0.25 else "middling"
    tone += ", cool" if mood.warmth < -0.15 else ", warm" if mood.warmth > 0.15 else ""
    return best[1], f"{tone} ({_spoken(mood)})" + (f"; {', '.join(best[2][:3])}" if best[2] else "")


def _weights(count: int, mood: Mood, style: str) -> tuple[float, ...]:
    """Share of each colour, dark to light: a low valence darkens; some styles live on light paper or in darkness."""
    lean = {"ink": 0.5, "botanical": 1.2, "ukiyo-e": 0.3, "cosmic": -1.3, "fractal": -1.2, "oil": -0.3}.get(style, 0.0)
    place = np.linspace(-1, 1, count) if count > 1 else np.zeros(1)
    raw = np.exp(place * (0.9 * mood.valence + lean))
    return tuple(round(float(share), 4) for share in raw / raw.sum())


def _spoken(mood: Mood) -> str:
    values = sorted(mood.as_dict().items(), key=lambda pair: -abs(pair[1]))[:2]
    return ", ".join(f"{axis} {value:+.1f}".replace("-", "−") for axis, value in values)
