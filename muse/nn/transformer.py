"""Decoder-only transformer over tokens that stand on a grid of rows and columns."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from muse.errors import UsageError
from muse.kernels.dispatch import PRODUCT_BYTES, attention, explain
from muse.kernels.lowrank import Grid, grid, lowrank_flash, lowrank_product
from muse.kernels.reference import gathered_bias, visible
from muse.nn.cache import Cache
from muse.nn.shape import TransformerSettings


def normalise(x: Tensor) -> Tensor:
    """x: (..., D) float with root mean square 1 along D, in fp32."""
    x = x.float()
    return x * torch.rsqrt(x.square().mean(-1, keepdim=True) + 1e-6)


def drop(x: Tensor, share: float) -> Tensor:
    """x with `share` of its values (to the nearest 1/256) set to 0 and the others scaled up; global generator.

    One random byte a value: three times faster than `F.dropout` on a CPU.
    """
    least = round(share * 256)
    if not least:
        return x
    words = torch.empty(-(-x.numel() // 8), dtype=torch.int64, device=x.device).random_(-(2**63), None)
    kept = words.view(torch.uint8)[: x.numel()].view(x.shape) >= least
    return x * (kept * (256 / (256 - least))).to(x.dtype)


class Norm(nn.Module):
    """RMSNorm with a gain. Source: Zhang & Sennrich 2019, eq. 4."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.gain = nn.Parameter(torch.ones(width))

    def forward(self, x: Tensor) -> Tensor:
        return normalise(x) * self.gain


class Block(nn.Module):
    """One layer: attention, then SwiGLU, each normalised before and added to the stream.

    q and k are normalised per head, with one learned sharpness a head (Source: Henry et al. 2020), so that no
    learning rate lets the scores run away. SwiGLU: Shazeer 2020.
    """

    def __init__(self, settings: TransformerSettings) -> None:
        super().__init__()
        width, inner = settings.width, settings.inner
        self.heads, self.dropout = settings.heads, settings.dropout
        self.attention_norm = Norm(width)
        self.qkv = nn.Linear(width, 3 * width, bias=False)
        self.sharpness = nn.Parameter(torch.ones(settings.heads))
        self.out = nn.Linear(width, width, bias=False)
        self.feed_norm = Norm(width)
        self.gate_up = nn.Linear(width, 2 * inner, bias=False)
        self.down = nn.Linear(inner, width, bias=False)

    def forward(
        self,
        x: Tensor,
        angles: tuple[Tensor, Tensor],
        attend: Callable[[Tensor, Tensor, Tensor], Tensor],
    ) -> Tensor:
        """The stream (B, T, D) after this layer; `attend` maps q, k, v to what was attended, each (B, H, T, K)."""
        return self.close(x, attend(*self.project(x, angles)))

    def project(self, x: Tensor, angles: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor, Tensor]:
        """q, k, v: (B, H, T, K) in the dtype of the product, q and k normalised and turned by their position."""
        batch, time, width = x.shape
        mixed = self.qkv(self.attention_norm(x)).view(batch, time, 3, self.heads, width // self.heads)
        qk = normalise(mixed[:, :, :2])
        first, second = qk.chunk(2, -1)
        cos, sin = angles
        qk = torch.cat((first * cos - second * sin, first * sin + second * cos), -1)
        q, k = qk[:, :, 0] * self.sharpness[:, None], qk[:, :, 1]
        return q.to(mixed.dtype).transpose(1, 2), k.to(mixed.dtype).transpose(1, 2), mixed[:, :, 2].transpose(1, 2)

    def close(self, x: Tensor, attended: Tensor) -> Tensor:
        """The stream x: (B, T, D) after both branches; attended: (B, H, T, K)."""
        x = x + self._drop(self.out(attended.transpose(1, 2).flatten(2)))
        gate, up = self.gate_up(self.feed_norm(x)).chunk(2, -1)
        return x + self._drop(self.down(F.silu(gate) * up))

    def _drop(self, x: Tensor) -> Tensor:
        return drop(x, self.dropout) if self.training else x


class Transformer(nn.Module):
    """A transformer that knows where each token stands.

    What is unusual: rotary position on the token index, plus a learned bias of each head and layer on row and column
    differences, plus embeddings of row and column, all zero at first; the embedding is normalised as it enters
    and is also the output layer.

    >>> model = Transformer(TransformerSettings(vocabulary=10, layers=1, width=16, heads=2))
    >>> tokens = torch.zeros(1, 4, dtype=torch.int64)
    >>> model(tokens, tokens, tokens).shape
    torch.Size([1, 4, 10])
    """

    cos: Tensor
    sin: Tensor

    def __init__(self, settings: TransformerSettings) -> None:
        super().__init__()
        self.settings = settings
        layers, heads, head = settings.layers, settings.heads, settings.width // settings.heads
        self.tokens = nn.Embedding(settings.vocabulary, settings.width)
        self.row_place = nn.Parameter(torch.zeros(settings.rows, settings.width))
        self.col_place = nn.Parameter(torch.zeros(settings.columns, settings.width))
        self.row_bias = nn.Parameter(torch.zeros(layers, heads, settings.rows))
        self.col_bias = nn.Parameter(torch.zeros(layers, heads, 2 * settings.columns - 1))
        self.blocks = nn.ModuleList(Block(settings) for _ in range(layers))
        self.final_norm = Norm(settings.width)
        speed = 10000.0 ** -(torch.arange(0, head, 2, dtype=torch.float64) / head)
        angle = torch.arange(settings.context, dtype=torch.float64)[:, None] * speed
        self.register_buffer("cos", angle.cos().float()[:, None, None], persistent=False)
        self.register_buffer("sin", angle.sin().float()[:, None, None], persistent=False)
        self._initialise()

    def _initialise(self) -> None:
        nn.init.normal_(self.tokens.weight, std=0.02)
        for block in self.blocks:
            assert isinstance(block, Block)
            for linear in (block.qkv, block.gate_up):
                nn.init.normal_(linear.weight, std=linear.in_features**-0.5)
            for linear in (block.out, block.down):
                nn.init.normal_(linear.weight, std=(linear.in_features * 2 * self.settings.layers) ** -0.5)

    def forward(
        self,
        tokens: Tensor,
        row: Tensor,
        col: Tensor,
        *,
        segment: Tensor | None = None,
        cache: Cache | None = None,
        extent: tuple[int, int, int] | None = None,
        last: bool = False,
    ) -> Tensor:
        """logits: (B, T, V) fp32, of the token after each; (B, 1, V) where `last`. Arguments as in `hidden`."""
        hidden = self.hidden(tokens, row, col, segment=segment, cache=cache, extent=extent)
        return self.logits(hidden[:, -1:] if last else hidden)

    def logits(self, hidden: Tensor) -> Tensor:
        """logits: (..., V) fp32, for hidden: (..., D)."""
        return F.linear(hidden, self.tokens.weight).float()

    def hidden(
        self,
        tokens: Tensor,
        row: Tensor,
        col: Tensor,
        *,
        segment: Tensor | None = None,
        cache: Cache | None = None,
        extent: tuple[int, int, int] | None = None,
    ) -> Tensor:
        """hidden: (B, T, D) fp32, normalised, ready for the output layer.

        Args:
            tokens: (B, T) int64 in [0, V).
            row, col: (B, T) integer >= 0, where each token stands.
            segment: (B, T) integer >= 0, packed documents that do not see each other; not with a filled cache.
            cache: holds the tokens before these; these are added to it.
            extent: highest row, column and segment, each plus one, where already known; a compiled graph needs it.

        Raises:
            UsageError: a shape that does not fit, or more tokens than the context.
        """
        seen = 0 if cache is None else cache.length
        end = seen + tokens.shape[1]
        if tokens.ndim != 2 or row.shape != tokens.shape or col.shape != tokens.shape:
            raise UsageError(
                f"tokens, row and col are {tuple(tokens.shape)}, {tuple(row.shape)} and {tuple(col.shape)}",
                "expected three times (B, T)",
            )
        if end > self.settings.context:
            raise UsageError(f"{end} tokens do not fit", f"the model's context is {self.settings.context} tokens")
        angles = self.cos[seen:end], self.sin[seen:end]
        x = normalise(self.tokens(tokens))
        x = x + self.row_place[row.clamp(0, self.settings.rows - 1).long()]
        x = x + self.col_place[col.clamp(0, self.settings.columns - 1).long()]
        x = drop(x, self.settings.dropout) if self.training else x
        if cache is not None:
            cache.place(row, col)
        x = self._read(x, row, col, segment, cache, extent, angles) if not seen else self._go_on(x, cache, angles)
        if cache is not None:
            cache.length = end
        return self.final_norm(x)  # type: ignore[no-any-return]

    def _read(
        self,
        x: Tensor,
        row: Tensor,
        col: Tensor,
        segment: Tensor | None,
        cache: Cache | None,
        extent: tuple[int, int, int] | None,
        angles: tuple[Tensor, Tensor],
    ) -> Tensor:
        """The stream after all layers, for tokens with nothing before them."""
        time, width = x.shape[1:]
        if cache is not None and cache.start is not None:
            segment = (torch.arange(time, device=x.device) < cache.start[:, None]).int()
        known = extent or extent_of(row, col, segment)
        place = grid(row, col, segment, extent=known, causal=True, window=None, dtype=x.dtype)
        tables = place.bilinear(self.row_bias, self.col_bias)
        scale = math.sqrt(self.settings.heads / width)
        for layer, block in enumerate(self.blocks):

            def attend(q: Tensor, k: Tensor, v: Tensor, layer: int = layer) -> Tensor:
                if cache is not None:
                    cache.put(layer, k, v)
                if explain(q, k, scale=scale).backend != "triton":
                    return _attend(q, k, v, place, tables[layer], scale)
                return attention(
                    q, k, v, row=row, col=col, row_bias=self.row_bias[layer], col_bias=self.col_bias[layer],
                    segment=segment, scale=scale, backend="triton",
                )  # fmt: skip

            x = block(x, angles, attend)
        return x

    def _go_on(self, x: Tensor, cache: Cache | None, angles: tuple[Tensor, Tensor]) -> Tensor:
        """The stream after all layers, for tokens that follow a filled cache."""
        assert cache is not None
        batch, time, width = x.shape
        end = cache.length + time
        row, col = cache.row[:, :end], cache.col[:, :end]
        bias = gathered_bias((row[:, -time:], row), (col[:, -time:], col), self.row_bias, self.col_bias)
        allowed = visible(time, end, causal=True, window=None, device=x.device) if time > 1 else None
        if cache.start is not None:
            real = (torch.arange(end, device=x.device) >= cache.start[:, None])[:, None]
            allowed = real if allowed is None else real & allowed
        if allowed is not None:
            bias = bias.masked_fill(~allowed, -torch.inf)
        biases = bias.transpose(1, 2).flatten(1, 2)
        scale = math.sqrt(self.settings.heads / width)
        for layer, block in enumerate(self.blocks):

            def attend(q: Tensor, k: Tensor, v: Tensor, layer: int = layer) -> Tensor:
                keys, values = cache.put(layer, k, v)
                queries = q.to(keys.dtype).flatten(0, 1)
                scores = torch.baddbmm(biases[layer].to(keys.dtype), queries, keys.transpose(1, 2), alpha=scale)
                return torch.bmm(torch.softmax(scores, -1), values).view(batch, self.settings.heads, time, -1)

            x = block(x, angles, attend)
        return x

    def compile_reading(self) -> None:
        """Compile the layers as they read whole sequences; batches of one shape then run faster."""
        self._read = torch.compile(self._read, dynamic=False)  # type: ignore[method-assign]

    def new_cache(
        self, batch: int, capacity: int, *, dtype: torch.dtype = torch.float32, start: Tensor | None = None
    ) -> Cache:
        """An empty cache for `batch` requests of up to `capacity` tokens."""
        s = self.settings
        device = self.row_bias.device
        return Cache(s.layers, batch, s.heads, capacity, s.width // s.heads, dtype=dtype, device=device, start=start)


def extent_of(row: Tensor, col: Tensor, segment: Tensor | None) -> tuple[int, int, int]:
    """Highest row, column and segment, each plus one."""
    return int(row.max()) + 1, int(col.max()) + 1, 0 if segment is None else int(segment.max()) + 1


def _attend(q: Tensor, k: Tensor, v: Tensor, place: Grid, table: Tensor, scale: float) -> Tensor:
    big = q.shape[0] * q.shape[1] * q.shape[2] ** 2 * q.element_size() > PRODUCT_BYTES
    run = lowrank_flash if q.device.type != "cpu" or big else lowrank_product
    return run(q, k, v, place, table, scale)
