"""Sung words: every syllable on a note, stressed ones on strong places, tones and tune not against each other.

Source of the rule of tones: D. R. Ladd and J. Kirby 2020, "Tone–melody matching in tone-language singing": no contrary
motion. Level tones are held to be low or falling here, oblique ones higher, as in Chao's reading of sung Mandarin.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

from muse.music.heard import Heard, Voice
from muse.music.referee.places import Bars
from muse.terms import Promise

AGREES = 0.85
"""Share of stresses and of tone steps that must agree."""
BREATH, HELD = Fraction(1, 2), Fraction(2)
"""Quarters of a rest, and of a last note, that let a singer breathe."""
GOES_ON = "_"
"""What stands under a note that goes on with the syllable before."""


@dataclass(frozen=True, slots=True)
class Sung:
    """A syllable with the pitches of its notes, from its beginning to its end."""

    text: str
    start: Fraction
    end: Fraction
    pitches: tuple[int, ...]


def singer(heard: Heard) -> Voice | None:
    """The voice with the most syllables."""
    found = max(heard.pitched, key=lambda voice: len(voice.lyrics), default=None)
    return found if found is not None and found.lyrics else None


def sung(voice: Voice) -> tuple[list[Sung], int]:
    """(the syllables with their notes, how many stand where no note begins)."""
    notes = {sound.start: sound for sound in voice.sounds}
    found: list[Sung] = []
    lost = 0
    for time, text in voice.lyrics:
        note = notes.get(time)
        if note is None:
            lost += 1
        elif text.strip() == GOES_ON and found:
            last = found[-1]
            found[-1] = Sung(last.text, last.start, note.end, (*last.pitches, note.pitch))
        else:
            found.append(Sung(text.strip(), time, note.end, (note.pitch,)))
    return found, lost


def letters(text: str) -> str:
    """The letters and digits of a text alone, for comparing."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return "".join(one for one in plain if one.isalnum())


def lyrics(heard: Heard, asked: Any) -> Promise:
    """All syllables (or the text) that were asked, in order, each where a note of its voice begins; none twice."""
    texts = [asked] if isinstance(asked, str) else [str(one) for one in asked]
    voice = singer(heard)
    told = f"{len(texts)} syllables" if not isinstance(asked, str) else f"{len(letters(asked))} letters"
    if voice is None:
        return Promise("lyrics", told, "no words in the file", False)
    found, lost = sung(voice)
    whole = letters("".join(one.text for one in found)) == letters("".join(texts))
    counted = isinstance(asked, str) or len(found) == len(texts)
    said = f"{len(found)} syllables" + (f", {lost} without a note" if lost else "")
    if not whole:
        said += ", not the words that were asked"
    return Promise("lyrics", told, said, whole and counted and not lost)


def stress(heard: Heard, bars: Bars, asked: Sequence[str]) -> Promise:
    """Stressed syllables stand on places at least as strong as those of their unstressed neighbours."""
    found, _ = sung(voice) if (voice := singer(heard)) else ([], 0)
    if len(found) != len(asked):
        return Promise("stress", f"{len(asked)} syllables", f"{len(found)} syllables", False)
    good = total = 0
    for (one, mark), (other, then) in pairwise(zip(found, asked, strict=True)):
        if (mark in ("1", "2")) == (then in ("1", "2")) or not mark or not then:
            continue
        strong, weak = (one, other) if mark in ("1", "2") else (other, one)
        total += 1
        good += bars.weight(strong.start) >= bars.weight(weak.start)
    return _share("stress", good, total)


def tones(heard: Heard, asked: Sequence[Sequence[str]]) -> Promise:
    """Inside a line the tune does not fall from a level to an oblique tone, nor rise from an oblique to a level one."""
    found, _ = sung(voice) if (voice := singer(heard)) else ([], 0)
    count = sum(len(line) for line in asked)
    if len(found) != count:
        return Promise("tones", f"{count} syllables", f"{len(found)} syllables", False)
    good = total = at = 0
    for line in asked:
        for (one, tone), (other, then) in pairwise(zip(found[at : at + len(line)], line, strict=True)):
            if {tone, then} == {"level", "oblique"}:
                step = other.pitches[0] - one.pitches[-1]
                total += 1
                good += step >= 0 if tone == "level" else step <= 0
        at += len(line)
    return _share("tones", good, total)


def _share(name: str, good: int, total: int) -> Promise:
    share = good / total if total else 1.0
    found = f"{good} of {total} ({share:.0%})"
    return Promise(name, f"{AGREES:.0%} or more", found, True if share >= AGREES else "relaxed")


def rhymes(heard: Heard, asked: Sequence[tuple[int, str]]) -> Promise:
    """Lines with one rhyme end alike: the last two syllables in the same rhythm and on the same degrees.

    Args:
        asked: of each line its syllables, and the class of its rhyme or "".
    """
    found, _ = sung(voice) if (voice := singer(heard)) else ([], 0)
    if len(found) != sum(count for count, _ in asked):
        return Promise("rhyme cadences", f"{len(asked)} lines", f"{len(found)} syllables", False)
    ends: dict[str, set[tuple[object, ...]]] = {}
    at = rhymed = 0
    for count, rhyme in asked:
        at += count
        if not rhyme or count < 2:
            continue
        one, other = found[at - 2 : at]
        steps = tuple(pitch % 12 for pitch in (*one.pitches, *other.pitches))
        ends.setdefault(rhyme, set()).add((other.start - one.start, other.end - other.start, steps))
        rhymed += 1
    figures = sum(len(kinds) for kinds in ends.values())
    return Promise("rhyme cadences", f"one figure for each of {len(ends)} rhymes",
                   f"{figures} figures for {rhymed} lines", True if figures <= len(ends) else "relaxed")  # fmt: skip


def breath(heard: Heard, asked: Sequence[int]) -> Promise:
    """After each line a rest of an eighth or more, or a last note of a half note or more.

    Args:
        asked: the syllables of each line.
    """
    found, _ = sung(voice) if (voice := singer(heard)) else ([], 0)
    if len(found) != sum(asked):
        return Promise("breath", f"{len(asked)} lines", f"{len(found)} syllables", False)
    at = good = 0
    for count in asked:
        at += count
        last = found[at - 1]
        free = found[at].start - last.end if at < len(found) else BREATH
        good += free >= BREATH or last.end - last.start >= HELD
    return Promise("breath", f"after each of {len(asked)} lines", f"after {good}", good == len(asked))
