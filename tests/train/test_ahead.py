"""Batches made ahead: the same ones in the same order, and what goes wrong comes where it belongs."""

import threading
import time

import pytest
import torch
from toy import ToyFeed, course

from muse.train.ahead import ahead
from muse.train.loop import train


def test_the_next_is_made_while_one_is_used():
    made = []
    for step in ahead(lambda step: made.append(step) or step, range(3, 8)):
        deadline = time.monotonic() + 10
        while step < 7 and step + 1 not in made and time.monotonic() < deadline:
            time.sleep(0.001)
        assert made == list(range(3, min(step + 2, 8)))  # one ahead, and no more
    assert list(ahead(lambda step: step, range(0))) == []


def test_an_error_comes_at_its_own_step_and_the_thread_ends():
    def make(step):
        if step == 3:
            raise ValueError("step 3 cannot be read")
        return step

    seen, before = [], threading.active_count()
    with pytest.raises(ValueError, match="step 3"):
        for step in ahead(make, range(10)):
            seen.append(step)
    assert seen == [0, 1, 2] and threading.active_count() == before


def test_closing_stops_it():
    made, before = [], threading.active_count()
    steps = ahead(lambda step: made.append(step), range(100))
    next(steps)
    steps.close()
    assert made == [0, 1] and threading.active_count() == before


def test_a_run_sees_the_bytes_that_the_feed_gives(tmp_path):
    """Order and bytes, in a run that is stopped and resumed too; and the main thread's random numbers are its own."""
    plain, seen = course(), []
    feed, step = plain.feed, plain.objective.step
    plain.objective.step = lambda batches, count: seen.append((count, batches)) or step(batches, count)

    class Careless(ToyFeed):
        def batch(self, step, micro, rank, world):
            assert threading.current_thread() is not threading.main_thread()
            return super().batch(step, micro, rank, world)

    plain.feed.__class__ = Careless

    def stop_at(progress):
        if progress.step == 9:
            raise RuntimeError("stopped")

    with pytest.raises(RuntimeError, match="stopped"):
        train(plain, tmp_path, watch=stop_at)
    train(plain, tmp_path)
    assert [count for count, _ in seen] == [*range(9), *range(7, 40)]
    for count, batches in seen:
        for micro, batch in enumerate(batches):
            for found, expected in zip(batch, ToyFeed.batch(feed, count, micro, 0, 1), strict=True):
                assert torch.equal(found, expected)


def test_a_broken_feed_stops_the_run_at_its_step_with_all_before_it_learned(tmp_path):
    broken, learned = course(save_every=1), []
    batch = broken.feed.batch
    step = broken.objective.step
    broken.objective.step = lambda batches, count: learned.append(count) or step(batches, count)

    def cut(count, micro, rank, world):
        if count == 4:
            raise OSError("the disk is gone")
        return batch(count, micro, rank, world)

    broken.feed.batch = cut
    with pytest.raises(OSError, match="the disk is gone"):
        train(broken, tmp_path)
    assert learned == [0, 1, 2, 3]
