"""Where in the generator's range a picture is looked for: what a user says of it, and what a recipe keeps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from muse.verbs import wishes

if TYPE_CHECKING:
    from muse.art.sketch import Look

DirectionWish = Mapping[str, float] | str | Sequence[str] | None


def look_of(truncation: float, like: int | None, amount: float, colours: int | None, direction: DirectionWish) -> Look:
    """The look that was asked for.

    Raises:
        UsageError: a number out of bounds, or a direction that is none.
    """
    from muse.art.gan.directions import read_directions
    from muse.art.sketch import Look

    for name, seed in (("like", like), ("colours", colours)):
        if seed is not None:
            wishes.whole(name, seed, 0, 2**63 - 1)
    return Look(
        wishes.part("truncation", truncation, 0, 1.5),
        like,
        wishes.part("amount", amount),
        colours,
        tuple(read_directions(direction or {}).items()),
    )


def plain_look(look: Look) -> dict[str, Any]:
    """A look as the arguments of a verb, plain values for a recipe."""
    return {
        "truncation": look.truncation,
        "like": look.like,
        "amount": look.amount,
        "colours": look.colours,
        "direction": dict(look.directions),
    }
