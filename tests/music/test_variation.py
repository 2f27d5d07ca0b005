"""The melody VAE: windows on the grid, parts that keep apart, learning, resuming, and the measure."""

from __future__ import annotations

import gzip
import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from muse.bundle import Bundle
from muse.errors import CorpusError, UsageError
from muse.music import variation, windows
from muse.music.reconstruct import decode, distinct, measure, right, tensors
from muse.music.vae import MelodyVae, VaeSettings, last_struck, last_two
from muse.music.windows import HOLD, METERS, ONSET, PAD, REST, SILENT, STEPS
from muse.objective import Course
from muse.settings import resolve
from muse.train.freeze import freeze
from muse.train.loop import train


def record(meter: str = "4/4", bars: int = 24, seed: int = 0, **changes: Any) -> dict[str, Any]:
    chance = np.random.default_rng(seed)
    pitches, durations, left = [], [], bars * {"4/4": 96, "3/4": 72, "6/8": 72, "2/4": 48}[meter]
    while left:
        duration = min(int(chance.choice([6, 12, 12, 24])), left)
        durations.append(duration)
        pitches.append(int(chance.choice([0, 60, 62, 64, 65, 67, 69, 71])) if pitches else 60)
        left -= duration
    values = {"id": f"a{seed}", "src": "cre", "m": meter, "mc": 0, "ph": 0, "grp": f"t:{seed}", "p": pitches}
    return {**values, "d": durations, "role": "tune", **changes}


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("melodies") / "melodies.jsonl.gz"
    lines = [record("4/4" if seed % 4 else ("3/4", "6/8", "2/4")[seed // 4 % 3], seed=seed) for seed in range(160)]
    with gzip.open(path, "wt") as stream:
        stream.writelines(json.dumps(line) + "\n" for line in lines)
    return path


@pytest.fixture
def course(corpus: Path) -> Course:
    sets = ["run.steps=6", "run.valid_every=6", "run.sample_every=6", "run.save_every=3", "run.batch=32"]
    settings, run = resolve(VaeSettings, variation.RUN, size="tiny", sets=sets)
    return variation.course(settings, run, corpus)


def grid(p: list[int], d: list[int], phase: int = 0, bar: int = 96) -> tuple[Any, Any, Any]:
    return windows.on_grid(np.array(p), np.array(d), phase, bar, 6)


def test_a_melody_on_the_grid() -> None:
    kind, pitch, good = grid([60, 0, 62], [12, 12, 72])
    assert kind[0].tolist() == [ONSET, HOLD, REST, REST, ONSET, *[HOLD] * 11] and good.all()
    assert pitch[0].tolist() == [24, 24, SILENT, SILENT, *[26] * 12]
    kind, pitch, good = grid([60], [12], 60, 72)
    assert kind[0].tolist() == [*[REST] * 10, ONSET, HOLD, *[PAD] * 4]


def test_triplets_and_far_pitches_spoil_only_their_bar() -> None:
    _, _, good = grid([60, 60, 60, 60, 60, 60, 110], [96, 8, 8, 8, 72, 96, 96])
    assert good.tolist() == [True, False, True, False]


def test_windows_are_whole_and_of_one_song(corpus: Path) -> None:
    bars, counts = windows.read(corpus, "train")
    assert counts == {"cre": len(set(bars.song.tolist()))}
    for length in (2, 4, 16):
        starts = bars.starts(length)
        kind, pitch = bars.windows(starts, length)
        assert kind.shape == (len(starts), length, 16) and not (kind[:, 0, 0] == HOLD).any()
        assert ((pitch == SILENT) == ((kind == REST) | (kind == PAD))).all()
        assert (bars.song[starts] == bars.song[starts + length - 1]).all()
    for meter, name in enumerate(METERS):
        rows = bars.kind[bars.meter == meter]
        assert ((rows == PAD).sum(axis=1) == 16 - STEPS[name]).all()


def test_train_and_validation_share_no_tune(corpus: Path) -> None:
    groups = [f"t:{seed}" for seed in range(3000)]
    share = np.mean([windows.group_in_validation(group) for group in groups])
    assert 0.01 < share < 0.03
    whole, train_part = windows.read(corpus)[1]["cre"], windows.read(corpus, "train")[1]["cre"]
    valid = windows.read(corpus, "valid")[1]["cre"]
    assert train_part + valid == whole == 160


def test_what_may_not_be_learned_is_left_out() -> None:
    assert windows.usable(record()) and not windows.usable(record(mc=1))
    assert not windows.usable(record(src="openewld")) and windows.usable(record(src="openewld"), learn=False)
    assert not windows.usable(record(m="5/4")) if "5/4" not in windows.READ_AS else True


def test_damaged_corpora_are_said_plainly(tmp_path: Path) -> None:
    for name, data in (("a.jsonl", b"{nonsense"), ("b.jsonl.gz", b"no gzip"), ("c.jsonl", b"")):
        (tmp_path / name).write_bytes(data)
        with pytest.raises(CorpusError):
            windows.read(tmp_path / name)
    with pytest.raises(CorpusError):
        windows.read(tmp_path / "none.jsonl")


def test_the_last_symbols_are_the_last_ones() -> None:
    kind = torch.tensor([[ONSET, HOLD, ONSET, REST, ONSET]])
    pitch = torch.tensor([[5, 5, 7, SILENT, 9]])
    assert last_struck(kind, pitch)[0].tolist() == [[61, 61], [5, 61], [5, 61], [7, 5], [7, 5]]
    assert last_two(kind, 4)[0].tolist() == [[4, 4], [0, 4], [1, 0], [0, 1], [2, 0]]


def test_rhythm_latents_never_see_a_pitch_nor_decoders_the_other_part() -> None:
    torch.manual_seed(0)
    model = MelodyVae(VaeSettings.load("tiny")).eval()
    kind = torch.randint(0, 3, (2, 4, 16))
    one, two = (torch.randint(0, 61, (2, 4, 16)) for _ in range(2))
    meter = torch.tensor([0, 1])
    a, b = model.encode(kind, one, meter), model.encode(kind, two, meter)
    size = model.settings.rhythm_latent
    assert torch.equal(a.mu[..., :size], b.mu[..., :size]) and not torch.equal(a.mu[..., size:], b.mu[..., size:])
    z = torch.randn(2, 4, size + model.settings.pitch_latent)
    other = z.clone()
    other[..., size:] += 1
    assert torch.equal(model.rhythm_features(z, meter), model.rhythm_features(other, meter))
    assert torch.equal(model.pitch_features(z, kind, meter), model.pitch_features(z + 0 * other, kind, meter))


def test_decoding_keeps_to_the_grammar() -> None:
    torch.manual_seed(0)
    model = MelodyVae(VaeSettings.load("tiny")).eval()
    meter = torch.tensor([0, 1, 2, 0])
    z = torch.randn(4, 3, model.settings.rhythm_latent + model.settings.pitch_latent)
    kind, pitch = decode(model, z, meter, torch.Generator().manual_seed(3))
    for row in range(4):
        used = STEPS[METERS[int(meter[row])]]
        assert (kind[row, :, used:] == PAD).all() and (kind[row, :, :used] != PAD).all()
        flat = kind[row, :, :used].flatten().tolist()
        assert flat[0] != HOLD
        assert all(now != HOLD or before != REST for before, now in pairwise(flat))
    assert ((pitch == SILENT) == ((kind == REST) | (kind == PAD))).all()
    again = decode(model, z, meter, torch.Generator().manual_seed(3))
    assert torch.equal(again[0], kind) and torch.equal(again[1], pitch)


def test_right_counts_symbols() -> None:
    kind, pitch = torch.tensor([[ONSET, HOLD, REST, ONSET, PAD]]), torch.tensor([[1, 1, SILENT, 2, SILENT]])
    assert right(kind, pitch, kind, pitch) == 1
    assert right(kind, pitch + 1, kind, pitch) == 0.5
    assert right(torch.zeros_like(kind), pitch, kind, pitch) == 0.5


def test_batches_are_a_function_of_the_step(course: Course) -> None:
    one, again, other = (course.feed.batch(step, 0, 0, 1) for step in (3, 3, 4))
    assert all(torch.equal(a, b) for a, b in zip(one, again, strict=True))
    assert one.kind.shape != other.kind.shape or not torch.equal(one.pitch, other.pitch)
    assert not torch.equal(one.pitch, course.feed.batch(3, 0, 1, 2).pitch)
    pitch = one.pitch[one.pitch != SILENT]
    assert int(pitch.min()) >= 0 and int(pitch.max()) < SILENT


def test_transposing_keeps_intervals() -> None:
    pitch = np.array([[[0, 4, 7, SILENT]], [[60, 55, SILENT, 59]]], np.uint8)
    for seed in range(20):
        moved = variation.transposed(pitch, np.random.default_rng(seed))
        assert moved[0, 0, 3] == SILENT and moved[1, 0, 2] == SILENT
        assert (moved[0, 0, 1:3] - moved[0, 0, 0]).tolist() == [4, 7]
        assert moved[moved != SILENT].max() <= 60 and moved.min() >= 0


def test_a_resumed_run_is_the_unbroken_one(course: Course, corpus: Path, tmp_path: Path) -> None:
    whole = train(course, tmp_path / "whole")
    for file in (tmp_path / "whole").glob("step-*6.safetensors"):
        file.unlink()
    again = train(variation.course(course.settings, course.run, corpus), tmp_path / "whole")  # type: ignore[arg-type]
    assert all(torch.equal(whole.state[name], again.state[name]) for name in whole.state)
    assert whole.figures.keys() >= {"sampled_2", "mean_2", "forced_2", "rate_2"}
    assert (tmp_path / "whole/samples/step-00000006/melodies.txt").read_text().startswith("melody")


def test_learning_learns_and_the_bundle_measures(corpus: Path, tmp_path: Path) -> None:
    sets = [f"run.{name}=60" for name in ("steps", "valid_every", "sample_every", "save_every", "batch")]
    sets += ["anneal=40", "run.warmup=10"]
    settings, run = resolve(VaeSettings, variation.RUN, size="tiny", sets=sets)
    losses: list[float] = []
    course = variation.course(settings, run, corpus)
    checkpoint = train(course, tmp_path / "run", watch=lambda p: losses.append(p.figures["nats_rhythm"]))
    assert np.mean(losses[-10:]) < 0.8 * np.mean(losses[:5])
    bundle = Bundle.from_bytes(freeze(course, checkpoint, "small", "here").as_bytes())
    figures = measure(bundle, corpus, limit=40)
    assert figures.keys() >= {"accuracy_sampled", "accuracy_forced", "melodies"} and figures["melodies"] == 40
    assert 0.2 < figures["accuracy_sampled"] < 1 and figures == measure(bundle, corpus, limit=40)
    assert bundle.card["data"][0]["licence"] == "CC BY 4.0" and bundle.kind == "variation"
    with pytest.raises(UsageError):
        measure(bundle, corpus, split="tset")


def test_measured_windows_are_distinct_and_apart(corpus: Path) -> None:
    bars, _ = windows.read(corpus)
    starts = distinct(bars, 2, 1000)
    assert (np.diff(starts) >= 2).all() and (bars.meter[starts] == 0).all()
    kind, _, meter = tensors(*bars.windows(starts, 2), bars.meter[starts])
    assert kind.shape[1:] == (2, 16) and not meter.any()
