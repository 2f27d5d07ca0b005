"""Keys and values of tokens already read, so that the next token costs one step."""

from __future__ import annotations

import torch
from torch import Tensor

from muse.errors import UsageError


class Cache:
    """Preallocated keys and values of every layer, for requests of one length.

    Shorter prompts are padded on the left: positions before `start` are never looked at, and as rotary angles and
    grid biases know only differences, the shift changes nothing else.

    Attributes:
        keys, values: (L, B, H, capacity, K).
        row, col: (B, capacity) int32.
        start: (B,) int64, first position in use; None where all start at 0.
        length: positions written so far.
    """

    def __init__(
        self,
        layers: int,
        batch: int,
        heads: int,
        capacity: int,
        width: int,
        *,
        dtype: torch.dtype = torch.float32,
        device: torch.device | str = "cpu",
        start: Tensor | None = None,
    ) -> None:
        self.keys = torch.empty(layers, batch, heads, capacity, width, dtype=dtype, device=device)
        self.values = torch.empty_like(self.keys)
        self.row = torch.zeros(batch, capacity, dtype=torch.int32, device=device)
        self.col = torch.zeros_like(self.row)
        self.start = start
        self.length = 0

    @property
    def batch(self) -> int:
        return self.keys.shape[1]

    @property
    def capacity(self) -> int:
        return self.keys.shape[3]

    def place(self, row: Tensor, col: Tensor) -> None:
        """Write the coordinates of the coming tokens, (B, T); raises UsageError when there is no room."""
        end = self.length + row.shape[1]
        if end > self.capacity:
            raise UsageError(f"the cache holds {self.capacity} tokens", f"{end} were asked of it")
        self.row[:, self.length : end] = row
        self.col[:, self.length : end] = col

    def put(self, layer: int, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
        """Write k, v (B, H, T, K) of the coming tokens; returns all keys and values so far, (B·H, length + T, K)."""
        end = self.length + k.shape[2]
        self.keys[layer, :, :, self.length : end] = k
        self.values[layer, :, :, self.length : end] = v
        return self.keys[layer].flatten(0, 1)[:, :end], self.values[layer].flatten(0, 1)[:, :end]

    @property
    def here(self) -> int | Tensor:
        """Where the coming token will stand: an index, or (1,) int64."""
        return self.length

    def move_on(self) -> None:
        """The coming token has been written."""
        self.length += 1

    def take(self, index: Tensor, capacity: int | None = None) -> Cache:
        """A cache whose request i is request index[i] of this one: many candidates of one prefix, or those alive."""
        layers, _, heads, _, width = self.keys.shape
        start = None if self.start is None else self.start[index]
        room = self.capacity if capacity is None else capacity
        other = Cache(
            layers, len(index), heads, room, width, dtype=self.keys.dtype, device=self.keys.device, start=start
        )
        span = slice(0, self.length)
        other.keys[:, :, :, span] = self.keys[:, :, :, span].index_select(1, index)
        other.values[:, :, :, span] = self.values[:, :, :, span].index_select(1, index)
        other.row[:, span], other.col[:, span] = self.row[index, span], self.col[index, span]
        other.length = self.length
        return other


class FixedCache(Cache):
    """A cache whose position is a tensor: one recorded step serves all positions.

    Attributes:
        position: (1,) int64, on the device, where the coming token will stand; the last place once all are taken.
    """

    def __init__(self, filled: Cache) -> None:
        """Takes over what `filled` holds, and its memory."""
        self.keys, self.values, self.row, self.col = filled.keys, filled.values, filled.row, filled.col
        self.start, self.length = filled.start, filled.length
        self.keys[:, :, :, self.length :] = 0  # a weight of 0 times what was never written must be 0
        self.values[:, :, :, self.length :] = 0
        self.position = torch.full((1,), self.length, dtype=torch.int64, device=self.keys.device)

    @property
    def here(self) -> Tensor:
        return self.position

    def counts(self) -> tuple[Tensor, Tensor]:
        """(B,) int64 each: places in use with the coming token, and how many of them are the request's own."""
        written = (self.position + 1).expand(self.batch)
        return written, written if self.start is None else written - self.start

    def move_on(self) -> None:
        self.position.add_(1).clamp_(max=self.capacity - 1)

    def place(self, row: Tensor, col: Tensor) -> None:
        self.row.index_copy_(1, self.position, row.to(self.row.dtype))
        self.col.index_copy_(1, self.position, col.to(self.col.dtype))

    def put(self, layer: int, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
        """Write k, v (B, H, 1, K) of the coming token; returns keys and values of all places, (B·H, capacity, K)."""
        self.keys[layer].index_copy_(2, self.position, k)
        self.values[layer].index_copy_(2, self.position, v)
        return self.keys[layer].flatten(0, 1), self.values[layer].flatten(0, 1)
