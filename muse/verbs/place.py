"""Where the models run: the device that was asked for, and what a recipe says of the machine."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from typing import Any

from muse.errors import MuseError, UsageError, did_you_mean

DEVICES = ("auto", "cpu", "cuda")


def settle(device: str = "auto", *, language: bool = False) -> str:
    """ "cpu" or "cuda".

    Args:
        language: it is for a model that needs no torch on the CPU, as all do that write tokens; "auto" is then the CPU.

    Raises:
        UsageError: a device that muse does not know.
        MuseError: a GPU was asked for and there is none.
    """
    if device not in DEVICES:
        raise UsageError(f"unknown device {device!r}", "", did_you_mean(device, DEVICES))
    if device == "cpu" or (device == "auto" and language):
        return "cpu"
    import torch

    if torch.cuda.is_available():
        return "cuda"
    if device == "cuda":
        raise MuseError("no GPU can be used", "torch finds none", "use --device cpu")
    return "cpu"


def machine(device: str, *, language: bool = False, plain: bool = False) -> dict[str, Any]:
    """What the bytes of a work made now on a device may depend on.

    Args:
        language: it was made by a model that writes tokens; what the native engine writes hangs on no threads.
        plain: it was made by NumPy in double precision, whose draws hang on neither threads nor vector units.
    """
    if plain and device == "cpu":
        return {"device": device, "processor": platform.machine()}
    if language and device == "cpu":
        from muse.engine import available, instruction_sets

        if available():
            here = {"device": device, "processor": platform.machine()}
            return {**here, "engine": "native", "vector": instruction_sets()[0]}
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
