"""The sheet of a finished poem, or the engraved score of a piece, muse's or anybody's, as one file."""

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
        source: a poem.json, a text, a MIDI, MusicXML or ABC file, or the folder of a poem or a piece.
        target: a name that ends on .svg, .pdf or .png.
        layout, author, seal, pinyin, palette: as `Poem.sheet` takes them; a score has no use for them.

    Raises:
        UsageError: it is neither, or the name ends on something else.
        MissingExtraError: it is a piece, and verovio is not installed.
        InputError, OutputError.
    """
    from muse.music.piece import Piece
    from muse.poem.poem import Poem

    target = Path(target)
    suffix = target.suffix.lower()
    if suffix not in SUFFIXES:
        raise UsageError(
            f"no sheet as {target.name}", "it can be " + ", ".join(SUFFIXES), did_you_mean(suffix, SUFFIXES)
        )
    work = read(source)
    if isinstance(work, Piece):
        score = work.engraved()
        data = score.pdf() if suffix == ".pdf" else score.pages[0] if suffix == ".svg" else score.png()
        more = len(score.sheets) > 1 and suffix != ".pdf"
        notes = (f"the first of {len(score.sheets)} pages; a PDF holds them all",) if more else ()
        return write_atomic(target, data, force=force), notes
    if not isinstance(work, Poem):
        raise UsageError(f"{source} has no sheet", f"it is a {work.kind}", "give a poem or a piece of music")
    sheet = work.sheet(layout=layout, author=author, seal=seal, pinyin=pinyin, palette=palette)
    data = {".svg": sheet.svg, ".pdf": sheet.pdf, ".png": sheet.png}[suffix]()
    return write_atomic(target, data, force=force), sheet.notes
