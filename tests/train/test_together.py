"""Two processes that train together, as torchrun starts them: the same weights as one, and a clean stop."""

import socket
import time

import pytest
import torch
from apart import run_apart
from toy import course

from muse.train.checkpoint import listed, newest
from muse.train.loop import train


def pair(folder, **options):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    shared = {"WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port), "OMP_NUM_THREADS": "1"}
    return [run_apart(folder, {**shared, "RANK": str(rank)}, **options) for rank in (0, 1)]


def test_two_processes_learn_what_one_learns(tmp_path):
    alone = train(course(dropout=0.0, steps=20, accumulation=2), tmp_path / "alone")
    processes = pair(tmp_path / "pair", dropout=0.0, steps=20)
    assert [process.wait(120) for process in processes] == [0, 0], processes[0].stderr.read().decode()[-2000:]
    together = newest(tmp_path / "pair")
    for name, value in alone.state.items():
        assert torch.allclose(value, together.state[name], atol=1e-6), name


def test_one_killed_stops_the_other_cleanly_and_the_run_resumes(tmp_path):
    first, second = pair(tmp_path, steps=5000)
    started = time.monotonic()
    while not listed(tmp_path) and time.monotonic() < started + 60:
        time.sleep(0.05)
    second.kill()
    assert first.wait(30) == 1
    assert b"lost another process" in first.stderr.read()
    second.wait()
    done = newest(tmp_path).step
    assert train(course(steps=done + 3), tmp_path).step == done + 3


@pytest.mark.skipif(not torch.distributed.is_available(), reason="torch has no distributed package")
def test_place_alone():
    from muse.train.launch import together

    with together() as place:
        assert place.first and place.any(True) and not place.any(False)
        place.wait()
