"""Chinese poems rewritten in part: drafts of the free places, of which the best that is new is kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from muse.bundle import Bundle
from muse.errors import WishError
from muse.poem.draft import Draft, drafts
from muse.poem.poem import Poem
from muse.poem.rank import score
from muse.poem.wishes import Wishes
from muse.poem.workshop.desk import Desk
from muse.poem.workshop.former import check_kept, chosen, places_of
from muse.poem.write import poem_of
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
        keep: characters and words that stay where they stand in these lines.

    Raises:
        InputError: the poem has no form that muse writes.
        UsageError, WishError: a number of no line, or wishes that cannot be met.
    """
    desk = Desk.of(poem, wishes, bundle)
    check_kept(desk.poem, keep)
    new = chosen(desk.poem, lines)
    kept = {place: one for place, one in desk.every.items() if place[0] not in new}
    for line in new:
        stay = {(line, place) for place in places_of(desk.poem.lines[line], keep)} | desk.acrostic()
        kept |= {place: one for place, one in desk.every.items() if place[0] == line and place in stay}
    desk.refuse_whole(kept)
    changing = [line for line in new if any((line, place) not in kept for place in range(len(desk.poem.lines[line])))]
    plan, locked = desk.plan(kept), desk.locked(kept)
    for seed in seeds:
        for turn in range(ROUNDS):
            each = [derive(seed, "rewrite", turn, index) for index in range(wishes.candidates)]
            made = drafts([plan] * len(each), each, bundle, device)
            fresh = [one for one in made if all(_anew(one, desk, line, kept) for line in changing)]
            if fresh:
                break
        else:
            raise WishError("nothing else fits there", f"{ROUNDS * wishes.candidates} drafts gave the lines back",
                            "keep less, or rewrite more lines")  # fmt: skip
        yield poem_of(_best(fresh, desk, bundle, device), locked, bundle, seed)


def _anew(draft: Draft, desk: Desk, line: int, kept: Mapping[tuple[int, int], str]) -> bool:
    """Whether at least half of the free places of a line are others than they were."""
    free = [place for place in range(len(draft.lines[line])) if (line, place) not in kept]
    same = sum(draft.lines[line][place] == desk.poem.lines[line][place] for place in free)
    return 2 * same <= len(free)


def _best(made: Sequence[Draft], desk: Desk, bundle: Bundle, device: str) -> Draft:
    if len(made) == 1:
        return made[0]
    imagery = "".join(dict.fromkeys("".join((*desk.wishes.theme.zh[:3], *made[0].plan.fields.keys))))
    return made[int(score(made, bundle, imagery, device).argmax())]
