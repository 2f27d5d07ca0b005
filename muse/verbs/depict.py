"""Covers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from muse.verbs import place, wishes
from muse.verbs.finish import MoodWish, plain_mood, seed_of
from muse.verbs.finish import finish as complete
from muse.verbs.library import load_kind
from muse.verbs.look import DirectionWish, look_of, plain_look
from muse.verbs.subject import About, PaletteWish, palette_wish, subject

if TYPE_CHECKING:
    from muse.art.cover import Cover


def cover(
    theme: About = "",
    *,
    style: str | None = None,
    palette: PaletteWish = None,
    title: str | None = None,
    artist: str = "",
    verse: str | Sequence[str] = (),
    pixels: int = 3000,
    size: str | None = None,
    finish: str | None = None,
    mood: MoodWish = None,
    truncation: float = 0.8,
    like: int | None = None,
    amount: float = 0.3,
    colours: int | None = None,
    direction: DirectionWish = None,
    candidates: int | None = None,
    seed: int | None = None,
    device: str = "auto",
    bundle: str | Path | None = None,
) -> Cover:
    """A cover for a theme, or for a poem, a piece, both together, or an album: painted by the GAN, finished, lettered.

    >>> cover("秋江夜泊", artist="Muse", seed=7).image.size  # doctest: +SKIP
    (3000, 3000)

    Args:
        style: "ink", "oil", "ukiyo-e" …; by default what suits the theme.
        palette: a palette's name, hex colours, or a picture file whose colours are taken; by default what suits.
        title: by default the theme or the work's title; "" for none.
        verse: lines of verse written on the picture.
        pixels: side of a square cover, 512 to 4096.
        size: another size in its place: "story", "canvas", "wide", "lp", "cd" (these two with bleed), "square", or
            "WIDTHxHEIGHT" in pixels.
        finish: the surface; by default the style's own.
        truncation: from 0, the mean picture of its style, over 1, the model's whole range, to 1.5.
        like: a seed of the same theme, near whose picture to stay.
        amount: how far from it, from 0, that picture, to 1, any other.
        colours: a seed of the same theme whose colours and texture the layout of this one takes.
        direction: steps along the bundle's directions: {"light": 1.5} or "light=+1.5"; others are warmth, contrast,
            detail, fullness and numbers, as far as the bundle has them.
        candidates: seeds tried for the best picture to be kept, the given one among them; by default that one alone, or
            6 where none was given. The seed of the one that was kept stands in the recipe.

    Raises:
        UsageError, BundleError.
    """
    if candidates is None:
        candidates = 6 if seed is None else 1
    seed = seed_of(seed)
    about = subject(theme, mood)
    wanted = wishes.clean(title, "title", 120) if title and title.strip() else ""
    by = wishes.clean(artist, "artist", 120) if artist else ""
    lines = re.split(r"[/\n]", verse) if isinstance(verse, str) else verse
    written = tuple(wishes.clean(line, "verse", 120) for line in lines if line.strip())
    target = place.settle(device)
    from muse.art.letters.words import offered
    from muse.art.paint import CoverRequest, paint
    from muse.art.sizes import size_of

    name, untitled = offered(about.title) if title is None else (wanted, ())
    request = CoverRequest(
        theme=about.theme,
        mood=about.mood,
        asked=about.asked,
        features=about.features,
        style=style,
        palette=palette_wish(palette),
        title=name,
        artist=by,
        verse=written,
        size=size_of(size or wishes.whole("pixels", pixels, 512, 4096)),
        finish=finish,
        seed=seed,
        candidates=wishes.whole("candidates", candidates, 1, 64),
        look=look_of(truncation, like, amount, colours, direction),
    )
    gan, vae = load_kind(bundle or "cover-gan", "cover"), load_kind("image-vae", "picture")
    made = paint(request, gan, vae)
    asked = {
        "theme": about.plain,
        "style": style,
        "palette": list(request.palette) if request.palette else None,
        "title": title,
        "artist": artist,
        "verse": verse if isinstance(verse, str) else list(verse),
        "pixels": pixels,
        "size": size,
        "finish": finish,
        "mood": plain_mood(mood),
        **plain_look(request.look),
    }
    return complete(made, "cover", made.recipe.seed, asked, [gan, vae], target, (*about.notes, *untitled))
