"""One token at a time: the transformer's weights laid out for the step that generation repeats."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from muse.kernels import decode
from muse.nn.cache import Cache, FixedCache
from muse.nn.transformer import Block, Transformer

Attend = Callable[[int, Tensor, Tensor, Tensor], Tensor]
"""(layer, q, k, v) → what was attended; q, k, v: (B, H, 1, K) of the coming token, q already scaled."""


class Decoder:
    """The same function as `Transformer` on one token a request, with fewer and larger operations.

    Norm gains are folded into the matrices that follow them, and matrices are stored input first.
    It holds copies: make a new one after the weights change.
    """

    def __init__(self, model: Transformer) -> None:
        self.settings = s = model.settings
        self.scale = math.sqrt(s.heads / s.width)
        cos, sin = model.cos[:, 0, 0], model.sin[:, 0, 0]
        self.cos, self.sin = torch.cat((cos, cos), 1), torch.cat((-sin, sin), 1)
        self.embedding = _unit(model.tokens.weight)
        self.row_place, self.col_place = model.row_place, model.col_place
        self.row_bias, self.col_bias = model.row_bias, model.col_bias
        self.head = (model.tokens.weight * model.final_norm.gain).t()
        self.layers: list[tuple[Tensor, Tensor, Tensor, Tensor, Tensor]] = []
        for block in model.blocks:
            assert isinstance(block, Block)
            sharp = torch.stack((block.sharpness * self.scale, torch.ones_like(block.sharpness)))[:, :, None]
            self.layers.append(
                (
                    (block.qkv.weight * block.attention_norm.gain).t().contiguous(),
                    sharp,
                    block.out.weight.t().contiguous(),
                    (block.gate_up.weight * block.feed_norm.gain).t().contiguous(),
                    block.down.weight.t().contiguous(),
                )
            )

    def step(self, tokens: Tensor, row: Tensor, col: Tensor, cache: Cache) -> Tensor:
        """logits: (B, V) fp32 of the token after; tokens, row, col: (B,) int64. They are added to the cache."""
        s = self.settings
        batch, heads, head = len(tokens), s.heads, s.width // s.heads
        x = self.embedding[tokens] + self.row_place[row.clamp(max=s.rows - 1)]
        x += self.col_place[col.clamp(max=s.columns - 1)]
        cache.place(row[:, None], col[:, None])
        attend = self._recorded(cache) if isinstance(cache, FixedCache) else self._grown(row, col, cache)
        cos, sin = self.cos[cache.here], self.sin[cache.here]
        for layer, (qkv, sharp, out, gate_up, down_matrix) in enumerate(self.layers):
            mixed = torch.mm(_unit(x), qkv).view(batch, 3, heads, head)
            qk = _unit(mixed[:, :2]).mul_(sharp)
            turned = (qk * cos).addcmul_(qk.roll(head // 2, -1), sin)
            attended = attend(layer, turned[:, 0, :, None], turned[:, 1, :, None], mixed[:, 2, :, None])
            x.addmm_(attended.reshape(batch, s.width), out)
            gate, up = torch.mm(_unit(x), gate_up).chunk(2, -1)
            x.addmm_(F.silu(gate).mul_(up), down_matrix)
        cache.move_on()
        return torch.mm(_unit(x), self.head)

    def _grown(self, row: Tensor, col: Tensor, cache: Cache) -> Attend:
        """Attention to the places in use, which grow by one each step; the bias of all layers is gathered at once."""
        s, end = self.settings, cache.length + 1
        down = (row[:, None] - cache.row[:, :end]).clamp_(0, s.rows - 1)
        along = (col[:, None] - cache.col[:, :end]).clamp_(1 - s.columns, s.columns - 1).add_(s.columns - 1)
        bias = self.row_bias[:, :, down] + self.col_bias[:, :, along]
        if cache.start is not None:
            bias.masked_fill_(torch.arange(end, device=row.device) < cache.start[:, None], -torch.inf)
        biases = bias.transpose(1, 2).reshape(s.layers, len(row) * s.heads, 1, end)

        def attend(layer: int, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
            keys, values = cache.put(layer, k, v)
            scores = torch.baddbmm(biases[layer], q.flatten(0, 1), keys.transpose(1, 2))
            return torch.bmm(torch.softmax(scores, -1), values)

        return attend

    def _recorded(self, cache: FixedCache) -> Attend:
        """Attention whose every count is read on the device, so that one CUDA graph serves all steps."""
        written, length = cache.counts()

        def attend(layer: int, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
            cache.put(layer, k, v)
            return decode(
                q, cache.keys[layer], cache.values[layer], row=cache.row, col=cache.col, written=written,
                length=length, row_bias=self.row_bias[layer], col_bias=self.col_bias[layer], scale=1.0,
            )  # fmt: skip

        return attend


def _unit(x: Tensor) -> Tensor:
    return F.rms_norm(x, x.shape[-1:], None, 1e-6)
