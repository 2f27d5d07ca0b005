"""What happens in a bar: its notes, its chords as Roman numerals, its cadence, and the rules it breaks.

music21 reads the numerals; nothing else of the referee imports it.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from muse.errors import UsageError
from muse.music.heard import Heard, hear
from muse.music.referee import keys, rules
from muse.music.referee.cadences import cadences
from muse.music.referee.chords import Span, marked, sounded
from muse.music.referee.names import Tonality, pitch_name, spelled
from muse.music.referee.places import Bars
from muse.music.referee.plain import bars_of

_BARE = 2  # notes that are told without a chord


def explain(source: bytes | Path | str, bar: int) -> tuple[str, ...]:
    """A bar in words, line by line; bar 0 is the pickup.

    Raises:
        InputError: the file cannot be read.
        UsageError: it has no such bar.
    """
    heard = hear(source).written()
    bars, key, last = Bars(heard), keys.likeliest(heard), bars_of(heard)
    first = 0 if heard.pickup else 1
    if not first <= bar <= last:
        raise UsageError(f"there is no bar {bar}", f"the piece has bars {first} to {last}", "name one of them")
    start, end = (bars.start(bar), bars.start(bar + 1)) if bar else (Fraction(0), heard.pickup)
    found = [f"bar {bar} of {last} in {key}"]
    found += _notes(heard, bars, key, start, end)
    named = [span for span in marked(heard) if span.start < end and span.end > start]
    if named:
        words = {time: text.strip() for time, text in heard.markers}
        found.append("chord symbols: " + ", ".join(words[span.start] for span in named))
    found += _numerals(heard, bars, key, start, end)
    found += [str(one) for one in cadences(heard, bars, key) if one.place.bar == bar]
    broken = [str(one) for one in rules.judge(heard, bars, key).breaks if one.place.bar == bar]
    return (*found, *(broken or ["no rule is broken"]))


def _notes(heard: Heard, bars: Bars, key: Tonality, start: Fraction, end: Fraction) -> list[str]:
    """The notes of each voice with the beats on which they begin."""
    found = []
    for voice in heard.pitched:
        inside = [sound for sound in voice.sounds if sound.start < end and sound.end > start]
        told = [
            pitch_name(sound.pitch, key) + (f" ({_beat(bars, sound.start)})" if sound.start >= start else " (held)")
            for sound in inside[:64]
        ]
        found.append(f"{voice.name}: {' '.join(told) or 'rests'}")
    return found


def _numerals(heard: Heard, bars: Bars, key: Tonality, start: Fraction, end: Fraction) -> list[str]:
    """The chord of each beat with its Roman numeral."""
    spans = [span for span in sounded(heard, bars) if span.start < end and span.end > start]
    found = []
    for span in spans:
        begin = max(span.start, start)
        sounds = sorted({sound.pitch for voice in heard.pitched for sound in voice.sounds
                         if sound.start < span.end and sound.end > begin})  # fmt: skip
        parts = [pitch for pitch in sounds if pitch % 12 in span.chord.classes]
        names = list(dict.fromkeys(spelled(pitch % 12, key) for pitch in parts))
        beyond = sorted({spelled(pitch % 12, key) for pitch in sounds} - set(names))
        line = f"beat {_beat(bars, begin)}: {' '.join(names)}, {_figure(span, parts, key)}"
        found.append(line + (f", beside it {' '.join(beyond)}" if beyond else ""))
    return found


def _figure(span: Span, parts: Sequence[int], key: Tonality) -> str:
    """The Roman numeral of a chord as it stands over its bass."""
    if len({pitch % 12 for pitch in parts}) < _BARE:
        return "a single note"
    from music21 import chord, roman
    from music21.key import Key

    pitches = [pitch_name(pitch, key).replace("b", "-") for pitch in parts]
    tonic = spelled(key.tonic, key).replace("b", "-")
    home: Any = Key(tonic, key.seven)
    own = {(key.tonic + step) % 12 for step in key.degrees} | ({key.leading} if key.minor else set())
    figure = roman.romanNumeralFromChord(
        chord.Chord(pitches), home, preferSecondaryDominants=not span.chord.classes <= own
    )
    return str(figure.figure).replace("bVII", "VII") if key.minor else str(figure.figure)


def _beat(bars: Bars, time: Fraction) -> str:
    return f"{float(bars.place(time).beat):.2f}".rstrip("0").rstrip(".")
