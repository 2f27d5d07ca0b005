"""The drums of General MIDI: what they are called and where they stand on the staff.

Source: MIDI Association, General MIDI 1, percussion key map, for names; Norman Weinberg, Guide to Standardized Drumset
Notation (1998), for places and heads. Drums that he does not name stand on the middle line.
"""

from __future__ import annotations

from typing import NamedTuple


class Drum(NamedTuple):
    """A drum: its name, the step and octave of its place under a treble clef, its head, and whether a foot plays it."""

    name: str
    step: str = "B"
    octave: int = 4
    head: str = "normal"
    foot: bool = False


DRUMS = {
    35: Drum("Bass drum 2", "F", 4, foot=True), 36: Drum("Bass drum", "F", 4, foot=True),
    37: Drum("Side stick", "C", 5, "x"), 38: Drum("Snare", "C", 5), 39: Drum("Clap", "C", 5, "x"),
    40: Drum("Electric snare", "C", 5), 41: Drum("Low floor tom", "G", 4), 42: Drum("Closed hi-hat", "G", 5, "x"),
    43: Drum("High floor tom", "A", 4), 44: Drum("Pedal hi-hat", "D", 4, "x", True), 45: Drum("Low tom", "B", 4),
    46: Drum("Open hi-hat", "G", 5, "circle-x"), 47: Drum("Low-mid tom", "D", 5), 48: Drum("Hi-mid tom", "D", 5),
    49: Drum("Crash", "A", 5, "x"), 50: Drum("High tom", "E", 5), 51: Drum("Ride", "F", 5, "x"),
    52: Drum("China", "A", 5, "x"), 53: Drum("Ride bell", "F", 5, "diamond"), 54: Drum("Tambourine", "E", 5, "x"),
    55: Drum("Splash", "A", 5, "x"), 56: Drum("Cowbell", "E", 5, "triangle"), 57: Drum("Crash 2", "A", 5, "x"),
    59: Drum("Ride 2", "F", 5, "x"), 69: Drum("Cabasa"), 70: Drum("Maracas"), 75: Drum("Claves"),
    76: Drum("High wood block"), 77: Drum("Low wood block"), 80: Drum("Mute triangle"), 81: Drum("Triangle"),
}  # fmt: skip


def drum(pitch: int) -> Drum:
    """What sounds at a MIDI pitch of the percussion channel.

    >>> drum(38).name
    'Snare'
    """
    return DRUMS.get(pitch, Drum(f"Percussion {pitch}"))
