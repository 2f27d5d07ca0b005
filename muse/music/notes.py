"""Notes, tracks, and the music that they are together: what a score, a chart, a picture or a MIDI file is made from."""

from __future__ import annotations

from dataclasses import dataclass, field

from muse.errors import InputError
from muse.music.theory import BEAT, Chord, Key, Meter


@dataclass(frozen=True, slots=True, order=True)
class Note:
    """A note.

    Attributes:
        tick: where it begins, in ticks from the beginning of the piece (a pickup included).
        pitch: MIDI pitch in [0, 128).
        duration: ticks, at least 1.
        velocity: in [1, 128).
        voice: index of the voice inside its track, 0 is the highest.
        lyric: the syllable sung on it, or "": with "-" at its end where its word goes on, "_" where the syllable before
            goes on.
    """

    tick: int
    pitch: int
    duration: int
    velocity: int = 80
    voice: int = 0
    lyric: str = ""

    @property
    def end(self) -> int:
        return self.tick + self.duration


@dataclass(frozen=True, slots=True)
class Track:
    """Notes of one instrument.

    Attributes:
        name: "Melody", "Soprano", "Chords" …
        program: General MIDI program in [0, 128).
        notes: in order of tick, then pitch.
        drums: True for the percussion channel.
    """

    name: str
    program: int
    notes: tuple[Note, ...]
    drums: bool = False


@dataclass(frozen=True, eq=False, repr=False)
class Music:
    """What is played, without the work that it belongs to.

    Attributes:
        tempo: quarter notes a minute, in every meter.
        bars: full bars; a pickup is not counted.
        pickup: ticks before the first bar line, less than a bar.
        chords: chord symbols, in order.
        plan: why it is as it is, one printable reason a line ("minor, 66 BPM: energy −0.6").
        sections: (full bar from 0, letter) where the sections of its form begin, in order.
    """

    title: str
    key: Key
    meter: Meter
    tempo: float
    bars: int
    tracks: tuple[Track, ...]
    pickup: int = 0
    chords: tuple[Chord, ...] = ()
    plan: tuple[str, ...] = ()
    sections: tuple[tuple[int, str], ...] = field(default=(), kw_only=True)

    @property
    def length(self) -> int:
        """Ticks from the beginning to the last bar line."""
        return self.pickup + self.bars * self.meter.bar

    @property
    def seconds(self) -> float:
        return self.length / BEAT * 60 / self.tempo

    @property
    def notes(self) -> tuple[Note, ...]:
        """The notes of all tracks, in order."""
        return tuple(sorted(note for track in self.tracks for note in track.notes))

    @property
    def melody(self) -> Track:
        """The track that carries the tune: the first that is not drums.

        Raises:
            InputError: the piece has none.
        """
        for track in self.tracks:
            if track.notes and not track.drums:
                return track
        raise InputError(f"{self.title!r} has no melody", "no track holds pitched notes", "give a piece with notes")

    def bar_start(self, bar: int) -> int:
        """The tick where full bar `bar` (from 0) begins."""
        return self.pickup + bar * self.meter.bar
