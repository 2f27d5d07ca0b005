"""Work in processes of its own, to be killed; they come from a server that has torch already."""

from __future__ import annotations

import multiprocessing
import os
import socket
import sys
import tempfile
from pathlib import Path

_SERVER = multiprocessing.get_context("forkserver")
_SERVER.set_forkserver_preload(["torch._dynamo", "torch.distributed.fsdp", "muse.train.loop", "muse.nn.language"])


class Apart:
    """A process; `error()` is what it wrote to its standard error."""

    def __init__(self, work, environment, given):
        self.path = Path(tempfile.mkstemp(suffix=".err")[1])
        self.process = _SERVER.Process(target=_begin, args=(work, environment, given, str(self.path)), daemon=True)
        self.process.start()

    def wait(self, seconds=60):
        """Its exit code."""
        self.process.join(seconds)
        assert self.process.exitcode is not None, "it hangs"
        return self.process.exitcode

    def kill(self):
        self.process.kill()
        self.process.join()

    def send_signal(self, number):
        os.kill(self.process.pid, number)

    def error(self):
        return self.path.read_text()


def _begin(work, environment, given, path):
    os.environ.update(environment)
    os.dup2(os.open(path, os.O_WRONLY), 2)
    sys.stderr = os.fdopen(2, "w", buffering=1)
    import torch

    torch.set_num_threads(1)
    work(*given)


def apart(work, *given, environment=None):
    """Start `work(*given)`, a function of a module; `environment` is what torchrun would set."""
    return Apart(work, environment or {}, given)


def pair(work, *given):
    """Two processes that find each other."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    shared = {"WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
    return [apart(work, *given, environment={**shared, "RANK": str(rank)}) for rank in (0, 1)]
