"""Dials over an English poem: plain ↔ dense and sad ↔ bright, its form and the last words of its lines kept.

Words are freed, the more the further a dial is turned, those first that hold against it, and written anew with the mood
in the prefix and without words that lead back. Of the drafts that one is kept which is best by

    log p a token − DISTANCE · Σ |score − wanted score| / reach

where the wanted score is the present one + value · reach; the scores are those of `muse.poem.workshop.measures`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from muse.bundle import Bundle
from muse.errors import WishError
from muse.poem.english.asked import Plan
from muse.poem.english.draft import Draft, drafts
from muse.poem.english.model import writer
from muse.poem.english.text import parts, words_of
from muse.poem.english.write import poem_of, unread
from muse.poem.novelty import Index
from muse.poem.poem import Poem
from muse.poem.wishes import Wishes
from muse.poem.workshop.english.desk import Desk
from muse.poem.workshop.english.rewriting import units, with_gaps
from muse.poem.workshop.former import chosen
from muse.poem.workshop.measures import REACH, measured, weight
from muse.seed import derive, stream

DISTANCE = 4.0
SHARE = 0.5
"""Of the words, how many are freed at a full turn."""
CHOICES, EACH = 4, 8
"""Choices of words for one poem, and drafts for each."""
Word = tuple[int, int]


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
        InputError: the poem cannot be read as English verse.
        UsageError, WishError: a number of no line, or wishes that cannot be met.
    """
    desk = Desk.of(poem, replace(wishes, mood=replace(wishes.mood, **dial)), bundle)
    now = measured(poem.lines, "en")
    wanted = {axis: now[axis] + value * REACH[axis] for axis, value in dial.items()}
    still = {word for text in keep for word in words_of(parts(text) or ())}
    metered = [line for line in chosen(poem, lines) if "meter" not in desk.faults.get(line, "")]
    words = [(line, place) for line in metered for place, word in enumerate(units(poem.lines[line])[:-1])
             if not still.intersection(words_of(parts(word) or ()))]  # fmt: skip
    if not words:
        raise WishError("nothing is left to turn", "every word of these lines is kept, or they break the meter",
                        "keep less, name more lines")  # fmt: skip
    away = _away(desk, dial)
    index = Index.thaw(bundle) if wishes.novel else Index()
    for seed in seeds:
        made: list[tuple[Plan, Draft]] = []
        for choice in range(CHOICES):
            plan = _planned(desk, _freed(desk, words, dial, seed, choice), away)
            if plan is not None:
                each = [derive(seed, "dial", choice, number) for number in range(EACH)]
                made += [(plan, one) for one in drafts(writer(bundle, device), desk.book, [plan] * EACH, each)
                         if one.lines != poem.lines and unread(one, plan, index)]  # fmt: skip
        if not made:
            raise WishError("nothing else fits there", "the form leaves no other words", "turn the dial further")
        plan, best = max(made, key=lambda pair: _worth(pair[1], wanted))
        yield poem_of(desk.wishes, plan, best, seed, bundle)


def _planned(desk: Desk, free: set[Word], away: tuple[int, ...]) -> Plan | None:
    """The plan with some words free; None where these cannot be."""
    lines = {line for line, _ in free}
    partly = {}
    for line in sorted(lines):
        words = units(desk.poem.lines[line])
        partly[line] = with_gaps(words, [(line, place) not in free for place in range(len(words))])
    try:
        plan = desk.plan([line for line in range(len(desk.poem.lines)) if line not in lines], partly)
    except WishError:  # the words that stay leave no room in the meter
        return None
    return replace(plan, asked=replace(plan.asked, blocked=(*plan.asked.blocked, *away)))


def _freed(desk: Desk, words: Sequence[Word], dial: Mapping[str, float], seed: int, choice: int) -> set[Word]:
    """The words that change: those that hold against the dial first, the others in an order of chance."""
    count = max(1, round(SHARE * max(map(abs, dial.values())) * len(words)))
    chance = stream(seed, "words", choice).random(len(words))

    def along(word: Word) -> float:
        text = units(desk.poem.lines[word[0]])[word[1]]
        return sum(value * weight(text, axis, "en") / REACH[axis] for axis, value in dial.items())

    order = np.lexsort((chance, np.array([along(word) for word in words])))
    return {words[at] for at in order[:count]}


def _away(desk: Desk, dial: Mapping[str, float]) -> tuple[int, ...]:
    """Words of the vocabulary that lead away from where the dial points; never those that make no line without."""
    value = dial.get("valence", 0.0)
    if not value:
        return ()
    kept: dict[int, float] = desk.bundle.cache.setdefault("valence", {})
    if not kept:
        tokens = desk.book.vocabulary.tokens
        kept |= {token: weight(tokens[token], "valence", "en") for token in desk.book.vocabulary.words}
    return tuple(token for token, found in kept.items() if found * value < 0)


def _worth(draft: Draft, wanted: Mapping[str, float]) -> float:
    found = measured(draft.lines, "en")
    return draft.wished - DISTANCE * sum(abs(found[axis] - wanted[axis]) / REACH[axis] for axis in wanted)
