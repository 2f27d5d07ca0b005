"""The commands about what is at hand: corpus, model, doctor."""

from __future__ import annotations

import json as json_module
from pathlib import Path
from typing import Annotated, Any

import typer

from muse.cli import options as o

app = typer.Typer()
corpus = typer.Typer(help="The corpora: list, fetch, check, build.", no_args_is_help=True)
model = typer.Typer(help="The trained bundles: list, card, verify, export.", no_args_is_help=True)
CorpusName = Annotated[str, typer.Argument(metavar="NAME", help="A corpus of `muse corpus list`.")]
ModelName = Annotated[
    str, typer.Argument(metavar="NAME|FILE", help="A bundle of `muse model list`, or a .safetensors file.")
]


@model.command("list", epilog=o.examples("muse model list"))
def list_models(json: o.Json = False) -> None:
    """The bundles that this muse ships with."""
    from muse.verbs import library

    for name, card in library.models().items():
        if json:
            print(json_module.dumps({"name": name, **card}, ensure_ascii=False))
        else:
            print(f"{name:12} {card['kind']:10} {card.get('parameters', 0):>10,} parameters  {_figures(card)}")


@model.command(epilog=o.examples("muse model card poem-zh", "muse model card runs/vae/melody-vae.safetensors --json"))
def card(name: ModelName, json: o.Json = False, verbose: o.Verbose = False) -> None:
    """What a bundle is: settings, data with licences, figures, limits."""
    from muse.verbs import library

    value = dict(library.load(name).card)
    print(json_module.dumps(value, ensure_ascii=False) if json else "\n".join(_card(value)))


@model.command(epilog=o.examples("muse model verify", "muse model verify poem-zh"))
def verify(
    name: Annotated[str | None, typer.Argument(metavar="NAME|FILE", show_default="all", help="One bundle.")] = None,
    json: o.Json = False,
    verbose: o.Verbose = False,
) -> None:
    """Read bundles to their last byte and compare their digests."""
    from muse.verbs import library

    found = library.verify(name)
    if json:
        print(json_module.dumps(found))
    else:
        for each, digest in found.items():
            print(f"whole  {each:12} {digest}")


@model.command(epilog=o.examples("muse model export poem-zh --out models"))
def export(
    name: ModelName,
    out: Annotated[Path, typer.Option(metavar="FOLDER", help="Where the file and its card go.")] = Path("."),
    verbose: o.Verbose = False,
    force: o.Force = False,
) -> None:
    """Write a bundle's file, and its card as JSON."""
    from muse.verbs import library

    for path in library.export(name, out, force=force):
        print(path)


def _figures(card: dict[str, Any]) -> str:
    figures = ((key, value) for key, value in card["metrics"].items() if isinstance(value, (int, float)))
    return ", ".join(f"{key} {value:.4g}" for key, value in list(figures)[:3])


def _card(card: dict[str, Any], indent: str = "") -> list[str]:
    """A card as lines for people."""
    lines = []
    for key, value in card.items():
        if isinstance(value, dict):
            lines += [f"{indent}{key}", *_card(value, indent + "  ")]
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            lines += [f"{indent}{key}"]
            for entry in value:
                lines.append(f"{indent}  " + "; ".join(str(part) for part in entry.values() if part != ""))
        elif isinstance(value, list) and len(value) > 24:
            lines.append(f"{indent}{key}: {len(value):,} entries")
        else:
            lines.append(f"{indent}{key}: {value}")
    return lines
