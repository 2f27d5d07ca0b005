"""Corpus readers, ABC, harmony by rule, and the feed."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from muse.errors import CorpusError
from muse.music import abc, corpus, harmony, rules
from muse.music import vocabulary as words
from muse.music.events import Draft, encode, moved
from muse.music.feed import UNSCORED, Windows, sources, target, unsaid
from muse.music.records import Record, lead, measured, tune
from muse.music.theory import Chord, Key, Meter
from muse.settings import RunSettings

CORPORA = Path(__file__).parents[2] / "corpora"
SAMPLES = [CORPORA / name / "sample" for name in ("jsb-chorales", "melodies", "satb-polish", "open-hymnal")]
data = pytest.mark.skipif(
    "MUSE_DATA" not in os.environ, reason="MUSE_DATA is not set: the shared corpora are not at hand"
)


def records() -> list[Record]:
    return [record for sample in SAMPLES for record in corpus.read(sample)]


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.parent.name)
def test_samples_are_read(sample: Path) -> None:
    found = list(corpus.read(sample))
    assert found and all(record.corpus == sample.parent.name for record in found)
    for record in found:
        assert len(encode(record.draft).tokens) > 12


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.parent.name)
def test_all_is_every_split_together(sample: Path) -> None:
    parts = [record.draft for split in ("train", "valid", "test") for record in corpus.read(sample, split)]
    whole = [record.draft for record in corpus.read(sample, "all")]
    assert len(whole) >= len(list(corpus.read(sample))) and set(map(repr, whole)) == set(map(repr, parts))


def test_nothing_known_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="no music"):
        list(corpus.read(tmp_path))


def test_chorale_frames_come_back() -> None:
    draw = np.random.default_rng(3)
    frames = [[int(pitch) for pitch in draw.choice([60, 62, 64, -1], 4)] for _ in range(37)]
    assert corpus.jsb_frames(corpus.jsb_draft(frames)) == frames


ABC = """X: 1
T: A Test
M: 3/4
L: 1/4
V: S1V1
V: S1V2
V: S2V1
V: S2V2
K: G
[V: S1V1] [Q:1/4=100] D | G2 ^F/G/ | (3ABc d- | d3/2 =f/ _B | G2 |]
[V: S1V2] B, | D3 | F3 | F3 | D2 |]
[V: S2V1] G, | [B,D]3 | A,3 | A,3 | B,2 |]
[V: S2V2] G,, | G,,3 | D,3- | D,2 D,, | G,,2 |]
"""


def test_abc() -> None:
    found = abc.parse(ABC.replace("(3ABc d-", "(3ABc d2-"))
    soprano = found.voices["S1V1"]
    assert found.tempo == 100 and found.sharps == 1 and found.bars["S1V1"][0] == 12
    assert [(t, d, p) for t, d, p, _ in soprano] == [
        (0, 12, 62), (12, 24, 67), (36, 6, 66), (42, 6, 67), (48, 8, 69), (56, 8, 71), (64, 8, 72), (72, 42, 74),
        (114, 6, 77), (120, 12, 70), (132, 24, 67),
    ]  # fmt: skip
    assert found.voices["S2V2"][2] == (48, 60, 50, 5)
    assert found.voices["S2V1"][1][2] == 59


def test_broken_rhythm() -> None:
    found = abc.parse("X:1\nM:4/4\nL:1/4\nK:C\nC>D E<F|")
    assert [(t, d) for t, d, _, _ in found.voices["1"]] == [(0, 18), (18, 6), (24, 6), (30, 18)]


def test_chords_are_read_from_four_parts() -> None:
    voices = [((0, 48, pitch, 5),) for pitch in (72, 67, 64, 48)] + []
    assert harmony.read_chords(voices, Meter(4, 4), 0, 48) == (Chord(0, 0, ""),)
    seventh = [((0, 48, pitch, 5),) for pitch in (77, 71, 62, 43)]
    assert harmony.read_chords(seventh, Meter(4, 4), 0, 48)[0].root == 7


def test_a_tune_is_harmonised_in_its_key() -> None:
    scale = tuple((12 * i, 12, pitch, 5) for i, pitch in enumerate((60, 64, 67, 72, 69, 65, 62, 59, 60, 60, 60, 60)))
    chords = harmony.harmonise(scale, Key(0), Meter(4, 4), 0, 144)
    assert chords[0] == Chord(0, 0, "") and (chords[-1].root, chords[-1].quality) == (0, "")
    assert all(chord.pitch_classes <= Key(0).scale for chord in chords)


def test_parallels_and_crossings_are_counted() -> None:
    upper, lower = ((0, 12, 67, 5), (12, 12, 69, 5)), ((0, 12, 60, 5), (12, 12, 62, 5))
    found = rules.count(Draft("satb", Key(0), Meter(4, 4), (upper, lower, (), ()), 24))
    assert (found.parallels, found.crossings) == (1, 0)
    assert rules.count(Draft("satb", Key(0), Meter(4, 4), (lower, upper, (), ()), 24)).crossings == 2


def test_measured_says_the_same_in_every_key() -> None:
    def draft(move: int) -> Draft:
        return Draft(
            "melody",
            Key(move % 12),
            Meter(4, 4),
            (tuple((12 * i, 12, 60 + move + s, 5) for i, s in enumerate((0, 4, 7, 4))),),
            48,
        )

    assert measured(draft(0)).header == measured(draft(2)).header


def test_the_feed_is_a_function_of_the_step() -> None:
    feeds = [Windows(sources(records()), 3, 256, seed=5) for _ in range(2)]
    first, second = feeds[0].batch(7, 0, 0, 1), feeds[1].batch(7, 0, 0, 1)
    assert all(
        (getattr(first, name) == getattr(second, name)).all() for name in ("tokens", "row", "col", "target", "segment")
    )
    assert (first.tokens != feeds[0].batch(8, 0, 0, 1).tokens).any()
    scored = first.target != UNSCORED
    assert scored.float().mean() > 0.5
    following = first.tokens[:, 1:]
    assert (first.target[:, :-1][scored[:, :-1]] == following[scored[:, :-1]]).all()
    assert (first.segment[:, 1:] == first.segment[:, :-1])[scored[:, :-1]].all()


def test_unsaid_headers_are_not_scored() -> None:
    record = next(r for r in records() if r.corpus == "jsb-chorales")
    tokens = unsaid(encode(record.draft).tokens)
    wanted = target(tokens)
    assert (wanted[: words.SLOTS] != UNSCORED).sum() == 4  # tonic, mode, pickup, and the first bar


def test_lead_and_tune_keep_the_top_voice() -> None:
    record = next(r for r in records() if r.draft.task == "satb")
    assert lead(record).draft.voices == tune(record).draft.voices == record.draft.voices[:1]
    assert lead(record).draft.chords


def test_a_course_learns_from_the_samples() -> None:
    from muse.music.course import course
    from muse.music.measure import KEYS, chorales, surprise
    from muse.music.model import MusicSettings
    from muse.train.freeze import freeze  # noqa: F401  the course must be fit for it

    run = RunSettings.of({"steps": 12, "batch": 2, "learning_rate": 4e-3, "warmup": 2, "precision": "fp32", "seed": 1})
    made = course(MusicSettings.load("tiny"), run, SAMPLES[0])
    losses = [made.objective.step([made.feed.batch(step, 0, 0, 1)], step)["loss"] for step in range(12)]
    assert losses[-1] < losses[0] - 0.5
    model = made.objective.model.eval()  # type: ignore[attr-defined]
    found = list(corpus.read(SAMPLES[0]))[:2]
    assert chorales(model, found)["cells"] == sum(4 * record.draft.length // 3 for record in found)
    code = encode(found[0].draft)
    whole, parts = surprise(model, code, 2048, 1024).sum(), surprise(model, code, 96, 48).sum()
    assert whole == pytest.approx(parts, rel=0.5) and whole > 0
    each = [surprise(model, moved(code, step) or code) for step in KEYS]
    mean = surprise(model, code, keys=KEYS)
    assert (mean >= np.min(each, axis=0) - 1e-6).all() and mean.sum() <= np.mean(each, axis=0).sum() + 1e-6
    assert made.sources[0].records == len(list(corpus.read(SAMPLES[0])))


@data
def test_the_shared_chorales() -> None:
    path = Path(os.environ["MUSE_DATA"]) / "music/jsb_chorales/Jsb16thSeparated.json.gz"
    found = list(corpus.read(path, "valid"))
    assert len(found) == 76 and sum(4 * record.draft.length // 3 for record in found) == 4 * 18_408
    assert len(list(corpus.read(path, "train"))) == 228
