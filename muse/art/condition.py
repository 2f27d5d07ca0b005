"""What the cover generator is told beside the style class: a palette and a mood, as 25 numbers.

A training picture's palette is its own (k-means in Lab), and its mood is a plain function of its pixels, so that the
Mood axes mean something that can be measured in a cover:

| axis | from the picture | −1 … 1 is |
|---|---|---|
| valence | mean lightness, plus half the mean chroma | dark and grey … light and colourful |
| energy | mean gradient of lightness | smooth … full of edges |
| tension | deviation of lightness | flat … stark contrast |
| warmth | mean of b* plus half of a* | blue, green … yellow, red |
| density | share of the squares (a sixteenth of the side) that hold an edge | empty … full |

Each is standardised by the constants below (means and deviations over the training pictures) and squeezed by tanh.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from muse.art.colour import to_lab
from muse.art.palette import COLOURS, palette_of
from muse.errors import WishError
from muse.terms import Mood

PALETTE_SIZE = COLOURS * 4
MOOD_SIZE = 5
SIZE = PALETTE_SIZE + MOOD_SIZE
AXES = ("valence", "energy", "tension", "warmth", "density")
CENTRE = np.array([64.9, 4.82, 15.9, 12.4, 0.49])
SPREAD = np.array([28.5, 3.44, 6.2, 14.8, 0.27])

Lab = npt.NDArray[np.floating]
Palette = tuple[Lab, npt.NDArray[np.floating]]


def measured(pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.float64]:
    """The five raw figures behind the mood of a picture (H, W, 3), in the order of AXES; pictures of 128² assumed."""
    lab = to_lab(pixels).astype(np.float64)
    light = lab[..., 0]
    chroma = np.hypot(lab[..., 1], lab[..., 2])
    edge = np.hypot(np.diff(light, axis=0)[:, :-1], np.diff(light, axis=1)[:-1])
    cell = max(1, light.shape[0] // 16)
    rows, columns = edge.shape[0] // cell, edge.shape[1] // cell
    cells = edge[: rows * cell, : columns * cell].reshape(rows, cell, columns, cell).max((1, 3))
    return np.array(
        [
            light.mean() + 0.5 * chroma.mean(),
            edge.mean(),
            light.std(),
            lab[..., 2].mean() + 0.5 * lab[..., 1].mean(),
            (cells > 12).mean(),
        ]
    )


def mood_of(pixels: npt.NDArray[np.uint8]) -> Mood:
    """The mood that a picture's pixels speak of.

    >>> dark, light = np.zeros((128, 128, 3), np.uint8), np.full((128, 128, 3), 255, np.uint8)
    >>> mood_of(dark).valence < mood_of(light).valence
    True
    """
    return Mood(*(float(value) for value in np.tanh((measured(pixels) - CENTRE) / SPREAD)))


def vector(palette: Palette | None, mood: Mood | None) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """(values (25,), presence (2,)): palette then mood; an absent one is zeros with presence 0."""
    values = np.zeros(SIZE, np.float32)
    if palette is not None:
        values[:PALETTE_SIZE] = palette_vector(*palette)
    if mood is not None:
        values[PALETTE_SIZE:] = [getattr(mood, axis) for axis in AXES]
    return values, np.array([palette is not None, mood is not None], np.float32)


def palette_vector(colours: Lab, weights: npt.NDArray[np.floating] | Sequence[float]) -> npt.NDArray[np.float32]:
    """(20,) of any palette: its five heaviest colours (the heaviest split where there are fewer), scaled to about ±1.

    Raises:
        WishError: no colour, or weights that do not fit the colours.
    """
    lab, share = np.asarray(colours, dtype=np.float64).reshape(-1, 3), np.asarray(weights, dtype=np.float64).reshape(-1)
    if (
        not len(lab)
        or len(lab) != len(share)
        or not np.isfinite(lab).all()
        or not (share >= 0).all()
        or not share.sum()
    ):
        raise WishError("the palette does not fit", f"{len(lab)} colours, {len(share)} weights")
    while len(lab) < COLOURS:
        top = int(share.argmax())
        share[top] /= 2
        lab, share = np.vstack([lab, lab[top]]), np.append(share, share[top])
    order = np.argsort(-share, kind="stable")[:COLOURS]
    lab, share = lab[order], share[order] / share[order].sum()
    scaled = np.column_stack([lab[:, 0] / 50 - 1, lab[:, 1] / 50, lab[:, 2] / 50, 2 * share])
    return scaled.reshape(-1).astype(np.float32)


def of_picture(pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    """(25,) palette and mood of a picture (H, W, 3)."""
    return vector(palette_of(pixels), mood_of(pixels))[0]
