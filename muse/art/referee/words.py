"""What is written on a cover, by the record in its PNG and by its pixels: the right words, and whether they are read.

Contrast is measured on the pixels, at full size and at the 64 pixels of a list.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from muse.terms import Promise

CONTRAST = 4.5
SMALL, LEFT = 64, 2.0
"""Pixels of a cover in a list, and the contrast that a title must have left there."""
LEAST = {"han": 8.0, "latin": 6.4}
"""Pixels of an em of a title there."""
MOST = 40
"""Texts of a record that are looked at."""


def promises(items: list[dict[str, Any]], image: Image.Image, texts: Mapping[str, str], verse: str) -> list[Promise]:
    """What holds of the texts on a picture.

    Args:
        items: of the record; see `recorded`.
        texts: "Title" and "Author", as the file says them.
        verse: that was to be written on it.
    """
    allowed = {"title": texts.get("Title", ""), "artist": texts.get("Author", ""), "verse": verse}
    allowed["seal"] = "".join(allowed.values())
    strange = [item for item in items if not _within(item, allowed.get(item["role"], ""))]
    said = "; ".join(f"{item['role']} {' / '.join(item['lines'])}" for item in strange or items)
    found = [Promise("text", "title, artist and what was asked for", said or "none", not strange)]
    for item in items:
        ratio = min(contrast(image, box, item["colour"]) for box in item["boxes"])  # of the line that has the least
        found.append(Promise(f"contrast of the {item['role']}", f"≥ {CONTRAST}", f"{ratio:.1f}", ratio >= CONTRAST))
    return found + [legible(item, image) for item in items if item["role"] == "title"]


def legible(item: Mapping[str, Any], image: Image.Image) -> Promise:
    """Whether a title can be read where the cover is 64 pixels wide: by its em, and by the contrast that is left."""
    scale = SMALL / min(image.size)
    em = item["size"] * scale
    han = sum("\u3400" <= sign <= "\u9fff" for line in item["lines"] for sign in line)
    least = LEAST["han" if 2 * han > sum(map(len, item["lines"])) else "latin"]
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    left, top, right, bottom = (round(edge * scale) for edge in item["box"])
    left, top = (min(max(edge, 0), side - 1) for edge, side in zip((left, top), size, strict=True))
    right, bottom = min(max(right, left + 1), size[0]), min(max(bottom, top + 1), size[1])
    part = image.resize(size, Image.Resampling.BOX).crop((left, top, right, bottom)).convert("RGB")
    tone = np.quantile(_luminance(np.asarray(part, np.float32) / np.float32(255)), (0.05, 0.95)) + 0.05
    ratio = float(tone[1] / tone[0])
    kept = em >= least - 0.05 and ratio >= LEFT
    asked, found = f"em ≥ {least:g} pixels, contrast ≥ {LEFT:g}", f"{em:.1f} pixels, {ratio:.1f}"
    return Promise(f"title legible at {SMALL} pixels", asked, found, True if kept else "relaxed")


def contrast(image: Image.Image, box: tuple[int, int, int, int], colour: tuple[int, int, int]) -> float:
    """WCAG contrast of ink of a colour against what lies around its glyphs in and at a box: the 5th percentile."""
    left, top, right, bottom = box
    rim = max(2, min(right - left, bottom - top) // 30)
    grown = (max(0, left - rim), max(0, top - rim), min(image.width, right + rim), min(image.height, bottom + rim))
    if grown[0] >= grown[2] or grown[1] >= grown[3]:
        return 1.0
    part = np.asarray(image.crop(grown).convert("RGB"), np.float32)
    step = max(1, max(part.shape[:2]) // 1000)
    part = part[::step, ::step]
    border = np.ones(part.shape[:2], bool)
    inset = max(1, rim // step)
    border[inset:-inset, inset:-inset] = False
    ground_tone = np.median(part[border], axis=0)
    way = np.array(colour, np.float32) - ground_tone
    share = ((part - ground_tone) @ way) / max(float(way @ way), 1.0)
    near = (share > 0.3) & ~border
    ink = (share > 0.6) & ~border
    for _ in range(2):  # the soft rim of a glyph belongs neither to it nor to the ground
        wide = np.pad(near, 1)
        near = wide[1:-1, 1:-1] | wide[:-2, 1:-1] | wide[2:, 1:-1] | wide[1:-1, :-2] | wide[1:-1, 2:]
    ground = _luminance(np.asarray(part[~near] / 255, np.float32))
    if not ground.size or not ink.any():
        return 1.0
    tone = float(_luminance(np.array([v / 255 for v in colour], np.float32)))
    ratio = (np.maximum(ground, tone) + 0.05) / (np.minimum(ground, tone) + 0.05)
    return float(np.quantile(ratio, 0.05))


def _luminance(colour: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    linear = np.where(colour <= 0.04045, colour / 12.92, ((colour + 0.055) / 1.055) ** 2.4)
    return np.asarray(linear @ np.array([0.2126, 0.7152, 0.0722]), np.float32)


def recorded(texts: Mapping[str, str]) -> list[dict[str, Any]] | None:
    """The texts on a picture by the record in its file, [] where it has none; None where that cannot be read."""
    if "lettering" not in texts:
        return []
    try:
        out = []
        for item in json.loads(texts["lettering"])[:MOST]:
            code, box = str(item["colour"]), _box(item["box"])
            out.append(
                {
                    "role": str(item["role"])[:20],
                    "lines": [str(line)[:300] for line in item.get("lines", ())][:40],
                    "size": float(item.get("size", 0)),
                    "box": box,
                    "boxes": [_box(line) for line in item.get("boxes", ())[:MOST]] or [box],
                    "colour": tuple(int(code[k : k + 2], 16) for k in (1, 3, 5)),
                }
            )
        return out
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        return None


def _box(edges: Any) -> tuple[int, int, int, int]:
    left, top, right, bottom = (int(edge) for edge in edges)
    return left, top, right, bottom


def _within(item: Mapping[str, Any], allowed: str) -> bool:
    """Whether a text is the one allowed, cut or with signs left out at most; of a seal, whether each sign is of it."""
    drawn, whole = _letters("".join(item["lines"])), _letters(allowed)
    rest = iter(whole)
    return set(drawn) <= set(whole) if item["role"] == "seal" else all(sign in rest for sign in drawn)


def _letters(text: str) -> str:
    """A text without spaces, marks, accents and case."""
    return "".join(sign for sign in unicodedata.normalize("NFKD", text.casefold()) if sign.isalnum())
