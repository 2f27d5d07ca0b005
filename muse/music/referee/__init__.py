"""Whether a written MIDI file keeps what was promised; it shares no code with what generates or reads pieces.

What can be asked (a key of `promises`; None or absent is not asked), and the promises that the report then holds:

- key: "D minor", "E dorian", "G 徵", "A minor pentatonic" → key, ends on the tonic.
- meter: "3/4"; tempo: quarter notes a minute; bars: full ones → meter, tempo, bars.
- ensemble: "melody", "lead", "satb", "piano", "band" → ensemble; in four parts no crossing voices, no parallel fifths
  or octaves; no overlapping notes in a voice.
- rules: "strict" makes parallels a broken promise, "free" leaves voices alone.
- range: "C4-A5" of the tune, or {"soprano": "C4-A5", …} → range of the soprano …
- instruments: "flute, piano, drums", or {track: name or program} → instruments, or instrument of the <track> …
- density: [fewest, most] notes of the tune in a bar → density. polyphony: most notes at once → polyphony.
- leap: widest step of the tune (of each of four voices), in semitones → leaps.
- chords: "Dm Gm A7 Dm", "i iv V7 i", "Dm / Gm | A7", or [[quarter, "Dm"], …] → chords, and, unless notes were given,
  chord tones on strong beats.
- form: "AABA", "verse-chorus", or [["A", first bar, last bar], …] → form.
- ending: "authentic", "half", "plagal", "deceptive", "open" → ending.
- given: [[track or "", quarter, quarters it lasts, MIDI pitch], …] → given notes. given_bars: bars that are not judged
  for density.
- lyrics: [syllable, …] or text → lyrics; stress: ["1", "0", …] a syllable → stress; tones: [["level", "oblique", …], …]
  a line → tones; rhymes: [[syllables, rhyme class], …] a line → rhyme cadences; breath: [syllables, …] a line → breath.

Times are in quarter notes from the beginning of the file, a pickup included. Notes are heard on the nearest twelfth of
a quarter, so that a file that was played is judged as it would be written.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

from muse.music.heard import Heard, hear
from muse.music.referee import cadences, form, keys, plain, progression, rules, words
from muse.music.referee.breaks import Break
from muse.music.referee.keys import finder
from muse.music.referee.names import Tonality, pitch_name, tonality
from muse.music.referee.places import Bars
from muse.music.referee.plain import bars_of
from muse.terms import Promise, Report

__all__ = ["Break", "bars_of", "check", "describe", "finder", "hear", "judged"]

_NOT_HOME = ("half", "deceptive", "open")


def check(source: bytes | Path | str, promises: Mapping[str, Any] | None = None, *, full: bool = True) -> Report:
    """Each promise against what the file holds, and what else it says of itself.

    Args:
        promises: as in the table above. Without any, the file is described, and judged by the rules of part-writing.
        full: a finding for each place where a rule is broken, instead of one for each rule.

    Raises:
        InputError: the file cannot be read.
    """
    heard = hear(source).written()
    asked = {name: value for name, value in (promises or {}).items() if value is not None}
    found = kept(heard, asked)
    said = describe(heard)
    if not asked:
        said = (*said, *judged(heard, full))
    return Report(tuple(found), said)


def judged(heard: Heard, full: bool = True) -> tuple[str, ...]:
    """What the rules of part-writing say of a file, and its cadences, one line each."""
    bars, key = Bars(heard), keys.likeliest(heard)
    found = rules.findings(heard, rules.judge(heard, bars, key), bars, full)
    ends = cadences.cadences(heard, bars, key)
    if full:
        return (*found, *(str(one) for one in ends))
    kinds = [one.kind for one in ends]
    counted = ", ".join(f"{kinds.count(kind)} {kind}" for kind in dict.fromkeys(kinds))
    return (*found, f"cadences in {key}: {counted}") if ends else tuple(found)


def kept(heard: Heard, asked: Mapping[str, Any]) -> list[Promise]:
    """The promises of what was asked."""
    bars, total, found = Bars(heard), bars_of(heard), []
    tonic = (tonality(str(asked["key"])) if "key" in asked else None) or keys.signed(heard)
    ensemble = str(asked.get("ensemble", ""))
    known = ensemble in ("melody", "lead", "satb", "piano", "band")
    if "key" in asked:
        found.append(keys.promise(heard, str(asked["key"])))
    if "meter" in asked:
        found.append(plain.meter(heard, str(asked["meter"])))
    if "tempo" in asked:
        found.append(plain.tempo(heard, float(asked["tempo"])))
    if "bars" in asked:
        found.append(plain.bars(heard, asked["bars"]))
    if known:
        found.append(plain.ensemble(heard, ensemble))
        if ensemble == "satb" and asked.get("rules") != "free":
            part = rules.judge(heard, bars, tonic or keys.likeliest(heard))
            found += rules.promises(part, str(asked.get("rules", "")))
    if "range" in asked:
        found += plain.ranges(heard, asked["range"], ensemble)
    if "instruments" in asked:
        found += plain.instruments(heard, asked["instruments"])
    if "density" in asked:
        found.append(plain.density(heard, asked["density"], frozenset(asked.get("given_bars", ()))))
    if "polyphony" in asked:
        found.append(plain.polyphony(heard, int(asked["polyphony"])))
    if "leap" in asked:
        found.append(plain.leap(heard, int(asked["leap"]), asked.get("given", ())))
    if "chords" in asked:
        wanted = progression.progression(asked["chords"], bars, tonic or Tonality(0, "major"), total, heard.last)
        found.append(progression.symbols(heard, bars, asked["chords"], wanted))
        if "given" not in asked and wanted:
            found.append(progression.strong(heard, wanted, bars, ensemble == "satb"))
    if "form" in asked:
        found.append(form.promise(heard, bars, asked["form"], total, "chords" in asked))
    if "ending" in asked:
        found.append(_ending(heard, bars, str(asked["ending"]), tonic))
    if "given" in asked:
        found.append(plain.given(heard, asked["given"]))
    found += _sung(heard, bars, asked)
    if (known or "key" in asked) and _home(heard, bars, asked, tonic, total):
        found.append(keys.last_note(heard, tonic))
    if known or "key" in asked:
        found.append(plain.clean(heard, ensemble))
    return found


def _home(heard: Heard, bars: Bars, asked: Mapping[str, Any], key: Tonality | None, total: int) -> bool:
    """Whether the piece is to end on its tonic: not where another ending, last chord or last notes were asked."""
    if asked.get("ending") in _NOT_HOME:
        return False
    given, last = asked.get("given", ()), heard.last
    if total in asked.get("given_bars", ()):
        return False
    if any(Fraction(start) + Fraction(length) >= last for _, start, length, _ in given):
        return False
    if "chords" not in asked or "ending" in asked or key is None:
        return True
    spans = progression.progression(asked["chords"], bars, key, total, last)
    return not spans or spans[-1].chord.root == key.tonic


def _ending(heard: Heard, bars: Bars, asked: str, key: Tonality | None) -> Promise:
    kinds = cadences.ending(heard, bars, key or keys.likeliest(heard))
    return Promise("ending", asked, " or ".join(sorted(kinds)) or "none", asked in kinds)


def _sung(heard: Heard, bars: Bars, asked: Mapping[str, Any]) -> list[Promise]:
    found = []
    if "lyrics" in asked:
        found.append(words.lyrics(heard, asked["lyrics"]))
    if "stress" in asked:
        found.append(words.stress(heard, bars, asked["stress"]))
    if "tones" in asked:
        found.append(words.tones(heard, asked["tones"]))
    if "rhymes" in asked:
        found.append(words.rhymes(heard, asked["rhymes"]))
    if "breath" in asked:
        found.append(words.breath(heard, asked["breath"]))
    return found


def describe(heard: Heard) -> tuple[str, ...]:
    """What the file says of itself and what can be heard in it, one line each."""
    notes = sum(len(voice.sounds) for voice in heard.voices)
    lines = [
        f"key {keys.signed(heard) or 'not named'}; by its notes {finder(heard)[0]}",
        f"meter {heard.meter}, {plain.tempo_of(heard)}, {bars_of(heard)} bars"
        + (f" after a pickup of {float(heard.pickup):g} quarters" if heard.pickup else ""),
        f"{len(heard.voices)} voices, {notes} notes",
    ]
    for voice in heard.voices[:16]:
        low, high = plain.compass(voice)
        compass = "" if voice.drums else f", {pitch_name(low)} to {pitch_name(high)}"
        lines.append(f"{voice.name}: {len(voice.sounds)} notes{compass}")
    if heard.lyrics:
        lines.append(f"{len(heard.lyrics)} syllables are sung")
    return (*lines, *heard.faults)
