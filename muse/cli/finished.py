"""The commands about finished works: check, show, remake."""

from __future__ import annotations

import json as json_module
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
MARKS = {True: "kept", False: "BROKEN", "relaxed": "relaxed", "depends": "depends"}


@app.command(
    epilog=o.examples(
        "muse check outputs/秋江夜泊",
        "muse check cover.jpg",
        "muse check tune.mid --bar 5",
        "muse check poem.txt --form 七绝",
    )
)
def check(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE|FOLDER", help="A poem, piece of music, picture, loop, recipe, or a folder of them."
        ),
    ],
    form: Annotated[
        str | None,
        typer.Option(metavar="NAME", show_default="by its shape", help="The form of a poem in a text file."),
    ] = None,
    bar: Annotated[
        int | None,
        typer.Option(min=0, show_default=False, help="Explain this bar of music: chords, cadence, broken rules."),
    ] = None,
    json: o.Json = False,
    quiet: o.Quiet = False,
    verbose: o.Verbose = False,
) -> None:
    """Prove each promise of a work from its files; judge any other music by the rules of part-writing.

    Of a picture it says which stores take it, what stands in the way of the others, and what it is most like.

    The exit code is 1 where a promise is broken. --verbose names each place where a rule is broken."""
    from muse.verbs.check import check as check_work

    report = check_work(file, form=form, bar=bar, full=json or verbose)
    if json:
        print(json_module.dumps(report.as_dict(), ensure_ascii=False))
    else:
        width = max((len(promise.name) for promise in report.promises), default=0)
        for promise in report.promises:
            if not quiet or promise.kept is not True:
                found = (
                    promise.asked if promise.asked == promise.found else f"asked {promise.asked}, found {promise.found}"
                )
                print(f"{MARKS[promise.kept]:8} {promise.name:{width}}  {found}")
        for finding in () if quiet else report.findings:
            print(finding)
        if report.promises:
            verdict = {True: "valid", False: "not valid", "depends": "depends on the reading"}[report.valid]
            print(f"{verdict}: {len(report.promises)} promises")
    if report.valid is False:
        raise typer.Exit(1)


@app.command(
    epilog=o.examples(
        "muse show outputs/秋江夜泊",
        "muse show tune.mid",
        "muse show tune.mid --sheet score.pdf",
        "muse show poem.txt --sheet poem.pdf --author 王之涣",
    )
)
def show(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE|FOLDER", help="A poem, MIDI file, picture, bundle, recipe, or the folder of a work."
        ),
    ],
    sheet: Annotated[
        Path | None,
        typer.Option(
            metavar="NAME.pdf|png|svg", show_default=False, help="Write a poem's broadsheet or a piece's score here."
        ),
    ] = None,
    layout: Annotated[
        str | None,
        typer.Option(metavar="vertical|horizontal", show_default="as its language is written", help="Of the sheet."),
    ] = None,
    author: Annotated[str, typer.Option(help="The author's name on the sheet.")] = "",
    seal: Annotated[str, typer.Option(show_default="the author's name, or muse's", help="What its seal says.")] = "",
    pinyin: Annotated[bool, typer.Option("--pinyin", help="Pinyin beside the characters of the sheet.")] = False,
    palette: Annotated[str, typer.Option(metavar="paper|white|night", help="The colours of the sheet.")] = "paper",
    verbose: o.Verbose = False,
    force: o.Force = False,
) -> None:
    """Show a work in the terminal: verse, piano roll, picture; or put a poem or a score on a sheet."""
    if sheet is None:
        from muse.cli.terminal import shown

        print(shown(file))
        return
    from muse.verbs.sheet import save_sheet

    path, notes = save_sheet(
        file, sheet, layout=layout, author=author, seal=seal, pinyin=pinyin or None, palette=palette, force=force
    )
    for note in notes:
        Voice(False, verbose).warn(note)
    print(path)


@app.command(
    epilog=o.examples("muse remake outputs/秋江夜泊/recipe.json --out again", "muse remake outputs/秋江夜泊 --json")
)
def remake(
    recipe: Annotated[Path, typer.Argument(metavar="RECIPE", help="A recipe.json, or the folder or file it lies in.")],
    input: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE", show_default=False, help="A file that went in and lies elsewhere; may be given twice."
        ),
    ] = None,
    bundle: o.Bundle = None,
    out: o.Out = None,
    json: o.Json = False,
    quiet: o.Quiet = False,
    verbose: o.Verbose = False,
    force: o.Force = False,
) -> None:
    """Make a work again from its recipe, byte for byte.

    On another machine or version it says what differs, and comes as near as it can."""
    from muse.verbs.remake import remake as remake_work

    voice = Voice(quiet, verbose, json)

    def works(progress: Progress) -> Iterator[Work]:
        yield remake_work(recipe, inputs=tuple(input or ()), bundle=bundle, progress=progress, tell=voice.warn)

    deliver(works, count=1, out=out, as_json=json, force=force, voice=voice)
