"""What a terminal can show: verse as text, a piece as a piano roll of blocks, a picture as half blocks of colour."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image

    from muse.work import Work


def shown(path: Path) -> str:
    """A file or a folder of muse as text.

    Raises:
        InputError: there is nothing there that can be shown.
    """
    from muse.verbs import library

    if path.suffix == ".safetensors":
        return json.dumps(
            {key: value for key, value in library.load(path).card.items() if key != "vocabulary"},
            ensure_ascii=False,
            indent=2,
        )
    work = library.read(path)
    return work_text(work)


def work_text(work: Work) -> str:
    """A work in a terminal."""
    parts = [work.text()]
    if work.kind == "piece":
        from muse.music.seen import roll_text

        parts.append(roll_text(work, shutil.get_terminal_size().columns))  # type: ignore[arg-type]
    elif work.kind == "cover":
        parts.append(blocks(work.image))  # type: ignore[attr-defined]
    elif work.kind == "album":
        parts.append(blocks(work.cover.image))  # type: ignore[attr-defined]
    return "\n\n".join(part for part in parts if part)


def blocks(image: Image.Image, width: int | None = None) -> str:
    """A picture as half blocks in 24-bit colour; a line about it where the output is no terminal."""
    if not sys.stdout.isatty():
        return f"{image.width} × {image.height} pixels"
    columns = min(width or shutil.get_terminal_size().columns, 64)
    small = image.convert("RGB").resize((columns, max(2, columns * image.height // image.width // 2 * 2)))
    pixels = small.load()
    lines = []
    for row in range(0, small.height, 2):
        cells = []
        for column in range(columns):
            upper, lower = pixels[column, row], pixels[column, row + 1]  # type: ignore[index]
            cells.append("\x1b[38;2;{};{};{}m\x1b[48;2;{};{};{}m▀".format(*upper, *lower))  # type: ignore[misc]
        lines.append("".join(cells) + "\x1b[0m")
    return "\n".join(lines)
