"""Something taken out of a picture: the content codes under it are found anew, and the picture closes over it.

1. A window around the hole is encoded, the hole first filled with what its border says of light and colour.
2. Content under the hole is gathered from like places of the window, from the border inwards (a prior that says: as
   nearby), then optimised so that the decoded picture is around the hole what it was.
3. What still differs along the border is spread into the hole smoothly, and the fine detail that no code holds is
   brought from the places that the content came from. Every pixel outside the hole is the picture's own.

Source: Wexler, Shechtman, Irani, "Space-time completion of video" (2007), for votes of nearest patches, here of
latents; Pérez et al., "Poisson image editing" (2003), for the membrane, here by averages from fine to coarse and back.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor

from muse.art.reading import open_picture
from muse.art.vae.frame import Pixels, at_work, padded, pixels_of, sized
from muse.art.vae.model import CELL, Vae, load, to_pixels, to_tensor
from muse.bundle import Bundle
from muse.errors import UsageError

SHORT, LEAST = 192, 96
STEPS, RATE, PRIOR = 24, 0.03, 0.5
VOTES = 4
HUE, WAY = 4.0, 2.0
"""How much a place's colour and distance count beside its content, when one like another is looked for."""

Mask = npt.NDArray[np.bool_]


def erased(picture: bytes | Pixels, vae: Bundle, hole: Mask) -> Pixels:
    """The picture, (H, W, 3) uint8, closed over a hole; outside it not a byte differs.

    Args:
        picture: a PNG, JPEG or WebP file, or its pixels.
        vae: the bundle image-vae.
        hole: (H, W) true where the picture is to be made anew.

    Raises:
        UsageError: a hole of another size than the picture, none, or one that leaves too little of the picture.
        InputError: a picture that cannot be read.
    """
    pixels = pixels_of(picture)
    if hole.shape != pixels.shape[:2]:
        raise UsageError(
            "the mask does not fit", f"{hole.shape[::-1]} against {pixels.shape[1::-1]}", "make it as large"
        )
    if not hole.any():
        raise UsageError("nothing to erase", "the mask is empty", "make white what is to go")
    top, left, bottom, right = _window(hole)
    out = pixels.copy()
    out[top:bottom, left:right] = _closed(load(vae), pixels[top:bottom, left:right], hole[top:bottom, left:right])
    return out


def mask_of(what: bytes | Sequence[int], height: int, width: int) -> Mask:
    """(height, width) true where something is to go: of a mask file, white there, or of x, y, width, height.

    >>> mask_of((1, 0, 2, 1), 2, 4).astype(int).tolist()
    [[0, 1, 1, 0], [0, 0, 0, 0]]

    Raises:
        UsageError: a rectangle outside the picture.
        InputError: a mask that cannot be read.
    """
    if isinstance(what, bytes):
        return np.asarray(open_picture(what, "the mask").convert("L")) > 127
    x, y, wide, high = what
    if min(x, y) < 0 or min(wide, high) < 1 or x + wide > width or y + high > height:
        raise UsageError(f"{wide} × {high} pixels at {x}, {y}", f"the picture is {width} × {height}", "stay inside it")
    mask = np.zeros((height, width), bool)
    mask[y : y + high, x : x + wide] = True
    return mask


def _window(hole: Mask) -> tuple[int, int, int, int]:
    """The hole with as much of the picture around it as it is wide."""
    rows, columns = np.flatnonzero(hole.any(1)), np.flatnonzero(hole.any(0))
    margin = max(rows[-1] - rows[0], columns[-1] - columns[0], 48)
    top, left = max(0, rows[0] - margin), max(0, columns[0] - margin)
    return int(top), int(left), int(rows[-1] + margin + 1), int(columns[-1] + margin + 1)


def _closed(model: Vae, pixels: Pixels, hole: Mask) -> Pixels:
    work = at_work(pixels, SHORT)
    grow = max(1.0, LEAST / min(work.shape[:2]))
    height, width = (round(side * grow) for side in work.shape[:2])
    work = sized(work, height, width)
    x = padded(to_tensor(work[None]))
    rough = torch.from_numpy(hole.astype(np.float32))[None, None]
    mask = padded((F.interpolate(rough, (height, width), mode="area") > 0).float())
    mask = F.max_pool2d(mask, 3, 1, 1)
    with torch.no_grad():
        whole = membrane(x, mask)
        own, style = model.encode(whole)
        known = model.decoder(own, style)
    gone = F.max_pool2d(F.max_pool2d(mask, CELL), 3, 1, 1)[0, 0] > 0
    content, source = gathered(own[0], F.avg_pool2d(whole, CELL)[0], gone)
    content = _agreed(model, content[None], style, known, mask, gone)
    with torch.no_grad():
        y = model.decoder(content, style)
        lost = membrane(x - y, mask)
    base, coarse = (
        sized(to_pixels((y + part)[..., :height, :width])[0], *hole.shape).astype(np.float32)
        for part in (lost, _mean(_mean(lost, 4), 4))
    )
    row, column = np.nonzero(hole)
    tall, wide = hole.shape[0] / height, hole.shape[1] / width
    cell = (row / tall).astype(int) // CELL, (column / wide).astype(int) // CELL
    move = (source[cell] - np.stack(cell, 1)) * CELL * [tall, wide]
    at = np.round(np.stack([row, column], 1) + move).astype(int).clip(0, np.array(hole.shape) - 1).T
    out = pixels.copy()
    fine = pixels[at[0], at[1]] - coarse[at[0], at[1]]
    out[row, column] = np.clip(np.round(base[row, column] + fine), 0, 255)
    return out


def gathered(own: Tensor, colour: Tensor, gone: Tensor) -> tuple[Tensor, npt.NDArray[np.int64]]:
    """Content (C, h, w) with what is gone taken from like places, and where each cell is from, (h, w, 2).

    Args:
        own: (C, h, w); colour: (3, h, w), what the border says of it where it is gone; gone: (h, w) bool.

    Raises:
        UsageError: no place of 3 × 3 cells is left to take from.
    """
    known, content = ~gone, torch.where(gone, torch.zeros(()), own)
    whole = torch.nonzero(-F.max_pool2d(-known.float()[None], 3, 1)[0] > 0) + 1
    if not len(whole):
        raise UsageError("too little is left of the picture", "nothing beside the hole to fill it from", "erase less")
    centre = whole[:, 0] * own.shape[2] + whole[:, 1]
    sample = _places(own)[:, centre].T
    source = torch.stack(torch.meshgrid(*(torch.arange(n) for n in gone.shape), indexing="ij"), -1)
    here = source.flatten(0, 1).float()

    def nearest(cells: Tensor) -> Tensor:
        place = _places(content)[:, cells].T
        told = _places(known.float().expand_as(content))[:, cells].T
        apart = told @ sample.square().T - 2 * (told * place) @ sample.T + (told * place.square()).sum(1, keepdim=True)
        hue = torch.cdist(colour.flatten(1)[:, cells].T, colour.flatten(1)[:, centre].T).square()
        way = torch.cdist(here[cells], here[centre]).square() / gone.numel()
        return (apart / told.sum(1, keepdim=True) + HUE * hue + WAY * way).argmin(1)

    while not known.all():  # from the border inwards
        rim = ~known & (F.max_pool2d(known.float()[None], 3, 1, 1)[0] > 0)
        chosen = whole[nearest(torch.nonzero(rim.flatten())[:, 0])]
        content[:, rim], source[rim] = own[:, chosen[:, 0], chosen[:, 1]], chosen
        known = known | rim
    cells = torch.nonzero(gone.flatten())[:, 0]
    for _ in range(VOTES):  # each cell becomes the mean of what the nine places around it would have there
        best = nearest(cells)
        votes, count = torch.zeros(len(_places(own)), gone.numel()), torch.zeros(9, gone.numel())
        votes[:, cells], count[:, cells] = sample[best].T, 1.0
        total = F.fold(votes[None], gone.shape, 3, padding=1)[0] / F.fold(count[None], gone.shape, 3, padding=1)[0]
        content = torch.where(gone, total, own)
        source[gone] = whole[best]
    return content, source.numpy()


def _places(content: Tensor) -> Tensor:
    """(9 C, h w): the 3 × 3 cells around each cell."""
    return F.unfold(content[None], 3, padding=1)[0]


def _agreed(model: Vae, content: Tensor, style: Tensor, known: Tensor, mask: Tensor, gone: Tensor) -> Tensor:
    """The content with what is gone moved until the decoded picture agrees around the hole with what it was there.

    That is the VAE's own picture of what is known, not the pixels: else the cells at the border would make up for what
    it cannot hold of them, and what lies farther in would not.
    """
    near = F.max_pool2d(mask, 6 * CELL + 1, 1, 3 * CELL) - mask
    move = torch.zeros_like(content, requires_grad=True)
    optimizer = torch.optim.Adam([move], RATE, betas=(0.8, 0.95))
    for _ in range(STEPS):
        y = model.decoder(content + move * gone, style)
        apart = (F.smooth_l1_loss(y, known, reduction="none", beta=0.1) * near).sum() / near.sum().clamp_min(1) / 3
        loss = apart + PRIOR * (move * gone).square().sum() / gone.sum() / content.shape[1]
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    return content + move.detach() * gone


def membrane(x: Tensor, mask: Tensor) -> Tensor:
    """x (B, C, H, W) where the mask (1, 1, H, W) is 0; where it is 1, a smooth field between what borders it."""
    keep = 1 - mask
    if min(x.shape[2:]) > 1 and bool(mask.any()):
        share = F.avg_pool2d(keep, 2, ceil_mode=True)
        coarse = F.avg_pool2d(x * keep, 2, ceil_mode=True) / share.clamp_min(1e-6)
        inner = F.interpolate(membrane(coarse, (share == 0).float()), x.shape[2:], mode="bilinear")
        x = x * keep + inner * mask
        for _ in range(3):
            x = x * keep + _mean(x, 1) * mask
    return x


def _mean(x: Tensor, reach: int) -> Tensor:
    return F.avg_pool2d(x, 2 * reach + 1, 1, reach, count_include_pad=False)
