"""The commands about what is at hand: corpus, model, doctor."""

from __future__ import annotations

import json as json_module
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from muse.cli import options as o
from muse.cli.say import Voice

app = typer.Typer()
corpus = typer.Typer(help="The corpora: list, fetch, check, build.", no_args_is_help=True)
model = typer.Typer(help="The trained bundles: list, card, verify, export.", no_args_is_help=True)
CorpusName = Annotated[str, typer.Argument(metavar="NAME", help="A corpus of `muse corpus list`.")]
DataFolder = Annotated[
    Path | None, typer.Option("--out", metavar="FOLDER", show_default="MUSE_DATA, or data", help="The data folder.")
]
ModelName = Annotated[
    str, typer.Argument(metavar="NAME|FILE", help="A bundle of `muse model list`, or a .safetensors file.")
]


@app.command(epilog=o.examples("muse doctor", "muse doctor --json"))
def doctor(json: o.Json = False, verbose: o.Verbose = False) -> None:
    """What this machine can do: processor, GPU, fonts, soundfont, bundles."""
    from muse.verbs.doctor import examine

    found = examine()
    print(json_module.dumps(found.as_dict(), ensure_ascii=False) if json else found.text())
    if not found.sound:
        raise typer.Exit(1)


@corpus.command("list", epilog=o.examples("muse corpus list", "muse corpus list --kind poem --json"))
def list_corpora(
    kind: Annotated[
        str | None,
        typer.Option(metavar="KIND", show_default="all", help="Only those that a kind of model learns from."),
    ] = None,
    json: o.Json = False,
    verbose: o.Verbose = False,
) -> None:
    """Every corpus: its kinds, records, licence, and whether it is here."""
    from muse.verbs import corpora
    from muse.verbs.learn import kind_of

    if kind is not None:
        kind_of(kind)
    for entry in corpora.catalogue():
        if kind is not None and kind not in entry["kinds"]:
            continue
        if json:
            print(json_module.dumps(entry, ensure_ascii=False))
            continue
        use = "" if entry["shipped"] else "; not for shipped weights"
        print(f"{entry['name']:16} {', '.join(entry['kinds']) or 'tables':24} {entry['records']:>9,} records  "
              f"{'here' if entry['here'] else 'absent':6}  {entry['licence']}{use}")  # fmt: skip


@corpus.command(epilog=o.examples("muse corpus fetch jsb-chorales", "muse corpus fetch tang-song --out data"))
def fetch(
    name: CorpusName, out: DataFolder = None, json: o.Json = False, quiet: o.Quiet = False, verbose: o.Verbose = False
) -> None:
    """Fetch a corpus as published; what is here is kept, what broke off goes on."""
    from muse.verbs import corpora

    with Voice(quiet, verbose, json).progress() as progress:
        fetched = corpora.fetch(name, out, watch=lambda file, here, total: progress(file, here, total or here))
    for each in fetched:
        print(json_module.dumps(asdict(each), default=str) if json else each.path)


@corpus.command("check", epilog=o.examples("muse corpus check", "muse corpus check tang-song --json"))
def check_corpus(
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", show_default="all", help="A corpus of `muse corpus list`.")
    ] = None,
    out: DataFolder = None,
    json: o.Json = False,
    quiet: o.Quiet = False,
    verbose: o.Verbose = False,
) -> None:
    """Compare the files of a corpus with their checksums; exit 1 where one differs."""
    from muse.verbs import corpora

    found = corpora.check(name, out)
    for each in found:
        if json:
            print(json_module.dumps(asdict(each)))
        elif not quiet or not each.good:
            print(f"{each.state:10} {each.corpus:16} {each.path}")
    if any(each.state in ("changed", "cut") or (name is not None and each.state == "missing") for each in found):
        raise typer.Exit(1)


@corpus.command(
    epilog=o.examples("muse corpus build tang-song", "muse corpus build tang-song --from downloads --out data")
)
def build(
    name: CorpusName,
    source: Annotated[
        Path | None,
        typer.Option("--from", metavar="PATH", show_default="what was fetched", help="The published files."),
    ] = None,
    out: DataFolder = None,
    json: o.Json = False,
    quiet: o.Quiet = False,
    verbose: o.Verbose = False,
    force: o.Force = False,
) -> None:
    """Turn what was fetched into records: simplified, de-duplicated, split by hash."""
    from muse.verbs import corpora

    made = corpora.build(name, source, out, force=force, watch=Voice(quiet, verbose, json).note)
    if json:
        print(json_module.dumps(made, ensure_ascii=False, default=str))
        return
    for path in made["files"]:
        print(path)
    Voice(quiet, verbose).head("  ".join(f"{what} {number:,}" for what, number in made["counts"].items()))


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
        elif isinstance(value, str) and len(value) > 2000:
            lines.append(f"{indent}{key}: {len(value):,} characters")
        else:
            lines.append(f"{indent}{key}: {value}")
    return lines
