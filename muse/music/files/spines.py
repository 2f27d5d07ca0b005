"""Humdrum **kern as pieces: every spine with its chords and voices, lyrics (**text, **silbe) and chords (**mxhm).

Ties are merged, grace notes dropped, repeats not written out. Source: the **kern guide of the Humdrum toolkit.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from muse.errors import InputError, UsageError
from muse.music import kern
from muse.music.files import symbols
from muse.music.files.parts import Head, Part, Sound, grid, key_of, piece_of
from muse.music.files.tune import text_of
from muse.music.piece import Piece
from muse.music.theory import BEAT, Chord, Key, Meter

LARGEST = 1 << 22
_MOST_COLUMNS = 256
_SUNG = ("**text", "**silbe", "**lyrics")
_MODES = {"dor": "dorian", "phr": "phrygian", "lyd": "lydian", "mix": "mixolydian", "aeo": "minor", "ion": "major"}


@dataclass(slots=True)
class _Column:
    """One column of the table as it stands now.

    Attributes:
        kind: of its spine, "**kern". part: which part it belongs to, −1 for none; of lyrics the one on their left.
        layer: its place among the columns of its spine. end: where its last note ends, in ticks.
    """

    kind: str
    part: int
    layer: int = 1
    end: float = 0.0


@dataclass(slots=True)
class _Table:
    place: str
    head: Head
    columns: list[_Column] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    chords: list[Chord] = field(default_factory=list)
    bars: list[float] = field(default_factory=list)
    meters: list[Meter] = field(default_factory=list)
    tempo: float | None = None
    now: float = 0.0

    def refusal(self, line: int, why: str) -> InputError:
        return InputError(f"cannot read {self.place}", f"line {line}: {why}", "correct the spines")


def read(data: bytes, place: str = "the score", title: str = "") -> Piece:
    """The piece of a **kern score.

    Raises:
        InputError: no **kern spine, spines that break, a note that is none (named with its line), or too large.
    """
    if len(data) > LARGEST:
        raise InputError(f"cannot read {place}", f"it has more than {LARGEST:,} bytes", "cut it into parts")
    table = _Table(place, Head(title))
    for number, line in enumerate(text_of(data).splitlines(), 1):
        if line.startswith("!!!OTL") and not table.head.title:
            table.head.title = line.partition(":")[2].strip()
        if not line or line.startswith("!"):
            continue
        fields = line.split("\t")
        if line.startswith("**"):
            _begin(table, fields, number)
            continue
        if len(fields) != len(table.columns):
            raise table.refusal(number, f"it has {len(fields)} columns, and {len(table.columns)} spines are open")
        if line.startswith("*"):
            _interpret(table, fields, number)
            _follow(table, fields, number)
        elif line.startswith("="):
            table.bars.append(table.now)
        else:
            _sound(table, fields, number)
    if not table.parts:
        raise InputError(f"cannot read {place}", "no **kern spine begins in it", "give a **kern score")
    head = table.head
    head.title, head.tempo = head.title or "Untitled", table.tempo or 120.0
    head.meter = table.meters[0] if table.meters else Meter(4, 4)
    head.pickup, head.length = next((at for at in table.bars if at > 0), 0.0), table.now
    return piece_of(place, head, reversed(table.parts), table.chords)


def _begin(table: _Table, fields: Sequence[str], number: int) -> None:
    if table.columns:
        raise table.refusal(number, "spines begin while others are open")
    if len(fields) > _MOST_COLUMNS:
        raise table.refusal(number, f"it has more than {_MOST_COLUMNS} columns")
    for kind in fields:
        if kind == "**kern":
            table.parts.append(Part())
        table.columns.append(_Column(kind, len(table.parts) - 1, end=table.now))


def _interpret(table: _Table, fields: Sequence[str], number: int) -> None:
    """Names, meter, key and tempo, where they stand first."""
    for text, column in zip(fields, table.columns, strict=True):
        if column.kind != "**kern":
            continue
        part, head = table.parts[column.part], table.head
        if text.startswith('*I"'):
            part.name = part.name or text[3:].strip()
        elif (meter := re.fullmatch(r"\*M(\d+(?:\+\d+)*)/(\d+)", text)) and not table.meters:
            beats = sum(int(beat[:3]) for beat in meter[1].split("+"))
            try:
                table.meters.append(Meter.parse(f"{beats}/{meter[2]}"))
            except UsageError as error:
                raise table.refusal(number, f"{error.what}, {error.why}") from error
        elif tempo := re.fullmatch(r"\*MM(\d{1,4}(?:\.\d{1,4})?)", text):
            table.tempo = table.tempo or float(tempo[1])
        elif signature := re.fullmatch(r"\*k\[([a-gn#-]{0,28})\]", text):
            if head.sharps is None:
                head.sharps = signature[1].count("#") - signature[1].count("-")
        elif (key := re.fullmatch(r"\*([A-Ga-g])([#-]?):([a-z]{3})?", text)) and head.key is None:
            head.key = _key(key)


def _key(match: re.Match[str]) -> Key:
    tonic = (symbols.STEPS[match[1].upper()] + {"#": 1, "-": -1, "": 0}[match[2]]) % 12
    return key_of(tonic, _MODES.get(match[3] or "", "minor" if match[1].islower() else "major"))


def _follow(table: _Table, fields: Sequence[str], number: int) -> None:
    """The columns after a line of spine paths: split, joined, exchanged, ended, begun."""
    after: list[_Column] = []
    crossed = [at for at, text in enumerate(fields) if text == "*x"]
    columns = list(table.columns)
    if crossed:
        if len(crossed) != 2:
            raise table.refusal(number, "*x stands in one column, and two are exchanged")
        columns[crossed[0]], columns[crossed[1]] = columns[crossed[1]], columns[crossed[0]]
    at = 0
    while at < len(fields):
        text, column = fields[at], columns[at]
        if text == "*^":
            after += [column, _Column(column.kind, column.part, column.layer + 1, column.end)]
        elif text == "*v":
            last = at
            while last + 1 < len(fields) and fields[last + 1] == "*v" and columns[last + 1].part == column.part:
                last += 1
            if last == at:
                raise table.refusal(number, f"*v in column {at + 1} joins no other column of its spine")
            after.append(column)
            at = last
        elif text == "*+":
            after += [column, _Column("", column.part, 1, table.now)]
        elif text.startswith("**"):
            if column.kind:
                raise table.refusal(number, f"a spine begins in column {at + 1}, where {column.kind} is open")
            after.append(_Column(text, len(table.parts) - (text != "**kern"), 1, table.now))
            if text == "**kern":
                table.parts.append(Part())
        elif text != "*-":
            after.append(column)
        at += 1
    if len(after) > _MOST_COLUMNS:
        raise table.refusal(number, f"it has more than {_MOST_COLUMNS} columns")
    table.columns = after


def _sound(table: _Table, fields: Sequence[str], number: int) -> None:
    """A line of what begins at one moment; the next one stands where the first of its notes ends."""
    begun: dict[int, Sound] = {}
    for text, column in zip(fields, table.columns, strict=True):
        if text in (".", "") or column.kind != "**kern":
            continue
        longest = 0.0
        for token in text.split(" "):
            if not token or "q" in token.lower():
                continue
            ticks = _ticks(token)
            if ticks is None:
                raise table.refusal(number, f"{token[:40]!r} has no length")
            longest = max(longest, ticks)
            if "r" in token:
                continue
            pitch = kern.midi(token)
            if pitch is None:
                raise table.refusal(number, f"{token[:40]!r} has no pitch of MIDI")
            sound = Sound(table.now, ticks, pitch, (column.layer, "1"), tied="_" in token or "]" in token)
            table.parts[column.part].sounds.append(sound)
            begun.setdefault(column.part, sound)
        column.end = max(column.end, table.now + longest)
    for text, column in zip(fields, table.columns, strict=True):
        if text in (".", "", "%"):
            continue
        if column.kind in _SUNG and column.part in begun and not begun[column.part].lyric:
            begun[column.part].lyric = _syllable(text)
        elif column.kind == "**mxhm":
            table.chords += _harmony(text, grid(table.now))
    ends = [column.end for column in table.columns if column.kind == "**kern" and column.end > table.now + 1e-6]
    table.now = min(ends, default=table.now)


@lru_cache(maxsize=4096)
def _ticks(token: str) -> float | None:
    """The ticks of ours of a token, not rounded."""
    match = kern.LENGTH.search(token)
    if match is None or len(match[1]) > 4 or len(match[3]) > 4:
        return None
    over = float(match[2][1:]) if match[2] and len(match[2]) < 5 else 1.0
    whole = 4 * BEAT * over * (2 - 0.5 ** len(match[3]))
    if set(match[1]) == {"0"}:
        return float(whole * 2 ** len(match[1]))
    return whole / int(match[1])


def _syllable(text: str) -> str:
    """ "_" goes on with the syllable before; hyphens before a syllable are told by those after the one before it."""
    text = text.replace("\xa0", " ").strip()
    return "_" if text in ("_", "|", "-") else text.lstrip("-|")


def _harmony(text: str, tick: int) -> list[Chord]:
    name, _, kind = text.partition(" ")
    match = re.fullmatch(r"([A-G])([#b-]?)", name)
    found = None
    if match is not None:
        root = symbols.STEPS[match[1]] + {"#": 1, "b": -1, "-": -1, "": 0}[match[2]]
        found = symbols.chord(root, kind.partition("/")[0].strip() or "major")
    return [] if found is None else [Chord(tick, found.root, found.quality, found.bass, found.written)]
