"""Two processes that train together, as torchrun starts them: the same weights as one, and a clean stop."""

import time

import counting
import pytest
import torch
import toy
from apart import pair

from muse.bundle import Bundle
from muse.errors import SettingsError
from muse.train.checkpoint import listed, newest
from muse.train.freeze import freeze
from muse.train.launch import claim, together
from muse.train.loop import train

pytestmark = pytest.mark.skipif(not torch.distributed.is_available(), reason="torch has no distributed package")


def same(left, right):
    return left.keys() == right.keys() and all(torch.equal(left[key], right[key]) for key in left)


def ended(processes):
    """Wait for both; what the first said, where one did not end well."""
    assert [process.wait(120) for process in processes] == [0, 0], processes[0].error()[-2000:]


def test_two_processes_learn_what_one_learns(tmp_path):
    alone = train(toy.course(dropout=0.0, steps=20, accumulation=2), tmp_path / "alone")
    ended(pair(toy.run, tmp_path / "pair", {"dropout": 0.0, "steps": 20}))
    together = newest(tmp_path / "pair")
    for name, value in alone.state.items():
        assert torch.allclose(value, together.state[name], atol=1e-6), name


@pytest.mark.parametrize("split", [False, True])
def test_gradients_are_those_of_one_process(tmp_path, split):
    """Though one process has fewer scored tokens than the other."""
    found = []
    for name, accumulation in (("alone", 4), ("pair", 2)):
        folder = tmp_path / name
        folder.mkdir()
        options = {"accumulation": accumulation, "split": split and name == "pair"}
        if name == "pair":
            ended(pair(counting.gradients, folder, options))
        else:
            counting.gradients(folder, options)
        found.append(torch.load(folder / "gradients.pt"))
    (one, figures), (two, others) = found
    assert figures == pytest.approx(others, rel=1e-6)
    assert one.keys() == two.keys()
    for name, value in one.items():
        assert value.norm() > 0 and (value - two[name]).abs().max() <= 1e-6, name


@pytest.mark.parametrize("orthogonal", [False, True])
def test_split_weights_learn_what_whole_ones_learn_and_load_anywhere(tmp_path, orthogonal):
    options = {"orthogonal": orthogonal, "accumulation": 2}
    alone = train(counting.course(**options), tmp_path / "alone")
    ended(pair(counting.run, tmp_path / "split", {"orthogonal": orthogonal, "split": True}))
    found = newest(tmp_path / "split")
    assert found.step == 12 and found.state.keys() == alone.state.keys()
    for name, value in alone.state.items():  # the rounding of bf16 in the one, of sums in the other
        assert torch.allclose(value, found.state[name], atol=1e-2 if orthogonal else 1e-5), name
    assert found.figures["loss"] == pytest.approx(alone.figures["loss"], rel=1e-2)
    assert (tmp_path / "split" / "samples" / "step-00000012" / "sum.txt").exists()

    taken = counting.course(orthogonal=orthogonal)
    frozen = freeze(taken, found, "counting", "a test")
    assert same(taken.objective.state(), found.state)
    for rank in (0, 1):
        bundle = Bundle.load(tmp_path / "split" / f"frozen-{rank}.safetensors")
        assert all((bundle.weights[name] == value).all() for name, value in frozen.weights.items())
    assert train(counting.course(orthogonal=orthogonal, steps=13), tmp_path / "split").step == 13


@pytest.mark.parametrize("split", [False, True])
def test_one_killed_stops_the_other_cleanly_and_the_run_resumes_bit_for_bit(tmp_path, split):
    options = {"split": split, "decay_from": 1.0}
    first, second = pair(counting.run, tmp_path / "killed", {**options, "steps": 5000})
    started = time.monotonic()
    while not listed(tmp_path / "killed") and time.monotonic() < started + 60:
        time.sleep(0.01)
    second.kill()
    assert first.wait(30) == 1
    assert "lost another process" in first.error()
    steps = newest(tmp_path / "killed").step + 4
    ended(pair(counting.run, tmp_path / "killed", {**options, "steps": steps}))
    ended(pair(counting.run, tmp_path / "unbroken", {**options, "steps": steps}))
    assert same(newest(tmp_path / "killed").state, newest(tmp_path / "unbroken").state)


def test_one_that_does_not_answer_is_not_waited_for_for_ever(tmp_path):
    first, second = pair(counting.stall, tmp_path, 2)
    assert first.wait(30) == 1
    assert "Timed out" in first.error() or "timeout" in first.error().lower()
    second.kill()


def test_what_cannot_be_split_says_so(tmp_path):
    compiled = counting.course(compile=True, split=True)
    with pytest.raises(SettingsError, match=r"run\.split and run\.compile"):
        compiled.objective.split()
    first, second = pair(toy.run, tmp_path, {"split": True})
    assert (first.wait(), second.wait()) == (1, 1)
    assert "a toy model cannot be split" in first.error()
    assert train(toy.course(split=True, steps=3), tmp_path).step == 3  # alone there is nothing to split


def test_each_process_claims_a_gpu_of_its_own(monkeypatch):
    claimed = []
    monkeypatch.setattr(torch.cuda, "set_device", claimed.append)
    monkeypatch.delenv("LOCAL_RANK", raising=False)
    claim()
    monkeypatch.setenv("LOCAL_RANK", "3")
    claim()
    assert claimed == [3]


def test_place_alone():
    with together() as place:
        assert place.first and place.any(True) and not place.any(False)
        place.wait()
