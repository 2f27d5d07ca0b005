"""A piece of music: tracks of notes in ticks, with key, meter, tempo and chords; the Work that music makes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from muse.errors import InputError
from muse.files import canonical_json, slug
from muse.music.chords import symbol
from muse.music.notes import Music, Note, Track
from muse.music.theory import BEAT, QUALITIES, Chord, Key, Meter
from muse.terms import Features, Report
from muse.work import Recipe, Work

if TYPE_CHECKING:
    import music21
    import pretty_midi

    from muse.music.engrave import Score
    from muse.sheet.page import Sheet

__all__ = ["SCHEMA", "Music", "Note", "Piece", "Track"]
SCHEMA = 1


@dataclass(frozen=True, eq=False, repr=False)
class Piece(Music, Work):
    """A finished piece.

    Attributes:
        sound_format: "opus" or "wav".
        soundfont: the file that it is played with, or None for the one that comes with muse.
        humanise: from 0, in time, to 1, as freely as `muse.music.humanise` plays; heard, not written in the score.
        stems: whether each track is a sound file too.
        score: "svg" or "pdf" where the engraved score is to be among its files.
    """

    recipe: Recipe = field(default_factory=lambda: Recipe("read", 0))
    report: Report = field(default_factory=Report)
    sound_format: str = "opus"
    soundfont: str | None = None
    humanise: float = 0.0
    stems: bool = False
    score: str | None = None

    kind: ClassVar[str] = "piece"

    def with_report(self, report: Report) -> Piece:
        return replace(self, report=report)

    def with_recipe(self, recipe: Recipe) -> Piece:
        return replace(self, recipe=recipe)

    @cached_property
    def features(self) -> Features:  # type: ignore[override]
        pitched = [note for track in self.tracks if not track.drums for note in track.notes]
        beat = self.meter.pulse
        beats = tuple(round(tick / BEAT * 60 / self.tempo, 4) for tick in range(self.pickup, self.length, beat))
        weights = [0.0] * max(1, self.bars)
        for note in pitched:
            bar = min(len(weights) - 1, max(0, (note.tick - self.pickup) // self.meter.bar))
            weights[bar] += note.velocity / 127 * min(1.0, self.tempo / 120 + 0.25)
        top = max(weights) or 1.0
        total = sum(note.duration for note in pitched)
        return Features(
            mode=self.key.mode,
            tempo=self.tempo,
            beats=beats,
            density=round(len(pitched) * BEAT / max(1, self.length), 4),
            register=round(sum(note.pitch * note.duration for note in pitched) / total, 3) if total else None,
            energy=tuple(round(weight / top, 4) for weight in weights),
        )

    def as_dict(self) -> dict[str, Any]:
        """The value behind piece.json, format 1.

        title, key ("D minor"), meter ("3/4"), tempo (quarter notes a minute), ticks_per_quarter (12), bars (full ones),
        pickup (ticks), plan (reasons), sections [[bar from 0, letter], …] where there are some, chords [[tick, root
        pitch class, quality, name], …], and tracks [{name, program, drums, notes [[tick, ticks it lasts, MIDI pitch,
        velocity, voice, lyric], …]}, …].
        """
        sections = {"sections": [list(section) for section in self.sections]} if self.sections else {}
        return {
            "schema": SCHEMA,
            "title": self.title,
            "key": str(self.key),
            "meter": str(self.meter),
            "tempo": self.tempo,
            "ticks_per_quarter": BEAT,
            "bars": self.bars,
            "pickup": self.pickup,
            "plan": list(self.plan),
            **sections,
            "chords": [[chord.tick, chord.root, chord.quality, chord.name(self.key)] for chord in self.chords],
            "tracks": [
                {
                    "name": track.name,
                    "program": track.program,
                    "drums": track.drums,
                    "notes": [[n.tick, n.duration, n.pitch, n.velocity, n.voice, n.lyric] for n in track.notes],
                }
                for track in self.tracks
            ],
        }

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> Piece:
        """The piece of a piece.json value.

        Raises:
            InputError: it is not one, or of a newer schema.
        """
        try:
            if value["schema"] > SCHEMA:
                raise InputError(
                    f"piece.json is of schema {value['schema']}", f"this muse reads {SCHEMA}", "update muse"
                )
            tracks = tuple(
                Track(str(t["name"]), int(t["program"]), tuple(_note(row) for row in t["notes"]), bool(t["drums"]))
                for t in value["tracks"]
            )
            chords = tuple(_chord(row) for row in value["chords"])
            tempo, bars, pickup = float(value["tempo"]), int(value["bars"]), int(value["pickup"])
            if not (1 <= tempo <= 1000 and 0 <= bars <= 100_000 and 0 <= pickup < 8 * BEAT):
                raise ValueError("tempo, bars or pickup is out of bounds")
            return cls(
                title=str(value["title"]), key=Key.parse(value["key"]), meter=Meter.parse(value["meter"]), tempo=tempo,
                bars=bars, tracks=tracks, pickup=pickup, chords=chords,
                plan=tuple(str(p) for p in value.get("plan", ())),
                sections=tuple((int(bar), str(letter)) for bar, letter in value.get("sections", ())),
            )  # fmt: skip
        except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
            raise InputError(
                "not a piece.json of muse", f"{type(error).__name__}: {error}", "give one that muse wrote"
            ) from error

    def to_pretty_midi(self) -> pretty_midi.PrettyMIDI:
        """The piece as a pretty_midi object, chord symbols as its text events; `from_pretty_midi` is its inverse."""
        from muse.music import exchange

        return exchange.to_pretty_midi(self)

    @classmethod
    def from_pretty_midi(cls, midi: pretty_midi.PrettyMIDI, title: str = "Untitled") -> Piece:
        """The piece of a pretty_midi object.

        Raises:
            InputError: it has no notes, or too many.
        """
        from muse.music import exchange

        return exchange.from_pretty_midi(midi, title)

    def to_music21(self) -> music21.stream.Score:
        """The piece as a music21 score, chord symbols and lyrics included; `from_music21` is its inverse."""
        from muse.music import exchange

        return exchange.to_music21(self)

    @classmethod
    def from_music21(cls, score: music21.stream.Score) -> Piece:
        """The piece of a music21 score.

        Raises:
            InputError: it has no notes, or a meter off the grid.
        """
        from muse.music import exchange

        return exchange.from_music21(score)

    def midi(self) -> bytes:
        """The Standard MIDI File, humanised where that was asked for."""
        from muse.music import smf
        from muse.music.humanise import humanised

        played = humanised(self, self.humanise, self.recipe.seed) if self.humanise else ()
        return smf.write(self, self.recipe, played)

    def musicxml(self) -> bytes:
        """The score as MusicXML."""
        from muse.music import score

        return score.musicxml(self)

    def abc(self) -> str:
        """The tune, its chords and its words in ABC notation."""
        from muse.music import abc_out

        return abc_out.abc(self)

    def chart(self) -> Sheet:
        """The chord chart as a sheet: `.svg()`, `.pdf()`, `.png()`; its `words` are the chart as text."""
        from muse.music import chart

        return chart.chart(self)

    def engraved(self) -> Score:
        """The engraved score: `.pages` of SVG, `.pdf()`, `.png()`; needs the extra `score`.

        Raises:
            MissingExtraError: verovio is not installed.
        """
        from muse.music import engrave

        return engrave.engrave(self)

    def sound(self, form: str | None = None) -> bytes:
        """The piece as audio, "opus" or "wav"."""
        from muse.music import sound

        return sound.render(self.midi(), form or self.sound_format, self.soundfont)

    def sounds(self, form: str | None = None) -> dict[str, bytes]:
        """The piece as audio and each of its tracks alone, name → file; the tracks together are the piece.

        Names are "piece.wav", "stems/1-melody.wav", "stems/2-piano.wav" …; all are of one length.
        """
        from muse.music import smf, sound
        from muse.music.humanise import humanised

        form = form or self.sound_format
        played = humanised(self, self.humanise, self.recipe.seed)
        alone = [smf.write(replace(self, tracks=(track,)), self.recipe, (each,))
                 for track, each in zip(self.tracks, played, strict=True)]  # fmt: skip
        whole, parts = sound.render_stems(alone, form, self.soundfont)
        names = [f"stems/{number}-{slug(track.name, 'track')}.{form}" for number, track in enumerate(self.tracks, 1)]
        return {f"piece.{form}": whole, **dict(zip(names, parts, strict=True))}

    @cached_property
    def _files(self) -> dict[str, bytes]:
        from concurrent.futures import ThreadPoolExecutor

        from muse.music import roll

        form = self.sound_format
        with ThreadPoolExecutor(1) as pool:  # the encoder of the sound does not hold Python's lock
            heard = pool.submit(self.sounds if self.stems else lambda: {f"piece.{form}": self.sound()})
            found = {
                "piece.mid": self.midi(),
                "piece.json": canonical_json(self.as_dict()),
                "piece.musicxml": self.musicxml(),
                "piece.abc": self.abc().encode(),
                "roll.svg": roll.svg(self),
                "roll.png": roll.png(self),
            }
            if self.chords:
                chart = self.chart()
                found |= {"chords.svg": chart.svg(), "chords.txt": chart.words.encode()}
            if self.score is not None:
                found |= self.engraved().files(self.score)
            return found | heard.result()

    def files(self) -> dict[str, bytes]:
        return dict(self._files)

    def text(self) -> str:
        """A few lines: what it is, its tracks, its chords and why."""
        head = f"{self.title}\n{self.key} · {self.meter} · {self.tempo:g} BPM · {self.bars} bars · {self.seconds:.0f} s"
        rows = [f"  {track.name}: {len(track.notes)} notes" for track in self.tracks]
        if self.chords:
            rows.append("  " + " ".join(chord.name(self.key) for chord in self.chords))
        return "\n".join([head, *rows, *(f"  {reason}" for reason in self.plan)])

    def show(self) -> None:
        """Print what it is and its notes in blocks, with chords and words, on standard output."""
        import shutil

        from muse.music.seen import roll_text

        print("\n\n".join(filter(None, (self.text(), roll_text(self, shutil.get_terminal_size().columns)))))

    def _repr_html_(self) -> str:
        from muse.music import seen

        return seen.html(self)


def _chord(row: Any) -> Chord:
    tick, root, quality, name = row
    chord = Chord(int(tick), int(root), str(quality))
    if chord.quality not in QUALITIES or not 0 <= chord.root < 12:
        raise ValueError(f"a chord is unknown: {row}")
    asked = symbol(str(name)) or chord
    return replace(chord, bass=asked.bass, written=asked.written)


def _note(row: Any) -> Note:
    tick, duration, pitch, velocity, voice, lyric = row
    if not (
        0 <= tick < 1 << 28 and 1 <= duration < 1 << 28 and 0 <= pitch < 128 and 1 <= velocity < 128 and 0 <= voice < 16
    ):
        raise ValueError(f"a note is out of bounds: {row}")
    return Note(int(tick), int(pitch), int(duration), int(velocity), int(voice), str(lyric))
