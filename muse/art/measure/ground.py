"""The real pictures that others are measured against, as features, and all figures of some pictures against them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from muse.art.corpus import Pictures
from muse.art.measure.distances import NEIGHBOURS, Table, kid, kid_interval, manifold, memorised, spread
from muse.art.measure.features import Network, noise, remembered, squares
from muse.art.measure.probe import Probe, probe
from muse.seed import stream

Labels = npt.NDArray[np.int64]
LEAST = 4
VARIED = 0.7


@dataclass(frozen=True)
class Ground:
    """Real pictures.

    Attributes:
        styles: names of the classes. network: what the features come from.
        real: (N, D) features of the pictures compared with; labels: (N,) their classes.
        known, known_labels: those of the pictures learned from, for the probe, the floor and to know copies by; where
            there are none besides the compared ones, these, and `alone` is set: nothing is then said of memorisation.
        seed: of every draw.
    """

    styles: tuple[str, ...]
    network: Network
    real: Table
    labels: Labels
    known: Table
    known_labels: Labels
    alone: bool
    seed: int = 0

    @cached_property
    def judge(self) -> Probe:
        """The probe, which has seen none of the pictures compared with."""
        return probe(self.known, self.known_labels, len(self.styles))

    def floor(self) -> tuple[Table, Table]:
        """Real against real: the compared ones and as many known ones of the same classes; two halves without such."""
        rng = stream(self.seed, "floor")
        like = np.concatenate(
            [
                rng.permutation(np.flatnonzero(self.known_labels == k))[: int((self.labels == k).sum())]
                for k in range(len(self.styles))
            ]
        )
        if self.alone or len(like) < LEAST:
            return self.real[::2], self.real[1::2]
        return self.real, self.known[like]

    def ends(self, count: int) -> dict[str, float]:
        """Where the figures begin and end: `floor_…` of real pictures against real ones, `ceiling` of noise."""
        real, other = self.floor()
        return {
            "floor": kid(real, other),
            **{f"floor_{name}": value for name, value in manifold(real, other).items()},
            **({} if self.alone else {"probe_on_real": self.accuracy()}),
            "ceiling": kid(self.real, self.network(noise(count))),
        }

    def accuracy(self, label: int | None = None) -> float:
        """The probe's share of right answers on the compared pictures, of all classes or of one."""
        own = np.ones(len(self.real), bool) if label is None else self.labels == label
        return float((self.judge(self.real[own]) == self.labels[own]).mean())

    def against(self, fake: Table, asked: Labels | None = None) -> dict[str, Any]:
        """All figures of pictures with features (M, D).

        Args:
            asked: (M,) the class that each was to be; None where none was asked: then nothing stands by class.
        """
        low, high = kid_interval(self.real, fake, self.seed)
        result: dict[str, Any] = {
            "fakes": len(fake),
            "kid": kid(self.real, fake),
            "kid_low_high": [low, high],
            **manifold(self.real, fake),
            **({} if self.alone else memorised(self.known, self.real, fake)),
        }
        if asked is None:
            return result
        right = self.judge(fake) == asked
        result["class_accuracy"] = float(right.mean())
        classes = {}
        for k, style in enumerate(self.styles):
            ours, theirs = fake[asked == k], self.real[self.labels == k]
            if min(len(ours), len(theirs)) >= LEAST:
                classes[style] = self._one(theirs, ours, k) | {"class_accuracy": float(right[asked == k].mean())}
        if classes:
            result["spread"] = float(np.mean([one["spread"] for one in classes.values()]))
        result["spread_too_small"] = [style for style, one in classes.items() if one["spread"] < VARIED]
        result["per_class"] = classes
        return result

    def _one(self, theirs: Table, ours: Table, label: int) -> dict[str, Any]:
        known = self.known[self.known_labels == label]
        low, high = kid_interval(theirs, ours, self.seed)
        found: dict[str, Any] = {
            "pictures": len(theirs),
            "fakes": len(ours),
            "kid": kid(theirs, ours),
            "kid_low_high": [low, high],
            **manifold(theirs, ours),
            "spread": spread(theirs, ours),
        }
        if self.alone:
            return found
        like = stream(self.seed, "floor", label).permutation(known)[: len(theirs)]
        return (
            found
            | ({"floor": kid(theirs, like)} if len(like) >= LEAST else {})
            | {"probe_on_real": self.accuracy(label)}
        )


def ground(pictures: Pictures, chosen: Labels, network: Network, seed: int = 0) -> Ground:
    """The chosen pictures to compare with, and those of the training part that are not among them."""
    other = pictures.where("train")
    other = other[np.isin(other, chosen, invert=True)]
    alone = len(other) < 2 * LEAST
    labels = pictures.labels()
    known = chosen if alone else other
    real = remembered(network, squares(pictures, chosen))
    return Ground(
        pictures.styles,
        network,
        real,
        labels[chosen],
        real if alone else remembered(network, squares(pictures, known)),
        labels[known],
        alone,
        seed,
    )


def setting(ground: Ground) -> dict[str, Any]:
    """What stands beside every figure: the network, k, N, the seed."""
    return {
        "features": ground.network.name,
        "pictures": len(ground.real),
        "known": 0 if ground.alone else len(ground.known),
        "k": min(NEIGHBOURS, len(ground.real) - 1),
        "seed": ground.seed,
    }
