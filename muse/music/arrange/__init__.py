"""From a draft or a tune to a piece: instruments, loudness, and an accompaniment from the chord symbols."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from muse.music.arrange import bass, drums, guitar, piano, strings
from muse.music.arrange.band import Band
from muse.music.arrange.frame import PHRASE, Frame, velocity
from muse.music.arrange.instruments import Instrument
from muse.music.events import Draft
from muse.music.mood import Plan
from muse.music.notes import Note, Track
from muse.music.piece import Piece
from muse.seed import stream

__all__ = ["Band", "accompanied", "arrange"]
LOWEST = 24
"""No accompaniment goes below this pitch."""


def arrange(
    draft: Draft, plan: Plan, title: str, band: Band | None = None, seed: int = 0, holds: frozenset[int] | None = None
) -> Piece:
    """The piece of a draft: its voices, each on its instrument, and under a tune with chords its accompaniment.

    Velocities follow the beat and an arch over each phrase, around the plan's loudness.

    Args:
        band: who plays; by default as the draft's task and the plan have it.
        seed: chooses among the patterns that suit.
        holds: bars, from 1, where a phrase ends; by default each fourth.
    """
    band = band or Band(draft.task)
    names = ("Soprano", "Alto", "Tenor", "Bass") if draft.task == "satb" else ("Melody",)
    players = band.voices(plan) if draft.task == "satb" else (band.lead(plan),)
    tracks = []
    for name, voice, player in zip(names, draft.voices, players, strict=True):
        loud = plan.loudness + (8 if name == "Melody" else 2 if name in ("Soprano", "Bass") else -4)
        notes = tuple(
            Note(tick, pitch, duration, velocity(tick, draft.meter, draft.pickup, loud, draft.length))
            for tick, duration, pitch, _ in voice
        )
        tracks.append(Track(name, player.program, notes))
    piece = Piece(
        title, draft.key, draft.meter, plan.tempo, draft.bars, tuple(tracks), draft.pickup, draft.chords, plan.reasons
    )
    return accompanied(piece, plan, band, seed, holds) if draft.task == "lead" else piece


def accompanied(
    piece: Piece, plan: Plan, band: Band | None = None, seed: int = 0, holds: frozenset[int] | None = None
) -> Piece:
    """The tune of a piece, note for note, with an accompaniment that follows the piece's chords and stays under it.

    Each player's pattern is chosen by drive, meter, tempo and seed, and stands in the plan with its reason.

    Args:
        plan: its drive and loudness, and the instruments where the band names none.
    """
    band = band or Band()
    tune = piece.melody
    players = band.accompanists(plan)
    if holds is None:
        holds = frozenset(range(PHRASE, piece.bars + 1, PHRASE))
    frame = Frame(
        piece.key, piece.meter, tune.notes, piece.chords, piece.length, piece.pickup, plan.drive, piece.tempo,
        plan.loudness, seed, holds, any(player.role == "strings" for player in players) and len(players) > 1,
    )  # fmt: skip
    shares = band.shares(players)
    reasons = list(piece.plan)
    tracks = [tune]
    has_bass = any(player.role == "bass" and share for player, share in zip(players, shares, strict=True))
    for place, (player, share) in enumerate(zip(players, shares, strict=True)):
        if not share or not piece.chords:
            reasons.append(f"{player.name}: silent, polyphony {band.polyphony}" if not share else "no chords")
            continue
        chance = float(stream(seed, "pattern", place).random())
        notes, told = _played(frame, player, share, chance, has_bass=has_bass, solo=band.ensemble == "piano")
        if not player.drums:
            notes = under(tune.notes, notes)
        name = "Chords" if band.ensemble == "lead" else _free(player.name, [track.name for track in tracks])
        reasons.append(f"{name.lower()}: {told}; {('calm', 'moving', 'lively')[plan.drive]}, {piece.meter}")
        tracks.append(Track(name, player.program, tuple(sorted(notes)), player.drums))
    return replace(piece, tracks=tuple(tracks), plan=tuple(reasons))


def _played(
    frame: Frame, player: Instrument, share: int, chance: float, *, has_bass: bool, solo: bool
) -> tuple[list[Note], str]:
    """(what a player plays, in which pattern)."""
    if player.role == "drums":
        return drums.play(frame), drums.PATTERNS[frame.drive]
    if player.role == "bass":
        chosen = bass.pattern(frame, chance)
        return bass.play(frame, chosen), chosen
    if player.role == "guitar":
        chosen = guitar.pattern(frame, chance)
        return guitar.play(frame, chosen, share, bass=not has_bass), chosen
    if player.role == "strings":
        return strings.pads(frame, share, player), "pads"
    if player.role == "line":
        return strings.line(frame, player), "a second line"
    chosen = piano.pattern(frame, chance)
    return piano.play(frame, chosen, share, bass=not has_bass, solo=solo), chosen


def under(tune: Sequence[Note], notes: Sequence[Note]) -> list[Note]:
    """The notes that may sound under a tune: those above it go down by octaves, or out where that place is taken."""
    kept: list[Note] = []
    high: list[Note] = []
    first = 0
    ordered = sorted(tune)
    for note in sorted(notes):
        while first < len(ordered) and ordered[first].end <= note.tick:
            first += 1
        over = [each.pitch for each in ordered[first : first + note.duration + 1]
                if each.tick < note.end and each.end > note.tick]  # fmt: skip
        ceiling = min(over, default=127)
        if note.pitch <= ceiling:
            kept.append(note)
        else:
            high.append(replace(note, pitch=note.pitch - 12 * (-(-(note.pitch - ceiling) // 12))))
    sounding: dict[int, list[Note]] = {}
    bottom: dict[int, int] = {}
    for note in kept:
        sounding.setdefault(note.pitch, []).append(note)
        bottom[note.tick] = min(note.pitch, bottom.get(note.tick, 127))
    for note in high:
        here = sounding.setdefault(note.pitch, [])
        inverted = note.pitch < bottom.get(note.tick, 0)  # the chord keeps its bass
        taken = any(each.tick < note.end and each.end > note.tick for each in here)
        if note.pitch >= LOWEST and not taken and not inverted:
            here.append(note)
    return sorted(note for found in sounding.values() for note in found)


def _free(name: str, taken: Sequence[str]) -> str:
    """The name, with a number where it is taken."""
    return name if name not in taken else next(f"{name} {n}" for n in range(2, 99) if f"{name} {n}" not in taken)
