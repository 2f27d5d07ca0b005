"""The automaton keeps every promise whatever is drawn: pure chance walks through its masks and never gets stuck."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from chance import gave_way, walk

from muse.music import rules
from muse.music import vocabulary as words
from muse.music.automaton import Automaton
from muse.music.composer import ENSEMBLES, PieceRequest
from muse.music.events import LINES, PARTS, Draft
from muse.music.pace import State
from muse.music.scheme import Echo, Scheme
from muse.music.theory import SCALES, Chord, Key, Meter
from muse.music.timeline import Timeline

METERS = ("2/4", "3/4", "4/4", "6/8", "3/8", "2/2", "9/8", "12/8", "5/4", "7/8", "3/2", "4/8", "7/4")


def wish(ensemble: str, number: int, **more: object) -> PieceRequest:
    """A request of random key, mode, meter and length."""
    draw = np.random.default_rng(1000 + number)
    key = Key(int(draw.integers(12)), list(SCALES)[int(draw.integers(len(SCALES)))])  # type: ignore[arg-type]
    meter = METERS[int(draw.integers(len(METERS)))]
    chosen = {"key": str(key), "meter": meter, "bars": int(draw.integers(1, 14)), "seed": number, **more}
    return PieceRequest(ensemble=ensemble, **chosen)  # type: ignore[arg-type]


def notes_of(draft: Draft, scheme: Scheme, bar: int) -> list[tuple[int, int]]:
    """(tick of the bar, pitch) of the tune's notes in a bar."""
    start = scheme.start(bar)
    return [(tick - start, pitch) for tick, _, pitch, _ in draft.voices[0] if 0 <= tick - start < draft.meter.bar]


@pytest.mark.parametrize("ensemble", ENSEMBLES)
@pytest.mark.parametrize("number", range(14))
def test_chance_itself_keeps_every_promise(ensemble: str, number: int) -> None:
    request = wish(ensemble, number)
    draft, state, _ = walk(request, number)
    key = Key.parse(str(request.key))
    assert draft.length == request.bars * draft.meter.bar and str(draft.meter) == request.meter and draft.key == key
    for voice in draft.voices:
        assert voice[0][0] == 0
        assert all(pitch % 12 in key.scale for _, _, pitch, _ in voice)
    assert draft.voices[0][-1][2] % 12 == draft.voices[-1][-1][2] % 12 == key.tonic
    if ensemble == "satb":
        assert all(voice[-1][0] + voice[-1][1] == draft.length for voice in draft.voices)
        assert rules.count(draft).crossings == rules.count(draft).parallels == 0
        assert "voice leading" not in gave_way(state)
    if ensemble == "lead":
        assert draft.chords[0].tick == 0 and draft.chords[-1].root == key.tonic


@pytest.mark.parametrize("number", range(6))
def test_four_voices_sing_chords_on_strong_beats(number: int) -> None:
    draft, state, scheme = walk(PieceRequest(ensemble="satb", key="C major", meter="4/4", bars=6, seed=number), number)
    assert not gave_way(state)
    chords = [frozenset((root + step) % 12 for step in steps) for root in (0, 2, 4, 5, 7, 9, 11)
              for steps in ((0, 4, 7), (0, 3, 7), (0, 3, 6), (0, 4, 7, 10), (0, 3, 7, 10), (0, 4, 7, 11), (0, 3, 6, 10),
                            (0, 5, 7))]  # fmt: skip
    for tick, row in rules.sounding(draft):
        if (tick % draft.meter.bar) in scheme.meter.strong:
            assert any({pitch % 12 for pitch in row if pitch is not None} <= chord for chord in chords)
    last = [voice[-1][2] % 12 for voice in draft.voices]
    assert last[0] == last[3] == 0 and set(last) <= {0, 4, 7} and 4 in last
    before = rules.sounding(draft)[-2][1]
    assert before[-1] is not None and before[-1] % 12 in (7, 11)
    for voice, leap in zip(draft.voices, (9, 9, 9, 12), strict=True):
        for (_, _, a, _), (_, _, b, _) in pairwise(voice):
            assert abs(a - b) <= leap and abs(a - b) not in (6, 10, 11)


@pytest.mark.parametrize(("ending", "classes"), [("half", {7, 11, 2}), ("plagal", {0, 4, 7}), ("open", {7, 11, 2})])
@pytest.mark.parametrize("ensemble", ENSEMBLES)
def test_endings(ensemble: str, ending: str, classes: set[int]) -> None:
    request = PieceRequest(ensemble=ensemble, key="C major", meter="3/4", bars=5, seed=1, ending=ending)  # type: ignore[arg-type]
    draft, state, _ = walk(request, 1)
    assert not gave_way(state)
    assert all(voice[-1][2] % 12 in classes for voice in draft.voices)
    if ensemble == "lead":
        assert draft.chords[-1].root == (0 if ending == "plagal" else 7)
        assert ending != "plagal" or draft.chords[-2].root == 5


@pytest.mark.parametrize("ensemble", ENSEMBLES)
@pytest.mark.parametrize("number", range(6))
def test_density_and_leaps(ensemble: str, number: int) -> None:
    few, leap = number % 3, 4 + number % 4
    request = wish(ensemble, number, density=(few, few + 2), leap=leap, bars=6)
    draft, state, scheme = walk(request, number)
    for bar in range(1, 7):
        count = len(notes_of(draft, scheme, bar))
        assert count <= few + 2 and (bar == 6 or count >= few)
    if not gave_way(state):
        assert all(abs(a[2] - b[2]) <= leap for voice in draft.voices for a, b in pairwise(voice))


@pytest.mark.parametrize("low", [30, 48, 60, 72, 84])
def test_a_tune_stays_in_any_range(low: int) -> None:
    request = PieceRequest(ensemble="melody", key="F# minor", ranges={"melody": (low, low + 9)}, bars=6, seed=low)
    pitches = [pitch for _, _, pitch, _ in walk(request, low)[0].voices[0]]
    assert low <= min(pitches) and max(pitches) <= low + 9


@pytest.mark.parametrize("ensemble", ENSEMBLES)
@pytest.mark.parametrize("number", range(5))
def test_voices_keep_to_a_progression(ensemble: str, number: int) -> None:
    meter = Meter.parse("3/4" if number % 2 else "4/4")
    roots = (9, 2, 4, 9, 7, 0, 4, 9)
    chords = tuple(
        Chord(bar * meter.bar, root, {9: "m", 2: "m", 4: "7"}.get(root, "")) for bar, root in enumerate(roots)
    )
    request = PieceRequest(ensemble=ensemble, key="A minor", meter=str(meter), bars=8, seed=number, chords=chords)
    draft, state, _ = walk(request, number)
    assert draft.chords == chords
    for voice in draft.voices:
        for tick, _, pitch, _ in voice:
            if tick % meter.bar in meter.strong and "chord tones" not in gave_way(state):
                assert pitch % 12 in chords[tick // meter.bar].pitch_classes


@pytest.mark.parametrize("ensemble", ENSEMBLES)
@pytest.mark.parametrize("number", range(6))
def test_an_exact_rhythm_with_steps(ensemble: str, number: int) -> None:
    draw = np.random.default_rng(number)
    tick, rhythm = 6, []
    while tick < 6 + 6 * 36 - 24:
        length = int(draw.choice([6, 12, 18]))
        rhythm.append((tick, length))
        tick += length + int(draw.choice([0, 0, 0, 6]))
    ways = [frozenset((0, 1)), frozenset((-1, 0)), frozenset((-1, 0, 1)), frozenset((1,)), frozenset((-1,))]
    steps = tuple(ways[int(draw.integers(len(ways)))] for _ in rhythm[1:])
    request = PieceRequest(ensemble=ensemble, key="G 徵", meter="3/4", bars=6, pickup=6, seed=number,
                           rhythm=tuple(rhythm), steps=steps)  # fmt: skip
    draft, _, scheme = walk(request, number)
    assert [(tick, length) for tick, length, _, _ in draft.voices[0]] == rhythm
    assert not any(wish == "steps" for _, wish in Timeline.of(scheme).relaxed)
    if ensemble != "satb":
        for (a, b), step in zip(pairwise(draft.voices[0]), steps, strict=True):
            assert (b[2] > a[2]) - (b[2] < a[2]) in step


def test_strophes_take_their_pitches_over() -> None:
    rhythm = tuple((12 * index, 12) for index in range(24))
    repeats = {index: index - 12 for index in range(12, 24)}
    for number in range(5):
        request = PieceRequest(ensemble="lead", key="D dorian", meter="4/4", bars=6, seed=number, rhythm=rhythm,
                               repeats=repeats, phrases=(144, 288))  # fmt: skip
        tune = [pitch for _, _, pitch, _ in walk(request, number)[0].voices[0]]
        assert sum(tune[index] == tune[index - 12] for index in range(12, 24)) >= 10
        assert (tune[11] - 2) % 12 in {0, 3, 7, 10, 2}


@pytest.mark.parametrize("ensemble", ENSEMBLES)
@pytest.mark.parametrize("number", range(4))
def test_echoes(ensemble: str, number: int) -> None:
    asked = {3: Echo(1), 4: Echo(2, "rhythm"), 5: Echo(1, "figure"), 6: Echo(3)}
    request = PieceRequest(ensemble=ensemble, key="C major", meter="4/4", bars=8, seed=number, echoes=asked,
                           holds=frozenset())  # fmt: skip
    draft, state, scheme = walk(request, number)
    bars = {bar: notes_of(draft, scheme, bar) for bar in range(1, 9)}
    assert [tick for tick, _ in bars[4] if tick] == [tick for tick, _ in bars[2] if tick]
    if "repetition" not in gave_way(state):
        assert bars[3] == bars[1] == bars[6]
        scale = [pitch for pitch in range(128) if pitch % 12 in draft.key.scale]
        figures = [[scale.index(pitch) - scale.index(bars[bar][0][1]) for _, pitch in bars[bar]] for bar in (1, 5)]
        assert figures[0] == figures[1]


@pytest.mark.parametrize("number", range(8))
def test_a_tune_repeats_what_its_form_repeats(number: int) -> None:
    draft, state, scheme = walk(PieceRequest(ensemble="lead", key="G major", meter="3/4", bars=16, seed=number), number)
    assert any(echo.likeness == "whole" for echo in scheme.echoes.values())

    def chord(tick: int) -> tuple[int, str]:
        return next((chord.root, chord.quality) for chord in reversed(draft.chords) if chord.tick <= tick)

    for bar, echo in scheme.echoes.items():
        here, there = notes_of(draft, scheme, bar), notes_of(draft, scheme, echo.source)
        if echo.likeness == "whole" and "repetition" not in gave_way(state):
            assert {tick: pitch for tick, pitch in here if tick} == {tick: pitch for tick, pitch in there if tick}
            assert chord(scheme.start(bar)) == chord(scheme.start(echo.source))


@pytest.mark.parametrize("ensemble", ENSEMBLES)
@pytest.mark.parametrize("task", ["continue", "harmonise", "fill"])
@pytest.mark.parametrize("number", range(5))
def test_what_is_given_stays_note_for_note(ensemble: str, task: str, number: int) -> None:
    if task == "harmonise" and ensemble == "melody":
        return
    draw = np.random.default_rng(number)
    pickup = 6 * (number % 2)
    source, _, first = walk(wish(ensemble, number, bars=7, meter="4/4", pickup=pickup), number)
    cells = [(bar, part) for bar in range(first.first, 8) for part in PARTS[ensemble]]
    write = frozenset({
        "continue": [cell for cell in cells if cell[0] > 3],
        "harmonise": [cell for cell in cells if cell[1] not in ("melody", "soprano")],
        "fill": [cell for cell in cells if draw.random() < 0.5] or cells[:1],
    }[task])  # fmt: skip
    request = PieceRequest(ensemble=ensemble, bars=7, seed=number + 50, given=source, write=write)
    draft, state, scheme = walk(request, number + 50)
    for line, before, after in zip(LINES[ensemble], source.voices, draft.voices, strict=True):
        kept = [note for note in before if (scheme.bar_of(note[0]), line) not in write]
        assert set(kept) <= set(after)
        given_bars = {bar for bar in range(first.first, 8) if (bar, line) not in write}
        new = [note for note in after if scheme.bar_of(note[0]) in given_bars and note not in before]
        assert all((scheme.bar_of(tick) - 1, line) in write and tick == scheme.start(scheme.bar_of(tick))
                   for tick, _, _, _ in new)  # fmt: skip
    if ensemble == "satb" and "voice leading" not in gave_way(state):
        assert rules.count(draft).parallels == rules.count(draft).crossings == 0


def test_no_bar_of_a_tune_follows_itself_for_ever() -> None:
    """A model that always takes the likeliest of few tokens would repeat one bar; here: always the lowest allowed."""
    from chance import prepare

    _, scheme, _ = prepare(PieceRequest(ensemble="melody", key="C major", meter="4/4", bars=16, echoes={}))
    automaton = Automaton(scheme)
    state = automaton.start()
    while not automaton.done(state):
        allowed = np.flatnonzero(automaton.mask(state))
        state = automaton.advance(state, int(allowed[-1] if words.NAMES[allowed[-1]].startswith("bar") else allowed[0]))
    said = [[(tick, what) for tick, who, what in content if who == 0] for _, content in state.log]
    assert not any(a == b == c for a, b, c in zip(said, said[1:], said[2:], strict=False))


def test_free_mode_keeps_key_and_range_alone() -> None:
    found = 0
    for number in range(6):
        draft, _, _ = walk(PieceRequest(ensemble="satb", key="C major", bars=6, seed=number, strict=False), number)
        assert all(pitch % 12 in draft.key.scale for voice in draft.voices for _, _, pitch, _ in voice)
        found += rules.count(draft).parallels + rules.count(draft).crossings
    assert found > 0


def test_a_state_can_be_gone_on_from() -> None:
    """Stopping before a bar and beginning again there is the same as going through."""
    from chance import prepare

    _, scheme, _ = prepare(PieceRequest(ensemble="satb", key="C major", meter="4/4", bars=6))

    def through(stops: list[int | None]) -> list[int]:
        draw, tokens = np.random.default_rng(3), []
        state: State | None = None
        for stop in stops:
            automaton = Automaton(scheme, begin=state, stop=stop)
            state = automaton.start()
            while not automaton.done(state):
                tokens.append(int(draw.choice(np.flatnonzero(automaton.mask(state)))))
                state = automaton.advance(state, tokens[-1])
        return tokens

    assert through([None]) == through([3, 5, None])
