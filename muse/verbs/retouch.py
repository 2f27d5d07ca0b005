"""Pictures of the user's own: restyle, morph, edit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from muse.errors import UsageError, did_you_mean
from muse.files import read_capped, sha256
from muse.verbs import place, wishes
from muse.verbs.finish import finish as complete
from muse.verbs.finish import seed_of
from muse.verbs.library import LARGEST, load_kind

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from muse.art.cover import Cover
    from muse.bundle import Bundle

Image = str | Path | bytes | tuple[str, bytes]
WAYS = ("vae", "gan")
SUFFIXES = (".png", ".jpg", ".jpeg", ".webp")


def restyle(
    image: Image,
    *,
    style: Image = "ink",
    strength: float = 0.8,
    keep_colour: bool = False,
    by: str = "vae",
    finish: str | None = None,
    seed: int | None = None,
    device: str = "auto",
    bundle: str | Path | None = None,
) -> Cover:
    """A picture in another style; its size stays.

    >>> restyle("photo.jpg", style="ink", strength=0.8)  # doctest: +SKIP
    >>> restyle("photo.jpg", style="other.jpg", keep_colour=True)  # doctest: +SKIP

    Args:
        image: a PNG, JPEG or WebP file, its bytes, or (name, bytes).
        style: "ink", "oil", "ukiyo-e" …, or another picture whose style is taken.
        strength: from 0, as it is, to 1.
        keep_colour: keep the picture's own colours.
        by: "vae" exchanges the picture's style code; "gan" has the cover generator paint its layout anew.
        finish: the surface; by default the style's own, and "none" for the style of a picture.
        bundle: of the picture VAE.

    Raises:
        InputError, UsageError, BundleError.
    """
    wishes.part("strength", strength)
    if by not in WAYS:
        raise UsageError(f"unknown way {by!r}", "", did_you_mean(by, WAYS))
    seed = seed_of(seed)
    name, data = picture_of(image)
    target = place.settle(device)
    from muse.art.finishes.finish import known
    from muse.art.restyle import NO_FINISH, restyled

    if finish not in (None, NO_FINISH):
        finish = known(str(finish))
    vae = load_kind(bundle or "image-vae", "picture")
    bundles: list[Bundle] = [vae]
    if by == "gan":
        bundles.append(load_kind("cover-gan", "cover"))
    inputs = {name: sha256(data)}
    look, like = _look(style, vae, inputs)
    pixels = restyled(
        data, vae, like, strength, keep_colour, gan=bundles[1] if by == "gan" else None, surface=finish, seed=seed
    )
    asked = {"image": name, "style": look, "strength": strength, "keep_colour": keep_colour, "by": by, "finish": finish}
    means = "painted anew by the generator" if by == "gan" else "by the style code"
    why = (
        f"{look}: as asked",
        f"strength {strength:g}, {means}" + (", its own colours kept" if keep_colour else ""),
    )
    made = replace(_picture(Path(name).stem, pixels, why), style=look if isinstance(like, str) else "")
    return complete(made, "restyle", seed, asked, bundles, target, inputs=inputs)


def morph(
    a: Image,
    b: Image,
    *,
    steps: int = 8,
    keep: str | None = None,
    seed: int | None = None,
    device: str = "auto",
    bundle: str | Path | None = None,
) -> list[Cover]:
    """Pictures on the way from one to another through the image VAE's latent space, the ends included.

    >>> len(morph("a.jpg", "b.jpg", steps=8))  # doctest: +SKIP
    8

    Args:
        keep: "content" and only colours and texture go over to b; "style" and only its forms do; by default both.

    Raises:
        InputError, UsageError, BundleError.
    """
    wishes.whole("steps", steps, 2, 64)
    seed = seed_of(seed)
    one, first = picture_of(a)
    inputs = {one: sha256(first)}
    other, second = _apart(picture_of(b), inputs)
    target = place.settle(device)
    from muse.art.vae.morph import morphed

    vae = load_kind(bundle or "image-vae", "picture")
    asked = {"a": one, "b": other, "steps": steps, "keep": keep}
    title = f"{Path(one).stem} to {Path(other).stem}"
    pictures = (_picture(title, p, (f"step {i + 1} of {steps}",)) for i, p in
                enumerate(morphed(first, second, vae, steps, keep)))  # fmt: skip
    return [
        complete(made, "morph", seed, asked, [vae], target, inputs=inputs, index=i) for i, made in enumerate(pictures)
    ]


def edit(
    image: Image,
    *,
    erase: str | Path | bytes | tuple[str, bytes] | Sequence[int] | None = None,
    dials: Mapping[str, float] | str | Sequence[str] = (),
    seed: int | None = None,
    device: str = "auto",
    bundle: str | Path | None = None,
) -> Cover:
    """A picture with something taken out of it, or with its light, warmth, contrast or texture turned up or down.

    >>> edit("photo.jpg", erase=(120, 80, 60, 40), dials={"warmth": 0.5})  # doctest: +SKIP

    Args:
        image: a PNG, JPEG or WebP file, its bytes, or (name, bytes).
        erase: what goes: x, y, width, height in pixels ((120, 80, 60, 40) or "120,80,60,40"), or a mask: a picture of
            the same size, white where something is to go. The image VAE closes the picture over it.
        dials: light, warmth, contrast, texture, each from −1 to 1: {"light": 0.5} or "light=+0.5". What is not named
            stays as it is.
        bundle: of the picture VAE.

    Raises:
        InputError, UsageError, BundleError.
    """
    seed = seed_of(seed)
    name, data = picture_of(image)
    target = place.settle(device)
    import numpy as np

    from muse.art.dials import read_dials, turned
    from muse.art.reading import open_picture
    from muse.art.vae.inpaint import erased, mask_of

    turns = read_dials((dials,) if isinstance(dials, str) else dials)
    if erase is None and not any(turns.values()):
        raise UsageError("nothing to edit", "", "name what to erase, or turn a dial")
    pixels, inputs, bundles = np.asarray(open_picture(data, name)), {name: sha256(data)}, []
    why = [f"{dial} {value:+g}" for dial, value in turns.items()]
    hole: object = None
    if erase is not None:
        hole, mask = _hole(erase, inputs)
        bundles.append(load_kind(bundle or "image-vae", "picture"))
        pixels = erased(pixels, bundles[0], mask_of(mask, *pixels.shape[:2]))
        why.insert(0, f"erased: {hole if isinstance(hole, str) else ','.join(map(str, mask))}")
    pixels = turned(pixels, turns)
    asked = {"image": name, "erase": hole, "dials": turns}
    made = _picture(Path(name).stem, pixels, tuple(why))
    return complete(made, "edit", seed, asked, bundles, target, inputs=inputs)


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


def _look(style: Image, vae: Bundle, inputs: dict[str, str]) -> tuple[str, str | bytes]:
    """A style's name and itself: the class, or the bytes of a picture, which is then an input too."""
    if isinstance(style, str) and not (Path(style).suffix.lower() in SUFFIXES or Path(style).is_file()):
        styles = list(vae.card.get("vocabulary") or ())
        if style not in styles:
            hint = did_you_mean(style, styles)
            raise UsageError(f"unknown style {style!r}", "it is neither a style of the model nor a picture", hint)
        return style, style
    return _apart(picture_of(style), inputs)


def _hole(erase: object, inputs: dict[str, str]) -> tuple[object, bytes | tuple[int, ...]]:
    """What to erase, for the recipe and for the room: four numbers, or a mask, which is then an input too."""
    numbers = erase.split(",") if isinstance(erase, str) else erase
    if isinstance(numbers, (list, tuple)) and len(numbers) == 4:
        try:
            box = tuple(int(str(number)) for number in numbers)
        except ValueError as error:
            raise UsageError(
                f"cannot erase {erase!r}", "x, y, width, height are whole numbers", "120,80,60,40"
            ) from error
        return list(box), box
    if isinstance(erase, (str, Path, bytes)) or (isinstance(erase, tuple) and len(erase) == 2):
        return _apart(picture_of(erase), inputs)
    raise UsageError(f"cannot erase {erase!r}", "neither x, y, width, height nor a mask", 'write "120,80,60,40"')


def _apart(picture: tuple[str, bytes], inputs: dict[str, str]) -> tuple[str, bytes]:
    """A further picture put among the inputs of a work, under a name that is not another's."""
    name, data = picture
    digest = sha256(data)
    while inputs.get(name, digest) != digest:
        name = f"other-{name}"
    inputs[name] = digest
    return name, data


def _picture(title: str, pixels: npt.NDArray[np.uint8], plan: tuple[str, ...]) -> Cover:
    from PIL import Image as Pillow

    from muse.art.colour import hex_of
    from muse.art.cover import Cover
    from muse.art.palette import palette_of

    return Cover(title, Pillow.fromarray(pixels), plan, hex_of(palette_of(pixels)[0]))
