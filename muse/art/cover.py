"""A cover: a picture with its lettering, its recipe and its files (PNG, JPEG, thumbnail)."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass, field
from functools import cached_property
from typing import ClassVar

from PIL import Image

from muse.art.alt import alt
from muse.art.letters.lettering import Text
from muse.art.referee import provenance
from muse.errors import RecipeError
from muse.fonts.faces import is_chinese, is_han
from muse.terms import Features, Mood, Report
from muse.work import Recipe, Work, image_html

THUMB = 600


@dataclass(frozen=True, eq=False, repr=False)
class Cover(Work):
    """A finished picture.

    Attributes:
        image: RGB, 8 bit, sRGB.
        plan: the reasons for style, palette and finish, one line each.
        palette: "#rrggbb", the most frequent first.
        texts: what is written on it, and where.
        style, finish, artist: as chosen or asked.
        mood: that it was painted in.
    """

    title: str
    image: Image.Image
    plan: tuple[str, ...] = ()
    palette: tuple[str, ...] = ()
    texts: tuple[Text, ...] = ()
    style: str = ""
    finish: str = ""
    artist: str = ""
    recipe: Recipe = field(default_factory=lambda: Recipe("read", 0))
    report: Report = field(default_factory=Report)
    features: Features = field(default_factory=Features)
    mood: Mood = field(default_factory=Mood)

    kind: ClassVar[str] = "cover"

    @cached_property
    def _files(self) -> dict[str, bytes]:
        thumb = self.image.resize(
            (THUMB, round(THUMB * self.image.height / self.image.width)), Image.Resampling.LANCZOS
        )
        return {"cover.png": self._png(), "cover.jpg": self._jpeg(), "thumb.jpg": provenance.jpeg(thumb, None, 300_000)}

    def files(self) -> dict[str, bytes]:
        """cover.png with provenance, cover.jpg below 4 MB, thumb.jpg 600 pixels wide."""
        return dict(self._files)

    def png(self) -> bytes:
        """The picture as a PNG with title, artist, recipe and the places of its lettering inside."""
        return self._files["cover.png"]

    def jpg(self) -> bytes:
        """The picture as a JPEG below 4 MB."""
        return self._files["cover.jpg"]

    def _png(self) -> bytes:
        lettering = json.dumps([text.as_dict() for text in self.texts], ensure_ascii=False, sort_keys=True)
        texts = {
            "Title": self.title,
            "Author": self.artist,
            "Description": self.alt,
            "lettering": lettering if self.texts else "",
        }
        return provenance.png(self.image, self.recipe.as_dict(), texts)

    def _jpeg(self) -> bytes:
        return provenance.jpeg(self.image, self.recipe.as_dict())

    @property
    def alt(self) -> str:
        """What the picture is, for those who cannot see it, in the language of its title; 250 characters at most.

        Without a title it is in the language of the work that it belongs to.
        """
        texts = [
            (text.role, ("" if is_chinese("".join(text.lines)) else " ").join(text.lines), text.box)
            for text in self.texts
        ]
        chinese = any(map(is_han, self.title)) if self.title else self.features.language == "zh"
        return alt(self.image, self.style, self.palette, self.mood, texts, chinese)

    def text(self) -> str:
        size = f"{self.image.width} × {self.image.height}"
        head = f"{self.title or 'Cover'} · {size} · {self.style or 'picture'}"
        return "\n".join([head, *("  " + why for why in self.plan)])

    def _repr_html_(self) -> str:
        small, out = self.image.copy(), io.BytesIO()
        small.thumbnail((480, 480))
        small.save(out, "PNG")
        return image_html(out.getvalue(), self.alt)


def recipe_text(data: bytes) -> str:
    """The recipe inside a PNG or JPEG that muse wrote, as JSON text.

    Raises:
        RecipeError: there is none.
    """
    text = provenance.texts_of(data).get("recipe", "")
    if not text:
        raise RecipeError(
            "no recipe in the picture", "muse did not make it, or its text was stripped", "give a recipe.json"
        )
    return text
