"""The codec: a draft (voices of notes on the grid) to event tokens and back, inverses of one another.

    header  task style tonic mode move meter pickup tempo density energy valence register
    bar     opens a bar, with the number of bars still to come, and the slice at its beginning
    at      a later moment of the bar (in a pickup the first too), counted from the true bar line, and its slice
    slice   the chord where the bar begins and where it changes, then every voice from the top: struck, held or rest
    write   after what is given: what follows is written to it
    end     at the end; where the last bar is cut, after an `at`

Every slice says all that sounds, so that a bar can be read without the one before. Where some cells (bar, voice) are
given, their slices come first, bars without any being `blank`; then those of all other cells, in rows of their own.
Pitches are written as if the tonic were C. Every draft has exactly one spelling, so the code is a bijection and the
nats of a piece may be set beside those of frame models.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from muse.errors import CorpusError
from muse.music import vocabulary as words
from muse.music.theory import Chord, Key, Meter

Ints = npt.NDArray[np.int32]
LINES = {"melody": ("melody",), "lead": ("melody",), "satb": ("soprano", "alto", "tenor", "bass")}
PARTS = {**LINES, "lead": ("chords", "melody")}
"""What a task's slices say, in this order."""
USUAL = 5
"""The velocity step of every note: loudness is no matter of the code."""
Cell = tuple[int, str]
"""A bar (0 is the pickup, 1 the first full bar) and one of its parts."""


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
        given: cells that stand before the others.
    """

    task: str
    key: Key
    meter: Meter
    voices: tuple[tuple[tuple[int, int, int, int], ...], ...]
    length: int
    pickup: int = 0
    chords: tuple[Chord, ...] = ()
    header: tuple[tuple[str, str], ...] = field(default=())
    given: frozenset[Cell] = frozenset()

    @property
    def bars(self) -> int:
        """Bars after the pickup, a cut last one included."""
        return -(-(self.length - self.pickup) // self.meter.bar)


@dataclass(frozen=True, slots=True)
class Encoded:
    """Tokens with their place on the grid.

    Attributes:
        tokens, rows, columns: (T,) int32; row 0 holds header and pickup, row n the n-th bar; see ROW_WRITTEN.
    """

    tokens: Ints
    rows: Ints
    columns: Ints


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar as slices.

    Attributes:
        number: from 1; 0 is the pickup.
        ticks: (M,) moments where something changes, the beginning of the bar first.
        tokens: (M, N) what each part says, in the order of PARTS.
        changed: (M, N) where a part is not merely held.
    """

    number: int
    ticks: Ints
    tokens: Ints
    changed: npt.NDArray[np.bool_]


def shift(key: Key) -> int:
    """Semitones that move the key's tonic to the nearest C, in −6..5."""
    return -((key.tonic + 6) % 12 - 6)


_FIELDS = ("tonic", "mode", "move", "meter", "pickup")


def sliced(draft: Draft) -> list[Bar]:
    """The draft bar by bar; where there is no pickup, from bar 1.

    Raises:
        CorpusError: meter, pitch or length lies outside the vocabulary.
    """
    move, size = shift(draft.key), draft.meter.bar
    if str(draft.meter) not in words.METERS or not 0 <= draft.pickup < size:
        raise CorpusError(f"meter {draft.meter} or pickup {draft.pickup} is outside the vocabulary")
    lines, parts = LINES[draft.task], PARTS[draft.task]
    offset = size - draft.pickup
    changes: list[dict[int, int]] = []
    if "chords" in parts:
        changes.append({chord.tick: words.chord((chord.root + move) % 12, chord.quality) for chord in draft.chords})
    for line, voice in zip(lines, draft.voices, strict=True):
        low, high = words.WINDOWS[line]
        said: dict[int, int] = {}
        for tick, duration, pitch, _ in voice:
            if not low <= pitch + move <= high:
                raise CorpusError(f"pitch {pitch} of the {line} is outside the vocabulary")
            said[tick] = words.note(line, pitch + move)
            if tick + duration < draft.length:
                said[tick + duration] = words.rest(line)
        changes.append(said)
    silent = [words.NO_CHORD if part == "chords" else words.rest(part) for part in parts]
    now, voiced = list(silent), [part != "chords" for part in parts]
    shifts = [_on_by(part) for part in parts]
    found: list[Bar] = []
    edges = sorted({tick for said in changes for tick in said})
    place = 0
    for number in range(0 if draft.pickup else 1, draft.bars + 1):
        begin = max(0, number * size - offset)
        end = min(draft.length, (number + 1) * size - offset)
        ticks = [begin]
        while place < len(edges) and edges[place] < end:
            if edges[place] != begin:
                ticks.append(edges[place])
            place += 1
        tokens, changed = [], []
        for tick in ticks:
            for index, said in enumerate(changes):
                new, old = said.get(tick), now[index]
                fresh = new is not None and (new != old or (voiced[index] and new != silent[index]))
                if fresh and new is not None:
                    now[index] = new
                    tokens.append(new)
                else:
                    tokens.append(old if old == silent[index] else old + shifts[index])
                changed.append(fresh)
        shape = (len(ticks), len(parts))
        at = np.array(ticks, np.int32) + offset - number * size
        found.append(Bar(number, at, np.array(tokens, np.int32).reshape(shape), np.array(changed, bool).reshape(shape)))
    return found


def spelt(bar: Bar, task: str, parts: Collection[str] | None = None) -> tuple[list[int], list[int]]:
    """(tokens, ticks) of some of a bar's parts (all by default), after the token that opens it."""
    names = PARTS[task]
    chosen = [index for index, name in enumerate(names) if parts is None or name in parts]
    tokens: list[int] = []
    ticks: list[int] = []
    rows = zip(bar.ticks.tolist(), bar.tokens.tolist(), bar.changed.tolist(), strict=True)
    for row, (tick, said, changed) in enumerate(rows):
        if row and not any(changed[index] for index in chosen):
            continue
        slice_ = [said[index] for index in chosen if names[index] != "chords" or not row or changed[index]]
        if row or bar.number == 0:
            slice_.insert(0, words.at(tick))
        tokens += slice_
        ticks += [tick] * len(slice_)
    return tokens, ticks


def encode(draft: Draft) -> Encoded:
    """The tokens of a draft.

    Raises:
        CorpusError: meter, pitch or length lies outside the vocabulary.
    """
    return assemble(sliced(draft), header_of(draft), draft.task, draft.meter, draft.bars, draft.given, left(draft))


def assemble(
    bars: Sequence[Bar],
    header: Sequence[int],
    task: str,
    meter: Meter,
    last: int,
    given: Collection[Cell] = (),
    left: int | None = None,
) -> Encoded:
    """The tokens of consecutive bars, what is given first.

    Args:
        last: number of the piece's last bar.
        left: tick inside the last bar where the piece ends; None leaves the end unsaid.
    """
    size, names = meter.bar, PARTS[task]
    tokens, rows, columns = list(header), [0] * len(header), [0] * len(header)
    places = [words.column(min(tick, size - 1), size) for tick in range(size + 1)]

    def put(token: int, row: int, tick: int) -> None:
        tokens.append(token)
        rows.append(row)
        columns.append(places[tick])

    for section in ("given", "written") if given else ("written",):
        base = words.ROW_WRITTEN if given and section == "written" else 0
        if base:
            put(words.WRITE, base, 0)
        row = 0
        for bar in bars:
            parts = [name for name in names if ((bar.number, name) in given) == (section == "given")]
            row = base + bar.number
            if not parts and section == "written":
                continue
            put(words.bar(last - bar.number + 1), row, 0 if bar.number else int(bar.ticks[0]))
            if not parts:
                put(words.BLANK, row, 0)
                continue
            said, ticks = spelt(bar, task, parts)
            tokens += said
            rows += [row] * len(said)
            columns += [places[tick] for tick in ticks]
        if left is not None:
            if left < size and parts:
                put(words.at(left), row, left)
            if section == "written":
                put(words.END, row, left)
    return Encoded(*(np.array(values, np.int32) for values in (tokens, rows, columns)))


def decode(tokens: Sequence[int] | Ints, *, key: Key | None = None, meter: Meter | None = None) -> Draft:
    """The draft of some tokens; `key` and `meter` stand in where the header does not say them.

    Raises:
        CorpusError: the tokens are no well-formed piece.
    """
    names = [words.NAMES[int(token)] for token in tokens]
    said = {}
    for slot, name in zip(words.HEADER, names[: words.SLOTS], strict=False):
        found, _, value = name.partition("=")
        if found != slot:
            raise CorpusError(f"the header has {found!r} where {slot!r} belongs")
        if value != "?":
            said[slot] = value
    task = said.pop("task", "melody")
    if "tonic" in said and "mode" in said:
        key = Key(int(said["tonic"]), "minor" if said["mode"] == "minor" else "major")
    key = key or Key(0)
    meter = Meter.parse(said["meter"]) if "meter" in said else meter or Meter(4, 4)
    pickup = int(said.get("pickup", "0"))
    offset = meter.bar - pickup
    cells: dict[Cell, list[tuple[int, str, str]]] = {}
    given: frozenset[Cell] = frozenset()
    first = 0 if pickup else 1
    number, now, length, alone = first - 1, 0, -1, ""
    for name in names[words.SLOTS :]:
        kind, _, value = name.partition("~" if "~" in name else "=")
        if kind == "bar":
            number += 1
            while given and all((number, part) in given for part in PARTS[task]):
                number += 1
            now = max(0, number * meter.bar - offset)
        elif kind == "at":
            now, alone = number * meter.bar + int(value) - offset, "at"
            continue
        elif kind == "write":
            length = now if alone == "at" else length
            given, number = frozenset(cells), first - 1
        elif kind == "chord" or kind in PARTS[task]:
            part = "chords" if kind == "chord" else kind
            cells.setdefault((number, part), []).append((now, "~" if "~" in name else "=", value))
        elif kind == "end":
            length = now if alone == "at" else length
            full = max((bar for bar, _ in cells), default=number)
            length = length if length >= 0 else (full + 1) * meter.bar - offset
            back = -shift(key) - ((int(said.get("move", "0")) + 6) % 12 - 6)
            voices = tuple(tuple(_notes(cells, line, length, back)) for line in LINES[task])
            chords = tuple(_chords(cells, back))
            header = tuple((slot, value) for slot, value in said.items() if slot not in _FIELDS)
            return Draft(task, key, meter, voices, length, pickup, chords, header, given)
        elif kind != "blank":
            raise CorpusError(f"{name!r} does not belong here")
        alone = kind
    raise CorpusError("the tokens have no end")


def moved(code: Encoded, steps: int) -> Encoded | None:
    """The same piece with its notes written so many semitones higher, and `move` saying so; None where they leave
    the vocabulary."""
    table = _moves(steps)
    found = table[code.tokens]
    if (found < 0).any():
        return None
    tokens: Ints = found.astype(np.int32)
    tokens[list(words.HEADER).index("move")] = words.header("move", str(steps % 12))
    return Encoded(tokens, code.rows, code.columns)


def origins(steps: int) -> npt.NDArray[np.int64]:
    """(V,) for each token of a piece that was moved, the token that it was; its own where it comes from nowhere."""
    found = np.arange(words.SIZE)
    table = _moves(steps)
    found[table[table >= 0]] = np.flatnonzero(table >= 0)
    return found


def header_of(draft: Draft) -> list[int]:
    """The header's tokens."""
    said: dict[str, str] = {
        "task": draft.task, "tonic": str(draft.key.tonic), "mode": draft.key.near, "move": "0",
        "meter": str(draft.meter), "pickup": str(draft.pickup), **dict(draft.header),
    }  # fmt: skip
    return [words.header(slot, said.get(slot)) for slot in words.HEADER]


@lru_cache(maxsize=24)
def _moves(steps: int) -> npt.NDArray[np.int64]:
    """(V,) what each token becomes, −1 where there is no such token."""
    table = np.arange(words.SIZE)
    span = len(words.CHORDS) // 12
    for root in range(12):
        begin = words.NO_CHORD + 1 + root * span
        table[begin : begin + span] = words.NO_CHORD + 1 + (root + steps) % 12 * span + np.arange(span)
    for voice, (low, high) in words.WINDOWS.items():
        for spell in (words.note, words.held):
            for pitch in range(low, high + 1):
                table[spell(voice, pitch)] = spell(voice, pitch + steps) if low <= pitch + steps <= high else -1
    return table


def left(draft: Draft) -> int:
    """The tick inside the last bar where the piece ends."""
    return (draft.length - draft.pickup - 1) % draft.meter.bar + 1 if draft.bars else draft.meter.bar


def _on_by(part: str) -> int:
    """What is added to the token of a note of a part where it sounds on; a chord is said again as it is."""
    if part == "chords":
        return 0
    low, _ = words.WINDOWS[part]
    return words.held(part, low) - words.note(part, low)


def _notes(
    cells: dict[Cell, list[tuple[int, str, str]]], line: str, length: int, back: int
) -> Iterator[tuple[int, int, int, int]]:
    begun: tuple[int, int] | None = None
    for cell in sorted(cell for cell in cells if cell[1] == line):
        for tick, kind, value in cells[cell]:
            pitch = None if value == "rest" else int(value) + back
            if kind == "~" and begun is not None and pitch == begun[1]:
                continue
            if begun is not None:
                yield begun[0], tick - begun[0], begun[1], USUAL
            begun = None if pitch is None else (tick, pitch)
    if begun is not None:
        yield begun[0], length - begun[0], begun[1], USUAL


def _chords(cells: dict[Cell, list[tuple[int, str, str]]], back: int) -> Iterator[Chord]:
    before = ""
    for cell in sorted(cell for cell in cells if cell[1] == "chords"):
        for tick, _, value in cells[cell]:
            if value not in (before, "none"):
                root, _, quality = value.partition(":")
                yield Chord(tick, (int(root) + back) % 12, quality)
            before = value
