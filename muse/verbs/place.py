"""Where the models run: the device that was asked for, and what a recipe says of the machine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from muse.errors import MuseError, UsageError, did_you_mean

DEVICES = ("auto", "cpu", "cuda")


def settle(device: str = "auto") -> str:
    """ "cpu" or "cuda".

    Raises:
        UsageError: a device that muse does not know.
        MuseError: a GPU was asked for and there is none.
    """
    if device not in DEVICES:
        raise UsageError(f"unknown device {device!r}", "", did_you_mean(device, DEVICES))
    if device == "cpu":
        return "cpu"
    import torch

    if torch.cuda.is_available():
        return "cuda"
    if device == "cuda":
        raise MuseError("no GPU can be used", "torch finds none", "use --device cpu")
    return "cpu"


def machine(device: str) -> dict[str, Any]:
    """What the bytes of a work made now on a device may depend on."""
    import torch  # noqa: F401  (the vector units and threads are torch's)

    from muse.work import machine as describe

    return describe(device)


def differences(then: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """What differs between two machines, one sentence each."""
    words = {"device": "device", "processor": "processor", "vector": "vector units", "threads": "threads"}
    return [
        f"{words.get(key, key)}: {then.get(key)!r} then, {now.get(key)!r} now"
        for key in sorted({*then, *now})
        if then.get(key) != now.get(key)
    ]
