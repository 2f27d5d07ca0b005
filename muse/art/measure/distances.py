"""How far two sets of features lie apart: KID with interval, precision, recall, density, coverage, copies, spread."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from muse.seed import stream

Table = npt.NDArray[np.float64]
NEIGHBOURS = 5
NEAR_ENOUGH, COPIED = 0.9, 0.01


def kid(real: Table, fake: Table) -> float:
    """The kernel distance of two sets of features (N, D), (M, D): 0 where they come from one source; unbiased.

    Source: Bińkowski et al., "Demystifying MMD GANs", eq. 3, with the polynomial kernel (x·y/D + 1)³; one estimate over
    all pictures instead of a mean over subsets.
    """
    one, other = np.ones((1, len(real))), np.ones((1, len(fake)))
    return float(_weighted(_kernels(real, fake), one, other)[0])


def kid_interval(real: Table, fake: Table, seed: int = 0, draws: int = 200) -> tuple[float, float]:
    """The 2.5th and 97.5th percentile of KID over bootstrap draws of both sets.

    Source: Rubin, "The Bayesian bootstrap": pictures are weighed, not drawn, so that none is ever paired with itself.
    """
    rng = stream(seed, "bootstrap")
    found = _weighted(_kernels(real, fake), *(rng.dirichlet(np.ones(len(x)), draws) for x in (real, fake)))
    return float(np.percentile(found, 2.5)), float(np.percentile(found, 97.5))


def _kernels(real: Table, fake: Table) -> tuple[Table, Table, Table]:
    a, b, c = ((x @ y.T / real.shape[1] + 1) ** 3 for x, y in ((real, real), (fake, fake), (real, fake)))
    return a, b, c


def _weighted(kernels: tuple[Table, Table, Table], real: Table, fake: Table) -> Table:
    """(R,) KID of each of R weightings of the pictures: real (R, N), fake (R, M)."""
    found: Table = -2 * np.einsum("rn,nm,rm->r", real, kernels[2], fake, optimize=True) / (real.sum(1) * fake.sum(1))
    for kernel, weights in ((kernels[0], real), (kernels[1], fake)):
        pairs = np.einsum("rn,nm,rm->r", weights, kernel, weights, optimize=True) - weights**2 @ np.diag(kernel)
        found = found + pairs / (weights.sum(1) ** 2 - (weights**2).sum(1))
    return found


def distances(a: Table, b: Table) -> Table:
    """(N, M) Euclidean distances."""
    squared = (a**2).sum(1)[:, None] + (b**2).sum(1)[None] - 2 * a @ b.T
    result: Table = np.sqrt(np.maximum(squared, 0))
    return result


def manifold(real: Table, fake: Table, k: int = NEIGHBOURS) -> dict[str, float]:
    """Precision, recall, density and coverage with balls to the k-th neighbour.

    Source: Kynkäänniemi et al. 2019 (precision, recall), Naeem et al. 2020 (density, coverage).
    """
    k = min(k, len(real) - 1, len(fake) - 1)
    own_real, own_fake, cross = distances(real, real), distances(fake, fake), distances(real, fake)
    ball_real, ball_fake = np.sort(own_real, axis=1)[:, k], np.sort(own_fake, axis=1)[:, k]
    inside = cross < ball_real[:, None]
    return {
        "precision": float(inside.any(0).mean()),
        "recall": float((cross < ball_fake[None]).any(1).mean()),
        "density": float(inside.sum(0).mean() / k),
        "coverage": float(inside.any(1).mean()),
    }


def memorised(train: Table, held: Table, fake: Table) -> dict[str, float | bool]:
    """How near fakes lie to training pictures, beside held-out ones: median ratio, share under the 1st percentile.

    The gate is passed where the ratio is at least 0.9 and the share under 1 %.
    """
    to_fake, to_held = distances(fake, train).min(1), distances(held, train).min(1)
    ratio = float(np.median(to_fake) / max(np.median(to_held), 1e-9))
    share = float((to_fake < np.percentile(to_held, 1)).mean())
    return {
        "memorised_ratio": ratio,
        "memorised_share": share,
        "memorised_passed": ratio >= NEAR_ENOUGH and share < COPIED,
    }


def spread(real: Table, fake: Table) -> float:
    """The mean distance between two fakes, as a share of that between two real pictures: 0 where all are one."""

    def mean(x: Table) -> float:
        return float(distances(x, x).sum() / (len(x) * (len(x) - 1)))

    return mean(fake) / max(mean(real), 1e-9)
