"""The commands that make works but poems and pieces: vary, blend, cover, album."""

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
        "muse vary tune.mid --amount 0.3 --count 4",
        "muse vary outputs/autumn-river --lock rhythm --lock bars=1-4,9",
        "muse vary song.mid --track Vocals --bars 5-8 --dial density=+0.5 --dial leaps=-0.3",
    )
)
def vary(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A MIDI file, or the folder of a piece.")],
    amount: Annotated[
        float, typer.Option(min=0, max=1, help="From 0, as it is, to 1, anew: the similarity goes evenly down.")
    ] = 0.3,
    lock: Annotated[
        list[str] | None,
        typer.Option(
            metavar="rhythm|contour|cadence|bars=1-4,9", show_default=False, help="What stays; may be given twice."
        ),
    ] = None,
    bars: Annotated[
        str | None, typer.Option(metavar="5-8", show_default="all", help="The only bars that may change.")
    ] = None,
    dial: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=VALUE",
            show_default=False,
            help="density, range, syncopation, leaps or brightness, from −1 to 1; may be given twice.",
        ),
    ] = None,
    track: Annotated[
        str | None,
        typer.Option(metavar="NAME|NUMBER", show_default="the melody's", help="The track that is varied."),
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
    """Vary the melody of a piece; its other tracks, words and chords stay.

    The similarity to the melody is told for each variation."""
    from muse.verbs import make

    def works(progress: Progress) -> Iterator[Work]:
        yield from make.vary(
            file, amount=amount, lock=tuple(lock or ()), bars=bars, dial=tuple(dial or ()), track=track,
            count=count, seed=seed, device=device, bundle=bundle,
        )  # fmt: skip

    deliver(works, count=count, out=out, as_json=json, force=force, voice=Voice(quiet, verbose, json))


@app.command(epilog=o.examples("muse blend a.mid b.mid --steps 5"))
def blend(
    a: Annotated[Path, typer.Argument(metavar="A", help="A MIDI file, or the folder of a piece.")],
    b: Annotated[Path, typer.Argument(metavar="B", help="Another.")],
    steps: Annotated[int, typer.Option(min=2, max=64, help="Pieces on the way, the ends included.")] = 5,
    bundle: o.Bundle = None,
    seed: o.Seed = None,
    out: o.Out = None,
    json: o.Json = False,
    device: o.Device = "auto",
    quiet: o.Quiet = False,
    verbose: o.Verbose = False,
    force: o.Force = False,
) -> None:
    """Go from one melody to another, step by step."""
    from muse.verbs import make

    def works(progress: Progress) -> Iterator[Work]:
        yield from make.blend(a, b, steps=steps, seed=seed, device=device, bundle=bundle)

    deliver(works, count=steps, out=out, as_json=json, force=force, voice=Voice(quiet, verbose, json))


@app.command(
    epilog=o.examples(
        "muse cover 秋江夜泊 --artist Muse",
        "muse cover 'red desert' --style oil --palette '#7a2e1d,#d9a441'",
        "muse cover --from outputs/autumn-river --title 'Autumn River'",
        "muse cover 'autumn river' --size story --finish riso",
        "muse cover 秋江夜泊 --grid 64",
        "muse cover 秋江夜泊 --seed 12 --direction light=+1.5",
        "muse cover 秋江夜泊 --like 12 --count 4",
    )
)
def cover(
    theme: Annotated[
        str, typer.Argument(metavar="THEME", show_default=False, help="What it is about; not needed with --from.")
    ] = "",
    style: Annotated[
        str | None, typer.Option(metavar="ink|oil|ukiyo-e|…", show_default="from the theme", help="The style.")
    ] = None,
    palette: Annotated[
        str | None,
        typer.Option(
            metavar="NAME|#rrggbb,…|FILE",
            show_default="from the mood",
            help="A palette's name, colours, or a picture's.",
        ),
    ] = None,
    title: Annotated[str | None, typer.Option(show_default="the theme; '' for none", help="The lettering.")] = None,
    artist: Annotated[str, typer.Option(help="The artist's name under the title.")] = "",
    verse: Annotated[str, typer.Option(help="A line of verse on the picture.")] = "",
    pixels: Annotated[int, typer.Option(min=512, max=4096, help="Width and height of a square.")] = 3000,
    size: Annotated[
        str | None,
        typer.Option(
            metavar="story|canvas|wide|lp|cd|WxH",
            show_default="square",
            help="A format, or width × height in pixels.",
        ),
    ] = None,
    finish: Annotated[
        str | None,
        typer.Option(
            metavar="wash|brush|riso|halftone|flat|film|…", show_default="that of the style", help="The surface."
        ),
    ] = None,
    source: Annotated[
        Path | None,
        typer.Option(
            "--from",
            metavar="FILE|FOLDER",
            show_default=False,
            help="A poem, piece or album whose cover this is to be.",
        ),
    ] = None,
    grid: Annotated[
        int | None,
        typer.Option(
            metavar="N", min=1, max=256, show_default=False, help="Not a cover: N small pictures with their seeds."
        ),
    ] = None,
    like: o.Like = None,
    amount: o.Amount = 0.3,
    colours: o.Colours = None,
    direction: o.Direction = None,
    truncation: o.Truncation = 0.8,
    mood: o.Mood = None,
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
    """Paint a cover with its lettering, 3000 × 3000, PNG and JPEG."""
    from muse.verbs import depict, library
    from muse.verbs.grid import grid as make_grid

    subject = library.read(source) if source is not None else theme
    tries = 6 if seed is None else 1

    def works(progress: Progress) -> Iterator[Work]:
        if grid is not None:
            yield make_grid(
                subject, count=grid, style=style, palette=palette, mood=mood, like=like, amount=amount, colours=colours,
                direction=direction, truncation=truncation, seed=1 if seed is None else seed, device=device,
                bundle=bundle, progress=progress,
            )  # fmt: skip
            return
        for number, each in enumerate(seeds(seed, count)):
            progress("covers", number, count)
            yield depict.cover(
                subject, style=style, palette=palette, title=title, artist=artist, verse=verse, pixels=pixels,
                size=size, finish=finish, mood=mood, like=like, amount=amount, colours=colours, direction=direction,
                truncation=truncation, candidates=tries, seed=each, device=device, bundle=bundle,
            )  # fmt: skip

    deliver(works, count=1 if grid else count, out=out, as_json=json, force=force, voice=Voice(quiet, verbose, json))


@app.command(
    epilog=o.examples("muse album 秋江夜泊", "muse album 'autumn river' --tracks 3 --artist Muse --seed 7 --out river")
)
def album(
    theme: o.Theme,
    tracks: Annotated[int, typer.Option(min=1, max=12, help="How many poems with their music.")] = 3,
    title: Annotated[str | None, typer.Option(show_default="the theme", help="The album's title.")] = None,
    artist: Annotated[str, typer.Option(help="The artist's name on the cover.")] = "",
    mood: o.Mood = None,
    lang: o.Lang = None,
    seed: o.Seed = None,
    count: o.Count = 1,
    out: o.Out = None,
    json: o.Json = False,
    device: o.Device = "auto",
    quiet: o.Quiet = False,
    verbose: o.Verbose = False,
    force: o.Force = False,
) -> None:
    """Make an album: poems, music, covers, and a page to see it all."""
    from muse.verbs.album import album as make_album

    def works(progress: Progress) -> Iterator[Work]:
        for each in seeds(seed, count):
            yield make_album(
                theme, tracks=tracks, title=title, artist=artist, mood=mood, lang=lang, seed=each,
                device=device, progress=progress,
            )  # fmt: skip

    deliver(works, count=count, out=out, as_json=json, force=force, voice=Voice(quiet, verbose, json))
