"""The score: MusicXML 4.0 with chord symbols, lyrics and percussion, the same bytes every time; music21 reads it.

Keyboards have two staves, drums a staff of their own with the heads of a drum kit. Nothing of a track is lost: where
its notes overlap, they stand in several voices.

Source: W3C, MusicXML 4.0 reference, for the elements and their order.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from html import escape
from itertools import pairwise
from typing import TYPE_CHECKING

from muse.music.heads import Bar, Head, Line, bars, heads, lines
from muse.music.notes import Music, Note, Track
from muse.music.percussion import drum
from muse.music.theory import BEAT, Chord, Key
from muse.music.words import Word, words

if TYPE_CHECKING:
    import music21

_KINDS = {
    "": "major", "m": "minor", "dim": "diminished", "aug": "augmented", "7": "dominant", "maj7": "major-seventh",
    "m7": "minor-seventh", "m7b5": "half-diminished", "dim7": "diminished-seventh", "sus4": "suspended-fourth",
    "5": "power", "6": "major-sixth", "m6": "minor-sixth", "sus2": "suspended-second", "9": "dominant-ninth",
    "maj9": "major-ninth", "m9": "minor-ninth", "11": "dominant-11th", "m11": "minor-11th", "13": "dominant-13th",
    "mmaj7": "major-minor",
}  # fmt: skip
_MODES = ("major", "minor", "dorian", "phrygian", "lydian", "mixolydian")
_ACCIDENTALS = {-1: "flat", 0: "natural", 1: "sharp"}
_CIRCLE = "FCGDAEB"
_LOWER = "<clef-octave-change>-1</clef-octave-change>"
_TREBLE, _BASS, _DRUMS = "<sign>G</sign><line>2</line>", "<sign>F</sign><line>4</line>", "<sign>percussion</sign>"
_CHOIR = ("Soprano", "Alto", "Tenor", "Bass")
_KEYBOARDS = (*range(8), 46)
"""Programs that are written on two staves where they are played with both hands; 46 is the harp."""
_GUITARS, _BASSES = range(24, 32), (*range(32, 40), 43)
"""Programs that sound an octave lower than they are written."""
_MIDDLE = 60
_TRIPLET = "<time-modification><actual-notes>3</actual-notes><normal-notes>2</normal-notes></time-modification>"


def to_music21(music: Music) -> music21.stream.Score:
    """The score as music21 reads it: one part a track (two for a keyboard), measures with ties over bar lines."""
    from music21 import converter, stream

    found = converter.parseData(musicxml(music).decode(), format="musicxml")
    assert isinstance(found, stream.Score)
    return found


def musicxml(music: Music) -> bytes:
    """The music as MusicXML 4.0, without date, random ids or the name of a machine."""
    title = _clean(music.title)
    kind = '"-//Recordare//DTD MusicXML 4.0 Partwise//EN" "http://www.musicxml.org/dtds/partwise.dtd"'
    found = [
        f'<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE score-partwise PUBLIC {kind}>',
        '<score-partwise version="4.0">',
        f"<work><work-title>{title}</work-title></work><movement-title>{title}</movement-title>",
        '<identification><creator type="composer">muse</creator><encoding><software>muse</software>'
        '<supports element="accidental" type="yes"/><supports element="beam" type="yes"/></encoding></identification>',
        "<part-list>",
    ]
    choir = len(music.tracks) > 1 and all(track.name in _CHOIR for track in music.tracks)
    if choir:
        found.append('<part-group type="start" number="1"><group-symbol>bracket</group-symbol></part-group>')
    free = [channel for channel in range(1, 17) if channel != 10]
    for number, track in enumerate(music.tracks, 1):
        found.append(_listed(track, f"P{number}", 10 if track.drums else free[(number - 1) % len(free)]))
    if choir:
        found.append('<part-group type="stop" number="1"/>')
    found.append("</part-list>")
    for number, track in enumerate(music.tracks, 1):
        found.append(f'<part id="P{number}">')
        found += _Part(music, track, number).measures()
        found.append("</part>")
    return ("\n".join([*found, "</score-partwise>"]) + "\n").encode()


def _listed(track: Track, part: str, channel: int) -> str:
    """What the list of parts says of a track: its name, and its instrument, or each drum that it plays."""
    name = _clean(track.name)
    short = name if len(name) < 5 else f"{name[:1] if track.name in _CHOIR else name[:3]}."
    sounds = [(f"{part}-I1", name, f"<midi-program>{track.program + 1}</midi-program>")]
    if track.drums:
        pitches = sorted({note.pitch for note in track.notes})
        sounds = [(f"{part}-I{pitch}", drum(pitch).name, f"<midi-unpitched>{pitch + 1}</midi-unpitched>")
                  for pitch in pitches]  # fmt: skip
    return (
        f'<score-part id="{part}"><part-name>{name}</part-name><part-abbreviation>{short}</part-abbreviation>'
        + "".join(f'<score-instrument id="{id}"><instrument-name>{said}</instrument-name></score-instrument>'
                  for id, said, _ in sounds)
        + "".join(f'<midi-instrument id="{id}"><midi-channel>{channel}</midi-channel>{how}</midi-instrument>'
                  for id, _, how in sounds)
        + "</score-part>"
    )  # fmt: skip


class _Part:
    """A track as the measures of a part; chord symbols, section letters and the tempo stand in the first one."""

    def __init__(self, music: Music, track: Track, number: int) -> None:
        self.music, self.track, self.number = music, track, number
        staves = _staves(track)
        self.staves = [lines(notes) for notes in staves]
        self.words = words(note for notes in staves for note in notes if note.lyric)
        self.signature = _signature(music.key)

    def measures(self) -> Iterator[str]:
        every = bars(self.music)
        for bar in every:
            yield f'<measure number="{bar.number}"' + (' implicit="yes">' if bar.number == 0 else ">")
            if bar.start == 0:
                yield self._attributes()
            if self.number == 1:
                yield from self._directions(bar)
            voice, size, before = 0, bar.end - bar.start, False
            for staff, found in enumerate(self.staves, 1):
                for index, line in enumerate(found or [[]]):
                    voice += 1
                    if index and not any(column.tick < bar.end and column.end > bar.start for column in line):
                        continue
                    if before:
                        yield f"<backup><duration>{size}</duration></backup>"
                    before = True
                    yield from self._line(line, bar, voice, staff, main=voice == 1, further=index > 0)
            if bar is every[-1]:
                yield '<barline location="right"><bar-style>light-heavy</bar-style></barline>'
            yield "</measure>"

    def _attributes(self) -> str:
        key, meter = self.music.key, self.music.meter
        mode = f"<mode>{key.mode}</mode>" if key.mode in _MODES else ""
        fifths = "<fifths>0</fifths>" if self.track.drums else f"<fifths>{key.sharps}</fifths>{mode}"
        count = len(self.staves)
        clefs = [_clef(self.track)] if count == 1 else [_TREBLE, _BASS]
        numbered = [f' number="{staff}"' if count > 1 else "" for staff in range(1, count + 1)]
        return (
            f"<attributes><divisions>{BEAT}</divisions><key>{fifths}</key>"
            f"<time><beats>{meter.beats}</beats><beat-type>{meter.unit}</beat-type></time>"
            + (f"<staves>{count}</staves>" if count > 1 else "")
            + "".join(f"<clef{which}>{clef}</clef>" for which, clef in zip(numbered, clefs, strict=True))
            + "</attributes>"
        )

    def _directions(self, bar: Bar) -> Iterator[str]:
        """The tempo, and the letter of a section that begins here."""
        if bar.start == 0:
            tempo = f"{self.music.tempo:g}"
            yield (
                '<direction placement="above"><direction-type><metronome><beat-unit>quarter</beat-unit>'
                f'<per-minute>{tempo}</per-minute></metronome></direction-type><sound tempo="{tempo}"/></direction>'
            )
        for number, letter in self.music.sections:
            if number == bar.number - 1:
                yield (
                    '<direction placement="above"><direction-type>'
                    f"<rehearsal>{_clean(letter)}</rehearsal></direction-type></direction>"
                )

    def _line(self, line: Line, bar: Bar, voice: int, staff: int, *, main: bool, further: bool) -> Iterator[str]:
        """One voice of a bar.

        Args:
            main: the chord symbols stand over it.
            further: its rests are not shown, because another voice fills the bar.
        """
        music = self.music
        place = f"<staff>{staff}</staff>" if len(self.staves) > 1 else ""
        chords = (
            [chord for chord in music.chords if bar.start <= chord.tick < bar.end] if main and self.number == 1 else []
        )
        sounding: dict[tuple[str, int], int] = {}
        for head in heads(line, bar, music.meter):
            now = bar.line + head.at
            for chord in chords:
                if now <= chord.tick < now + head.ticks:
                    yield _harmony(chord, music.key, chord.tick - now)
            if head.notes:
                yield from self._notes(head, voice, place, sounding)
            elif further and not head.shape[2]:
                yield f"<forward><duration>{head.ticks}</duration><voice>{voice}</voice>{place}</forward>"
            else:
                whole = head.ticks == music.meter.bar
                shape = _shape(head) if not whole else ""
                marks = f"<notations>{_tuplet(head)}</notations>" if head.opens or head.closes else ""
                rest = '<rest measure="yes"/>' if whole else "<rest/>"
                length = f"<duration>{head.ticks}</duration><voice>{voice}</voice>"
                yield f"<note>{rest}{length}{shape}{place}{marks}</note>"

    def _notes(self, head: Head, voice: int, place: str, sounding: dict[tuple[str, int], int]) -> Iterator[str]:
        """The note elements of a head.

        Args:
            sounding: (step, octave) → what an accidental in this bar has made of it; what is shown here is added.
        """
        ties = [mark for mark, tied in (("stop", not head.begins), ("start", not head.ends)) if tied]
        tied, curves = "".join(f'<tie type="{m}"/>' for m in ties), "".join(f'<tied type="{m}"/>' for m in ties)
        beams = "".join(f'<beam number="{level}">{kind}</beam>' for level, kind in enumerate(head.beams, 1))
        sung = next((note for note in head.notes if note.lyric), None) if head.begins else None
        lyric = _lyric(self.words[sung]) if sung is not None else ""
        for index, note in enumerate(head.notes):
            first = index == 0
            if self.track.drums:
                found = drum(note.pitch)
                what = f"<unpitched><display-step>{found.step}</display-step><display-octave>{found.octave}"
                what += "</display-octave></unpitched>"
                sign, shown = "", f"<notehead>{found.head}</notehead>" if found.head != "normal" else ""
                source = f'<instrument id="P{self.number}-I{note.pitch}"/>'
                stem = f"<stem>{'down' if found.foot else 'up'}</stem>"
            else:
                what, sign = _pitch(note, self.music.key, self.signature, sounding, head.begins)
                shown = source = stem = ""
            joined = curves + (_tuplet(head) if first else "")
            yield (
                f"<note>{'' if first else '<chord/>'}{what}<duration>{head.ticks}</duration>{tied}{source}"
                f"<voice>{voice}</voice>{_shape(head, sign)}{stem}{shown}{place}{beams if first else ''}"
                + (f"<notations>{joined}</notations>" if joined else "")
                + f"{lyric if first else ''}</note>"
            )


def _staves(track: Track) -> list[list[Note]]:
    """The notes of each staff: of a keyboard those of both hands, of drums those of hands and feet as two voices."""
    if track.drums:
        return [_drummed(track)]
    pitches = [note.pitch for note in track.notes]
    if track.program not in _KEYBOARDS or not pitches or min(pitches) >= _MIDDLE - 5 or max(pitches) < _MIDDLE + 4:
        return [list(track.notes)]
    voices = sorted({note.voice for note in track.notes})
    if len(voices) < 2:
        return [[note for note in track.notes if (note.pitch >= _MIDDLE) == upper] for upper in (True, False)]
    means = {voice: [n.pitch for n in track.notes if n.voice == voice] for voice in voices}
    upper = {voice for voice, found in means.items() if sum(found) / len(found) >= _MIDDLE} or {voices[0]}
    return [[note for note in track.notes if (note.voice in upper) == above] for above in (True, False)]


def _drummed(track: Track) -> list[Note]:
    """Drum notes in a voice of hands and one of feet, each as long as until the next or the end of its beat."""
    found = []
    for foot in (False, True):
        mine = [note for note in track.notes if drum(note.pitch).foot == foot]
        moments = sorted({note.tick for note in mine})
        until = {a: min(b, (a // BEAT + 1) * BEAT) for a, b in pairwise([*moments, 1 << 40])}
        found += [replace(note, duration=until[note.tick] - note.tick, voice=int(foot)) for note in mine]
    return found


def _clef(track: Track) -> str:
    if track.drums:
        return _DRUMS
    if track.name == "Tenor" or track.program in _GUITARS:
        return _TREBLE + _LOWER
    if track.program in _BASSES:
        return _BASS + _LOWER
    pitches = [note.pitch for note in track.notes] or [_MIDDLE + 4]
    low = track.name == "Bass" or sum(pitches) / len(pitches) < _MIDDLE - 3
    return _BASS if low else _TREBLE


def _shape(head: Head, sign: str = "") -> str:
    kind, dots, triplet = head.shape
    return f"<type>{kind}</type>{'<dot/>' * dots}{sign}{_TRIPLET if triplet else ''}"


def _tuplet(head: Head) -> str:
    return ('<tuplet type="start"/>' if head.opens else "") + ('<tuplet type="stop"/>' if head.closes else "")


def _pitch(
    note: Note, key: Key, signature: dict[str, int], sounding: dict[tuple[str, int], int], begins: bool
) -> tuple[str, str]:
    """The pitch element, and the accidental where one has to be shown."""
    name = key.spell(note.pitch % 12)
    step, alter, octave = name[0], _alter(name), note.pitch // 12 - 1
    sign = ""
    if begins and sounding.get((step, octave), signature.get(step, 0)) != alter:
        sounding[step, octave] = alter
        sign = f"<accidental>{_ACCIDENTALS[alter]}</accidental>"
    return f"<pitch><step>{step}</step>{_altered('alter', alter)}<octave>{octave}</octave></pitch>", sign


def _lyric(word: Word) -> str:
    """A syllable, or the line that carries the one before."""
    line = f'<extend type="{word.line}"/>' if word.line else ""
    if not word.text:
        return f'<lyric number="1">{line}</lyric>' if line else ""
    return f'<lyric number="1"><syllabic>{word.syllabic}</syllabic><text>{_clean(word.text)}</text>{line}</lyric>'


def _harmony(chord: Chord, key: Key, offset: int) -> str:
    root, text = key.spell(chord.root), chord.written or chord.quality
    kind = _KINDS.get(text, _KINDS[chord.quality])
    bass = ""
    if chord.bass >= 0:
        low = key.spell(chord.bass)
        bass = f"<bass><bass-step>{low[0]}</bass-step>{_altered('bass-alter', _alter(low))}</bass>"
    later = f"<offset>{offset}</offset>" if offset else ""
    return (
        f"<harmony><root><root-step>{root[0]}</root-step>{_altered('root-alter', _alter(root))}</root>"
        f'<kind text="{escape(text)}">{kind}</kind>{bass}{later}</harmony>'
    )


def _altered(element: str, alter: int) -> str:
    return f"<{element}>{alter}</{element}>" if alter else ""


def _alter(name: str) -> int:
    return {"#": 1, "b": -1}.get(name[1:], 0)


def _signature(key: Key) -> dict[str, int]:
    """Step → ±1 for those that the key signature alters."""
    sharps = key.sharps
    return {step: 1 for step in _CIRCLE[: max(0, sharps)]} | {step: -1 for step in _CIRCLE[::-1][: max(0, -sharps)]}


def _clean(text: str) -> str:
    """Text for XML, without the control characters that XML forbids."""
    return escape("".join(letter for letter in text if letter.isprintable()))
