"""The sheet of a finished poem, muse's or anybody's, as one file."""

from __future__ import annotations

from pathlib import Path

from muse.errors import UsageError, did_you_mean
from muse.files import write_atomic
from muse.verbs.library import read

SUFFIXES = (".svg", ".pdf", ".png")


def save_sheet(
    source: str | Path,
    target: str | Path,
    *,
    layout: str | None = None,
    author: str = "",
    seal: str = "",
    pinyin: bool | None = None,
    palette: str = "paper",
    force: bool = False,
) -> tuple[Path, tuple[str, ...]]:
    """The file that was written, and notes on what could not be drawn.

    Args:
        source: a poem.json, a text, or the folder of a poem.
        target: a name that ends on .svg, .pdf or .png.
        layout, author, seal, pinyin, palette: as `Poem.sheet` takes them.

    Raises:
        UsageError: it is no poem, or the name ends on something else.
        InputError, OutputError.
    """
    from muse.poem.poem import Poem

    target = Path(target)
    suffix = target.suffix.lower()
    if suffix not in SUFFIXES:
        raise UsageError(
            f"no sheet as {target.name}", "it can be " + ", ".join(SUFFIXES), did_you_mean(suffix, SUFFIXES)
        )
    poem = read(source)
    if not isinstance(poem, Poem):
        raise UsageError(f"{source} has no sheet", f"it is a {poem.kind}, not a poem", "give a poem.json or a text")
    sheet = poem.sheet(layout=layout, author=author, seal=seal, pinyin=pinyin, palette=palette)
    data = {".svg": sheet.svg, ".pdf": sheet.pdf, ".png": sheet.png}[suffix]()
    return write_atomic(target, data, force=force), sheet.notes
