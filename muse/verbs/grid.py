"""A grid of small pictures to choose a seed from."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from muse.verbs import place, wishes
from muse.verbs.finish import MoodWish, plain_mood
from muse.verbs.finish import finish as complete
from muse.verbs.library import load_kind
from muse.verbs.look import DirectionWish, look_of, plain_look
from muse.verbs.subject import About, PaletteWish, palette_wish, subject

if TYPE_CHECKING:
    from muse.art.grid import Grid


def grid(
    theme: About,
    *,
    count: int = 64,
    style: str | None = None,
    palette: PaletteWish = None,
    mood: MoodWish = None,
    truncation: float = 0.8,
    like: int | None = None,
    amount: float = 0.3,
    colours: int | None = None,
    direction: DirectionWish = None,
    seed: int = 1,
    device: str = "auto",
    bundle: str | Path | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> Grid:
    """A sheet of small pictures, each with its seed: `cover` paints any of them large under that seed.

    >>> grid("秋江夜泊", count=64).seeds[:3]  # doctest: +SKIP
    (1, 2, 3)

    Args:
        count: how many pictures, 1 to 256.
        seed: that of the first; the others follow it.

    All else is that of `cover`, and must be the same there.

    Raises:
        UsageError, BundleError.
    """
    wishes.whole("count", count, 1, 256)
    wishes.whole("seed", seed, 0, 2**63 - 1 - count)
    about = subject(theme, mood)
    target = place.settle(device)
    from muse.art import grid as grids
    from muse.art.paint import CoverRequest

    request = CoverRequest(
        theme=about.theme,
        mood=about.mood,
        asked=about.asked,
        features=about.features,
        style=style,
        palette=palette_wish(palette),
        title=about.title,
        look=look_of(truncation, like, amount, colours, direction),
    )
    gan, vae = load_kind(bundle or "cover-gan", "cover"), load_kind("image-vae", "picture")
    told = progress or (lambda what, done, total: None)
    made = grids.grid(request, range(seed, seed + count), gan, vae, told)
    asked = {
        "theme": about.plain,
        "count": count,
        "style": style,
        "palette": list(request.palette) if request.palette else None,
        "mood": plain_mood(mood),
        **plain_look(request.look),
    }
    return complete(made, "grid", seed, asked, [gan, vae], target, about.notes)
