"""The command that composes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from muse.cli import options as o
from muse.cli.deliver import deliver, seeds
from muse.cli.say import Progress, Voice

if TYPE_CHECKING:
    from muse.work import Work

app = typer.Typer()


@app.command(
    epilog=o.examples(
        "muse compose 'autumn river'",
        "muse compose 秋 --key 'D minor' --meter 3/4 --bars 16 --ensemble satb",
        "muse compose storm --tempo 140 --range C4-A5",
    )
)
def compose(
    theme: Annotated[
        str, typer.Argument(metavar="THEME", show_default="nothing in particular", help="What it is about.")
    ] = "",
    bars: Annotated[int, typer.Option(min=1, max=256, help="Full bars.")] = 16,
    key: Annotated[
        str | None, typer.Option(metavar="'D minor'", show_default="from the mood", help="Tonic and mode.")
    ] = None,
    meter: Annotated[str | None, typer.Option(metavar="3/4", show_default="from the mood", help="The meter.")] = None,
    tempo: Annotated[
        float | None, typer.Option(min=20, max=300, show_default="from the mood", help="Quarter notes a minute.")
    ] = None,
    ensemble: Annotated[
        str, typer.Option(metavar="melody|lead|satb", help="A tune, a tune with chords, or four voices.")
    ] = "lead",
    range: Annotated[
        str | None,
        typer.Option(
            metavar="C4-A5",
            show_default="that of the voice",
            help="The lowest and highest note of the tune, or voice=low-high, …",
        ),
    ] = None,
    mood: o.Mood = None,
    candidates: Annotated[
        int | None,
        typer.Option(min=1, max=64, show_default=False, help="How many are written for the best one to be kept."),
    ] = None,
    sound: Annotated[str, typer.Option(metavar="opus|wav", help="The format of the sound.")] = "opus",
    soundfont: Annotated[
        Path | None, typer.Option(metavar="FILE", show_default=False, help="A General MIDI soundfont of your own.")
    ] = None,
    bundle: o.Bundle = None,
    seed: o.Seed = None,
    count: o.Count = 1,
    out: o.Out = None,
    json: o.Json = False,
    device: o.Device = "auto",
    quiet: o.Quiet = False,
    verbose: o.Verbose = False,
    force: o.Force = False,
) -> None:
    """Compose a piece: MIDI, MusicXML, sound and piano roll.

    Key, meter, tempo, bars and range are kept as asked; what is not asked follows from the mood of the theme."""
    from muse.verbs import tune

    def works(progress: Progress) -> Iterator[Work]:
        for number, each in enumerate(seeds(seed, count)):
            progress("pieces", number, count)
            yield tune.compose(
                theme, bars=bars, key=key, meter=meter, tempo=tempo, ensemble=ensemble, range=range, mood=mood,
                candidates=candidates, sound=sound, soundfont=soundfont, seed=each, device=device, bundle=bundle,
            )  # fmt: skip

    deliver(works, count=count, out=out, as_json=json, force=force, voice=Voice(quiet, verbose, json))
