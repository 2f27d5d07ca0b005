"""One process or several: what torchrun says of this one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Place:
    """This process among those that train together: `rank` of `world`."""

    rank: int = 0
    world: int = 1

    @property
    def first(self) -> bool:
        """The first process alone writes and prints."""
        return self.rank == 0

    def any(self, flag: bool) -> bool:
        """True in every process as soon as one of them says so."""
        if self.world == 1:
            return flag
        import torch
        from torch import distributed

        vote = torch.tensor(int(flag))
        distributed.all_reduce(vote, distributed.ReduceOp.MAX)
        return bool(vote.item())

    def wait(self) -> None:
        """Go on when every process has come here."""
        self.any(False)


def claim() -> None:
    """Under torchrun, let "cuda" mean the GPU of this process alone; to be called before a model is made."""
    if "LOCAL_RANK" in os.environ:
        import torch

        torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))


@contextmanager
def together(timeout: timedelta = timedelta(minutes=10)) -> Iterator[Place]:
    """The place of this process; under torchrun the processes are joined for the time of the block."""
    world = int(os.environ.get("WORLD_SIZE", "1"))
    if world == 1:
        yield Place()
        return
    import torch
    from torch import distributed

    # votes and figures stand in main memory, gradients on the GPU where there is one
    distributed.init_process_group("cpu:gloo,cuda:nccl" if torch.cuda.is_available() else "gloo", timeout=timeout)
    try:
        yield Place(distributed.get_rank(), world)
    finally:
        distributed.destroy_process_group()
