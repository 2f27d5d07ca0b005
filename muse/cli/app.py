"""The command `muse`, put together; a typo in a command or option gets a suggestion."""

from __future__ import annotations

from typing import Annotated

import typer

from muse.cli import finished, learning, motion, retouch, stock, tune, verse, works, workshop

PARTS = (verse.app, workshop.app, tune.app, works.app, retouch.app, motion.app, finished.app, learning.app, stock.app)


def application(first: str = "") -> typer.Typer:
    """The whole command line; where `first`, the first word, names a command, that one alone, which is sooner ready."""
    app = typer.Typer(
        name="muse",
        help="A theme becomes an album: poem, music and cover art, by models of its own, offline.",
        epilog="Start with:  muse album 秋江夜泊",
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )
    app.callback(invoke_without_command=True)(_muse)
    commands = [command for part in PARTS for command in part.registered_commands]
    named = [command for command in commands if first == (command.name or getattr(command.callback, "__name__", ""))]
    app.registered_commands = named or commands
    if not named:
        app.add_typer(stock.corpus, name="corpus")
        app.add_typer(stock.model, name="model")
    return app


def _muse(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version and leave.")] = False,
) -> None:
    if version:
        from muse import __version__

        print(f"muse {__version__}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        print(context.get_help())
