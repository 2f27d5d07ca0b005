"""How demands can be met: what has to be read leniently or relaxed, and, where they cannot, why, by the place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from muse.errors import WishError
from muse.poem.automaton import Demands, NoWay, automaton
from muse.poem.fields import rhymes_named
from muse.poem.score import Score
from muse.poem.sounds import Characters
from muse.walk import Walk

Build = Callable[[Score, Characters, Demands], Walk]


def met(
    score: Score, characters: Characters, demands: Demands, rhyme: str = "", build: Build = automaton
) -> tuple[Walk, Demands]:
    """The automaton, and the demands with what had to be read leniently or relaxed.

    Args:
        rhyme: the one wished for, or "".
        build: makes an automaton.

    Raises:
        WishError: the demands cannot be met; it names the place and what to change.
    """
    while True:
        failed: list[WishError] = []
        for each, asked in _ways(score, characters, demands, rhyme):
            try:
                return build(each, characters, asked), asked
            except WishError as error:
                failed.append(error)
        wall = max((error for error in failed if isinstance(error, NoWay)), key=lambda error: error.at, default=None)
        unlike = next((error for error in failed if not isinstance(error, NoWay)), None)
        more = _relaxed(score, characters, demands, wall)
        if more is not None:
            demands = more
        elif unlike and (wall is None or wall.at[0] == 0):  # a first line that may rhyme or not: it would, with others
            raise unlike
        else:
            assert wall is not None
            raise _explained(score, characters, demands, wall)


def _ways(score: Score, characters: Characters, demands: Demands, rhyme: str) -> Iterator[tuple[Score, Demands]]:
    """The score with each letter that may take the wished rhyme; apart for a given end that may rhyme or not."""
    signatures = dict.fromkeys(tuple(line.rhyme for line in lines) for lines in score.variants)
    either = [line for line, letters in enumerate(zip(*signatures, strict=True)) if len(set(letters)) > 1]
    parts = [score]
    if any((line, score.widths[line] - 1) in demands.fixed for line in either):
        parts = [replace(score, variants=tuple(lines for lines in score.variants
                                               if tuple(line.rhyme for line in lines) == signature))
                 for signature in sorted(signatures)]  # fmt: skip
    letters = [line.rhyme for line in score.variants[0] if line.rhyme]
    for part in parts:
        if not rhyme or not letters:
            yield part, demands
            continue
        wished = rhymes_named(rhyme, characters)
        for letter in sorted(dict.fromkeys(letters), key=lambda letter: -letters.count(letter)):
            yield part, replace(demands, rhymes={letter: wished})


def _relaxed(score: Score, characters: Characters, demands: Demands, wall: NoWay | None) -> Demands | None:
    """The demands with one more given place read as the form asks, or not counted; None where nothing is left to do."""
    if wall is None:
        ends = {(line, width - 1) for line, width in enumerate(score.widths)} & set(demands.fixed)
        more = frozenset() if characters.strict else ends - demands.relaxed
        return replace(demands, relaxed=demands.relaxed | more) if more else None
    if wall.at not in demands.fixed or wall.at in demands.relaxed:
        return None
    if len(characters.tones(demands.fixed[wall.at])) == 2 and wall.at not in demands.lenient:
        return replace(demands, lenient=demands.lenient | {wall.at})
    return None if characters.strict else replace(demands, relaxed=demands.relaxed | {wall.at})


def _explained(score: Score, characters: Characters, demands: Demands, wall: NoWay) -> WishError:
    """The wall as a sentence: which character, what the form wants, and what else would have to change."""
    form, (line, place), character = score.tune or score.form, wall.at, demands.fixed.get(wall.at)
    here = f"line {line + 1}, place {place + 1}"
    if character is None:
        return WishError(f"{here}: nothing fits", "the given text and what is forbidden leave no character",
                         "change a given or a forbidden word")  # fmt: skip
    level = True in characters.tones(character)
    earlier = [at for at in sorted(demands.fixed) if at < wall.at and _passes(score, characters, demands, at, wall)]
    others = [f"{demands.fixed[at]} (line {at[0] + 1}, place {at[1] + 1})" for at in earlier[:3]]
    return WishError(
        f"{here}: {character} is {'level' if level else 'oblique'}, {form} wants "
        f"{'an oblique' if level else 'a level'} tone there" + (f" after {' and '.join(others)}" if others else ""),
        "given text must keep the form",
        f"change {' or '.join([character, *others])}, or let it stand so (--loose, strict=False)",
    )  # fmt: skip


def _passes(score: Score, characters: Characters, demands: Demands, at: tuple[int, int], wall: NoWay) -> bool:
    """Whether a wall falls where one given character is left out."""
    fewer = {place: one for place, one in demands.fixed.items() if place != at}
    try:
        automaton(score, characters, replace(demands, fixed=fewer))
    except NoWay as error:
        return error.at > wall.at
    except WishError:
        return False
    return True
