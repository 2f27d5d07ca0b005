"""The commands about learning: train and eval."""

from __future__ import annotations

import json as json_module
from pathlib import Path
from typing import Annotated

import typer

from muse.cli import options as o
from muse.cli.say import Voice

app = typer.Typer()
Kind = Annotated[str, typer.Argument(metavar="KIND", help="poem, music, variation, cover or picture.")]


@app.command(
    epilog=o.examples(
        "muse train poem --corpus my-poems/ --from poem-zh",
        "muse train poem --corpus stories.txt --form prose",
        "muse train music --corpus my-music/ --from composer --dry-run",
        "muse train cover --corpus my-pictures/ --from cover-gan",
        "muse train variation --config small.toml --set run.steps=500 --out runs/vae",
    )
)
def train(
    kind: Kind,
    corpus: Annotated[
        Path | None,
        typer.Option(metavar="PATH", show_default="the data folder, or the sample", help="What to learn from."),
    ] = None,
    start: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="BUNDLE",
            show_default="nothing",
            help="poem-zh, poem-en, composer, melody-vae, cover-gan, image-vae or a file.",
        ),
    ] = None,
    form: Annotated[
        str | None,
        typer.Option(metavar="verse|prose", show_default="as the lines are long", help="Of poems: what the corpus is."),
    ] = None,
    size: Annotated[
        str, typer.Option(metavar="tiny|small|base", help="The one dial: width, depth, batch and rate follow.")
    ] = "small",
    config: Annotated[
        Path | None,
        typer.Option(metavar="TOML", show_default=False, help="Settings in a file, over those of the size."),
    ] = None,
    set: Annotated[
        list[str] | None,
        typer.Option(metavar="KEY=VALUE", show_default=False, help="One setting, over all others; may be given often."),
    ] = None,
    resume: Annotated[
        str, typer.Option(metavar="auto|never", help="Go on from the newest whole checkpoint, or refuse to.")
    ] = "auto",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print settings, parameters, memory and time, and leave.")
    ] = False,
    name: Annotated[str | None, typer.Option(show_default="the kind", help="The bundle's name.")] = None,
    seed: o.Seed = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER", show_default="outputs/runs/KIND", help="Where the run lives.", rich_help_panel=o.PANEL
        ),
    ] = None,
    json: o.Json = False,
    device: o.Device = "auto",
    quiet: o.Quiet = False,
    verbose: o.Verbose = False,
    force: o.Force = False,
) -> None:
    """Train a model on a corpus and freeze it into a bundle.

    Ctrl-C saves the run; the same command goes on with it."""
    from muse.cli.watch import watching
    from muse.verbs import learn

    voice = Voice(quiet, verbose, json)
    sets = [*(set or ()), *([f"run.seed={seed}"] if seed is not None else [])]
    plan = learn.plan(kind, corpus=corpus, size=size, settings=config, sets=sets, device=device, out=out, name=name,
                      start=start, form=form)  # fmt: skip
    if dry_run:
        print(json_module.dumps(plan.as_dict(), ensure_ascii=False) if json else plan.text())
        return
    voice.head(f"{kind} · {plan.course.objective.parameters():,} parameters · seed {plan.course.run.seed}")
    for note in plan.notes:
        voice.note(f"  {note}")
    voice.note(f"  watch {plan.folder / 'index.html'}")
    with watching(voice) as watch:
        result = learn.carry_out(plan, resume=resume, watch=watch, force=force)
    for name, value in result.bundle.card["metrics"].items():
        if name.endswith(("_before", "_after")):
            voice.note(f"  {name.replace('_', ' ')}: {value:.3f} on what was held out")
    gate = result.bundle.card.get("memorisation")
    if gate is not None:
        (voice.note if gate["passed"] else voice.warn)(f"  {gate['said']}")
    if json:
        print(json_module.dumps({"bundle": str(result.path), "metrics": dict(result.bundle.card["metrics"])}))
    else:
        print(result.path)


@app.command(
    "eval",
    epilog=o.examples(
        "muse eval poem --data poems.jsonl --limit 200",
        "muse eval music --data jsb.json --split valid --json",
        "muse eval cover --data pictures/ --split valid",
    ),
)
def evaluate(
    kind: Kind,
    data: Annotated[
        Path | None,
        typer.Option(
            metavar="PATH",
            show_default="the data folder, or the sample",
            help="What to measure on, in the formats of the corpora.",
        ),
    ] = None,
    split: Annotated[
        str | None,
        typer.Option(metavar="train|valid|test|all", show_default="that of the card", help="Which part of it."),
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, show_default=False, help="The first N records only.")] = None,
    bundle: o.Bundle = None,
    json: o.Json = False,
    device: o.Device = "auto",
    quiet: o.Quiet = False,
    verbose: o.Verbose = False,
) -> None:
    """Measure a bundle on data: the figures of its card, again."""
    from muse.verbs import learn

    figures = learn.evaluate(kind, data=data, split=split, limit=limit, bundle=bundle, device=device)
    if json:
        print(json_module.dumps(figures, ensure_ascii=False))
        return
    for key, value in figures.items():
        nested = isinstance(value, dict) and any(isinstance(one, dict) for one in value.values())
        for name, one in value.items() if nested else ((key, value),):
            print(f"{name}: {_said(one)}")


def _said(value: object) -> str:
    """A figure for people: four digits, parts of a table in one line."""
    if isinstance(value, dict):
        return ", ".join(f"{key} {_said(one)}" for key, one in value.items())
    if isinstance(value, list | tuple):
        return " … ".join(map(_said, value)) if value else "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return (f"{value:,.0f}" if value.is_integer() else f"{value:.4g}") if isinstance(value, float) else str(value)
