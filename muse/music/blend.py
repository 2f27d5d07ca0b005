"""A path between two melodies in the latent space of the melody VAE: the first is one, the last the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from muse.bundle import Bundle
from muse.errors import UsageError, WishError
from muse.music.cells import Grid, cells_of, gridded
from muse.music.chain import Floats
from muse.music.harmony import harmonise
from muse.music.line import Tune, likeness, tune_of
from muse.music.piece import Note, Piece, Track
from muse.music.plain import Vae, restored
from muse.music.redraw import NOTHING, WINDOW, Rules, draw_kinds, draw_pitches, encode, notes_of, strikes_on
from muse.music.theory import Chord, Key
from muse.music.windows import ONSET, SLOTS
from muse.seed import stream
from muse.terms import Promise, Report
from muse.work import Recipe

_TEMPERATURE = 0.4
_FINE = 8  # points drawn for each step
_MOST_DRAWN = 128


def slerp(a: Floats, b: Floats, share: float) -> Floats:
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
    found: Floats = (length_a * (1 - share) + length_b * share) * along
    return found


@dataclass(frozen=True, slots=True)
class End:
    """One end of a path: a piece with its tune, on the tonic of the first, in the latent space.

    Attributes:
        line: the tune, moved by `move` semitones.
        mu: (N, Z) its latents.
    """

    piece: Piece
    tune: Tune
    line: tuple[Note, ...]
    move: int
    grid: Grid
    mu: Floats


def blend(a: Piece, b: Piece, bundle: Bundle, steps: int, seed: int = 0, *, device: str = "cpu") -> list[Piece]:
    """`steps` pieces from a to b, both included as they are.

    Between them stand melodies drawn from points on the great circle between the latents, bar by bar, with chords of
    their own. More points are drawn than are asked for, all by the same dice, and those taken that stand most evenly
    between the ends by measured similarity. Both melodies are read on one tonic; the first half of the path takes
    key, length, instrument and accompaniment style of a, the second half of b, and the tempo goes evenly.

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
    model = restored(bundle, device)
    credits = tuple(f"{row['name']}: {row['attribution']}, {row['licence']}" for row in bundle.card.get("data", ()))
    recipe = Recipe("blend", seed, {"steps": steps}, {bundle.name: bundle.sha256}, credits=credits)
    ends = _end(a, model, a.key), _end(b, model, a.key)
    fine = max(1, min(_FINE, _MOST_DRAWN // (steps - 1)))
    shares = np.linspace(0, 1, fine * (steps - 1) + 1)[1:-1].tolist()
    drawn = dict(zip(shares, _lines(ends, model, shares, seed), strict=True))
    taken = _evenly(shares, [_progress(ends, line) for line in drawn.values()], steps - 2)
    found = [_given(a, f"step 1 of {steps}")]
    for index, share in enumerate(taken, 2):
        found.append(_dressed(ends, drawn[share], share, f"{index} of {steps}"))
    found.append(_given(b, f"step {steps} of {steps}"))
    return [made.with_recipe(replace(recipe, index=index)) for index, made in enumerate(found)]


def _given(piece: Piece, step: str) -> Piece:
    return replace(piece, report=Report(findings=(f"{step}: as it was given",)))


def _end(piece: Piece, model: Vae, key: Key) -> End:
    """An end on the tonic of `key`."""
    tune = tune_of(piece)
    end = max(piece.length, tune.line[-1].end)
    move = (key.tonic - piece.key.tonic + 6) % 12 - 6
    line = tuple(replace(note, pitch=note.pitch + move) for note in tune.line)
    grid = gridded(line, cells_of(piece.meter, piece.pickup, end), WINDOW)
    return End(piece, tune, line, move, grid, encode(model, grid))


def _lines(ends: tuple[End, End], model: Vae, shares: Sequence[float], seed: int) -> list[tuple[Note, ...]]:
    """The lines at some shares of the path, on one tonic, all drawn by the same dice."""
    found = []
    for near, host in enumerate(ends):
        mine = [share for share in shares if (share >= 0.5) == bool(near)]
        if not mine:
            continue
        rows = [
            np.minimum(np.arange(len(host.mu)) * len(end.mu) // len(host.mu), len(end.mu) - 1) for end in ends
        ]  # of each end, beside each bar of the host
        z = np.stack([slerp(ends[0].mu[rows[0]], ends[1].mu[rows[1]], share) for share in mine])
        dice = stream(seed, "blend").random((len(host.mu), 2, SLOTS)).transpose(1, 0, 2)
        held = np.zeros(host.grid.kind.shape, bool)
        chances = np.repeat(dice[:1], len(mine), axis=0)
        kinds = draw_kinds(model, host.grid, z, held, chances, _TEMPERATURE, more=None)
        for share, latent, kind in zip(mine, z, kinds, strict=True):
            kind = kind if (kind == ONSET).any() else host.grid.kind
            strikes = strikes_on(host.grid, kind[None], ~held, (), np.zeros(0, bool))
            strikes = replace(strikes, original=np.full_like(strikes.original, NOTHING))
            rules = _rules(ends, host, share)
            chance = dice[1].reshape(-1)[strikes.place]
            pitches = draw_pitches(model, host.grid, kind[None], latent[None], strikes, rules, chance)[0]
            found.append(tuple(notes_of(host.grid, kind, ~held, pitches.tolist(), host.line, frozenset())))
    return found


def _rules(ends: tuple[End, End], host: End, share: float) -> Rules:
    """The scale of the nearer end on one tonic, a range between theirs, and a close on the tonic."""
    tonic = ends[0].piece.key.tonic
    heard = [[note.pitch for note in end.line] for end in ends]
    low, high = (round(f(heard[0]) * (1 - share) + f(heard[1]) * share) for f in (min, max))
    closes = [pitch for pitch in range(low - 1, high + 2) if pitch % 12 == tonic]
    last = min(closes, key=lambda pitch: abs(pitch - host.line[-1].pitch)) if closes else None
    return Rules(Key(tonic, host.piece.key.mode).scale, low - 1, high + 1, _TEMPERATURE, last)


def _progress(ends: tuple[End, End], line: Sequence[Note]) -> float:
    """How far along the path a line stands: its unlikeness to the first end beside that to the last."""
    first, last = (1 - likeness(end.line, line).overall for end in ends)
    return first / (first + last) if first + last else 0.5


def _evenly(shares: Sequence[float], progress: Sequence[float], count: int) -> list[float]:
    """`count` of the shares, in order, whose progress is as even as can be."""
    best = np.full(count + 1, np.inf)  # by how many are taken; the least sum of squares
    best[0] = 0.0
    ways: list[list[int]] = [[] for _ in range(count + 1)]
    for index, at in enumerate(progress):
        for taken in range(min(count, index + 1), 0, -1):
            cost = best[taken - 1] + (at - taken / (count + 1)) ** 2
            if cost < best[taken]:
                best[taken], ways[taken] = cost, [*ways[taken - 1], index]
    return [shares[index] for index in ways[count]]


def _dressed(ends: tuple[End, End], drawn: tuple[Note, ...], share: float, place: str) -> Piece:
    """A drawn line as a piece: chords under it, tempo between, what both ends gave in its report."""
    near = ends[share >= 0.5]
    (a, b), host = (end.piece for end in ends), near.piece
    own = host.tracks[near.tune.track]
    line = tuple(replace(note, pitch=note.pitch - near.move) for note in drawn)
    voice = [(note.tick, note.duration, note.pitch, 5) for note in line]
    length = max(host.length, line[-1].end)
    chords = harmonise(voice, host.key, host.meter, host.pickup, length)
    tracks = [replace(own, notes=line)]
    others = [track for track in host.tracks if track is not own and not track.drums]
    if others:
        tracks.append(_blocks(others[0], chords, length))
    outside = sum(note.pitch % 12 not in host.key.scale for note in line)
    promises = (
        Promise("meter", str(host.meter), str(host.meter), True),
        Promise("scale", str(host.key), f"{outside} notes outside it", outside == 0),
    )
    report = Report(promises, (f"step {place}: {_progress(ends, drawn):.0%} of the way by similarity",))
    title = a.title if a.title == b.title else f"{a.title} – {b.title}"
    return replace(
        host, title=f"{title} ({place})", plan=(report.findings[0],), tracks=tuple(tracks), chords=chords,
        tempo=round(a.tempo * (1 - share) + b.tempo * share, 3), report=report,
    )  # fmt: skip


def _blocks(second: Track, chords: tuple[Chord, ...], length: int) -> Track:
    """A track of block chords around the C below middle C, in the sound of the host's second track."""
    notes: list[Note] = []
    for chord, end in zip(chords, [*(following.tick for following in chords[1:]), length], strict=True):
        notes += [
            Note(chord.tick, 48 + (pitch_class - 48) % 12, end - chord.tick, 56) for pitch_class in chord.pitch_classes
        ]
    return Track("Chords", second.program, tuple(sorted(notes)))
