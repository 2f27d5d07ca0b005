"""Changes of latents that a judge must not mistake for the data's own, applied with an adaptive probability.

Source: Karras et al., "Training generative adversarial networks with limited data": the rule for p. Two deviations:
the latents are changed, not pixels, and overfitting is read from D(x) − D(G) under the same conditions, over held-out
pictures and over those learned from (as r_v in eq. 1), since a relativistic judge has no absolute zero. No cut-out,
and conditions that a change would contradict are not changed: mirror and shift keep palette and mood; the style noise
is small.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

LARGEST, STEP, TARGET = 0.5, 0.05, 0.3


def augment(content: Tensor, style: Tensor, p: float) -> tuple[Tensor, Tensor]:
    """Mirror, shift by up to two cells, gain and style noise, each with probability p for each record.

    content: (B, C, H, W), style: (B, K) → the same; differentiable.
    """
    if p <= 0:
        return content, style
    batch = len(content)

    def chosen() -> Tensor:
        return (torch.rand(batch) < p).to(content.device)

    content = torch.where(chosen()[:, None, None, None], content.flip(3), content)
    shift = torch.randint(-2, 3, (batch, 2)) * chosen().cpu()[:, None]
    content = shifted(content, shift)
    gain = 1 + 0.15 * torch.randn(batch, 1, 1, 1, device=content.device) * chosen()[:, None, None, None]
    noise = 0.1 * torch.randn_like(style) * chosen()[:, None]
    return content * gain, style + noise


def shifted(content: Tensor, shift: Tensor) -> Tensor:
    """content: (B, C, H, W) moved by whole cells (B, 2) int64 in [−2, 2], the border repeated."""
    batch, channels, height, width = content.shape
    padded = F.pad(content, (2, 2, 2, 2), mode="replicate")
    rows = (torch.arange(height)[None] + 2 + shift[:, :1]).to(content.device)
    columns = (torch.arange(width)[None] + 2 + shift[:, 1:]).to(content.device)
    taken = padded.gather(2, rows[:, None, :, None].expand(batch, channels, height, width + 4))
    return taken.gather(3, columns[:, None, None, :].expand(batch, channels, height, width))


def adapted(p: float, overfit: float) -> float:
    """The next probability: up where the judge knows held-out pictures less well than those learned from.

    Args:
        overfit: 0 where both look equally far from painted ones, 1 where held-out ones look painted.

    >>> adapted(0.1, 0.9) > 0.1 > adapted(0.1, 0.0)
    True
    """
    return min(LARGEST, max(0.0, p + (STEP if overfit > TARGET else -STEP)))
