"""From a request to a cover: plan, small pictures by the model, the best of them, finish, lettering, report."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from muse.art import framing, origin, sketch
from muse.art import mood as moods
from muse.art import palette as colours
from muse.art.colour import hex_of
from muse.art.cover import Cover
from muse.art.finishes import finish as finishes
from muse.art.finishes.texture import Field, array_of
from muse.art.letters import lettering, words
from muse.art.letters import promises as lettered
from muse.art.sizes import Size, bounded, size_of
from muse.bundle import Bundle
from muse.errors import UsageError
from muse.seed import derive
from muse.terms import Features, Mood, Promise, Report, Theme
from muse.work import Recipe

NEAR = 5.0


@dataclass(frozen=True, slots=True)
class CoverRequest:
    """What a cover is to be.

    Attributes:
        theme, mood: of the lexicon, or of a work.
        asked: the mood was asked for, so no music moves it.
        features: of a poem or piece that it goes with.
        style: a class of the generator; None for what suits the theme.
        palette: hex colours, or one palette's name; None for what suits the mood.
        title, artist, verse: what is written on it; each may be empty.
        size: in pixels; see `muse.art.sizes`.
        finish: a key of finish.FINISHES; None for the style's own.
        candidates: seeds tried, beginning with `seed`, of which the best is kept.
        look: where in the generator's range the picture is looked for.
    """

    theme: Theme
    mood: Mood = field(default_factory=Mood)
    asked: bool = False
    features: Features | None = None
    style: str | None = None
    palette: tuple[str, ...] | None = None
    title: str = ""
    artist: str = ""
    verse: tuple[str, ...] = ()
    size: Size = field(default_factory=lambda: size_of("square"))
    finish: str | None = None
    seed: int = 0
    candidates: int = 6
    look: sketch.Look = field(default_factory=sketch.Look)


def paint(request: CoverRequest, gan: Bundle, vae: Bundle) -> Cover:
    """A finished cover; the same request, bundles and machine give the same bytes.

    Raises:
        UsageError: an unknown style, palette or finish, a number out of bounds, or a text that cannot be lettered.
    """
    words.wording(request.title, request.artist, request.verse, request.style or "")  # before any picture is painted
    if not 1 <= request.candidates <= 64:
        raise UsageError(f"{request.candidates} candidates", "1 to 64 are possible", "choose a number in these bounds")
    bounded(request.size.width, request.size.height)
    chosen = sketch.best(request, gan, vae)
    return finished(chosen.picture, chosen.plan, with_seed(request, chosen.seed), gan, vae)


def finished(picture: npt.NDArray[np.uint8], plan: moods.Plan, request: CoverRequest, *bundles: Bundle) -> Cover:
    """A cover from a small picture (H, W, 3) uint8: palette, finish, lettering, report."""
    part = framing.fitted(picture, request.size)
    moved = sketch.coloured(part, plan, request.palette is not None)
    seed = derive(request.seed, "cover")
    image = finishes.finish(moved, plan.finish, request.size.shape, seed, plan.mood)
    if request.palette:
        image = colours.onto(image, plan.palette)
    bare: Field = array_of(image.resize((128, 128)))
    away = colours.distance(bare, plan.palette)
    done = lettering.letter(
        image, request.title, request.artist, request.verse, plan.style, plan.palette, seed, bleed=request.size.bleed
    )
    seen, _ = colours.palette_of(bare)
    # Of the picture as it was generated: under a finish and letters a copy is harder to see.
    originality = origin.report(Image.fromarray(picture), origin.Origins.thaw(bundles[0]))
    return Cover(
        request.title, done.image, (*plan.reasons, f"lettering: {done.layout}"),
        hex_of(seen), done.texts,
        plan.style, plan.finish, request.artist, recipe_of(request, bundles),
        _report(request, plan, done, away) + originality, request.features or Features(), plan.mood,
    )  # fmt: skip


def recipe_of(request: CoverRequest, bundles: tuple[Bundle, ...]) -> Recipe:
    """What is needed to paint the same cover again."""
    credits: dict[str, None] = {}
    for bundle in bundles:
        for source in bundle.card["data"]:
            credits.setdefault(f"{source.get('name')}: {source.get('attribution', '')} ({source.get('licence')})")
    wishes: dict[str, Any] = {
        "theme": request.theme.text, "mood": request.mood.as_dict(), "style": request.style,
        "palette": list(request.palette) if request.palette else None, "title": request.title, "artist": request.artist,
        "verse": list(request.verse), "size": f"{request.size.width}x{request.size.height}", "finish": request.finish,
    }  # fmt: skip
    return Recipe(
        "cover", request.seed, wishes, {bundle.name: bundle.sha256 for bundle in bundles}, credits=tuple(credits)
    )


def _report(request: CoverRequest, plan: moods.Plan, done: lettering.Lettered, away: float) -> Report:
    found = f"{done.image.width} × {done.image.height}"
    promises = [
        Promise("size", str(request.size), found, found == str(request.size)),
        Promise("style", request.style or "what suits", plan.style, request.style in (None, plan.style)),
        Promise(
            "palette",
            " ".join(request.palette or ()) or "what suits",
            f"{plan.name} median ΔE {away:.1f}".strip(),
            True if away <= NEAR or not request.palette else "relaxed",
        ),
        Promise("finish", request.finish or "what suits", plan.finish, request.finish in (None, plan.finish)),
    ]
    asked = {"title": request.title, "artist": request.artist, "verse": " / ".join(request.verse)}
    return Report((*promises, *lettered.promises(asked, done)), done.notes)


def with_seed(request: CoverRequest, seed: int) -> CoverRequest:
    """The same wish with another seed."""
    return replace(request, seed=seed)
