"""The instruments of General MIDI by name, with the part that each takes in an accompaniment.

Source: MIDI Association, General MIDI 1 Sound Set; compasses of the instruments as orchestration books give them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal

from muse.errors import UsageError, did_you_mean

Role = Literal["keys", "guitar", "strings", "line", "bass", "drums"]

_GROUPS: tuple[tuple[Role, int, int, str], ...] = (
    ("keys", 21, 108, "acoustic grand piano, bright acoustic piano, electric grand piano, honky-tonk piano, "
     "electric piano 1, electric piano 2, harpsichord, clavinet"),
    ("keys", 48, 96, "celesta, glockenspiel, music box, vibraphone, marimba, xylophone, tubular bells, dulcimer"),
    ("keys", 36, 96, "drawbar organ, percussive organ, rock organ, church organ, reed organ, accordion, harmonica, "
     "bandoneon"),
    ("guitar", 40, 83, "acoustic guitar, steel guitar, jazz guitar, electric guitar, muted guitar, overdriven guitar, "
     "distortion guitar, guitar harmonics"),
    ("bass", 28, 60, "acoustic bass, electric bass, picked bass, fretless bass, slap bass 1, slap bass 2, "
     "synth bass 1, synth bass 2"),
    ("line", 36, 96, "violin, viola, cello, contrabass"),
    ("strings", 48, 96, "tremolo strings, pizzicato strings"),
    ("guitar", 36, 96, "harp"),
    ("line", 40, 57, "timpani"),
    ("strings", 43, 91, "string ensemble 1, string ensemble 2, synth strings 1, synth strings 2, choir aahs, "
     "voice oohs, synth voice, orchestra hit"),
    ("line", 36, 90, "trumpet, trombone, tuba, muted trumpet, french horn"),
    ("strings", 43, 86, "brass section, synth brass 1, synth brass 2"),
    ("line", 36, 91, "soprano sax, alto sax, tenor sax, baritone sax, oboe, english horn, bassoon, clarinet"),
    ("line", 60, 96, "piccolo, flute, recorder, pan flute, bottle, shakuhachi, whistle, ocarina"),
    ("line", 43, 96, "square lead, sawtooth lead, calliope lead, chiff lead, charang lead, voice lead, fifths lead, "
     "bass lead"),
    ("strings", 43, 91, "new age pad, warm pad, polysynth pad, choir pad, bowed pad, metallic pad, halo pad, "
     "sweep pad"),
    ("strings", 43, 91, "rain, soundtrack, crystal, atmosphere, brightness, goblins, echoes, sci-fi"),
    ("guitar", 40, 88, "sitar, banjo, shamisen, koto, kalimba"),
    ("line", 48, 91, "bagpipe, fiddle, shanai"),
)  # fmt: skip
"""Role, lowest and highest pitch, and names, in the order of the programs 0 to 111."""
_COMPASS = {
    "violin": (55, 100), "viola": (48, 88), "cello": (36, 76), "contrabass": (28, 60), "trumpet": (54, 84),
    "trombone": (40, 72), "tuba": (28, 58), "french horn": (41, 77), "soprano sax": (56, 87), "alto sax": (49, 80),
    "tenor sax": (44, 75), "baritone sax": (36, 69), "oboe": (58, 91), "english horn": (52, 81), "bassoon": (34, 72),
    "clarinet": (50, 91), "piccolo": (74, 108), "fiddle": (55, 100),
}  # fmt: skip
_ALIKE = {
    "piano": "acoustic grand piano", "grand piano": "acoustic grand piano", "electric piano": "electric piano 1",
    "organ": "church organ", "guitar": "acoustic guitar", "nylon guitar": "acoustic guitar", "bass": "acoustic bass",
    "double bass": "acoustic bass", "upright bass": "acoustic bass", "bass guitar": "electric bass",
    "slap bass": "slap bass 1", "synth bass": "synth bass 1", "strings": "string ensemble 1",
    "string ensemble": "string ensemble 1", "choir": "choir aahs", "voice": "voice oohs", "horn": "french horn",
    "sax": "alto sax", "saxophone": "alto sax", "cor anglais": "english horn", "brass": "brass section",
    "synth": "sawtooth lead", "pad": "warm pad", "violoncello": "cello", "bells": "tubular bells", "oud": "sitar",
    "pipa": "shamisen", "guzheng": "koto", "erhu": "fiddle", "dizi": "flute", "xiao": "shakuhachi",
}  # fmt: skip
"""Other names; for some instruments that General MIDI lacks, the sound that comes nearest."""


@dataclass(frozen=True, slots=True)
class Instrument:
    """An instrument.

    Attributes:
        name: as a track is named after it: "Flute".
        program: of General MIDI.
        role: what it does in an accompaniment.
        low, high: its compass, MIDI pitches.
    """

    name: str
    program: int
    role: Role
    low: int = 0
    high: int = 127

    @property
    def drums(self) -> bool:
        return self.role == "drums"


DRUMS = Instrument("Drums", 0, "drums")
"""The drum kit: on the percussion channel, where programs choose kits."""


@cache
def instruments() -> dict[str, Instrument]:
    """All instruments by name, small letters, other names among them; "drums" is the kit."""
    found: dict[str, Instrument] = {}
    program = 0
    for role, low, high, names in _GROUPS:
        for name in names.split(", "):
            bottom, top = _COMPASS.get(name, (low, high))
            part: Role = "bass" if name in ("contrabass", "tuba") else role
            found[name] = Instrument(_title(name), program, part, bottom, top)
            program += 1
    found |= {other: Instrument(_title(other), found[name].program, found[name].role, found[name].low, found[name].high)
              for other, name in _ALIKE.items()}  # fmt: skip
    return found | {"drums": DRUMS, "drum kit": DRUMS, "percussion": DRUMS}


def instrument(name: str) -> Instrument:
    """The instrument of a name.

    >>> instrument("Flute").program, instrument("guzheng").program
    (73, 107)

    Raises:
        UsageError: there is none.
    """
    known = instruments()
    found = known.get(" ".join(name.lower().split()))
    if found is None:
        near = did_you_mean(name.strip(), known)
        raise UsageError(f"instruments: unknown instrument {name.strip()!r}", "",
                         near if near.startswith("did") else "they have the names of General MIDI, such as flute, "
                         "violin, piano, acoustic guitar, cello, electric bass, drums")  # fmt: skip
    return found


def of_program(program: int) -> Instrument:
    """The instrument of a General MIDI program, by its plain name where it has one; beyond the tuned ones a lead."""
    known = instruments()
    plain = [known[name] for name in ("piano", "organ", "guitar", "bass", "strings", "choir")]
    return next((each for each in (*plain, *known.values()) if each.program == program and not each.drums),
                Instrument("Lead", program, "line"))  # fmt: skip


def _title(name: str) -> str:
    return name[:1].upper() + name[1:]
