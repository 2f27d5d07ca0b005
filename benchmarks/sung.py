"""Poems sung: is every syllable on a note, are the words read back, and does the tune go with the words?

Muse writes the poems, in the forms of both languages, and sets each to music: Chinese ones as they are set by default
(the agreement with the tones weighs among the candidates), with hard tones, and with tones that bind nothing. The lyric
events of the MIDI are read back by mido, the lyrics of the MusicXML by music21; what the songs promise is judged from
the file. Beside them stand random settings: the same rhythm with the song's own steps in random order (200 orders), so
that as many notes are repeated. English settings stand beside the plainest one: a note a beat from the bar line on,
each syllable where it falls.

Kept: no promise broken. Not against: of the steps between syllables of unlike tone, those that do not go against them;
of stressed syllables beside unstressed ones, those on a place as strong or stronger. With: steps that go with them.

    python benchmarks/sung.py --count 25
"""

from __future__ import annotations

import argparse
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import mido
import numpy as np
from table import machine, table, write

from muse.music.notes import Note
from muse.music.piece import Piece
from muse.music.sing.tones import Agreement
from muse.music.sing.underlay import agreement_of, lines_told, stress_of
from muse.poem.poem import Poem
from muse.seed import stream
from muse.terms import Lyrics
from muse.verbs import song
from muse.verbs.check import check_file
from muse.verbs.tune import compose
from muse.verbs.verse import poem

CHINESE = {
    "五绝": "秋江夜泊 送友人 梅花 渔父 新年 寒山", "七绝": "春晓 塞上 怀古 书斋 归雁", "五律": "登高 明月 望海",
    "七律": "山居 夜雨 落花", "浣溪沙": "秋思", "蝶恋花": "春恨", "菩萨蛮": "离别", "临江仙": "西湖", "卜算子": "江村",
    "忆江南": "故园", "虞美人": "听雨", "采桑子": "采莲",
}  # fmt: skip
ENGLISH = {
    "quatrains": "autumn river, roses, stars, silver rivers, the hills", "sonnet": "winter sea, time",
    "ballad": "the old garden, the road home, love and death, a ship, farewell", "petrarchan": "a lost friend",
    "haiku": "moonlight, night", "couplets": "spring rain, birds at dawn", "blank": "storm",
    "paired": "snow, summer evening, first frost", "envelope": "the lighthouse, harvest",
    "limerick": "a cat, the miller",
}  # fmt: skip
"""Themes of each form or tune."""
MANNERS = ("weight", "hard", "free")
ORDERS = 200


@dataclass(frozen=True)
class Sung:
    """A song with what was found of it.

    Attributes:
        broken: promises that are not kept.
        mido, music21: whether they read every syllable, in order, mido each where a note begins.
        agreement: with the tones, or with the stresses, of which none can go along.
    """

    piece: Piece
    broken: tuple[str, ...]
    mido: bool
    music21: bool
    agreement: Agreement

    @property
    def valid(self) -> bool:
        return not self.broken


def poems(language: str, count: int, candidates: int) -> Iterator[tuple[int, Poem]]:
    """(seed, poem) of the themes in turn."""
    forms = {form: themes.split(", " if language == "en" else " ") for form, themes in
             (CHINESE if language == "zh" else ENGLISH).items()}  # fmt: skip
    turns = [(form, themes[turn]) for turn in range(6) for form, themes in forms.items() if turn < len(themes)]
    for seed, (form, theme) in enumerate(turns[:count]):
        asked = {"form": form} if language == "en" or form[0] in "五七" else {"tune": form}
        yield seed, poem(theme, lang=language, candidates=candidates, seed=seed, **asked)  # type: ignore[arg-type]


def sung(words: Poem, tones: str, seed: int, candidates: int, melisma: float) -> Sung:
    """A poem set to music, its files read back."""
    piece = compose(lyrics=words, tones=tones, melisma=melisma, seed=seed, candidates=candidates, ensemble="lead")
    lyrics = song.read(words).lyrics
    asked = [one.text for one in lyrics.syllables]
    file = mido.MidiFile(file=io.BytesIO(piece.midi()), charset="utf-8")
    read = [(tick, text) for track in file.tracks for tick, text in _lyrics(track)]
    begins = {tick for track in file.tracks for tick in _onsets(track)}
    heard = [text for _, text in read if text != "_"] == asked and all(tick in begins for tick, _ in read)
    notes = [one for note in piece.to_music21().recurse().notes for one in note.lyrics if one.text]
    told = check_file("piece.mid", piece.midi(), piece.recipe).promises
    broken = tuple(f"{one.name}: {one.found}" for one in told if one.kept is False)
    seen = [one.text for one in notes] == [text.rstrip("-") for text in asked]
    return Sung(piece, broken, heard, seen, together(piece, lyrics))


def together(piece: Piece, lyrics: Lyrics) -> Agreement:
    """How far tune and words go together: by tones, or by stresses."""
    lines = lines_told(piece, lyrics)
    if any(one.accent in ("level", "oblique") for one in lyrics.syllables):
        return agreement_of(lines)
    right, pairs = stress_of(lines, piece)
    return Agreement(pairs, 0, pairs - right)


def added(some: Sequence[Agreement]) -> Agreement:
    """All of them as one."""
    return Agreement(*(sum(getattr(one, name) for one in some) for name in ("pairs", "alike", "contrary")))


def at_random(piece: Piece, lyrics: Lyrics, seed: int) -> Agreement:
    """The agreement of the song's own steps in random orders, all orders counted together."""
    tune = piece.melody
    steps = [after.pitch - note.pitch for note, after in pairwise(tune.notes)]
    found = []
    for number in range(ORDERS):
        order = stream(seed, "steps", number).permutation(len(steps))
        pitches = np.cumsum([tune.notes[0].pitch, *(steps[at] for at in order)]).tolist()
        notes = tuple(replace(note, pitch=pitch) for note, pitch in zip(tune.notes, pitches, strict=True))
        tracks = tuple(replace(tune, notes=notes) if track is tune else track for track in piece.tracks)
        found.append(agreement_of(lines_told(replace(piece, tracks=tracks), lyrics)))
    return added(found)


def plainly(piece: Piece, lyrics: Lyrics) -> Agreement:
    """The stresses of a setting that gives each line a note a beat from the bar line on."""
    beat, bar = piece.meter.pulse, piece.meter.bar
    notes: list[Note] = []
    line, start, at = -1, -bar, 0
    for one in lyrics.syllables:
        if one.line != line:
            line, at = one.line, 0
            start = -(-(notes[-1].end if notes else 0) // bar) * bar
        notes.append(Note(start + at * beat, 60, beat, lyric=one.text))
        at += 1
    tracks = (replace(piece.melody, notes=tuple(notes)),)
    return together(replace(piece, tracks=tracks, pickup=0), lyrics)


def _lyrics(track: mido.MidiTrack) -> Iterator[tuple[int, str]]:
    now = 0
    for message in track:
        now += message.time
        if message.type == "lyrics":
            yield now, message.text


def _onsets(track: mido.MidiTrack) -> Iterator[int]:
    now = 0
    for message in track:
        now += message.time
        if message.type == "note_on" and message.velocity:
            yield now


def row(name: str, songs: Sequence[Sung], beside: Agreement) -> tuple[object, ...]:
    told = [f"{sum(getattr(one, what) for one in songs)}/{len(songs)}" for what in ("valid", "mido", "music21")]
    whole = added([one.agreement for one in songs])
    along = [f"{one.alike / one.pairs:.1%}" if one.alike else "" for one in (whole, beside)]
    return name, *told, f"{whole.share:.1%}", along[0], f"{beside.share:.1%}", along[1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=25, help="poems of each language, at most 25")
    parser.add_argument("--candidates", type=int, default=8, help="tunes of which the best is kept")
    parser.add_argument("--melisma", type=float, default=0.0)
    asked = parser.parse_args()
    rows, broken = [], []
    for language, manners in (("zh", MANNERS), ("en", ("weight",))):
        told = list(poems(language, asked.count, 4))
        for tones in manners:
            songs = [sung(words, tones, seed, asked.candidates, asked.melisma) for seed, words in told]
            lyrics = [song.read(words).lyrics for _, words in told]
            other = [at_random(one.piece, each, seed) if language == "zh" else plainly(one.piece, each)
                     for seed, (one, each) in enumerate(zip(songs, lyrics, strict=True))]  # fmt: skip
            rows.append(row(f"Chinese, tones {tones}" if language == "zh" else "English", songs, added(other)))
            broken += [f"{rows[-1][0]}, song {at + 1}: {what}" for at, one in enumerate(songs) for what in one.broken]
            print(*rows[-1], flush=True)
    header = ("songs", "kept", "mido", "music21", "not against", "with", "random or plain", "with")
    print("\n" + table(header, rows), *broken, sep="\n")
    write("sung", {"machine": machine(), "count": asked.count, "candidates": asked.candidates,
                   "columns": header, "rows": rows, "broken": broken})  # fmt: skip


if __name__ == "__main__":
    main()
