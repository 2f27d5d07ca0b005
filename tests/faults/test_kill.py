"""A run of each kind, killed at random times and started again, ends in the weights of the unbroken run.

MUSE_KILLS says how many times each is killed (1 where it is not set).
"""

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from muse.tensors import unpack
from muse.train.checkpoint import listed

KILLS = int(os.environ.get("MUSE_KILLS", "1"))
STEPS = 12 + 2 * KILLS
SAMPLES = {
    "poem": "tang-song",
    "music": "jsb-chorales",
    "variation": "melodies",
    "cover": "pictures",
    "picture": "pictures",
}


def command(kind, folder):
    corpus = Path(__file__).parents[2] / "corpora" / SAMPLES[kind] / "sample"
    sets = [f"steps={STEPS}", "save_every=1", f"valid_every={STEPS}", f"sample_every={STEPS}", "run.batch=4"]
    if kind == "poem":
        sets[-1] = "run.batch=512"
    arguments = ["train", kind, "--corpus", corpus, "--size", "tiny", "--seed", "3", "--out", folder, "--quiet"]
    arguments += [part for pair in sets for part in ("--set", pair)]
    return [sys.executable, "-m", "muse", *map(str, arguments)]


@pytest.mark.parametrize("kind", SAMPLES)
@pytest.mark.timeout(200 + 120 * KILLS)
def test_killed_and_resumed(kind, tmp_path):
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}

    def final(folder):
        return unpack(listed(folder)[-1].read_bytes(), kind)[0]

    subprocess.run(command(kind, tmp_path / "whole"), check=True, env=environment)
    draw = random.Random(kind)
    broken = tmp_path / "broken"
    for _ in range(KILLS):
        process = subprocess.Popen(command(kind, broken), env=environment, stderr=subprocess.DEVNULL)
        before = len(list(broken.glob("step-*"))) and listed(broken)[-1].name
        deadline = time.monotonic() + 100
        while process.poll() is None and time.monotonic() < deadline:  # until it has gone on by a step
            if listed(broken) and listed(broken)[-1].name != before:
                break
            time.sleep(0.02)
        time.sleep(draw.random() * 0.3)
        process.kill()
        process.wait()
    subprocess.run(command(kind, broken), check=True, env=environment)
    left, right = final(tmp_path / "whole"), final(broken)
    assert left.keys() == right.keys()
    assert [name for name in left if not np.array_equal(left[name], right[name])] == []
