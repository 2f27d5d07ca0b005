"""Where a cover begins: a mixture of Gaussians over the principal parts of latents, by class, fitted in closed form.

A generator that must invent layout from nothing needs more pictures than a few thousand, and early on gives every seed
the same one. This start already has the data's layouts, means and covariances, by class, palette and mood; what no
Gaussian has, edges, objects and texture, is left to the adversary.

For the parts x of a latent (principal components of content, and the style code), conditions v and a component c of
the class k (found by k-means on the leading components): x = mean_c + S (v − told_c) + r_c C_k z, z normal. S is one
ridge regression for all; C_k C_kᵀ is the covariance within the components of a class, shrunk towards that of all
classes where pictures are few; r_c scales it to the spread of the component. The last number of z chooses c, by its
share and by how well its conditions fit those asked. A component holds at least eight pictures and their mirror images.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from muse.art.condition import PALETTE_SIZE, SIZE

SHRINK = 40.0
RIDGE = 20.0
LEADING = 64
PICTURES_EACH, MOST = 20, 12
LEAST = 16
PICKINESS = 0.125


class Prior(nn.Module):
    """The fitted mixture; the last class number is "none" and means all classes alike."""

    mean: Tensor
    told: Tensor
    ratio: Tensor
    share: Tensor
    unit: Tensor
    slope: Tensor
    free: Tensor
    bound: Tensor
    basis: Tensor
    middle: Tensor

    def __init__(self, classes: int, parts: int, content: int, grid: int, style: int) -> None:
        super().__init__()
        self.classes, self.parts, self.shape, size = classes, parts, (content, grid, grid), parts + style
        kinds = classes * MOST
        self.register_buffer("mean", torch.zeros(kinds, size))
        self.register_buffer("told", torch.zeros(kinds, SIZE))
        self.register_buffer("ratio", torch.ones(kinds))
        first = torch.arange(kinds) % MOST == 0
        self.register_buffer("share", first.float().reshape(classes, MOST))
        self.register_buffer("unit", torch.ones(SIZE))
        self.register_buffer("slope", torch.zeros(size, SIZE))
        self.register_buffer("free", torch.eye(size).repeat(classes, 1, 1))
        self.register_buffer("bound", torch.eye(size).repeat(classes, 1, 1))
        basis, _ = torch.linalg.qr(torch.randn(content * grid * grid, parts))
        self.register_buffer("basis", basis.T.contiguous())
        self.register_buffer("middle", torch.zeros(content * grid * grid))

    def forward(self, z: Tensor, label: Tensor, values: Tensor, present: Tensor) -> Tensor:
        """z: (B, parts + style + 1) normal; label: (B,); values: (B, 25); present: (B, 2) → (B, parts + style)."""
        shown = present.repeat_interleave(torch.tensor([PALETTE_SIZE, SIZE - PALETTE_SIZE], device=z.device), dim=1)
        kind = self.choose(z[:, -1], label, values, shown)
        centre = self.mean[kind] + (shown * (values - self.told[kind])) @ self.slope.T
        number = kind // MOST
        factor = torch.where(present[:, :1, None] > 0, self.bound[number], self.free[number])
        return centre + self.ratio[kind][:, None] * (factor @ z[:, :-1, None])[:, :, 0]

    def choose(self, z: Tensor, label: Tensor, values: Tensor, shown: Tensor) -> Tensor:
        """z: (B,) normal → the component of each, (B,) int64 in [0, classes · MOST)."""
        far = ((shown[:, None] * (values[:, None] - self.told[None])) / self.unit).square().sum(2)
        far = far.reshape(len(z), self.classes, MOST)
        weight = self.share * torch.exp(-PICKINESS * (far - far.min(2, keepdim=True).values))
        weight = weight / weight.sum(2, keepdim=True).clamp_min(1e-12)
        own = torch.nn.functional.one_hot(label, self.classes + 1)[:, : self.classes]
        own = torch.where(label[:, None] == self.classes, torch.ones_like(own), own)
        weight = (weight * own[:, :, None]).flatten(1)
        total = weight.cumsum(1)
        place = 0.5 * (1 + torch.erf(z / 2**0.5))
        return (total < (place * total[:, -1])[:, None]).sum(1).clamp_max(total.shape[1] - 1)

    def content(self, parts: Tensor) -> Tensor:
        """(B, parts + style) → the content map that its first parts stand for, (B, C, g, g), standardised."""
        return (parts[:, : self.parts] @ self.basis + self.middle).reshape(-1, *self.shape)

    @torch.no_grad()
    def fit(self, content: Tensor, style: Tensor, label: Tensor, values: Tensor) -> float:
        """Fit to standardised latents (N, C, g, g), (N, K) with their classes and conditions.

        Returns the share of the content's variance that the parts hold.
        """
        flat = torch.cat([content, content.flip(3)]).flatten(1)
        label, values, style = (torch.cat([part, part]) for part in (label, values, style))
        self.middle.copy_(flat.mean(0))
        centred = flat - self.middle
        even = torch.bincount(label)[label].float().rsqrt()[:, None]
        _, _, basis = torch.svd_lowrank(centred * even, q=min(self.parts, *centred.shape), niter=3)
        self.basis.zero_()
        self.basis[: basis.shape[1]] = basis.T
        parts = centred @ self.basis.T
        held = float(parts.square().sum() / centred.square().sum())

        x = torch.cat([parts, style], dim=1)
        kind = self._components(x[:, :LEADING], label)
        for c in sorted(set(kind.tolist())):
            self.mean[c], self.told[c] = x[kind == c].mean(0), values[kind == c].mean(0)
        counts = torch.bincount(kind, minlength=self.classes * MOST).float().reshape(self.classes, MOST)
        self.share.copy_(counts / counts.sum(1, keepdim=True).clamp_min(1))
        for k in range(self.classes):
            if not counts[k].sum():
                self.share[k, 0], self.mean[k * MOST], self.told[k * MOST] = 1.0, x.mean(0), values.mean(0)

        away, told = x - self.mean[kind], values - self.told[kind]
        self.unit.copy_(told.std(0).clamp_min(0.05))
        gram = told.T @ told + RIDGE * torch.eye(told.shape[1])
        self.slope.copy_(torch.linalg.solve(gram, told.T @ away).T)
        for target, rest in ((self.free, away), (self.bound, away - told @ self.slope.T)):
            pooled = rest.T @ rest / len(rest)
            for k in range(self.classes):
                some = rest[label == k]
                own = some.T @ some / max(len(some), 1)
                lent = SHRINK / (SHRINK + len(some) / 2)
                target[k] = _root((1 - lent) * own + lent * pooled)
        for c in sorted(set(kind.tolist())):
            mine, whole = away[kind == c].square().mean(), away[kind // MOST == c // MOST].square().mean()
            self.ratio[c] = (mine / whole.clamp_min(1e-9)).sqrt().clamp(0.5, 1.5)
        return held

    def _components(self, leading: Tensor, label: Tensor) -> Tensor:
        """(N,) int64: the component of each record, by k-means within its class; small ones go to their neighbours."""
        found = torch.zeros_like(label)
        generator = torch.Generator().manual_seed(1)
        for k in sorted(set(label.tolist())):
            some = leading[label == k]
            wanted = int(min(MOST, max(1, len(some) // (2 * PICTURES_EACH))))
            centres = some[torch.randperm(len(some), generator=generator)[:1]]
            while len(centres) < wanted:
                gap = torch.cdist(some, centres).min(1).values.square() + 1e-9
                centres = torch.cat([centres, some[torch.multinomial(gap, 1, generator=generator)]])
            for _ in range(20):
                near = torch.cdist(some, centres).argmin(1)
                kept = [c for c in range(len(centres)) if (near == c).sum() >= min(LEAST, len(some))]
                centres = torch.stack([some[near == c].mean(0) for c in kept]) if kept else some.mean(0, keepdim=True)
            found[label == k] = k * MOST + torch.cdist(some, centres).argmin(1)
        return found


def _root(covariance: Tensor) -> Tensor:
    """The lower triangular factor of a covariance made safely positive."""
    size = len(covariance)
    safe = covariance.double() + 1e-5 * torch.eye(size, dtype=torch.float64)
    root: Tensor = torch.linalg.cholesky(safe).to(covariance.dtype)
    return root
