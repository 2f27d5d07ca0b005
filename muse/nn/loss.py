"""Cross-entropy of the next token, without ever holding the logits of a whole batch."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

CHUNK = 1 << 22
"""Logits worked on at a time."""


class _LinearCrossEntropy(torch.autograd.Function):
    """Loss and its gradient in one pass over chunks of tokens: logits live only as long as their chunk."""

    @staticmethod
    def forward(ctx: Any, hidden: Tensor, weight: Tensor, target: Tensor, dtype: torch.dtype) -> Tensor:
        scaled, matrix = hidden.to(dtype), weight.to(dtype)
        learns = hidden.requires_grad or weight.requires_grad
        loss = torch.zeros((), dtype=torch.promote_types(dtype, torch.float32), device=hidden.device)
        to_hidden = torch.empty_like(scaled) if learns else None
        to_weight = torch.zeros_like(weight) if learns else None
        step = max(1, CHUNK // weight.shape[0])
        for begin in range(0, len(target), step):
            part, wanted = scaled[begin : begin + step], target[begin : begin + step, None]
            logprob = torch.log_softmax(torch.mm(part, matrix.t()), -1, dtype=loss.dtype)
            chosen = logprob.gather(1, wanted)
            loss -= chosen.sum()
            if to_hidden is not None and to_weight is not None:
                slope = logprob.exp_().scatter_(1, wanted, chosen.expm1()).to(dtype)
                torch.mm(slope, matrix, out=to_hidden[begin : begin + step])
                to_weight += torch.mm(slope.t(), part)
        if to_hidden is not None and to_weight is not None:
            ctx.save_for_backward(to_hidden.to(hidden.dtype), to_weight)
        return loss

    @staticmethod
    def backward(ctx: Any, *slopes: Tensor) -> tuple[Tensor, Tensor, None, None]:
        to_hidden, to_weight = ctx.saved_tensors
        (slope,) = slopes
        return to_hidden * slope, to_weight * slope, None, None


def linear_cross_entropy(hidden: Tensor, weight: Tensor, target: Tensor, *, dtype: torch.dtype | None = None) -> Tensor:
    """Sum in nats of -log softmax(hidden · weightᵀ)[target], a scalar.

    Args:
        hidden: (N, D) float.
        weight: (V, D) float.
        target: (N,) int64 in [0, V).
        dtype: of the products; that of hidden by default.
    """
    with torch.autocast(hidden.device.type, enabled=False):
        loss: Tensor = _LinearCrossEntropy.apply(  # type: ignore[no-untyped-call]
            hidden, weight, target, dtype or hidden.dtype
        )
    return loss
