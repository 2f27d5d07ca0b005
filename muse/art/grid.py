"""A grid: the small pictures of many seeds on one sheet, to choose a seed from."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, ClassVar

from PIL import Image

from muse.art import sketch
from muse.art.contact import contact
from muse.art.referee import provenance
from muse.bundle import Bundle
from muse.terms import Features, Report
from muse.work import Recipe, Work, image_html

if TYPE_CHECKING:
    from muse.art.paint import CoverRequest


@dataclass(frozen=True, eq=False, repr=False)
class Grid(Work):
    """Small pictures with the seeds that paint them.

    Attributes:
        image: the sheet, RGB.
        seeds: in rows from the left.
        plan: the style of each seed and why, where they agree.
    """

    title: str
    image: Image.Image
    seeds: tuple[int, ...]
    plan: tuple[str, ...] = ()
    recipe: Recipe = field(default_factory=lambda: Recipe("read", 0))
    report: Report = field(default_factory=Report)
    features: Features = field(default_factory=Features)

    kind: ClassVar[str] = "grid"

    def files(self) -> dict[str, bytes]:
        """grid.png, the sheet with the recipe inside."""
        return {"grid.png": provenance.png(self.image, self.recipe.as_dict(), {"Title": self.title})}

    def text(self) -> str:
        return f"{self.title} · seeds {self.seeds[0]} to {self.seeds[-1]}"

    def _repr_html_(self) -> str:
        out = io.BytesIO()
        self.image.save(out, "PNG")
        return image_html(out.getvalue(), self.text())


def grid(
    request: CoverRequest,
    seeds: Sequence[int],
    gan: Bundle,
    vae: Bundle,
    progress: Callable[[str, int, int], None] = lambda what, done, total: None,
) -> Grid:
    """A sheet of the small pictures that covers of a request under these seeds begin from.

    Raises:
        UsageError: as `sketch`.
    """
    pictures, reasons = [], []
    for number, seed in enumerate(seeds):
        progress("pictures", number, len(seeds))
        made = sketch.sketch(replace(request, seed=seed), gan, vae)
        pictures.append(Image.fromarray(sketch.coloured(made.picture, made.plan, request.palette is not None)))
        reasons.append(made.plan.reasons)
    plan = tuple(reason for reason in reasons[0] if all(reason in told for told in reasons))
    sheet = contact(pictures, [str(seed) for seed in seeds], columns=8)
    return Grid(request.title or request.theme.text, sheet, tuple(seeds), plan)
