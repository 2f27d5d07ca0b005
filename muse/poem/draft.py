"""Drafts: plans written out by the model, many in one batch, and what each is worth to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from muse.bundle import Bundle
from muse.nn.sampling import Sampling
from muse.nn.writer import Continuation, Prompt
from muse.poem.frame import body
from muse.poem.model import writer
from muse.poem.plan import Plan
from muse.poem.vocabulary import UNKNOWN, Vocabulary

SAMPLING = Sampling(temperature=1.0, min_p=0.003)
LANES = {"cpu": 64, "cuda": 1024}
"""Candidates written in one batch, by device; Ctrl-C is heard between two of them."""


@dataclass(frozen=True, slots=True, eq=False)
class Draft:
    """One candidate.

    Attributes:
        lines: with the given characters as they were given, also those that the model does not know.
        body: its tokens, and where they stand.
        wished: (T,) log-probability in nats of each token given the wishes.
        own: (T,) bool, the characters that the model chose.
    """

    plan: Plan
    lines: tuple[str, ...]
    body: Prompt
    wished: npt.NDArray[np.float64]
    own: npt.NDArray[np.bool_]

    @property
    def text(self) -> str:
        return "".join(self.lines)

    def mean(self, nats: npt.NDArray[np.float64]) -> float:
        """The mean of a figure a token over the characters that the model chose; 0 where it chose none."""
        return float(nats[self.own].mean()) if self.own.any() else 0.0


def drafts(plans: Sequence[Plan], seeds: Sequence[int], bundle: Bundle, device: str = "auto") -> list[Draft]:
    """One candidate for each plan and seed, those of one automaton in common batches."""
    by, vocabulary = writer(bundle, device)
    most = LANES.get(device, LANES["cpu"])
    groups: dict[int, list[int]] = {}
    for number, plan in enumerate(plans):
        groups.setdefault(id(plan.constraint), []).append(number)
    found: dict[int, Draft] = {}
    for group in groups.values():
        for begin in range(0, len(group), most):
            here = group[begin : begin + most]
            prompts = {id(plans[number]): plans[number].prompt() for number in here}
            written = by.generate(
                [prompts[id(plans[number])] for number in here],
                [plans[number].constraint for number in here],
                SAMPLING,
                [seeds[number] for number in here],
            )
            found |= {
                number: draft_of(plans[number], one, vocabulary) for number, one in zip(here, written, strict=True)
            }
    return [found[number] for number in range(len(plans))]


def draft_of(plan: Plan, one: Continuation, vocabulary: Vocabulary) -> Draft:
    """What was written along a plan."""
    tokens = one.tokens
    characters = (tokens >= vocabulary.first) | (tokens == UNKNOWN)
    placed = np.array(body(plan.outline, tokens[characters].tolist(), vocabulary))
    text = vocabulary.decode(tokens.tolist())
    lines, start = [], 0
    for line, width in enumerate(plan.outline.widths):
        lines.append("".join(plan.text.characters.get((line, place), text[start + place]) for place in range(width)))
        start += width
    given = {(line + 1, place) for line, place in plan.text.characters}
    own = characters & np.array([(row, col) not in given for _, row, col in placed.tolist()])
    token, row, col = (tuple(axis) for axis in placed.T.tolist())
    return Draft(plan, tuple(lines), Prompt(token, row, col), one.logprob_free, own)


def plain(made: Sequence[Draft], bundle: Bundle, device: str = "auto") -> list[npt.NDArray[np.float64]]:
    """For each draft (T,) nats of its tokens with the form as the only prefix."""
    by, _ = writer(bundle, device)
    prompts: dict[object, Prompt] = {}
    asked = [prompts.setdefault(draft.plan.outline, draft.plan.plain()) for draft in made]
    return by.score(asked, [draft.body for draft in made])
