"""A look at what a model writes in training: nothing asked but a form, no rule but the grammar of a line."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from muse.errors import WishError
from muse.nn.generate import TorchWriter
from muse.nn.sampling import Sampling
from muse.nn.transformer import Transformer
from muse.poem.english.asked import plain
from muse.poem.english.book import Book
from muse.poem.english.draft import drafts, prompt, text_of
from muse.poem.english.form import FORMS
from muse.poem.english.grammar import AFTER, FOLLOWS, At, Kind, kinds
from muse.poem.english.prefix import FIRST_COLUMN, Fields, Order
from muse.poem.english.referee import judge
from muse.poem.english.sound import syllables
from muse.poem.english.vocabulary import BREAK, END, STANZA, Vocabulary

SHOWN = (Fields("sonnet", "shakespearean", "iambic", "5"), Fields("ballad", "ABCB", "iambic", "4-3"),
         Fields("couplets", "AABB", "iambic", "5"))  # fmt: skip
STRICT = ("sonnet", "ballad", "limerick")


class _State(NamedTuple):
    line: int
    col: int
    at: At
    done: bool


class Loose:
    """Lines of any words until the model ends the poem, at most so many."""

    def __init__(self, vocabulary: Vocabulary, lines: int, order: Order) -> None:
        self._kinds, self._sounds, self._lines, self._order = kinds(vocabulary), syllables(vocabulary), lines, order

    def start(self) -> _State:
        return _State(1, 0, At.START, False)

    def mask(self, state: _State) -> npt.NDArray[np.bool_]:
        if self._order == "forward":
            allowed: npt.NDArray[np.bool_] = self._kinds != Kind.OTHER
        else:
            follows = (
                FOLLOWS[state.at] if state.col < FIRST_COLUMN or Kind.END not in FOLLOWS[state.at] else (Kind.END,)
            )
            allowed = np.isin(self._kinds, follows)
        if allowed[END]:
            allowed[[BREAK, STANZA]] = state.line < self._lines
        return allowed

    def advance(self, state: _State, token: int) -> _State:
        kind = Kind(int(self._kinds[token]))
        if kind == Kind.END:
            return _State(state.line + 1, 0, At.START, token == END)
        return _State(state.line, min(FIRST_COLUMN, state.col + int(self._sounds[token])), AFTER[kind], False)

    def place(self, state: _State) -> tuple[int, int]:
        return state.line, min(state.col, FIRST_COLUMN - 1)

    def done(self, state: _State) -> bool:
        return state.done


def look(model: Transformer, vocabulary: Vocabulary, order: Order, seed: int) -> str:
    """Some poems as text: without rules and, where lines go backward, in strict forms, as the judge sees them."""
    prompts = [prompt(fields, vocabulary, order) for fields in SHOWN]
    constraints = [Loose(vocabulary, 16, order) for _ in SHOWN]
    made = TorchWriter(model).generate(prompts, constraints, Sampling(0.9, top_p=0.95), range(seed, seed + len(SHOWN)))
    shown = [
        (f"[{fields.form}]", text_of(one.tokens, vocabulary, order)) for fields, one in zip(SHOWN, made, strict=True)
    ]
    for name in STRICT if order == "backward" else ():
        try:
            (draft,) = drafts(TorchWriter(model), Book(vocabulary), [plain(FORMS[name])], [seed])
        except WishError:  # a small corpus has too few rhymes
            continue
        shown.append((f"[{name}, by rule: {judge(draft.text, name).valid}]", draft.text))
    return "\n".join(f"{head}\n{text}" for head, text in shown)
