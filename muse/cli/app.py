"""The command `muse`, put together; a typo in a command or option gets a suggestion."""

from __future__ import annotations

from typing import Annotated

import typer

from muse.cli import finished, learning, stock, works

app = typer.Typer(
    name="muse",
    help="A theme becomes an album: poem, music and cover art, by models of its own, offline.",
    epilog="Start with:  muse album 秋江夜泊",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
for part in (works.app, finished.app, learning.app):
    app.add_typer(part)
app.add_typer(stock.corpus, name="corpus")
app.add_typer(stock.model, name="model")
app.add_typer(stock.app)


@app.callback(invoke_without_command=True)
def muse(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version and leave.")] = False,
) -> None:
    if version:
        from muse import __version__

        print(f"muse {__version__}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        print(context.get_help())
