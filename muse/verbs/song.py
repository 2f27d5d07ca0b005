"""The poem sung: a poem becomes lyrics, these a setting, and the words go under the tune that is written for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from muse.errors import InputError
from muse.terms import Lyrics, Phrase, Report
from muse.verbs import wishes

if TYPE_CHECKING:
    from muse.music.composer import PieceRequest
    from muse.music.events import Draft
    from muse.music.piece import Piece
    from muse.music.sing import Setting
    from muse.poem.poem import Poem

LONGEST_TEXT = 20_000
WEIGHT = 2.0
"""What the agreement of tune and tones, a share, is worth in nats a note when the best candidate is chosen."""
PENTATONIC = ("宫", "羽")
"""The modes of a Chinese poem for which no key is asked: of a bright mood, and of a dark one."""
_TONICS = ("C", "D", "F", "G", "A", "Bb")


@dataclass(frozen=True)
class Words:
    """A poem to be sung.

    Attributes:
        poem: as it was read.
        lyrics: its syllables.
    """

    poem: Poem
    lyrics: Lyrics

    @property
    def title(self) -> str:
        return self.poem.title

    @property
    def theme(self) -> str:
        """A text that tells what it is about."""
        return " ".join((self.poem.title, *self.poem.lines))[:200]

    def plain(self) -> dict[str, Any]:
        """The poem as a plain value for a recipe."""
        return self.poem.as_dict()


def read(lyrics: Poem | Mapping[str, Any] | str | Path, lang: str | None = None) -> Words:
    """The words to be sung.

    Args:
        lyrics: a Poem, the value of a poem.json, the path of a poem's file or folder, or verse itself, its lines parted
            by / or in rows.
        lang: "zh" or "en"; by default as the letters say.

    Raises:
        InputError: no poem, or one in a language that muse cannot sing.
    """
    poem = _poem(lyrics)
    if lang is not None:
        poem = replace(poem, language=lang)
    found = poem.lyrics()
    if not found.syllables:
        raise InputError("nothing to sing", "no word of it can be said", "give verse in Chinese or English")
    return Words(poem, found)


def fitted(
    request: PieceRequest, words: Words, *, melisma: float = 0.0, tones: str = "weight", bars: int | None = None,
    meter: str | None = None,
) -> tuple[PieceRequest, Setting]:  # fmt: skip
    """(the request for a tune to these words, their setting).

    Args:
        bars, meter: as asked for; None for those that suit the poem.

    Raises:
        UsageError, WishError: as `muse.music.sing.setting`.
    """
    from muse.music.scheme import Echo
    from muse.music.sing import setting
    from muse.music.theory import Meter

    made = setting(words.lyrics, meter=Meter.parse(meter) if meter else None, bars=bars, melisma=melisma, tones=tones,
                   seed=request.seed)  # fmt: skip
    tonal = words.poem.language == "zh"
    return replace(
        request,
        key=request.key or (_mode(request) if tonal else None),
        meter=str(made.meter),
        bars=made.bars,
        pickup=made.pickup,
        rhythm=made.rhythm,
        steps=made.steps,
        repeats=made.repeats,
        phrases=made.ends,
        holds=frozenset(),
        echoes={bar: Echo(source) for bar, source in made.echoes.items()},
        worth=_worth(made) if tonal and tones == "weight" else None,
    ), made


def underlaid(piece: Piece, made: Setting) -> Piece:
    """The piece with the words under its tune and what it keeps of them in its report."""
    from muse.music.sing import underlaid as lay

    return lay(piece, made)


def heard(melody: Piece | Mapping[str, Any] | Sequence[Mapping[str, Any]] | str | Path, language: str) -> list[Phrase]:
    """The phrases of a melody that a poem is to be sung to.

    Args:
        melody: a Piece, the value of a piece.json, a file of music, the folder of a piece, or the plain phrases of a
            recipe.

    Raises:
        InputError: no music, or too short for a line.
    """
    if isinstance(melody, Sequence) and not isinstance(melody, str):
        return [Phrase(tuple(one["accents"]), tuple(one["steps"]), str(one["cadence"])) for one in melody]
    from muse.music.sing.phrases import phrases
    from muse.verbs.make import piece_of

    return list(phrases(piece_of(melody), language))


def kept(melody: Sequence[Mapping[str, Any]], language: str, lines: Sequence[str]) -> Report:
    """What some lines of verse keep of the melody that they were written to."""
    from muse.poem import melody as room
    from muse.poem.poem import Poem

    return room.kept(heard(melody, language), Poem("", tuple(lines), "", language).lyrics())


def _poem(lyrics: Poem | Mapping[str, Any] | str | Path) -> Poem:
    from muse.poem.poem import Poem
    from muse.verbs.library import read as read_work

    if isinstance(lyrics, Poem):
        return lyrics
    if isinstance(lyrics, Mapping):
        return Poem.from_dict(lyrics)
    path = Path(lyrics)
    text = str(lyrics)
    single = "\n" not in text and len(text) < 500
    if isinstance(lyrics, Path) or (single and (path.exists() or path.suffix.lower() in (".txt", ".json"))):
        found = read_work(path)
        if not isinstance(found, Poem):
            raise InputError(f"{path} holds no poem", f"it is a {found.kind}", "give a poem.json, or verse in a .txt")
        return found
    rows = text[:LONGEST_TEXT].replace("/", "\n").split("\n")
    return Poem.from_text("\n".join(wishes.clean(row, "lyrics") if row.strip() else "" for row in rows))


def _mode(request: PieceRequest) -> str:
    """A pentatonic key for a Chinese poem, by its mood and the seed."""
    from muse.seed import stream

    tonic = _TONICS[int(stream(request.seed, "tonic").integers(len(_TONICS)))]
    return f"{tonic} {PENTATONIC[request.mood.valence < 0]}"


def _worth(made: Setting) -> Any:
    """What the agreement with the tones makes a draft worth."""
    from muse.music.sing.tones import agreement

    notes = made.notes

    def worth(draft: Draft) -> float:
        pitches = [pitch for _, _, pitch, _ in draft.voices[0]]
        lines: dict[int, list[tuple[str, int, int]]] = {}
        for note, pitch in zip(notes, pitches, strict=False):
            one = made.lyrics.syllables[note.syllable]
            line = lines.setdefault(one.line, [])
            if note.more and line:
                line[-1] = (*line[-1][:2], pitch)
            else:
                line.append((one.accent, pitch, pitch))
        return WEIGHT * agreement(list(lines.values())).share

    return worth
