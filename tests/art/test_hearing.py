"""What a piece says of itself becomes a mood: each cue in its direction, all of them added up."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from muse.art import hearing
from muse.art.corpus import STYLES
from muse.art.musictable import CUES, MODES
from muse.art.palette import PALETTES
from muse.music.theory import SCALES
from muse.terms import Features, Mood

PLAIN = Features(mode="major", tempo=96.0, density=5.0, register=60.0, energy=(0.8,) * 12)


def felt(features: Features) -> Mood:
    return hearing.heard(Mood(), features, known=False)[0]


def rising(values: list[float]) -> bool:
    return all(a <= b for a, b in pairwise(values)) and values[0] < values[-1]


def test_faster_is_never_calmer() -> None:
    assert rising([felt(replace(PLAIN, tempo=float(tempo))).energy for tempo in range(30, 260, 10)])


def test_higher_is_never_sadder_and_denser_is_never_emptier() -> None:
    assert rising([felt(replace(PLAIN, register=float(pitch))).valence for pitch in range(36, 90, 3)])
    assert rising([felt(replace(PLAIN, density=notes / 2)).density for notes in range(1, 30)])


def test_modes_go_from_sad_to_glad() -> None:
    order = ["phrygian", "minor", "dorian", "lydian", "mixolydian", "major"]
    assert rising([felt(replace(PLAIN, mode=mode)).valence for mode in order])
    fifths = ["羽", "商", "角", "宫"]
    assert rising([felt(replace(PLAIN, mode=mode)).valence for mode in fifths])


def test_every_mode_of_music_is_told_apart() -> None:
    assert set(MODES) == set(SCALES)
    moods = {mode: felt(replace(PLAIN, mode=mode)) for mode in SCALES}
    assert len(set(moods.values())) == len(SCALES) == 11 and felt(replace(PLAIN, mode="")) not in moods.values()
    for mode in MODES.values():
        assert set(mode.styles.split()) <= set(STYLES) and set(mode.palettes.split()) <= set(PALETTES)


@pytest.mark.parametrize(
    ("curve", "axis", "sign"),
    [
        (np.linspace(0.3, 1, 12), "energy", 1),
        (np.linspace(1, 0.3, 12), "energy", -1),
        ([0.2, 1.0] * 6, "tension", 1),
        ([0.8] * 12, "tension", -1),
        ([0.4] * 11 + [1.0], "energy", -1),
    ],
)
def test_the_curve_of_energy_is_heard(curve: list[float], axis: str, sign: int) -> None:
    none = getattr(felt(replace(PLAIN, energy=())), axis)
    assert sign * (getattr(felt(replace(PLAIN, energy=tuple(map(float, curve)))), axis) - none) > 0.02


def test_every_cue_moves_something_and_says_why() -> None:
    assert len({cue.name for cue in CUES}) == len(CUES) == len(hearing.measured(PLAIN))
    assert all(any(cue.moves) and cue.why and cue.reach > 0 for cue in CUES)


def test_the_reason_is_in_plain_words() -> None:
    slow = Features(mode="minor", tempo=64.0, register=52.0)
    mood, why = hearing.heard(Mood(), slow, known=False)
    assert why.startswith("mood moved to the music: minor (a lowered third: sad), 64 BPM (slow), low register: ")
    assert f"valence {mood.valence / hearing.UNKNOWN:+.1f}".replace("-", "−") in why


def test_a_theme_that_speaks_keeps_half_of_its_mood() -> None:
    glad = Mood(valence=0.8)
    alone, half = (hearing.heard(glad, Features(mode="minor"), known=known)[0].valence for known in (False, True))
    assert alone < half < glad.valence
    assert hearing.heard(glad, Features(season="winter"), known=False) == (glad, "")
    assert hearing.heard(glad, None, known=False) == (glad, "")


@pytest.mark.parametrize("energy", [(), (1.0,), (0.0, 0.0, 0.0), (1.0,) * 400])
def test_odd_pieces_are_heard_too(energy: tuple[float, ...]) -> None:
    mood = felt(Features(mode="?", tempo=1e-9, density=0.0, register=127.0, energy=energy))
    assert all(-1 <= value <= 1 for value in mood.as_dict().values())
