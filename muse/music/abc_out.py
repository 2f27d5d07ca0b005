"""Music in ABC notation: voices, chord symbols, words, ties and triplets; `muse.music.abc` and music21 read it.

Where the notes of a track overlap, each of its lines is an ABC voice, called like the track. A chord symbol stands
where its chord begins: notes that sound on are tied there.

Source: the ABC music standard 2.1; `%%MIDI` as abc2midi reads it.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise

from muse.music.heads import Bar, Head, Line, bars, heads, lines
from muse.music.notes import Music, Note, Track
from muse.music.theory import BEAT, Chord, Key
from muse.music.words import Word, words

UNIT = BEAT // 2
"""Ticks of L:1/8."""
ROW = 4
"""Bars in a line."""
_MODES = {"major": "", "minor": "m", "dorian": "dor", "phrygian": "phr", "lydian": "lyd", "mixolydian": "mix",
          "宫": "", "商": "dor", "角": "phr", "徵": "mix", "羽": "m"}  # fmt: skip
"""What each mode is called; the pentatonic ones like those with the same signature."""
_SIGNS = {-1: "_", 0: "=", 1: "^"}
_CIRCLE = "FCGDAEB"


def abc(music: Music) -> str:
    """The tune; it ends with a line feed.

    >>> from muse.music.theory import Meter
    >>> tune = Track("Melody", 73, (Note(0, 62, 12, lyric="riv-"), Note(12, 66, 36, lyric="er")))
    >>> print(abc(Music("River", Key.parse("D"), Meter(4, 4), 90.0, 1, (tune,))).splitlines()[-2])
    D2 F6 |]
    """
    key = music.key
    tonic = key.spell(key.tonic)
    found = [
        "X:1", f"T:{_text(music.title)}", f"M:{music.meter}", f"L:1/{4 * BEAT // UNIT}",
        f"Q:1/4={round(music.tempo)}", f"K:{tonic}{_MODES[key.mode]}",
    ]  # fmt: skip
    number = 0
    for index, track in enumerate(music.tracks):
        sung = words(note for note in track.notes if note.lyric)
        for line in lines(track.notes):
            number += 1
            clef = " clef=perc" if track.drums else ""
            played = "channel 10" if track.drums else f"program {track.program}"
            found += [f'V:{number} name="{_text(track.name)}"{clef}', f"%%MIDI {played}"]
            found += _Voice(music, track, line, sung, symbols=number == 1 and index == 0).rows()
    return "\n".join(found) + "\n"


class _Voice:
    """A line of notes as ABC.

    Args:
        symbols: chord symbols and section letters stand in it.
    """

    def __init__(self, music: Music, track: Track, line: Line, sung: dict[Note, Word], symbols: bool) -> None:
        self.music, self.track, self.line, self.sung = music, track, line, sung
        self.chords: dict[int, Chord] = {chord.tick: chord for chord in music.chords} if symbols else {}
        self.letters = {music.bar_start(bar): letter for bar, letter in music.sections} if symbols else {}

    def rows(self) -> Iterator[str]:
        """Lines of music, each with the words under it where there are some."""
        every = bars(self.music)
        for start in range(0, len(every), ROW):
            row, under = [], list[str]()
            for bar in every[start : start + ROW]:
                row.append(self._bar(bar, under) + (" |]" if bar is every[-1] else " |"))
            yield " ".join(row)
            if set(under) - {"*"}:
                yield "w:" + " ".join(under).replace("- ", "-")

    def _bar(self, bar: Bar, under: list[str]) -> str:
        """A bar; what stands under its notes is added to `under`."""
        cuts = sorted({bar.start, *(tick for tick in self.chords if bar.start < tick < bar.end)})
        sounding: dict[str, int] = {}
        parts: list[str] = []
        if bar.start in self.letters:
            parts.append(f"[P:{_text(self.letters[bar.start])}]")
        for start, end in pairwise([*cuts, bar.end]):
            piece, symbol = Bar(bar.number, start, end, bar.line), ""
            if start in self.chords:
                symbol = f'"{self.chords[start].name(self.music.key)}"'
            found = heads(self.line, piece, self.music.meter)
            for index, head in enumerate(found):
                if head.opens:
                    count = next(n for n, later in enumerate(found[index:], 1) if later.closes)
                    symbol += "(3" if count == 3 else f"(3:2:{count}"
                beamed = bool(head.beams) and head.beams[0] in ("continue", "end")
                parts.append(("" if beamed or not parts else " ") + symbol + self._head(head, sounding))
                symbol = ""
                if head.notes and head.begins:
                    lyric = next((note for note in head.notes if note.lyric), None)
                    under.append("*" if lyric is None else _word(self.sung[lyric]))
        return "".join(parts)

    def _head(self, head: Head, sounding: dict[str, int]) -> str:
        length = _length(Fraction(head.ticks, UNIT) * (Fraction(3, 2) if head.shape[2] else 1))
        if not head.notes:
            return f"z{length}"
        names = [_name(note.pitch, self.music.key, sounding) for note in head.notes]
        tie = "" if head.ends else "-"
        return (f"[{''.join(names)}]" if len(names) > 1 else names[0]) + length + tie


def _name(pitch: int, key: Key, sounding: dict[str, int]) -> str:
    """A pitch as ABC writes it; `sounding` holds what accidentals in this bar have made of a place."""
    name = key.spell(pitch % 12)
    step, alter, octave = name[0], {"#": 1, "b": -1}.get(name[1:], 0), pitch // 12 - 1
    place = step + "," * (4 - octave) if octave < 5 else step.lower() + "'" * (octave - 5)
    sign = ""
    if sounding.get(place, _signed(step, key.sharps)) != alter:
        sounding[place] = alter
        sign = _SIGNS[alter]
    return sign + place


def _signed(step: str, sharps: int) -> int:
    """What the key signature makes of a step."""
    if step in _CIRCLE[: max(0, sharps)]:
        return 1
    return -1 if step in _CIRCLE[::-1][: max(0, -sharps)] else 0


def _length(units: Fraction) -> str:
    upper = "" if units.numerator == 1 else str(units.numerator)
    return upper + ("" if units.denominator == 1 else f"/{units.denominator}")


def _word(word: Word) -> str:
    """A syllable for a w: line, with - behind it where its word goes on."""
    if not word.text:
        return "_"
    text = _text(word.text).replace("-", "\\-").replace(" ", "~").replace("_", "").replace("*", "").replace("|", "")
    return (text or "*") + ("-" if word.syllabic in ("begin", "middle") else "")


def _text(text: str) -> str:
    """Text on one line, without what ABC takes for a comment or for the end of a string."""
    shown = "".join(letter for letter in text if letter.isprintable())
    return shown.replace("%", "％").replace('"', "'").replace("\\", "/").replace("]", ")")
