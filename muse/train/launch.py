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
        if self.world > 1:
            from torch import distributed

            distributed.barrier()


@contextmanager
def together(timeout: timedelta = timedelta(minutes=10)) -> Iterator[Place]:
    """The place of this process; under torchrun the processes are joined for the time of the block."""
    world = int(os.environ.get("WORLD_SIZE", "1"))
    if world == 1:
        yield Place()
        return
    import torch
    from torch import distributed

    distributed.init_process_group("nccl" if torch.cuda.is_available() else "gloo", timeout=timeout)
    try:
        yield Place(distributed.get_rank(), world)
    finally:
        distributed.destroy_process_group()
