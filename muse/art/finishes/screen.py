"""A light finish for moving pictures: a small frame made large in a material that stands still.

Each frame is enlarged and its edges tightened; then it is seen through a sheet that does not move: paper whose fibres
fray the edges, canvas, or the grain of film. What moves is the picture alone, so nothing flickers, and what is soft in
a small picture reads as painted.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image

from muse.art.finishes.texture import BICUBIC, Field, grain, noise, paper, resized
from muse.art.finishes.upscale import kuwahara

Frame = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a picture is seen on.

    Attributes:
        fray: how far edges wander, in thousandths of the width, slowly and finely.
        tooth: strength of the paper; weave: of the canvas; speck: of the film grain, in parts of white.
        crisp: how much edges are tightened.
    """

    fray: float = 5.0
    tooth: float = 1.0
    weave: float = 0.0
    speck: float = 0.010
    crisp: float = 0.8


PAPER, CANVAS = Sheet(), Sheet(fray=7.0, tooth=0.2, weave=1.0, crisp=1.0)
FILM, CARD = Sheet(fray=2.0, tooth=0.0, speck=0.022, crisp=0.5), Sheet(fray=1.5, tooth=0.5, crisp=1.0)
SHEETS = {
    "wash": PAPER, "watercolour": PAPER, "woodblock": PAPER, "riso": PAPER, "halftone": PAPER,
    "brush": CANVAS, "silk": CANVAS,
    "card": CARD, "flat": CARD, "stars": FILM, "threads": FILM, "film": FILM,
}  # fmt: skip


class Screen:
    """Enlarges frames (h, w, 3) to (height, width, 3) uint8, each by itself: like frames stay alike.

    Args:
        finish: a key of SHEETS.
        seed: of the sheet.
    """

    def __init__(self, width: int, height: int, finish: str, seed: int) -> None:
        self.width, self.height, self.sheet = width, height, SHEETS[finish]
        side = max(width, height)
        wander = [
            noise((side, side), width * 0.018, seed, "fray", axis, octaves=4, falloff=0.75)[:height, :width]
            * (self.sheet.fray * width / 1000)
            for axis in (0, 1)
        ]
        rows = np.clip(np.arange(height)[:, None] + np.rint(wander[0]), 0, height - 1).astype(np.int32)
        columns = np.clip(np.arange(width)[None] + np.rint(wander[1]), 0, width - 1).astype(np.int32)
        self.places = rows * np.int32(width) + columns
        self.gain = np.rint(256 * (1 + self._relief(side, seed)[:height, :width])).astype(np.uint16)

    def _relief(self, side: int, seed: int) -> Field:
        """(side, side) how much lighter or darker the sheet is at each place."""
        s, relief = self.sheet, np.zeros((side, side), np.float32)
        if s.tooth:
            relief += s.tooth * (np.asarray(paper((side, side), seed, fibres=1200), np.float32) - 128) / 300
        if s.weave:
            thread = 2 * np.pi * np.arange(side, dtype=np.float32) / (side / 320)
            bend = noise((side, side), side / 40, seed, "weave", octaves=2) * 0.8
            relief += s.weave * 0.035 * (np.sin(thread[:, None] + bend) * np.sin(thread[None] - bend))
        return np.asarray(relief + s.speck * grain(side, side, seed, "speck"), np.float32)

    def __call__(self, picture: Frame, zoom: float = 1.0) -> Frame:
        """(height, width, 3): a frame, its middle brought nearer by ``zoom`` ≥ 1."""
        height, width = picture.shape[:2]
        tall = min(height, width * self.height / self.width) / zoom
        wide = tall * self.width / self.height
        left, top = (width - wide) / 2, (height - tall) / 2
        plate = resized(
            picture.astype(np.float32) / np.float32(255),
            (self.height // 3, self.width // 3),
            (left, top, left + wide, top + tall),
        )
        plate = plate + np.float32(self.sheet.crisp) * (kuwahara(plate, 3.0) - plate)
        image = Image.fromarray((np.clip(plate, 0, 1) * 255 + 0.5).astype(np.uint8))
        big = np.asarray(image.resize((self.width, self.height), BICUBIC)).reshape(-1, 3)[self.places]
        seen = big * self.gain[..., None].astype(np.uint32) >> 8
        return np.asarray(np.minimum(seen, 255), np.uint8)
