"""Promises that can be counted: meter, tempo, bars, ranges, instruments, density, how many notes sound at once."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from fractions import Fraction
from itertools import pairwise
from typing import Any

from muse.music.heard import Heard, Voice
from muse.music.referee.instruments import fits, instrument
from muse.music.referee.names import pitch, pitch_name
from muse.music.referee.places import Bars
from muse.terms import Promise

VOICES = {"melody": ("melody",), "lead": ("melody",), "satb": ("soprano", "alto", "tenor", "bass")}


def meter(heard: Heard, asked: str) -> Promise:
    """The only meter of the file, a pickup bar aside."""
    meters = {f"{beats}/{unit}" for time, beats, unit in heard.meters if time >= heard.pickup} or {heard.meter}
    wanted = {"C": "4/4", "C|": "2/2"}.get(asked.strip(), asked.replace(" ", ""))
    return Promise("meter", wanted, ", ".join(sorted(meters)), meters == {wanted})


def tempo(heard: Heard, asked: float) -> Promise:
    """Quarter notes a minute, to half a percent, all along."""
    tempi = [tempo for _, tempo in heard.tempi] or [120.0]
    kept = all(abs(tempo - asked) <= 0.005 * asked for tempo in tempi)
    return Promise("tempo", f"{asked:g} BPM", tempo_of(heard), kept)


def tempo_of(heard: Heard) -> str:
    tempi = sorted({round(tempo, 2) for _, tempo in heard.tempi}) or [120.0]
    return f"{tempi[0]:g} BPM" if len(tempi) == 1 else f"{tempi[0]:g} to {tempi[-1]:g} BPM"


def bars(heard: Heard, asked: Any) -> Promise:
    found = bars_of(heard)
    return Promise("bars", str(asked), str(found), found == asked)


def bars_of(heard: Heard) -> int:
    """Full bars from the pickup to the last note's end, the last one rounded up."""
    ruler = Bars(heard)
    last = ruler.place(heard.last)
    return max(1, last.bar - (last.beat == 1))


def part(heard: Heard, name: str, ensemble: str) -> Voice | None:
    """The voice of a name; in four parts, and for the tune, also by its place."""
    for voice in heard.voices:
        if voice.name.lower() == name.lower():
            return voice
    names = VOICES.get(ensemble, ("melody",))
    place = names.index(name) if name in names else -1
    return heard.pitched[place] if 0 <= place < len(heard.pitched) else None


def compass(voice: Voice) -> tuple[int, int]:
    return min(sound.pitch for sound in voice.sounds), max(sound.pitch for sound in voice.sounds)


def ranges(heard: Heard, asked: Any, ensemble: str) -> list[Promise]:
    """Lowest and highest note of each voice against the wish."""
    first = VOICES.get(ensemble, ("melody",))[0]
    found = []
    for name, wish in (asked if isinstance(asked, Mapping) else {first: asked}).items():
        if isinstance(wish, str):
            ends = [pitch(text) for text in re.split(r"\s*(?:-|–|\.\.|to)\s*(?=[A-Ga-g\d])", wish, maxsplit=1)]
        else:
            ends = [int(end) for end in wish]
        voice = part(heard, str(name), ensemble)
        if len(ends) != 2 or ends[0] is None or ends[1] is None or voice is None:
            found.append(Promise(f"range of the {name}", str(wish), "no such voice or range", False))
            continue
        low, high = compass(voice)
        told = f"{pitch_name(low)} to {pitch_name(high)}"
        wanted = f"{pitch_name(ends[0])} to {pitch_name(ends[1])}"
        found.append(Promise(f"range of the {name}", wanted, told, ends[0] <= low and high <= ends[1]))
    return found


def ensemble(heard: Heard, asked: str) -> Promise:
    """The number and kind of the tracks."""
    pitched, count = heard.pitched, len(heard.pitched)
    told, kept = {
        "melody": ("one voice", count == 1),
        "lead": ("a tune with chords", count >= 2),
        "satb": ("four voices", count == 4),
        "piano": ("two tracks of a piano", count == 2 and all(voice.program < 8 for voice in pitched)),
        "band": ("a tune and its band", count >= 2 or (count == 1 and len(heard.voices) > 1)),
    }[asked]
    return Promise("ensemble", told, ", ".join(voice.name for voice in heard.voices), kept)


def instruments(heard: Heard, asked: Any) -> list[Promise]:
    """Each instrument asked, by the name of its track, or, where only names are given, as often as asked."""
    if isinstance(asked, Mapping):
        found = []
        for name, wish in asked.items():
            voice = part(heard, str(name), "")
            told = instrument(voice) if voice else "no such track"
            right = voice is not None and fits(voice, wish)
            found.append(Promise(f"instrument of the {name}", str(wish), told, right))
        return found
    wishes = [one for one in re.split(r"\s*[,，、+]\s*|\s+and\s+", str(asked).strip()) if one]
    free, missing = list(heard.voices), []
    for wish in wishes:
        voice = next((one for one in free if fits(one, wish)), None)
        if voice is None:
            missing.append(wish)
        elif len(wishes) > 1 or len(heard.pitched) == 1:
            free.remove(voice)
    told = ", ".join(instrument(voice) for voice in heard.voices)
    return [Promise("instruments", ", ".join(wishes), told, not missing)]


def density(heard: Heard, asked: Any, given: frozenset[int] = frozenset()) -> Promise:
    """Notes of the tune that begin in each full bar; the last may have fewer, bars of `given` are as they were."""
    low, high = (asked, asked) if isinstance(asked, int) else (int(asked[0]), int(asked[1]))
    ruler, last = Bars(heard), bars_of(heard)
    counts = Counter(ruler.place(sound.start).bar for sound in heard.pitched[0].sounds) if heard.pitched else Counter()
    judged = [bar for bar in range(1, last + 1) if bar not in given]
    beyond = [bar for bar in judged if counts[bar] > high or (counts[bar] < low and bar != last)]
    told = [counts[bar] for bar in judged] or [0]
    found = f"{min(told)} to {max(told)}" + (f", beyond it in bar {beyond[0]}" if beyond else "")
    return Promise("density", f"{low} to {high} notes a bar", found, not beyond)


def polyphony(heard: Heard, asked: int) -> Promise:
    """The most notes that sound at once, drums aside."""
    edges = [(sound.start, 1) for voice in heard.pitched for sound in voice.sounds]
    edges += [(sound.end, -1) for voice in heard.pitched for sound in voice.sounds]
    now = most = 0
    for _, change in sorted(edges):
        now += change
        most = max(most, now)
    return Promise("polyphony", f"{asked} at most", str(most), most <= asked)


def given(heard: Heard, asked: Any) -> Promise:
    """Every note that was given, at its time, as long, in the track of its name, or anywhere where that is ""."""
    rest: Counter[tuple[str, Fraction, Fraction, int]] = Counter()
    named = {voice.name.lower() for voice in heard.voices}
    for voice in heard.voices:
        for sound in voice.sounds:
            rest[voice.name.lower(), sound.start, sound.end, sound.pitch] += 1
    anywhere: Counter[tuple[Fraction, Fraction, int]] = Counter()
    for (_, start, end, height), count in rest.items():
        anywhere[start, end, height] += count
    lost = []
    for name, start, length, height in asked:
        begin = Fraction(start)
        note = (begin, begin + Fraction(length), int(height))
        where: Any = (str(name).lower(), *note) if str(name).lower() in named else note
        kept = rest if len(where) == 4 else anywhere
        if kept[where] > 0:
            kept[where] -= 1
        else:
            lost.append(f"{pitch_name(int(height))} at {float(begin):g}")
    found = f"{len(asked) - len(lost)}" + (f", without {lost[0]}" if lost else "")
    return Promise("given notes", str(len(asked)), found, not lost)


def leap(heard: Heard, asked: int, given: Any = ()) -> Promise:
    """The widest step of the tune in semitones, or where no track is called that, of any voice that sings one note at a
    time; not between two notes of `given`."""
    stays = {(Fraction(start), int(height)) for _, start, _, height in given}
    widest = 0
    for voice in [voice for voice in heard.pitched if voice.name == "Melody"] or heard.pitched:
        if not voice.together:
            for one, other in pairwise(voice.sounds):
                if not {(one.start, one.pitch), (other.start, other.pitch)} <= stays:
                    widest = max(widest, abs(other.pitch - one.pitch))
    return Promise("leaps", f"{asked} semitones at most", str(widest), widest <= asked)


def clean(heard: Heard, ensemble: str) -> Promise:
    """Whether each voice sings one note at a time (chords may sound together), and every note ends."""
    overlapping = []
    for index, voice in enumerate(heard.pitched):
        alone = ensemble in ("melody", "satb") or index == 0
        if voice.overlaps or (alone and voice.together):
            overlapping.append(f"{voice.name} ({max(voice.overlaps, voice.together if alone else 0)})")
    found = "; ".join(overlapping + list(heard.faults)) or "none"
    return Promise("no overlapping notes in a voice", "none", found, found == "none")
