"""Writing: several candidates of a scheme, long ones in parts, and the best of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from muse.music import rules
from muse.music import vocabulary as words
from muse.music.automaton import Automaton
from muse.music.copied import NOTHING, Copies
from muse.music.events import PARTS, Cell, Draft, assemble, decode, sliced, spelt
from muse.music.frames import GAVE_WAY
from muse.music.harmony import likeliest_key
from muse.music.mood import Plan
from muse.music.pace import State
from muse.music.piece import Note
from muse.music.scheme import Scheme
from muse.music.theory import BEAT, Key
from muse.music.timeline import Timeline
from muse.nn.sampling import Sampling
from muse.nn.writer import Prompt, Writer
from muse.seed import derive
from muse.terms import Promise

if TYPE_CHECKING:
    from muse.music.composer import PieceRequest

_TOKENS_A_QUARTER = {"melody": 4.0, "lead": 4.5, "satb": 9.0}
_SAID = ("density", "energy", "valence", "register")
_SUNG = 32
"""Candidates of a tune whose rhythm is given: they are short, and words ask much of them."""
_AGAIN = 2
"""How often a part is written anew where the rules between voices gave way in all candidates."""


@dataclass
class Candidate:
    """A draft under way: its tokens with the bar and column of each, its state, and its log-probability."""

    state: State
    tokens: list[int] = field(default_factory=list)
    places: list[tuple[int, int]] = field(default_factory=list)
    total: float = 0.0

    def follow(self, automaton: Automaton, tokens: Sequence[int], total: float) -> Candidate:
        """The candidate with what an automaton has let be written after it."""
        state = automaton.start()
        found = Candidate(state, [*self.tokens], [*self.places], self.total + total)
        for token in tokens:
            row, column = automaton.placed(state, int(token))
            found.places.append((row - automaton.row, column))
            found.tokens.append(int(token))
            state = automaton.advance(state, int(token))
        found.state = state
        return found


@dataclass(frozen=True)
class Desk:
    """All that the candidates of one scheme share."""

    scheme: Scheme
    header: tuple[int, ...]

    @cached_property
    def lead_in(self) -> int:
        """The first bar in which something is written."""
        scheme = self.scheme
        return next(bar for bar in range(scheme.first, scheme.bars + 1) if scheme.parts(bar))

    @cached_property
    def given(self) -> frozenset[Cell]:
        """Cells that the model is shown before it writes; none where all that is given comes first anyway."""
        scheme = self.scheme
        cells = frozenset(
            (bar, part)
            for bar in range(scheme.first, scheme.bars + 1)
            for part in PARTS[scheme.task]
            if part not in scheme.parts(bar)
        )
        return cells if any(bar >= self.lead_in for bar, _ in cells) else frozenset()

    @cached_property
    def begun(self) -> tuple[list[int], list[tuple[int, int]]]:
        """(tokens, (bar, column) of each) of the bars before the first that is written, as if they had been."""
        scheme, tokens, places = self.scheme, [], []
        if scheme.given is None or self.given:
            return [], []
        size = scheme.meter.bar
        for bar in sliced(scheme.given):
            if bar.number < self.lead_in:
                said, ticks = spelt(bar, scheme.task)
                tokens += [words.bar(scheme.bars - bar.number + 1), *said]
                ticks = [0 if bar.number else int(bar.ticks[0]), *ticks]
                places += [(bar.number, words.column(tick, size)) for tick in ticks]
        return tokens, places

    def prompt(self, candidate: Candidate, first: int, stop: int) -> tuple[Prompt, int]:
        """(what is read before the part that ends before bar `stop`, what is added to a bar for its row).

        Args:
            first: the first bar that is shown.
        """
        scheme = self.scheme
        away = max(0, first - 1)
        head = list(self.header)
        if first > scheme.first:
            head[list(words.HEADER).index("pickup")] = words.header("pickup", None)
        tokens, rows, columns = list(head), [0] * len(head), [0] * len(head)
        base = -away
        if self.given and scheme.given is not None:
            bars = [replace(bar, number=bar.number - away) for bar in sliced(scheme.given)
                    if first <= bar.number < stop + 2]  # fmt: skip
            cells = frozenset((bar - away, part) for bar, part in self.given)
            code = assemble(bars, head, scheme.task, scheme.meter, scheme.bars - away, cells)
            end = code.tokens.tolist().index(words.WRITE) + 1
            tokens, rows, columns = (list(map(int, part[:end])) for part in (code.tokens, code.rows, code.columns))
            base += words.ROW_WRITTEN
        for token, (bar, column) in zip(candidate.tokens, candidate.places, strict=True):
            if bar >= first:
                tokens.append(token)
                rows.append(bar + base)
                columns.append(column)
        return Prompt(tuple(tokens), tuple(rows), tuple(columns)), base

    def draft(self, candidate: Candidate) -> Draft:
        """The draft that a candidate spells."""
        scheme, tokens = self.scheme, list(self.header)
        if self.given and scheme.given is not None:
            code = assemble(sliced(scheme.given), self.header, scheme.task, scheme.meter, scheme.bars, self.given)
            tokens = code.tokens[: code.tokens.tolist().index(words.WRITE) + 1].tolist()
        return decode([*tokens, *candidate.tokens], key=Key(0, scheme.mode), meter=scheme.meter)


def write(
    writer: Writer, request: PieceRequest, plan: Plan, scheme: Scheme, copies: Copies = NOTHING
) -> tuple[Draft, tuple[Promise, ...]]:
    """(the best of several drafts in the relative pitches of the vocabulary, its tonic a C; what gave way in it).

    One that copies what is known is taken only where all do.
    """
    satb = request.ensemble == "satb"
    usual = 2 if request.bars > 64 else 4 if satb or request.bars > 32 else 6
    count = request.candidates or (_SUNG if request.rhythm else usual)
    desk = Desk(scheme, tuple(header_of(plan, scheme)))
    sampling = Sampling(temperature=0.9 if satb else 0.98, top_p=0.93 if satb else 0.95)
    found = _candidates(writer, desk, sampling, [derive(request.seed, "candidate", index) for index in range(count)])
    drafts = [desk.draft(candidate) for candidate in found]
    worths = [
        _worth(draft, candidate, scheme) + (request.worth(draft) if request.worth is not None else 0.0)
        for draft, candidate in zip(drafts, found, strict=True)
    ]
    new = [not copies.holds(draft.voices) for draft in drafts]
    best = max(range(count), key=lambda index: (new[index], worths[index], -index))
    return drafts[best], _relaxed(scheme, found[best].state)


def header_of(plan: Plan, scheme: Scheme) -> list[int]:
    """The header tokens of a plan.

    The tonic is left unsaid, since the piece is moved to its key afterwards, and so are the slots that training never
    said together with the style.
    """
    said = {
        "task": scheme.task, "style": plan.style, "mode": Key(0, scheme.mode).near, "move": "0",
        "pickup": str(scheme.pickup),
        "meter": str(scheme.meter) if str(scheme.meter) in words.METERS else None,
    }  # fmt: skip
    if plan.style != "jsb":
        said |= {slot: str(getattr(plan, slot)) for slot in _SAID}
    return [words.header(slot, said.get(slot)) for slot in words.HEADER]


def _worth(draft: Draft, candidate: Candidate, scheme: Scheme) -> float:
    """How good a candidate is: likely, without faults, with little that gave way, and in the key its notes suggest."""
    notes = (Note(tick, pitch, duration) for voice in draft.voices for tick, duration, pitch, _ in voice)
    stray = likeliest_key(notes).tonic != draft.key.tonic
    gave = sum(1.0 if wish in GAVE_WAY[4:] else 0.2 for _, wish in candidate.state.relaxed) / max(1, draft.bars)
    off = 0.0
    if scheme.task != "satb":  # a tune belongs in the middle of its range
        low, high = scheme.ranges[0]
        pitches = [pitch for _, _, pitch, _ in draft.voices[0]]
        off = max(0.0, abs(sum(pitches) / max(1, len(pitches)) - (low + high) / 2) - 1.5)
    likely = 0.5 * candidate.total / max(1, len(candidate.tokens))
    return likely - 1.2 * rules.fault(draft) - 0.25 * stray - 2.0 * gave - 0.04 * off


def _candidates(writer: Writer, desk: Desk, sampling: Sampling, seeds: Sequence[int]) -> list[Candidate]:
    """Candidates, written in parts, each of which sees the bars just before."""
    scheme = desk.scheme
    quarters = scheme.meter.bar / BEAT * _TOKENS_A_QUARTER[scheme.task]
    part, context = max(2, int(600 / quarters)), max(1, int(300 / quarters))
    start = Automaton(scheme).start()
    found = [Candidate(start, [*desk.begun[0]], [*desk.begun[1]]) for _ in seeds]
    begin = desk.lead_in
    while begin <= scheme.bars:
        stop = begin + part if begin + part + 1 < scheme.bars else scheme.bars + 1
        first = max(scheme.first, begin - context)
        for again in range(_AGAIN + 1):
            prompts, automata = [], []
            for candidate in found:
                prompt, base = desk.prompt(candidate, first, stop)
                prompts.append(prompt)
                end = stop if stop <= scheme.bars else None
                automata.append(Automaton(scheme, begin=candidate.state, stop=end, row=base))
            results = writer.generate(prompts, automata, sampling, [derive(seed, begin, again) for seed in seeds])
            written = [
                candidate.follow(automaton, result.tokens.tolist(), float(result.logprob_free.sum()))
                for candidate, automaton, result in zip(found, automata, results, strict=True)
            ]
            if any(_clean(one.state, begin) for one in written):
                break
        found, begin = written, stop
    return found


def _clean(state: State, begin: int) -> bool:
    """Whether the rules between voices held since a bar."""
    return not any(bar >= begin and wish in GAVE_WAY[4:] for bar, wish in state.relaxed)


def _relaxed(scheme: Scheme, state: State) -> tuple[Promise, ...]:
    """What gave way, wish by wish, with the bars."""
    bars: dict[str, set[int]] = {}
    for bar, wish in (*Timeline.of(scheme).relaxed, *state.relaxed):
        bars.setdefault(wish, set()).add(bar)
    return tuple(
        Promise(wish, "throughout", f"gave way in bar{'s' * (len(found) > 1)} {', '.join(map(str, sorted(found)))}",
                "relaxed")
        for wish, found in bars.items()
    )  # fmt: skip
