"""How good the picture VAE is: what it loses of a picture, and whether style and content part cleanly."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F

from muse.art.corpus import Pictures
from muse.art.measure.features import squares
from muse.art.vae.model import Vae, to_tensor


@torch.no_grad()
def reconstruction(vae: Vae, pictures: Pictures, chosen: npt.NDArray[np.int64]) -> dict[str, Any]:
    """L1 and PSNR of pictures through the VAE, and the style transfer's own figures.

    `swap_style_cosine`: the style read from a picture in another's style, against that style; `swap_content_cosine`:
    its content against the picture's.
    """
    absolute, squared, swapped, kept = [], [], [], []
    for start in range(0, len(chosen), 16):
        x = to_tensor(squares(pictures, chosen[start : start + 16]))
        content, style = vae.encode(x)
        y = vae.decode(content, style)
        absolute += ((y - x).abs().mean((1, 2, 3)) / 2).tolist()
        squared += ((y - x).square().mean((1, 2, 3)) / 4).tolist()
        z = vae.decode(content, style.roll(1, 0))
        swapped += F.cosine_similarity(vae.style(z), style.roll(1, 0)).tolist()
        kept += F.cosine_similarity(vae.content(z)[0].flatten(1), content.flatten(1)).tolist()
    return {
        "pictures": len(chosen),
        "l1": float(np.mean(absolute)),
        "psnr_db": float(-10 * np.log10(np.mean(squared))),
        "swap_style_cosine": float(np.mean(swapped)),
        "swap_content_cosine": float(np.mean(kept)),
    }
