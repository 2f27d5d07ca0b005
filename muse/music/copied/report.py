"""The longest match of a piece in words: a promise, or a finding."""

from __future__ import annotations

from muse.music.copied.figures import lines_of
from muse.music.copied.index import MOST, Copies, Match
from muse.music.copied.part import LEAST
from muse.music.piece import Piece
from muse.terms import Promise, Report

NAME = "not copied"


def report(piece: Piece, copies: Copies, *, promised: bool = True, given: bool = False) -> Report:
    """The longest match of a piece with what a bundle's model has read; empty where the bundle has no index.

    Args:
        promised: the piece was to share fewer than MOST notes in a row, in the voices that the model writes: its tune,
            or all four of four. Else every voice is looked at, and the match is only told.
        given: a part of the piece is the user's own: a match relaxes the promise.

    Raises:
        BundleError: the index is damaged.
    """
    if not copies:
        return Report()
    lines = lines_of(piece)
    if promised and {"Soprano", "Alto", "Tenor", "Bass"} - lines.keys():
        lines = dict([*lines.items()][:1])
    match = copies.longest(list(lines.values()))
    told = _said(match, list(lines), piece)
    if not promised:
        return Report(findings=(f"longest match with music that was learned from: {told}",))
    kept = match is None or match.notes < MOST
    return Report((Promise(NAME, f"under {MOST} notes in a row", told, kept or ("relaxed" if given else False)),))


def _said(match: Match | None, names: list[str], piece: Piece) -> str:
    """A match in words: its notes, bars, voice and source."""
    if match is None:
        return f"under {LEAST} notes"
    first, last = (max(0, int((at - piece.pickup) // piece.meter.bar) + 1) for at in (match.start, match.end))
    bars = f"bar {first}" if first == last else f"bars {first} to {last}"
    doubt = f"; by chance {match.chance:.1g}" if match.chance > 0.001 else ""
    return f"{match.notes} notes, {bars} of {names[match.line]}, as in {match.source}{doubt}"
