"""Candidates for an English poem: a prefix that says what is wished, and the automaton, followed to the poem's end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from muse.errors import WishError
from muse.nn.sampling import Sampling
from muse.nn.writer import Continuation, Prompt, Writer
from muse.poem.english.asked import Plan
from muse.poem.english.automaton import VerseConstraint
from muse.poem.english.book import Book
from muse.poem.english.form import Form
from muse.poem.english.given import placed
from muse.poem.english.prefix import FIRST_COLUMN, Fields, Order, encode
from muse.poem.english.text import parts, words_of
from muse.poem.english.vocabulary import BREAK, END, STANZA, Vocabulary
from muse.seed import derive, stream

DRAWS = 8
"""How often places for the keywords of one draft are drawn."""
SAMPLING = Sampling(temperature=0.9, min_p=0.01)


@dataclass(frozen=True, slots=True)
class Draft:
    """One poem as written.

    Attributes:
        lines: its lines, where given as the user wrote them.
        body: its tokens and where they stand.
        wished: log-probability in nats a token, given the wishes; masked: among the tokens that were allowed.
    """

    form: Form
    lines: tuple[str, ...]
    body: Prompt
    wished: float
    masked: float

    @property
    def text(self) -> str:
        """A line each, an empty one between stanzas."""
        return "".join(("\n" if at in self.form.breaks else "") + line + "\n" for at, line in enumerate(self.lines))

    @property
    def words(self) -> tuple[str, ...]:
        """In small letters."""
        return tuple(word for line in self.lines for word in words_of(parts(line) or ()))


def drafts(
    by: Writer, book: Book, plans: Sequence[Plan], seeds: Sequence[int], sampling: Sampling = SAMPLING
) -> list[Draft]:
    """One draft for each plan and seed, all in one batch.

    A keyword that may stand anywhere is asked of the model by every second draft; the others, and those of an odd
    place in the list, have a place drawn for it, so that there are always some that hold it.

    Raises:
        WishError: too few rhymes, or a keyword that fits nowhere.
    """
    constraints = []
    own: dict[int, VerseConstraint] = {}
    for number, (plan, seed) in enumerate(zip(plans, seeds, strict=True)):
        forced = [key for key in plan.keys if key[1] is not None or number % 2 == 0]
        if forced:
            constraints.append(_with_keys(plan, forced, book, seed))
            continue
        if id(plan) not in own:
            own[id(plan)] = _constraint(plan, book)
        constraints.append(own[id(plan)])
    prompts = [prompt(plan.fields, book.vocabulary, "backward") for plan in plans]
    made = by.generate(prompts, constraints, sampling, [derive(seed, "poem") for seed in seeds])
    return [_draft(plan, one, rule) for plan, one, rule in zip(plans, made, constraints, strict=True)]


def prompt(fields: Fields, vocabulary: Vocabulary, order: Order) -> Prompt:
    """The prefix of a poem with the place of each token."""
    tokens = encode(fields, vocabulary, order)
    return Prompt(tuple(tokens), (0,) * len(tokens), tuple(FIRST_COLUMN + at for at in range(len(tokens))))


def text_of(tokens: npt.NDArray[np.int64], vocabulary: Vocabulary, order: Order) -> str:
    """The poem of written tokens, a line each, an empty one between stanzas."""
    out = ""
    line: list[int] = []
    for token in tokens.tolist():
        if token in (BREAK, STANZA, END):
            out += vocabulary.decode(line[::-1] if order == "backward" else line)
            out += "\n\n" if token == STANZA else "\n"
            line = []
        else:
            line.append(token)
    return out


def _constraint(plan: Plan, book: Book) -> VerseConstraint:
    """The plan's constraint; where only words are blocked it is kept with the book."""
    asked = plan.asked
    if asked.heads or asked.tails or asked.held or asked.rimes:
        return VerseConstraint(plan.form, book, asked)
    key = (plan.form, asked.blocked)
    if key not in book.kept:
        book.kept[key] = VerseConstraint(plan.form, book, asked)
    found: VerseConstraint = book.kept[key]
    return found


def _with_keys(plan: Plan, keys: Sequence[tuple[str, int | None]], book: Book, seed: int) -> VerseConstraint:
    """The plan's constraint with places for keywords; where these leave no rhyme, other places are drawn."""
    lines = range(len(plan.form.lines))
    refused: WishError | None = None
    for turn in range(DRAWS):
        asked, random = plan.asked, stream(seed, "keywords", turn)
        try:
            for text, line in sorted(keys, key=lambda key: key[1] is None):
                asked = placed(text, plan.form, asked, book, lines if line is None else [line], random)
            return VerseConstraint(plan.form, book, asked)
        except WishError as error:
            refused = error
    assert refused is not None
    raise refused


def _draft(plan: Plan, one: Continuation, rule: VerseConstraint) -> Draft:
    state, row, col = rule.start(), [], []
    tokens = one.tokens.tolist()
    for token in tokens:
        at = rule.place(state)
        row.append(at[0])
        col.append(at[1])
        state = rule.advance(state, token)
    lines = text_of(one.tokens, rule.book.vocabulary, "backward").replace("\n\n", "\n").rstrip("\n").split("\n")
    kept = tuple(plan.text.get(at, line) for at, line in enumerate(lines))
    return Draft(plan.form, kept, Prompt(tuple(tokens), tuple(row), tuple(col)),
                 float(one.logprob_free.mean()), float(one.logprob_masked.mean()))  # fmt: skip
