"""Write the sample of each corpus: small, of our own making (CC0), the same bytes at each run.

    python corpora/make_samples.py

The samples stand in for the corpora in tests and in a first training run. Their poems keep the tonal rules and rhyme,
their chorales move in common chords, their pictures have colours and strokes; none of them is art.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from muse.poem.referee import judge
from muse.seed import stream
from muse.tables.words import lexicon
from muse.verbs import records_verse as verse

HERE = Path(__file__).parent
FORMS = {"五绝": (4, 5), "七绝": (4, 7), "五律": (8, 5), "七律": (8, 7)}


def write(name: str, data: bytes) -> None:
    path = HERE / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def json_lines(rows: Sequence[dict[str, Any]]) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n" for row in rows).encode()


def poems(seed: int, count: int, dynasty: str) -> list[dict[str, Any]]:
    """Words of the theme lexicon, drawn so that the tones and the rhyme come out."""
    random = stream(seed, "poems", dynasty)
    tones, groups = verse._tones(), verse._groups()
    words = [
        word for concept in lexicon().concepts for word in concept.zh if all(len(tones.get(c, "??")) == 1 for c in word)
    ]
    pairs = sorted({word for word in words if len(word) == 2})
    singles = sorted({word for word in words if len(word) == 1})
    rhymes = [
        sorted({c for c in "".join(words) if groups[c] == {group: "平"}})
        for group in ("一先", "十一尤", "七阳", "八庚", "十一真", "十灰")
    ]

    def pair(first: str, second: str) -> str:
        fits = [w for w in pairs if tones[w[1]] == second and first in (tones[w[0]], "中")]
        return str(fits[random.integers(len(fits))])

    def line(width: int, two: str, end: str, rhyme: str) -> str:
        """Feet of two characters whose second alternates from `two`, then one character."""
        feet = [two if foot % 2 == 0 else "仄" if two == "平" else "平" for foot in range(width // 2)]
        text = "".join(pair("平" if end == "平" and tone == "平" else "中", tone) for tone in feet[:-1])
        last = feet[-1]
        text += pair("仄" if end == last else "中", last)
        if rhyme:
            return text + rhyme
        fits = [c for c in singles if tones[c] == end]
        return text + str(fits[random.integers(len(fits))])

    rows: list[dict[str, Any]] = []
    while len(rows) < count:
        form = list(FORMS)[len(rows) % 4]
        number, width = FORMS[form]
        opening = ("平", "仄")[int(random.integers(2))]
        other = "仄" if opening == "平" else "平"
        ends = list(random.permutation(rhymes[int(random.integers(len(rhymes)))]))
        lines = []
        for at in range(number):
            two = opening if at % 4 in (0, 3) else other
            lines.append(line(width, two, "平" if at % 2 else "仄", str(ends[at // 2]) if at % 2 else ""))
        if judge(lines, form).valid is True and len(set(ends[: number // 2])) == number // 2:
            title = str(pairs[random.integers(len(pairs))])
            found = verse.themes(title, lines)
            rows.append(
                {
                    "title": title,
                    "author": "muse",
                    "dynasty": dynasty,
                    "form": form,
                    "lines": lines,
                    **verse.marks(lines),
                }
                | ({"themes": found} if found else {})
            )
    return rows


SCALES = {"major": (0, 2, 4, 5, 7, 9, 11), "minor": (0, 2, 3, 5, 7, 8, 10)}
PHRASES = ((0, 3, 4, 0), (0, 5, 3, 4), (0, 4, 5, 3), (0, 1, 4, 0), (5, 3, 4, 0), (0, 3, 0, 4))


def chorale(seed: int, number: int, beats: int = 32) -> np.ndarray:
    """(beats, 4) pitches, one chord a quarter: soprano, alto, tenor, bass in their ranges."""
    random = stream(seed, "chorale", number)
    tonic = int(random.integers(-5, 6))
    scale = SCALES["minor" if random.random() < 0.4 else "major"]
    degrees = [degree for _ in range(beats // 4) for degree in PHRASES[int(random.integers(len(PHRASES)))]]
    degrees[-2:] = [4, 0]
    voices = np.zeros((beats, 4), int)
    middle = np.array([67, 60, 53, 46])
    for at, degree in enumerate(degrees):
        chord = [60 + tonic + scale[(degree + step) % 7] for step in (0, 2, 4)]
        for voice in range(4):
            wanted = chord[:1] if voice == 3 else chord
            around = voices[at - 1, voice] if at else middle[voice]
            choices = [p + 12 * o for p in wanted for o in range(-4, 4) if abs(p + 12 * o - middle[voice]) <= 9]
            steps = [abs(p - around) + 0.3 * abs(p - middle[voice]) + 2 * random.random() for p in choices]
            voices[at, voice] = choices[int(np.argmin(steps))]
    return voices


def jsb() -> dict[str, list[list[list[int]]]]:
    """Frames of a 16th: the chords of `chorale`, four frames each."""
    parts = {"train": range(32), "valid": range(32, 38), "test": range(38, 44)}
    return {
        part: [[[int(p) for p in row] for row in chorale(1, number) for _ in range(4)] for number in numbers]
        for part, numbers in parts.items()
    }


METERS = {"4/4": 96, "3/4": 72, "6/8": 72, "2/4": 48}
RHYTHMS = {24: ((24,), (12, 12), (12, 6, 6), (6, 6, 12)), 36: ((36,), (24, 12), (12, 12, 12), (18, 6, 12))}


def tune(seed: int, number: int, **fields: Any) -> dict[str, Any]:
    """One melody of the shared sets: 16 bars in two kinds of phrase, steps and small leaps."""
    random = stream(seed, "tune", number)
    meter = list(METERS)[number % 4]
    bar, unit = METERS[meter], 36 if meter == "6/8" else 24
    tonic, minor = int(random.integers(12)), random.random() < 0.4
    scale = SCALES["minor" if minor else "major"]

    def phrase() -> list[tuple[int, int]]:
        place, notes = int(random.integers(5, 10)), []
        for _ in range(4 * bar // unit):
            for duration in RHYTHMS[unit][int(random.integers(len(RHYTHMS[unit])))]:
                place = min(13, max(2, place + int(random.choice([-2, -1, -1, 0, 1, 1, 2, 3]))))
                notes.append((place, duration))
        return notes

    first, second = phrase(), phrase()
    notes = [*first, *first, *second, *first]
    notes[-1] = (7, notes[-1][1])
    names = ("c", "c#", "d", "e-", "e", "f", "f#", "g", "a-", "a", "b-", "b")
    row = {"id": f"muse:{number}", "src": "muse", "lic": "CC0-1.0", "title": f"Sample {number}"}
    row |= {"grp": f"t:sample{number}", "m": meter, "mc": 0, "ks": None, "ph": 0, "part": "tune", "role": "tune"}
    row |= {"key": names[tonic] if minor else names[tonic].capitalize(), "lab": "jig" if meter == "6/8" else None}
    pitches = [54 + tonic + 12 * (place // 7) + scale[place % 7] for place, _ in notes]
    return {**row, "p": pitches, "d": [duration for _, duration in notes], **fields}


def scores(count: int) -> list[dict[str, Any]]:
    """Four-part scores of the shared sets: each chord a half or two quarters."""
    rows = []
    for number in range(count):
        grid = chorale(2, number, 40)
        voices = []
        for column in grid.T:
            pitches, durations = [int(column[0])], [24]
            for at, pitch in enumerate(column[1:], 1):
                if pitch == pitches[-1] and at % 4:
                    durations[-1] += 24
                else:
                    pitches.append(int(pitch))
                    durations.append(24)
            voices.append([pitches, durations])
        row = {"id": f"muse:{number}", "grp": f"pl:part{number}", "src": "muse", "lic": "CC0-1.0"}
        row |= {"title": f"Sample {number}", "composer": "muse", "genre": "", "m": ["4/4"], "key": None, "ks": None}
        rows.append({**row, "ticks": 960, "voices": voices})
    return rows


def abc(number: int) -> str:
    """A hymn in four parts, in ABC, bars of four quarters."""
    names = ("C", "^C", "D", "^D", "E", "F", "^F", "G", "^G", "A", "^A", "B")
    grid = chorale(3, number)

    def note(pitch: int) -> str:
        octave = pitch // 12 - 5
        name = names[pitch % 12]
        sign = "" if name.startswith("^") else "="
        return sign + (name.lower() + "'" * (octave - 1) if octave > 0 else name + "," * -octave)

    head = f"X: {number}\nT: Sample {number}\nC: copyright: public domain. Made for muse.\nM: 4/4\nL: 1/4\n"
    voices = ("S1V1", "S1V2", "S2V1", "S2V2")
    head += "".join(f"V: {name}\n" for name in voices) + "K: C\n"
    body = ""
    for start in range(0, len(grid), 16):
        for name, column in zip(voices, grid[start : start + 16].T, strict=True):
            bars = [" ".join(note(int(p)) for p in column[at : at + 4]) for at in range(0, 16, 4)]
            body += f"[V: {name}] " + " | ".join(bars) + " |\n"
    return head + body + "\n"


GROUNDS = {
    "ink": (236, 230, 216), "oil": (92, 62, 40), "ukiyo-e": (224, 208, 168), "cosmic": (8, 8, 24),
    "botanical": (244, 240, 226), "geometric": (240, 240, 236), "flow": (24, 40, 72), "fractal": (12, 24, 40),
    "tarot": (212, 180, 96),
}  # fmt: skip


def picture(style: str, number: int) -> bytes:
    """A picture of 160 × 160 pixels in the colours and strokes of a style."""
    random = stream(4, "picture", style, number)
    size = 160
    image = Image.new("RGB", (size, size), GROUNDS[style])
    draw = ImageDraw.Draw(image)

    def colour(low: int, high: int) -> tuple[int, int, int]:
        red, green, blue = (int(part) for part in random.integers(low, high, 3))
        return red, green, blue

    if style == "ink":
        for hill in range(4):
            tops = np.cumsum(random.normal(0, 5, size)) + 60 + 25 * hill
            grey = 170 - 40 * hill
            draw.polygon(
                [(0, size), *((x, int(y)) for x, y in enumerate(tops)), (size, size)], fill=(grey, grey, grey - 6)
            )
    elif style in ("cosmic", "oil"):
        for _ in range(14 if style == "cosmic" else 60):
            x, y, r = (int(value) for value in random.integers(0, size, 3))
            draw.ellipse((x - r // 4, y - r // 4, x + r // 4, y + r // 4), fill=colour(20, 160))
        image = image.filter(ImageFilter.GaussianBlur(9 if style == "cosmic" else 3))
        draw = ImageDraw.Draw(image)
        for x, y in random.integers(0, size, (60 if style == "cosmic" else 0, 2)):
            draw.point((int(x), int(y)), fill=(255, 250, 240))
    elif style == "botanical":
        for angle in np.linspace(0, 2 * np.pi, int(random.integers(5, 12)), endpoint=False):
            x, y = 80 + 34 * np.cos(angle), 66 + 34 * np.sin(angle)
            draw.ellipse((x - 18, y - 18, x + 18, y + 18), fill=colour(120, 240))
        draw.line((80, 80, 84, 156), fill=(70, 120, 60), width=5)
    elif style == "fractal":
        c = complex(random.uniform(-0.8, 0.3), random.uniform(0.1, 0.8))
        z = np.linspace(-1.5, 1.5, size)[None, :] + 1j * np.linspace(-1.5, 1.5, size)[:, None]
        depth = np.zeros((size, size))
        for _ in range(40):
            inside = np.abs(z) < 2
            z = np.where(inside, z * z + c, z)
            depth += inside
        tint = random.uniform(0.3, 1.0, 3)
        image = Image.fromarray((depth[..., None] / 40 * 255 * tint).astype(np.uint8))
    elif style == "flow":
        base = random.uniform(0, 2 * np.pi, 4)
        for x, y in random.integers(0, size, (120, 2)):
            here, ink = np.array([float(x), float(y)]), colour(90, 250)
            for _ in range(24):
                angle = np.sin(here[0] / 30 + base[0]) + np.cos(here[1] / 24 + base[1]) + base[2]
                there = here + 3 * np.array([np.cos(angle), np.sin(angle)])
                draw.line((*here, *there), fill=ink)
                here = there
    else:
        for _ in range(int(random.integers(6, 12))):
            x, y, w, h = (int(value) for value in random.integers(0, 120, 4))
            shape = draw.rectangle if random.random() < 0.5 else draw.ellipse
            shape((x, y, x + w // 2 + 12, y + h // 2 + 12), fill=colour(30, 230), outline=(30, 30, 30))
        if style == "tarot":
            draw.rectangle((6, 6, size - 7, size - 7), outline=(60, 40, 20), width=5)
    data = BytesIO()
    image.save(data, "JPEG", quality=85)
    return data.getvalue()


def piano(number: int) -> bytes:
    """A short piano piece as MIDI: a tune over its chords."""
    from mido import Message, MetaMessage, MidiFile, MidiTrack

    grid = chorale(5, number)
    song = MidiFile(ticks_per_beat=480)
    for hand in ((0,), (1, 2, 3)):
        track = MidiTrack()
        song.tracks.append(track)
        if hand == (0,):
            track += [
                MetaMessage("time_signature", numerator=4, denominator=4),
                MetaMessage("set_tempo", tempo=600_000),
            ]
        for row in grid:
            pitches = [int(row[voice]) for voice in hand]
            track += [Message("note_on", note=p, velocity=80, time=0) for p in pitches]
            track += [
                Message("note_off", note=p, velocity=0, time=480 if at == 0 else 0) for at, p in enumerate(pitches)
            ]
    data = BytesIO()
    song.save(file=data)
    return data.getvalue()


def main() -> None:
    write("tang-song/sample/zh_shi_tang_song.jsonl", json_lines(poems(1, 240, "唐")))
    write("yuan-ming-qing/sample/zh_shi_yuan_ming_qing.jsonl", json_lines(poems(2, 120, "清")))
    write("jsb-chorales/sample/Jsb16thSeparated.json", json.dumps(jsb(), separators=(",", ":")).encode())
    write("melodies/sample/melodies.jsonl", json_lines([tune(1, number) for number in range(96)]))
    write("melodies-folk-b/sample/melodies.jsonl", json_lines([tune(6, number) for number in range(48)]))
    leads = [
        tune(7, number, chords=[[96 * at, (5 * at) % 12, "major", None] for at in range(4)], mode="major")
        for number in range(24)
    ]
    write("openewld/sample/leadsheets.jsonl", json_lines(leads))
    write("satb-polish/sample/satb.jsonl", json_lines(scores(48)))
    write("open-hymnal/sample/open_hymnal.abc", "".join(abc(number) for number in range(1, 33)).encode())
    for number in range(12):
        write(f"piano-polish/sample/sample{number:02}.mid", piano(number))
    for style in GROUNDS:
        for number in range(6):
            write(f"pictures/sample/{style}/{number}.jpg", picture(style, number))


if __name__ == "__main__":
    main()
