"""Whether a written MIDI file keeps what was promised; it shares no code with what generates or reads pieces."""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections.abc import Mapping
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

from muse.music.heard import Heard, Voice, hear
from muse.terms import Kept, Promise, Report

_LETTERS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_NAMES = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
_MAJOR = frozenset((0, 2, 4, 5, 7, 9, 11))
_MINOR = frozenset((0, 2, 3, 5, 7, 8, 9, 10, 11))  # with the raised sixth and seventh
# Shares of scale degrees above the tonic in pieces of known key.
_PROFILES = {
    "major": (0.238, 0.006, 0.111, 0.006, 0.137, 0.094, 0.016, 0.214, 0.009, 0.080, 0.008, 0.081),
    "minor": (0.220, 0.006, 0.104, 0.123, 0.019, 0.103, 0.012, 0.214, 0.062, 0.022, 0.061, 0.052),
}
_VOICES = {"melody": ("melody",), "lead": ("melody",), "satb": ("soprano", "alto", "tenor", "bass")}
_SCALE_SHARE = 0.95


def check(source: bytes | Path | str, promises: Mapping[str, Any] | None = None) -> Report:
    """Each promise against what the file holds, and what else it says of itself.

    Args:
        promises: as in the recipe of a composed piece: key "D minor", meter "3/4", tempo, bars, ensemble ("melody",
            "lead", "satb"), range "C4-A5" or {"soprano": "C4-A5", …}; what is absent or None is not asked. Without
            any, the file is described.

    Raises:
        InputError: the file cannot be read.
    """
    heard, asked = hear(source), {name: value for name, value in (promises or {}).items() if value is not None}
    found: list[Promise] = []
    if "key" in asked:
        found.append(_key(heard, str(asked["key"])))
    if "meter" in asked:
        meters = {f"{beats}/{unit}" for time, beats, unit in heard.meters if time >= heard.pickup} or {heard.meter}
        wanted = {"C": "4/4", "C|": "2/2"}.get(str(asked["meter"]).strip(), str(asked["meter"]).replace(" ", ""))
        found.append(Promise("meter", wanted, ", ".join(sorted(meters)), meters == {wanted}))
    if "tempo" in asked:
        tempi = [tempo for _, tempo in heard.tempi] or [120.0]
        kept = all(abs(tempo - float(asked["tempo"])) <= 0.005 * float(asked["tempo"]) for tempo in tempi)
        found.append(Promise("tempo", f"{float(asked['tempo']):g} BPM", _tempo(heard), kept))
    if "bars" in asked:
        bars = bars_of(heard)
        found.append(Promise("bars", str(asked["bars"]), str(bars), bars == asked["bars"]))
    ensemble = str(asked.get("ensemble", ""))
    if ensemble in _VOICES:
        found += _ensemble(heard, ensemble)
    if "range" in asked:
        found += _ranges(heard, asked["range"], ensemble)
    if ensemble in _VOICES or "key" in asked:
        found.append(_ending(heard))
        found.append(_clean(heard, ensemble))
    return Report(tuple(found), describe(heard))


def describe(heard: Heard) -> tuple[str, ...]:
    """What the file says of itself and what can be heard in it, one line each."""
    notes = sum(len(voice.sounds) for voice in heard.voices)
    lines = [
        f"key {_named(heard.key) or 'not named'}; by its notes {finder(heard)[0]}",
        f"meter {heard.meter}, {_tempo(heard)}, {bars_of(heard)} bars"
        + (f" after a pickup of {float(heard.pickup):g} quarters" if heard.pickup else ""),
        f"{len(heard.voices)} voices, {notes} notes",
    ]
    for voice in heard.voices[:16]:
        low, high = _compass(voice)
        compass = "" if voice.drums else f", {_pitch(low)} to {_pitch(high)}"
        lines.append(f"{voice.name}: {len(voice.sounds)} notes{compass}")
    if heard.lyrics:
        lines.append(f"{len(heard.lyrics)} syllables are sung")
    return (*lines, *heard.faults)


def bars_of(heard: Heard) -> int:
    """Full bars from the pickup to the last note's end, the last one rounded up."""
    last = max(sound.end for voice in heard.voices for sound in voice.sounds)
    return max(1, math.ceil((last - heard.pickup) / heard.bar))


def finder(heard: Heard) -> list[str]:
    """All keys, likeliest first, by the distance of the notes' shares of time to those of known pieces.

    Source: Albrecht & Shanahan 2013, "The Use of Large Corpora to Train a New Type of Key-Finding Algorithm".
    """
    shares = [0.0] * 12
    for voice in heard.pitched:
        for sound in voice.sounds:
            shares[sound.pitch % 12] += float(sound.end - sound.start)
    total = sum(shares) or 1.0
    distances = []
    for mode, profile in _PROFILES.items():
        for tonic in range(12):
            gap = sum((shares[(tonic + step) % 12] / total - share) ** 2 for step, share in enumerate(profile))
            distances.append((round(gap, 12), f"{_NAMES[tonic]} {mode}"))
    return [name for _, name in sorted(distances)]


def _parsed(key: str) -> tuple[int, str] | None:
    """(tonic, mode) of "D minor", "Bb", "f#m"."""
    match = re.fullmatch(r"\s*([A-Ga-g])\s*([#♯b♭]?)\s*(major|maj|minor|min|m|)\s*", key)
    if match is None:
        return None
    tonic = _LETTERS[match[1].upper()] + {"#": 1, "♯": 1, "b": -1, "♭": -1}.get(match[2], 0)
    return tonic % 12, "minor" if match[3] in ("minor", "min", "m") else "major"


def _named(key: str) -> str:
    """A MIDI key signature in words."""
    parsed = _parsed(key)
    return "" if parsed is None else f"{_NAMES[parsed[0]]} {parsed[1]}"


def _key(heard: Heard, asked: str) -> Promise:
    """Kept: the file names the key and nearly all its time is on the scale; it depends if the ear hears another."""
    wanted, signed = _parsed(asked), _parsed(heard.key)
    if wanted is None:
        return Promise("key", asked, "not a key", False)
    tonic, mode = wanted
    scale = _MINOR if mode == "minor" else _MAJOR
    inside = total = Fraction(0)
    for voice in heard.pitched:
        for sound in voice.sounds:
            total += sound.end - sound.start
            inside += (sound.end - sound.start) * ((sound.pitch - tonic) % 12 in scale)
    share = float(inside / total) if total else 0.0
    ranked = finder(heard)
    name = f"{_NAMES[tonic]} {mode}"
    place = ranked.index(name) + 1
    kept: Kept = signed == wanted and share >= _SCALE_SHARE
    if kept is True and place > 3:
        kept = "depends"
    text = f"{_named(heard.key) or 'no key named'}, {share:.0%} on its scale, by ear {ranked[0]}"
    return Promise("key", name, text + (f" ({name} is choice {place})" if place > 1 else ""), kept)


def _tempo(heard: Heard) -> str:
    tempi = sorted({round(tempo, 2) for _, tempo in heard.tempi}) or [120.0]
    return f"{tempi[0]:g} BPM" if len(tempi) == 1 else f"{tempi[0]:g} to {tempi[-1]:g} BPM"


def _compass(voice: Voice) -> tuple[int, int]:
    return min(sound.pitch for sound in voice.sounds), max(sound.pitch for sound in voice.sounds)


def _pitch(midi: int) -> str:
    return f"{_NAMES[midi % 12]}{midi // 12 - 1}"


def _midi(text: str) -> int | None:
    """The MIDI pitch of "C4", "Bb3" or "60"."""
    match = re.fullmatch(r"\s*([A-Ga-g])([#♯b♭]?)(-?\d)\s*", text)
    if match is None:
        return int(text) if text.strip().isdecimal() else None
    return _LETTERS[match[1].upper()] + {"#": 1, "♯": 1, "b": -1, "♭": -1}.get(match[2], 0) + 12 * (int(match[3]) + 1)


def _part(heard: Heard, name: str, ensemble: str) -> Voice | None:
    """The voice of a name; in four parts also by its place."""
    for voice in heard.pitched:
        if voice.name.lower() == name.lower():
            return voice
    names = _VOICES.get(ensemble, ("melody",))
    place = names.index(name) if name in names else -1
    return heard.pitched[place] if 0 <= place < len(heard.pitched) else None


def _ranges(heard: Heard, asked: Any, ensemble: str) -> list[Promise]:
    """Lowest and highest note of each voice against the wish."""
    first = _VOICES.get(ensemble, ("melody",))[0]
    found = []
    for name, wish in (asked if isinstance(asked, Mapping) else {first: asked}).items():
        if isinstance(wish, str):
            ends = [_midi(part) for part in re.split(r"\s*(?:-|–|\.\.|to)\s*(?=[A-Ga-g\d])", wish, maxsplit=1)]
        else:
            ends = [int(end) for end in wish]
        voice = _part(heard, str(name), ensemble)
        if len(ends) != 2 or ends[0] is None or ends[1] is None or voice is None:
            found.append(Promise(f"range of the {name}", str(wish), "no such voice or range", False))
            continue
        low, high = _compass(voice)
        kept = ends[0] <= low and high <= ends[1]
        asked_text = f"{_pitch(ends[0])} to {_pitch(ends[1])}"
        found.append(Promise(f"range of the {name}", asked_text, f"{_pitch(low)} to {_pitch(high)}", kept))
    return found


def _ensemble(heard: Heard, ensemble: str) -> list[Promise]:
    """The number of voices; in four parts also crossings and parallels."""
    count = len(heard.pitched)
    asked, kept = {
        "melody": ("one voice", count == 1),
        "lead": ("a tune with chords", count >= 2),
        "satb": ("four voices", count == 4),
    }[ensemble]
    found = [Promise("ensemble", asked, ", ".join(voice.name for voice in heard.pitched), kept)]
    if ensemble == "satb" and count == 4:
        crossings, parallels = _counterpoint(heard.pitched)
        found.append(Promise("no crossing voices", "none", str(crossings), crossings == 0))
        verdict: Kept = True if parallels == 0 else "relaxed"
        found.append(Promise("no parallel fifths or octaves", "none where avoidable", str(parallels), verdict))
    return found


def _counterpoint(voices: tuple[Voice, ...]) -> tuple[int, int]:
    """(moments where a lower voice is above a higher one, parallel fifths and octaves between two voices)."""
    moments = sorted({sound.start for voice in voices for sound in voice.sounds})
    starts = [[sound.start for sound in voice.sounds] for voice in voices]
    rows = []
    for moment in moments:
        row: list[int | None] = []
        for voice, begins in zip(voices, starts, strict=True):
            index = bisect_right(begins, moment) - 1
            row.append(voice.sounds[index].pitch if index >= 0 and voice.sounds[index].end > moment else None)
        rows.append(row)
    crossings = sum(any(a is not None and b is not None and a < b for a, b in pairwise(row)) for row in rows)
    parallels = 0
    for before, after in pairwise(rows):
        for high in range(len(voices)):
            for low in range(high + 1, len(voices)):
                a, b, c, d = before[high], before[low], after[high], after[low]
                if a is None or b is None or c is None or d is None or (c == a or d == b):
                    continue
                same = (a - b) % 12 == (c - d) % 12 and (a - b) % 12 in (0, 7)
                parallels += same and (c > a) == (d > b)
    return crossings, parallels


def _ending(heard: Heard) -> Promise:
    """Whether the last bass note, and so the last chord, stands on the tonic that the file names."""
    signed = _parsed(heard.key)
    last = max(sound.end for voice in heard.pitched for sound in voice.sounds)
    final = sorted(sound.pitch for voice in heard.pitched for sound in voice.sounds if sound.end == last)
    if signed is None:
        return Promise("ends on the tonic", "the tonic", "the file names no key", "depends")
    found = " ".join(_pitch(pitch) for pitch in final)
    return Promise("ends on the tonic", _NAMES[signed[0]], found, final[0] % 12 == signed[0])


def _clean(heard: Heard, ensemble: str) -> Promise:
    """Whether each voice sings one note at a time (chords may sound together), and every note ends."""
    overlapping = []
    for index, voice in enumerate(heard.pitched):
        alone = ensemble in ("melody", "satb") or index == 0
        if voice.overlaps or (alone and voice.together):
            overlapping.append(f"{voice.name} ({max(voice.overlaps, voice.together if alone else 0)})")
    found = "; ".join(overlapping + list(heard.faults)) or "none"
    return Promise("no overlapping notes in a voice", "none", found, found == "none")
