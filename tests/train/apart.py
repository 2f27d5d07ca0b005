"""A toy run in a process of its own, to be killed."""

import os
import subprocess
import sys
from pathlib import Path

RUN = """
import sys, time, pathlib
sys.path.insert(0, {tests!r})
from toy import course
from muse.train.loop import train
train(course(**{options!r}), pathlib.Path({folder!r}), watch=lambda progress: time.sleep(0.02))
"""


def run_apart(folder, environment=None, **options):
    """Start `train` on the toy course; `environment` is what torchrun would set."""
    script = RUN.format(tests=str(Path(__file__).parent), options=options, folder=str(folder))
    return subprocess.Popen(
        [sys.executable, "-c", script], env={**os.environ, **(environment or {})}, stderr=subprocess.PIPE
    )
