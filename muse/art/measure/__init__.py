"""How good pictures are: one door, `measure`, for the bundles that make them; the figures of `muse eval cover|picture`.

| file | in it |
|---|---|
| distances | KID with its interval, precision, recall, density, coverage, copies, spread |
| features, lite0 | what pictures are compared by |
| probe | an independent judge of classes |
| ground | the real pictures, floor and ceiling, all figures of some pictures against them |
| covers, dials | a cover bundle: raw, finished, palettes and moods asked and found |
| reconstruction | the picture VAE |
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from muse.art import corpus
from muse.bundle import Bundle
from muse.errors import BundleError, CorpusError


def measure(
    bundle: Bundle, path: Path | str, split: str = "valid", limit: int | None = None, vae: Bundle | None = None
) -> dict[str, Any]:
    """Figures of a cover or picture bundle on the pictures of a folder.

    Args:
        bundle: cover-gan or image-vae.
        path: a folder of pictures; its parts are grouped by design, so that no two pictures of one thing part.
        split: "train", "valid" or "all".
        limit: the first N pictures of the split only.
        vae: the decoder of a cover bundle; image-vae when None.

    Raises:
        BundleError: the bundle makes no pictures.
        CorpusError: too few pictures.
    """
    if bundle.kind not in ("cover", "picture"):
        raise BundleError(f"{bundle.name} makes no pictures", f"its kind is {bundle.kind}")
    pictures = corpus.read(path)
    chosen = pictures.where(split)[:limit]
    said = {"split": split, "designs": len({pictures.items[int(i)].design for i in chosen})}
    if bundle.kind == "picture":
        from muse.art.measure.reconstruction import reconstruction
        from muse.art.vae.model import load

        if not len(chosen):
            raise CorpusError(
                "no picture to measure on", f"the part {split!r} of {path} is empty", "choose --split all"
            )
        return {**said, **reconstruction(load(bundle), pictures, chosen)}
    from muse.art.measure.covers import covers

    return {**said, **covers(bundle, vae if vae is not None else Bundle.load("image-vae"), pictures, chosen)}
