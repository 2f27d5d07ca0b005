"""Dials over a Chinese poem: plain ↔ dense and sad ↔ bright, its form and rhyme words kept.

Words (two places of a line, its end apart) are freed, the more the further a dial is turned, those first that hold
against it, and written anew with the mood in the prefix and without characters that lead back. Of the drafts that one
is kept which is best by

    log p a free character − DISTANCE · Σ |score − wanted score| / reach − CHANGED · share of other characters

where the wanted score is the present one + value · reach; the scores are those of `muse.poem.workshop.measures`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from muse.bundle import Bundle
from muse.errors import WishError
from muse.poem.draft import Draft, drafts
from muse.poem.poem import Poem
from muse.poem.wishes import Wishes
from muse.poem.workshop.desk import Desk
from muse.poem.workshop.former import chosen, places_of
from muse.poem.workshop.measures import REACH, against, measured, weight
from muse.poem.write import poem_of
from muse.seed import derive, stream

DISTANCE = 6.0
CHANGED = 1.0
SHARE = 0.7
"""Of the words, how many are freed at a full turn."""
CHOICES, EACH = 4, 16
"""Choices of words for one poem, and drafts for each."""
Word = tuple[int, tuple[int, ...]]


def turn(
    poem: Poem,
    dial: Mapping[str, float],
    lines: Sequence[int] | None,
    keep: Sequence[str],
    wishes: Wishes,
    bundle: Bundle,
    seeds: Sequence[int],
    device: str = "auto",
) -> Iterator[Poem]:
    """The poem moved along the axes of a dial, for each seed.

    Raises:
        InputError: the poem has no form that muse writes.
        UsageError, WishError: a number of no line, or wishes that cannot be met.
    """
    mood = replace(wishes.mood, **dial)
    desk = Desk.of(poem, replace(wishes, mood=mood), bundle)
    forbidden = "".join(dict.fromkeys("".join(against(axis, value) for axis, value in dial.items())))
    now = measured(desk.poem.lines, "zh")
    wanted = {axis: now[axis] + value * REACH[axis] for axis, value in dial.items()}
    words = [word for line in chosen(desk.poem, lines) for word in _words(desk, line, keep)]
    if not words:
        raise WishError("nothing is left to turn", "every word of these lines is kept", "keep less, name more lines")
    for seed in seeds:
        made: list[tuple[Draft, Wishes]] = []
        for choice in range(CHOICES):
            free = _freed(desk, words, dial, seed, choice)
            kept = {place: one for place, one in desk.every.items() if place not in free}
            try:
                plan = desk.plan(kept, forbidden)
            except WishError:
                continue
            each = [derive(seed, "dial", choice, index) for index in range(EACH)]
            made += [(one, desk.locked(kept)) for one in drafts([plan] * EACH, each, bundle, device)]
        made = [(one, lock) for one, lock in made if one.lines != desk.poem.lines]
        if not made:
            raise WishError("nothing else fits there", "the form leaves no other word", "turn the dial further")
        best = max(made, key=lambda pair: _worth(pair[0], desk, wanted))
        yield poem_of(*best, bundle, seed)


def _words(desk: Desk, line: int, keep: Sequence[str]) -> Iterator[Word]:
    """The words of a line that may change: two places each, the last place by itself where it does not rhyme."""
    width = len(desk.poem.lines[line])
    still = places_of(desk.poem.lines[line], keep) | {place for at, place in desk.acrostic() if at == line}
    cuts = [tuple(range(at, min(at + 2, width - 1))) for at in range(0, width - 1, 2)]
    if not desk.fit.patterns(line).rhyme:
        cuts.append((width - 1,))
    yield from ((line, places) for places in cuts if not still.intersection(places))


def _freed(
    desk: Desk, words: Sequence[Word], dial: Mapping[str, float], seed: int, choice: int
) -> set[tuple[int, int]]:
    """The places of the words that change: those that hold against the dial first, the others in an order of chance."""
    count = max(1, round(SHARE * max(map(abs, dial.values())) * len(words)))
    chance = stream(seed, "words", choice).random(len(words))

    def along(word: Word) -> float:
        text = "".join(desk.poem.lines[word[0]][place] for place in word[1])
        return sum(value * weight(text, axis, "zh") / REACH[axis] for axis, value in dial.items())

    order = np.lexsort((chance, np.array([along(word) for word in words])))
    return {(words[at][0], place) for at in order[:count] for place in words[at][1]}


def _worth(draft: Draft, desk: Desk, wanted: Mapping[str, float]) -> float:
    found = measured(draft.lines, "zh")
    far = sum(abs(found[axis] - wanted[axis]) / REACH[axis] for axis in wanted)
    before, after = "".join(desk.poem.lines), "".join(draft.lines)
    changed = sum(one != other for one, other in zip(before, after, strict=True)) / len(before)
    return draft.mean(draft.wished) - DISTANCE * far - CHANGED * changed
