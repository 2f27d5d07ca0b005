"""The options that commands share, each defined once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

PANEL = "Options of every command"

Theme = Annotated[str, typer.Argument(metavar="THEME", help="What it is about: a word or a line, Chinese or English.")]
Seed = Annotated[
    int | None,
    typer.Option(
        min=0,
        max=2**63 - 1,
        show_default="a fresh one, printed",
        help="The same seed gives the same files.",
        rich_help_panel=PANEL,
    ),
]
Count = Annotated[int, typer.Option(min=1, max=100_000, help="How many to make.", rich_help_panel=PANEL)]
Out = Annotated[
    Path | None,
    typer.Option(
        metavar="FOLDER",
        show_default="a new folder in outputs/",
        help="Where the files go.",
        rich_help_panel=PANEL,
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, one object a line.", rich_help_panel=PANEL)]
Device = Annotated[str, typer.Option(metavar="auto|cpu|cuda", help="Where the models run.", rich_help_panel=PANEL)]
Quiet = Annotated[bool, typer.Option("--quiet", help="Only the product and errors.", rich_help_panel=PANEL)]
Verbose = Annotated[bool, typer.Option("--verbose", help="Every note, and tracebacks.", rich_help_panel=PANEL)]
Force = Annotated[bool, typer.Option("--force", help="Write over existing files.", rich_help_panel=PANEL)]
Bundle = Annotated[
    str | None,
    typer.Option(
        metavar="NAME|FILE", show_default=False, help="Other weights than those shipped.", rich_help_panel=PANEL
    ),
]
Mood = Annotated[
    str | None,
    typer.Option(
        metavar="WORD|AXES",
        show_default="read from the theme",
        help="A word (calm, 悲), or axes from −1 to 1: energy=-0.6,valence=0.3.",
    ),
]

Lang = Annotated[
    str | None,
    typer.Option(metavar="zh|en", show_default="that of the theme", help="The language of the verse."),
]
Like = Annotated[
    int | None,
    typer.Option(metavar="SEED", min=0, show_default=False, help="Stay near the picture of this seed."),
]
Amount = Annotated[float, typer.Option(min=0, max=1, help="How far from it: 0 is that picture, 1 any other.")]
Colours = Annotated[
    int | None,
    typer.Option(metavar="SEED", min=0, show_default=False, help="Take the colours of this seed's picture."),
]
Direction = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME=STEPS",
        show_default=False,
        help="light, warmth, contrast, detail, fullness or a number, −4 to 4; may be given twice.",
    ),
]
Truncation = Annotated[
    float, typer.Option(min=0, max=1.5, help="0 is the mean picture of the style, 1 the whole range.")
]


def examples(*lines: str) -> str:
    """The closing lines of a command's help."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)
