"""What each store asks of a cover or a loop, and what to do where a file does not meet it.

The rules stand in `muse/tables/stores.toml`, each with its source and the month in which it was read.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

TITLE, ARTIST = "title", "artist"
SLACK = 0.01
"""Part by which a ratio may be off: pixels are whole."""


@dataclass(frozen=True, slots=True)
class Store:
    """The rules of one store; a rule that it does not have is None or empty.

    Attributes:
        name, source, seen: who asks, where it says so, and when that was read.
        kind: "cover" or "loop".
        side: (least, most) pixels of the shorter and the longer side.
        ratio: (width, height).
        formats: of the file.
        weight: bytes at most.
        seconds: (least, most) that a loop lasts.
        rgb, srgb, upright, opaque: three channels of 8 bits, in sRGB; no orientation tag; no alpha channel.
        text: roles of what may be written on it; None where it says nothing.
    """

    name: str
    source: str
    seen: str
    kind: str = "cover"
    side: tuple[int, int] | None = None
    ratio: tuple[int, int] | None = None
    formats: tuple[str, ...] = ()
    weight: int | None = None
    seconds: tuple[float, float] | None = None
    rgb: bool = False
    srgb: bool = False
    upright: bool = False
    opaque: bool = False
    text: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """What is known of a file that is judged.

    Attributes:
        colour: "RGB", "grey", "indexed" or "CMYK".
        profile: "sRGB", the name of another, or "" where none is given.
        roles: of the texts on it; None where they are not known.
    """

    format: str
    width: int
    height: int
    weight: int
    bits: int = 8
    colour: str = "RGB"
    profile: str = ""
    alpha: bool = False
    turned: bool = False
    seconds: float | None = None
    roles: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule of a store that a file does not meet.

    >>> str(Finding("Spotify", "ratio", "1 : 1", "1.500", "crop it to a square"))
    'Spotify, ratio: asks 1 : 1, found 1.500; crop it to a square'
    """

    store: str
    rule: str
    asked: str
    found: str
    todo: str

    def __str__(self) -> str:
        return f"{self.store}, {self.rule}: asks {self.asked}, found {self.found}; {self.todo}"


@cache
def stores(kind: str = "cover") -> tuple[Store, ...]:
    """The stores that take covers, or loops, in the order of the table."""
    table = tomllib.loads(files("muse.tables").joinpath("stores.toml").read_text(encoding="utf-8"))
    rows: list[dict[str, Any]] = table["store"]
    plain: list[dict[str, Any]] = [
        {key: tuple(value) if isinstance(value, list) else value for key, value in row.items()} for row in rows
    ]
    return tuple(store for store in (Store(**row) for row in plain) if store.kind == kind)


def against(store: Store, it: Subject) -> Iterator[Finding]:
    """The rules of a store that a file does not meet, one after another."""

    def no(rule: str, asked: str, found: str, todo: str) -> Finding:
        return Finding(store.name, rule, asked, found, todo)

    if store.formats and it.format not in store.formats:
        todo = "upload cover.jpg instead" if store.kind == "cover" else "install ffmpeg and render it again"
        yield no("format", " or ".join(store.formats), it.format, todo)
    if store.side:
        least, most = store.side
        found = f"{it.width} × {it.height}"
        if min(it.width, it.height) < least:
            yield no("size", f"{least} pixels a side", found, f"paint it again with --pixels {max(3000, least)}")
        elif most and max(it.width, it.height) > most:
            yield no("size", f"at most {most} pixels a side", found, "make it smaller")
    if store.ratio:
        wide, high = store.ratio
        if abs(it.width * high / (it.height * wide) - 1) > SLACK:
            todo = "crop it to a square" if wide == high else f"render it at {wide}:{high}"
            yield no("ratio", f"{wide} : {high}", f"{it.width / it.height:.3f}", todo)
    if store.weight and it.weight > store.weight:
        asked, found = f"at most {store.weight / 1e6:g} MB", f"{it.weight / 1e6:.1f} MB"
        yield no("weight", asked, found, "save it as JPEG, or at a lower quality")
    if store.rgb and (it.colour != "RGB" or it.bits != 8):
        yield no("colour", "RGB of 8 bits", f"{it.colour} of {it.bits} bits", "convert it to 8-bit RGB")
    if store.srgb and it.profile != "sRGB":
        yield no("profile", "sRGB", it.profile or "none", "convert it to sRGB and embed the profile")
    if store.opaque and it.alpha:
        yield no("alpha", "none", "an alpha channel", "flatten it onto its ground")
    if store.upright and it.turned:
        yield no("orientation", "no tag", "a tag", "turn the pixels and drop the tag")
    if store.seconds and it.seconds is not None and not store.seconds[0] <= it.seconds <= store.seconds[1]:
        asked = f"{store.seconds[0]:g} to {store.seconds[1]:g} s"
        yield no("length", asked, f"{it.seconds:.1f} s", "render the loop again at such a length")
    if store.text is not None and it.roles is not None and it.roles - {*store.text, "seal"}:
        extra = sorted(it.roles - {*store.text, "seal"})
        yield no("text", f"{_listed(store.text)} only", ", ".join(extra), "leave it out, or offer it without")


def told(subjects: Mapping[str, Subject], kind: str = "cover") -> tuple[str, ...]:
    """The verdicts of all stores on a picture that lies in one or more files, in words.

    A line says who takes it, and as which file; of the others each rule is named that the best file does not meet.
    """
    taken: dict[str, list[str]] = {}
    lines: list[str] = []
    for store in stores(kind):
        found = {name: list(against(store, subject)) for name, subject in subjects.items()}
        best = min(found, key=lambda name: len(found[name]))
        if found[best]:
            lines += map(str, found[best])
        else:
            taken.setdefault(best, []).append(store.name)
    unread = any(subject.roles is None for subject in subjects.values()) and kind == "cover"
    unsure = " (as to what is written on it, look yourself)" if unread else ""
    return (*(f"{name} is taken by {', '.join(by)}{unsure}" for name, by in taken.items()), *lines)


def _listed(roles: Collection[str]) -> str:
    return " and ".join(roles) or "no text"
