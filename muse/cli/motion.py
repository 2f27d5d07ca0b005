"""The command for moving pictures: canvas."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from muse.cli import options as o
from muse.cli.deliver import deliver
from muse.cli.say import Progress, Voice

if TYPE_CHECKING:
    from muse.work import Work

app = typer.Typer()


@app.command(
    epilog=o.examples(
        "muse canvas 秋江夜泊 --seed 12",
        "muse canvas --from outputs/autumn-river",
        "muse canvas 'red desert' --through ink,cosmic --seconds 8",
        "muse canvas --through a.jpg,b.jpg --format gif",
    )
)
def canvas(
    theme: Annotated[
        str, typer.Argument(metavar="THEME", show_default=False, help="What it is about; not needed with --from.")
    ] = "",
    source: Annotated[
        Path | None,
        typer.Option(
            "--from",
            metavar="FILE|FOLDER",
            show_default=False,
            help="A cover that is to move, or a piece or album whose beats move it.",
        ),
    ] = None,
    seconds: Annotated[float, typer.Option(min=3, max=8, help="How long; with beats, a whole number of them.")] = 6.0,
    through: Annotated[
        str | None,
        typer.Option(
            metavar="A,B,…", show_default=False, help="Go from one to the next: styles, seeds or picture files."
        ),
    ] = None,
    style: Annotated[
        str | None, typer.Option(metavar="ink|oil|ukiyo-e|…", show_default="from the theme", help="The style.")
    ] = None,
    palette: Annotated[
        str | None,
        typer.Option(metavar="NAME|'#rrggbb,…'|FILE", show_default="from the mood", help="A palette, or colours."),
    ] = None,
    like: o.Like = None,
    amount: o.Amount = 0.3,
    colours: o.Colours = None,
    direction: o.Direction = None,
    truncation: o.Truncation = 0.8,
    width: Annotated[int, typer.Option(min=360, max=1080, help="In pixels; the height follows, 9:16.")] = 720,
    format: Annotated[
        str, typer.Option(metavar="auto|mp4|gif", help="mp4 needs ffmpeg; auto is mp4 where that is there.")
    ] = "auto",
    mood: o.Mood = None,
    seed: o.Seed = None,
    out: o.Out = None,
    json: o.Json = False,
    device: o.Device = "auto",
    quiet: o.Quiet = False,
    verbose: o.Verbose = False,
    force: o.Force = False,
) -> None:
    """Make a loop of 3 to 8 seconds for a phone's whole screen, that closes without a seam."""
    from muse.verbs import library, motion

    subject = library.read(source) if source is not None else theme
    stops = [stop.strip() for stop in through.split(",") if stop.strip()] if through else []

    def works(progress: Progress) -> Iterator[Work]:
        yield motion.canvas(
            subject, seconds=seconds, through=stops, style=style, palette=palette, like=like, amount=amount,
            colours=colours, direction=direction, truncation=truncation, width=width, format=format, mood=mood,
            seed=seed, device=device, progress=progress,
        )  # fmt: skip

    deliver(works, count=1, out=out, as_json=json, force=force, voice=Voice(quiet, verbose, json))
