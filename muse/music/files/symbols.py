"""Chords as MusicXML and the harmony spines of kern name them."""

from __future__ import annotations

from dataclasses import replace

from muse.music import chords
from muse.music.theory import Chord

KINDS = {
    "major": "", "minor": "m", "augmented": "aug", "diminished": "dim", "dominant": "7", "major-seventh": "maj7",
    "minor-seventh": "m7", "diminished-seventh": "dim7", "augmented-seventh": "7#5", "half-diminished": "m7b5",
    "major-minor": "mmaj7", "major-sixth": "6", "minor-sixth": "m6", "dominant-ninth": "9", "major-ninth": "maj9",
    "minor-ninth": "m9", "dominant-11th": "11", "major-11th": "maj9", "minor-11th": "m11", "dominant-13th": "13",
    "major-13th": "maj9", "minor-13th": "m11", "suspended-second": "sus2", "suspended-fourth": "sus4", "power": "5",
    "dominant-seventh": "7",
}  # fmt: skip
"""Kinds → quality as symbols write it, the nearest where there is none. Source: W3C, MusicXML 4.0, kind-value."""
STEPS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}


def chord(root: int, kind: str, written: str = "", bass: int = -1) -> Chord | None:
    """The chord of a kind at tick 0; None for what is none (N.C.) and what no symbol can say (Roman numerals).

    Args:
        root, bass: pitch classes; −1: the root is the bass.
        written: the quality as it is printed, which tells more than the kind where it is a symbol.

    >>> chord(2, "dominant", "9"), chord(0, "none")
    (Chord(tick=0, root=2, quality='7', bass=-1, written='9'), None)
    """
    if kind not in KINDS and kind != "other":
        return None
    found = chords.symbol("C" + written) if written and "/" not in written else None
    if found is None or (kind != "other" and found.quality != _plain(kind).quality):
        found = None if kind == "other" else _plain(kind)
    return found and replace(found, root=root % 12, bass=-1 if bass in (-1, root % 12) else bass)


def _plain(kind: str) -> Chord:
    found = chords.symbol("C" + KINDS[kind])
    assert found is not None
    return found
