"""Alternatives for a line or a word of an English poem, and the facts that speak for each.

Lines are written from their end to their beginning, after those above them. What comes after cannot be given ahead,
so that it counts in the rank:

    log p(line | lines above) + [log p(next two lines | all above, with it) − the same as it is] / tokens of the line

From the best on each is taken in which half of the free words are others than in the line, and in those taken.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from muse.bundle import Bundle
from muse.constraint import State
from muse.errors import UsageError, WishError
from muse.nn.sampling import Sampling
from muse.nn.writer import Prompt
from muse.poem.english.automaton import VerseConstraint
from muse.poem.english.book import Mask
from muse.poem.english.draft import prompt
from muse.poem.english.hearing import chime, fall
from muse.poem.english.model import writer
from muse.poem.english.prefix import FIRST_COLUMN
from muse.poem.english.referee import RULES
from muse.poem.english.text import parts, words_of
from muse.poem.novelty import Index
from muse.poem.poem import Poem
from muse.poem.wishes import Wishes
from muse.poem.workshop.english.desk import GAP, Desk
from muse.poem.workshop.english.rewriting import standing, units, with_gaps
from muse.poem.workshop.former import chosen
from muse.poem.workshop.terms import Alternative
from muse.seed import derive
from muse.tables.words import find

Word = str | tuple[int, int] | None
DRAFTS = 32
BELOW = 2
"""Lines after the one that is written which have a say in its rank."""
HEAT = (0.9, 1.2, 1.6)
"""Temperatures of the rounds of drafts, each where the ones before gave too few."""


@dataclass(frozen=True, eq=False)
class Between:
    """A constraint that begins in a state of another, and is done when a line of it is."""

    rule: VerseConstraint
    state: State
    line: int

    def start(self) -> State:
        return self.state

    def mask(self, state: State) -> Mask:
        return self.rule.mask(state)

    def advance(self, state: State, token: int) -> State:
        return self.rule.advance(state, token)

    def place(self, state: State) -> tuple[int, int]:
        return self.rule.place(state)

    def done(self, state: State) -> bool:
        return bool(state.line > self.line)


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
    """Other texts for a line, from 1, or for words of it, the best first; fewer where the form leaves no more.

    Args:
        word: None for the whole line, words that stand in it, or (the first word from 1, how many).

    Raises:
        InputError: the poem cannot be read as English verse.
        UsageError: no such line or word.
        WishError: the form leaves nothing else there.
    """
    desk = Desk.of(poem, wishes, bundle)
    (at,) = chosen(poem, [line])
    old = units(poem.lines[at])
    begin, size = span(old, line, word)
    stays = [not begin <= place < begin + size for place in range(len(old))]
    lock = with_gaps(old, stays)
    plan = desk.plan([one for one in range(len(poem.lines)) if one != at], {} if lock == GAP else {at: lock})
    rule, by, vocabulary = (
        VerseConstraint(plan.form, desk.book, plan.asked),
        writer(bundle, device),
        desk.book.vocabulary,
    )
    state = rule.start()
    before = prompt(plan.fields, vocabulary, "backward")
    for one in range(at):
        before = joined(before, placed(desk, one))
        for token in desk.tokens(one):
            state = rule.advance(state, token)
    between, present = Between(rule, state, at), placed(desk, at)
    rest = [placed(desk, one) for one in range(at + 1, min(at + 1 + BELOW, len(poem.lines)))]
    index = Index.thaw(bundle) if wishes.novel else Index()
    found: dict[str, tuple[Prompt, float]] = {}
    for turn, heat in enumerate(HEAT):
        seeds = [derive(seed, "alternative", turn, number) for number in range(DRAFTS)]
        made = by.generate([before] * DRAFTS, [between] * DRAFTS, Sampling(temperature=heat, min_p=0.01), seeds)
        for draft in made:
            tokens = draft.tokens.tolist()
            text = vocabulary.decode(tokens[-2::-1])
            if text not in index:
                found.setdefault(text, (_at(desk, at, tokens), 0.0))
        scored = by.score([before] * (len(found) + 1),
                          [joined(own, *rest) for own, _ in found.values()] + [joined(present, *rest)])  # fmt: skip
        size_of = {text: len(own.tokens) for text, (own, _) in found.items()}
        below = float(scored[-1][len(present.tokens) :].sum())
        nats = {text: float(one[: size_of[text]].mean()) for text, one in zip(found, scored, strict=False)}
        worth = {text: nats[text] + (float(one[size_of[text] :].sum()) - below) / size_of[text]
                 for text, one in zip(found, scored, strict=False)}  # fmt: skip
        picked = _unlike(sorted(worth, key=lambda text: -worth[text]), poem.lines[at], count, sum(stays))
        if len(picked) == count:
            break
    if not picked:
        raise WishError("nothing else fits there", "the form and the rest of the line leave no other words",
                        "free more of the line")  # fmt: skip
    now = float(scored[-1][: len(present.tokens)].mean())
    tail = len(old) - begin - size
    return [
        Alternative(_part(text, begin, tail), text, nats[text], nats[text] - now, desk.form.lines[at].rhyme,
                    beats(desk, at, text), tuple(_why(desk, at, text, _part(text, begin, tail), tail == 0)))
        for text in picked
    ]  # fmt: skip


def span(words: Sequence[str], line: int, word: Word) -> tuple[int, int]:
    """Where some words begin among those of a line, from 0, and how many they are.

    Raises:
        UsageError: they do not stand there.
    """
    if word is None:
        return 0, len(words)
    if isinstance(word, str):
        if found := sorted(standing(words, word)):
            last = next((at for at in found if at + 1 not in found), found[-1])  # of several places the first
            return found[0], last - found[0] + 1
        raise UsageError(f"line {line} has no {word!r}", f"it is {' '.join(words)}", "name a word that stands in it")
    begin, size = word
    if size < 1 or not 1 <= begin <= len(words) - size + 1:
        raise UsageError(f"line {line} has no words {begin} to {begin + size - 1}", f"it has {len(words)}",
                         "count words from 1")  # fmt: skip
    return begin - 1, size


def placed(desk: Desk, line: int) -> Prompt:
    """A line of the poem as tokens where they stand."""
    return _at(desk, line, desk.tokens(line))


def joined(first: Prompt, *more: Prompt) -> Prompt:
    """One after another."""
    every = (first, *more)
    token, row, col = (sum((getattr(one, name) for one in every), ()) for name in ("tokens", "row", "col"))
    return Prompt(token, row, col)


def beats(desk: Desk, line: int, text: str) -> str:
    """The beats that the words carry, S and w, a word each."""
    rule = RULES[desk.form.name]
    said = fall(text, rule.kind, rule.sizes[line % len(rule.sizes)])
    return " ".join("".join("S" if beat else "w" for beat in found) for _, found in said)


def _at(desk: Desk, line: int, tokens: Sequence[int]) -> Prompt:
    col = np.cumsum([0, *(int(desk.book.syllables[token]) for token in tokens[:-1])]).clip(0, FIRST_COLUMN - 1)
    return Prompt(tuple(tokens), (line + 1,) * len(tokens), tuple(col.tolist()))


def _unlike(texts: Sequence[str], now: str, count: int, stays: int) -> list[str]:
    """The first texts that differ enough from one another and from what stands there."""
    taken = [words_of(parts(now) or ())]
    found: list[str] = []
    for text in texts:
        own = words_of(parts(text) or ())
        shared = [len(set(own) & set(other)) - stays for other in taken]
        if len(found) < count and own not in taken and 2 * max(shared) <= len(own) - stays:
            taken.append(own)
            found.append(text)
    return found


def _part(text: str, begin: int, tail: int) -> str:
    words = units(text)
    return " ".join(words[begin : len(words) - tail])


def _why(desk: Desk, line: int, text: str, part: str, ends_line: bool) -> Iterator[str]:
    yield f"beats {beats(desk, line, text)}"
    letter, last = desk.form.lines[line].rhyme, words_of(parts(text) or ("",))[-1]
    ends = [(at, words_of(parts(desk.poem.lines[at]) or ("",))[-1]) for at, shape in enumerate(desk.form.lines)
            if shape.rhyme == letter and at != line]  # fmt: skip
    if letter and ends_line and (rhyming := [f"{end} (line {at + 1})" for at, end in ends if chime(last, end)]):
        yield f"rhymes with {' and '.join(rhyming)}"
    theme = desk.wishes.theme
    own = set(words_of(parts(part) or ()))
    told = [word for word in (*theme.words, *theme.en, *desk.wishes.keywords, *desk.poem.title.lower().split())]
    if carried := [word for word in dict.fromkeys(told) if word in own and len(word) > 3]:
        yield f"carries {', '.join(carried)} of the theme"
    elif images := [match.word for match in find(part)[0]]:
        yield f"brings {', '.join(dict.fromkeys(images))}"
    if desk.wishes.novel and Index.thaw(desk.bundle):
        yield "no line that muse has read"
