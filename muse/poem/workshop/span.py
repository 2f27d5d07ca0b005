"""One line of a Chinese poem written anew between the others: drafts that begin at the line and end with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from muse.constraint import Tables
from muse.nn.writer import Prompt
from muse.poem.frame import body
from muse.poem.plan import Plan
from muse.walk import State, Walk

Place = tuple[int, int]


@dataclass(frozen=True, eq=False)
class Span:
    """A line before it is written.

    Attributes:
        prompt: all that stands before it. plain: the same with the form as the only wish, and nothing given ahead.
        rule: the automaton of the poem from the line's beginning to its end.
    """

    line: int
    prompt: Prompt
    plain: Prompt
    rule: Walk

    def placed(self, tokens: tuple[int, ...]) -> Prompt:
        """The line's tokens where they stand."""
        return Prompt(tokens, (self.line + 1,) * len(tokens), tuple(range(len(tokens))))


def span_of(plan: Plan, line: int, every: Mapping[Place, str]) -> Span:
    """The span of a line of which some places are free; `every` are the characters of the poem."""
    outline, vocabulary = plan.outline, plan.characters.vocabulary
    tokens = vocabulary.encode("".join(one for _, one in sorted(every.items())))
    begin = sum(outline.widths[:line]) + sum(len(outline.before(one, vocabulary)) for one in range(1, line + 1))
    before = body(outline, tokens, vocabulary)[:begin]
    state: State = plan.constraint.start()
    for token, _, _ in before:
        state = plan.constraint.advance(state, token)
    tables = plan.constraint.tables()
    final = tables.final.copy()
    final[_reached(tables, state.number, outline.widths[line])] = True
    rule = Walk(replace(tables, begin=state.number, open=state.open, final=final))
    return Span(line, _joined(plan.prompt(), before), _joined(plan.plain(), before), rule)


def _reached(tables: Tables, number: int, steps: int) -> list[int]:
    """The states after so many tokens."""
    here = np.array([number])
    for _ in range(steps):
        after = np.concatenate([tables.plain[here].ravel(), tables.bound[here].ravel()])
        here = np.unique(after[after >= 0])
    return [int(one) for one in here]


def _joined(prompt: Prompt, placed: list[tuple[int, int, int]]) -> Prompt:
    token, row, col = zip(*placed, strict=True) if placed else ((), (), ())
    return Prompt(prompt.tokens + tuple(token), prompt.row + tuple(row), prompt.col + tuple(col))
