"""The commands for pictures of the user's own: restyle, morph, edit."""

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
        "muse restyle photo.jpg --style ink",
        "muse restyle photo.jpg --style ukiyo-e --by gan --keep-colour",
        "muse restyle photo.jpg --style painting.png --strength 0.6",
    )
)
def restyle(
    image: Annotated[Path, typer.Argument(metavar="IMAGE", help="A PNG, JPEG or WebP picture.")],
    style: Annotated[
        str, typer.Option(metavar="ink|oil|ukiyo-e|…|FILE", help="The style, or another picture whose style is taken.")
    ] = "ink",
    strength: Annotated[float, typer.Option(min=0, max=1, help="From 0, as it is, to 1.")] = 0.8,
    keep_colour: Annotated[bool, typer.Option("--keep-colour", help="Keep the picture's own colours.")] = False,
    by: Annotated[
        str, typer.Option(metavar="vae|gan", help="Exchange its style code, or have it painted anew by the generator.")
    ] = "vae",
    finish: Annotated[
        str | None,
        typer.Option(metavar="wash|brush|…|none", show_default="that of the style", help="The surface."),
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
    """Give a picture of yours another style; it may be of any size."""
    from muse.verbs import retouch

    def works(progress: Progress) -> Iterator[Work]:
        for number, each in enumerate(seeds(seed, count)):
            progress("pictures", number, count)
            yield retouch.restyle(
                image, style=style, strength=strength, keep_colour=keep_colour, by=by, finish=finish, seed=each,
                device=device, bundle=bundle,
            )  # fmt: skip

    deliver(works, count=count, out=out, as_json=json, force=force, voice=Voice(quiet, verbose, json))


@app.command(epilog=o.examples("muse morph a.jpg b.jpg --steps 8", "muse morph a.jpg b.jpg --keep content"))
def morph(
    a: Annotated[Path, typer.Argument(metavar="A", help="A PNG, JPEG or WebP picture.")],
    b: Annotated[Path, typer.Argument(metavar="B", help="Another.")],
    steps: Annotated[int, typer.Option(min=2, max=64, help="Pictures on the way, the ends included.")] = 8,
    keep: Annotated[
        str | None,
        typer.Option(
            metavar="content|style", show_default=False, help="What stays that of A: its forms, or colours and texture."
        ),
    ] = None,
    bundle: o.Bundle = None,
    seed: o.Seed = None,
    out: o.Out = None,
    json: o.Json = False,
    device: o.Device = "auto",
    quiet: o.Quiet = False,
    verbose: o.Verbose = False,
    force: o.Force = False,
) -> None:
    """Go from one picture to another, step by step."""
    from muse.verbs import retouch

    def works(progress: Progress) -> Iterator[Work]:
        yield from retouch.morph(a, b, steps=steps, keep=keep, seed=seed, device=device, bundle=bundle)

    deliver(works, count=steps, out=out, as_json=json, force=force, voice=Voice(quiet, verbose, json))


@app.command(
    epilog=o.examples(
        "muse edit photo.jpg --erase 120,80,60,40",
        "muse edit photo.jpg --erase mask.png --dial light=+0.3",
        "muse edit photo.jpg --dial warmth=+0.5 --dial texture=-0.4",
    )
)
def edit(
    image: Annotated[Path, typer.Argument(metavar="IMAGE", help="A PNG, JPEG or WebP picture.")],
    erase: Annotated[
        str | None,
        typer.Option(
            metavar="X,Y,WIDTH,HEIGHT|FILE",
            show_default=False,
            help="What to take out: a rectangle in pixels, or a mask as large as the picture, white where it is to go.",
        ),
    ] = None,
    dial: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=VALUE",
            show_default=False,
            help="light, warmth, contrast or texture, from −1 to 1; may be given twice.",
        ),
    ] = None,
    bundle: o.Bundle = None,
    seed: o.Seed = None,
    out: o.Out = None,
    json: o.Json = False,
    device: o.Device = "auto",
    quiet: o.Quiet = False,
    verbose: o.Verbose = False,
    force: o.Force = False,
) -> None:
    """Take something out of a picture, or turn its light, warmth, contrast or texture."""
    from muse.verbs import retouch

    def works(progress: Progress) -> Iterator[Work]:
        yield retouch.edit(image, erase=erase, dials=tuple(dial or ()), seed=seed, device=device, bundle=bundle)

    deliver(works, count=1, out=out, as_json=json, force=force, voice=Voice(quiet, verbose, json))
