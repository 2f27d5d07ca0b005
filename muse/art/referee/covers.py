"""What a written PNG or JPEG keeps of its promises, read from the bytes by a reader of its own.

Only when size and format are known to be sound are the pixels decoded, to measure the recorded lettering. Nothing here
uses the code that drew or wrote the picture.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from muse.art.reading import open_picture
from muse.art.referee import words
from muse.art.referee.headers import Facts, read
from muse.art.referee.stores import Subject
from muse.art.sizes import size_of
from muse.errors import UsageError
from muse.terms import Promise, Report

LEAST_SIDE, MOST_SIDE = 640, 10_000
HEAVIEST = {"PNG": 40_000_000, "JPEG": 4_000_000, "WebP": 10_000_000}
COVER = "cover"


def check(data: bytes, pixels: int | None = None) -> Report:
    """The report on a picture file: size, ratio, colour, alpha, weight, orientation, recipe, texts and their contrast.

    Args:
        data: the bytes of a PNG, JPEG or WebP file.
        pixels: the side that was asked for; None takes it from the recipe, or accepts what stores accept.

    Raises:
        InputError: not such a file, damaged, or too large to open.
    """
    facts = read(data)
    image = open_picture(data)
    recipe, why = _recipe(facts.texts)
    request = _request(recipe)
    ours = recipe is not None and recipe.get("verb") != COVER  # of a shape of its own
    promises = [*_shape(facts, (pixels, pixels) if pixels else _asked(request), ours), *_file(facts, len(data))]
    findings = []
    if recipe:
        promises.append(Promise("recipe", "inside", f"{recipe.get('verb')}, seed {recipe.get('seed')}", True))
    elif why:
        promises.append(Promise("recipe", "inside", why, False))
    else:
        findings.append("no recipe inside: not made by muse, or its texts were stripped")
    if facts.kind == "JPEG" and facts.progressive:
        findings.append("a progressive JPEG: some shops' tools want a baseline one; save it again without that")
    items = words.recorded(facts.texts)
    if items is None:
        findings.append("the places of the lettering cannot be read")
    elif items or (recipe and facts.kind == "PNG"):
        promises += words.promises(items, image, facts.texts, _joined(request.get("verse")))
    elif not recipe:
        promises.append(Promise("text", "title and artist only", "not known: nothing here reads pictures", "depends"))
    return Report(tuple(promises), tuple(findings))


def subject(data: bytes) -> Subject | None:
    """What a store looks at in a picture file; None for one of muse that is no square cover.

    Raises:
        InputError: as `check`.
    """
    facts = read(data)
    recipe, _ = _recipe(facts.texts)
    items, request = words.recorded(facts.texts), _request(recipe)
    wide, high = _asked(request) or (1, 1)
    if recipe and (recipe.get("verb") != COVER or wide != high):
        return None
    roles = {item["role"] for item in items or ()} or {
        role for role in ("title", "artist", "verse") if request.get(role)
    }
    return Subject(
        facts.kind, facts.width, facts.height, len(data), facts.bits, facts.colour,
        "sRGB" if "sRGB" in facts.profile_name else facts.profile_name, facts.alpha, facts.turned,
        roles=frozenset(roles) if recipe else None,
    )  # fmt: skip


def _shape(facts: Facts, asked: tuple[int, int] | None, free: bool) -> list[Promise]:
    """Size and ratio: those asked, or what stores take; any where the picture has a shape of its own."""
    size = f"{facts.width} × {facts.height}"
    if asked is not None:
        return [Promise("size", f"{asked[0]} × {asked[1]}", size, (facts.width, facts.height) == asked)]
    fits = free or (min(facts.width, facts.height) >= LEAST_SIDE and max(facts.width, facts.height) <= MOST_SIDE)
    found = [Promise("size", "any" if free else f"{LEAST_SIDE} to {MOST_SIDE}", size, fits)]
    if not free:
        found.append(Promise("ratio", "1 : 1", f"{facts.width / facts.height:.3f}", facts.width == facts.height))
    return found


def _file(facts: Facts, weight: int) -> list[Promise]:
    """What holds of the file whatever is in it."""
    name, most, depth = facts.profile_name, HEAVIEST[facts.kind], f"{facts.bits} bit {facts.colour}"
    return [
        Promise("colour space", "sRGB", name or "not said", "sRGB" in name if facts.profile else "depends"),
        Promise("8 bit RGB", "8 bit RGB", depth, depth == "8 bit RGB"),
        Promise("no alpha", "none", "alpha" if facts.alpha else "none", not facts.alpha),
        Promise("upright", "no orientation tag", "a tag" if facts.turned else "none", not facts.turned),
        Promise("weight", f"≤ {most / 1e6:.0f} MB", f"{weight / 1e6:.2f} MB", weight <= most),
    ]


def _request(recipe: Mapping[str, Any] | None) -> Mapping[str, Any]:
    request = recipe.get("request") if recipe else None
    return request if isinstance(request, dict) else {}


def _asked(request: Mapping[str, Any]) -> tuple[int, int] | None:
    """Width and height that a recipe asks for, by "size" (a format, or "1080x1920"), or by the side in "pixels"."""
    wish = request.get("size") or request.get("pixels")
    try:
        size = size_of(wish) if isinstance(wish, int | str) else None
    except UsageError:
        return None
    return (size.width, size.height) if size else None


def _joined(verse: Any) -> str:
    return "".join(map(str, verse)) if isinstance(verse, list) else str(verse or "")


def _recipe(texts: dict[str, str]) -> tuple[dict[str, Any] | None, str]:
    if "recipe" not in texts:
        return None, ""
    try:
        value = json.loads(texts["recipe"])
        if not (isinstance(value, dict) and isinstance(value.get("verb"), str) and isinstance(value.get("seed"), int)):
            raise ValueError("verb or seed is missing")
    except (ValueError, RecursionError) as error:
        return None, f"cannot be read: {error}"[:120]
    return value, ""
