"""The composer's model: a transformer over events, its settings, and the course that trains it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field

from muse.errors import BundleError
from muse.music import corpus
from muse.music import vocabulary as words
from muse.objective import Course
from muse.settings import RunSettings, Settings

if TYPE_CHECKING:
    from muse.bundle import Bundle
    from muse.nn.transformer import Transformer

CONTEXT = 4096

RUN: dict[str, dict[str, Any]] = {
    "": {"steps": 2150, "learning_rate": 2e-3, "warmup": 100, "batch": 4, "ema": 0.995, "weight_decay": 0.05,
         "decay_from": 0.35, "valid_every": 200, "sample_every": 1000, "save_every": 100},
    "tiny": {"steps": 300, "batch": 4, "learning_rate": 4e-3, "warmup": 30},
    "small": {},
    "base": {"steps": 20000, "batch": 32, "learning_rate": 1e-3, "warmup": 500, "ema": 0.999},
}  # fmt: skip
"""Run settings by size; `batch` counts rows of `window` tokens."""


class MusicSettings(Settings):
    """Size of the composer.

    Attributes:
        window: tokens of a training row.
    """

    sizes: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "tiny": {"layers": 2, "width": 64, "heads": 2, "window": 256, "dropout": 0.0},
        "small": {},
        "base": {"layers": 8, "width": 512, "heads": 8, "window": 1024, "dropout": 0.1},
    }

    layers: int = Field(4, ge=1)
    width: int = Field(192, ge=16)
    heads: int = Field(4, ge=1)
    rows: int = Field(24, ge=2)
    columns: int = Field(24, ge=24)
    window: int = Field(512, ge=128, le=CONTEXT)
    dropout: float = Field(0.05, ge=0, lt=1)

    def build(self) -> Transformer:
        """A fresh model; notes that share voice, pitch class or height begin alike."""
        from muse.nn.shape import TransformerSettings
        from muse.nn.transformer import Transformer

        model = Transformer(
            TransformerSettings(
                vocabulary=words.SIZE,
                layers=self.layers,
                width=self.width,
                heads=self.heads,
                rows=self.rows,
                columns=self.columns,
                dropout=self.dropout,
                hidden=0,
                context=CONTEXT,
            )
        )
        _relate(model)
        return model


def _relate(model: Transformer) -> None:
    """Start each note's embedding as the sum of its voice's, its pitch's and its pitch class's, a chord's likewise.

    Four voices of forty notes are then not learned from nothing one by one.
    """
    import torch

    table = model.tokens.weight
    with torch.no_grad():
        scale = 0.02 / 2
        width = table.shape[1]
        pitches, classes = torch.randn(128, width) * scale, torch.randn(12, width) * scale
        for voice in words.VOICES:
            own = torch.randn(width) * scale
            low, high = words.WINDOWS[voice]
            for pitch in range(low, high + 1):
                token = words.note(voice, pitch)
                table[token] = table[token] / 2 + own + pitches[pitch] + classes[pitch % 12]
        for index, name in enumerate(words.CHORDS):
            root, _, quality = name.partition(":")
            kind = torch.randn(width, generator=torch.Generator().manual_seed(len(quality) + sum(map(ord, quality))))
            token = words.BASE["chord"] + index
            table[token] = table[token] / 2 + classes[int(root)] + kind * scale


def course(settings: MusicSettings, run: RunSettings, path: Path | str, device: str = "cpu") -> Course:
    """Everything a training run of the composer needs.

    Args:
        path: a corpus folder or file; see `muse.music.corpus.read`.

    Raises:
        CorpusError: nothing there that is known.
    """
    import torch

    from muse.music.feed import Windows, sources
    from muse.music.measure import chorales, melodies
    from muse.nn.language import LanguageObjective

    torch.manual_seed(run.seed)
    model = settings.build().to(device)
    records = list(corpus.read(path, "train"))
    feed = Windows(sources(records), run.batch, settings.window, run.seed)
    held = list(corpus.read(path, "valid"))
    parts = [record for record in held if record.corpus == "jsb-chorales"] or [
        r for r in held if r.draft.task == "satb"
    ]
    tunes = [record for record in held if record.draft.task == "melody"]

    def validate(model: Transformer) -> dict[str, float]:
        found: dict[str, float] = {}
        if parts:
            found["jsb_nats_per_cell"] = chorales(model, parts[:16])["nats_per_cell"]
        if tunes:
            found["nats_per_note"] = melodies(model, tunes[:: max(1, len(tunes) // 24)])["nats_per_note"]
        return found

    def sampler(model: Transformer, step: int) -> dict[str, bytes]:
        from muse.music.composer import look

        return look(model, step)

    objective = LanguageObjective(
        model, run, validate=validate, sampler=sampler, card={"vocabulary": list(words.NAMES)}
    )
    counts: dict[str, int] = {}
    for record in records:
        counts[record.corpus] = counts.get(record.corpus, 0) + 1
    credited = tuple(replace(corpus.SOURCES[name], records=n) for name, n in counts.items() if name in corpus.SOURCES)
    limits = (
        "Learned from chorales, hymns, masses and European song and dance tunes; it writes melodies, lead "
        "sheets and four parts on a grid of twelve ticks a quarter note, without drums or orchestration."
    )
    return Course("music", objective, feed, settings, run, credited, limits)


def load(bundle: Bundle) -> Transformer:
    """The model in a bundle, ready to generate.

    Raises:
        BundleError: the bundle is of another kind or another vocabulary.
    """
    from muse.nn.language import load_weights

    if bundle.kind != "music" or list(bundle.card.get("vocabulary", ())) != words.NAMES:
        raise BundleError(
            f"{bundle.name} is no composer of this muse", "its kind or its vocabulary differs", "install muse again"
        )
    if "model" not in bundle.cache:
        model = MusicSettings.of(bundle.card["settings"]).build()
        load_weights(model, bundle.torch_weights(), BundleError)
        bundle.cache["model"] = model.eval()
    found: Transformer = bundle.cache["model"]
    return found
