"""How good a model of any script is: bits a character."""

from __future__ import annotations

import math
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from muse.errors import CorpusError
from muse.poem.own.lessons import Piece, gather
from muse.poem.script.lay import Fields, parts
from muse.poem.script.model import contents
from muse.poem.script.spelling import UNKNOWN, Spelling

if TYPE_CHECKING:
    from muse.bundle import Bundle
    from muse.nn.transformer import Transformer

UNICODE = 155_000
"""Characters in Unicode 16: what an unknown one may be, each alike."""
TOKENS = 4096


def bits(model: Transformer, spelling: Spelling, pieces: Iterable[Piece], prose: bool) -> dict[str, float]:
    """bits_per_char with the form as the only prefix; line ends count, each as a character.

    A character that the corpus lacks costs the bits of "unknown" and those of one choice among all others.

    Raises:
        CorpusError: there is no text.
    """
    import torch

    from muse.nn.language import loss_sum
    from muse.poem.mixture import collate
    from muse.poem.script.feed import sheet

    read = list(pieces)
    found = sorted((part for piece in read for part in parts(piece, spelling)), key=lambda part: part.characters)
    if not found:
        raise CorpusError("no poem to measure on", "there is no text in it")
    nats, characters, at = 0.0, sum(part.characters for part in found), 0
    with torch.no_grad():
        while at < len(found):
            longest = sum(map(len, found[min(at + 15, len(found) - 1)].lines)) + 8
            batch = found[at : at + max(1, min(16, TOKENS // longest))]
            at += len(batch)
            sheets = [sheet(part, Fields(prose, more=part.more), spelling) for part in batch]
            unknown = sum(int((placed[:, 0] == UNKNOWN).sum()) for placed, _ in sheets)
            loss, _ = loss_sum(model, collate(sheets).to(model.row_bias.device))
            nats += float(loss) + unknown * math.log(UNICODE)
    return {"bits_per_char": nats / math.log(2) / characters, "characters": float(characters),
            "poems": float(len(read))}  # fmt: skip


def measure(bundle: Bundle, path: Path | str, split: str = "all", limit: int | None = None) -> dict[str, float]:
    """The figures of a bundle on a corpus; see `bits`.

    Args:
        split: "valid" takes the tenth that training holds out, "train" the others, "all" every text.
        limit: only the first so many.

    Raises:
        UsageError: there is no such part.
        CorpusError: see `muse.poem.own.lessons.gather`.
    """
    from muse.poem.warm import model_of

    prose = bundle.card.get("form") == "prose"
    lessons = gather(path, form="prose" if prose else "verse", room="script", least=1)
    settings, spelling = contents(bundle)
    if "thawed" not in bundle.cache:
        bundle.cache["thawed"] = model_of(bundle, settings)
    return bits(bundle.cache["thawed"], spelling, islice(lessons.part(split), limit), prose)
