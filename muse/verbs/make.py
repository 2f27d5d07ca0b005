"""Music: vary, blend.

Each verb cleans what the user gave, reads the theme, hands a request to the room, and writes the recipe: the
verb's own arguments, so that `remake` calls the same function again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from muse.errors import InputError
from muse.verbs import place, wishes
from muse.verbs.finish import finish, seed_of
from muse.verbs.library import load_kind, read

if TYPE_CHECKING:
    from muse.music.piece import Piece


def vary(
    piece: Piece | str | Path | Mapping[str, Any],
    *,
    amount: float = 0.3,
    lock: str | Sequence[str] = (),
    bars: str | None = None,
    dial: Mapping[str, float] | str | Sequence[str] = (),
    track: str | None = None,
    count: int = 1,
    seed: int | None = None,
    device: str = "auto",
    bundle: str | Path | None = None,
) -> list[Piece]:
    """Variations of a piece's melody, made in the latent space of the melody VAE; all else of the piece stays.

    >>> vary("tune.mid", amount=0.3, lock=("rhythm", "bars=1-4"), dial={"leaps": 0.5}, count=4)  # doctest: +SKIP

    Args:
        piece: a Piece, a file of music, or the folder of a piece.
        amount: from 0, as it is, to 1, anew; the similarity goes evenly down, and is told.
        lock: what stays, exactly: any of "rhythm", "contour", "cadence", "bars=1-4,9".
        bars: the only bars that may change ("5-8").
        dial: density, range, syncopation, leaps, brightness, each from −1 to 1: {"density": 0.5} or "density=+0.5".
        track: name or number of the track that carries the melody; without it one called melody, voice or the like,
            else the first.

    Raises:
        InputError, UsageError, BundleError; WishError where a dial moves what is locked.
    """
    from muse.music.dials import read_dials
    from muse.music.vary import vary as vary_piece

    wishes.part("amount", amount)
    wishes.whole("count", count, 1, 1000)
    seed = seed_of(seed)
    dials = read_dials((dial,) if isinstance(dial, str) else dial)
    source = piece_of(piece)
    locks = (lock,) if isinstance(lock, str) else tuple(lock)
    target = place.settle(device, language=True)
    weights = load_kind(bundle or "melody-vae", "variation")
    asked = {
        "piece": source.as_dict(), "amount": amount, "lock": list(locks), "bars": bars, "dial": dials, "track": track,
        "count": count,
    }  # fmt: skip
    made = vary_piece(
        source, weights, amount, locks, count, seed, bars=bars, dials=dials, track=track, device=target
    )  # fmt: skip
    return [
        finish(work, "vary", seed, asked, [weights], target, index=index, plain=True) for index, work in enumerate(made)
    ]


def blend(
    a: Piece | str | Path | Mapping[str, Any],
    b: Piece | str | Path | Mapping[str, Any],
    *,
    steps: int = 5,
    seed: int | None = None,
    device: str = "auto",
    bundle: str | Path | None = None,
) -> list[Piece]:
    """Pieces on the way from one melody to another, the ends included.

    >>> len(blend("a.mid", "b.mid", steps=5))  # doctest: +SKIP
    5

    Raises:
        InputError, UsageError, BundleError.
    """
    from muse.music.blend import blend as blend_pieces

    wishes.whole("steps", steps, 2, 64)
    seed = seed_of(seed)
    one, other = piece_of(a), piece_of(b)
    target = place.settle(device, language=True)
    weights = load_kind(bundle or "melody-vae", "variation")
    asked = {"a": one.as_dict(), "b": other.as_dict(), "steps": steps}
    made = blend_pieces(one, other, weights, steps, seed, device=target)
    return [
        finish(work, "blend", seed, asked, [weights], target, index=index, plain=True)
        for index, work in enumerate(made)
    ]


def piece_of(source: Piece | str | Path | Mapping[str, Any]) -> Piece:
    """A piece from itself, from its piece.json value, or from a file or folder.

    Raises:
        InputError: it is no piece.
    """
    from muse.music.piece import Piece

    if isinstance(source, Mapping):
        return Piece.from_dict(source)
    found = source if isinstance(source, Piece) else read(source)
    if not isinstance(found, Piece):
        raise InputError(f"{source} is no piece of music", f"it is a {found.kind}", "give a MIDI file")
    return found
