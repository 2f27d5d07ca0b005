"""Ways about in what the generator can paint: near a start, between two starts, one's layout in another's colours."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from muse.art.gan.generator import Generator, Start
from muse.art.vae.model import slerp
from muse.seed import torch_generator


def toward(one: Start, other: Start, amount: float) -> Start:
    """The start on the way from one to another: at 0 the one, at 1 the other.

    w goes straight; layout and noise go along an arc, so that what lies between is not paler than the ends.
    """
    turn = amount * math.pi / 2
    noise = math.cos(turn) * one.noise + math.sin(turn) * other.noise
    layout = slerp(one.layout[None], other.layout[None], amount)[0]
    return Start(one.w.lerp(other.w, amount), layout, noise)


def mixed(layout: Start, colours: Start) -> Start:
    """The layout and grain of one start, with the colours and texture of another.

    Source: Karras et al., "A style-based generator architecture" (2019), section 3.1, style mixing; the coarse styles
    are here the layout.
    """
    return Start(colours.w, layout.layout, layout.noise)


def shaped(begun: Start, rows: int, columns: int, seed: int) -> Start:
    """A start for a picture of other sides (multiples of 4, in cells of 8 pixels): its layout stretched to them.

    What fills the layout stays in scale, since it is painted anew; the grain is a fresh one.
    """
    if begun.layout.shape[1:] == (rows, columns):
        return begun
    layout = F.interpolate(begun.layout[None], (rows, columns), mode="bilinear")[0]
    noise = torch.randn(2, rows, columns, generator=torch_generator(seed, "cover", "grain"))
    return Start(begun.w, layout, noise.to(layout.device))


@torch.no_grad()
def filled(model: Generator, starts: Sequence[Start]) -> tuple[Tensor, Tensor]:
    """Content (N, C, h, w) and style (N, K) in the VAE's scale, painted one by one so that a batch changes nothing."""
    fine = torch.zeros(1, device=starts[0].w.device)
    pairs = [model.to_vae(*model.paint(begun.w[None], begun.layout[None], fine, begun.noise[None])) for begun in starts]
    return torch.cat([content for content, _ in pairs]), torch.cat([style for _, style in pairs])
