"""How a model of any script, or of prose, is trained."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np

from muse.bundle import Bundle
from muse.nn.transformer import Transformer
from muse.poem.course import RUN as RUN
from muse.poem.novelty import Known
from muse.poem.own.course import Figures, Room
from muse.poem.own.lessons import Lessons, Piece
from muse.poem.own.rooms import OWN, index
from muse.poem.script.feed import ScriptFeed
from muse.poem.script.measure import bits
from muse.poem.script.model import ScriptSettings, contents, shape
from muse.poem.script.spelling import UNKNOWN, Spelling, plain
from muse.settings import RunSettings

SHAPES = 24
LIMITS = "It knows lines, stanzas and the words of its corpus, no rule of rhyme or meter, and no facts." + OWN


def room(settings: ScriptSettings, run: RunSettings, lessons: Lessons, start: Bundle | None) -> Room:
    """Any text as it stands, in pieces of words of the corpus, or of the bundle with the corpus's new characters."""
    prose = lessons.form == "prose"
    lines = [line for piece in lessons.train for line in piece.lines]
    spelling = Spelling.learned(lines) if start is None else widened(contents(start)[1], lines)
    feed = ScriptFeed(lessons.train, spelling, tokens=run.batch, seed=run.seed, plain=settings.plain, prose=prose)
    card: dict[str, Any] = {"tokenizer": spelling.json, "form": lessons.form, "vocabulary": len(spelling)}
    card |= of_corpus(lessons.train, spelling)

    def sampler(model: Transformer, step: int) -> dict[str, bytes]:
        from muse.nn.generate import TorchWriter
        from muse.poem.script.write import look

        return {"poems.txt": look(TorchWriter(model), spelling, card, run.seed).encode()}

    return Room(spelling.tokens, shape(settings, spelling), feed, figures_of(spelling, lessons), "nats_per_char",
                sampler, index(known(lessons.train, prose), start), LIMITS, card)  # fmt: skip


def figures_of(spelling: Spelling, lessons: Lessons) -> Figures:
    """Bits and nats a character of the texts held out."""

    def figures(model: Transformer) -> dict[str, float]:
        found = bits(model, spelling, lessons.held, lessons.form == "prose")["bits_per_char"]
        return {"loss": found * math.log(2), "bits_per_char": found}

    return figures


def widened(spelling: Spelling, lines: list[str]) -> Spelling:
    """The spelling with the characters of the lines that it lacks, each a token."""
    missing = Counter(
        char for line in lines for char in plain(line).replace(" ", "") if UNKNOWN in spelling.encode(char)
    )
    value = json.loads(spelling.json)
    vocabulary = value["model"]["vocab"]
    for char in sorted(missing, key=lambda char: (-missing[char], char)):
        vocabulary[char] = len(vocabulary)
    return Spelling(json.dumps(value, ensure_ascii=False))


def of_corpus(pieces: list[Piece], spelling: Spelling) -> Mapping[str, Any]:
    """What the writer asks of a corpus: its commonest shapes (lines of each stanza) and how long its lines are."""
    shapes = Counter("-".join(str(len(stanza)) for stanza in piece.stanzas) for piece in pieces)
    lengths = [len(spelling.encode(line)) for piece in pieces for line in piece.lines]
    return {"shapes": dict(shapes.most_common(SHAPES)), "line_tokens": int(np.percentile(lengths, 98)) + 2}


def known(pieces: list[Piece], prose: bool) -> list[Known]:
    """What the index knows of each piece: its lines, of prose its sentences; see `muse.poem.script.write.units`."""
    from muse.poem.script.write import units

    return [Known([unit for line in piece.lines for unit in units(line, prose)], piece.title) for piece in pieces]
