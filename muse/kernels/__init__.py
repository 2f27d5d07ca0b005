"""Attention with learned bias on grid coordinates: one op, several backends, gradients everywhere."""

from muse.kernels.cached import decode
from muse.kernels.dispatch import BACKENDS, Choice, attention, explain

__all__ = ["BACKENDS", "Choice", "attention", "decode", "explain"]
