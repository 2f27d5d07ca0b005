"""Title, artist, verse and seal, drawn on a picture so that they can be read: contrast is measured on the pixels.

Contrast is WCAG 2.2's (relative luminance of sRGB). For each text it is the 5th percentile over the pixels around its
glyphs, so that nineteen in twenty neighbours keep the promise. Where the picture is too near in tone, a soft scrim of
the palette's dark or light is laid beneath, no stronger than is needed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFilter

from muse.art.finishes.texture import Field, array_of, noise
from muse.art.letters import fonts, layout, scrim
from muse.art.letters.layout import Block, Layout
from muse.art.letters.scrim import rgb_bytes
from muse.fonts.faces import BRUSH, NOTO, drawable, is_han
from muse.seed import stream

CONTRAST = 4.5
AIM = 5.0
VERMILION = (178, 40, 32)
LOOK, QUICK = 640, 288


@dataclass(frozen=True, slots=True)
class Text:
    """A text as it stands on the finished picture.

    Attributes:
        box: (left, top, right, bottom) in pixels.
        colour: "#rrggbb"; contrast: as measured.
        size: em in pixels; lines as drawn.
    """

    role: str
    lines: tuple[str, ...]
    box: tuple[int, int, int, int]
    size: int
    colour: str
    contrast: float

    def as_dict(self) -> dict[str, object]:
        return {
            "role": self.role,
            "lines": list(self.lines),
            "box": list(self.box),
            "size": self.size,
            "colour": self.colour,
            "contrast": round(self.contrast, 2),
        }


@dataclass(frozen=True, slots=True)
class Lettered:
    """A picture with its lettering, the texts on it, and notes on what was left out or cut."""

    image: Image.Image
    texts: tuple[Text, ...]
    layout: str
    scrim: float
    notes: tuple[str, ...]


def letter(
    image: Image.Image, title: str, artist: str, verse: Sequence[str], style: str, palette: Sequence[str], seed: int
) -> Lettered:
    """The picture with title, artist and verse on it, in the layout over its quietest part.

    >>> from PIL import Image
    >>> done = letter(Image.new("RGB", (512, 512), "#777777"), "秋江", "", (), "ink", ("#101820", "#f2efe4"), 1)
    >>> done.texts[0].contrast >= 4.5
    True
    """
    notes: list[str] = []
    title, artist = (_clean(text, what, notes) for text, what in ((title, "title"), (artist, "artist")))
    lines = tuple(filter(None, (_clean(line, "verse", notes) for line in verse)))
    if not (title or artist or lines):
        return Lettered(image, (), "none", 0.0, tuple(notes))
    seen = array_of(image.resize((96, 96), Image.Resampling.BOX))
    options = layout.candidates(layout.Wording(title, artist, lines, style))
    taste = dict(zip((o.name for o in options), stream(seed, "layout").random(len(options)) * 0.10, strict=True))
    options = layout.weighed(options, layout.busyness(seen))[:4]
    quick = image.resize((QUICK, QUICK), Image.Resampling.BOX)
    place = min(options, key=lambda o: o.noise + taste[o.name] + 0.4 * _inks(quick, o, palette)[0][0])
    for block in place.blocks:
        if block.lines and block.lines[-1].endswith(("…", "︙")) and not title.endswith("…") and block.role == "title":
            notes.append("the title was cut to fit")
    return _drawn(image, place, palette, seed, style, artist or title, notes)


def _clean(text: str, what: str, notes: list[str]) -> str:
    kept, lost = drawable(text)
    if lost:
        names = " ".join(f"{char} (U+{ord(char):04X})" for char in lost[:5])
        notes.append(f"left out of the {what}, no font draws it: {names}")
    return kept


def _drawn(
    image: Image.Image, place: Layout, palette: Sequence[str], seed: int, style: str, name: str, notes: list[str]
) -> Lettered:
    pixels = image.width
    masks = [mask_of(block, pixels) for block in place.blocks]
    light, dark = scrim.tones(palette)
    strength, ink, ground = _inks(image.resize((LOOK, LOOK), Image.Resampling.BOX), place, palette)[0]
    is_light = bool(luminance(ink) > 0.5)
    done, hexed = image, "#" + "".join(f"{part:02x}" for part in rgb_bytes(ink))
    texts: tuple[Text, ...] = ()
    plate = strength > scrim.PLAIN and style in scrim.PLATES
    while True:
        if plate:
            done = scrim.plated(image, place.blocks, style, dark if is_light else light, ink)
        else:
            done = scrim.veiled(image, place.blocks, ground, strength)
        for mask in masks:
            done.paste(rgb_bytes(ink), (0, 0), mask)
        texts = tuple(
            Text(b.role, b.lines, b.box(pixels), round(b.size * pixels), hexed,
                 contrast(done, mask, b.box(pixels)))
            for b, mask in zip(place.blocks, masks, strict=True)
        )  # fmt: skip
        if plate or min(text.contrast for text in texts) >= CONTRAST or strength >= 0.98:
            break
        strength = min(0.98, strength + 0.12)
    mark = _seal(name, place, done, seed, style)
    if mark is not None:
        texts += (mark,)
    return Lettered(done, texts, place.name + (" on a plate" if plate else ""), strength, tuple(notes))


def _inks(small: Image.Image, place: Layout, palette: Sequence[str]) -> list[tuple[float, Field, Field]]:
    """(strength of scrim, ink, colour of scrim) for light and dark letters on a small copy, the better first."""
    light, dark = scrim.tones(palette)
    marks = [mask_of(block, small.width) for block in place.blocks]
    cover, picture = scrim.veil(place.blocks, small.width), array_of(small)
    likes_light = float(np.asarray(small.convert("L")).mean()) < 140
    out = []
    for ink, lightness in ((light, 11.0), (dark, 95.0)):
        ground = scrim.toned(picture, cover, lightness)
        out.append((_needed(picture, marks, cover, ink, ground), ink, ground))
    return sorted(out, key=lambda t: t[0] + (0.0 if (t[1] is light) == likes_light else 0.12))


def mask_of(block: Block, pixels: int) -> Image.Image:
    """L picture (pixels × pixels): where the glyphs of a block are."""
    mask = Image.new("L", (pixels, pixels))
    pen = ImageDraw.Draw(mask)
    size = max(4, round(block.size * pixels))
    left, top, right, _ = block.box(pixels)
    voice = block.voice
    for k, line in enumerate(block.lines):
        if block.down:
            x = right - size * (1 + k * block.leading) + size / 2
            for i, char in enumerate(line):
                y = top + i * size * (1 + voice.tracking) + size / 2
                _glyph(pen, char, voice, size, x, y)
            continue
        places, width = voice.places(line, size)
        shift = {"left": 0.0, "centre": 0.5, "right": 1.0}[block.align] * (right - left - width)
        base = top + size * (0.80 + k * block.leading)
        for char, x in places:
            pen.text(
                (left + shift + x, base),
                char,
                fill=255,
                font=fonts.font(voice.face(char), size),
                anchor="ls",
                stroke_width=voice.stroke(char, size),
            )
    return mask


def _glyph(pen: ImageDraw.ImageDraw, char: str, voice: fonts.Voice, size: int, x: float, y: float) -> None:
    """One character in the middle of its square."""
    face = fonts.font(voice.face(char), size)
    advance = face.getlength(char)
    base = y + size * (0.36 if voice.face(char) == BRUSH else 0.38)
    pen.text((x - advance / 2, base), char, fill=255, font=face, anchor="ls", stroke_width=voice.stroke(char, size))


def luminance(picture: npt.ArrayLike) -> Field:
    """(...,) WCAG relative luminance of sRGB in [0, 1]."""
    colour = np.asarray(picture, np.float32)
    linear = np.where(colour <= 0.04045, colour / 12.92, ((colour + 0.055) / 1.055) ** 2.4)
    return np.asarray(linear @ np.array([0.2126, 0.7152, 0.0722], np.float32), np.float32)


def contrast(image: Image.Image, mask: Image.Image, box: tuple[int, int, int, int]) -> float:
    """Contrast of the glyphs in a box against the pixels around them: the 5th percentile over those."""
    pad = max(4, (box[3] - box[1]) // 12, (box[2] - box[0]) // 40)
    part = (max(0, box[0] - pad), max(0, box[1] - pad), min(image.width, box[2] + pad), min(image.height, box[3] + pad))
    if part[2] <= part[0] or part[3] <= part[1]:
        return 21.0
    scale = min(1.0, 900 / max(part[2] - part[0], part[3] - part[1]))
    size = (max(1, round((part[2] - part[0]) * scale)), max(1, round((part[3] - part[1]) * scale)))
    cover = mask.crop(part).resize(size, Image.Resampling.BOX)
    picture = array_of(image.crop(part).resize(size, Image.Resampling.BOX))
    return _contrast(picture, cover)


def _contrast(picture: Field, cover: Image.Image) -> float:
    glyph = np.asarray(cover) > 250
    if not glyph.any():
        glyph = np.asarray(cover) > 128
    near = np.asarray(cover.filter(ImageFilter.MaxFilter(5))) < 3
    reach = np.asarray(cover.filter(ImageFilter.GaussianBlur(9))) > 2
    around = near & reach
    if not glyph.any() or not around.any():
        return 21.0
    tone = luminance(picture)
    ink = float(np.median(tone[glyph]))
    ground = tone[around]
    ratio = (np.maximum(ground, ink) + 0.05) / (np.minimum(ground, ink) + 0.05)
    return float(np.quantile(ratio, 0.05))


def _needed(picture: Field, marks: list[Image.Image], veil: Image.Image, ink: Field, ground: Field) -> float:
    """The least strength of scrim at which every text reaches the contrast, in steps; 1.2 where none does."""
    cover = np.asarray(veil, np.float32)[..., None] / 255
    inked = float(luminance(ink))
    around = []
    for mark in marks:
        near = np.asarray(mark.filter(ImageFilter.MaxFilter(3))) < 3
        around.append(near & (np.asarray(mark.filter(ImageFilter.GaussianBlur(6))) > 2))
    for strength in (0.0, 0.15, 0.3, 0.42, 0.54, 0.66, 0.78, 0.88, 0.96):
        tone = luminance(picture + strength * cover * (ground - picture))
        ratio = (np.maximum(tone, inked) + 0.05) / (np.minimum(tone, inked) + 0.05)
        if all(not ring.any() or float(np.quantile(ratio[ring], 0.05)) >= AIM for ring in around):
            return strength
    return 1.2


def _seal(name: str, place: Layout, image: Image.Image, seed: int, style: str) -> Text | None:
    """A vermilion seal below the title or name of a Chinese cover, up to four characters; drawn in place."""
    chars = [c for c in name if is_han(c)][:4]
    columns = [block for block in place.blocks if block.down]
    if not chars or not columns:
        return None
    pixels = image.width
    under = next((b for b in columns if b.role == "artist"), columns[-1])
    side = round(0.058 * pixels)
    x = round((under.left + under.width / 2) * pixels - side / 2)
    y = round((under.top + under.height + 0.022) * pixels)
    if y + side > pixels * (1 - 0.03):
        return None
    if any(_meets((x, y, x + side, y + side), block.box(pixels)) for block in place.blocks):
        return None
    inset = round(0.09 * side)
    sheet = Image.new("L", (side, side))
    pen = ImageDraw.Draw(sheet)
    edge = max(1, side // 40)
    pen.rounded_rectangle((edge, edge, side - edge - 1, side - edge - 1), side // 9, fill=255)
    voice = fonts.Voice(han=NOTO, bold=0.02)
    rows, columns_ = (1, 1) if len(chars) == 1 else (2, 1) if len(chars) == 2 else (2, 2)
    size = round(side * (0.72 if rows == 1 else 0.42))
    cut = Image.new("L", (side, side))
    cutter = ImageDraw.Draw(cut)
    for i, char in enumerate(chars):
        column, row = divmod(i, rows)
        cx = side * (columns_ - column - 0.5) / columns_ * 0.86 + side * 0.07
        cy = side * (row + 0.5) / rows * 0.86 + side * 0.07
        _glyph(cutter, char, voice, size, cx, cy)
    worn = noise(max(side, 16), max(3.0, side / 9), seed, "seal", octaves=4, falloff=0.8)[:side, :side]
    glyphs, shape, box = np.asarray(cut, np.float32), np.asarray(sheet, np.float32) / 255, (x, y, x + side, y + side)
    ground = image.crop(box)
    for wear, ink in ((0.9, 236), (0.4, 246), (0.0, 255)):  # as worn as its characters can bear on this picture
        full = shape * np.clip(1.25 - wear * np.clip(worn - 1.25, 0, 1), 0, 1)
        mark = ground.copy()
        mark.paste(VERMILION, (0, 0), Image.fromarray((np.clip(full - glyphs / 255, 0, 1) * ink).astype(np.uint8)))
        mark.paste((248, 240, 226), (0, 0), Image.fromarray((glyphs * np.clip(full, 0, 1) * 0.94).astype(np.uint8)))
        if contrast(mark, cut, (inset, inset, side - inset, side - inset)) >= AIM:
            break
    image.paste(mark, (x, y))
    # The characters' box: around it lies vermilion, not the picture.
    inner = (x + inset, y + inset, x + side - inset, y + side - inset)
    return Text("seal", ("".join(chars),), inner, size, "#f8f0e2", _flat_contrast())


def _flat_contrast() -> float:
    tones = luminance(np.array([[v / 255 for v in VERMILION], [248 / 255, 240 / 255, 226 / 255]]))
    return float((tones.max() + 0.05) / (tones.min() + 0.05))


def _meets(a: tuple[int, int, int, int], b: tuple[int, int, int, int]) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
