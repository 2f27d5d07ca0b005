"""The loop: an interrupted run ends in the same weights, and what goes wrong leaves the last good state."""

import json
import os
import random
import signal
import time

import pytest
import torch
from apart import apart
from toy import course, run

from muse.errors import CheckpointError, OutputError, TrainingError
from muse.train.checkpoint import Checkpoint, listed, newest
from muse.train.freeze import freeze
from muse.train.journal import Journal
from muse.train.loop import train
from muse.train.schedule import factor


def same(left, right):
    return left.keys() == right.keys() and all(torch.equal(left[key], right[key]) for key in left)


def test_unbroken_and_resumed_runs_end_in_the_same_weights(tmp_path):
    whole = train(course(), tmp_path / "whole")

    def stop_at(progress):
        if progress.step in (3, 11, 25):
            os.kill(os.getpid(), signal.SIGINT)

    for _ in range(3):
        with pytest.raises(KeyboardInterrupt):
            train(course(), tmp_path / "broken", watch=stop_at)
    resumed = train(course(), tmp_path / "broken")
    assert same(whole.state, resumed.state)
    steps = [json.loads(line)["step"] for line in (tmp_path / "broken" / "journal.jsonl").read_text().splitlines()]
    assert steps == list(range(1, 41))


def test_kill_at_any_time(tmp_path):
    whole = train(course(), tmp_path / "whole")
    for _ in range(4):
        before = listed(tmp_path / "killed")
        process = apart(run, tmp_path / "killed", {})
        while listed(tmp_path / "killed") == before:
            time.sleep(0.005)
        time.sleep(random.random() * 0.15)
        process.kill()
    assert apart(run, tmp_path / "killed", {}).wait() == 0
    assert same(whole.state, newest(tmp_path / "killed").state)


def test_termination_saves_and_exits_as_interrupted(tmp_path):
    process = apart(run, tmp_path, {"steps": 5000})
    while not listed(tmp_path):
        time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) != 0
    assert "KeyboardInterrupt" in process.error()


def test_not_a_number_stops_and_keeps_the_last_good_state(tmp_path):
    broken = course(save_every=1)
    step = broken.objective.step
    broken.objective.step = lambda batches, count: {"loss": float("nan")} if count == 5 else step(batches, count)
    with pytest.raises(TrainingError, match="not a number at step 6"):
        train(broken, tmp_path)
    assert newest(tmp_path).step == 5


def test_other_settings_are_refused_by_name_but_length_may_change(tmp_path):
    train(course(steps=10), tmp_path)
    with pytest.raises(CheckpointError, match="learning_rate"):
        train(course(steps=10, learning_rate=0.5), tmp_path)
    with pytest.raises(OutputError):
        train(course(steps=10), tmp_path, resume="never")
    assert train(course(steps=12), tmp_path).step == 12


def test_damaged_checkpoint_is_passed_over_and_every_flip_is_found(tmp_path):
    train(course(steps=14), tmp_path)
    path = listed(tmp_path)[-1]
    data = path.read_bytes()
    for place in range(0, len(data), 97):
        path.write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
        with pytest.raises(CheckpointError):
            Checkpoint.load(path)
    assert newest(tmp_path).step == 7
    path.write_bytes(data[:-1])
    assert newest(tmp_path).step == 7


def test_page_and_samples(tmp_path):
    train(course(), tmp_path)
    page = (tmp_path / "index.html").read_text()
    assert "<svg" in page and "mean_weight" in page and "http" not in page.replace("http-equiv", "")
    assert (tmp_path / "samples" / "step-00000020" / "weights.txt").exists()


def test_the_page_draws_each_figure_and_keeps_its_samples_over_a_resume(tmp_path):
    train(course(), tmp_path)
    page = (tmp_path / "index.html").read_text()
    assert 'aria-label="mean_weight by step"' in page and "<pre>" in page
    journal = Journal(tmp_path, "muse toy", 20)
    assert journal.samples and not Journal(tmp_path, "muse toy", 0).samples


def test_freeze_makes_a_card(tmp_path):
    toy = course(steps=5)
    bundle = freeze(toy, train(toy, tmp_path), "toy", "a test machine")
    assert bundle.card["steps"] == 5 and bundle.card["toy"] is True and "mean_weight" in bundle.card["metrics"]


def test_schedule_rises_holds_and_falls():
    run = course(steps=100, warmup=10, decay_from=0.5).run
    rates = [factor(step, run) for step in range(100)]
    assert rates[:10] == sorted(rates[:10]) and rates[10:50] == [1.0] * 40 and rates[50:] == sorted(rates[50:])[::-1]
    assert rates[-1] == pytest.approx(0.02)
