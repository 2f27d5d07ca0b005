"""The index of training pictures that travels with a bundle: NUMBERS bytes of each, and its title.

The bytes are the largest principal components of the picture's sketch. No picture can be made of them; a picture that
was copied, also mirrored or in other colours, lies beside its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from PIL import Image

from muse.art.corpus import Pictures
from muse.art.origin.sketch import LENGTH, grey_of, sketches
from muse.art.origin.sources import Source, packed, unpacked
from muse.art.referee.likeness import Grey
from muse.bundle import Bundle
from muse.errors import BundleError

NUMBERS = 48
NEAREST = 5
_MEAN, _HELD = 1 << 14, 16
"""Parts of one of a number that are kept as whole ones: of the mean sketch, of a distance."""
Bytes = npt.NDArray[np.int8]
Ints = npt.NDArray[np.int32]
Table = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Near:
    """A training picture and how far a picture lies from it."""

    source: Source
    distance: float


@dataclass(frozen=True, eq=False)
class Origins:
    """All that a bundle knows of the pictures that its model has learned from.

    Attributes:
        codes: (N, K) int8, of each picture.
        mean: (LENGTH,) int32, the mean sketch.
        basis: (K, LENGTH) int8, the components.
        gain: what a component is divided by to be a code.
        held: (H,) int32, how far each of some pictures that were held out lies from the nearest one, rising.
        table: (bytes,) uint8, see `muse.art.origin.sources`.
    """

    codes: Bytes
    mean: Ints
    basis: Bytes
    gain: int
    held: Ints
    table: npt.NDArray[np.uint8]

    def __bool__(self) -> bool:
        return len(self.codes) > 0

    def __len__(self) -> int:
        return len(self.codes)

    @classmethod
    def thaw(cls, bundle: Bundle) -> Origins:
        """The index of a bundle, kept with it; empty where it has none.

        Raises:
            BundleError: its parts do not fit.
        """
        if "origins" not in bundle.cache:
            bundle.cache["origins"] = _read(bundle)
        found: Origins = bundle.cache["origins"]
        return found

    def weights(self) -> dict[str, np.ndarray]:
        """The index as tensors of a bundle."""
        return {
            "origins.about": np.array([len(self.codes), self.basis.shape[0], LENGTH, self.gain], np.int64),
            "origins.codes": self.codes,
            "origins.mean": self.mean,
            "origins.basis": self.basis,
            "origins.held": self.held,
            "origins.table": self.table,
        }

    def nearest(self, image: Image.Image, count: int = NEAREST) -> tuple[Near, ...]:
        """The training pictures that a picture is most like, the nearest first.

        Raises:
            BundleError: the titles of the index are damaged.
        """
        away = self.distances(grey_of(image)[None])[0]
        return tuple(Near(self.sources[at], float(away[at])) for at in np.argsort(away, kind="stable")[:count])

    def percentile(self, distance: float) -> float:
        """Of a hundred held-out pictures, how many lie nearer to a training picture than this; 100 where none are."""
        if not len(self.held):
            return 100.0
        return 100 * float(np.searchsorted(self.held, distance * _HELD)) / len(self.held)

    def distances(self, greys: Grey) -> Table:
        """(M, N) how far each of some grey squares (M, SIDE, SIDE), or its mirror image, lies from each picture."""
        codes = self.codes.astype(np.float32)
        own = (codes**2).sum(1)
        found = []
        for turned in (greys, greys[:, :, ::-1]):
            asked = _projected(turned, self.mean, self.basis, self.gain).astype(np.float32)
            found.append((asked**2).sum(1)[:, None] + own - 2 * asked @ codes.T)
        away: Table = np.sqrt(np.maximum(np.minimum(*found), 0)).astype(np.float32)
        return away

    @cached_property
    def sources(self) -> list[Source]:
        return unpacked(self.table, len(self.codes))


NOTHING = Origins(
    np.zeros((0, 0), np.int8), np.zeros(0, np.int32), np.zeros((0, 0), np.int8), 1, np.zeros(0, np.int32),
    np.zeros(0, np.uint8),
)  # fmt: skip


def index_of(
    pictures: Pictures, indices: npt.NDArray[np.int64], held: npt.NDArray[np.int64] | None = None
) -> dict[str, np.ndarray]:
    """The tensors of the index of some pictures of a corpus, for `Origins.thaw`; the same for the same pictures.

    Args:
        indices: of the pictures that were learned from.
        held: of pictures that were not, to measure by how far new ones lie.
    """
    if not len(indices):
        return {}
    greys = _greys(pictures, indices)
    seen = sketches(greys)
    mean = np.rint(seen.mean(0) * _MEAN).astype(np.int32)
    centred = (seen - mean.astype(np.float32) / _MEAN).astype(np.float64)
    _, axes = np.linalg.eigh(centred.T @ centred)
    axes = axes[:, ::-1][:, :NUMBERS].T
    axes *= np.sign(axes[np.arange(len(axes)), np.abs(axes).argmax(1)])[:, None]
    basis = np.rint(axes / np.abs(axes).max() * 127).astype(np.int8)
    largest = float(np.abs(centred @ basis.T.astype(np.float64)).max())
    gain = max(1, round(largest / 127 * _MEAN))
    parts = [item for item in (pictures.items[int(i)] for i in indices)]
    table = packed([Source(item.file, item.title, item.source) for item in parts])
    codes = _projected(greys, mean, basis, gain)
    made = Origins(codes, mean, basis, gain, np.zeros(0, np.int32), table)
    away = np.zeros(0, np.float32)
    if held is not None and len(held):
        away = np.sort(made.distances(_greys(pictures, held)).min(1))
    return {**made.weights(), "origins.held": np.rint(away * _HELD).astype(np.int32)}


def _greys(pictures: Pictures, indices: npt.NDArray[np.int64]) -> Grey:
    return np.stack([grey_of(Image.fromarray(pictures.image(int(i)))) for i in indices])


def _projected(greys: Grey, mean: Ints, basis: Bytes, gain: int) -> Bytes:
    """(N, K) the codes of grey squares."""
    away = (sketches(greys) - mean.astype(np.float32) / _MEAN) @ basis.T.astype(np.float32)
    return np.rint(away * np.float32(_MEAN / gain)).clip(-127, 127).astype(np.int8)


def _read(bundle: Bundle) -> Origins:
    tensors: Mapping[str, np.ndarray] = bundle.weights
    if not any(name.startswith("origins.") for name in tensors):
        return NOTHING
    names = ("about", "codes", "mean", "basis", "held", "table")
    kinds = (np.int64, np.int8, np.int32, np.int8, np.int32, np.uint8)
    found = [tensors.get(f"origins.{name}") for name in names]
    if any(part is None or part.dtype != kind for part, kind in zip(found, kinds, strict=True)):
        raise BundleError(f"the picture index of {bundle.name} is damaged", "a part of it is missing", "fetch it again")
    about, codes, mean, basis, held, table = (part for part in found if part is not None)
    if about.shape != (4,) or int(about[3]) < 1:
        raise BundleError(f"the picture index of {bundle.name} is damaged", "it has no size", "fetch it again")
    count, numbers, length, gain = (int(value) for value in about)
    fits = codes.shape == (count, numbers) and basis.shape == (numbers, length) and mean.shape == (length,)
    if not fits or count < 1 or length != LENGTH or held.ndim != 1 or table.ndim != 1:
        raise BundleError(f"the picture index of {bundle.name} is damaged", "its parts do not fit", "fetch it again")
    return Origins(codes, mean, basis, gain, held, table)
