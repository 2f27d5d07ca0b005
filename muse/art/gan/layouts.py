"""Where a cover begins: a layout of 4 × 4 cells that lies between two of the pictures learned from.

A generator that must invent layouts from nothing needs more pictures than a few thousand. So it is told one: the
content of a picture, averaged over a quarter of its side, is all that is kept of each (128 numbers), with its class,
palette and mood. A new layout is a mix of two near ones of the same class, mirrored half of the time; what fills it is
left to the adversary.

Source: Casanova et al., "Instance-conditioned GAN", for the idea that each picture stands for its neighbourhood.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from muse.art.condition import PALETTE_SIZE, SIZE

CELLS = 4
NEAREST = 6
PICKINESS = 0.35


class Layouts(nn.Module):
    """The layouts that a generator knows, each with its class and conditions."""

    sketch: Tensor
    values: Tensor
    label: Tensor

    def __init__(self, count: int, content: int) -> None:
        super().__init__()
        self.register_buffer("sketch", torch.zeros(count, content * CELLS**2))
        self.register_buffer("values", torch.zeros(count, SIZE))
        self.register_buffer("label", torch.zeros(count))

    @torch.no_grad()
    def fill(self, content: Tensor, label: Tensor, values: Tensor) -> None:
        """Keep these: content (N, C, g, g) standardised, label (N,), values (N, 25)."""
        self.sketch.copy_(pooled(content, CELLS).flatten(1))
        self.values.copy_(values)
        self.label.copy_(label)

    def choose(self, dice: Tensor, label: int, values: Tensor, present: Tensor) -> tuple[Tensor, Tensor]:
        """A layout (C · 16,) and the conditions (25,) that go with it.

        Args:
            dice: (4,) in [0, 1): which, which neighbour, how far towards it, mirrored or not.
            label: the class number, or one above the last for any.
            values: (25,) what is asked; present: (2,) whether palette and mood are. What is not asked is the layout's.
        """
        own = self.label == label
        own = own if bool(own.any()) else torch.ones_like(own)
        shown = present.repeat_interleave(torch.tensor([PALETTE_SIZE, SIZE - PALETTE_SIZE]))
        spread = self.values[own].std(0, correction=0).clamp_min(0.1)
        far = (shown * (values - self.values) / spread).square().sum(1)
        weight = torch.where(own, torch.exp(-PICKINESS * (far - far[own].min())), torch.zeros_like(far)).double()
        total = weight.cumsum(0)
        first = int((total <= dice[0].double() * total[-1]).sum().clamp_max(len(total) - 1))
        gap = (self.sketch - self.sketch[first]).square().sum(1)
        gap = torch.where(own, gap, torch.full_like(gap, torch.inf))
        near = gap.argsort(stable=True)[: min(NEAREST + 1, int(own.sum()))]
        second = int(near[int(dice[1] * len(near))])
        sketch = self.sketch[first].lerp(self.sketch[second], 0.5 * float(dice[2]))
        if dice[3] < 0.5:
            sketch = sketch.reshape(-1, CELLS, CELLS).flip(2).flatten()
        return sketch, torch.where(shown > 0, values, self.values[first])


def pooled(content: Tensor, cells: int) -> Tensor:
    """content: (B, C, g, g) → (B, C, cells, cells), means."""
    return F.avg_pool2d(content, content.shape[-1] // cells)


def spread(sketch: Tensor, side: int) -> Tensor:
    """sketch: (B, C, n, n) → (B, C, side, side), bilinear."""
    return F.interpolate(sketch, (side, side), mode="bilinear", align_corners=False)
