"""Random walks through the masks of a request: pure chance in the model's place."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from muse.music import vocabulary as words
from muse.music.automaton import Automaton
from muse.music.composer import PieceRequest, prepare
from muse.music.drafting import Candidate, Desk, header_of
from muse.music.events import Draft, decode, encode
from muse.music.pace import State
from muse.music.scheme import Scheme
from muse.music.wishes import absolute


def walk(
    request: PieceRequest, number: int, watch: Callable[[Automaton, State], None] | None = None
) -> tuple[Draft, State, Scheme]:
    """(the draft in its key, the last state, its scheme) of what chance makes of the masks; `watch` sees all states."""
    draw = np.random.default_rng(number)
    plan, scheme, octave = prepare(request)
    desk = Desk(scheme, tuple(header_of(plan, scheme)))
    automaton, written = Automaton(scheme), []
    state = automaton.start()
    while not automaton.done(state):
        mask = automaton.mask(state)
        assert mask.any() and not mask.flags.writeable
        if watch is not None:
            watch(automaton, state)
        token = int(draw.choice(np.flatnonzero(mask)))
        written.append(token)
        state = automaton.advance(state, token)
    begun = Candidate(automaton.start(), [*desk.begun[0]], [*desk.begun[1]])
    draft = desk.draft(begun.follow(automaton, written, 0.0))
    if str(scheme.meter) in words.METERS:
        assert decode(encode(draft).tokens).voices == draft.voices
    return absolute(draft, plan.key, octave, request.chords), state, scheme


def gave_way(state: State) -> set[str]:
    """The wishes that could not be kept somewhere."""
    return {wish for _, wish in state.relaxed}
