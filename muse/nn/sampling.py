"""Drawing tokens: from logits and a mask to one token a request, by one uniform number a step."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from muse.errors import MuseError, UsageError

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Sampling:
    """How a token is drawn from the allowed ones; in this order.

    Attributes:
        temperature: logits are divided by it; 0 takes the likeliest token, without chance.
        top_k: only the k likeliest; 0 is off. Tokens as likely as the k-th stay too.
        top_p: only the likeliest whose probabilities together reach p; 1 is off. Source: Holtzman et al. 2020.
        min_p: only those at least this times as likely as the likeliest; 0 is off. Source: Nguyen et al. 2024.
    """

    temperature: float = 1.0
    top_k: int = 0
    top_p: float = 1.0
    min_p: float = 0.0

    def __post_init__(self) -> None:
        for name, fits, bounds in (
            ("temperature", 0 <= self.temperature < np.inf, "0 or more"),
            ("top_k", self.top_k >= 0, "0 or more"),
            ("top_p", 0 < self.top_p <= 1, "in (0, 1]"),
            ("min_p", 0 <= self.min_p <= 1, "in [0, 1]"),
        ):
            if not fits:
                raise UsageError(f"{name} is {getattr(self, name)}", f"it must be {bounds}")


@dataclass(frozen=True, slots=True)
class Drawn:
    """What was drawn.

    Attributes:
        tokens: (B,) int64.
        free: (B,) fp64, log-probability in nats among all tokens, as the model has it (temperature 1).
        masked: (B,) fp64, the same among the allowed tokens only.
    """

    tokens: npt.NDArray[np.int64]
    free: Floats
    masked: Floats


def draw(logits: npt.NDArray[np.float32], allowed: npt.NDArray[np.bool_], how: Sampling, uniform: Floats) -> Drawn:
    """One token a row: the first whose cumulative weight, in order of token numbers and in fp64, passes `uniform`.

    So the same logits, mask and numbers give the same tokens in any program that follows these steps.

    Args:
        logits: (B, V) fp32.
        allowed: (B, V), at least one True in each row.
        uniform: (B,) in [0, 1).

    Raises:
        MuseError: a logit is not a number.

    >>> row = np.log(np.array([[0.1, 0.2, 0.7]], dtype=np.float32))
    >>> draw(row, np.array([[True, True, False]]), Sampling(), np.array([0.5])).tokens
    array([1])
    """
    each = np.arange(len(logits))
    top = logits.max(1, keepdims=True)
    with np.errstate(invalid="ignore"):
        total = np.log(np.exp(logits - top).sum(1, dtype=np.float64)) + top[:, 0]
    if not np.isfinite(total).all():
        raise MuseError("the model's logits are not numbers", "its weights may be damaged", "verify the bundle")
    kept = np.where(allowed, logits, np.float32(-np.inf))
    highest = kept.max(1, keepdims=True)
    scores = (kept - highest).astype(np.float64)
    weights = np.exp(scores)
    of_allowed = np.log(weights.sum(1)) + highest[:, 0]
    if how.temperature == 0:
        tokens = kept.argmax(1)
    else:
        if how.temperature != 1:
            with np.errstate(over="ignore"):
                weights = np.exp(scores / how.temperature)
        tokens = _pass(_truncated(weights, how), uniform)
    chosen = logits[each, tokens].astype(np.float64)
    return Drawn(tokens, chosen - total, chosen - of_allowed)


def _pass(weights: Floats, uniform: Floats) -> npt.NDArray[np.int64]:
    reached = np.cumsum(weights, 1)
    goal = np.minimum(uniform * reached[:, -1], np.nextafter(reached[:, -1], 0))
    passed: npt.NDArray[np.int64] = (reached > goal[:, None]).argmax(1)
    return passed


def _truncated(weights: Floats, how: Sampling) -> Floats:
    """weights: (B, V), at most 1, with those that are cut off set to 0."""
    size = weights.shape[1]
    least = np.full((len(weights), 1), how.min_p)
    if 0 < how.top_k < size:
        bound = np.partition(weights, size - how.top_k, 1)[:, size - how.top_k, None]
        weights = np.where(weights >= bound, weights, 0.0)
    if how.top_p < 1:
        least = np.maximum(least, _nucleus(weights, how.top_p))
    return np.where(weights >= least, weights, 0.0) if (least > 0).any() else weights


def _nucleus(weights: Floats, share: float) -> Floats:
    """(B, 1): the weight of the last token needed to reach `share` of the sum."""
    total = weights.sum(1, keepdims=True)
    least = np.zeros_like(total)
    for line, row in enumerate(weights):
        # tokens below this bound together weigh less than 1 - share: the nucleus is among the others
        falling = -np.sort(-row[row > (1 - share) * total[line] / len(row)])
        needed = int(np.searchsorted(np.cumsum(falling), share * total[line, 0] * (1 - 1e-12)))
        least[line] = falling[min(needed, len(falling) - 1)]
    return np.asarray(least, dtype=np.float64)
