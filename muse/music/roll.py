"""The piano roll of a piece, as SVG text and as PNG: one drawing in plain shapes, two ways to write it down."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from importlib import resources
from typing import TYPE_CHECKING, Any, Literal

from muse.music.percussion import drum
from muse.music.theory import BEAT

if TYPE_CHECKING:
    from muse.music.notes import Music, Note

WIDTH = 1600
LEFT, RIGHT, HEAD, STRIP, FOOT = 76, 28, 74, 34, 40
LETTER, WORDS = 22, 40
"""Height of the letters of the form, and of words that have a row of their own."""
GROUND, BLACK_ROW, TONIC_ROW = "#fdfaf3", "#f4eee1", "#f3e3c8"
INK, SOFT, BEAT_LINE, BAR_LINE = "#2b2620", "#8a7f70", "#e9e1d1", "#c9bca5"
COLOURS = ("#b3372f", "#d18a1f", "#2f7f79", "#35508f", "#7b4a86", "#5d7a34", "#a5566f", "#4c6c80")
DRUMS = "#8b8378"
_NAMES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")


@dataclass(frozen=True, slots=True)
class Box:
    """A filled rectangle; positions in pixels from the top left, `round` is the radius of its corners."""

    x: float
    y: float
    width: float
    height: float
    fill: str
    round: float = 0.0


@dataclass(frozen=True, slots=True)
class Label:
    """A line of text that stands on (x, y)."""

    x: float
    y: float
    text: str
    size: int
    fill: str
    anchor: Literal["start", "middle", "end"] = "start"
    title: bool = False


@dataclass(frozen=True, slots=True)
class Drawing:
    width: int
    height: int
    shapes: tuple[Box | Label, ...]


def span(music: Music) -> tuple[float, float]:
    """Where the music begins and ends in the picture, in per cent of its width."""
    return round(100 * LEFT / WIDTH, 4), round(100 * (WIDTH - RIGHT) / WIDTH, 4)


def draw(music: Music) -> Drawing:
    """The piano roll as shapes: rows of pitches, bars and beats, chords above, notes in the colours of their voices."""
    pitched = [note for track in music.tracks if not track.drums for note in track.notes]
    drums = sorted({note.pitch for track in music.tracks if track.drums for note in track.notes}, reverse=True)
    low = min((note.pitch for note in pitched), default=60) - 2
    high = max((note.pitch for note in pitched), default=72) + 2
    while high - low < 17:
        low, high = low - 1, high + 1
    row = min(17.0, max(8.0, 520 / (high - low + 1)))
    top = HEAD + STRIP + (LETTER if music.sections else 0)
    floor = top + row * (high - low + 1)
    sung = any(note.lyric for note in pitched)
    many = len({(track.name, note.voice) for track in music.tracks if not track.drums for note in track.notes}) > 1
    words = WORDS if sung and many else 0  # among many voices, words have a row of their own
    drum_top = floor + words + (8 if drums else 0)
    bottom = drum_top + 12 * len(drums)
    end = max(1, music.length, max((note.end for note in music.notes), default=1))
    scale = (WIDTH - LEFT - RIGHT) / end

    def at(tick: float) -> float:
        return LEFT + tick * scale

    shapes: list[Box | Label] = [Box(0, 0, WIDTH, bottom + FOOT, GROUND)]
    shapes += _rows(music, low, high, row, top)
    shapes += _lines(music, end, at, top, bottom)
    shapes += _chords(music, end, at, top)
    shapes += _sections(music, at, top)
    if words:
        shapes.append(Box(LEFT, floor, WIDTH - LEFT - RIGHT, words, GROUND))
    for place, pitch in enumerate(drums):
        shapes.append(Label(LEFT - 6, drum_top + 12 * place + 9, _cut(drum(pitch).name, 15), 9, SOFT, "end"))
    colour = 0
    voices: list[list[Box | Label]] = []
    for track in music.tracks:
        for voice in sorted({note.voice for note in track.notes}):
            notes = [note for note in track.notes if note.voice == voice]
            fill = DRUMS if track.drums else COLOURS[colour % len(COLOURS)]
            colour += not track.drums
            voices.append([])
            for note in notes:
                if track.drums:
                    y, height = drum_top + 12 * drums.index(note.pitch) + 2, 8.0
                else:
                    y, height = top + (high - note.pitch) * row + 1, row - 2
                width = max(3.0, note.duration * scale - 1.5)
                shade = _mixed(fill, GROUND, 0.35 * (1 - min(1.0, note.velocity / 100)))
                voices[-1].append(Box(at(note.tick) + 0.75, y, width, height, shade, min(height / 2.6, width / 2, 4.5)))
            if not track.drums:
                voices[-1].extend(_lyrics(notes, at, top, high, row, floor if words else None))
    for drawn in reversed(voices):  # the tune lies over its accompaniment
        shapes += drawn
    shapes += _heading(music)
    return Drawing(WIDTH, round(bottom + FOOT), tuple(shapes))


def _rows(music: Music, low: int, high: int, row: float, top: float) -> Iterator[Box | Label]:
    """The rows of black keys and of the tonic shaded, with the names of C and of the tonic."""
    for pitch in range(low, high + 1):
        y = top + (high - pitch) * row
        tonic = pitch % 12 == music.key.tonic
        if tonic or pitch % 12 in (1, 3, 6, 8, 10):
            yield Box(LEFT, y, WIDTH - LEFT - RIGHT, row, TONIC_ROW if tonic else BLACK_ROW)
        if tonic or (pitch % 12 == 0 and music.key.tonic not in (11, 1)):
            name = f"{music.key.spell(pitch)}{pitch // 12 - 1}"
            yield Label(LEFT - 10, y + row / 2 + 5, name, 14, INK if tonic else SOFT, "end")


def _lines(music: Music, end: int, at: Any, top: float, bottom: float) -> Iterator[Box | Label]:
    """Beat lines, bar lines and bar numbers."""
    beat = music.meter.pulse if music.meter.pulse < music.meter.bar else 4 * BEAT // music.meter.unit
    if at(beat) - at(0) > 7:
        for tick in range(music.pickup % beat, end, beat):
            yield Box(at(tick) - 0.5, top, 1, bottom - top, BEAT_LINE)
    width = at(music.meter.bar) - at(0)
    every = next((step for step in (1, 2, 4, 8, 16, 32) if width * step > 34), 64)
    for number, tick in enumerate(range(music.pickup, end + 1, music.meter.bar)):
        if width > 3:
            yield Box(at(tick) - 0.75, top, 1.5, bottom - top, BAR_LINE)
        if number % every == 0 and tick < end:
            yield Label(at(tick) + 4, bottom + 20, str(number + 1), 14, SOFT)
    for y in (top, bottom):
        yield Box(LEFT, y - 0.75, WIDTH - LEFT - RIGHT, 1.5, BAR_LINE)


def _chords(music: Music, end: int, at: Any, top: float) -> Iterator[Label]:
    """Chord names where there is room for them."""
    free = 0.0
    for chord in music.chords:
        name = chord.name(music.key)
        if chord.tick < end and at(chord.tick) >= free:
            yield Label(at(chord.tick) + 3, top - 11, name, 16, INK)
            free = at(chord.tick) + 9.5 * len(name) + 8


def _sections(music: Music, at: Any, top: float) -> Iterator[Box | Label]:
    """The letters of the form, each in a frame above the bar where it begins."""
    for bar, letter in music.sections:
        x, text = at(music.bar_start(bar)), _cut(letter, 12)
        yield Box(x, top - STRIP - 14, _wide(text, 14) + 12, 20, TONIC_ROW, 3)
        yield Label(x + 6, top - STRIP + 1, text, 14, INK)


def _lyrics(notes: list[Note], at: Any, top: float, high: int, row: float, floor: float | None) -> Iterator[Label]:
    """Syllables under their notes, or all in two rows at `floor`, where they do not run into each other."""
    free = [0.0] if floor is None else [0.0, 0.0]
    for note in notes:
        x = at(note.tick) + 2
        level = next((level for level, until in enumerate(free) if x >= until), None)
        if note.lyric not in ("", "_") and level is not None:
            y = top + (high - note.pitch + 1) * row + 14 if floor is None else floor + 17 * (level + 1)
            free[level] = x + _wide(note.lyric, 14) + 2
            if free[level] <= WIDTH:
                yield Label(x, y, note.lyric, 14, INK)


def _wide(text: str, size: int) -> float:
    """About how wide a text is."""
    return sum(size if ord(letter) > 0x2E80 else 0.57 * size for letter in text)


def _heading(music: Music) -> Iterator[Box | Label]:
    """The title, what the piece is, and whose colour is whose."""
    yield Label(LEFT, 46, _cut(music.title, 42), 30, INK, title=True)
    facts = f"{music.key}  ·  {music.meter}  ·  {music.tempo:g} BPM  ·  {music.bars} bars"
    yield Label(WIDTH - RIGHT, 34, facts, 16, SOFT, "end")
    names: list[tuple[str, str]] = []
    colour = 0
    for track in music.tracks:
        voices = sorted({note.voice for note in track.notes})
        for voice in voices:
            name = _cut(track.name, 16) + (f" {voice + 1}" if len(voices) > 1 else "")
            names.append((name, DRUMS if track.drums else COLOURS[colour % len(COLOURS)]))
            colour += not track.drums
    x = float(WIDTH - RIGHT)
    for name, fill in reversed(names[:8]):
        yield Label(x, 60, name, 15, INK, "end")
        x -= sum(15 if ord(letter) > 0x2E80 else 9.6 if letter in "DMNOQSUVWmw" else 8.2 for letter in name) + 26
        yield Box(x, 49, 16, 10, fill, 4)
        x -= 20


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def _mixed(colour: str, other: str, share: float) -> str:
    pairs = [(int(colour[i : i + 2], 16), int(other[i : i + 2], 16)) for i in (1, 3, 5)]
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def svg(music: Music) -> bytes:
    """The piano roll as an SVG file that refers to nothing outside itself."""
    drawing = draw(music)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {drawing.width} {drawing.height}" '
        f'width="{drawing.width}" height="{drawing.height}" role="img" font-family="Georgia, \'Noto Serif\', serif">',
        f"<title>{_clean(music.title)}</title>",
    ]
    for shape in drawing.shapes:
        if isinstance(shape, Box):
            corner = f' rx="{_number(shape.round)}"' if shape.round else ""
            lines.append(
                f'<rect x="{_number(shape.x)}" y="{_number(shape.y)}" width="{_number(shape.width)}" '
                f'height="{_number(shape.height)}" fill="{shape.fill}"{corner}/>'
            )
        else:
            anchor = "" if shape.anchor == "start" else f' text-anchor="{shape.anchor}"'
            lines.append(
                f'<text x="{_number(shape.x)}" y="{_number(shape.y)}" font-size="{shape.size}" '
                f'fill="{shape.fill}"{anchor}>{_clean(shape.text)}</text>'
            )
    return ("\n".join([*lines, "</svg>"]) + "\n").encode()


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _clean(text: str) -> str:
    """Text for XML, without the control characters that XML forbids."""
    return escape("".join(letter for letter in text if letter.isprintable()))


def png(music: Music) -> bytes:
    """The piano roll as a PNG file, drawn by Pillow at twice the size and brought down."""
    from PIL import Image, ImageDraw

    drawing, fine = draw(music), 2
    image = Image.new("RGB", (drawing.width * fine, drawing.height * fine), GROUND)
    pen = ImageDraw.Draw(image)
    for shape in drawing.shapes:
        if isinstance(shape, Box):
            x, y = shape.x * fine, shape.y * fine
            corners = (x, y, max(x, x + shape.width * fine - 1), max(y, y + shape.height * fine - 1))
            pen.rounded_rectangle(corners, shape.round * fine, shape.fill)
    image = image.reduce(fine)  # means of blocks: few new colours, so that the palette holds nearly all of them
    pen = ImageDraw.Draw(image)
    for shape in drawing.shapes:
        if isinstance(shape, Label):
            latin = shape.title and all(ord(letter) < 0x180 for letter in shape.text)
            font = _font("MuseFair.otf" if latin else "NotoSerifCJKsc.otf", shape.size)
            anchor = {"start": "ls", "middle": "ms", "end": "rs"}[shape.anchor]
            text = "".join(letter for letter in shape.text if letter.isprintable())
            pen.text((shape.x, shape.y), text, shape.fill, font, anchor)
    buffer = io.BytesIO()
    image.quantize(128, dither=Image.Dither.NONE).save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


@lru_cache(maxsize=32)
def _font(name: str, size: int) -> Any:
    from PIL import ImageFont

    data = resources.files("muse.fonts").joinpath(name).read_bytes()
    return ImageFont.truetype(io.BytesIO(data), size, layout_engine=ImageFont.Layout.BASIC)
