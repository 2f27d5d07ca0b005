"""A work: what every poem, piece, cover and album can do, and the recipe that makes it again."""

from __future__ import annotations

import json
import platform
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any, ClassVar

from muse.errors import RecipeError
from muse.files import canonical_json, read_capped, slug, write_folder, write_new_folder
from muse.terms import Features, Report

SCHEMA = 1


@dataclass(frozen=True, slots=True)
class Recipe:
    """All that is needed to make a work again, byte for byte, on a like machine.

    Attributes:
        verb: the verb that made it ("poem", "compose", "cover", "album" …).
        seed: the one seed.
        request: the verb's arguments, plain JSON values.
        bundles: bundle name → sha256 of its file.
        inputs: name of a file that went in → sha256.
        credits: whom the data behind the bundles asks to be named.
        parts: the recipes of its parts.
        index: which of several works of one call it is.
        machine: what the bytes may depend on beside the request; see `machine`.
    """

    verb: str
    seed: int
    request: Mapping[str, Any] = field(default_factory=dict)
    bundles: Mapping[str, str] = field(default_factory=dict)
    inputs: Mapping[str, str] = field(default_factory=dict)
    credits: tuple[str, ...] = ()
    parts: tuple[Recipe, ...] = ()
    index: int = 0
    version: str = ""
    machine: Mapping[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        return {
            "schema": SCHEMA,
            "muse": self.version or _version(),
            "verb": self.verb,
            "seed": self.seed,
            "request": dict(self.request),
            "index": self.index,
            "bundles": dict(self.bundles),
            "inputs": dict(self.inputs),
            "credits": list(self.credits),
            "machine": dict(self.machine) or machine(),
            "parts": [part.as_dict() for part in self.parts],
        }

    def as_bytes(self) -> bytes:
        return canonical_json(self.as_dict())

    @classmethod
    def from_dict(cls, value: Any) -> Recipe:
        """A recipe from its JSON value.

        Raises:
            RecipeError: a field is missing or of another kind, or the schema is newer.
        """
        fields = {
            "schema": int,
            "muse": str,
            "verb": str,
            "seed": int,
            "request": dict,
            "index": int,
            "bundles": dict,
            "inputs": dict,
            "credits": list,
            "machine": dict,
            "parts": list,
        }
        for key, kind in fields.items():
            if not isinstance(value, dict) or not isinstance(value.get(key), kind):
                raise RecipeError("not a recipe", f"{key!r} is missing or not a {kind.__name__}")
        if value["schema"] > SCHEMA:
            raise RecipeError(f"the recipe is of schema {value['schema']}", f"this muse reads {SCHEMA}", "update muse")
        return cls(
            value["verb"], value["seed"], value["request"], value["bundles"], value["inputs"],
            tuple(str(name) for name in value["credits"]), tuple(cls.from_dict(part) for part in value["parts"]),
            value["index"], value["muse"], value["machine"],
        )  # fmt: skip

    @classmethod
    def load(cls, path: Path | str) -> Recipe:
        """The recipe in a JSON file of at most 16 MiB."""
        try:
            return cls.from_dict(json.loads(read_capped(path, 1 << 24)))
        except (ValueError, RecursionError) as error:
            raise RecipeError(f"cannot read {path}", f"it is not JSON: {error}", "give a recipe.json") from error


class Work(ABC):
    """A finished work with its recipe and the report on its promises."""

    kind: ClassVar[str]
    title: str
    recipe: Recipe
    report: Report
    features: Features

    @abstractmethod
    def files(self) -> dict[str, bytes]:
        """Every file of the work but its recipe, name → bytes; the same bytes at each call."""

    @abstractmethod
    def text(self) -> str:
        """The work in a terminal."""

    @abstractmethod
    def _repr_html_(self) -> str:
        """The work in a notebook."""

    def save(self, folder: Path | str | None = None, *, force: bool = False) -> Path:
        """Write all files and recipe.json into a folder, or nothing; return the folder.

        Without a folder, a new one is made in outputs/ under the title.

        Raises:
            OutputError: the folder has files in it and `force` is off, or cannot be written.
        """
        files = {**self.files(), "recipe.json": self.recipe.as_bytes()}
        if folder is None:
            return write_new_folder("outputs", slug(self.title, self.kind), files)
        return write_folder(folder, files, force=force)

    def show(self) -> None:
        """Print the work, or what can be said of it, on standard output."""
        print(self.text())

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.title!r} seed={self.recipe.seed}>"


def image_html(png: bytes, alt: str) -> str:
    """A picture inside a page, without a file beside it."""
    from base64 import b64encode

    return f'<img alt="{escape(alt, quote=True)}" src="data:image/png;base64,{b64encode(png).decode()}">'


def machine(device: str = "cpu", threads: int | None = None) -> dict[str, Any]:
    """What the bytes of a work may depend on: device kind, processor family, its vector units and threads."""
    import sys

    torch = sys.modules.get("torch")
    if torch is not None:
        threads = threads or int(torch.get_num_threads())
        units = str(torch.backends.cpu.get_cpu_capability())
    else:
        units = ""
    return {"device": device, "processor": platform.machine(), "vector": units, "threads": threads or 0}


def _version() -> str:
    from muse import __version__

    return __version__
