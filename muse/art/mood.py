"""From a theme, a mood and a work's features to style, palette and finish, by tables that can be read and argued with.

Style: what speaks for one is added up: the share of the theme's telling words that are its own, the themes of classical
verse, the mode of a piece, the language, the nearness of its leanings to the mood, and a small draw from the seed, so
that two seeds need not agree. Palette: likewise, with its place in (valence, energy, warmth); only those that suit the
style are weighed. A word of the theme or title counts 1, its meaning in the other language ⅖, an image of a poem's body
¼. The tables stand in moodtable.py, those of music in musictable.py.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from muse.art import palette as colours
from muse.art.colour import lab_of
from muse.art.finishes.finish import STYLE_FINISH, known
from muse.art.hearing import axes, heard, spoken
from muse.art.moodtable import FEELINGS, FINISHES, LABELS, LANGUAGE, PALETTES, STYLES
from muse.art.musictable import MODES
from muse.errors import UsageError, did_you_mean
from muse.seed import stream
from muse.tables.han import HAN
from muse.tables.lexicon import labels
from muse.terms import Features, Mood, Theme

OWN, GLOSS, BODY, INSIDE = 1.0, 0.4, 0.25, 0.7
"""Weights of a theme's word, of its meaning, of an image of the body; and of one that is part of a longer word."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a cover will be.

    Attributes:
        style: class of the generator.
        palette: hex colours, dark to light; `name` is "" for the user's own.
        weights: share of each colour.
        finish: key of finish.FINISHES.
        mood: after the features of a work were heard.
        reasons: one sentence each, for people: style, palette, finish, mood.
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
    asked: bool = False,
) -> Plan:
    """Style, palette and finish for a cover, each as wished or else chosen, with reasons.

    Args:
        asked: the mood was asked for: no music moves it.

    Raises:
        UsageError: an unknown style, palette or finish.

    >>> from muse.tables.lexicon import interpret
    >>> reading = interpret("秋江夜泊")
    >>> plan(reading.mood, None, reading.theme, seed=7).style
    'ink'
    """
    if style is not None and style not in STYLES:
        raise UsageError(f"unknown style {style!r}", "", did_you_mean(style, STYLES))
    mood, music = (mood, "") if asked else heard(mood, features, bool(theme.words))
    evidence = Evidence(theme, features)
    why = "as asked"
    if style is None:
        style, why = _style(evidence, mood, seed)
    reasons = [f"{STYLES[style].name}: {why}"]
    if palette is None:
        name, why = _palette(evidence, mood, style, seed)
        chosen = colours.PALETTES[name]
        reasons.append(f"palette {name}: {why}")
    else:
        given, name = colours.hexes(palette), ""
        chosen = colours.whole(given)
        more = "" if len(chosen) == len(given) else ", with shades and tints of it"
        reasons.append(f"palette {' '.join(given)}: as asked{more}")
    surface, why = (known(finish), "as asked") if finish else _finish(style, mood)
    reasons += [f"finish {surface}: {why}", f"mood {'as asked: ' if asked else ''}{spoken(mood)}"]
    reasons += [music] if music else []
    return Plan(style, chosen, _weights(len(chosen), mood, style), name, surface, mood, tuple(reasons))


class Evidence:
    """The words of a theme and a work with their weights, the themes of verse they touch, and the mode of a piece."""

    def __init__(self, theme: Theme, features: Features | None) -> None:
        self.language = theme.language
        self.season = theme.season or (features.season if features else "")
        named = [label for label in LABELS if len(label) > 1 and label in theme.text]
        self.labels = dict.fromkeys((*named, *labels(theme.text))) if theme.language == "zh" else {}
        self.mode = MODES.get(features.mode) if features else None
        plain = [word.strip(".,;:!?'\"()") for word in theme.text.lower().split() if word.isascii()]
        known = "|".join(map(re.escape, theme.words)) or "$"
        if HAN.search(re.sub(known, " ", theme.text)):  # what the lexicon knows but a part of may stand in the tables
            plain += HAN.findall(theme.text)
        self.weights: dict[str, float] = {}
        for weight, words in (
            (OWN, (*theme.words, *plain)),
            (GLOSS, (self.season, *theme.en, *theme.zh[:6])),
            (BODY, features.imagery if features else ()),
        ):
            for word in words:
                if word:
                    self.weights.setdefault(word.replace("_", " "), weight)

    def of(self, listed: str) -> dict[str, float]:
        """Which words speak for a list, and how strongly: English ones whole, Chinese ones inside longer ones too."""
        items, found = listed.split(), {}
        for word, weight in self.weights.items():
            parts = word.split() if word.isascii() else [word]
            whole = next((item for item in items if item == word or (word.isascii() and item in parts)), None)
            inside = next((item for item in items if not item.isascii() and item in word), None)
            if whole is not None or inside is not None:
                found[word] = weight if whole is not None else INSIDE * weight
        return found

    def shares(self, lists: dict[str, str], half: str = "") -> dict[str, tuple[float, list[str]]]:
        """For each list, the share in [0, 1) of what was said that is its own, and its strongest words.

        Args:
            half: words that count half.
        """
        slighter = set(half.split())
        found = {name: self.of(listed) for name, listed in lists.items()}
        whole = {word for each in found.values() for word, weight in each.items() if weight == self.weights[word]}
        found = {  # a word that is listed itself is not heard as its parts: 银河 is no river
            name: {
                word: weight * (0.5 if word in slighter else 1.0)
                for word, weight in each.items()
                if word not in whole or weight == self.weights[word]
            }
            for name, each in found.items()
        }
        said: dict[str, float] = {}
        for each in found.values():
            for word, weight in each.items():
                said[word] = max(weight, said.get(word, 0.0))
        total = sum(said.values()) + 0.6
        out = {}
        for name, each in found.items():
            strong = [word for word in each if self.weights[word] > GLOSS]
            words = sorted(strong or each, key=each.__getitem__, reverse=True)
            shown = [word for word in words if not any(word != other and word in other for other in words)]
            out[name] = sum(each.values()) / total, shown
        return out


def _style(evidence: Evidence, mood: Mood, seed: int) -> tuple[str, str]:
    draw = stream(seed, "style")
    shares = evidence.shares({name: style.words for name, style in STYLES.items()}, FEELINGS)
    best = -np.inf, "", ""
    for name, style in STYLES.items():
        share, words = shares[name]
        verse = [label for label in evidence.labels if name in LABELS.get(label, ("", ""))[0].split()]
        mode = 0.35 if evidence.mode and name in evidence.mode.styles.split() else 0.0
        tongue = LANGUAGE[evidence.language].get(name, 0.0)
        near = 0.6 * float(np.dot(axes(mood), style.mood))
        score = 2.4 * share + (0.3 if verse else 0.0) + mode + tongue + near + 0.2 * float(draw.random())
        if score > best[0]:
            said = [*words[:4], *(f"a poem of {label}" for label in verse[:1])]
            said += ["the mode of the music"] if mode else []
            said += ["a Chinese theme"] if tongue >= 0.5 and not share else []
            said += [f"suits the mood ({style.why})"] if near > 0.15 or not said else []
            best = score, name, ", ".join(said)
    return best[1], best[2]


def _palette(evidence: Evidence, mood: Mood, style: str, seed: int) -> tuple[str, str]:
    draw = stream(seed, "palette")
    shares = evidence.shares({name: shade.words for name, shade in PALETTES.items()})
    feel = np.array([mood.valence, mood.energy, mood.warmth])
    best = -np.inf, "", ""
    for name, shade in PALETTES.items():
        chance = float(draw.random())
        if shade.suits and style not in shade.suits.split():
            continue
        share, words = shares[name]
        verse = [label for label in evidence.labels if name in LABELS.get(label, ("", ""))[1].split()]
        mode = 0.3 if evidence.mode and name in evidence.mode.palettes.split() else 0.0
        score = 1.3 * share - float(np.linalg.norm(feel - shade.place)) + 0.2 * chance
        score += (0.5 if name == evidence.season else 0.0) + (0.25 if verse else 0.0) + mode
        if score > best[0]:
            said = [*words[:3], *(f"a poem of {label}" for label in verse[:1])]
            said += ["the mode of the music"] if mode else []
            best = score, name, ", ".join(said)
    tone = "dark" if mood.valence < -0.15 else "light" if mood.valence > 0.25 else "middling"
    tone += ", cool" if mood.warmth < -0.15 else ", warm" if mood.warmth > 0.15 else ""
    return best[1], (f"{best[2]}; " if best[2] else "") + f"for a {tone} mood"


def _finish(style: str, mood: Mood) -> tuple[str, str]:
    """The finish of a style, or another one that its mood calls for."""
    other = FINISHES.get(style)
    if other is not None and float(getattr(mood, other[1])) >= other[2]:
        return other[0], f"{other[1]} {getattr(mood, other[1]):+.1f}: {other[3]}"
    return STYLE_FINISH[style], f"that of {STYLES[style].name}"


def _weights(count: int, mood: Mood, style: str) -> tuple[float, ...]:
    """Share of each colour, dark to light: a low valence darkens; some styles live on light paper or in darkness."""
    place = np.linspace(-1, 1, count) if count > 1 else np.zeros(1)
    raw = np.exp(place * (0.9 * mood.valence + STYLES[style].light))
    return tuple(round(float(share), 4) for share in raw / raw.sum())
