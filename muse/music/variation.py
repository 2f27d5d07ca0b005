"""How the melody VAE learns: the objective, the feed, and the course that joins them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from muse.errors import CheckpointError, CorpusError
from muse.music.amounts import calibrated, windows_as_pieces
from muse.music.dials import directions
from muse.music.plain import KINDS, PlainVae
from muse.music.reconstruct import accuracies, decode, distinct, tensors
from muse.music.vae import MelodyVae, VaeSettings, last_struck, last_two
from muse.music.windows import HOLD, METERS, ONSET, PAD, PITCHES, REST, SILENT, Bars, read
from muse.nn.language import precision_of
from muse.nn.optim import Ema, adamw, load_optimizer_state, optimizer_state, set_rate, update
from muse.objective import Course, Source
from muse.seed import stream
from muse.settings import RunSettings

RUN: dict[str, dict[str, Any]] = {
    "": {
        "steps": 4000, "learning_rate": 2.5e-3, "warmup": 100, "decay_from": 0.5, "weight_decay": 0.01, "batch": 384,
        "valid_every": 250, "sample_every": 500, "save_every": 250, "ema": 0.995,
    },
    "tiny": {"steps": 300, "batch": 128, "valid_every": 100, "sample_every": 100},
    "small": {"steps": 1500, "batch": 256},
    "base": {},
}  # fmt: skip
LENGTHS = (2, 4, 4, 2, 8, 4, 2, 16)
METER_SHARES = (0.6, 0.25, 0.15)
SOURCES = {
    "polish": Source(
        "Humdrum Polish Scores", "CC BY 4.0", "Narodowy Instytut Fryderyka Chopina, polishscores.org",
        "https://github.com/pl-wnifc/humdrum-polish-scores",
    ),
    "lieder": Source("OpenScore Lieder", "CC0 1.0", "OpenScore Lieder Corpus", "https://github.com/OpenScore/Lieder"),
    "cre": Source(
        "CRE tunes (folk n-gram analysis)", "CC BY 4.0", "Polifonia Project",
        "https://github.com/polifonia-project/folk_ngram_analysis",
    ),
}  # fmt: skip


class MelodyBatch(NamedTuple):
    """Windows: kind and pitch (B, N, 16) int64, meter (B,) int64."""

    kind: Tensor
    pitch: Tensor
    meter: Tensor


class VariationFeed:
    """Windows of 2 to 16 bars drawn by weight, each moved to a random key: a pure function of the step."""

    def __init__(self, bars: Bars, counts: Mapping[str, int], run: RunSettings) -> None:
        self.bars, self.counts, self.run = bars, dict(counts), run
        self.pools: dict[tuple[int, int], tuple[np.ndarray, np.ndarray]] = {}
        for length in sorted(set(LENGTHS)):
            starts = bars.starts(length)
            for meter in range(len(METERS)):
                mine = starts[bars.meter[starts] == meter]
                if len(mine):
                    self.pools[length, meter] = mine, np.cumsum(bars.weight[mine], dtype=np.float64)

    def batch(self, step: int, micro: int, rank: int, world: int) -> MelodyBatch:
        chance = stream(self.run.seed, "melodies", step, micro, rank)
        wanted = LENGTHS[step % len(LENGTHS)]
        length = max((known for known, _ in self.pools if known <= wanted), default=wanted)
        meters = [meter for meter in range(len(METERS)) if (length, meter) in self.pools]
        shares = np.array([METER_SHARES[meter] for meter in meters])
        rows = chance.multinomial(max(1, self.run.batch // length), shares / shares.sum())
        starts = []
        for meter, count in zip(meters, rows.tolist(), strict=True):
            pool, total = self.pools[length, meter]
            starts.append(pool[np.searchsorted(total, chance.random(count) * total[-1], side="right")])
        chosen = np.concatenate(starts)
        kind, pitch = self.bars.windows(chosen, length)
        return MelodyBatch(*tensors(kind, transposed(pitch, chance), self.bars.meter[chosen]))

    def size(self) -> dict[str, int]:
        return {
            "melodies": sum(self.counts.values()),
            "bars": len(self.bars.kind),
            "windows": sum(len(starts) for (length, _), (starts, _) in self.pools.items() if length == 4),
        }


def transposed(pitch: np.ndarray, chance: np.random.Generator) -> np.ndarray:
    """Each window moved by −6 to 5 semitones, as far as its range allows. pitch: (B, N, 16)."""
    flat = pitch.reshape(len(pitch), -1).astype(np.int64)
    silent = flat == SILENT
    lowest = np.where(silent, PITCHES - 1, flat).min(axis=1)
    highest = np.where(silent, 0, flat).max(axis=1)
    down, up = np.maximum(-6, -lowest), np.minimum(5, PITCHES - 1 - highest)
    shift = down + np.floor(chance.random(len(flat)) * (up - down + 1)).astype(np.int64)
    moved: np.ndarray = np.where(silent, flat, flat + shift[:, None]).reshape(pitch.shape)
    return moved


class Losses(NamedTuple):
    """Nats a bar: of rhythm and pitch given z, and of z (KL) in both parts."""

    rhythm: Tensor
    pitch: Tensor
    kl_rhythm: Tensor
    kl_pitch: Tensor


def losses(model: MelodyVae, batch: MelodyBatch, forget: float) -> Losses:
    """The four terms of the negative evidence bound, with one draw of z."""
    kind, pitch, meter = batch
    posterior = model.encode(kind, pitch, meter)
    z = posterior.sample()
    flat_kind, flat_pitch = kind.flatten(1), pitch.flatten(1)
    bars = kind.shape[0] * kind.shape[1]

    def hidden(last: Tensor, unknown: int) -> Tensor:
        return torch.where(torch.rand(last.shape, device=last.device) < forget, unknown, last)

    used = (flat_kind != PAD).flatten().nonzero()[:, 0]
    struck = (flat_kind == ONSET).flatten().nonzero()[:, 0]
    features = model.rhythm_features(z, meter).flatten(0, 1)[used]
    logits = model.kind_logits(features, hidden(last_two(flat_kind, KINDS).flatten(0, 1)[used], KINDS))
    rhythm = functional.cross_entropy(logits, flat_kind.flatten()[used], reduction="sum") / bars
    features = model.pitch_features(z, kind, meter).flatten(0, 1)[struck]
    last = last_struck(flat_kind, flat_pitch).flatten(0, 1)[struck]
    logits = model.pitch_logits(features, hidden(last, SILENT))
    tune = functional.cross_entropy(logits, flat_pitch.flatten()[struck], reduction="sum") / bars
    nats = 0.5 * (posterior.mu**2 + posterior.logvar.exp() - 1 - posterior.logvar)
    kl_rhythm, kl_pitch = (part.sum(-1).mean() for part in model.split(nats))
    return Losses(rhythm, tune, kl_rhythm, kl_pitch)


class VariationObjective:
    """The evidence bound with free bits and a growing beta; see `muse.objective.Objective`.

    Source: Kingma et al. 2016 (free bits), Higgins et al. 2017 (beta).
    """

    def __init__(self, model: MelodyVae, run: RunSettings, bars: Bars, valid: Bars | None) -> None:
        self.model, self.run, self.bars, self.valid = model, run, bars, valid
        self.device = next(model.parameters()).device
        self.dtype = precision_of(run.precision, self.device)
        self.optimizer = adamw(model, run, (0.9, 0.98))
        self.ema = Ema(model, decay=run.ema) if run.ema else None

    def step(self, batches: Sequence[MelodyBatch], step: int) -> dict[str, float]:
        s = self.model.settings
        self.model.train()
        beta = s.beta * min(1.0, (step + 1) / s.anneal)
        totals = np.zeros(4)
        for batch in batches:
            moved = MelodyBatch(*(tensor.to(self.device) for tensor in batch))
            with torch.autocast(self.device.type, torch.bfloat16, enabled=self.dtype == torch.bfloat16):
                found = losses(self.model, moved, s.forget)
            cost = found.kl_rhythm.clamp(min=s.free) + found.kl_pitch.clamp(min=s.free)
            loss = (found.rhythm + found.pitch + beta * cost) / len(batches)
            loss.backward()  # type: ignore[no-untyped-call]
            totals += np.array([float(term.detach()) for term in found]) / len(batches)
        norm = update(self.optimizer, self.run.clip)
        if self.ema is not None and np.isfinite(norm):
            self.ema.update(self.model)
        names = ("nats_rhythm", "nats_pitch", "kl_rhythm", "kl_pitch")
        figures = dict(zip(names, totals.tolist(), strict=True))
        return {"loss": float(totals[:2].sum() + beta * totals[2:].sum()), "norm": norm, **figures}

    def averaged(self) -> MelodyVae:
        """The model with its mean weights, on the CPU, in evaluation mode."""
        model = MelodyVae(self.model.settings)
        weights = self.model.state_dict() if self.ema is None else self.ema.mean
        model.load_state_dict({name: value.detach().float().cpu() for name, value in weights.items()})
        return model.eval()

    def figures(self, step: int) -> dict[str, float]:
        if self.valid is None:
            return {}
        model = self.averaged()
        found: dict[str, float] = {}
        for length in (2, 4):
            starts = distinct(self.valid, length, 400)
            if len(starts):
                figures = accuracies(model, self.valid, starts, length, 0)
                found |= {f"{name}_{length}": value for name, value in figures.items()}
        return found

    def sample(self, step: int) -> dict[str, bytes]:
        if self.valid is None:
            return {}
        model, lines = self.averaged(), []
        starts = distinct(self.valid, 4, 3)
        if not len(starts):
            return {}
        kind, pitch, meter = tensors(*self.valid.windows(starts, 4), self.valid.meter[starts])
        with torch.no_grad():
            mu = model.encode(kind, pitch, meter).mu
        generator = torch.Generator().manual_seed(step)
        melodies = {"melody": (kind, pitch), "again": decode(model, mu, meter, generator)}
        melodies["near"] = decode(model, 0.8 * mu + 0.6 * torch.randn(mu.shape, generator=generator), meter, generator)
        melodies["drawn"] = decode(model, torch.randn(mu.shape, generator=generator), meter, generator)
        for row in range(len(starts)):
            for name, (k, p) in melodies.items():
                lines.append(f"{name:7}{spelled(k[row].tolist(), p[row].tolist())}")
            lines.append("")
        return {"melodies.txt": "\n".join(lines).encode()}

    def schedule(self, factor: float) -> None:
        set_rate(self.optimizer, factor)

    def parameters(self) -> int:
        return sum(parameter.numel() for parameter in self.model.parameters())

    def state(self) -> dict[str, Tensor]:
        found = {f"model.{name}": value.detach().clone() for name, value in self.model.state_dict().items()}
        found |= optimizer_state(self.optimizer, "adamw.")
        return found if self.ema is None else found | self.ema.state("ema.")

    def load_state(self, state: Mapping[str, Tensor]) -> None:
        """Raises CheckpointError where a weight is missing, foreign, or of another shape."""
        mine = {key.removeprefix("model."): value for key, value in state.items() if key.startswith("model.")}
        try:
            self.model.load_state_dict(mine)
        except RuntimeError as error:
            raise CheckpointError("the checkpoint does not fit the melody VAE", str(error).splitlines()[0]) from error
        load_optimizer_state(self.optimizer, state, "adamw.")
        if self.ema is not None:
            self.ema.load_state(state, "ema.")

    def freeze(self) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
        weights = {name: value.half().numpy() for name, value in self.averaged().state_dict().items()}
        return tuned(weights, self.model.settings.as_dict(), self.bars, self.valid or self.bars)


def tuned(
    weights: Mapping[str, np.ndarray], settings: Mapping[str, Any], train: Bars, valid: Bars
) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """The weights with the directions of the dials beside them, and what the card says of dials and amounts."""
    model = PlainVae(weights, settings)
    along = directions(model, train).astype(np.float16)
    card = {
        "meters": list(METERS),
        "dials": "latent directions by least squares of five attributes on the means of windows of the training part",
        "amounts": "turns of 0, 0.1 … 1 that bring the similarity evenly down, and that similarity, on other windows",
        **calibrated(model, windows_as_pieces(valid, 8, 8)),
    }
    return {**weights, "dials": along}, card


_NAMES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")


def spelled(kind: list[list[int]], pitch: list[list[int]]) -> str:
    """One window as text: note names, "-" held, "." silent, a bar line between bars.

    >>> spelled([[0, 1, 2, 3]], [[24, 24, 61, 61]])
    'C4 - .'
    """
    bars = []
    for bar_kind, bar_pitch in zip(kind, pitch, strict=True):
        words = {HOLD: "-", REST: "."}
        slots = [(k, p) for k, p in zip(bar_kind, bar_pitch, strict=True) if k != PAD]
        bars.append(" ".join(words.get(k) or f"{_NAMES[p % 12]}{(p + 36) // 12 - 1}" for k, p in slots))
    return " | ".join(bars)


def course(settings: VaeSettings, run: RunSettings, path: Path, device: str = "cpu") -> Course:
    """The course of kind "variation" on a corpus of melodies.

    Raises:
        CorpusError: no usable melody there.
    """
    bars, counts = read(path, "train")
    try:
        valid, _ = read(path, "valid")
    except CorpusError:  # a small corpus may have no part to validate on
        valid = None
    torch.manual_seed(run.seed)
    model = MelodyVae(settings).to(device)
    sources = tuple(
        Source(s.name, s.licence, s.attribution, s.url, counts[name])
        for name, s in ((name, SOURCES.get(name, Source(name, "yours", "yours"))) for name in counts)
    )
    objective = VariationObjective(model, run, bars, valid)
    return Course(
        "variation", objective, VariationFeed(bars, counts, run), settings, run, sources,
        "One voice on a sixteenth grid in 4/4, 3/4 and 6/8, MIDI 36 to 96; European melodies, many of them sacred.",
    )  # fmt: skip
