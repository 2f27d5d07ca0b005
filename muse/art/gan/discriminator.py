"""The judge of latents: content map and style code in, one score out; and the reader of palettes and moods."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from muse.art.condition import SIZE
from muse.art.gan.generator import ConditionEncoder, GanSettings
from muse.nn.conv import DownBlock, MinibatchDeviation, activate, conv, linear


class Discriminator(nn.Module):
    """How real a pair of latents is, given the conditions (projection head).

    Source: Miyato & Koyama, "cGANs with projection discriminator", eq. 4; the condition vector adds palette and mood.
    """

    def __init__(self, s: GanSettings) -> None:
        super().__init__()
        wide, top = s.critic * 9 // 4, s.critic * 15 // 4
        self.spread = linear(s.style, 16)
        self.stem = conv(s.content + 16, s.critic)
        self.blocks = nn.ModuleList(
            [DownBlock(s.critic, wide), DownBlock(wide, wide, down=False), DownBlock(wide, top)]
        )
        self.deviation = MinibatchDeviation()
        self.last = conv(top + 1, top)
        self.flat = linear(top * (s.grid // 4) ** 2, 256)
        self.style = nn.ModuleList([linear(s.style, 128), linear(128, 128)])
        self.join = linear(256 + 128, 256)
        self.score = linear(256, 1)
        self.condition = ConditionEncoder(s, 256)

    def forward(self, content: Tensor, style: Tensor, label: Tensor, values: Tensor, present: Tensor) -> Tensor:
        """content: (B, C, g, g), style: (B, K), both standardised; conditions as in the generator → (B,) float32."""
        plane = self.spread(style)[:, :, None, None].expand(-1, -1, *content.shape[2:])
        y = self.stem(torch.cat([content, plane], dim=1))
        for block in self.blocks:
            y = block(y)
        y = activate(self.last(self.deviation(activate(y))))
        y = activate(self.flat(y.flatten(1)))
        side = style
        for layer in self.style:
            side = activate(layer(side))
        y = activate(self.join(torch.cat([y, side], dim=1)))
        match = (y * self.condition(label, values, present)).sum(1) / y.shape[1] ** 0.5
        score: Tensor = (self.score(y)[:, 0] + match).float()
        return score


class Reader(nn.Module):
    """Palette, mood and class as they can be read from latents; learns from real ones only, steers the generator."""

    def __init__(self, s: GanSettings) -> None:
        super().__init__()
        self.classes = s.classes
        self.first, self.second = conv(s.content, 48, 3, 2), conv(48, 64, 3, 2)
        self.line = linear(64 * (s.grid // 4) ** 2 + s.style, 192)
        self.mix = linear(192, 192)
        self.head = linear(192, SIZE + s.classes, gain=0.3)

    def forward(self, content: Tensor, style: Tensor) -> tuple[Tensor, Tensor]:
        """content: (B, C, g, g), style: (B, K) → conditions (B, 25), class logits (B, classes)."""
        y = activate(self.second(activate(self.first(content)))).flatten(1)
        y = activate(self.mix(activate(self.line(torch.cat([y, style], dim=1)))))
        out = self.head(y).float()
        return out[:, :SIZE], out[:, SIZE:]
