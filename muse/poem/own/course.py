"""The course of a model on a user's own corpus, from nothing or from a bundle."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch

from muse.bundle import Bundle
from muse.errors import UsageError
from muse.nn.shape import TransformerSettings
from muse.nn.transformer import Transformer
from muse.objective import Course, Feed, Source
from muse.poem.own.lessons import Lessons
from muse.poem.own.pace import pace
from muse.poem.own.patient import Patient
from muse.poem.warm import model_of, warm_start
from muse.settings import RunSettings, Settings

Figures = Callable[[Transformer], dict[str, float]]


@dataclass(frozen=True)
class Known:
    """What a bundle brings: its settings, its tokens and their shape."""

    settings: Settings
    tokens: tuple[str, ...]
    shape: TransformerSettings


@dataclass(frozen=True)
class Room:
    """What one room makes of lessons.

    Attributes:
        tokens: the vocabulary.
        unit: of the loss in `figures`.
        card: what the bundle's card says beside the rest.
        spell: how a new token was spelled in the bundle's vocabulary.
    """

    tokens: tuple[str, ...]
    shape: TransformerSettings
    feed: Feed
    figures: Figures
    unit: str
    sampler: Callable[[Transformer, int], dict[str, bytes]]
    index: Mapping[str, np.ndarray]
    limits: str
    card: Mapping[str, Any] = field(default_factory=dict)
    spell: Callable[[str], list[int]] | None = None


def room_of(bundle: Bundle) -> str:
    """ "zh", "en" or "script": what a poem bundle is made of.

    Raises:
        UsageError: it writes no poems.
    """
    if bundle.kind != "poem":
        raise UsageError(f"{bundle.name} writes no poems", f"it is of kind {bundle.kind!r}", "give --from poem-zh")
    if "tokenizer" in bundle.card:
        return "script"
    return str(bundle.card.get("language", "zh"))


def known(bundle: Bundle) -> Known:
    """What a bundle brings to a model that begins from it."""
    values = {name: value for name, value in bundle.card["settings"].items() if name != "format"}
    if room_of(bundle) == "en":
        from muse.poem.english.model import VerseSettings, shape
        from muse.poem.english.vocabulary import Vocabulary

        tokens, settings = tuple(map(str, bundle.card["vocabulary"])), VerseSettings.of(values)
        return Known(settings, tokens, shape(settings, Vocabulary(tokens)))
    if room_of(bundle) == "script":
        from muse.poem.script import model as script

        return Known(script.ScriptSettings.of(values), script.contents(bundle)[1].tokens, script.contents(bundle)[0])
    from muse.poem.model import PoemSettings, contents

    return Known(PoemSettings.of(values), contents(bundle)[1].tokens, contents(bundle)[0])


def course(
    settings: Any, run: RunSettings, lessons: Lessons, device: str = "cpu", start: Bundle | None = None
) -> Course:
    """The course of a model over lessons.

    Args:
        start: the bundle that it begins from, of the same room.
    """
    from muse.poem.own import rooms

    make = {"zh": rooms.chinese, "en": rooms.english, "script": rooms.script}[lessons.room]
    torch.manual_seed(run.seed)
    room = make(settings, run, lessons, start)
    model = Transformer(room.shape)
    before = None
    if start is not None:
        brought = known(start)
        source = model_of(start, brought.shape)
        warm_start(model, room.tokens, source, brought.tokens, start.name, room.spell)
        before = rooms.before(source, brought, lessons, start)
    card = {
        "vocabulary": list(room.tokens), "language": lessons.language, "corpus": dict(lessons.counts), **room.card,
        **({"from": {start.name: start.sha256}} if start is not None else {}),
    }  # fmt: skip
    objective = Patient(
        model.to(device), run, unit=room.unit, before=before, validate=room.figures, sampler=room.sampler, card=card,
        index=lambda: room.index,
    )  # fmt: skip
    return Course("poem", objective, room.feed, settings, run, _sources(lessons, start), room.limits)


def run_of(lessons: Lessons, tuned: bool) -> Mapping[str, Any]:
    """The run settings that suit a corpus; see `muse.poem.own.pace.pace`."""
    characters = sum(len(line) + 1 for record in lessons.train for line in record.lines)
    if lessons.room == "en":
        characters = sum(len(line) for record in lessons.train for line in record.lines)  # lines are words there
    share = {"zh": 1.3, "en": 1.4, "script": 0.5}[lessons.room]  # tokens a character, of English a word
    return pace(math.ceil(share * characters), tuned)


def _sources(lessons: Lessons, start: Bundle | None) -> tuple[Source, ...]:
    before = () if start is None else tuple(Source(**source) for source in start.card["data"])
    return (*before, *lessons.sources)
