"""A picture painted anew by the cover generator: its content is the layout, the style class fills it.

The generator learned to paint from layouts of 8 × 8 cells, two latents wide each, of pictures that it was judged
against in their class. Here the layout is that of a photo. It is wholly convolutional, so a map of any size is painted
in one pass with one w and one field of noise: there are no tiles, and so no seams.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from muse.art.gan.generator import class_number, load, start
from muse.art.vae.frame import padded
from muse.bundle import Bundle
from muse.seed import torch_generator
from muse.terms import Mood

CELL = 2


@torch.no_grad()
def repainted(
    gan: Bundle, content: Tensor, style: str, mood: Mood | None = None, seed: int = 0, truncation: float = 0.7
) -> tuple[Tensor, Tensor]:
    """Content (1, C, h, w) and style (1, K), in the VAE's scale, of a picture painted after another's content.

    Args:
        content: (1, C, h, w) in the VAE's scale.
        style: a class of the generator.
        mood: of the picture: its colours are those of a picture of the class that is near in mood.
        seed, truncation: of what fills the layout; see `muse.art.gan.generator.generate`.

    Raises:
        UsageError: a style that the bundle does not know.
    """
    model = load(gan)
    height, width = content.shape[2:]
    begun = start(model, class_number(gan, style), None, mood, seed, truncation)
    standard, _ = model.from_vae(padded(content, 4), torch.zeros(1, model.settings.style))
    layout = F.interpolate(F.avg_pool2d(standard, CELL), standard.shape[2:], mode="bilinear", align_corners=False)
    noise = torch.randn(1, 2, *standard.shape[2:], generator=torch_generator(seed, "repaint", "grain"))
    painted, code = model.to_vae(*model.paint(begun.w[None], layout, torch.ones(1), noise))
    return painted[..., :height, :width], code
