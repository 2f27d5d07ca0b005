"""The composer's automaton: after any choice it allows, the piece can still be finished as promised.

Key, bars, ranges, crossing, phrase ends and the last chord are hard: no mask ever lets them go. Leaps beyond an octave,
parallel fifths and octaves, and chord notes on the first beat are kept wherever a note is left that keeps them.

It runs once a token, between two steps of the model: sets of pitches and of tokens are the bits of whole numbers, and
what hangs on the scheme alone is worked out before (`muse.music.sets`).
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from muse.music import vocabulary as words
from muse.music.scheme import Scheme
from muse.music.sets import CHORD, CLASSES, MOST, Mask, Sets, array

_BAR, _AT, _CHORD = (words.BASE[block] for block in ("bar", "at", "chord"))
_BARS = range(_BAR, _BAR + words.MOST_BARS + 1)
_ATS = range(_AT, _AT + words.LONGEST_BAR)
_CHORDS = range(_CHORD, _CHORD + len(words.CHORDS))


class State(NamedTuple):
    """Where the writing is.

    Attributes:
        bar: the bar under way, from 1; 0 before the first.
        tick: of the moment under way; −1 at the beginning of a bar.
        stage: 0 where a chord may come, n + 1 where voice n may.
        held: relative pitch of each voice, −1 before its first note.
        before: the same when the moment began.
        chord: token of the chord that holds, 0 before the first.
        must: bits of the voices (and CHORD) that still have to speak in this moment.
        fresh: True where nothing was written yet in this moment.
        forced: tokens that come next, whatever the model says.
        said: tokens of this bar so far, without the one that opens it.
        opened: the chord that held when this bar began.
        log: for each finished bar, the chord it began with and its tokens.
    """

    bar: int
    tick: int
    stage: int
    held: tuple[int, ...]
    before: tuple[int, ...]
    chord: int
    must: int
    fresh: bool
    forced: tuple[int, ...]
    said: tuple[int, ...]
    opened: int
    log: tuple[tuple[int, tuple[int, ...]], ...]
    ended: bool


class Automaton:
    """A `muse.constraint.Constraint` over the events of one piece, after its header; its masks are shared, read-only.

    It can begin at any state of its own, and stop before a bar, so that long pieces are written in parts.
    """

    def __init__(self, scheme: Scheme, *, begin: State | None = None, stop: int | None = None, row: int = 0) -> None:
        """
        Args:
            begin: the state to go on from.
            stop: the bar before which to stop; None writes to the end.
            row: subtracted from the rows of places: the bars that the prompt left out.
        """
        self.scheme, self.begin, self.stop, self.row = scheme, begin, stop, row
        self.voices = len(scheme.lines)
        self.sets = Sets.of(scheme)

    def start(self) -> State:
        silent = (-1,) * self.voices
        return self.begin or State(0, -1, 0, silent, silent, 0, 0, False, (), (), 0, (), False)

    def done(self, state: State) -> bool:
        return state.ended or (self.stop is not None and state.bar >= self.stop)

    def place(self, state: State) -> tuple[int, int]:
        return state.bar + 1 - self.row, 0

    def placed(self, state: State, token: int) -> tuple[int, int]:
        """(row, col) of `token` written in this state: a moment stands at its own tick, a bar at its own row."""
        if token in _BARS:
            return state.bar + 1 - self.row, 0
        if token in _ATS:
            return state.bar - self.row, self.sets.columns[token - _AT]
        return state.bar - self.row, self.sets.columns[-1 if token == words.END else max(0, state.tick)]

    def mask(self, state: State) -> Mask:
        if state.forced:
            return array(1 << state.forced[0])
        if state.bar == 0:
            return array(1 << words.bar(self.scheme.bars))
        if state.tick < 0:
            return array(self._leaving(state))
        need = self._need(state)
        found = self._moment(state, need)
        if not need and not state.fresh:
            found |= self._leaving(state)
        return array(found)

    def advance(self, state: State, token: int) -> State:
        bar, tick, _, held, before, chord, must, _, forced, said, opened, log, _ = state
        forced = forced[1:]
        note = self.sets.notes.get(token)
        if note is not None:
            voice, pitch = note
            held = (*held[:voice], pitch, *held[voice + 1 :])
            must &= ~(1 << voice)
            return State(
                bar, tick, voice + 2, held, before, chord, must, False, forced, (*said, token), opened, log, False
            )
        if token in _ATS:
            must = 0 if state.forced else self._must(state, token - _AT)
            said = (*said, token)
            return State(bar, token - _AT, 0, held, held, chord, must, True, forced, said, opened, log, False)
        if token in _BARS:
            if bar:
                log = (*log, (opened, said))
            bar += 1
            echo = self.scheme.echoes.get(bar)
            forced = self._echo(chord, *log[echo.source - 1]) if echo and echo.likeness == "whole" else ()
            return State(bar, -1, 0, held, before, chord, 0, False, forced, (), chord, log, False)
        if token == words.END:
            return state._replace(forced=forced, ended=True)
        if token not in _CHORDS:
            raise AssertionError(words.NAMES[token])
        return State(bar, tick, 1, held, before, token, must & ~CHORD, False, forced, (*said, token), opened, log,
                     False)  # fmt: skip

    def _need(self, state: State) -> int:
        """What must still be written in this moment; voices left above their upper neighbour among it."""
        held, need = state.held, state.must
        for lower in range(1, self.voices):
            if held[lower] > held[lower - 1] >= 0:
                need |= 1 << lower
        return need

    def _must(self, state: State, tick: int) -> int:
        scheme = self.scheme
        everyone = (1 << self.voices) - 1
        if state.bar == scheme.bars and tick == scheme.final:
            return everyone | (CHORD if scheme.task == "lead" and state.chord != scheme.tonic else 0)
        if state.held[0] < 0:
            return everyone | (CHORD if scheme.task == "lead" else 0)
        echo = scheme.echoes.get(state.bar)
        rhythm = echo is not None and echo.likeness != "whole"
        return int(rhythm or scheme.holds.get(state.bar) == tick or (tick == 0 and self._opens(state.bar)))

    def _opens(self, bar: int) -> bool:
        """True for bars that must begin with a note: the first, and the first of a phrase."""
        return bar == 1 or bar - 1 in self.scheme.holds

    def _moment(self, state: State, need: int) -> int:
        """Chords and notes that may be written now."""
        scheme, sets = self.scheme, self.sets
        last = state.bar == scheme.bars and state.tick == scheme.final
        found = 0
        if scheme.task == "lead" and state.stage == 0:
            if need & CHORD:
                return 1 << scheme.tonic if last or state.bar == 1 else sets.chords
            if state.tick in scheme.slots and not last:
                found = sets.chords & ~(1 << state.chord) if state.chord else sets.chords
        voices = need & ~CHORD
        bound = (voices & -voices).bit_length() if voices else self.voices
        for voice in range(max(0, state.stage - 1), bound):
            found |= self._pitches(state, voice, last) << sets.shifts[voice]
        return found

    def _pitches(self, state: State, voice: int, last: bool) -> int:
        """Relative pitches that a voice may take now; never none where the scheme was checked."""
        scheme, sets = self.scheme, self.sets
        rest = not last and voice == 0 and scheme.holds.get(state.bar) == state.tick
        found = sets.finals[voice] if last else sets.rests if rest else sets.tones[voice]
        if voice:
            found &= (1 << state.held[voice - 1] + 1) - 1
        held = state.before[voice]
        if held >= 0:
            found = found & sets.near[voice][held] or found
        if state.tick == 0 and scheme.task == "lead" and state.chord and not last:
            found = found & sets.members.get(state.chord, 0) or found
        if voice and held >= 0 and scheme.parallels:
            for before, after in zip(state.before[:voice], state.held[:voice], strict=True):
                # two voices in an octave, unison or fifth that both move may not be in the same one again
                if after != before >= 0 and (before - held) % 12 in (0, 7):
                    alike = CLASSES[(after - before + held) % 12] & ~(1 << held)
                    found = found & ~alike or found
        return found

    def _leaving(self, state: State) -> int:
        """The next moments, the next bar, or the end."""
        scheme, bar, tick = self.scheme, state.bar, state.tick
        last = bar == scheme.bars
        if last and tick == scheme.final:
            return 1 << words.END
        echo = scheme.echoes.get(bar)
        if echo is None:
            if tick < 0 and self._opens(bar):
                return 1 << words.at(0)
            hold = scheme.final if last else scheme.holds.get(bar)
            found = self.sets.later[hold][tick + 1]
            finished = bool(state.said) and not last
        elif echo.likeness == "whole":
            found, finished = 0, True
        else:
            rhythm = (at for at, tokens in moments(state.log[echo.source - 1][1]) if _sings(tokens, self.sets))
            following = next((at for at in rhythm if at > tick), -1)
            found, finished = (1 << words.at(following), False) if following >= 0 else (0, True)
        if finished and (bar not in scheme.holds or state.held[0] % 12 in scheme.stops):
            found |= 1 << words.bar(scheme.bars - bar)
        return found

    def _echo(self, chord: int, opened: int, said: tuple[int, ...]) -> tuple[int, ...]:
        """The tokens that repeat a bar where `chord` holds: its chords are said again where another one holds now."""
        bar = dict(moments(said))
        if opened and opened != chord and (0 not in bar or bar[0][0] not in _CHORDS):
            bar = {0: (opened, *bar.get(0, ())), **{tick: tokens for tick, tokens in bar.items() if tick}}
        found: list[int] = []
        for tick, tokens in bar.items():
            kept = []
            for token in tokens:
                if token in _CHORDS:
                    if token == chord:
                        continue
                    chord = token
                kept.append(token)
            if kept:
                found += [words.at(tick), *kept]
        return tuple(found)


@lru_cache(maxsize=MOST)
def moments(said: tuple[int, ...]) -> tuple[tuple[int, tuple[int, ...]], ...]:
    """(tick, tokens) of each moment in a bar's tokens."""
    starts = [index for index, token in enumerate(said) if token in _ATS]
    return tuple(
        (said[start] - _AT, said[start + 1 : end]) for start, end in zip(starts, [*starts[1:], len(said)], strict=True)
    )


def _sings(tokens: tuple[int, ...], sets: Sets) -> bool:
    return any(token in sets.notes for token in tokens)
