"""Composing: a request becomes a plan, a scheme, several candidates, and the best of them a piece."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from muse.errors import UsageError, WishError, did_you_mean
from muse.music import mood as moods
from muse.music import rules
from muse.music import vocabulary as words
from muse.music.arrange import Band, arrange
from muse.music.automaton import Automaton, State
from muse.music.events import Draft, decode, shift
from muse.music.harmony import likeliest_key
from muse.music.mood import Plan
from muse.music.piece import Note, Piece
from muse.music.scheme import Echo, Ending, Scheme, form, grid_of, rest_tick
from muse.music.theory import BEAT, Chord, Key, Meter
from muse.nn.sampling import Sampling
from muse.nn.writer import Prompt, Writer
from muse.seed import derive, stream
from muse.terms import Mood, Report, Theme

if TYPE_CHECKING:
    from muse.bundle import Bundle

ENSEMBLES = ("melody", "lead", "satb")
MOST_BARS = 256
TEMPOS = (20.0, 320.0)
RANGES = {"soprano": (60, 79), "alto": (55, 74), "tenor": (48, 67), "bass": (40, 62)}
"""Usual ranges of voices, MIDI pitches."""
_TOKENS_A_QUARTER = {"melody": 2.4, "lead": 3.0, "satb": 5.5}
_SAID = ("density", "energy", "valence", "register")


@dataclass(frozen=True, slots=True)
class PieceRequest:
    """A wish for a piece; what is None follows from the mood. Pitches, roots and ticks are absolute: as they sound, and
    from the beginning of the piece, the pickup included; bars count from 1, and 0 is the pickup.

    Attributes:
        ensemble: "melody", "lead" (a tune with chords) or "satb" (four voices).
        key: "D minor", "E dorian", "G 徵"; meter: "3/4"; tempo: quarter notes a minute.
        bars: full bars of the whole piece, given ones included.
        pickup: ticks before the first bar line.
        ranges: voice ("melody", "soprano" …) → lowest and highest MIDI pitch.
        candidates: pieces written, of which the best is kept; by default 6, fewer for long pieces.
        strict: the rules of four voices hold; without them only key, ranges and what else is wished.
        chords: a progression; voices take its notes on strong beats.
        given: a piece of this ensemble, key, meter and length; what `write` leaves out of it stays note for note.
        write: (bar, voice) that are written, voice "chords" for those of a lead sheet; with `given` alone.
        rhythm: (tick, duration) of each note of the tune, exactly; between them it rests.
        steps: for each note of the tune after the first, the directions (−1, 0, 1) it may take from the one before.
        repeats: note of the tune → an earlier one whose pitch it takes where it can; for `rhythm`.
        echoes: bar → the earlier bar that it repeats; None draws a form.
        holds: bars in which a phrase ends; None draws a form.
        density: fewest and most notes of the tune in a bar.
        phrases: ticks where lines end, for `rhythm`: the last note that begins before each is a resting one.
        leap: the widest leap of any voice, in semitones.
        ending: "authentic", "half", "plagal" or "open".
        worth: what a draft (its tonic a C) is worth beside its likelihood, added when the best one is chosen.
    """

    theme: Theme = field(default_factory=lambda: Theme(""))
    mood: Mood = field(default_factory=Mood)
    ensemble: str = "lead"
    key: str | None = None
    meter: str | None = None
    tempo: float | None = None
    bars: int = 16
    pickup: int = 0
    ranges: Mapping[str, tuple[int, int]] | None = None
    seed: int = 0
    candidates: int | None = None
    strict: bool = True
    title: str = ""
    band: Band | None = None
    chords: tuple[Chord, ...] = ()
    given: Draft | None = None
    write: frozenset[tuple[int, str]] = frozenset()
    rhythm: tuple[tuple[int, int], ...] = ()
    steps: tuple[frozenset[int], ...] = ()
    repeats: Mapping[int, int] = field(default_factory=dict)
    echoes: Mapping[int, Echo] | None = None
    holds: frozenset[int] | None = None
    density: tuple[int, int] | None = None
    phrases: tuple[int, ...] = ()
    leap: int | None = None
    ending: Ending = "authentic"
    worth: Callable[[Draft], float] | None = None


def compose(request: PieceRequest, bundle: Bundle, device: str = "auto") -> Piece:
    """The piece for a request.

    Args:
        device: "cpu", "cuda" or "auto".

    Raises:
        UsageError: an unknown ensemble, key, meter or voice, or a number out of bounds.
        WishError: wishes that contradict each other.
        BundleError: the bundle is no composer.
    """
    from muse.music.model import writer

    return compose_with(writer(bundle, device), request)


def compose_with(writer: Writer, request: PieceRequest) -> Piece:
    """The piece that a writer makes of a request.

    Raises:
        As `compose`.
    """
    plan, scheme, octave = prepare(request)
    draft = write(writer, request, plan, scheme)
    moved = _absolute(draft, plan.key, octave)
    title = request.title or request.theme.text or "Untitled"
    piece = arrange(moved, plan, title, request.band, request.seed, request.holds)
    return piece.with_report(_report(piece, request))


def prepare(request: PieceRequest) -> tuple[Plan, Scheme, int]:
    """(plan, scheme, octaves by which the draft is moved up at the end), all wishes checked."""
    if request.ensemble not in ENSEMBLES:
        raise UsageError(f"unknown ensemble {request.ensemble!r}", "", did_you_mean(request.ensemble, ENSEMBLES))
    if not 1 <= request.bars <= MOST_BARS:
        raise WishError(f"a piece of {request.bars} bars cannot be", "", f"ask for 1 to {MOST_BARS} bars")
    if request.tempo is not None and not TEMPOS[0] <= request.tempo <= TEMPOS[1]:
        raise WishError(f"a tempo of {request.tempo:g} BPM cannot be", "", f"ask for {TEMPOS[0]:g} to {TEMPOS[1]:g}")
    if request.candidates is not None and not 1 <= request.candidates <= 64:
        raise UsageError(f"{request.candidates} candidates", "1 to 64 are written")
    wishes: dict[str, Any] = {}
    if request.key is not None:
        wishes["key"] = Key.parse(request.key)
    if request.meter is not None:
        wishes["meter"] = Meter.parse(request.meter)
    if request.tempo is not None:
        wishes["tempo"] = request.tempo
    plan = moods.plan(request.mood, request.seed, wishes, request.ensemble)
    meter = plan.meter
    ranges, octave = _ranges(request, plan)
    draw = stream(request.seed, "scheme")
    hold = rest_tick(meter)
    final = hold if (request.bars == 1 and request.ensemble != "satb") or draw.random() < 0.4 else 0
    holds, echoes = form(request.ensemble, request.bars, meter, request.seed)
    busy = plan.density >= 3 or (plan.energy >= 3 and meter.bar <= 36)
    scheme = Scheme(
        request.ensemble, plan.key.mode, meter, request.bars, ranges, grid_of(meter, busy, request.ensemble), final,
        holds, echoes, request.strict,
    )  # fmt: skip
    scheme.check()
    return plan, scheme, octave


def write(writer: Writer, request: PieceRequest, plan: Plan, scheme: Scheme) -> Draft:
    """The best of several drafts, in the relative pitches of the vocabulary (tonic C)."""
    satb = request.ensemble == "satb"
    count = request.candidates or (6 if request.bars <= 32 else 4 if request.bars <= 64 else 2)
    header = header_of(plan, scheme)
    sampling = Sampling(temperature=0.9 if satb else 0.98, top_p=0.93 if satb else 0.95)
    seeds = [derive(request.seed, "candidate", index) for index in range(count)]
    found = _drafts(writer, scheme, header, sampling, seeds)
    scored = [(_worth(draft, free), -index) for index, (draft, free) in enumerate(found)]
    return found[-max(scored)[1]][0]


def _worth(draft: Draft, free: float) -> float:
    """How good a candidate is: likely, without faults, and in the key that its notes alone would suggest."""
    notes = (Note(tick, pitch, duration) for voice in draft.voices for tick, duration, pitch, _ in voice)
    stray = likeliest_key(notes) != draft.key
    return 0.5 * free - 1.2 * rules.fault(draft) - 0.25 * stray


def header_of(plan: Plan, scheme: Scheme) -> list[int]:
    """The header tokens of a plan.

    The tonic is left unsaid, since the piece is moved to its key afterwards, and so are the slots that training never
    said together with the style.
    """
    said = {
        "task": scheme.task, "style": plan.style, "mode": scheme.mode, "pickup": "0",
        "meter": str(scheme.meter) if str(scheme.meter) in words.METERS else None,
    }  # fmt: skip
    if plan.style != "jsb":
        said |= {slot: str(getattr(plan, slot)) for slot in _SAID}
    return [words.header(slot, said.get(slot)) for slot in words.HEADER]


def _drafts(
    writer: Writer, scheme: Scheme, header: Sequence[int], sampling: Sampling, seeds: Sequence[int]
) -> list[tuple[Draft, float]]:
    """Drafts with their mean log-probability a token; long ones in parts, each of which sees the bars just before."""
    quarters = scheme.meter.bar / BEAT * _TOKENS_A_QUARTER[scheme.task]
    part, context = max(2, int(300 / quarters)), max(1, int(180 / quarters))
    unsaid = list(header)
    unsaid[list(words.HEADER).index("pickup")] = words.header("pickup", None)
    tokens: list[list[int]] = [[] for _ in seeds]
    states: list[State] = [Automaton(scheme).start() for _ in seeds]
    places: list[list[tuple[int, int]]] = [[] for _ in seeds]
    totals = np.zeros(len(seeds))
    begin = 0
    while not all(state.ended for state in states):
        stop = begin + part if begin + part < scheme.bars else None
        first = max(0, begin - context)
        automata, prompts = [], []
        for written, stood, state in zip(tokens, places, states, strict=True):
            kept = [index for index, (row, _) in enumerate(stood) if row > first]
            head = unsaid if first else list(header)
            rows = [0] * len(head) + [stood[index][0] - first for index in kept]
            columns = [0] * len(head) + [stood[index][1] for index in kept]
            prompts.append(Prompt((*head, *(written[index] for index in kept)), tuple(rows), tuple(columns)))
            automata.append(Automaton(scheme, begin=state if begin else None, stop=stop, row=first))
        results = writer.generate(prompts, automata, sampling, [derive(seed, begin) for seed in seeds])
        for index, result in enumerate(results):
            state = automata[index].start()
            for token in result.tokens:
                row, column = automata[index].placed(state, int(token))
                places[index].append((row + first, column))
                tokens[index].append(int(token))
                state = automata[index].advance(state, int(token))
            states[index] = state
            totals[index] += float(result.logprob_free.sum())
        begin = stop or scheme.bars
    key = Key(0, scheme.mode)
    drafts = [decode([*header, *written], key=key, meter=scheme.meter) for written in tokens]
    return [(draft, float(total) / len(written)) for draft, total, written in zip(drafts, totals, tokens, strict=True)]


def _absolute(draft: Draft, key: Key, octave: int) -> Draft:
    """The draft in its key, at its height."""
    move = 12 * octave - shift(key)
    voices = tuple(
        tuple((tick, duration, pitch + move, loud) for tick, duration, pitch, loud in voice) for voice in draft.voices
    )
    chords = tuple(replace(chord, root=(chord.root - shift(key)) % 12) for chord in draft.chords)
    return replace(draft, key=key, voices=voices, chords=chords)


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
    centre = 67 + 2 * (plan.register - 2)
    usual = {**RANGES, "melody": (centre - 8, centre + 9)}
    move, octave = shift(plan.key), 0
    found = []
    for name in names:
        low, high = asked.get(name, usual[name])
        if name == "melody":
            octave = round(((low + high) / 2 + move - 68) / 12)
        bottom, top = words.WINDOWS[name]
        found.append((max(bottom, low + move - 12 * octave), min(top, high + move - 12 * octave)))
    return tuple(found), octave


def _report(piece: Piece, request: PieceRequest) -> Report:
    """The promises, read from the written MIDI by the referee."""
    from muse.music import referee

    ranges = {name: f"{_pitch(low)}-{_pitch(high)}" for name, (low, high) in (request.ranges or {}).items()}
    asked: dict[str, Any] = {
        "key": request.key and str(piece.key), "meter": request.meter and str(piece.meter), "tempo": request.tempo,
        "bars": request.bars, "ensemble": request.ensemble, "range": ranges or None,
    }  # fmt: skip
    return referee.check(piece.midi(), asked)


def _pitch(pitch: int) -> str:
    return f"{('C', 'C#', 'D', 'D#', 'E', 'F', 'F#', 'G', 'G#', 'A', 'A#', 'B')[pitch % 12]}{pitch // 12 - 1}"
