"""Single lines and heads of scores: what a file of **kern, MusicXML, ABC or MIDI gives to the melody records."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from muse.errors import InputError
from muse.music import kern

Row = dict[str, Any]
VOICES = re.compile(r"cant|sopr|alt|ten|ba[sſ]|disc|voc|voice|cor[oi]|chor", re.I)
_WINDS = re.compile(r"viol|flaut|flute|flet|obo|clarin|klarn|cell", re.I)


def lines(name: str, data: bytes) -> Iterator[Row]:
    """The single lines of one file."""
    ending = name.lower().rpartition(".")[2]
    if ending == "krn":
        yield from _kern_lines(name, data)
    elif ending == "abc":
        yield from _abc_lines(name, data)
    else:
        yield from _other_lines(name, data)


def score_of(data: bytes) -> kern.Score | None:
    """The **kern score, None where it is none."""
    try:
        return kern.read(data.decode("utf-8", errors="replace"))
    except InputError:
        return None


def head_of(name: str, score: kern.Score, part: kern.Part) -> Row:
    """What every record of a score begins with."""
    group = "pl:" + Path(name).stem
    return {
        "id": group, "grp": group, "src": "polish", "lic": "CC-BY-4.0", "title": score.records.get("OTL", ""),
        "key": part.key or None, "ks": part.sharps or 0,
    }  # fmt: skip


def _kern_lines(name: str, data: bytes) -> Iterator[Row]:
    score = kern.read(data.decode("utf-8", errors="replace"))
    for number, part in enumerate(score.parts):
        named = f"{part.name} {part.code}"
        vocal = part.family == "vox" or (part.family == "" and bool(VOICES.search(part.name)))
        if not part.fits or part.chords or part.splits or not (vocal or _WINDS.search(named)):
            continue
        for piece, (start, notes) in enumerate(cut(part.notes, part.meters)):
            inside = [meter for tick, meter in part.meters if start < tick < start + sum(ticks for _, ticks in notes)]
            meter = next((meter for tick, meter in reversed(part.meters) if tick <= start), "")
            bar = max((tick for tick in part.bars if tick <= start), default=0)
            head = head_of(name, score, part)
            yield {
                **head, "id": f"{head['id']}:{number}.{piece}", "m": meter, "mc": int(bool(set(inside) - {meter})),
                "ph": start - bar, "lab": score.records.get("AGN") or None, "part": part.name,
                "role": "vocal" if vocal else "instr",
                "p": [pitch for pitch, _ in notes], "d": [ticks for _, ticks in notes],
            }  # fmt: skip


def cut(
    notes: Sequence[tuple[int, int]], meters: Sequence[tuple[int, str]]
) -> Iterator[tuple[int, list[tuple[int, int]]]]:
    """The stretches between rests of two bars or more, each with the tick where it begins, rests at its ends cut off.

    >>> [(start, len(line)) for start, line in cut([(0, 96), (60, 96), (0, 192), (62, 96)], [(0, "4/4")])]
    [(96, 1), (384, 1)]
    """
    line: list[tuple[int, int]] = []
    now = start = 0
    for pitch, ticks in notes:
        meter = next((meter for tick, meter in reversed(meters) if tick <= now), "4/4")
        above, _, below = meter.partition("/")
        bar = 4 * kern.TICKS * int(above) // max(1, int(below))
        if pitch == 0 and (not line or ticks >= 2 * bar):
            if line:
                yield start, line
            line = []
        else:
            if not line:
                start = now
            line.append((pitch, ticks))
        now += ticks
    while line and line[-1][0] == 0:
        line.pop()
    if line:
        yield start, line


def _abc_lines(name: str, data: bytes) -> Iterator[Row]:
    from muse.music import abc

    for number, tune in enumerate(abc.tunes(data.decode("utf-8", errors="replace"))):
        if tune.meter is None or len(tune.voices) != 1:
            continue
        voice = next(iter(tune.voices))
        row = _row(f"{Path(name).stem}:{number}", tune.title, str(tune.meter), tune.voices[voice])
        first = next((at for at in tune.bars[voice] if at > 0), 0)
        yield {**row, "ph": 2 * ((tune.meter.bar - first) % tune.meter.bar), "ks": tune.sharps}


def _other_lines(name: str, data: bytes) -> Iterator[Row]:
    """MIDI by our reader; MusicXML by music21, which is slow."""
    if name.lower().endswith((".mid", ".midi")):
        from muse.music import midi

        piece = midi.read(data)
        notes = [(note.tick, note.duration, note.pitch, 0) for note in piece.melody.notes]
        yield _row(Path(name).stem, piece.title, str(piece.meter), notes)
        return
    yield from _xml_lines(name, data)


def _row(name: str, title: str, meter: str, notes: Iterable[tuple[int, int, int, int]]) -> Row:
    """A row from notes on muse's grid of 12 ticks a beat, as (tick, duration, pitch, …), the highest at each moment."""
    tops: dict[int, tuple[int, int]] = {}
    for tick, duration, pitch, *_ in notes:
        if tick not in tops or pitch > tops[tick][1]:
            tops[tick] = (duration, pitch)
    pitches: list[int] = []
    durations: list[int] = []
    order = sorted(tops)
    for at, following in zip(order, [*order[1:], 1 << 40], strict=True):
        duration, pitch = tops[at]
        sounds = min(duration, following - at)
        pitches.append(pitch)
        durations.append(2 * sounds)
        if at + sounds < following < 1 << 40:
            pitches.append(0)
            durations.append(2 * (following - at - sounds))
    group = "t:" + re.sub(r"[^a-z0-9]", "", (title or name).lower())
    return {
        "id": name, "src": "own", "lic": "", "title": title or name, "grp": group, "m": meter, "mc": 0,
        "key": None, "ks": None, "ph": 0, "lab": None, "part": "tune", "role": "tune", "p": pitches, "d": durations,
    }  # fmt: skip


def _xml_lines(name: str, data: bytes) -> Iterator[Row]:
    """The vocal lines, or else the top line, of a MusicXML score."""
    import music21

    with tempfile.NamedTemporaryFile(suffix="." + name.rpartition(".")[2]) as file:
        file.write(data)
        file.flush()
        try:
            score: Any = music21.converter.parse(file.name)
        except Exception as error:  # music21 raises errors of many kinds on a broken score
            raise InputError(f"cannot read {name}", str(error)[:200]) from error
    parts = list(score.parts) if score.hasPartLikeStreams() else [score]
    voices = [part for part in parts if VOICES.search(str(part.partName or ""))] or parts[:1]
    title = str(score.metadata.title or "") if score.metadata else ""
    for number, part in enumerate(voices):
        merged = part.stripTies()
        meters = [f"{m.numerator}/{m.denominator}" for m in merged.recurse().getElementsByClass("TimeSignature")]
        notes = [
            (
                round(12 * float(note.getOffsetInHierarchy(merged))),
                round(12 * float(note.quarterLength)),
                note.pitches[-1].midi,
                0,
            )
            for note in merged.recurse().notes
            if note.quarterLength and note.pitches
        ]
        row = _row(f"{Path(name).stem}:{number}", title, meters[0] if meters else "4/4", notes)
        yield {**row, "role": "vocal", "part": str(part.partName or "voice"), "mc": int(len(set(meters)) > 1)}
