"""The codec: a draft (voices of notes on the grid) to event tokens and back, inverses of one another.

    header  task style tonic mode meter pickup tempo density energy valence register
    bar     one token a bar, with the number of bars still to come
    at      the tick of a moment, counted from the true bar line (a pickup begins late in its bar)
    chord, velocity, note or rest of a voice, in this order, as far as they change at that moment
    end     at the end; where the last bar is cut, after an `at`

A note lasts until its voice speaks again. Pitches are written as if the tonic were C, so that all keys
share what is learned. Every draft has exactly one spelling, so the code is a bijection and the nats of a
piece may be set beside those of frame models.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from muse.errors import CorpusError
from muse.music import vocabulary as words
from muse.music.theory import Chord, Key, Meter

Ints = npt.NDArray[np.int32]
LINES = {"melody": ("melody",), "lead": ("melody",), "satb": ("soprano", "alto", "tenor", "bass")}


@dataclass(frozen=True, slots=True)
class Draft:
    """What the model reads and writes: voices on the grid, without instruments.

    Attributes:
        task: "melody", "lead" (with chords) or "satb".
        voices: for each voice of the task, (tick, duration, pitch, velocity step) in order, without overlap.
        length: ticks in all, the pickup included.
        pickup: ticks before the first bar line.
        chords: in order, each different from the one before.
        header: further slots ("style", "density" …) with their values.
    """

    task: str
    key: Key
    meter: Meter
    voices: tuple[tuple[tuple[int, int, int, int], ...], ...]
    length: int
    pickup: int = 0
    chords: tuple[Chord, ...] = ()
    header: tuple[tuple[str, str], ...] = field(default=())

    @property
    def bars(self) -> int:
        """Bars after the pickup, a cut last one included."""
        return -(-(self.length - self.pickup) // self.meter.bar)


@dataclass(frozen=True, slots=True)
class Encoded:
    """Tokens with their place on the grid.

    Attributes:
        tokens, rows, columns: (T,) int32; row 0 holds header and pickup, row n the n-th bar.
    """

    tokens: Ints
    rows: Ints
    columns: Ints


def shift(key: Key) -> int:
    """Semitones that move the key's tonic to the nearest C, in −6..5."""
    return -((key.tonic + 6) % 12 - 6)


USUAL = 5
"""The velocity step that holds until another is said."""
_FIELDS = ("tonic", "mode", "meter", "pickup")


def encode(draft: Draft) -> Encoded:
    """The tokens of a draft.

    Raises:
        CorpusError: meter, pitch or length lies outside the vocabulary.
    """
    move, bar_ticks = shift(draft.key), draft.meter.bar
    lines = LINES[draft.task]
    if str(draft.meter) not in words.METERS or not 0 <= draft.pickup < bar_ticks:
        raise CorpusError(f"meter {draft.meter} or pickup {draft.pickup} is outside the vocabulary")
    events: dict[int, list[int]] = {}
    for chord in draft.chords:
        root = (chord.root + move) % 12
        events.setdefault(chord.tick, []).append(words.chord(root, chord.quality))
    velocity = USUAL
    spoken: dict[int, list[tuple[int, int, int]]] = {}
    for index, (line, voice) in enumerate(zip(lines, draft.voices, strict=True)):
        low, high = words.WINDOWS[line]
        end = 0
        for tick, duration, pitch, loud in voice:
            if not low <= pitch + move <= high:
                raise CorpusError(f"pitch {pitch} of the {line} is outside the vocabulary")
            if tick > end > 0:
                spoken.setdefault(end, []).append((index, words.rest(line), -1))
            spoken.setdefault(tick, []).append((index, words.note(line, pitch + move), loud))
            end = tick + duration
        if 0 < end < draft.length:
            spoken.setdefault(end, []).append((index, words.rest(line), -1))
    for tick in sorted(spoken):
        for _, token, loud in sorted(spoken[tick]):
            if loud not in (-1, velocity):
                events.setdefault(tick, []).append(words.BASE["velocity"] + loud)
                velocity = loud
            events.setdefault(tick, []).append(token)
    tokens = _header(draft)
    rows, columns = [0] * words.SLOTS, [0] * words.SLOTS
    bars, row, offset = draft.bars, 0 if draft.pickup else 1, bar_ticks - draft.pickup

    def put(token: int, tick: int) -> None:
        tokens.append(token)
        rows.append(row)
        columns.append(words.column(tick, bar_ticks))

    put(words.bar(bars), 0 if row else offset)
    for tick in sorted(events):
        while tick + offset >= (row + 1) * bar_ticks:
            row += 1
            put(words.bar(bars - row + 1), 0)
        inside = tick + offset - row * bar_ticks
        put(words.at(inside), inside)
        for token in events[tick]:
            put(token, inside)
    while draft.length + offset > (row + 1) * bar_ticks:
        row += 1
        put(words.bar(bars - row + 1), 0)
    left = draft.length + offset - row * bar_ticks
    if left < bar_ticks:
        put(words.at(left), left)
    put(words.END, min(left, bar_ticks - 1))
    return Encoded(*(np.array(values, np.int32) for values in (tokens, rows, columns)))


def decode(tokens: Sequence[int] | Ints, *, key: Key | None = None, meter: Meter | None = None) -> Draft:
    """The draft of some tokens; `key` and `meter` stand in where the header does not say them.

    Raises:
        CorpusError: the tokens are no well-formed piece.
    """
    names = [words.NAMES[int(token)].partition("=") for token in tokens]
    said = {}
    for slot, (name, _, value) in zip(words.HEADER, names[: words.SLOTS], strict=False):
        if name != slot:
            raise CorpusError(f"the header has {name!r} where {slot!r} belongs")
        if value != "?":
            said[slot] = value
    task = said.pop("task", "melody")
    if "tonic" in said and "mode" in said:
        key = Key(int(said["tonic"]), "minor" if said["mode"] == "minor" else "major")
    key = key or Key(0)
    meter = Meter.parse(said["meter"]) if "meter" in said else meter or Meter(4, 4)
    pickup = int(said.get("pickup", "0"))
    back, bar_ticks, offset = -shift(key), meter.bar, meter.bar - pickup
    sounding: dict[str, tuple[int, int, int]] = {}
    voices: dict[str, list[tuple[int, int, int, int]]] = {line: [] for line in LINES[task]}
    chords: list[Chord] = []
    row, now, velocity, last = -1 if pickup else 0, 0, USUAL, ""

    def close(line: str, tick: int) -> None:
        begun = sounding.pop(line, None)
        if begun is not None:
            voices[line].append((begun[0], tick - begun[0], begun[1], begun[2]))

    for name, _, value in names[words.SLOTS :]:
        if name == "bar":
            row += 1
        elif name == "at":
            now = row * bar_ticks + int(value) - offset
        elif name == "chord":
            root, _, quality = value.partition(":")
            chords.append(Chord(now, (int(root) + back) % 12, quality))
        elif name == "velocity":
            velocity = int(value)
        elif name in voices:
            close(name, now)
            if value != "rest":
                sounding[name] = (now, int(value) + back, velocity)
        elif name == "end":
            end = now if last == "at" else (row + 1) * bar_ticks - offset
            for line in voices:
                close(line, end)
            header = tuple((slot, value) for slot, value in said.items() if slot not in _FIELDS)
            return Draft(task, key, meter, tuple(map(tuple, voices.values())), end, pickup, tuple(chords), header)
        else:
            raise CorpusError(f"{name!r} does not belong here")
        last = name
    raise CorpusError("the tokens have no end")


def _header(draft: Draft) -> list[int]:
    said: dict[str, str] = {
        "task": draft.task, "tonic": str(draft.key.tonic), "mode": draft.key.mode, "meter": str(draft.meter),
        "pickup": str(draft.pickup), **dict(draft.header),
    }  # fmt: skip
    return [words.header(slot, said.get(slot)) for slot in words.HEADER]
