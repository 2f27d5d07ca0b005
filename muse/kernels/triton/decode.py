# mypy: allow-untyped-defs, allow-incomplete-defs, allow-untyped-calls, allow-untyped-decorators
"""One query a request over a ring of cached keys: programs share the keys of a head, a second kernel joins them.

Lengths and write positions are read on the device, so the same launch serves every step and fits into a CUDA graph.
Source: Dao et al. 2023 (Flash-Decoding); the split is by age, so it stays even however far the ring has turned.
"""

from __future__ import annotations

import torch
import triton
import triton.language as tl
from torch import Tensor

from muse.kernels.triton.tiles import LOG2E, look_up


@triton.jit
def split_kernel(
    q_ptr, k_ptr, v_ptr, part_ptr, rows, cols, written_ptr, length_ptr, row_bias, col_bias,
    q_steps, k_steps, v_steps, row_step, col_step, heads, capacity, window, last_row, half, scale,
    SPLITS: tl.constexpr, BN: tl.constexpr, K: tl.constexpr,
):  # fmt: skip
    """part: (B·H, SPLITS, K + 2) fp32: output before division, maximum (base 2) and sum of each share of the keys."""
    both, split = tl.program_id(0), tl.program_id(1)
    request, head = (both // heads).to(tl.int64), (both % heads).to(tl.int64)
    written = tl.load(written_ptr + request)
    count = tl.minimum(tl.minimum(tl.load(length_ptr + request), written), tl.minimum(window, capacity)).to(tl.int32)
    newest = ((written + capacity - 1) % capacity).to(tl.int32)
    lane, wide = tl.arange(0, BN), tl.arange(0, K)
    q = tl.load(q_ptr + request * q_steps[0] + head * q_steps[1] + wide).to(tl.float32)
    rows += request * row_step
    cols += request * col_step
    row = tl.load(rows + newest).to(tl.int32)
    col = tl.load(cols + newest).to(tl.int32)
    row_bias += head * (last_row + 1)
    col_bias += head * (2 * half + 1)
    k_at = k_ptr + request * k_steps[0] + head * k_steps[1]
    v_at = v_ptr + request * v_steps[0] + head * v_steps[1]
    share = tl.cdiv(tl.cdiv(count, SPLITS), BN) * BN
    begin = split * share
    end = tl.minimum(begin + share, count)
    out = tl.zeros((K,), tl.float32)
    high, total = float("-inf"), 0.0
    for start in tl.range(begin, end, BN, num_stages=3):
        age = start + lane
        real = age < end
        slot = newest - age
        slot = tl.where(slot < 0, slot + capacity, slot)
        slot = tl.where(real, slot, newest)
        place = slot.to(tl.int64)[:, None]
        k = tl.load(k_at + place * k_steps[2] + wide[None, :], mask=real[:, None], other=0.0).to(tl.float32)
        v = tl.load(v_at + place * v_steps[2] + wide[None, :], mask=real[:, None], other=0.0).to(tl.float32)
        bias = look_up(row_bias, row - tl.load(rows + slot).to(tl.int32), 0, last_row, 1.0)
        bias += look_up(col_bias, col - tl.load(cols + slot).to(tl.int32), half, half, 1.0)
        scores = tl.where(real, (tl.sum(k * q[None, :], 1) * scale + bias) * LOG2E, float("-inf"))
        peak = tl.maximum(high, tl.max(scores, 0))
        weight = tl.exp2(scores - peak)
        fade = tl.exp2(high - peak)
        total = total * fade + tl.sum(weight, 0)
        out = out * fade + tl.sum(weight[:, None] * v, 0)
        high = peak
    part = part_ptr + (both.to(tl.int64) * SPLITS + split) * (K + 2)
    tl.store(part + wide, out)
    tl.store(part + K, high)
    tl.store(part + K + 1, total)


@triton.jit
def join_kernel(part_ptr, out_ptr, SPLITS: tl.constexpr, K: tl.constexpr):
    """out: (B·H, K); 0 where a request has no keys."""
    both = tl.program_id(0).to(tl.int64)
    split, wide = tl.arange(0, SPLITS), tl.arange(0, K)
    part = part_ptr + both * SPLITS * (K + 2) + split * (K + 2)
    high = tl.load(part + K)
    peak = tl.max(high, 0)
    weight = tl.exp2(high - tl.where(peak == float("-inf"), 0.0, peak))
    total = tl.sum(tl.load(part + K + 1) * weight, 0)
    out = tl.sum(tl.load(part[:, None] + wide[None, :]) * weight[:, None], 0)
    out = out / tl.where(total == 0.0, 1.0, total)
    tl.store(out_ptr + both * K + wide, out.to(out_ptr.dtype.element_ty))


TILE = 64
"""Keys that a program reads at once; half as many where they are wide."""


def splits(pairs: int, capacity: int, processors: int) -> int:
    """A power of 2: programs that share the keys of a head, so that `pairs` heads fill the processors twice."""
    most = max(1, min(-(-2 * processors // pairs), -(-capacity // TILE), 128))
    return 1 << (most.bit_length() - 1)


def decode(
    q: Tensor, keys: Tensor, values: Tensor, row: Tensor, col: Tensor, row_bias: Tensor, col_bias: Tensor,
    written: Tensor, length: Tensor, window: int, scale: float,
) -> Tensor:  # fmt: skip
    """(B, H, 1, K) like q; arguments as in `muse.kernels.decode`."""
    batch, heads, _, width = q.shape
    capacity = keys.shape[2]
    q, keys, values = (x if x.stride(-1) == 1 else x.contiguous() for x in (q, keys, values))
    row, col, written, length = (x.contiguous() for x in (row, col, written, length))
    processors = torch.cuda.get_device_properties(q.device).multi_processor_count if q.is_cuda else 4
    number = splits(batch * heads, capacity, processors)
    part = torch.empty(batch * heads, number, width + 2, dtype=torch.float32, device=q.device)
    out = torch.empty(batch, heads, 1, width, dtype=q.dtype, device=q.device)
    split_kernel[(batch * heads, number)](
        q, keys, values, part, row, col, written, length, row_bias.contiguous(), col_bias.contiguous(),
        q.stride()[:2], keys.stride()[:3], values.stride()[:3], row.stride(0), col.stride(0),
        heads, capacity, window, row_bias.shape[1] - 1, col_bias.shape[1] // 2, scale,
        SPLITS=number, BN=TILE if width * q.element_size() <= 256 else TILE // 2, K=width, num_warps=4,
    )  # fmt: skip
    join_kernel[(batch * heads,)](part, out, SPLITS=number, K=width, num_warps=1)
    return out
