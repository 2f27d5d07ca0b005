"""Composing: a request becomes a plan, a scheme, several candidates, and the best of them a piece."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from muse.music import copied
from muse.music.arrange import Band, arrange
from muse.music.copied import NOTHING, Copies
from muse.music.drafting import write
from muse.music.events import Draft
from muse.music.mood import Plan
from muse.music.piece import Piece
from muse.music.scheme import Echo, Ending
from muse.music.theory import Chord
from muse.music.wishes import ENSEMBLES, RANGES, absolute, prepare
from muse.nn.writer import Writer
from muse.terms import Mood, Promise, Report, Theme

if TYPE_CHECKING:
    from muse.bundle import Bundle

__all__ = ["ENSEMBLES", "RANGES", "PieceRequest", "compose", "compose_with", "drafted", "prepare"]


@dataclass(frozen=True, slots=True)
class PieceRequest:
    """A wish for a piece; what is None follows from the mood. Pitches, roots and ticks are absolute: as they sound, and
    from the beginning of the piece, the pickup included; bars count from 1, and 0 is the pickup.

    Attributes:
        ensemble: "melody", "lead" (a tune with chords) or "satb" (four voices).
        key: "D minor", "E dorian", "G 徵"; meter: "3/4"; tempo: quarter notes a minute.
        bars: full bars of the whole piece, given ones included.
        pickup: ticks before the first bar line.
        ranges: voice ("melody", "soprano" …) → lowest and highest MIDI pitch.
        candidates: pieces written, of which the best is kept; by default 6, 4 in four parts, fewer for long ones.
        strict: the rules of four voices hold; without them only key, ranges and what else is wished.
        chords: a progression; voices take its notes on strong beats.
        given: a piece of this ensemble, key, meter and length; what `write` leaves out of it stays note for note.
        write: (bar, voice) that are written, voice "chords" for those of a lead sheet; with `given` alone.
        rhythm: (tick, duration) of each note of the tune, exactly; between them it rests.
        steps: for each note of the tune after the first, the directions (−1, 0, 1) it may take from the one before.
        repeats: note of the tune → an earlier one whose pitch it takes where it can; for `rhythm`.
        echoes: bar → the earlier bar that it repeats; None draws a form.
        holds: bars in which a phrase ends; None draws a form.
        density: fewest and most notes of the tune in a bar.
        phrases: ticks where lines end, for `rhythm`: the last note that begins before each is a resting one.
        leap: the widest leap of any voice, in semitones.
        ending: "authentic", "half", "plagal" or "open".
        worth: what a draft (its tonic a C) is worth beside its likelihood, added when the best one is chosen.
    """

    theme: Theme = field(default_factory=lambda: Theme(""))
    mood: Mood = field(default_factory=Mood)
    ensemble: str = "lead"
    key: str | None = None
    meter: str | None = None
    tempo: float | None = None
    bars: int = 16
    pickup: int = 0
    ranges: Mapping[str, tuple[int, int]] | None = None
    seed: int = 0
    candidates: int | None = None
    strict: bool = True
    title: str = ""
    band: Band | None = None
    chords: tuple[Chord, ...] = ()
    given: Draft | None = None
    write: frozenset[tuple[int, str]] = frozenset()
    rhythm: tuple[tuple[int, int], ...] = ()
    steps: tuple[frozenset[int], ...] = ()
    repeats: Mapping[int, int] = field(default_factory=dict)
    echoes: Mapping[int, Echo] | None = None
    holds: frozenset[int] | None = None
    density: tuple[int, int] | None = None
    phrases: tuple[int, ...] = ()
    leap: int | None = None
    ending: Ending = "authentic"
    worth: Callable[[Draft], float] | None = None


def compose(request: PieceRequest, bundle: Bundle, device: str = "auto") -> Piece:
    """The piece for a request.

    Args:
        device: "cpu", "cuda" or "auto".

    Raises:
        UsageError: an unknown ensemble, key, meter or voice, or a number out of bounds.
        WishError: wishes that contradict each other.
        BundleError: the bundle is no composer.
    """
    from muse.music.model import writer

    return compose_with(writer(bundle, device), request, Copies.thaw(bundle))


def compose_with(writer: Writer, request: PieceRequest, copies: Copies = NOTHING) -> Piece:
    """The piece that a writer makes of a request.

    Args:
        copies: what the writer has learned from, so that the piece is no copy of it.

    Raises:
        As `compose`.
    """
    plan, draft, relaxed = drafted(writer, request, copies)
    title = request.title or request.theme.text or "Untitled"
    piece = arrange(draft, plan, title, request.band, request.seed, request.holds)
    known = copied.report(piece, copies, given=request.given is not None)
    return piece.with_report(_report(piece, request, relaxed) + known)


def drafted(writer: Writer, request: PieceRequest, copies: Copies = NOTHING) -> tuple[Plan, Draft, tuple[Promise, ...]]:
    """(plan, the draft in its key, what gave way): a piece before it is arranged.

    Raises:
        As `compose`.
    """
    plan, scheme, octave = prepare(request)
    draft, relaxed = write(writer, request, plan, scheme, copies)
    return plan, absolute(draft, plan.key, octave, request.chords), relaxed


def _report(piece: Piece, request: PieceRequest, relaxed: tuple[Promise, ...]) -> Report:
    """The promises, read from the written MIDI by the referee, and what gave way in the writing."""
    from muse.music import referee

    ranges = {name: f"{_pitch(low)}-{_pitch(high)}" for name, (low, high) in (request.ranges or {}).items()}
    asked: dict[str, Any] = {
        "key": request.key and str(piece.key), "meter": request.meter and str(piece.meter), "tempo": request.tempo,
        "bars": request.bars, "ensemble": request.ensemble, "range": ranges or None, "leap": request.leap,
    }  # fmt: skip
    found = referee.check(piece.midi(), asked)
    return Report((*found.promises, *relaxed), found.findings)


def _pitch(pitch: int) -> str:
    return f"{('C', 'C#', 'D', 'D#', 'E', 'F', 'F#', 'G', 'G#', 'A', 'A#', 'B')[pitch % 12]}{pitch // 12 - 1}"
