"""From what is asked to what is promised: a request, all its wishes checked, becomes a plan and a scheme."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from muse.errors import UsageError, WishError, did_you_mean
from muse.music import mood as moods
from muse.music import vocabulary as words
from muse.music.events import LINES, PARTS, Cell, Draft, shift
from muse.music.mood import Plan
from muse.music.scheme import Echo, Scheme, form, grid_of, rest_tick
from muse.music.theory import Chord, Key, Meter
from muse.seed import stream

if TYPE_CHECKING:
    from muse.music.composer import PieceRequest

ENSEMBLES = ("melody", "lead", "satb")
MOST_BARS = 256
TEMPOS = (20.0, 320.0)
RANGES = {"soprano": (60, 79), "alto": (55, 74), "tenor": (48, 67), "bass": (40, 62)}
"""Usual ranges of voices, MIDI pitches."""


def prepare(request: PieceRequest) -> tuple[Plan, Scheme, int]:
    """(plan, scheme, octaves by which the draft is moved up at the end), all wishes checked.

    Raises:
        UsageError, WishError: as `muse.music.composer.compose`.
    """
    _check(request)
    wishes: dict[str, Any] = {}
    if request.given is not None:
        wishes |= {"key": request.given.key, "meter": request.given.meter}
    if request.key is not None:
        wishes["key"] = Key.parse(request.key)
    if request.meter is not None:
        wishes["meter"] = Meter.parse(request.meter)
    if request.tempo is not None:
        wishes["tempo"] = request.tempo
    plan = moods.plan(request.mood, request.seed, wishes, request.ensemble)
    meter = plan.meter
    pickup = request.given.pickup if request.given is not None else request.pickup
    if not 0 <= pickup < meter.bar:
        raise WishError(f"a pickup of {pickup} ticks in {meter}", f"it is shorter than a bar of {meter.bar}")
    ranges, octave = _ranges(request, plan)
    move = shift(plan.key) - 12 * octave
    progression = tuple(
        (chord.tick, words.chord((chord.root + move) % 12, chord.quality)) for chord in sorted(request.chords)
    )
    given, cells = _given(request, plan, pickup, move)
    if given is not None and given.chords:
        progression = tuple((chord.tick, words.chord(chord.root, chord.quality)) for chord in given.chords)
    holds, echoes, final = _form(request, meter, free=cells is None and not request.rhythm)
    busy = plan.density >= 3 or (plan.energy >= 3 and meter.bar <= 36)
    grid = grid_of(meter, busy, request.ensemble)
    if request.density is not None and request.density[0] > len(grid):
        grid = tuple(range(0, meter.bar, 3))
        if request.density[0] > len(grid):
            raise WishError(f"{request.density[0]} notes in a bar of {meter}", f"it has room for {len(grid)}")
    scheme = Scheme(
        request.ensemble, plan.key.mode, meter, request.bars, ranges, grid, final, pickup, holds, echoes,
        request.strict, request.ending, request.leap, request.density, progression, given, cells, request.rhythm,
        request.steps, dict(request.repeats), request.phrases,
    )  # fmt: skip
    scheme.check()
    return plan, scheme, octave


def absolute(draft: Draft, key: Key, octave: int, chords: Sequence[Chord] = ()) -> Draft:
    """A draft in its key, at its height, with the chords as they were asked for."""
    move = 12 * octave - shift(key)
    voices = tuple(
        tuple((tick, duration, pitch + move, loud) for tick, duration, pitch, loud in voice) for voice in draft.voices
    )
    found = tuple(sorted(chords)) or tuple(chord.moved(-shift(key)) for chord in draft.chords)
    return replace(draft, key=key, voices=voices, chords=found, given=frozenset())


def _check(request: PieceRequest) -> None:
    """The wishes that need no plan."""
    if request.ensemble not in ENSEMBLES:
        raise UsageError(f"unknown ensemble {request.ensemble!r}", "", did_you_mean(request.ensemble, ENSEMBLES))
    if not 1 <= request.bars <= MOST_BARS:
        raise WishError(f"a piece of {request.bars} bars cannot be", "", f"ask for 1 to {MOST_BARS} bars")
    if request.tempo is not None and not TEMPOS[0] <= request.tempo <= TEMPOS[1]:
        raise WishError(f"a tempo of {request.tempo:g} BPM cannot be", "", f"ask for {TEMPOS[0]:g} to {TEMPOS[1]:g}")
    if request.candidates is not None and not 1 <= request.candidates <= 64:
        raise UsageError(f"{request.candidates} candidates", "1 to 64 are written")
    if request.leap is not None and not 2 <= request.leap <= 24:
        raise WishError(
            f"no leap wider than {request.leap} semitones", "a tune needs steps of 2 at the least, 24 at most"
        )
    if request.density is not None and not 0 <= request.density[0] <= request.density[1] >= 1:
        raise WishError(f"{request.density[0]} to {request.density[1]} notes in a bar cannot be", "", "low first")
    end = -1
    for tick, duration in request.rhythm:
        if tick < max(end, 0) or duration < 1:
            raise UsageError("the notes of a rhythm overlap or are empty", f"at tick {tick}")
        end = tick + duration
    if request.steps and len(request.steps) != len(request.rhythm) - 1:
        raise UsageError(f"{len(request.steps)} steps", f"{len(request.rhythm)} notes have one less than themselves")
    if any(not step or not step <= {-1, 0, 1} for step in request.steps):
        raise UsageError("a step allows no direction", "each is some of -1, 0 and 1")
    if any(not 0 <= source < note < len(request.rhythm) for note, source in request.repeats.items()):
        raise UsageError("a note repeats one that is not before it")
    for bar, echo in (request.echoes or {}).items():
        if not 1 <= echo.source < bar <= request.bars:
            raise UsageError(f"bar {bar} cannot repeat bar {echo.source}", f"there are {request.bars} bars")


def _given(request: PieceRequest, plan: Plan, pickup: int, move: int) -> tuple[Draft | None, frozenset[Cell] | None]:
    """(what is given, in relative pitches, cells to write); a note belongs to the cell where it begins, and is cut
    where it would reach from a written cell into a given one."""
    length = pickup + request.bars * plan.meter.bar
    bars = range(0 if pickup else 1, request.bars + 1)
    every = frozenset((bar, part) for bar in bars for part in PARTS[request.ensemble])
    source = request.given
    cells = frozenset(request.write)
    if request.rhythm and request.rhythm[-1][0] + request.rhythm[-1][1] > length:
        raise WishError("the rhythm is longer than the piece", f"{request.bars} bars end at tick {length}")
    if source is None:
        if request.ensemble != "lead" or not request.chords:
            return None, None
        told = min(chord.tick for chord in request.chords)
        first = next((bar for bar in bars if pickup + (bar - 1) * plan.meter.bar >= told), request.bars + 1)
        cells = frozenset(cell for cell in every if cell[1] != "chords" or cell[0] < first)
        source = Draft("lead", plan.key, plan.meter, ((),), length, pickup, tuple(sorted(request.chords)))
    elif (source.task, source.meter, source.length) != (request.ensemble, plan.meter, length):
        raise UsageError(
            f"what is given is a {source.task} in {source.meter} of {source.bars} bars",
            f"the piece is a {request.ensemble} in {plan.meter} of {request.bars} bars",
        )
    if not cells or not cells <= every:
        raise UsageError("what is to be written lies outside the piece", f"parts are {', '.join(PARTS[source.task])}")
    size = plan.meter.bar
    voices = []
    for line, voice in zip(LINES[source.task], source.voices, strict=True):
        low, high = words.WINDOWS[line]
        found: list[tuple[int, int, int, int]] = []
        for tick, duration, pitch, loud in voice:
            begin = tick
            bar = (begin - pickup) // size + 1
            while begin < tick + duration and (bar, line) in cells:
                bar += 1
                begin = pickup + (bar - 1) * size
            if begin >= tick + duration:
                continue
            if not low <= pitch + move <= high:
                raise UsageError(f"a note of the {line} is out of reach", f"pitch {pitch} in {plan.key}")
            found.append((begin, tick + duration - begin, pitch + move, loud))
        voices.append(tuple(found))
    chords = tuple(chord.moved(move) for chord in source.chords)
    return Draft(source.task, Key(0, plan.key.mode), plan.meter, tuple(voices), length, pickup, chords), cells


def _form(request: PieceRequest, meter: Meter, *, free: bool) -> tuple[dict[int, int], dict[int, Echo], int]:
    """(holds, echoes, tick of the last bar where the last notes begin)."""
    hold = rest_tick(meter)
    draw = stream(request.seed, "scheme")
    final = hold if (request.bars == 1 and request.ensemble != "satb") or draw.random() < 0.4 else 0
    holds, echoes = form(request.ensemble, request.bars, meter, request.seed) if free else ({}, {})
    if request.holds is not None:
        holds = {bar: hold for bar in request.holds if 1 <= bar < request.bars}
    if request.echoes is not None:
        echoes = {bar: echo for bar, echo in request.echoes.items() if bar < request.bars}
        if request.holds is None:
            holds = {bar: tick for bar, tick in holds.items() if bar not in echoes}
        else:
            copies = {bar: echo.source for bar, echo in echoes.items()}
            holds = {bar: tick for bar, tick in holds.items() if bar not in copies or copies[bar] in holds}
    holds.pop(request.bars - 1, None)  # the last bar alone is no phrase
    if request.bars - 1 in echoes:
        final = hold
    if request.density is not None:
        final = final if request.density[1] > 1 else 0
        fewest = request.density[0]
        grid = grid_of(meter, False, request.ensemble)
        holds = {bar: tick for bar, tick in holds.items() if sum(at < tick for at in grid) + 1 >= fewest}
    return holds, echoes, final


def _ranges(request: PieceRequest, plan: Plan) -> tuple[tuple[tuple[int, int], ...], int]:
    """(relative range of each voice, octaves to move up at the end)."""
    names = tuple(RANGES) if request.ensemble == "satb" else ("melody",)
    asked = dict(request.ranges or {})
    for name, (low, high) in asked.items():
        if name not in names:
            raise UsageError(
                f"unknown voice {name!r}", f"{request.ensemble} has {', '.join(names)}", did_you_mean(name, names)
            )
        if not 0 <= low <= high < 128:
            raise WishError(
                f"the range of the {name} runs from {low} to {high}", "MIDI pitches go from 0 to 127, low first"
            )
    centre = 68 + 2 * (plan.register - 2)
    # a tune lies well where its tonic is neither at the bottom of its range nor at the top of an octave on it
    centre += min(
        (0, 1, -1, 2, -2, 3, -3), key=lambda away: (plan.key.tonic - centre - away + 8) % 12 not in range(2, 8)
    )
    tune = [pitch for _, _, pitch, _ in request.given.voices[0]] if request.given is not None else []
    if tune:
        centre = round(sum(tune) / len(tune))
    # under a low tune the other voices make room for one another
    deeper = max(0, RANGES["soprano"][0] - min(tune, default=127))
    lower = {name: (low - deeper, high) for name, (low, high) in RANGES.items()}
    usual = {**lower, "melody": (min([centre - 8, *tune]), max([centre + 9, *tune]))}
    move, octave = shift(plan.key), 0
    found = []
    for name in names:
        low, high = asked.get(name, usual[name])
        if name == "melody":
            octave = round(((low + high) / 2 + move - 68) / 12)
        bottom, top = words.WINDOWS[name]
        found.append((max(bottom, low + move - 12 * octave), min(top, high + move - 12 * octave)))
    return tuple(found), octave
