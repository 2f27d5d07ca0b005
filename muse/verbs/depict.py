"""Pictures: cover, restyle, morph."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from muse.errors import UsageError, did_you_mean
from muse.files import read_capped, sha256
from muse.terms import Features
from muse.verbs import place, wishes
from muse.verbs.finish import MoodWish, plain_mood, seed_of
from muse.verbs.finish import finish as complete
from muse.verbs.library import LARGEST, load_kind
from muse.verbs.look import DirectionWish, look_of, plain_look
from muse.work import Work

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from muse.art.cover import Cover

Image = str | Path | bytes | tuple[str, bytes]


def cover(
    theme: str | Work | Mapping[str, Any] = "",
    *,
    style: str | None = None,
    palette: str | Sequence[str] | None = None,
    title: str | None = None,
    artist: str = "",
    verse: str | Sequence[str] = (),
    pixels: int = 3000,
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
) -> Cover:
    """A cover for a theme, or for a poem, piece or album: painted by the GAN, finished, lettered.

    >>> cover("秋江夜泊", artist="Muse", seed=7).image.size  # doctest: +SKIP
    (3000, 3000)

    Args:
        style: "ink", "oil", "ukiyo-e" …; by default what suits the theme.
        palette: a palette's name, or hex colours; by default what suits the mood.
        title: by default the theme or the work's title; "" for none.
        verse: lines of verse written on the picture.
        pixels: its side, 512 to 4096.
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
    subject = subject_of(theme)
    reading = wishes.read_theme(str(subject["text"]), mood)
    name = str(subject["title"]) if title is None else wishes.clean(title, "title", 120) if title.strip() else ""
    by = wishes.clean(artist, "artist", 120) if artist else ""
    lines = re.split(r"[/\n]", verse) if isinstance(verse, str) else verse
    written = tuple(wishes.clean(line, "verse", 120) for line in lines if line.strip())
    target = place.settle(device)
    from muse.art.paint import CoverRequest, paint
    from muse.art.palette import hexes

    request = CoverRequest(
        theme=reading.theme,
        mood=reading.mood,
        features=features_of(subject.get("features")),
        style=style,
        palette=hexes(palette) if palette else None,
        title=name,
        artist=by,
        verse=written,
        pixels=wishes.whole("pixels", pixels, 512, 4096),
        finish=finish,
        seed=seed,
        candidates=wishes.whole("candidates", candidates, 1, 64),
        look=look_of(truncation, like, amount, colours, direction),
    )
    gan, vae = load_kind("cover-gan", "cover"), load_kind("image-vae", "picture")
    made = paint(request, gan, vae)
    asked = {
        "theme": theme if isinstance(theme, str) else subject,
        "style": style,
        "palette": palette if palette is None or isinstance(palette, str) else list(palette),
        "title": title,
        "artist": artist,
        "verse": verse if isinstance(verse, str) else list(verse),
        "pixels": pixels,
        "finish": finish,
        "mood": plain_mood(mood),
        **plain_look(request.look),
    }
    notes = reading.notes if isinstance(theme, str) else ()
    return complete(made, "cover", made.recipe.seed, asked, [gan, vae], target, notes)


def subject_of(theme: str | Work | Mapping[str, Any]) -> dict[str, Any]:
    """What a cover is about, as a plain value: text, title and features.

    Raises:
        UsageError: nothing was given.
    """
    if isinstance(theme, Mapping):
        if not {"text", "title"} <= set(theme):
            raise UsageError("nothing to paint", "the subject has no text and title", "give a theme or a work")
        return dict(theme)
    if isinstance(theme, Work):
        lines = getattr(theme, "lines", ())
        text = "，".join((theme.title, *lines)) if lines else str(theme.recipe.request.get("theme") or theme.title)
        return {"text": text[: wishes.LONGEST], "title": theme.title, "features": _plain(theme.features)}
    if not theme:
        raise UsageError("nothing to paint", "neither a theme nor a work was given", "give a theme, or --from a work")
    return {"text": theme, "title": wishes.clean(theme), "features": None}


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


def restyle(
    image: Image,
    *,
    style: str = "ink",
    strength: float = 0.8,
    keep_colour: bool = False,
    seed: int | None = None,
    device: str = "auto",
    bundle: str | Path | None = None,
) -> Cover:
    """A picture in another style, by the image VAE; its size stays.

    >>> restyle("photo.jpg", style="ink", strength=0.8)  # doctest: +SKIP

    Args:
        image: a PNG, JPEG or WebP file, its bytes, or (name, bytes).
        strength: from 0, as it is, to 1.
        keep_colour: keep the picture's own colours.

    Raises:
        InputError, UsageError, BundleError.
    """
    wishes.part("strength", strength)
    seed = seed_of(seed)
    name, data = picture_of(image)
    target = place.settle(device)
    from muse.art.vae.restyle import restyled

    vae = load_kind(bundle or "image-vae", "picture")
    styles = list(vae.card.get("vocabulary") or ())
    if style not in styles:
        raise UsageError(f"unknown style {style!r}", "", did_you_mean(style, styles))
    pixels = restyled(data, vae, style, strength, keep_colour)
    asked = {"image": name, "style": style, "strength": strength, "keep_colour": keep_colour}
    why = (f"{style}: as asked", f"strength {strength:g}" + (", its own colours kept" if keep_colour else ""))
    made = replace(_picture(Path(name).stem, pixels, why), style=style)
    return complete(made, "restyle", seed, asked, [vae], target, inputs={name: sha256(data)})


def morph(
    a: Image,
    b: Image,
    *,
    steps: int = 8,
    seed: int | None = None,
    device: str = "auto",
    bundle: str | Path | None = None,
) -> list[Cover]:
    """Pictures on the way from one to another through the image VAE's latent space, the ends included.

    >>> len(morph("a.jpg", "b.jpg", steps=8))  # doctest: +SKIP
    8

    Raises:
        InputError, UsageError, BundleError.
    """
    wishes.whole("steps", steps, 2, 64)
    seed = seed_of(seed)
    (one, first), (other, second) = picture_of(a), picture_of(b)
    target = place.settle(device)
    from muse.art.vae.restyle import morphed

    vae = load_kind(bundle or "image-vae", "picture")
    asked = {"a": one, "b": other, "steps": steps}
    inputs = {one: sha256(first), other: sha256(second)}
    return [
        complete(
            _picture(f"{Path(one).stem} to {Path(other).stem}", pixels, (f"step {index + 1} of {steps}",)),
            "morph",
            seed,
            asked,
            [vae],
            target,
            inputs=inputs,
            index=index,
        )
        for index, pixels in enumerate(morphed(first, second, vae, steps))
    ]


def picture_of(source: Image) -> tuple[str, bytes]:
    """Name and bytes of a user's picture.

    Raises:
        InputError: it cannot be read.
    """
    if isinstance(source, tuple):
        return source
    if isinstance(source, bytes):
        return "picture", source
    return Path(source).name, read_capped(source, LARGEST)


def _picture(title: str, pixels: npt.NDArray[np.uint8], plan: tuple[str, ...]) -> Cover:
    from PIL import Image as Pillow

    from muse.art.colour import hex_of
    from muse.art.cover import Cover
    from muse.art.palette import palette_of

    image = Pillow.fromarray(pixels)
    colours, _ = palette_of(pixels)
    return Cover(title, image, plan, hex_of(colours))


def _plain(features: Features) -> dict[str, Any]:
    return {key: list(value) if isinstance(value, tuple) else value for key, value in asdict(features).items()}
