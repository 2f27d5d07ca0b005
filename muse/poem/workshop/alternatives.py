"""Alternatives for a line or a word of a Chinese poem, and the facts that speak for each.

Drafts of the line are written between the lines before it and those after it, which are given ahead. Ranked by

    log p(line | all else) + INSIGHT · [log p(line | all else) − log p(line | form, lines before)] + PAIRED · 对仗
    − REPEAT · repeated characters

a character, 对仗 where the form wants it. From the best on each is taken that differs from the line as it is, and from
those taken, in half of the free places, and shares no word of two characters with them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from muse.bundle import Bundle
from muse.errors import UsageError, WishError
from muse.nn.sampling import Sampling
from muse.poem.model import writer
from muse.poem.plan import refused
from muse.poem.poem import Poem
from muse.poem.referee import parallelism
from muse.poem.vocabulary import COUPLET
from muse.poem.wishes import Wishes
from muse.poem.workshop.desk import Desk
from muse.poem.workshop.former import chosen
from muse.poem.workshop.span import span_of
from muse.poem.workshop.terms import Alternative
from muse.seed import derive
from muse.tables.books import BOOKS, sounds
from muse.tables.lexicon import interpret

Word = str | tuple[int, int] | None
INSIGHT = 1.0
PAIRED = 1.5
REPEAT = 1.0
DRAFTS = 48
HEAT = (1.0, 1.5, 2.5)
"""Temperatures of the rounds of drafts, each where the ones before gave too few."""


def alternatives(
    poem: Poem,
    line: int,
    word: Word,
    count: int,
    wishes: Wishes,
    bundle: Bundle,
    seed: int,
    device: str = "auto",
) -> list[Alternative]:
    """Other texts for a line, from 1, or for a word of it, the best first; fewer where the form leaves no more.

    Args:
        word: None for the whole line, a word that stands in it, or (its first place from 1, its length).

    Raises:
        InputError: the poem has no form that muse writes.
        UsageError: no such line or word.
        WishError: the form leaves nothing else there.
    """
    desk = Desk.of(poem, wishes, bundle)
    (at,) = chosen(desk.poem, [line])
    now, every = desk.poem.lines[at], desk.every
    begin, size = span(now, line, word)
    acrostic = desk.acrostic()
    free = [place for place in range(begin, begin + size) if (at, place) not in acrostic]
    kept = {place: one for place, one in every.items() if place[0] != at or place[1] not in free}
    desk.refuse_whole(kept)
    plan = desk.plan(kept)
    here = span_of(plan, at, every)
    by, vocabulary = writer(bundle, device)
    found: dict[str, tuple[float, tuple[int, ...]]] = {}
    picked: list[str] = []
    for turn, heat in enumerate(HEAT):
        seeds = [derive(seed, "alternative", turn, index) for index in range(DRAFTS)]
        how = Sampling(temperature=heat, min_p=0.003 if turn == 0 else 0.0)
        for one in by.generate([here.prompt] * DRAFTS, [here.rule] * DRAFTS, how, seeds):
            tokens = tuple(one.tokens.tolist())
            text = "".join(now[place] if place not in free else vocabulary.tokens[token]
                           for place, token in enumerate(tokens))  # fmt: skip
            found.setdefault(text, (float(one.logprob_free.mean()), tokens))
        found.pop(now, None)
        known = tuple(vocabulary.encode(now))
        scored = by.score([here.plain] * len(found) + [here.prompt],
                          [*(here.placed(tokens) for _, tokens in found.values()), here.placed(known)])  # fmt: skip
        worth = {
            text: nats
            + INSIGHT * (nats - float(plain.mean()))
            + PAIRED * (_pairing(desk, at, text) or 0.0)
            - REPEAT * (1 - len(set(text)) / len(text))
            for (text, (nats, _)), plain in zip(found.items(), scored, strict=False)
        }
        picked = _unlike(sorted(worth, key=lambda text: -worth[text]), now, free, count)
        if len(picked) == count:
            break
    if not picked:
        raise WishError("nothing else fits there", "the form and the rest of the poem leave no other text",
                        "free more of the line")  # fmt: skip
    present = float(scored[-1].mean())
    return [
        Alternative(text[begin : begin + size], text, found[text][0], found[text][0] - present, _rhyme(desk, at, text),
                    tones(text[begin : begin + size], desk.fit.book), tuple(_why(desk, at, text, begin, size, now)))
        for text in picked
    ]  # fmt: skip


def span(text: str, line: int, word: Word) -> tuple[int, int]:
    """Where a word begins in a line, from 0, and its length.

    Raises:
        UsageError: it does not stand there.
    """
    if word is None:
        return 0, len(text)
    if isinstance(word, str):
        if not word or word not in text:
            raise UsageError(f"line {line} has no {word!r}", f"it is {text}", "name a word that stands in it")
        return text.index(word), len(word)
    begin, size = word
    if size < 1 or not 1 <= begin <= len(text) - size + 1:
        raise UsageError(f"line {line} has no places {begin} to {begin + size - 1}", f"it has {len(text)}",
                         "count from 1")  # fmt: skip
    return begin - 1, size


def tones(text: str, book: str) -> str:
    """平 and 仄 of each character; "(平仄)" for one that is read in both, "？" for one that the book does not know."""
    known = sounds(book)
    names = {frozenset({True}): "平", frozenset({False}): "仄", frozenset(): "？"}
    return "".join(
        names.get(frozenset(sound.level for sound in known.get(character, ())), "(平仄)") for character in text
    )


def _unlike(texts: Sequence[str], now: str, free: Sequence[int], count: int) -> list[str]:
    """The first texts that differ enough from one another and from what stands there."""
    taken = [now]
    for text in texts:
        if len(taken) <= count and all(_differ(text, other, free) for other in taken):
            taken.append(text)
    return taken[1:]


def _differ(text: str, other: str, free: Sequence[int]) -> bool:
    same = [text[at] == other[at] for at in free]
    return 2 * sum(same) <= len(free) and (len(free) < 4 or not any(one and next_ for one, next_ in pairwise(same)))


def _partner(desk: Desk, line: int) -> tuple[int, bool]:
    """The other line of its couplet, −1 for none, and whether the form wants the two paired."""
    form, count = desk.fit.score.form, len(desk.poem.lines)
    other = line ^ 1
    if desk.fit.score.tune or other >= count or len(desk.poem.lines[other]) != len(desk.poem.lines[line]):
        return -1, False
    middle = 2 <= line < count - 2 and form[-1] in "律排"
    return other, middle or form == COUPLET


def _pairing(desk: Desk, line: int, text: str) -> float | None:
    """How well a text is paired with the other line, where the form wants it."""
    other, wanted = _partner(desk, line)
    if not wanted:
        return None
    pair = (text, desk.poem.lines[other])
    return parallelism(*(pair if line < other else pair[::-1]))


def _rhyme(desk: Desk, line: int, text: str) -> str:
    letter = desk.fit.patterns(line).rhyme
    named = {sound.rhyme for sound in sounds(desk.fit.book).get(text[-1], ())}
    return (desk.fit.rhymes.get(letter, "") or min(named, default="")) if letter else ""


def _why(desk: Desk, line: int, text: str, begin: int, size: int, now: str) -> Iterator[str]:
    own = text[begin : begin + size]
    asked = "".join(desk.fit.wanted(line, place) for place in range(begin, begin + size))
    yield f"tones {tones(own, desk.fit.book)}, wanted {asked}"
    if begin + size == len(text) and (rhyme := _rhyme(desk, line, text)):
        yield f"rhymes in {rhyme} of {BOOKS[desk.fit.book]}"
    theme = desk.wishes.theme
    told = (*theme.words, *theme.zh, *desk.wishes.keywords, *_words(desk.poem.title))
    if carried := [word for word in dict.fromkeys(told) if word in own]:
        yield f"carries {'、'.join(carried)} of the theme"
    elif images := _words(own):
        yield f"brings {'、'.join(images)}"
    if (pairing := _pairing(desk, line, text)) is not None:
        yield f"对仗 with line {(line ^ 1) + 1}: {pairing:.2f}, {_pairing(desk, line, now) or 0:.2f} as it is"
    if desk.wishes.novel and len(text) > 4 and refused(desk.bundle) is not None:
        yield "no line that muse has read"


def _words(text: str) -> tuple[str, ...]:
    return interpret(text).theme.words if text.strip() else ()
