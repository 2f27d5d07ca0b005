"""The composer's automaton: after any choice it allows, the piece can still be finished as promised.

What one voice must keep for later is in `muse.music.timeline`; what four voices may do together at one moment in
`muse.music.counterpoint`; here stands what comes when, and what gives way where wishes leave nothing: first what
repeats an earlier bar, then the manners of single voices, then chord notes, at last the rules between voices. What
gave way stands in the state. Key, ranges, meter, bars, rhythm and what is given never do.
"""

from __future__ import annotations

from muse.music import echoes
from muse.music import vocabulary as words
from muse.music.bitsets import EVERY, Mask, array, bits, near
from muse.music.counterpoint import Frame, kept
from muse.music.echoes import CARRIED, CHORD
from muse.music.frames import GAVE_WAY, Standing
from muse.music.pace import Pace, State, frames_of, members_of
from muse.music.scheme import Scheme
from muse.music.timeline import Tune

_BAR, _AT = words.BASE["bar"], words.BASE["at"]
_ATS = range(_AT, _AT + words.LONGEST_BAR)
_CHORDS = range(words.NO_CHORD, words.NO_CHORD + len(words.CHORDS) + 1)
_IN_A_ROW = 2
"""How often the same bar of a tune may follow itself."""


class Automaton:
    """A `muse.constraint.Constraint` over the events of one piece, after its header and what is given; its masks are
    shared, read-only.

    It can begin at any state of its own, and stop before a bar, so that long pieces are written in parts.
    """

    def __init__(self, scheme: Scheme, *, begin: State | None = None, stop: int | None = None, row: int = 0) -> None:
        """
        Args:
            begin: the state to go on from.
            stop: the bar before which to stop; None writes to the end.
            row: added to the bar for the rows of places.
        """
        self.scheme, self.begin, self.stop, self.row = scheme, begin, stop, row
        self.frames = frames_of(scheme)
        self.time, self.pace = self.frames.time, Pace(self.frames)
        self.voices = len(scheme.lines)

    def start(self) -> State:
        silent = (-1,) * self.voices
        return self.begin or State(
            self.scheme.first - 1, -1, 0, silent, silent, silent, words.NO_CHORD, False, False, None, (), (), (), (),
            False,
        )  # fmt: skip

    def done(self, state: State) -> bool:
        return state.ended or (
            self.stop is not None and self._spoken(state) and self.pace.next_bar(state.bar) >= self.stop
        )

    def place(self, state: State) -> tuple[int, int]:
        return state.bar + self.row, 0

    def placed(self, state: State, token: int) -> tuple[int, int]:
        """(row, col) of `token` written in this state: a moment stands at its own tick, a bar at its own row."""
        size = self.scheme.meter.bar
        if token in _ATS:
            return state.bar + self.row, words.column(token - _AT, size)
        if token == words.END:
            return state.bar + self.row, words.column(size - 1, size)
        if _BAR <= token < _AT:
            bar = self.pace.next_bar(state.bar)
            return bar + self.row, words.column(0 if bar else size - self.scheme.pickup, size)
        return state.bar + self.row, words.column(self.time.moments[state.at].tick, size)

    def mask(self, state: State) -> Mask:
        if self._spoken(state):
            return array(self.pace.leaving(state))
        if state.at < 0:
            return array(1 << words.at(self.scheme.meter.bar - self.scheme.pickup))
        parts = self.scheme.parts(state.bar)
        if parts[state.turn] != "chords":
            return array(self._voice(state, parts[state.turn]))
        found = self._chords(state)
        if len(parts) == 1 or self._opens(state) or (found and self._must_change(state)):
            return array(found)
        return array(found | self._voice(state, parts[1]))

    def advance(self, state: State, token: int) -> State:
        if token in _CHORDS:
            tick = self.time.moments[state.at].tick
            return state._replace(
                turn=1, chord=token, changed=state.changed or token != state.chord,
                said=(*state.said, (tick, CHORD, token)),
            )  # fmt: skip
        if token in _ATS:
            return self._begun(state, self.time.index[state.bar, token - _AT])
        if token == words.END:
            return state._replace(ended=True)
        if _BAR <= token < _AT:
            return self._entered(state)
        return self._spoke(state, token)

    def _spoken(self, state: State) -> bool:
        """True where the slice under way is complete."""
        return state.bar < self.scheme.first or (state.at >= 0 and state.turn >= len(self.scheme.parts(state.bar)))

    def _opens(self, state: State) -> bool:
        return self.time.ranges[state.bar][0] == state.at

    def _entered(self, state: State) -> State:
        """The state after the token that opens the next bar."""
        bar = self.pace.next_bar(state.bar)
        log = state.log if state.bar < self.scheme.first else (*state.log, (state.bar, state.said))
        if bar == 0:
            return state._replace(bar=0, at=-1, turn=0, said=(), log=log)
        return self._begun(state._replace(bar=bar, said=(), log=log), self.time.ranges[bar][0])

    def _begun(self, state: State, at: int) -> State:
        """The state where a slice begins."""
        time, scheme = self.time, self.scheme
        moment = time.moments[at]
        bar, now = moment.bar, moment.now
        since = time.moments[state.at].now if state.at >= 0 else -1
        opens = time.ranges[bar][0] == at
        before = state.row if state.struck else state.before
        sung = [time.sung_last(voice, since, now) for voice in range(self.voices)]
        newest = max((note.start for note in sung if note is not None), default=-1)
        if newest >= 0:
            before = tuple(
                note.pitch if note is not None else state.row[voice] if time.open(voice, scheme.bar_of(newest)) else -1
                for voice, note in enumerate(time.sung(voice, newest) for voice in range(self.voices))
            )
        row, last = list(state.row), list(state.last)
        struck = False
        for voice in range(self.voices):
            note = time.sung(voice, now)
            written = time.open(voice, bar)
            if not written or (opens and not time.open(voice, bar - 1)):
                row[voice] = note.pitch if note is not None else -1
                last[voice] = time.last_sung(voice, now)
            struck |= not written and note is not None and note.start == now
        chord = state.chord
        if scheme.task == "lead" and (bar, "chords") not in (scheme.open or ((bar, "chords"),)):
            chord = next((token for tick, token in reversed(scheme.plan) if tick <= now), words.NO_CHORD)
        state = state._replace(
            at=at, turn=0, row=tuple(row), last=tuple(last), before=before, chord=chord, changed=opens, struck=struck
        )
        standing = self._standing(state, opens)
        frame = self.frames.first(at, standing)
        if frame.tier > 2 or (frame.tier and (standing.pins or standing.waits)):
            state = state._replace(relaxed=(*state.relaxed, (bar, GAVE_WAY[frame.tier])))
        return state._replace(frame=frame)

    def _standing(self, state: State, opens: bool) -> Standing:
        """What the voices come from in the slice that begins."""
        moment, source = self.time.moments[state.at], self.pace.source(state)
        pins: dict[int, int] = {}
        waits: frozenset[int] = frozenset()
        kind, starts = moment.tune, EVERY
        if source is not None:
            pins = echoes.pins(*source, moment.tick, state.said, self.time.tones[0])
            if source[0] == "whole":
                waits = frozenset(range(self.voices)) - set(pins)
            if not moment.forced or opens:
                pitch = echoes.tune(source[1], moment.tick)
                kind = Tune.WAITS if pitch is None else Tune.RESTS if pitch < 0 else Tune.STRIKES
                kind = Tune.MAY if kind is Tune.WAITS and (opens or state.row[0] < 0) else kind
            if source[0] == "figure" and not echoes.notes(state.said):
                starts = echoes.roots(source[1], self.time.tones[0])
        toward = self.pace.toward(state)
        if toward >= 0:
            more = sum(self.pace.strikes(at, source) for at in range(state.at + 1, self.time.ranges[state.bar][1]))
            more = min(more, self.pace.left(state)) if self.time.levels else more
            reach = (more + 1) * self.time.leaps[0]
            starts &= ((1 << 2 * reach + 1) - 1 << toward) >> reach
        if moment.note >= 0:
            pins |= self._repeated(state, moment.note)
            following = self._repeated(state, moment.note + 1)
            if following:
                ways = self.scheme.steps[moment.note] if self.scheme.steps else (-1, 0, 1)
                starts &= near(1 << following[0], self.time.leaps[0], ways)
        if kind is Tune.MAY and (missing := self.pace.missing(state)) > 0:
            end = self.time.ranges[state.bar][1]
            if missing > sum(self.pace.strikes(at, source) for at in range(state.at + 1, end)):
                kind = Tune.STRIKES
        return Standing(state.row, state.last, state.before, self.pace.left(state), pins, kind, waits, starts)

    def _repeated(self, state: State, note: int) -> dict[int, int]:
        """The pitch that a note of the tune takes over from an earlier one."""
        source = self.scheme.repeats.get(note)
        return {0: state.tune[source]} if source is not None and source < len(state.tune) else {}

    def _chords(self, state: State) -> int:
        """Chord tokens that may be said in this slice."""
        scheme, moment, opens = self.scheme, self.time.moments[state.at], self._opens(state)
        if not moment.bar:
            return 1 << words.NO_CHORD
        goals = self.time.goals
        closing = state.at in goals
        alone = len(scheme.parts(state.bar)) == 1
        if not opens and not closing and moment.tick not in scheme.slots:
            return 0
        within = bool(goals) and goals[0] < state.at < goals[-1]
        found = tuple(scheme.chords)
        source = self.pace.source(state)
        if closing:
            found = scheme.closes if state.at == goals[-1] else scheme.leads or found
        elif goals and state.at > goals[-1]:
            found = (state.chord,)  # where the tune ends before its bar, the last chord sounds on
        elif source is not None and source[0] == "whole":
            token = echoes.chord(source[1], moment.tick)
            if token is None and not alone:
                return 0
            found = (token,) if token is not None else found
        elif within:
            found = (state.chord,)
        kept_ = self._over(state, found)
        if not opens:
            kept_ = tuple(token for token in kept_ if token != state.chord)
            if not kept_ and alone:
                kept_ = tuple(token for token in self._over(state, tuple(scheme.chords)) if token != state.chord)
        return bits(kept_)

    def _must_change(self, state: State) -> bool:
        """Whether the chord that holds cannot hold on: where the piece closes, or an earlier bar had another."""
        if state.at in self.time.goals:
            allowed = self.scheme.closes if state.at == self.time.goals[-1] else self.scheme.leads
            return bool(allowed) and state.chord not in allowed
        source = self.pace.source(state)
        return source is not None and source[0] == "whole"

    def _over(self, state: State, chords: tuple[int, ...]) -> tuple[int, ...]:
        """Those chords that hold a note which the tune may sing now; all where none does."""
        frame = state.frame
        assert frame is not None
        if "melody" in self.scheme.parts(state.bar):
            tune = frame.strikes[0] | frame.holds[0]
            if frame.silent & 1 and not tune:
                return chords
        else:
            tune = 1 << state.row[0] if state.row[0] >= 0 else 0
        return tuple(token for token in chords if members_of(token) & tune) or chords

    def _voice(self, state: State, part: str) -> int:
        """Tokens that a voice may say in this slice."""
        voice, frame = self.scheme.lines.index(part), state.frame
        assert frame is not None
        opens = self._opens(state)
        if voice == 0:
            frame = self._plain(state, self._harmonised(state, frame))
        found = kept(frame, voice, state.row[:voice], self.frames.beyond(frame.tier))
        strikes, holds = found & frame.strikes[voice], found & frame.holds[voice]
        silent = frame.silent >> voice & 1
        parts = self.scheme.parts(state.bar)
        if not (opens or state.changed) and part == parts[-1]:
            if state.row[voice] < 0:
                silent = 0
            holds = 0 if strikes or silent else holds
        said = _shifted(strikes, words.note(part, 0)) | _shifted(holds, words.held(part, 0))
        if silent or not said:
            said |= 1 << words.rest(part)
        return said

    def _harmonised(self, state: State, frame: Frame) -> Frame:
        """Of the tune's notes those in the chord, where a strong beat or a new chord asks for them."""
        if self.scheme.task != "lead" or "chords" not in self.scheme.parts(state.bar):
            return frame
        moment = self.time.moments[state.at]
        told = bool(state.turn) and state.said[-1][:2] == (moment.tick, CHORD)
        if state.chord == words.NO_CHORD or not (moment.strong or told):
            return frame
        inside = members_of(state.chord)
        strikes, holds = frame.strikes[0] & inside, frame.holds[0] & inside
        return frame._replace(strikes=(strikes,), holds=(holds,)) if strikes or holds else frame

    def _plain(self, state: State, frame: Frame) -> Frame:
        """The frame without the note that would make the tune's bar one too many of the same."""
        if state.bar in self.scheme.echoes or len(state.log) < _IN_A_ROW or self.scheme.rhythm:
            return frame
        pattern = echoes.notes(state.log[-1][1])
        if any(echoes.notes(content) != pattern for _, content in state.log[-_IN_A_ROW:-1]):
            return frame
        begun, tick = echoes.notes(state.said), self.time.moments[state.at].tick
        if len(begun) + 1 != len(pattern) or (*begun, (tick, pattern[-1][1])) != pattern:
            return frame
        others = ~(1 << pattern[-1][1])
        rest = frame._replace(
            strikes=(frame.strikes[0] & others, *frame.strikes[1:]), holds=(frame.holds[0] & others, *frame.holds[1:])
        )
        return rest if kept(rest, 0, (), self.frames.beyond(frame.tier)) else frame

    def _spoke(self, state: State, token: int) -> State:
        """The state after a voice has said a token."""
        parts = self.scheme.parts(state.bar)
        turn = state.turn
        if parts[turn] == "chords":
            turn += 1
        part = parts[turn]
        voice = self.scheme.lines.index(part)
        moment = self.time.moments[state.at]
        row, last, said, tune = state.row, state.last, state.said, state.tune
        changed, struck = state.changed, state.struck
        if token == words.rest(part):
            if row[voice] >= 0:
                said, changed = (*said, (moment.tick, voice, -1)), True
            row = (*row[:voice], -1, *row[voice + 1 :])
        elif token >= words.held(part, words.WINDOWS[part][0]):
            if self._opens(state):
                said = (*said, (moment.tick, voice + CARRIED, row[voice]))
        else:
            pitch = token - words.note(part, 0)
            row, last = (*row[:voice], pitch, *row[voice + 1 :]), (*last[:voice], pitch, *last[voice + 1 :])
            said, changed, struck = (*said, (moment.tick, voice, pitch)), True, True
            if voice == 0 and moment.note >= 0:
                tune = (*tune, pitch)
        return state._replace(turn=turn + 1, row=row, last=last, changed=changed, struck=struck, said=said, tune=tune)


def _shifted(pitches: int, token: int) -> int:
    """The tokens of some pitches, of which `token` is the one of pitch 0."""
    return pitches << token if token >= 0 else pitches >> -token
