"""Where a Chinese poem could have gone: at each place what its form left of the vocabulary, and what the model made of
it. The facts are those of the writer: the masks of the automaton that it follows, the probabilities of its model.

A character that the form would not have let through is marked, with what was allowed in its place; from there on the
poem is followed as it stands.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from muse.bundle import Bundle
from muse.nn.writer import Prompt
from muse.poem.frame import Placed, body
from muse.poem.model import writer
from muse.poem.plan import walk_of
from muse.poem.poem import Poem
from muse.poem.sounds import NEVER
from muse.poem.wishes import Wishes
from muse.poem.workshop.alternatives import tones
from muse.poem.workshop.desk import Desk
from muse.poem.workshop.terms import Explanation
from muse.poem.workshop.terms import Place as Told
from muse.tables.books import BOOKS

Mask = npt.NDArray[np.bool_]
RULES = ("tone", "rhyme", "repetition", "novelty")
_WHY = {"tone": "stands against the tones of the form", "rhyme": "does not rhyme",
        "repetition": "comes a second time, which muse avoids", "novelty": "ends a known line"}  # fmt: skip


def explain(poem: Poem, wishes: Wishes, bundle: Bundle, device: str = "auto") -> Explanation:
    """Each place of a poem as the writer saw it, its wishes being known.

    Raises:
        InputError: the poem has no form that muse writes.
    """
    desk = Desk.of(poem, wishes, bundle)
    plan, every = desk.plan({}), sorted(desk.every.items())
    by, vocabulary = writer(bundle, device)
    placed = body(plan.outline, vocabulary.encode("".join(one for _, one in every)), vocabulary)
    token, row, col = (tuple(axis) for axis in zip(*placed, strict=True))
    nats = by.predictions(plan.prompt(), Prompt(token, row, col))
    able = plan.characters.classes != NEVER
    able[: vocabulary.first] = False
    stages = _followed(desk, placed)
    places, notes = [], []
    for (at, masks), ((line, place), text) in zip(stages.items(), every, strict=True):
        left = [able, *(mask & able for mask in masks)]
        removed = {rule: int(before.sum() - after.sum())
                   for rule, before, after in zip(RULES, left, left[1:], strict=False)}  # fmt: skip
        fits = bool(left[-1][token[at]])
        letter = desk.fit.patterns(line).rhyme if place == len(desk.poem.lines[line]) - 1 else ""
        places.append(
            Told(line + 1, place + 1, text, tones(text, desk.fit.book), desk.fit.wanted(line, place),
                 desk.fit.rhymes.get(letter, ""), removed, int(left[-1].sum()), fits,
                 *worth(nats[at], left[-1], token[at]))
        )  # fmt: skip
        if not fits:
            why = next((_WHY[rule] for rule, mask in zip(RULES, left[1:], strict=False) if not mask[token[at]]), "")
            known = why if able[token[at]] else "is none of the characters that muse writes"
            notes.append(f"line {line + 1}, place {place + 1}: {text} {known}")
    form = desk.fit.score
    return Explanation(poem.title, form.form, form.tune, BOOKS[desk.fit.book], int(able.sum()), tuple(places),
                       tuple(notes))  # fmt: skip


def worth(nats: npt.NDArray[np.float64], allowed: Mask, token: int) -> tuple[float, float, int, int]:
    """(probability, among those allowed, rank, rank among those allowed) of a token; see `Place`."""
    chances = np.exp(nats)
    better = nats > nats[token]
    if not allowed[token]:
        return float(chances[token]), 0.0, int(better.sum()) + 1, 0
    share = float(chances[token] / chances[allowed].sum())
    return float(chances[token]), share, int(better.sum()) + 1, int((better & allowed).sum()) + 1


def _followed(desk: Desk, placed: list[Placed]) -> dict[int, tuple[Mask, ...]]:
    """At each character, by its index among the tokens, the masks as they are narrowed.

    Where the automaton stops at one, it is made anew with the character given there.
    """
    characters, wishes = desk.characters(), desk.wishes
    demands = desk.demands({})
    found: dict[int, tuple[Mask, ...]] = {}
    marks = _marks(desk)
    while True:
        rule = walk_of(desk.bundle, desk.fit.score, characters, demands, wishes.novel)
        state = rule.start()
        for at, (token, row, col) in enumerate(placed):
            masks = rule.stages(state)
            if at not in marks:
                found.setdefault(at, masks)
            if not masks[-1][token]:
                here = row - 1, col
                demands = replace(demands, fixed={**demands.fixed, here: desk.every[here]},
                                  relaxed=demands.relaxed | {here})  # fmt: skip
                break
            state = rule.advance(state, token)
        else:
            return found


def _marks(desk: Desk) -> set[int]:
    """Which of the poem's tokens are marks between its lines."""
    outline, vocabulary = desk.fit.score.outline, desk.characters().vocabulary
    found: set[int] = set()
    at = 0
    for line, width in enumerate(outline.widths):
        count = len(outline.before(line, vocabulary)) if line else 0
        found |= set(range(at, at + count))
        at += count + width
    return found
