"""English poems rewritten in part: drafts of the free lines, of which the best that is new is kept."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from muse.bundle import Bundle
from muse.errors import WishError
from muse.poem.english.asked import Plan
from muse.poem.english.draft import Draft, drafts
from muse.poem.english.model import writer
from muse.poem.english.text import parts, words_of
from muse.poem.english.write import best_of, holds, poem_of, unread
from muse.poem.novelty import Index
from muse.poem.poem import Poem
from muse.poem.wishes import Wishes
from muse.poem.workshop.english.desk import GAP, Desk
from muse.poem.workshop.former import check_kept, chosen
from muse.seed import derive

ROUNDS = 4
"""How often drafts are written anew where none differs in every line that was named."""


def rewrite(
    poem: Poem,
    lines: Sequence[int] | None,
    keep: Sequence[str],
    wishes: Wishes,
    bundle: Bundle,
    seeds: Sequence[int],
    device: str = "auto",
) -> Iterator[Poem]:
    """The poem with some lines written anew, for each seed.

    Args:
        lines: from 1; None for all.
        keep: words that stay in these lines.

    Raises:
        InputError: the poem cannot be read as English verse.
        UsageError, WishError: a number of no line, or wishes that cannot be met.
    """
    desk = Desk.of(poem, wishes, bundle)
    check_kept(poem, keep)
    new = chosen(poem, lines)
    partly = {line: text for line in new if (text := locked(poem.lines[line], keep)) != GAP}
    whole = [line for line in partly if GAP not in partly[line]]
    partly = {line: text for line, text in partly.items() if line not in whole}
    changing = [line for line in new if line not in whole]
    plan = desk.plan([line for line in range(len(poem.lines)) if line not in changing], partly)
    for seed in seeds:
        yield poem_of(desk.wishes, plan, _new(desk, plan, changing, seed, device), seed, bundle)


def locked(line: str, keep: Sequence[str]) -> str:
    """A line with GAP for each run of words that do not stay.

    >>> locked("The silver moon is high.", ["silver moon"])
    '___ silver moon ___'
    """
    words = units(line)
    stays = [False] * len(words)
    for wish in keep:
        for at in standing(words, wish):
            stays[at] = True
    return with_gaps(words, stays)


def units(line: str) -> list[str]:
    """The words of a line with the marks after them; a dash parts two.

    >>> units("I say—vain, snow-white.")
    ['I', 'say—', 'vain,', 'snow-white.']
    """
    return re.findall(r"[^\s—–]+[—–]*|[—–]+", line)


def standing(words: Sequence[str], wish: str) -> set[int]:
    """Which of the units of a line hold some words that stand there one after another."""
    asked = words_of(parts(wish) or ())
    flat = [(word, at) for at, unit in enumerate(words) for word in words_of(parts(unit) or ())]
    return {at for begin in range(len(flat) - len(asked) + 1 if asked else 0)
            if [word for word, _ in flat[begin : begin + len(asked)]] == asked
            for _, at in flat[begin : begin + len(asked)]}  # fmt: skip


def with_gaps(words: Sequence[str], stays: Sequence[bool]) -> str:
    """The words that stay, GAP for each run of others."""
    found: list[str] = []
    for word, stay in zip(words, stays, strict=True):
        if stay:
            found.append(word)
        elif found[-1:] != [GAP]:
            found.append(GAP)
    return " ".join(found)


def _new(desk: Desk, plan: Plan, changing: Sequence[int], seed: int, device: str) -> Draft:
    """The best of the drafts that differ from the poem in each of some lines."""
    bundle = desk.bundle
    index = Index.thaw(bundle) if desk.wishes.novel else Index()
    before = [_said(desk.poem.lines[line]) for line in changing]
    for turn in range(ROUNDS):
        seeds = [derive(seed, "rewrite", turn, number) for number in range(desk.wishes.candidates)]
        made = [
            one for one in drafts(writer(bundle, device), desk.book, [plan] * len(seeds), seeds)
            if all(_said(one.lines[line]) != old for line, old in zip(changing, before, strict=True))
            and holds(one, plan) and unread(one, plan, index)
        ]  # fmt: skip
        if made:
            return best_of(made, plan, bundle, device)
    raise WishError("nothing else fits there", f"{ROUNDS * desk.wishes.candidates} drafts gave no new poem",
                    "keep less, or rewrite more lines")  # fmt: skip


def _said(line: str) -> tuple[str, ...]:
    return tuple(words_of(parts(line) or ()))
