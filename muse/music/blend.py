"""A path between two melodies in the latent space of the melody VAE: the first is one, the last the other."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from muse.bundle import Bundle
from muse.errors import InputError, UsageError, WishError
from muse.music.cells import Grid, cells_of, gridded, melody_line
from muse.music.harmony import harmonise
from muse.music.piece import Note, Piece, Track
from muse.music.reconstruct import restore
from muse.music.redraw import WINDOW, Rules, draw_kinds, draw_pitches, encode, notes_of, strikes_of
from muse.music.theory import Key
from muse.music.vae import MelodyVae
from muse.music.windows import SLOTS
from muse.seed import stream
from muse.terms import Promise, Report
from muse.work import Recipe

_TEMPERATURE = 0.4
_MOST_BARS = 1024


def slerp(a: NDArray[np.float32], b: NDArray[np.float32], share: float) -> NDArray[np.float32]:
    """Each row on the great circle from a to b, its length between theirs; (N, Z) each, share in [0, 1].

    Source: Shoemake 1985; White 2016, "Sampling Generative Networks", section 2.1.
    """
    length_a = np.linalg.norm(a, axis=-1, keepdims=True) + 1e-9
    length_b = np.linalg.norm(b, axis=-1, keepdims=True) + 1e-9
    angle = np.arccos(np.clip((a / length_a * (b / length_b)).sum(-1, keepdims=True), -1.0, 1.0))
    small = angle < 1e-4
    sine = np.where(small, 1.0, np.sin(angle))
    along = np.where(small, 1 - share, np.sin((1 - share) * angle) / sine) * a / length_a
    along = along + np.where(small, share, np.sin(share * angle) / sine) * b / length_b
    found: NDArray[np.float32] = ((length_a * (1 - share) + length_b * share) * along).astype(np.float32)
    return found


def blend(a: Piece, b: Piece, bundle: Bundle, steps: int, seed: int = 0) -> list[Piece]:
    """`steps` pieces from a to b, both included as they are.

    Between them stand melodies drawn from points on the great circle between the latents, bar by bar, with chords of
    their own. Both melodies are read on one tonic; the first half of the path takes key, length, instrument and
    accompaniment style of a, the second half of b, and the tempo goes evenly.

    Raises:
        UsageError: steps is below 2.
        WishError: the meters differ. InputError: a piece has no melody.
    """
    if not 2 <= steps <= 1000:
        raise UsageError(f"steps is {steps}", "a path holds its two ends at least", "give 2 to 1000, 5 say")
    if a.meter != b.meter:
        raise WishError(
            f"cannot blend {a.meter} with {b.meter}", "a path goes through bars of one meter",
            f"give two pieces in {a.meter}",
        )  # fmt: skip
    model = restore(bundle)
    credits = tuple(f"{row['name']}: {row['attribution']}, {row['licence']}" for row in bundle.card.get("data", ()))
    recipe = Recipe("blend", seed, {"steps": steps}, {bundle.name: bundle.sha256}, credits=credits)
    ends = tuple(_end(piece, model, a.key) for piece in (a, b))
    found = []
    for index in range(steps):
        share = index / (steps - 1)
        if index in (0, steps - 1):
            made = a if index == 0 else b
            made = replace(made, report=Report(findings=(f"step {index + 1} of {steps}: as it was given",)))
        else:
            made = _between(a, b, ends, model, share, stream(seed, "blend", index), f"{index + 1} of {steps}")
        found.append(made.with_recipe(replace(recipe, index=index)))
    return found


def _end(piece: Piece, model: MelodyVae, key: Key) -> tuple[Grid, NDArray[np.float32]]:
    """The grid and latents of a melody moved to the tonic of `key`."""
    line, _ = melody_line(piece.melody)
    if max(piece.length, line[-1].end) > _MOST_BARS * piece.meter.bar:
        raise InputError(f"{piece.title!r} is too long", f"up to {_MOST_BARS} bars are blended", "cut it into parts")
    move = _nearest(key.tonic - piece.key.tonic)
    moved = tuple(replace(note, pitch=note.pitch + move) for note in line)
    grid = gridded(moved, cells_of(piece.meter, piece.pickup, max(piece.length, line[-1].end)), WINDOW)
    return grid, encode(model, grid)


def _nearest(semitones: int) -> int:
    """The same interval between −6 and 5 semitones."""
    return (semitones + 6) % 12 - 6


def _between(
    a: Piece, b: Piece, ends: tuple[tuple[Grid, NDArray[np.float32]], ...], model: MelodyVae, share: float,
    chance: np.random.Generator, place: str,
) -> Piece:  # fmt: skip
    near = 0 if share < 0.5 else 1
    host = (a, b)[near]
    (grid, own), (_, other) = ends[near], ends[1 - near]
    rows = np.minimum(np.arange(len(own)) * len(other) // len(own), len(other) - 1)
    pair = (own, other[rows]) if near == 0 else (other[rows], own)
    z = slerp(*pair, spread(share))
    dice = chance.random((2, len(own), SLOTS))
    free = np.zeros(len(own), bool)
    kind = draw_kinds(model, grid, z, free, dice[0], _TEMPERATURE, count=False)
    if not (kind == 0).any():
        kind = grid.kind
    strikes = [replace(strike, original=None) for strike in strikes_of(grid, kind)]
    heard = [[note.pitch + _nearest(a.key.tonic - p.key.tonic) for note in melody_line(p.melody)[0]] for p in (a, b)]
    low, high = (round(f(heard[0]) * (1 - share) + f(heard[1]) * share) for f in (min, max))
    rules = Rules(Key(a.key.tonic, host.key.mode).scale, low - 1, high + 1, _TEMPERATURE)
    tonics = [pitch for pitch in range(low - 1, high + 2) if pitch % 12 == a.key.tonic]
    closing = heard[near][-1]
    rules = replace(rules, last=min(tonics, key=lambda pitch: abs(pitch - closing)) if tonics else None)
    pitches = draw_pitches(model, grid, kind, z, strikes, rules, dice[1].reshape(-1)[[s.place for s in strikes]])
    back = _nearest(host.key.tonic - a.key.tonic)
    drawn = notes_of(grid, kind, [pitch + back for pitch in pitches], melody_line(host.melody)[0], frozenset())
    return _dressed(a, b, host, drawn, share, place)


def spread(share: float) -> float:
    """Where on the circle a share of the path lies: nearer its middle, where melodies change most; 0, ½ and 1 stay."""
    away = 2 * share - 1
    return 0.5 + math.copysign(abs(away) ** 1.7, away) / 2


def _dressed(a: Piece, b: Piece, host: Piece, line: tuple[Note, ...], share: float, place: str) -> Piece:
    """The line as a piece: chords under it, tempo between, what both ends gave in its report."""
    voice = [(note.tick, note.duration, note.pitch, 5) for note in line]
    length = max(host.length, line[-1].end)
    chords = harmonise(voice, host.key, host.meter, host.pickup, length)
    tracks: list[Track] = [replace(host.melody, notes=line)]
    if len([track for track in host.tracks if not track.drums]) > 1:
        tracks.append(_blocks(host, chords, length))
    tempo = round(a.tempo * (1 - share) + b.tempo * share, 3)
    outside = sum(note.pitch % 12 not in host.key.scale for note in line)
    promises = (
        Promise("meter", str(host.meter), str(host.meter), True),
        Promise("scale", str(host.key), f"{outside} notes outside it", outside == 0),
    )
    report = Report(promises, (f"step {place}: {share:.0%} of the way",))
    values: dict[str, Any] = {"tracks": tuple(tracks), "chords": chords, "tempo": tempo, "report": report}
    title = a.title if a.title == b.title else f"{a.title} – {b.title}"
    return replace(host, title=f"{title} ({place})", plan=(report.findings[0],), **values)


def _blocks(host: Piece, chords: tuple[Any, ...], length: int) -> Track:
    """A track of block chords around the C below middle C, in the sound of the host's second track."""
    second = next(track for track in host.tracks if track is not host.melody and not track.drums)
    notes: list[Note] = []
    for chord, end in zip(chords, [*(following.tick for following in chords[1:]), length], strict=True):
        notes += [
            Note(chord.tick, 48 + (pitch_class - 48) % 12, end - chord.tick, 56) for pitch_class in chord.pitch_classes
        ]
    return Track("Chords", second.program, tuple(sorted(notes)))
