"""The words under the tune, and what of the setting the finished notes keep."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise

from muse.music.notes import Music, Note
from muse.music.piece import Piece
from muse.music.sing.grid import strength
from muse.music.sing.line import BREATH, HELD
from muse.music.sing.lines import is_tonal
from muse.music.sing.setting import Setting
from muse.music.sing.tones import Agreement, agreement
from muse.terms import Lyrics, Promise, Report, Syllable

STRESSED = 0.9
"""The share of stressed syllables on places not weaker than their neighbours' from which the stresses are kept."""


@dataclass(frozen=True, slots=True)
class Told:
    """A syllable with the notes it is sung on."""

    syllable: Syllable
    notes: tuple[Note, ...]

    @property
    def tick(self) -> int:
        return self.notes[0].tick

    @property
    def end(self) -> int:
        return self.notes[-1].end


def underlaid(piece: Piece, setting: Setting) -> Piece:
    """The piece with the words under its tune, the reasons of the setting, and what it found out in the report.

    Its promises are left to the referee, who reads them from the file.
    """
    tune = piece.melody
    words = dict(zip((note.tick for note in setting.notes), setting.words, strict=True))
    sung = replace(tune, notes=tuple(replace(note, lyric=words.get(note.tick, "")) for note in tune.notes))
    tracks = tuple(sung if track is tune else track for track in piece.tracks)
    made = replace(piece, tracks=tracks, plan=(*piece.plan, *setting.reasons))
    return made.with_report(piece.report + Report(findings=report(made, setting.lyrics).findings))


def report(piece: Music, lyrics: Lyrics) -> Report:
    """What the notes of a sung piece keep: words, stresses, rhymes, breath; its tones are a finding."""
    asked = [one.text for one in lyrics.syllables]
    found = [one.lyric for one in piece.melody.notes if one.lyric not in ("", "_")]
    whole = found == asked
    words = Promise("lyrics", f"{len(asked)} syllables, each on a note",
                    f"{len(found)} in their order" if whole else f"{len(found)} that differ", whole)  # fmt: skip
    if not whole:
        return Report((words,))
    lines = lines_told(piece, lyrics)
    kept = [words, _breath(lines, piece.length)]
    findings = []
    if rhymes := _rhymes(lines, piece):
        kept.append(rhymes)
    if is_tonal(lyrics):
        agreed = agreement_of(lines)
        said = f"{agreed.share:.0%} of {agreed.pairs} steps not against the tones, {agreed.alike} with them"
        findings.append(f"tone agreement: {said}")
    else:
        kept.append(_stress(lines, piece))
        findings.append(_beats(lines, piece))
    return Report(tuple(kept), tuple(findings))


def lines_told(piece: Music, lyrics: Lyrics) -> list[list[Told]]:
    """The syllables of each line with their notes."""
    return [list(line) for _, line in groupby(_told(piece, lyrics), lambda one: one.syllable.line)]


def agreement_of(lines: Sequence[Sequence[Told]]) -> Agreement:
    """How a tune agrees with the tones of its words."""
    return agreement([[(one.syllable.accent, one.notes[0].pitch, one.notes[-1].pitch) for one in line]
                      for line in lines])  # fmt: skip


def _told(piece: Music, lyrics: Lyrics) -> Iterator[Told]:
    """The syllables with their notes, as far as both go."""
    groups: list[list[Note]] = []
    for note in piece.melody.notes:
        if note.lyric == "_" and groups:
            groups[-1].append(note)
        elif note.lyric:
            groups.append([note])
    for syllable, notes in zip(lyrics.syllables, groups, strict=False):
        yield Told(syllable, tuple(notes))


def _breath(lines: Sequence[Sequence[Told]], length: int) -> Promise:
    following = [*(line[0].tick for line in lines[1:]), length + BREATH]
    able = [after - line[-1].end >= BREATH or line[-1].notes[-1].duration >= HELD
            for line, after in zip(lines, following, strict=True)]  # fmt: skip
    return Promise("breath", "a rest or a long note at the end of each line", f"{sum(able)} of {len(able)}", all(able))


def _rhymes(lines: Sequence[Sequence[Told]], piece: Music) -> Promise | None:
    """Whether lines of one rhyme end on the same notes in the same rhythm."""
    ends: dict[str, list[tuple[tuple[int, int, int], ...]]] = {}
    for line in lines:
        if line[-1].syllable.rhyme:
            notes = [note for one in line[-2:] for note in one.notes]
            figure = tuple((note.tick - notes[-1].tick, note.duration, note.pitch % 12) for note in notes)
            at = (notes[-1].tick - piece.pickup) % piece.meter.bar
            ends.setdefault(line[-1].syllable.rhyme, []).append((*figure, (at, 0, 0)))
    alike = [(len(some), sum(one == some[0] for one in some)) for some in ends.values() if len(some) > 1]
    if not alike:
        return None
    of, same = (sum(column) for column in zip(*alike, strict=True))
    return Promise("rhyme cadences", "lines of one rhyme end alike", f"{same} of {of} lines",
                   True if same == of else "relaxed")  # fmt: skip


def stress_of(lines: Sequence[Sequence[Told]], piece: Music) -> tuple[int, int]:
    """(pairs of neighbours where the stressed one stands on a place as strong as the other's or stronger, all)."""
    pairs = right = 0
    for line in lines:
        for one, other in pairwise(line):
            if (one.syllable.accent == "0") == (other.syllable.accent == "0"):
                continue
            high, low = (other, one) if one.syllable.accent == "0" else (one, other)
            pairs += 1
            right += _strength(high, piece) >= _strength(low, piece)
    return right, pairs


def _stress(lines: Sequence[Sequence[Told]], piece: Music) -> Promise:
    right, pairs = stress_of(lines, piece)
    share = right / pairs if pairs else 1.0
    return Promise("stress", "stressed syllables on places as strong as their neighbours' or stronger",
                   f"{share:.0%} of {pairs}", True if share >= STRESSED else "relaxed")  # fmt: skip


def _beats(lines: Sequence[Sequence[Told]], piece: Music) -> str:
    stressed = [_strength(one, piece) for line in lines for one in line if one.syllable.accent == "1"]
    on, strong = (sum(place >= least for place in stressed) for least in (1, 2))
    every = max(1, len(stressed))
    return f"stressed syllables: {on / every:.0%} on a beat, {strong / every:.0%} on a strong one"


def _strength(one: Told, piece: Music) -> int:
    return strength(piece.meter, one.tick - piece.pickup)
