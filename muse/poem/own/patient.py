"""Learning from few poems: to stop where those held out gain no more, and to keep what did best on them."""

from __future__ import annotations

from muse.nn.patience import PATIENCE, Patience
from muse.poem.course import PoemObjective

__all__ = ["PATIENCE", "Patient"]


class Patient(Patience, PoemObjective):
    """A poem model's objective whose bundle has the weights that did best on the poems held out."""
