"""Variations of a piece's tune in the latent space of the melody VAE; what else the piece holds stays as it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import compress

import numpy as np

from muse.bundle import Bundle
from muse.errors import BundleError, UsageError
from muse.music.amounts import alike_at, turn_at
from muse.music.blend import blend
from muse.music.cells import parts
from muse.music.chain import Floats
from muse.music.dials import DIALS, attributes, read_dials
from muse.music.latents import Drawing
from muse.music.leeway import Leeway, leeway
from muse.music.line import Likeness, contour, likeness, tune_of
from muse.music.locks import LOCKS, Locks, kept_notes, locks_of, spans
from muse.music.piece import Note, Piece
from muse.music.plain import restored
from muse.terms import Promise, Report
from muse.work import Recipe

__all__ = ["LOCKS", "Likeness", "blend", "contour", "likeness", "vary"]
_TRIES = 6
_STRONG = 3.0  # how far a full turn of a dial moves the latents of a bar

Line = tuple[Note, ...]


def vary(
    piece: Piece,
    bundle: Bundle,
    amount: float = 0.3,
    lock: Sequence[str] = (),
    count: int = 1,
    seed: int = 0,
    *,
    bars: str | None = None,
    dials: Mapping[str, float] | Sequence[str] = (),
    track: str | None = None,
    device: str = "cpu",
) -> list[Piece]:
    """Variations of the tune; everything else of the piece stays.

    The latent of each bar is turned towards noise, and moved along the dials; bars that were alike get the same
    noise, so that a form stays a form. The last bar keeps its rhythm and the last note its pitch. What is locked is a
    hard condition of the draw, so it holds exactly; a free rhythm keeps the number of notes of each four bars, unless
    density is turned: by 2 to the power of the dial.

    Args:
        amount: 0 gives the piece back; 1 keeps only what is locked, the scale, the range and the close. The
            similarity goes evenly down between.
        lock: any of "rhythm" (onsets and durations), "contour" (up, down, same from note to note), "cadence" (the
            last bar, and the last note of each phrase), "bars=1-4,9" (all of them).
        bars: the only ones that may change ("5-8").
        dials: density, range, syncopation, leaps, brightness, each from −1 to 1.
        track: name or number of the track that carries the tune; see `muse.music.line.tune_of`.
        device: "cpu", where no torch is needed, or "cuda".

    Raises:
        UsageError: amount, lock, bars, dial, track or count is unknown or out of bounds.
        InputError: there is no tune. WishError: nothing fits the locks, or a dial moves what is locked.
    """
    if not 0 <= amount <= 1:
        raise UsageError(f"amount is {amount}", "it goes from 0 (as it is) to 1 (anew)", "give 0.3, say")
    if count < 1:
        raise UsageError(f"count is {count}", "at least one variation is made", "give 1 or more")
    turns = read_dials(dials)
    locks = locks_of(lock, bars, piece)
    tune = tune_of(piece, track)
    way = leeway(piece, tune, locks, turns)
    model = restored(bundle, device)
    recipe = Recipe(
        "vary", seed, {"amount": amount, "lock": list(lock), "count": count}, {bundle.name: bundle.sha256},
        credits=tuple(f"{row['name']}: {row['attribution']}, {row['licence']}" for row in bundle.card.get("data", ())),
    )  # fmt: skip
    if amount == 0 and not any(turns.values()):
        lines = [tune.line] * count
    else:
        push = _push(bundle, turns)
        lines = _distinct(Drawing(model, way, turn_at(bundle.card, amount), push, seed), piece, turns, count)
    alike = alike_at(bundle.card, amount)
    usual = "" if locks.names or turns or amount == 0 or alike is None else f"; {alike:.2f} is usual"
    head = f"amount {amount:g}" + "".join(f", {name} {turn:+g}" for name, turn in turns.items())
    return [
        _finished(piece, way, line, head, usual, locks, turns).with_recipe(replace(recipe, index=index))
        for index, line in enumerate(lines)
    ]


def _push(bundle: Bundle, turns: Mapping[str, float]) -> Floats:
    """(Z,): the latents' move along the dials."""
    if not turns:
        return np.zeros(1)
    if "dials" not in bundle.weights:
        raise BundleError(f"{bundle.name} has no dials", "it was made by an earlier muse", "use melody-vae")
    rows = np.asarray(bundle.weights["dials"], np.float64)
    push = np.zeros(rows.shape[1])
    for name, turn in turns.items():
        push += _STRONG * turn * rows[list(DIALS).index(name)]
    return push


def _distinct(drawing: Drawing, piece: Piece, turns: Mapping[str, float], count: int) -> list[Line]:
    """Lines that differ from each other and go where the dials point, as far as some tries find them."""
    old = drawing.way.tune.line
    before = attributes(old, piece.meter, piece.pickup)
    found: dict[int, Line] = {}
    taken, waiting = {old}, list(range(count))
    for attempt in range(_TRIES):
        again = []
        for index, line in zip(waiting, drawing.lines(waiting, attempt), strict=True):
            after = attributes(line, piece.meter, piece.pickup)
            right = all((after[name] - before[name]) * turn >= 0 for name, turn in turns.items())
            if line not in taken and right:
                taken.add(line)
                found[index] = line
            else:
                found.setdefault(index, line)
                again.append(index)
        if not (waiting := again):
            break
    return [found[index] for index in range(count)]


def _finished(
    piece: Piece, way: Leeway, line: Line, head: str, usual: str, locks: Locks, turns: Mapping[str, float]
) -> Piece:
    """The piece with another line, and what was promised against what is there."""
    tune = way.tune
    old = tune.line
    findings = [f"{head}: {likeness(old, line)}{usual}"]
    if line == old and head != "amount 0":
        findings.append("no other melody was drawn at this amount; raise it")
    if len(piece.tracks) > 1:
        findings.append(f"the melody is that of track {tune.track + 1}, {piece.tracks[tune.track].name!r}")
    if line != old and (reading := parts(piece.meter)[2]):
        findings.append(reading)
    said = (*findings, *way.said) if line != old else findings
    report = Report((*_locked(piece, way, line, locks), *_turned(piece, old, line, turns)), tuple(said))
    return replace(tune.back(piece, line), report=report, plan=(*piece.plan, findings[0]))


def _locked(piece: Piece, way: Leeway, line: Line, locks: Locks) -> Iterator[Promise]:
    """The promises of the locks, of the scale and of the last note."""

    def promise(name: str, asked: str, kept: bool) -> Promise:
        return Promise(name, asked, "the same" if kept else "changed", kept)

    old = way.tune.line
    if locks.rhythm:
        yield promise(
            "rhythm", "as it was", [(n.tick, n.duration) for n in line] == [(n.tick, n.duration) for n in old]
        )
    if locks.contour:
        yield promise("contour", "as it was", contour(line) == contour(old))
    if locks.cadence:
        ends = set(compress(old, kept_notes(piece, old, Locks(cadence=True))))
        yield promise("cadence", "as it was", ends <= set(line))
    if locks.bars:
        named = Locks(bars=locks.bars)
        inside = [list(compress(each, kept_notes(piece, each, named))) for each in (old, line)]
        yield promise("bars", f"{spans(locks.bars)} as they were", inside[0] == inside[1])
    strange = {note.pitch for note in line if note.pitch % 12 not in piece.key.scale} - {note.pitch for note in old}
    yield Promise("scale", str(piece.key), f"{len(strange)} new notes outside it", not strange)
    yield promise("last note", "as it was", line[-1].pitch == old[-1].pitch)


def _turned(piece: Piece, old: Line, line: Line, turns: Mapping[str, float]) -> Iterator[Promise]:
    """What each dial moved; where it found no way, the wish was relaxed."""
    before, after = (attributes(each, piece.meter, piece.pickup) for each in (old, line))
    for name, turn in turns.items():
        moved = (after[name] - before[name]) * turn > 0 or turn == 0
        found = f"{before[name]:.2f} to {after[name]:.2f} {DIALS[name]}"
        yield Promise(name, f"{turn:+g}", found, moved or "relaxed")
