"""Native generation on a CPU: no torch, at the speed of memory. See `native/engine.h` for the C interface."""

from muse.engine.choose import explain, writer_of
from muse.engine.engine import Engine, available, instruction_sets

__all__ = ["Engine", "available", "explain", "instruction_sets", "writer_of"]
