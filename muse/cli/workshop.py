"""The command that works on a poem that is there: parts written anew, alternatives, and the way back."""

from __future__ import annotations

import json as json_module
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from muse.cli import options as o
from muse.cli.deliver import deliver, seeds
from muse.cli.say import Progress, Voice
from muse.cli.verse import poem_line
from muse.errors import UsageError

if TYPE_CHECKING:
    from muse.poem.poem import Poem
    from muse.poem.workshop.terms import Alternative, Change
    from muse.work import Work

app = typer.Typer()
ASKING = "What is to be written"
INSTEAD = "Instead of a new poem"


def _wish(help: str, default: str | bool = False, metavar: str | None = None, panel: str = ASKING) -> Any:
    return typer.Option(metavar=metavar, show_default=default, help=help, rich_help_panel=panel)


@app.command(
    epilog=o.examples(
        "muse rewrite outputs/秋江夜泊 --lines 2,4 --keep 明月",
        "muse rewrite poem.txt --lines 3 --mood calm --seed 7 --out new",
        "muse rewrite poem.txt --dial density=0.5,valence=-0.5",
        "muse rewrite poem.txt --lines 3 --alternatives 5",
        "muse rewrite poem.txt --lines 3 --word 明月 --alternatives 5 --json",
        "muse rewrite poem.txt --explain",
        "muse rewrite new --undo",
    )
)
def rewrite(
    file: Annotated[
        Path, typer.Argument(metavar="FILE|FOLDER", help="A poem: its folder, poem.json or a text file; - reads one.")
    ],
    lines: Annotated[str, _wish("The lines that are written anew, from 1: 2,4 or 2-4.", "all", "N,…")] = "",
    keep: Annotated[str, _wish("Characters or words that stay in these lines.", metavar="WORD,…")] = "",
    theme: Annotated[str, _wish("What the new lines are about.", "that of the poem")] = "",
    mood: o.Mood = None,
    keywords: Annotated[str, _wish("Words to be in the poem.", metavar="WORD,…")] = "",
    forbid: Annotated[str, _wish("Words that are not to be written.", metavar="WORD,…")] = "",
    era: Annotated[str, _wish("In the manner of an era.")] = "",
    author: Annotated[str, _wish("In the manner of an author.")] = "",
    dial: Annotated[
        str, _wish("Turn the poem, −1 to 1: density plain to dense, valence sad to bright.", metavar="AXIS=X,…")
    ] = "",
    alternatives: Annotated[
        int, typer.Option(min=0, max=50, show_default=False, metavar="N", rich_help_panel=INSTEAD,
                          help="List so many alternatives for the one line of --lines.")
    ] = 0,
    word: Annotated[str, _wish("The word of that line to find alternatives for.", "the line", panel=INSTEAD)] = "",
    explain: Annotated[
        bool, typer.Option("--explain", rich_help_panel=INSTEAD, help="Tell what stood open at each place of the poem.")
    ] = False,
    undo: Annotated[
        bool, typer.Option("--undo", rich_help_panel=INSTEAD, help="Give back the poem as it was before a rewriting.")
    ] = False,
    candidates: Annotated[
        int, typer.Option(min=1, max=256, help="How many are written for the best one to be kept.")
    ] = 16,
    bundle: o.Bundle = None,
    seed: o.Seed = None,
    count: o.Count = 1,
    out: o.Out = None,
    json: o.Json = False,
    device: o.Device = "auto",
    quiet: o.Quiet = False,
    verbose: o.Verbose = False,
    force: o.Force = False,
) -> None:  # fmt: skip
    """Write lines of a poem anew, Chinese or English; its form, its rhyme and all else stay.

    What changed is shown on standard error."""
    from muse.verbs import workshop

    poem = workshop.on_desk(sys.stdin.read() if str(file) == "-" else file)
    voice = Voice(quiet, verbose, json)
    if undo:
        _deliver([workshop.undo(poem)], 1, out, json, force, voice)
        return
    if explain:
        told = workshop.explain(poem, device=device, bundle=bundle)
        print(json_module.dumps(told.as_dict(), ensure_ascii=False) if json else told.text())
        return
    numbers = _numbers(lines)
    if alternatives:
        if numbers is None or len(numbers) != 1:
            raise UsageError("alternatives are for one line", f"--lines names {len(numbers or poem.lines)}",
                             "name it, such as --lines 3")  # fmt: skip
        found = workshop.alternatives(poem, numbers[0], word or None, alternatives, theme=theme, mood=mood,
                                      forbid=forbid, seed=seed or 0, device=device, bundle=bundle)  # fmt: skip
        _list(found, json)
        return

    def works(progress: Progress) -> Iterator[Work]:
        made = workshop.rewrites(
            poem, seeds=seeds(seed, count), lines=numbers, keep=keep, theme=theme, mood=mood, keywords=keywords,
            forbid=forbid, era=era, author=author, dial=_dial(dial), candidates=candidates, device=device,
            bundle=bundle,
        )  # fmt: skip
        for number, each in enumerate(made, 1):
            progress("poems", number, count)
            _show_changes(poem, each, voice)
            yield each

    _deliver(works, count, out, json, force, voice)


def _deliver(works: Any, count: int, out: Path | None, as_json: bool, force: bool, voice: Voice) -> None:
    first = True

    def show(work: Work) -> None:
        nonlocal first
        if not first:
            print()
        first = False
        work.show()

    made = works if callable(works) else lambda progress: works
    deliver(made, count=count, out=out, as_json=as_json, force=force, voice=voice, save=False, show=show,
            line=poem_line)  # fmt: skip


def _show_changes(old: Poem, new: Poem, voice: Voice) -> None:
    from muse.poem.workshop.terms import difference

    for change in difference(old.lines, new.lines):
        for row in rows(change, voice.at_terminal):
            voice.head(row)


def rows(change: Change, colour: bool) -> tuple[str, str]:
    """A changed line as it was and as it is; what changed stands in brackets, at a terminal in colour.

    >>> from muse.poem.workshop.terms import difference
    >>> rows(next(difference(["白日依山尽"], ["白日落山尽"])), False)
    ('− 1  白日[依]山尽', '+ 1  白日[落]山尽')
    """
    found = []
    for sign, parts, code in (("−", change.old_parts, 31), ("+", change.new_parts, 32)):
        marked = (f"\x1b[{code}m{text}\x1b[0m" if colour else f"[{text}]" for text, _ in parts)
        line = "".join(mark if changed else text for mark, (text, changed) in zip(marked, parts, strict=True))
        found.append(f"{sign} {change.line}  {line}")
    return found[0], found[1]


def _list(found: Sequence[Alternative], as_json: bool) -> None:
    for number, one in enumerate(found, 1):
        if as_json:
            print(json_module.dumps(one.as_dict(), ensure_ascii=False))
            continue
        shown = one.line if one.text == one.line else f"{one.text}   {one.line}"
        print(f"{number}  {shown}")
        worth = f"{one.nats:+.2f} nats, {one.gain:+.2f}".replace("-", "−")
        print(f"   {worth}; {'; '.join(one.why)}")


def _numbers(text: str) -> list[int] | None:
    """The line numbers of "2,4-6"; None for none."""
    found: list[int] = []
    for part in filter(None, re.split(r"[,\s，、]+", text)):
        named = re.fullmatch(r"(\d{1,3})(?:[-–](\d{1,3}))?", part)
        span = range(int(named[1]), int(named[2] or named[1]) + 1) if named else ()
        if not span:
            raise UsageError(f"{part!r} is no line number", "lines count from 1 upward", "give 2, 2,4 or 2-4")
        found += span
    return found or None


def _dial(text: str) -> dict[str, float]:
    found = {}
    for part in filter(None, re.split(r"[,;\s]+", text)):
        name, _, value = part.partition("=")
        try:
            found[name.strip()] = float(value.replace("−", "-"))
        except ValueError as error:
            raise UsageError(f"{part!r} turns no dial", "a dial is a name and a number", "try density=0.5") from error
    return found
