"""Making a work again from its recipe: the same verb, with the same request, seed and bundles."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from inspect import signature
from pathlib import Path
from typing import Any

from muse.bundle import available
from muse.errors import BundleError, InputError, MuseError, RecipeError
from muse.files import read_capped, sha256
from muse.verbs import place
from muse.verbs.library import LARGEST, PICTURES, load
from muse.work import Recipe, Work

VERBS = ("poem", "rewrite", "compose", "vary", "blend", "cover", "grid", "canvas", "restyle", "morph", "edit", "album")
INPUTS = {"compose": ("soundfont",), "restyle": ("image", "style"), "morph": ("a", "b"), "edit": ("image", "erase"),
          "canvas": ("through",)}  # fmt: skip
MAYBE = ("style", "erase", "through")
"""What may be a file or something else: it is a file where the recipe has its hash."""


def remake(
    recipe: str | Path | Recipe | Mapping[str, Any],
    *,
    inputs: Sequence[str | Path] = (),
    bundle: str | Path | None = None,
    progress: Callable[[str, int, int], None] | None = None,
    tell: Callable[[str], None] | None = None,
) -> Work:
    """The work of a recipe, made again: the same bytes for the same version of muse on a like machine.

    What differs is said through `tell` and stands among the findings of the work's report; the work is then as
    near to the first one as it can be.

    >>> remake("outputs/秋江夜泊/recipe.json").kind  # doctest: +SKIP
    'album'

    Args:
        recipe: a recipe.json, the folder of a work, a MIDI file or PNG of muse, or a Recipe.
        inputs: files that went in and lie neither beside the recipe nor here.
        bundle: the file of a bundle that muse does not ship.

    Raises:
        RecipeError: it cannot be read or rebuilt; an input or a bundle is missing.
    """
    found, folder = find(recipe)
    if found.verb not in VERBS:
        raise RecipeError(
            f"no verb {found.verb!r}", "the work was read, not made, or a later muse made it", "update muse"
        )
    differing = [*_bundles(found, bundle), *_version(found)]
    with _threads(found):
        work = _rebuild(found, folder, inputs, bundle, progress)
        differing += place.differences(found.machine, work.recipe.machine)
    for name in differing:
        if tell is not None:
            tell(f"differs from the recipe: {name}")
    return work


def find(recipe: str | Path | Recipe | Mapping[str, Any]) -> tuple[Recipe, Path]:
    """A recipe and the folder where its inputs may lie.

    Raises:
        RecipeError: there is none.
    """
    if isinstance(recipe, Recipe):
        return recipe, Path(".")
    if isinstance(recipe, Mapping):
        return Recipe.from_dict(dict(recipe)), Path(".")
    path = Path(recipe)
    if path.is_dir():
        path = path / "recipe.json"
    if not path.is_file():
        raise RecipeError(f"no recipe at {path}", "there is no such file", "give a recipe.json or the folder of a work")
    try:
        if path.suffix.lower() in (".mid", ".midi", *PICTURES):
            return inside(path), path.parent
        return Recipe.load(path), path.parent
    except InputError as error:
        raise RecipeError(error.what, error.why, error.next_step) from error


def inside(path: Path) -> Recipe:
    """The recipe that muse writes into a MIDI file or a picture."""
    data = read_capped(path, LARGEST)
    if path.suffix.lower() in (".mid", ".midi"):
        from muse.music.midi import recipe_line

        text = recipe_line(data)
    else:
        from muse.art.cover import recipe_text

        text = recipe_text(data)
    try:
        value = json.loads(text)
        return Recipe(
            str(value["verb"]), int(value["seed"]), dict(value["request"]), dict(value.get("bundles", {})),
            dict(value.get("inputs", {})), index=int(value.get("index", 0)), version=str(value.get("muse", "")),
            machine=dict(value.get("machine", {})),
        )  # fmt: skip
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise RecipeError(
            f"no recipe in {path}", "muse did not make it, or its text was stripped", "give a recipe.json"
        ) from error


def _rebuild(
    recipe: Recipe,
    folder: Path,
    inputs: Sequence[str | Path],
    bundle: str | Path | None,
    progress: Callable[[str, int, int], None] | None,
) -> Work:
    from muse.verbs import depict, make, retouch, tune, verse, workshop
    from muse.verbs.album import album
    from muse.verbs.grid import grid
    from muse.verbs.motion import canvas

    request = dict(recipe.request)
    device = str(recipe.machine.get("device", "auto"))
    if device == "cuda":
        device = "auto"
    options: dict[str, Any] = {"seed": recipe.seed, "device": device}
    if bundle is not None and recipe.verb not in ("canvas", "album"):
        options["bundle"] = bundle
    homes: Mapping[str, Any] = {
        **vars(make), **vars(tune), **vars(verse), **vars(workshop), **vars(depict), **vars(retouch),
        "album": album, "grid": grid, "canvas": canvas,
    }  # fmt: skip
    verb = homes[recipe.verb]
    if recipe.verb in ("album", "grid", "canvas"):
        options["progress"] = progress
    for name in INPUTS.get(recipe.verb, ()):
        if isinstance(request.get(name), list):
            request[name] = [_given(name, each, recipe, folder, inputs) for each in request[name]]
        elif request.get(name) is not None:
            request[name] = _given(name, request[name], recipe, folder, inputs)
    try:
        signature(verb).bind(**request, **options)
    except TypeError as error:
        raise RecipeError(f"the request does not fit the verb {recipe.verb!r}", str(error), "update muse") from error
    made = verb(**request, **options)
    if not isinstance(made, list):
        return made  # type: ignore[no-any-return]
    if not 0 <= recipe.index < len(made):
        raise RecipeError(f"the recipe is of work {recipe.index}", f"its request makes {len(made)}")
    return made[recipe.index]  # type: ignore[no-any-return]


def _given(name: str, value: Any, recipe: Recipe, folder: Path, inputs: Sequence[str | Path]) -> Any:
    """An argument of the verb: the file that it names, where it names one, or as it is."""
    if name in MAYBE and str(value) not in recipe.inputs:
        return value
    path = _input(str(value), recipe, folder, inputs)
    return path if name == "soundfont" else (str(value), path.read_bytes())


def _input(name: str, recipe: Recipe, folder: Path, inputs: Sequence[str | Path]) -> Path:
    """The file that went in under a name, wherever it lies: known by its sha256."""
    digest = recipe.inputs.get(name)
    candidates = [*map(Path, inputs), folder / Path(name).name, Path(Path(name).name)]
    for path in candidates:
        try:
            if path.is_file() and sha256(read_capped(path, LARGEST)) == digest:
                return path
        except MuseError:
            continue
    raise RecipeError(
        f"the input {name} is missing", f"no file with sha256 {str(digest)[:12]}… was found", "give it with --input"
    )


def _bundles(recipe: Recipe, bundle: str | Path | None) -> list[str]:
    """What is to be said of the bundles of a recipe."""
    said = []
    known = {name: name for name in available()}
    if bundle is not None:
        known[load(bundle).name] = str(bundle)
    for name, digest in recipe.bundles.items():
        if name not in known:
            raise RecipeError(f"the bundle {name!r} of the recipe is missing", "", "give its file with --bundle")
        try:
            if load(known[name]).sha256 != digest:
                said.append(f"the bundle {name} is another one now")
        except BundleError as error:
            raise RecipeError(error.what, error.why, error.next_step) from error
    return said


def _version(recipe: Recipe) -> list[str]:
    from muse import __version__

    if recipe.version and recipe.version != __version__:
        return [f"muse {recipe.version} then, {__version__} now"]
    return []


@contextmanager
def _threads(recipe: Recipe) -> Iterator[None]:
    """As many threads as the recipe names, for the time of the block."""
    wanted = recipe.machine.get("threads")
    if not isinstance(wanted, int) or not 1 <= wanted <= 256:
        yield
        return
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(wanted)
    try:
        yield
    finally:
        torch.set_num_threads(before)
