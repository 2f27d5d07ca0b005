"""A tune with chords, made by hand for any meter, and plans to arrange it by."""

from __future__ import annotations

from muse.music.chords import progression
from muse.music.events import Draft
from muse.music.mood import Plan, plan
from muse.music.theory import Key, Meter
from muse.terms import Mood

MOODS = {"calm": Mood(energy=-0.7), "moving": Mood(energy=0.1), "lively": Mood(energy=0.8)}


def draft(
    meter: str = "4/4",
    chords: str = "C | Am | F | G | C | Em | Dm7 G7 | C",
    key: str = "C",
    pickup: int = 0,
    up: int = 0,
) -> Draft:
    """A tune that steps through chords in quarters (eighths in short meters), over a progression."""
    time, home = Meter.parse(meter), Key.parse(key)
    found = progression(chords, home, time, pickup=pickup)
    bars = 8 if "|" in chords else len(chords.split())
    length, step = pickup + bars * time.bar, 12 if time.unit <= 4 else 6
    scale = sorted(home.scale)
    voice = [(0, pickup, 67 + up, 5)] if pickup else []
    for number, tick in enumerate(range(pickup, length, step)):
        if tick >= length - time.bar:
            voice.append((tick, length - tick, 72 + up + home.tonic, 5))
            break
        octave, place = divmod((number * 3) % 11, 7)
        voice.append((tick, step, 60 + 12 * octave + scale[place % len(scale)] + up, 5))
    return Draft("lead", home, time, (tuple(voice),), length, pickup, found)


def planned(mood: str, piece: Draft, tempo: float = 100.0) -> Plan:
    return plan(MOODS[mood], 1, {"key": piece.key, "meter": piece.meter, "tempo": tempo}, "lead")
