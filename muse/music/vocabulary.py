"""The event vocabulary of the composer: one flat list of names, cut into blocks."""

from __future__ import annotations

from muse.music.theory import QUALITIES

VOICES = ("melody", "soprano", "alto", "tenor", "bass")
WINDOWS = {"melody": (40, 100), "soprano": (48, 92), "alto": (42, 86), "tenor": (36, 80), "bass": (28, 72)}
"""Lowest and highest pitch of a voice, in MIDI pitches after the piece has been moved so that its tonic is a C."""

TASKS = ("melody", "lead", "satb")
STYLES = ("jsb", "hymn", "mass", "song", "dance", "instrumental", "sacred")
METERS = (
    "4/4",
    "3/4",
    "2/4",
    "6/8",
    "2/2",
    "3/8",
    "9/8",
    "12/8",
    "3/2",
    "6/4",
    "5/4",
    "4/2",
    "2/1",
    "7/4",
    "4/8",
    "7/8",
    "5/8",
)
LONGEST_BAR = 96
MOST_BARS = 64
BINS = 5
CHORDS = tuple(f"{root}:{quality}" for root in range(12) for quality in QUALITIES)
ROW_WRITTEN = 32
"""What is added to the rows of what is written where something is given, so that a bar can be told from its own
given part and from the bars beside it."""

HEADER: dict[str, tuple[str, ...]] = {
    "task": TASKS,
    "style": STYLES,
    "tonic": tuple(str(n) for n in range(12)),
    "mode": ("major", "minor"),
    "move": tuple(str(n) for n in range(12)),
    "meter": METERS,
    "pickup": tuple(str(n) for n in range(LONGEST_BAR)),
    "tempo": tuple(str(n) for n in range(BINS)),
    "density": tuple(str(n) for n in range(BINS)),
    "energy": tuple(str(n) for n in range(BINS)),
    "valence": tuple(str(n) for n in range(BINS)),
    "register": tuple(str(n) for n in range(BINS)),
}
"""The header's slots in order; each also has the value "?" for "not said". `move`: the pitch class on which the tonic
is written; 0, a C, but for training, where pieces are moved to all twelve."""


def _build() -> tuple[list[str], dict[str, int]]:
    names, base = ["pad", "end", "write", "blank"], {}

    def block(name: str, values: tuple[str, ...]) -> None:
        base[name] = len(names)
        names.extend(f"{name}={value}" for value in values)

    for slot, values in HEADER.items():
        block(slot, ("?", *values))
    block("bar", ("?", *(str(n) for n in range(1, MOST_BARS + 1))))
    block("at", tuple(str(n) for n in range(LONGEST_BAR)))
    block("chord", ("none", *CHORDS))
    for voice in VOICES:
        low, high = WINDOWS[voice]
        block(voice, ("rest", *(str(pitch) for pitch in range(low, high + 1))))
        names.extend(f"{voice}~{pitch}" for pitch in range(low, high + 1))
    return names, base


NAMES, BASE = _build()
PAD, END, WRITE, BLANK = range(4)
SIZE = len(NAMES)
SLOTS = len(HEADER)
NO_CHORD = BASE["chord"]


def header(slot: str, value: str | None) -> int:
    """The token of a header value; None is "not said"."""
    return BASE[slot] + (0 if value is None else 1 + HEADER[slot].index(value))


def bar(remaining: int | None) -> int:
    """The token that opens a bar when so many bars, this one included, are still to come."""
    return BASE["bar"] + (0 if remaining is None else min(MOST_BARS, max(1, remaining)))


def at(tick: int) -> int:
    """The token of a moment inside the bar."""
    return BASE["at"] + tick


def chord(root: int, quality: str) -> int:
    return NO_CHORD + 1 + root * len(QUALITIES) + list(QUALITIES).index(quality)


def note(voice: str, pitch: int) -> int:
    """The token of a note that is struck (its pitch after the move to C); the pitch must lie in the voice's window."""
    return BASE[voice] + 1 + pitch - WINDOWS[voice][0]


def held(voice: str, pitch: int) -> int:
    """The token of a note that sounds on."""
    low, high = WINDOWS[voice]
    return note(voice, pitch) + high - low + 1


def rest(voice: str) -> int:
    return BASE[voice]


def column(tick: int, bar_ticks: int) -> int:
    """The grid column of a tick: its 16th, in [0, 24); longer bars than 24 16ths are squeezed."""
    return tick // 3 if bar_ticks <= 72 else tick * 24 // bar_ticks
