"""The command that writes poems."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from muse.cli import options as o
from muse.cli.deliver import deliver, seeds
from muse.cli.say import Progress, Voice

if TYPE_CHECKING:
    from muse.poem.poem import Poem
    from muse.poem.workshop.terms import Explanation
    from muse.work import Work

app = typer.Typer()
ASKING = "What may be asked of it"
FORMS = (
    "五绝 七绝 五律 七律 五排 七排 词 对联, sonnet petrarchan ballad limerick couplets quatrains envelope paired haiku "
    "blank free."
)


def _wish(help: str, default: str | bool = False, metavar: str | None = None) -> Any:
    return typer.Option(metavar=metavar, show_default=default, help=help, rich_help_panel=ASKING)


@app.command(
    epilog=o.examples(
        "muse poem 秋江夜泊",
        "muse poem 明月 --form 五律 --seed 7 --pinyin",
        "muse poem 秋思 --tune 浣溪沙",
        "muse poem --form 七绝 --acrostic 春江花月",
        "muse poem 'autumn river' --form sonnet",
        "muse poem 'autumn river' --count 10 --json",
        "muse poem 'autumn river' --melody tune.mid",
    )
)
def poem(
    theme: Annotated[
        str, typer.Argument(metavar="THEME", show_default="from the other wishes", help="What it is about.")
    ] = "",
    form: Annotated[str | None, _wish(FORMS, "chosen by the seed", "NAME")] = None,
    lang: o.Lang = None,
    tune: Annotated[str | None, _wish("The tune of a 词, such as 浣溪沙.")] = None,
    title: Annotated[str | None, _wish("A title.", "the theme")] = None,
    keywords: Annotated[str, _wish("Words to be in it: 月,江 or 2:月 for one in line 2.", metavar="WORD,…")] = "",
    mood: o.Mood = None,
    era: Annotated[str, _wish("In the manner of an era: 唐, 宋, 元明清; 1700, 1800, 1850, 1900.")] = "",
    author: Annotated[str, _wish("In the manner of an author.")] = "",
    first_line: Annotated[str, _wish("The line that it begins with.")] = "",
    rhyme: Annotated[str, _wish("A rhyme: a group (七阳, 第二部), or a character or word of one.")] = "",
    rhyme_book: Annotated[str, _wish("By which book it rhymes.", "that of the form", "pingshui|cilin|xinyun")] = "",
    forbid: Annotated[str, _wish("Words that are not to be in it.", metavar="WORD,…")] = "",
    length: Annotated[str, _wish("小令, 中调 or 长调; a number of lines of 排律, blank and free verse.")] = "",
    acrostic: Annotated[str, _wish("What the lines spell at their heads.")] = "",
    acrostic_at: Annotated[str, _wish("Where they spell it.", True, "head|tail|diagonal")] = "head",
    lock: Annotated[str, _wish("Lines that stand, / between them, _ for a free place, 3:… for line 3.")] = "",
    reply_to: Annotated[str, _wish("The first line of a 对联.")] = "",
    melody: Annotated[
        Path | None, _wish("A file of music: a line for each of its phrases, a syllable a note.", metavar="FILE")
    ] = None,
    candidates: Annotated[
        int, typer.Option(min=1, max=256, help="How many are written for the best one to be kept.")
    ] = 16,
    loose: Annotated[bool, typer.Option("--loose", help="The form may hold under one reading, not under all.")] = False,
    pinyin: Annotated[bool, typer.Option("--pinyin", help="Print each line with its pinyin.")] = False,
    explain: Annotated[
        bool, typer.Option("--explain", help="Tell what the form left open at each place, and what the model chose.")
    ] = False,
    sheet: Annotated[str, _wish("Its broadsheet among its files as PDF or PNG too.", metavar="pdf,png")] = "",
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
    """Write a poem, Chinese or English, that keeps its form."""
    from muse.verbs import verse

    def works(progress: Progress) -> Iterator[Work]:
        made = verse.poems(
            theme, seeds=seeds(seed, count), form=form, lang=lang, tune=tune, title=title, keywords=keywords, mood=mood,
            era=era, author=author, first_line=first_line, rhyme=rhyme, rhyme_book=rhyme_book, forbid=forbid,
            length=length, acrostic=acrostic, acrostic_at=acrostic_at, lock=lock, reply_to=reply_to, melody=melody,
            candidates=candidates, strict=not loose, pinyin=pinyin, sheet=sheet, device=device, bundle=bundle,
        )  # fmt: skip
        for number, each in enumerate(made, 1):
            progress("poems", number, count)
            yield each

    first = True

    def show(work: Work) -> None:
        nonlocal first
        if not first:
            print()
        first = False
        work.show()
        if explain:
            print(f"\n{_explained(work, device, bundle).text()}")

    def line(work: Work) -> dict[str, Any]:
        told = {"explanation": _explained(work, device, bundle).as_dict()} if explain else {}
        return poem_line(work) | told

    deliver(works, count=count, out=out, as_json=json, force=force, voice=Voice(quiet, verbose, json),
            save=False, show=show, line=line)  # fmt: skip


def _explained(work: Any, device: str, bundle: str | None) -> Explanation:
    from muse.verbs.workshop import explain

    return explain(work, device=device, bundle=bundle)


def poem_line(work: Any) -> dict[str, Any]:
    """The JSON object of a poem."""
    found: Poem = work
    value: dict[str, Any] = {
        "form": found.form,
        "title": found.title,
        "lines": list(found.lines),
        "seed": found.recipe.seed,
        "valid": found.report.valid,
        "report": found.report.as_dict(),
    }
    more = {"tune": found.tune, "stanzas": list(found.stanzas), "closes": list(found.closes)}
    return value | {name: each for name, each in more.items() if each}
