"""Where a cover begins: a class-conditional Gaussian over the principal parts of latents, fitted in closed form.

A generator that must invent layout from nothing needs more pictures than a few thousand, and gives every seed the same
one. This start already has the data's means and covariances, by class, palette and mood; what no Gaussian has, edges,
objects and texture, is left to the adversary.

For the parts x of a latent (principal components of content, and the style code) with class k and conditions v:
x = mean_k + S (v − cond_k) + C_k z, z normal. S is one ridge regression for all classes; C_k C_kᵀ is the covariance of
the class, shrunk towards that of all classes in proportion to how few pictures it has.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from muse.art.condition import PALETTE_SIZE, SIZE

SHRINK = 40.0
RIDGE = 20.0


class Prior(nn.Module):
    """The fitted Gaussian; the last class number is "none"."""

    mean: Tensor
    told: Tensor
    slope: Tensor
    free: Tensor
    bound: Tensor
    basis: Tensor
    middle: Tensor

    def __init__(self, classes: int, parts: int, content: int, grid: int, style: int) -> None:
        super().__init__()
        self.parts, self.shape, size = parts, (content, grid, grid), parts + style
        self.register_buffer("mean", torch.zeros(classes + 1, size))
        self.register_buffer("told", torch.zeros(classes + 1, SIZE))
        self.register_buffer("slope", torch.zeros(size, SIZE))
        self.register_buffer("free", torch.eye(size).repeat(classes + 1, 1, 1))
        self.register_buffer("bound", torch.eye(size).repeat(classes + 1, 1, 1))
        basis, _ = torch.linalg.qr(torch.randn(content * grid * grid, parts))
        self.register_buffer("basis", basis.T.contiguous())
        self.register_buffer("middle", torch.zeros(content * grid * grid))

    def forward(self, z: Tensor, label: Tensor, values: Tensor, present: Tensor) -> Tensor:
        """z: (B, parts + style) normal; label: (B,); values: (B, 25); present: (B, 2) → parts (B, parts + style)."""
        shown = present.repeat_interleave(torch.tensor([PALETTE_SIZE, SIZE - PALETTE_SIZE], device=z.device), dim=1)
        centre = self.mean[label] + (shown * (values - self.told[label])) @ self.slope.T
        factor = torch.where(present[:, :1, None] > 0, self.bound[label], self.free[label])
        return centre + (factor @ z[:, :, None])[:, :, 0]

    def content(self, parts: Tensor) -> Tensor:
        """(B, parts + style) → the content map that its first parts stand for, (B, C, g, g), standardised."""
        return (parts[:, : self.parts] @ self.basis + self.middle).reshape(-1, *self.shape)

    @torch.no_grad()
    def fit(self, content: Tensor, style: Tensor, label: Tensor, values: Tensor) -> float:
        """Fit to standardised latents (N, C, g, g), (N, K) with their classes and conditions.

        Returns the share of the content's variance that the parts hold.
        """
        flat = torch.cat([content, content.flip(3)]).flatten(1)
        self.middle.copy_(flat.mean(0))
        centred = flat - self.middle
        share = torch.bincount(label)[label].float().rsqrt().repeat(2)[:, None]
        _, _, basis = torch.svd_lowrank(centred * share, q=min(self.parts, *centred.shape), niter=3)
        self.basis.zero_()
        self.basis[: basis.shape[1]] = basis.T
        parts = centred @ self.basis.T
        held = float(parts.square().sum() / centred.square().sum())

        x = torch.cat([parts, torch.cat([style, style])], dim=1)
        label, values = torch.cat([label, label]), torch.cat([values, values])
        classes = len(self.mean) - 1
        counts = torch.bincount(label, minlength=classes).clamp_min(1)
        weight = 1.0 / counts[label].float()
        weight = weight / weight.sum()
        self.mean[classes], self.told[classes] = (weight[:, None] * x).sum(0), (weight[:, None] * values).sum(0)
        for k in range(classes):
            some = label == k
            self.mean[k] = x[some].mean(0) if some.any() else self.mean[classes]
            self.told[k] = values[some].mean(0) if some.any() else self.told[classes]

        away, told = x - self.mean[label], values - self.told[label]
        gram = told.T @ told + RIDGE * torch.eye(told.shape[1])
        self.slope.copy_(torch.linalg.solve(gram, told.T @ away).T)
        for target, rest in ((self.free, away), (self.bound, away - told @ self.slope.T)):
            pooled = rest.T @ rest / len(rest)
            for k in range(classes):
                some = rest[label == k]
                own = some.T @ some / max(len(some), 1)
                share = SHRINK / (SHRINK + len(some) / 2)
                target[k] = _root((1 - share) * own + share * pooled)
            whole = x - self.mean[classes] if target is self.free else rest
            target[classes] = _root((weight[:, None] * whole).T @ whole)
        return held


def _root(covariance: Tensor) -> Tensor:
    """The lower triangular factor of a covariance made safely positive."""
    size = len(covariance)
    return torch.linalg.cholesky(covariance.double() + 1e-5 * torch.eye(size, dtype=torch.float64)).to(covariance.dtype)
