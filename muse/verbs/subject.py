"""What a picture is about: a theme, a poem, a piece, both of them, or an album, as words, mood and features."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

from muse.errors import UsageError
from muse.files import read_capped
from muse.terms import Features, Mood, Theme
from muse.verbs import wishes
from muse.verbs.finish import MoodWish
from muse.verbs.library import LARGEST, PICTURES
from muse.work import Work

About = str | Work | Sequence[Work] | Mapping[str, Any]
PaletteWish = str | Sequence[str] | None
BODY = 0.4
"""How far the lines of a poem move the mood of its title."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What was understood.

    Attributes:
        plain: what a recipe keeps: the user's words, or text, title, verse and features of works.
        asked: whether the mood was asked for, so that no music moves it.
    """

    plain: str | dict[str, Any]
    title: str
    theme: Theme
    mood: Mood
    asked: bool
    features: Features | None
    notes: tuple[str, ...]


def subject(about: About, mood: MoodWish = None) -> Subject:
    """What a picture is about. The lines of a poem lend it images, and part of their mood.

    >>> found = subject("秋江夜泊")
    >>> found.title, found.theme.season, found.features
    ('秋江夜泊', 'autumn', None)

    Args:
        about: a theme, a work, a poem and a piece that go together, or what a recipe keeps of them.

    Raises:
        UsageError: nothing was given, or it cannot be read.
    """
    plain = described(about)
    reading = wishes.read_theme(str(plain["text"]), mood)
    verse, felt = str(plain.get("verse") or ""), reading.mood
    if verse and mood is None:
        felt = felt.mix(wishes.read_theme(verse).mood, BODY if reading.theme.words else 1.0)
    title, features = str(plain["title"]), features_of(plain.get("features"))
    kept, notes = (about, reading.notes) if isinstance(about, str) else (plain, ())
    return Subject(kept, title, reading.theme, felt, mood is not None, features, notes)


def described(about: About) -> dict[str, Any]:
    """What a picture is about, as a plain value: text, title, verse and features."""
    if isinstance(about, Mapping):
        if not {"text", "title"} <= set(about):
            raise UsageError("nothing to paint", "the subject has no text and title", "give a theme or a work")
        return dict(about)
    if not about:
        raise UsageError("nothing to paint", "neither a theme nor a work was given", "give a theme, or --from a work")
    if isinstance(about, str):
        return {"text": about, "title": wishes.clean(about), "features": None}
    works = [about] if isinstance(about, Work) else list(about)
    first = works[0]
    asked = next((str(text) for work in works if (text := work.recipe.request.get("theme"))), "")
    text = "，".join(dict.fromkeys(part for part in (first.title, asked) if part.strip()))
    sung = first.recipe.request.get("lyrics")
    lines = getattr(first, "lines", ()) or (sung.get("lines", ()) if isinstance(sung, Mapping) else ())
    verse = "，".join(map(str, lines))
    found = {
        "text": text[: wishes.LONGEST],
        "title": first.title,
        "features": plain(merged([w.features for w in works])),
    }
    return found | ({"verse": verse[: wishes.LONGEST]} if verse else {})


def merged(features: Sequence[Features]) -> Features:
    """What works that go together say of themselves: the mode that most of them are in, the mean of their figures,
    their energy one after another, the beats of the first piece, the images of all poems.

    >>> both = merged([Features(season="autumn", imagery=("雁",)), Features(mode="minor", tempo=64.0)])
    >>> both.season, both.imagery, both.mode, both.tempo
    ('autumn', ('雁',), 'minor', 64.0)
    """

    def common(values: list[str]) -> str:
        return Counter(filter(None, values)).most_common(1)[0][0] if any(values) else ""

    def mean(values: list[float | None]) -> float | None:
        known = [value for value in values if value is not None]
        return round(fmean(known), 4) if known else None

    return Features(
        mode=common([each.mode for each in features]),
        tempo=mean([each.tempo for each in features]),
        beats=next((each.beats for each in features if each.beats), ()),
        density=mean([each.density for each in features]),
        register=mean([each.register for each in features]),
        energy=tuple(value for each in features for value in each.energy),
        season=common([each.season for each in features]),
        imagery=tuple(dict.fromkeys(word for each in features for word in each.imagery)),
        language=next((each.language for each in features if each.language != "none"), "none"),
    )


def features_of(value: Mapping[str, Any] | None) -> Features | None:
    """Features from their plain value.

    Raises:
        UsageError: it is none.
    """
    if value is None:
        return None
    try:
        parts: dict[str, Any] = {key: tuple(part) if isinstance(part, list) else part for key, part in value.items()}
        return Features(**parts)
    except TypeError as error:
        raise UsageError("the features of the work cannot be read", str(error)) from error


def plain(features: Features) -> dict[str, Any]:
    """Features as a plain value."""
    return {key: list(value) if isinstance(value, tuple) else value for key, value in asdict(features).items()}


def palette_wish(palette: PaletteWish) -> tuple[str, ...] | None:
    """The colours of a palette that was asked for: by its name, as hex codes, or those of a picture file.

    Raises:
        UsageError: it is none of these. InputError: the picture cannot be read.
    """
    from muse.art import palette as palettes

    if not palette:
        return None
    named = palette.strip() if isinstance(palette, str) else ""
    if Path(named).suffix.lower() not in PICTURES:
        return palettes.hexes(palette)
    import numpy as np

    from muse.art.colour import hex_of
    from muse.art.reading import open_picture

    image = open_picture(read_capped(named, LARGEST), named)
    image.thumbnail((256, 256))
    found, _ = palettes.palette_of(np.asarray(image))
    return hex_of(palettes.ordered(found))
