"""How far apart random covers lie, for the baseline of `muse.art.family`, and how near those of families are.

    python benchmarks/cover_family.py --covers 24 --families 3 --tracks 10

Prints mean pairwise distances of finished covers: of as many themes and seeds (every style, palette and mood that suits
them), of one theme under as many seeds, and of albums, each measured as `muse.art.family` does it.
"""

from __future__ import annotations

import argparse
import json

from muse.art import family
from muse.art.cover import Cover
from muse.verbs.album import SMALL
from muse.verbs.depict import cover
from muse.verbs.library import load_kind

THEMES = (
    "秋江夜泊", "春日桃花", "城市霓虹", "边塞", "雪夜山寺", "送别故人", "银河", "相思", "龙", "风", "田园", "端午",
    "the sea at dawn", "love and loss", "electric city", "winter", "stars", "fate", "a dance at midnight", "lullaby",
    "war", "machine dreams", "mother's garden", "thunder storm",
)  # fmt: skip


def painted(theme: str, seed: int) -> Cover:
    return cover(theme, title="", pixels=SMALL, seed=seed, candidates=1)


def related(theme: str, seed: int, tracks: int) -> list[Cover]:
    """The covers of an album whose tracks are other themes."""
    main = cover(theme, title="", pixels=SMALL, seed=seed, candidates=6)
    others = [word for word in THEMES if word != theme][:tracks]
    return [main, *(cover(other, title="", pixels=SMALL, seed=seed + number, candidates=1, style=main.style,
                          palette=main.palette, finish=main.finish, colours=main.recipe.seed)
                    for number, other in enumerate(others, 1))]  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--covers", type=int, default=24)
    parser.add_argument("--families", type=int, default=3)
    parser.add_argument("--tracks", type=int, default=10)
    told = parser.parse_args()
    vae = load_kind("image-vae", "picture")

    def tell(name: str, covers: list[Cover]) -> None:
        found = family.likeness([each.image for each in covers], vae)
        print(json.dumps({"covers": name, "count": len(covers), "palette_delta_e": round(found.palette, 2),
                          "hand": round(found.hand, 3)}, ensure_ascii=False), flush=True)  # fmt: skip

    tell("of many themes", [painted(THEMES[k % len(THEMES)], k + 1) for k in range(told.covers)])
    tell("of one theme, other seeds", [painted("秋江夜泊", k + 1) for k in range(told.tracks + 1)])
    for number in range(told.families):
        theme = THEMES[5 * number % len(THEMES)]
        tell(f"of a family ({theme})", related(theme, 100 + number, told.tracks))


if __name__ == "__main__":
    main()
