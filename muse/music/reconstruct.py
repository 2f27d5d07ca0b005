"""How well the melody VAE gives a melody back: decoding at a temperature, and the accuracies of its card."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from muse.bundle import Bundle
from muse.errors import BundleError, CorpusError, UsageError, did_you_mean
from muse.music.plain import KINDS, Floats, Ints
from muse.music.vae import MelodyVae, VaeSettings, last_struck, last_two
from muse.music.windows import HOLD, METERS, ONSET, PAD, REST, SILENT, SLOTS, STEPS, Bars, read


def restore(bundle: Bundle) -> MelodyVae:
    """The melody VAE of a bundle, ready to use; built once a bundle.

    Raises:
        BundleError: a bundle of another kind, or weights that do not fit its settings.
    """
    model = bundle.cache.get("vae")
    if isinstance(model, MelodyVae):
        return model
    if bundle.kind != "variation":
        raise BundleError(f"{bundle.name} holds no melody VAE", f"it is of kind {bundle.kind!r}", "use melody-vae")
    model = MelodyVae(VaeSettings.of(bundle.card["settings"]))
    try:
        model.load_state_dict({name: value for name, value in bundle.torch_weights().items() if name != "dials"})
    except RuntimeError as error:
        why = str(error).splitlines()[0]
        raise BundleError(f"the weights of {bundle.name} do not fit its settings", why) from error
    bundle.cache["vae"] = model.eval()
    return model


class TorchVae:
    """The melody VAE on a GPU for variations; see `muse.music.plain.Vae`."""

    def __init__(self, model: MelodyVae, device: str) -> None:
        self.model, self.device = copy.deepcopy(model).to(device), device
        self.rhythm = model.settings.rhythm_latent

    def encode(self, kind: Ints, pitch: Ints, meter: int) -> Floats:
        return self._run(lambda k, p: self.model.encode(k, p, self._meter(meter, k)).mu, kind, pitch)

    def rhythm_features(self, z: Floats, meter: int) -> Floats:
        return self._run(lambda t: self.model.rhythm_features(t, self._meter(meter, t)), z)

    def pitch_features(self, z: Floats, kind: Ints, meter: int) -> Floats:
        return self._run(lambda t, k: self.model.pitch_features(t, k, self._meter(meter, t)), z, kind)

    def kind_logits(self, features: Floats, last: Ints) -> Floats:
        return self._run(self.model.kind_logits, features, last)

    def pitch_logits(self, features: Floats, before: Ints) -> Floats:
        last = np.stack([before, np.full_like(before, SILENT)], axis=-1)
        return self._run(self.model.pitch_logits, features[..., None, :], last)

    def _meter(self, meter: int, batch: Tensor) -> Tensor:
        return torch.full((len(batch),), meter, device=self.device)

    @torch.no_grad()
    def _run(self, method: Callable[..., Tensor], *arrays: np.ndarray) -> Floats:
        given = (torch.from_numpy(array.copy()).to(self.device) for array in arrays)
        found = method(*(each.float() if each.is_floating_point() else each for each in given))
        return found.double().cpu().numpy()


def tensors(kind: np.ndarray, pitch: np.ndarray, meter: np.ndarray) -> tuple[Tensor, Tensor, Tensor]:
    """Windows as the model takes them: int64."""
    return tuple(torch.from_numpy(array.astype(np.int64)) for array in (kind, pitch, meter))  # type: ignore[return-value]


def drawn(logits: Tensor, generator: torch.Generator | None) -> Tensor:
    """One index a row, drawn at temperature 1; the most likely without a generator. logits: (B, V)."""
    if generator is None:
        return logits.argmax(dim=-1)
    return torch.multinomial(torch.softmax(logits, dim=-1), 1, generator=generator)[:, 0]


@torch.no_grad()
def decode(
    model: MelodyVae, z: Tensor, meter: Tensor, generator: torch.Generator | None = None
) -> tuple[Tensor, Tensor]:
    """Kinds and pitches, (B, N, 16) int64, decoded slot by slot from z alone, each on what was drawn before."""
    batch, bars = z.shape[:2]
    used = torch.tensor([STEPS[name] for name in METERS])[meter]
    features = model.rhythm_features(z, meter)
    kind = torch.full((batch, bars * SLOTS), REST)
    for slot in range(bars * SLOTS):
        logits = model.kind_logits(features[:, slot], last_two(kind[:, : slot + 1], KINDS)[:, -1])
        nothing = (kind[:, slot - 1] == REST) if slot else torch.ones(batch, dtype=torch.bool)
        if slot % SLOTS == 0 and slot:
            last = (slot - SLOTS + used - 1)[:, None]
            nothing = kind.gather(1, last)[:, 0] == REST
        logits[:, HOLD] = logits[:, HOLD].masked_fill(nothing, float("-inf"))
        kind[:, slot] = torch.where(slot % SLOTS < used, drawn(logits, generator), torch.full((batch,), PAD))
    grid = kind.view(batch, bars, SLOTS)
    features = model.pitch_features(z, grid, meter)
    pitch = torch.full_like(kind, SILENT)
    sounding = torch.full((batch,), SILENT)
    for slot in range(bars * SLOTS):
        logits = model.pitch_logits(features[:, slot], last_struck(kind[:, : slot + 1], pitch[:, : slot + 1])[:, -1])
        struck = kind[:, slot] == ONSET
        sounding = torch.where(struck, drawn(logits, generator), sounding)
        pitch[:, slot] = torch.where((kind[:, slot] == ONSET) | (kind[:, slot] == HOLD), sounding, SILENT)
    return grid, pitch.view(batch, bars, SLOTS)


@torch.no_grad()
def forced(model: MelodyVae, z: Tensor, kind: Tensor, pitch: Tensor, meter: Tensor) -> tuple[Tensor, Tensor]:
    """The likeliest kinds and pitches, (B, T), of each slot given the true slots before it."""
    flat_kind, flat_pitch = kind.flatten(1), pitch.flatten(1)
    kinds = model.kind_logits(model.rhythm_features(z, meter), last_two(flat_kind, KINDS)).argmax(-1)
    last = last_struck(flat_kind, flat_pitch)
    return kinds, model.pitch_logits(model.pitch_features(z, kind, meter), last).argmax(-1)


def right(kind: Tensor, pitch: Tensor, true_kind: Tensor, true_pitch: Tensor) -> float:
    """Share of slots whose symbol (a struck pitch, hold, or rest) is right; all (B, T)."""
    used = true_kind != PAD
    same = (kind == true_kind) & ((true_kind != ONSET) | (pitch == true_pitch))
    return float(same[used].double().mean())


def accuracies(model: MelodyVae, bars: Bars, starts: np.ndarray, length: int, seed: int) -> dict[str, float]:
    """The accuracies on windows: sampled and free-running from a drawn z, forced, likeliest from the mean."""
    kind, pitch, meter = tensors(*bars.windows(starts, length), bars.meter[starts])
    generator = torch.Generator().manual_seed(seed)
    model.eval()
    totals = dict.fromkeys(("sampled", "mean", "forced", "rate"), 0.0)
    for first in range(0, len(kind), 512):
        part = slice(first, first + 512)
        k, p, m = kind[part], pitch[part], meter[part]
        with torch.no_grad():
            posterior = model.encode(k, p, m)
            z = posterior.sample(generator)
            nats = 0.5 * (posterior.mu**2 + posterior.logvar.exp() - 1 - posterior.logvar)
        fk, fp = k.flatten(1), p.flatten(1)
        found = {
            "sampled": decode(model, z, m, generator),
            "mean": decode(model, posterior.mu, m),
            "forced": forced(model, z, k, p, m),
        }
        for name, (guess_kind, guess_pitch) in found.items():
            totals[name] += right(guess_kind.flatten(1), guess_pitch.flatten(1), fk, fp) * len(k) / len(kind)
        totals["rate"] += float(nats.sum(-1).mean()) * len(k) / len(kind)
    return totals


def distinct(bars: Bars, length: int, most: int, meter: str = "4/4") -> np.ndarray:
    """Starts of at most `most` windows in one meter, side by side (not overlapping), no two alike."""
    starts = bars.starts(length)
    starts = starts[bars.meter[starts] == METERS.index(meter)]
    taken, seen, free = [], set(), -1
    for start in starts.tolist():
        if start < free:
            continue
        look = bars.kind[start : start + length].tobytes() + bars.pitch[start : start + length].tobytes()
        if look not in seen:
            seen.add(look)
            taken.append(start)
            free = start + length
    chosen = np.array(taken, np.int64)
    if len(chosen) > most:  # spread over the whole part
        chosen = chosen[np.linspace(0, len(chosen) - 1, most).astype(np.int64)]
    return chosen


def measure(bundle: Bundle, path: Path, split: str | None = None, limit: int | None = None) -> dict[str, float]:
    """How the bundle gives melodies of `path` back, in 4/4, windows side by side, duplicates dropped.

    A slot is right when its symbol (a struck pitch, hold or rest) is. `accuracy_sampled` is the figure of
    MusicVAE's table: z drawn from the posterior, then every symbol drawn at temperature 1, free-running, two bars.
    The others name their bars; "mean" is the likeliest melody of the posterior's mean; "rate" is KL in nats a bar.

    Args:
        split: "train", "valid", or None for every melody of the file.
        limit: the first so many melodies.

    Source: Roberts et al. 2018, section 5.2 and table 1.
    """
    if split not in (None, "train", "valid", "all"):
        raise UsageError(f"unknown split {split!r}", "", did_you_mean(split, ("train", "valid", "all")))
    bars, counts = read(Path(path), None if split in (None, "all") else split, limit, learn=False)
    model = restore(bundle)
    found: dict[str, float] = {"melodies": float(sum(counts.values()))}
    for length, most in ((2, 4000), (4, 2000), (8, 1000), (16, 400)):
        starts = distinct(bars, length, most)
        if not len(starts):
            if length == 2:
                raise CorpusError(f"no two bars in 4/4 in {path}", "accuracy is measured there", "give other melodies")
            continue
        figures = accuracies(model, bars, starts, length, 0)
        if length == 2:
            found |= {"accuracy_sampled": figures["sampled"], "accuracy_forced": figures["forced"]}
        found |= {f"{name}_{length}": figures[name] for name in ("sampled", "forced", "mean", "rate")}
        found[f"windows_{length}"] = float(len(starts))
    return {name: round(value, 5) for name, value in found.items()}
