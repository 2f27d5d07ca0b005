"""The gate at the end of learning from little: does the model paint, or does it give back what it was shown?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from muse.art.measure.distances import COPIED, NEAR_ENOUGH, distances

Pixels = npt.NDArray[np.uint8]
Table = npt.NDArray[np.float64]
COPIES = 3


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the gate found.

    Attributes:
        ratio: the median distance of fakes to the nearest training picture, beside that of real unseen pictures.
        share: of the fakes, how many lie nearer than 99 of 100 real pictures do.
        passed: ratio at least 0.9 and share under 1 %.
        fakes, reals: how many were measured.
        nearest: files of the training pictures that fakes came nearest to.
    """

    ratio: float
    share: float
    passed: bool
    fakes: int
    reals: int
    nearest: tuple[str, ...] = ()

    def card(self) -> dict[str, Any]:
        """The verdict for the card of a bundle, with its words."""
        return {**asdict(self), "nearest": list(self.nearest), "said": self.said()}

    def said(self) -> str:
        """What it means, for people, and what to do where it was not passed."""
        found = f"its pictures lie {self.ratio:.2f} times as far from those learned from as unseen ones do (≥ 0.9), "
        found += f"{self.share:.1%} nearer than 99 of 100 real ones (< 1 %)"
        if self.passed:
            return f"memorisation gate passed: {found}"
        copied = f", most of all {', '.join(self.nearest)}" if self.nearest else ""
        return (
            f"memorisation gate FAILED: {found}. It gives back pictures of the corpus in part{copied}: do not hand out "
            "what it paints as new. Give more pictures, or let it learn for fewer steps (--set run.steps=…)"
        )


def gate(
    features: Callable[[Pixels], Table], train: Pixels, held: Pixels, fakes: Pixels, files: tuple[str, ...] = ()
) -> Verdict:
    """The verdict on some fakes.

    How near real pictures lie to the training ones is measured by those held out and, since those are few, by each
    training picture beside the others. All count mirrored too, for that is how they are shown to the model.

    Args:
        features: what pictures are compared by.
        train, held, fakes: (N, H, W, 3) squares; `held` may be empty.
        files: names of the training pictures.
    """
    known = np.concatenate([features(train), features(np.ascontiguousarray(train[:, :, ::-1]))])
    places = np.arange(len(train))
    among = distances(known[: len(train)], known)
    among[places, places] = among[places, places + len(train)] = np.inf
    real = among.min(1)
    if len(held):
        real = np.concatenate([real, distances(features(held), known).min(1)])
    away = distances(features(fakes), known)
    near = away.min(1)
    ratio = float(np.median(near) / max(np.median(real), 1e-9))
    share = float((near < np.percentile(real, 1)).mean())
    order = away.argmin(1)[np.argsort(near, kind="stable")] % len(train)
    nearest = tuple(dict.fromkeys(files[int(place)] for place in order))[:COPIES] if files else ()
    return Verdict(ratio, share, ratio >= NEAR_ENOUGH and share < COPIED, len(fakes), len(real), nearest)
