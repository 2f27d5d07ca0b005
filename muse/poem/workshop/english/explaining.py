"""Where an English poem could have gone: at each word what meter, rhyme and grammar left of the vocabulary, and what
the model made of it. Lines are followed as they are written, each from its last word to its first, after those above.

From a word on that the form would not have let through, its line has no mask: what stands before it is told with its
probability alone.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from muse.bundle import Bundle
from muse.errors import WishError
from muse.nn.sampling import Floats
from muse.poem.english.automaton import State, VerseConstraint
from muse.poem.english.book import Mask
from muse.poem.english.draft import prompt
from muse.poem.english.grammar import At, Kind
from muse.poem.english.hearing import fall, spoken
from muse.poem.english.model import writer
from muse.poem.english.referee import RULES
from muse.poem.english.vocabulary import BREAK, END, INNER, STANZA
from muse.poem.poem import Poem
from muse.poem.wishes import Wishes
from muse.poem.workshop.english.alternatives import joined, placed
from muse.poem.workshop.english.desk import Desk
from muse.poem.workshop.explaining import worth
from muse.poem.workshop.terms import Explanation, Place

Masks = tuple[Mask, Mask, Mask]
"""Words to choose from, those that fit the meter, those that were allowed."""


def explain(poem: Poem, wishes: Wishes, bundle: Bundle, device: str = "auto") -> Explanation:
    """Each word of a poem as the writer saw it, its wishes being known.

    Raises:
        InputError: the poem cannot be read as English verse.
    """
    desk = Desk.of(poem, wishes, bundle)
    vocabulary = desk.book.vocabulary
    text = joined(*(placed(desk, line) for line in range(len(poem.lines))))
    before = prompt(desk.plan(()).fields, vocabulary, "backward")
    nats = writer(bundle, device).predictions(before, text)
    places: list[Place] = []
    notes: list[str] = []
    begin = 0
    for line in range(len(poem.lines)):
        tokens = desk.tokens(line)
        found = _line(desk, line, tokens, nats[begin : begin + len(tokens)])
        begin += len(tokens)
        places += found
        off = next((place for place in reversed(found) if not place.fits), None)
        if off is not None:
            unknown = len(vocabulary.spell(off.text.lower(), False, False)) > 1
            why = (
                "is no word of the vocabulary" if unknown else "stands against the form, or against the words after it"
            )
            notes.append(f"line {line + 1}: {off.text!r} {why}")
    total = int((desk.book.spoken & _open(desk)).sum())
    return Explanation(poem.title, desk.form.name, "", "", total, tuple(places), tuple(notes))


def _line(desk: Desk, line: int, tokens: tuple[int, ...], nats: Floats) -> list[Place]:
    """The words of a line in the order of reading."""
    book, size = desk.book, len(desk.book.vocabulary)
    masks = _followed(desk, line, tokens)
    said = _said(desk, line)
    none = np.zeros(size, np.bool_)
    found: list[Place] = []
    pieces: list[int] = []
    for at, token in enumerate(tokens):
        kind = book.kinds[token]
        pieces += [at] if kind in (Kind.INNER, Kind.BEGIN, Kind.NAMED) else []
        if kind not in (Kind.BEGIN, Kind.NAMED):
            continue
        first = pieces[0]
        every, meter, allowed = masks.get(first, (none, none, none)) if len(pieces) == 1 else (none, none, none)
        rhyme = desk.form.lines[line].rhyme if not found else ""
        removed = {"meter": int(every.sum() - meter.sum()), "rhyme": 0, "grammar": 0}
        removed["rhyme" if rhyme else "grammar"] = int(meter.sum() - allowed.sum())
        word = "".join(book.vocabulary.tokens[tokens[one]].removeprefix(INNER) for one in reversed(pieces))
        stress, beats = said.get(len(found), ("", ""))
        free, masked, rank, among = worth(nats[first], allowed, tokens[first])
        free = float(np.exp(sum(nats[one][tokens[one]] for one in pieces)))
        found.append(Place(line + 1, 0, word, stress, beats, rhyme, removed, int(allowed.sum()), bool(allowed[token]),
                           free, masked, rank, among))  # fmt: skip
        pieces = []
    return [replace(place, place=number) for number, place in enumerate(reversed(found), 1)]


def _followed(desk: Desk, line: int, tokens: tuple[int, ...]) -> dict[int, Masks]:
    """The masks at the words of a line, by the index of their token, as far as the form lets them through."""
    plan = desk.plan(range(line), rhymes=False)
    try:
        rule = VerseConstraint(plan.form, desk.book, plan.asked)
    except WishError:  # the lines above leave no rhyme for it
        return {}
    state = rule.start()
    for above in range(line):
        for token in desk.tokens(above):
            state = rule.advance(state, token)
    every = desk.book.spoken & _open(desk)
    every[list(plan.asked.blocked)] = False
    found: dict[int, Masks] = {}
    for at, token in enumerate(tokens):
        if token in (BREAK, STANZA, END):
            break
        mask = rule.mask(state)
        if desk.book.kinds[token] in (Kind.BEGIN, Kind.NAMED, Kind.INNER):
            if state.at == At.START and not (mask & every).any():  # here a mark has to end the line, and none does
                state = rule.advance(state, int(np.flatnonzero(mask)[0]))
                mask = rule.mask(state)
            found[at] = every, _meter(desk, line, state) & every, mask & every
            if not mask[token]:
                break
        state = rule.advance(state, token)
    return found


def _meter(desk: Desk, line: int, state: State) -> Mask:
    """(V,) the words that fit the meter."""
    shape = desk.form.lines[line]
    return desk.book.plain(state.places, shape) if shape.steps else desk.book.spoken  # type: ignore[arg-type]


def _open(desk: Desk) -> Mask:
    found: Mask = np.isin(desk.book.kinds, [Kind.BEGIN, Kind.NAMED])
    return found


def _said(desk: Desk, line: int) -> dict[int, tuple[str, str]]:
    """For each word, counted from the line's end, its stresses and the beats that it carries there."""
    rule = RULES[desk.form.name]
    found = fall(desk.poem.lines[line], rule.kind, rule.sizes[line % len(rule.sizes)])
    return {
        at: ("".join(map(str, spoken(word)[0].stresses)) if spoken(word) else "",
             "".join("S" if beat else "w" for beat in beats))
        for at, (word, beats) in enumerate(reversed(found))
    }  # fmt: skip
