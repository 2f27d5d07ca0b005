"""What several processes that train together share: means, gradients, and weights of which each holds a part.

Parts are those of PyTorch's FSDP (`fully_shard`): each parameter, gradient and moment is split over the processes along
its first axis, put together layer by layer where it is used, and let go again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import torch
import torch.distributed as dist
from torch import Tensor

from muse.nn.transformer import Transformer


def processes() -> int:
    """How many train together; 1 where torch.distributed does not run."""
    return dist.get_world_size() if dist.is_available() and dist.is_initialized() else 1


def average(values: Sequence[float]) -> list[float]:
    """Each number's mean over the processes, the same in all of them; alone, the numbers themselves."""
    if processes() == 1:
        return list(values)
    total = torch.tensor(values, dtype=torch.float64)
    dist.all_reduce(total)
    mean: list[float] = (total / processes()).tolist()
    return mean


def average_gradients(parameters: Iterable[Tensor]) -> None:
    """Set each gradient to its mean over the processes, all in one message; alone, do nothing.

    One that no process has stays None, so that what stands still goes on standing still. Gradients of split weights
    have been averaged on the way.
    """
    if processes() == 1:
        return
    grown = [parameter for parameter in parameters if parameter.requires_grad and not is_split(parameter)]
    if not grown:
        return
    gradients = [torch.zeros_like(p) if p.grad is None else p.grad for p in grown]
    there = gradients[0].new_tensor([p.grad is not None for p in grown])
    flat = torch.cat([*(gradient.flatten() for gradient in gradients), there])
    dist.all_reduce(flat)
    *pieces, there = torch.split(flat, [*(p.numel() for p in grown), len(grown)])
    for parameter, piece, count in zip(grown, pieces, there.tolist(), strict=True):
        if count:  # laid out in memory as the weight is
            parameter.grad = torch.empty_like(parameter.detach()).copy_(piece.view(parameter.shape)).div_(processes())


def split(model: Transformer) -> None:
    """Leave each process its part of every weight, which must be the same in all of them before."""
    from torch.distributed.device_mesh import init_device_mesh
    from torch.distributed.fsdp import fully_shard, register_fsdp_forward_method

    mesh = init_device_mesh(model.row_bias.device.type, (processes(),))
    for block in model.blocks:
        fully_shard(block, mesh=mesh)
    fully_shard(model, mesh=mesh, reshard_after_forward=False)  # the loss reads the embedding once more
    register_fsdp_forward_method(model, "hidden")


def is_split(tensor: Tensor) -> bool:
    """Whether this process holds a part of it only."""
    if not dist.is_available():
        return False
    from torch.distributed.tensor import DTensor

    return isinstance(tensor, DTensor)


def gathered(tensor: Tensor) -> Tensor:
    """The whole of a split tensor, on its device; every process must ask for it at the same time."""
    if not is_split(tensor):
        return tensor
    full: Tensor = tensor.full_tensor()  # type: ignore[attr-defined]
    return full


def whole(tensor: Tensor) -> Tensor:
    """A copy of the whole, to be kept; that of a split tensor is in main memory."""
    full = gathered(tensor.detach())
    return full.cpu() if is_split(tensor) else full.clone()


def like(value: Tensor, other: Tensor) -> Tensor:
    """`value`, whole in every process, split, laid out in memory and placed as `other` is."""
    if not is_split(other):
        return torch.empty_like(other.detach(), dtype=value.dtype).copy_(value)
    from torch.distributed.tensor import distribute_tensor

    mesh, places = other.device_mesh, other.placements  # type: ignore[attr-defined]
    return distribute_tensor(value.to(other.device), mesh, places, src_data_rank=None)
