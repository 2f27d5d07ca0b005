"""Chords as people write them: symbols ("F#m7", "C/E"), Roman numerals ("ii7 V7 I"), and progressions in bars."""

from __future__ import annotations

import re
from dataclasses import replace

from muse.errors import WishError
from muse.music.theory import BEAT, QUALITIES, Chord, Key, Meter

COLOURS: dict[str, tuple[tuple[int, ...], str]] = {
    "5": ((0, 7), ""), "6": ((0, 4, 7, 9), ""), "m6": ((0, 3, 7, 9), "m"), "69": ((0, 4, 7, 9, 14), ""),
    "sus2": ((0, 2, 7), "sus4"), "7sus4": ((0, 5, 7, 10), "sus4"), "9sus4": ((0, 5, 7, 10, 14), "sus4"),
    "add9": ((0, 4, 7, 14), ""), "madd9": ((0, 3, 7, 14), "m"), "9": ((0, 4, 7, 10, 14), "7"),
    "maj9": ((0, 4, 7, 11, 14), "maj7"), "m9": ((0, 3, 7, 10, 14), "m7"), "11": ((0, 7, 10, 14, 17), "7"),
    "m11": ((0, 3, 7, 10, 14, 17), "m7"), "13": ((0, 4, 10, 14, 21), "7"), "7b9": ((0, 4, 7, 10, 13), "7"),
    "7#9": ((0, 4, 7, 10, 15), "7"), "7b5": ((0, 4, 6, 10), "7"), "7#5": ((0, 4, 8, 10), "aug"),
    "mmaj7": ((0, 3, 7, 11), "m"), "maj7#11": ((0, 4, 7, 11, 18), "maj7"),
}  # fmt: skip
"""Further qualities: semitones above the root, and which of QUALITIES stands for them in the model."""
_ALIKE = (
    ("major", "maj"), ("minor", "m"), ("min", "m"), ("Maj", "maj"), ("Δ", "maj7"), ("^", "maj7"), ("°", "dim"),
    ("ø7", "m7b5"), ("ø", "m7b5"), ("♭", "b"), ("♯", "#"), ("−", "m"), ("6/9", "69"),
)  # fmt: skip
_SAME = {
    "M": "", "maj": "", "-": "m", "M7": "maj7", "maj77": "maj7", "-7": "m7", "+": "aug", "o": "dim", "o7": "dim7",
    "sus": "sus4", "7sus": "7sus4", "2": "sus2", "4": "sus4", "m7-5": "m7b5", "add2": "add9", "+7": "7#5",
    "aug7": "7#5", "M9": "maj9", "-9": "m9", "mM7": "mmaj7", "mmaj": "mmaj7", "dom7": "7", "7+": "7#5",
}  # fmt: skip
_ROOTS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_SIGNS = {"#": 1, "b": -1, "": 0}
_NUMERALS = ("I", "II", "III", "IV", "V", "VI", "VII")
_FIGURES = {"6": (1, ""), "64": (2, ""), "65": (1, "7"), "43": (2, "7"), "42": (3, "7"), "2": (3, "7")}
_MAJOR = (0, 2, 4, 5, 7, 9, 11)
_DEGREES = {
    "minor": (0, 2, 3, 5, 7, 8, 10), "dorian": (0, 2, 3, 5, 7, 9, 10), "phrygian": (0, 1, 3, 5, 7, 8, 10),
    "lydian": (0, 2, 4, 6, 7, 9, 11), "mixolydian": (0, 2, 4, 5, 7, 9, 10), "商": (0, 2, 3, 5, 7, 9, 10),
    "角": (0, 1, 3, 5, 7, 8, 10), "徵": (0, 2, 4, 5, 7, 9, 10), "羽": (0, 2, 3, 5, 7, 8, 10),
}  # fmt: skip
"""The seven steps on which Roman numerals stand; those of major where a mode is not named here."""
_HINT = 'write them like "Am F C G", "Dm7 G7 | C" or "i VI III VII", a chord a bar or bars between |'


def tones(chord: Chord) -> tuple[int, ...]:
    """Semitones above the root of all notes of a chord, as it was asked for.

    >>> tones(Chord(0, 0, "7", written="9"))
    (0, 4, 7, 10, 14)
    """
    return COLOURS[chord.written][0] if chord.written in COLOURS else QUALITIES[chord.quality]


def symbol(text: str) -> Chord | None:
    """The chord of a symbol, at tick 0, or None.

    >>> symbol("C9/E"), symbol("Verse")
    (Chord(tick=0, root=0, quality='7', bass=4, written='9'), None)
    """
    for name, same in _ALIKE:
        text = text.replace(name, same)
    match = re.fullmatch(r"([A-G])([#b]?)([^/\s]*)(?:/([A-G])([#b]?))?", text.strip())
    if match is None:
        return None
    letter, sign, quality, under, bent = match.groups()
    made = _made((_ROOTS[letter] + _SIGNS[sign]) % 12, re.sub("[()]", "", quality))
    return made and (_over(made, (_ROOTS[under] + _SIGNS[bent]) % 12) if under else made)


def numeral(text: str, key: Key) -> Chord | None:
    """The chord of a Roman numeral in a key, at tick 0, or None.

    Capitals are major, small letters minor, or diminished where the key has it so; 7 adds the minor seventh, as in
    symbols; 6, 64, 65, 43, 42 are inversions; V7/ii is the dominant of ii. Flats count from the major scale, as is
    usual with bVI, sharps from that of the key; in minor a small vii stands on the raised seventh.

    >>> numeral("V7/V", Key(0)), numeral("VI", Key(9, "minor"))
    (Chord(tick=0, root=2, quality='7', bass=-1, written=''), Chord(tick=0, root=5, quality='', bass=-1, written=''))
    """
    for name, same in _ALIKE:
        text = text.replace(name, same)
    head, slash, tail = text.strip().partition("/")
    if slash and (under := re.fullmatch(r"([A-G])([#b]?)", tail)):
        found = numeral(head, key)
        return found and _over(found, (_ROOTS[under[1]] + _SIGNS[under[2]]) % 12)
    if slash:
        home = numeral(tail, key)
        if home is None:
            return None
        key = Key(home.root, "minor" if home.quality.startswith(("m", "dim")) and home.quality != "maj7" else "major")
        return numeral(head, key)
    match = re.fullmatch(r"([#b]?)(VII|VI|IV|V|III|II|I|vii|vi|iv|v|iii|ii|i)(.*)", head)
    if match is None:
        return None
    sign, name, quality = match.groups()
    steps, degree, small = _DEGREES.get(key.mode, _MAJOR), _NUMERALS.index(name.upper()), name.islower()
    step = _MAJOR[degree] - 1 if sign == "b" else steps[degree] + _SIGNS[sign]
    if small and not sign and degree == 6 and key.mode == "minor":
        step = 11
    inversion, seventh = _FIGURES.get(quality, (0, ""))
    if inversion:
        quality = seventh
    if small and quality in ("", "7") and not sign and (step + 7) % 12 not in {*steps, 11}:
        quality = "dim" if not quality else "dim7" if key.mode == "minor" and step == 11 else "m7b5"
    elif small and not re.match("dim|m(?!aj)|o|aug|[+]|sus", quality):
        quality = "m" + quality
    made = _made((key.tonic + step) % 12, quality)
    if made is None or not inversion:
        return made
    return _over(made, (made.root + QUALITIES[made.quality][inversion]) % 12)


def roman(chord: Chord, key: Key) -> str:
    """The Roman numeral of a chord in a key; a bass that is not the root stands after a slash, as a note.

    >>> [roman(chord, Key(0)) for chord in (Chord(0, 7, "7"), Chord(0, 2, "m7"), Chord(0, 8), Chord(0, 11, "m7b5"))]
    ['V7', 'ii7', 'bVI', 'viiø7']
    """
    step = (chord.root - key.tonic) % 12
    steps = _DEGREES.get(key.mode, _MAJOR)
    quality = chord.written or chord.quality
    small = quality.startswith(("dim", "m")) and not quality.startswith("maj")
    if step == 11 and key.mode == "minor" and small:
        name = "VII"
    elif step in steps and not (step == 10 and key.mode == "minor" and small):
        name = _NUMERALS[steps.index(step)]
    elif step + 1 in _MAJOR:
        name = "b" + _NUMERALS[_MAJOR.index(step + 1)]
    else:
        name = "#" + _NUMERALS[steps.index((step - 1) % 12)]
    if small:
        natural = name[0] not in "b#" and (step + 7) % 12 not in {*steps, 11}  # a small numeral would be diminished
        signs = {"dim": "°", "dim7": "°7", "m7b5": "ø7"}
        name, quality = name.lower(), signs.get(quality, quality if natural else quality[1:])
    elif quality == "aug":
        quality = "+"
    return name + quality + (f"/{key.spell(chord.bass)}" if chord.bass >= 0 else "")


def progression(text: str, key: Key, meter: Meter, bars: int | None = None, pickup: int = 0) -> tuple[Chord, ...]:
    """The chords of a text, with the ticks where they begin; repeated until the bars are full.

    Without bar lines each symbol or numeral holds for a bar. Between bar lines ("Dm7 G7 | C") those of a bar share
    it by beats, the first ones longer where it does not come out even; "/" prolongs the chord before it by one share,
    and "%" repeats the bar before.

    Args:
        bars: how many bars there are; None for as many as are written.

    Raises:
        WishError: a chord cannot be read, or the bars cannot be filled.
    """
    written = written_bars(text)
    if bars is None:
        bars = len(written)
    if bars % len(written):
        raise WishError(
            f"chords: a progression of {len(written)} bars does not fill {bars}", "it is repeated as a whole",
            f"ask for a multiple of {len(written)} bars, or write {bars} bars of chords",
        )  # fmt: skip
    found: list[Chord] = []
    for bar in range(bars):
        names = written[bar % len(written)]
        for name, start in zip(names, _shares(len(names), meter, bar % len(written) + 1), strict=True):
            chord = symbol(name) or numeral(name, key)
            if chord is None:
                raise WishError(f"chords: cannot read {name!r}", "", _HINT)
            if not found or replace(found[-1], tick=0) != chord:
                found.append(replace(chord, tick=pickup + bar * meter.bar + start))
    return tuple(found)


def written_bars(text: str) -> list[list[str]]:
    """The symbols of each bar of a progression; where one is prolonged it stands again.

    >>> written_bars("Am F"), written_bars("| C / G | % |")
    ([['Am'], ['F']], [['C', 'C', 'G'], ['C', 'C', 'G']])

    Raises:
        WishError: there are none, or nothing stands before a sign of repetition.
    """
    text = re.sub(r"[,，;]", " ", text.replace("‖", "|").replace("｜", "|"))
    parts = [bar.split() for bar in re.sub(r"\|+", "|", text.strip().strip("|")).split("|")]
    if parts == [[]]:
        raise WishError("chords: there are none", "", _HINT)
    if len(parts) == 1 and "|" not in text:
        parts = [[name] for name in parts[0]]
    found: list[list[str]] = []
    for names in parts:
        bar: list[str] = []
        for name in names:
            before = bar or (found[-1] if found else [])
            if (name in ("/", "%") and not before) or not names:
                raise WishError(f"chords: nothing stands before {name!r}", "", _HINT)
            if name == "%" and not bar:
                bar += found[-1]
            else:
                bar.append(before[-1] if name in ("/", "%") else name)
        if not bar:
            raise WishError(f"chords: bar {len(found) + 1} is empty", "", "write % for the bar before once more")
        found.append(bar)
    return found


def _shares(count: int, meter: Meter, bar: int) -> list[int]:
    """Where each of so many chords begins in a bar."""
    for size in (meter.pulse, 4 * BEAT // meter.unit, BEAT, BEAT // 2):
        slots = meter.bar // size
        if count <= slots and meter.bar % size == 0:
            return [-(-index * slots // count) * size for index in range(count)]
    raise WishError(f"chords: bar {bar} holds {count} chords", f"a bar of {meter} has no room for them", _HINT)


def _made(root: int, quality: str) -> Chord | None:
    """A chord of a written quality, where there is such a one."""
    quality = _SAME.get(quality, quality)
    if quality in QUALITIES:
        return Chord(0, root, quality)
    return Chord(0, root, COLOURS[quality][1], written=quality) if quality in COLOURS else None


def _over(chord: Chord, bass: int) -> Chord:
    return chord if bass == chord.root else replace(chord, bass=bass)
