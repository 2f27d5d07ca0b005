"""The style code of a picture exchanged for another's: the same content, decoded as ink, oil or that other picture."""

from __future__ import annotations

import torch
from torch import Tensor

from muse.art.vae.frame import Pixels, at_work, padded, pixels_of
from muse.art.vae.model import Vae, load, slerp, to_pixels, to_tensor
from muse.bundle import Bundle
from muse.errors import UsageError, did_you_mean

WHOLE = 256


@torch.no_grad()
def style_code(vae: Bundle, style: str | bytes | Pixels) -> Tensor:
    """(1, K): the mean code of a style class, or the code of a picture.

    Raises:
        UsageError: an unknown class.
        InputError: a picture that cannot be read.
    """
    model = load(vae)
    if isinstance(style, str):
        return model.class_style[class_of(vae, style)][None]
    code: Tensor = model.style(padded(to_tensor(at_work(pixels_of(style), WHOLE)[None])))
    return code


def class_of(bundle: Bundle, style: str) -> int:
    """The class number of a style.

    Raises:
        UsageError: the bundle does not know the style.
    """
    styles = list(bundle.card.get("vocabulary") or ())
    if style not in styles:
        raise UsageError(f'unknown style "{style}"', next_step=did_you_mean(style, styles))
    return styles.index(style)


@torch.no_grad()
def swapped(model: Vae, work: Pixels, strength: float, code: Tensor, content: Tensor | None = None) -> Pixels:
    """The picture with its codes moved by `strength` towards others.

    What the VAE fails to reconstruct is kept aside and added back in proportion, so that strength 0 gives the picture.

    Args:
        work: (H, W, 3), small enough to be decoded whole: one pass, so that there are no seams.
        strength: in [0, 1].
        code: (1, K) the other style.
        content: (1, C, h, w) the other content map; by default the picture's own.
    """
    x = to_tensor(work[None])
    own, style = model.encode(padded(x))
    height, width = work.shape[:2]
    moved = own if content is None else own.lerp(content, strength)
    y = model.decoder(moved, slerp(style, code, strength))[..., :height, :width]
    if strength < 1:
        y = y + (1 - strength) * (x - model.decoder(own, style)[..., :height, :width])
    done: Pixels = to_pixels(y)[0]
    return done
