"""The way from one picture to another through the latent space of the VAE, and the latents of a picture."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from muse.art.vae.frame import Pixels, at_work, fitted, padded, pixels_of
from muse.art.vae.model import CELL, load, slerp, to_pixels, to_tensor
from muse.bundle import Bundle
from muse.errors import UsageError, did_you_mean

WHOLE, LONGEST = 256, 1024
KEEPS = ("content", "style")


@torch.no_grad()
def morphed(a: bytes | Pixels, b: bytes | Pixels, vae: Bundle, steps: int = 8, keep: str | None = None) -> list[Pixels]:
    """`steps` pictures from a to b, both ends included; b is fitted into the shape of a, sides of at most 1024 pixels.

    What the VAE cannot hold of the two is faded out and in, so that the ends are the given pictures themselves.

    Args:
        keep: "content" and a keeps its forms while it takes the colours and texture of b; "style" and a keeps those
            while its forms become b's; None and both go.

    Raises:
        UsageError: fewer than 2 steps, more than 1000, or something else to keep.
        InputError: a picture that cannot be read.
    """
    if not 2 <= steps <= 1000:
        raise UsageError(f"{steps} steps are out of bounds", "", "choose 2 to 1000")
    if keep not in (None, *KEEPS):
        raise UsageError(f"cannot keep {keep!r}", "", did_you_mean(str(keep), KEEPS))
    model = load(vae)
    first = pixels_of(a)
    first = at_work(first, max(1, round(min(first.shape[:2]) * min(1.0, LONGEST / max(first.shape[:2])))))
    big = [to_tensor(p[None]) for p in (first, fitted(pixels_of(b), *first.shape[:2]))]
    small = [to_tensor(at_work(to_pixels(x)[0], WHOLE)[None]) for x in big]
    shown = small[0].shape[2:]
    (ca, sa), (cb, sb) = (model.encode(padded(x)) for x in small)

    def decoded(content: Tensor, style: Tensor) -> Tensor:
        y = model.decode(content, style)[..., : shown[0], : shown[1]]
        return F.interpolate(y, big[0].shape[2:], mode="bicubic") if shown != big[0].shape[2:] else y

    lost = [x - decoded(c, s) for x, c, s in zip(big, (ca, cb), (sa, sb), strict=True)]
    if keep == "style":  # of b comes light alone
        lost[1] = lost[1].mean(1, keepdim=True)
    path = []
    for t in (i / (steps - 1) for i in range(steps)):
        content = ca if keep == "content" else slerp(ca, cb, t)
        style = sa if keep == "style" else slerp(sa, sb, t)
        mine, theirs = (1.0, 0.0) if keep == "content" else ((1 - t) ** 2, t**2)
        path.append(to_pixels(decoded(content, style) + mine * lost[0] + theirs * lost[1])[0])
    return path


@torch.no_grad()
def latents_of(vae: Bundle, picture: bytes | Pixels, rows: int, columns: int) -> tuple[Tensor, Tensor]:
    """Content (1, C, rows, columns) and style (1, K) of the middle of a picture.

    Raises:
        InputError: it cannot be read.
    """
    return load(vae).encode(to_tensor(fitted(pixels_of(picture), rows * CELL, columns * CELL)[None]))
