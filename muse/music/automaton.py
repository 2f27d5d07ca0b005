"""The composer's automaton: after any choice it allows, the piece can still be finished as promised.

Key, bars, ranges, crossing, phrase ends and the last chord are hard: no mask ever lets them go. Leaps beyond an octave,
parallel fifths and octaves, and chord notes on the first beat are kept wherever a note is left that keeps them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from muse.music import vocabulary as words
from muse.music.rules import moves_in_parallel
from muse.music.scheme import Scheme

Mask = npt.NDArray[np.bool_]
Moment = tuple[int, tuple[int, ...]]
WIDEST_LEAP = {"melody": 9, "soprano": 9, "alto": 9, "tenor": 9, "bass": 12}
CHORD = -1
"""Stands for the chord among the things that a moment must still bring."""


@dataclass(frozen=True, slots=True)
class State:
    """Where the writing is.

    Attributes:
        bar: the bar under way, from 1; 0 before the first.
        tick: of the moment under way; −1 at the beginning of a bar.
        stage: 0 where a chord may come, n + 1 where voice n may.
        held: relative pitch of each voice, −1 before its first note.
        before: the same when the moment began.
        chord: token of the chord that holds, 0 before the first.
        must: voices (and CHORD) that still have to speak in this moment.
        fresh: True where nothing was written yet in this moment.
        forced: tokens that come next, whatever the model says.
        moments: (tick, tokens) of this bar so far.
        opened: the chord that held when this bar began.
        log: for each finished bar, the chord it began with and its moments.
    """

    bar: int = 0
    tick: int = -1
    stage: int = 0
    held: tuple[int, ...] = ()
    before: tuple[int, ...] = ()
    chord: int = 0
    must: frozenset[int] = frozenset()
    fresh: bool = False
    forced: tuple[int, ...] = ()
    moments: tuple[Moment, ...] = ()
    opened: int = 0
    log: tuple[tuple[int, tuple[Moment, ...]], ...] = ()
    ended: bool = False


class Automaton:
    """A `muse.constraint.Constraint` over the events of one piece, after its header.

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

    def start(self) -> State:
        silent = (-1,) * self.voices
        return self.begin or State(held=silent, before=silent)

    def done(self, state: State) -> bool:
        return state.ended or (self.stop is not None and self._at_stop(state))

    def place(self, state: State) -> tuple[int, int]:
        return self.placed(state, words.BASE["bar"])

    def placed(self, state: State, token: int) -> tuple[int, int]:
        """(row, col) of `token` written in this state: a moment stands at its own tick, a bar at its own row."""
        bar_ticks = self.scheme.meter.bar
        if _is(token, "bar"):
            return state.bar + 1 - self.row, 0
        if _is(token, "at"):
            return state.bar - self.row, words.column(token - words.BASE["at"], bar_ticks)
        tick = bar_ticks - 1 if token == words.END else max(0, state.tick)
        return state.bar - self.row, words.column(tick, bar_ticks)

    def mask(self, state: State) -> Mask:
        mask = np.zeros(words.SIZE, bool)
        scheme = self.scheme
        if state.forced:
            mask[state.forced[0]] = True
            return mask
        if state.bar == 0:
            mask[words.bar(scheme.bars)] = True
            return mask
        need = self._need(state)
        if state.tick >= 0:
            self._mask_moment(state, need, mask)
        if not need and not (state.tick >= 0 and state.fresh):
            self._mask_leaving(state, mask)
        return mask

    def advance(self, state: State, token: int) -> State:
        forced = state.forced[1:] if state.forced else ()
        scheme = self.scheme
        if _is(token, "bar"):
            log = (*state.log, (state.opened, state.moments)) if state.bar else state.log
            bar = state.bar + 1
            moved = replace(
                state, bar=bar, tick=-1, stage=0, must=frozenset(), fresh=False, moments=(), opened=state.chord, log=log
            )
            echo = scheme.echoes.get(bar)
            return replace(moved, forced=self._echo(moved, echo.source) if echo and echo.whole else ())
        if _is(token, "at"):
            tick = token - words.BASE["at"]
            must = self._must(state, tick) if not state.forced else frozenset()
            return replace(state, tick=tick, stage=0, before=state.held, must=must, fresh=True, forced=forced,
                           moments=(*state.moments, (tick, ())))  # fmt: skip
        if token == words.END:
            return replace(state, ended=True, forced=forced)
        tick, written = state.moments[-1]
        moments = (*state.moments[:-1], (tick, (*written, token)))
        if _is(token, "chord"):
            return replace(
                state, chord=token, stage=1, must=state.must - {CHORD}, fresh=False, forced=forced, moments=moments
            )
        voice = self._voice(token)
        pitch = token - words.BASE[scheme.lines[voice]] - 1 + words.WINDOWS[scheme.lines[voice]][0]
        held = (*state.held[:voice], pitch, *state.held[voice + 1 :])
        return replace(
            state, held=held, stage=voice + 2, must=state.must - {voice}, fresh=False, forced=forced, moments=moments
        )

    def _at_stop(self, state: State) -> bool:
        """True where the only thing left in this bar is to leave it, and the next one is where to stop."""
        assert self.stop is not None
        return state.bar >= self.stop

    def _need(self, state: State) -> list[int]:
        """What must still be written in this moment, in order; voices left above their upper neighbour among it."""
        if state.tick < 0:
            return []
        found = set(state.must)
        for upper in range(self.voices - 1):
            if state.held[upper] >= 0 and state.held[upper + 1] > state.held[upper]:
                found.add(upper + 1)
        return sorted(found)

    def _must(self, state: State, tick: int) -> frozenset[int]:
        scheme = self.scheme
        everyone = frozenset(range(self.voices))
        if state.bar == scheme.bars and tick == scheme.final:
            chord = {CHORD} if scheme.task == "lead" and state.chord != scheme.tonic else set()
            return everyone | chord
        if state.held[0] < 0:
            return everyone | ({CHORD} if scheme.task == "lead" else set())
        must = set()
        if scheme.holds.get(state.bar) == tick or (tick == 0 and self._opens(state.bar)):
            must.add(0)
        echo = scheme.echoes.get(state.bar)
        if echo is not None and not echo.whole:
            must.add(0)
        return frozenset(must)

    def _opens(self, bar: int) -> bool:
        """True for bars that must begin with a note: the first, and the first of a phrase."""
        return bar == 1 or bar - 1 in self.scheme.holds

    def _mask_moment(self, state: State, need: Sequence[int], mask: Mask) -> None:
        scheme = self.scheme
        last = state.bar == scheme.bars and state.tick == scheme.final
        if scheme.task == "lead" and state.stage == 0:
            if CHORD in need:
                if last:
                    mask[scheme.tonic] = True
                else:
                    mask |= scheme.chord_mask
                    if state.bar == 1:
                        mask[list(scheme.chords)] = False
                        mask[scheme.tonic] = True
                return
            if state.tick in scheme.slots and not last:
                mask |= scheme.chord_mask
                if state.chord:
                    mask[state.chord] = False
        bound = next((voice for voice in need if voice >= 0), self.voices - 1)
        for voice in range(max(0, state.stage - 1), bound + 1):
            line = scheme.lines[voice]
            first = words.BASE[line] + 1 - words.WINDOWS[line][0]
            mask[[first + pitch for pitch in self._pitches(state, voice)]] = True

    def _pitches(self, state: State, voice: int) -> list[int]:
        """Relative pitches that a voice may take now; never empty where the scheme was checked."""
        scheme = self.scheme
        last = state.bar == scheme.bars and state.tick == scheme.final
        tones = scheme.finals[voice] if last else scheme.tones[voice]
        floor = (scheme.final_floors if last else scheme.floors)[voice]
        roof = state.held[voice - 1] if voice else 1 << 20
        if not last and voice == 0 and scheme.holds.get(state.bar) == state.tick:
            resting = [pitch for pitch in tones if pitch % 12 in scheme.stops and pitch >= floor]
            tones = tuple(resting) or tones
        found = [pitch for pitch in tones if floor <= pitch <= roof]
        held = state.before[voice]
        if held >= 0:
            found = _kept(found, lambda pitch: abs(pitch - held) <= WIDEST_LEAP[scheme.lines[voice]])
        if scheme.task == "lead" and state.tick == 0 and state.chord and not last:
            classes = scheme.chords.get(state.chord, frozenset())
            found = _kept(found, lambda pitch: pitch % 12 in classes)
        if scheme.parallels and held >= 0:
            for upper in range(voice):
                before, after = state.before[upper], state.held[upper]
                if before >= 0 and after != before:
                    found = _kept(found, lambda p, b=before, a=after: not moves_in_parallel((b, held), (a, p)))
        return found

    def _mask_leaving(self, state: State, mask: Mask) -> None:
        """Allow the next moments, the next bar, or the end."""
        scheme = self.scheme
        last = state.bar == scheme.bars
        if last and state.tick == scheme.final:
            mask[words.END] = True
            return
        echo = scheme.echoes.get(state.bar)
        ticks: Sequence[int] = scheme.grid
        if echo is not None:
            source = scheme.lines[0]
            moments = scheme_moments(state, echo.source)
            ticks = (
                () if echo.whole else [tick for tick, tokens in moments if any(_is(token, source) for token in tokens)]
            )
        elif last:
            ticks = [tick for tick in ticks if tick < scheme.final] + [scheme.final]
        elif state.bar in scheme.holds:
            ticks = [tick for tick in ticks if tick < scheme.holds[state.bar]] + [scheme.holds[state.bar]]
        later = [tick for tick in ticks if tick > state.tick]
        if echo is not None and not echo.whole:
            later = later[:1]
        if state.tick < 0 and self._opens(state.bar) and echo is None and not (last and scheme.final == 0):
            mask[words.at(0)] = True
            return
        mask[[words.at(tick) for tick in later]] = True
        if last:
            return
        finished = (
            not later
            if echo is not None and not echo.whole
            else bool(state.moments) or (echo is not None and echo.whole)
        )
        if finished and (state.bar not in scheme.holds or state.held[0] % 12 in scheme.stops):
            mask[words.bar(scheme.bars - state.bar)] = True

    def _echo(self, state: State, source: int) -> tuple[int, ...]:
        """The tokens that repeat a bar here: its chords are said again where another one holds now."""
        opened, moments = state.log[source - 1]
        chord, tokens = state.chord, list[int]()
        wanted = opened
        if wanted and wanted != chord and not (moments and moments[0][0] == 0 and _is(moments[0][1][0], "chord")):
            if moments and moments[0][0] == 0:
                moments = ((0, (wanted, *moments[0][1])), *moments[1:])
            else:
                moments = ((0, (wanted,)), *moments)
        for tick, written in moments:
            kept = []
            for token in written:
                if _is(token, "chord"):
                    if token == chord:
                        continue
                    chord = token
                kept.append(token)
            if kept:
                tokens += [words.at(tick), *kept]
        return tuple(tokens)

    def _voice(self, token: int) -> int:
        for index, line in enumerate(self.scheme.lines):
            if _is(token, line):
                return index
        raise AssertionError(words.NAMES[token])


def scheme_moments(state: State, bar: int) -> tuple[Moment, ...]:
    """The moments of an earlier bar."""
    return state.log[bar - 1][1]


_SIZES = {
    "bar": words.MOST_BARS + 1, "at": words.LONGEST_BAR, "chord": len(words.CHORDS),
    **{voice: words.WINDOWS[voice][1] - words.WINDOWS[voice][0] + 2 for voice in words.VOICES},
}  # fmt: skip


def _is(token: int, block: str) -> bool:
    return words.BASE[block] <= token < words.BASE[block] + _SIZES[block]


def _kept(pitches: list[int], good: object) -> list[int]:
    """Those pitches that are good; all where none is."""
    found = [pitch for pitch in pitches if good(pitch)]  # type: ignore[operator]
    return found or pitches
