"""The melody VAE in NumPy alone: variations start at once, without torch.

Unusual about it: all is in double precision, so that the order of a sum, which changes with the processor, its
threads and the size of a batch, never moves a draw in practice; a model this small can pay for it. Same numbers as
`muse.music.vae.MelodyVae` to 1e-5.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from muse.bundle import Bundle
from muse.errors import BundleError
from muse.music.windows import METERS, PITCHES, SILENT, SLOTS

KINDS = 4
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Vae(Protocol):
    """What variations need of a melody VAE; arrays in and out, whatever it runs on.

    Arrays: kind, pitch (B, N, 16) int64; z (B, N, Z), features (B, N·16, E), all float64; meter: index into METERS.
    """

    rhythm: int
    """How many latent numbers of a bar, the first ones, are of rhythm."""

    def encode(self, kind: Ints, pitch: Ints, meter: int) -> Floats:
        """(B, N, Z): the posterior means."""

    def rhythm_features(self, z: Floats, meter: int) -> Floats:
        """(B, N·16, E): what z says of each slot's kind."""

    def pitch_features(self, z: Floats, kind: Ints, meter: int) -> Floats:
        """(B, N·16, 2E): what z, given a rhythm, says of each slot's pitch."""

    def kind_logits(self, features: Floats, last: Ints) -> Floats:
        """(…, 3) for features (…, E) and the last two kinds (…, 2) in [0, 4], 4 = unknown; both broadcast."""

    def pitch_logits(self, features: Floats, before: Ints) -> Floats:
        """(…, L, 61) for features (…, 2E), after each pitch of before (L,), 61 = unknown; the one before it unknown."""


class PlainVae:
    """See `Vae`."""

    def __init__(self, weights: Mapping[str, np.ndarray], settings: Mapping[str, Any]) -> None:
        self.w = {name: np.asarray(array, np.float64) for name, array in weights.items() if array.dtype.kind == "f"}
        self.rhythm, self.step = int(settings["rhythm_latent"]), int(settings["step_width"])
        self.blocks = int(settings["blocks"])
        for name in ("rhythm_encoder", "pitch_encoder", "rhythm_decoder", "pitch_decoder"):
            self.w[f"{name}.{self.blocks + 2}.weight"]  # a KeyError here, not in the middle of a variation

    def encode(self, kind: Ints, pitch: Ints, meter: int) -> Floats:
        tell = self._tell(meter, kind.shape[:2])
        hot = np.eye(KINDS)[kind].reshape(*kind.shape[:2], -1)
        rhythm = self._tower("rhythm_encoder", np.concatenate([hot, tell], -1))
        slots = (self.w["pitch.weight"][pitch] + self.w["kind.weight"][kind]).reshape(*kind.shape[:2], -1)
        tune = self._tower("pitch_encoder", np.concatenate([slots, tell], -1))
        return np.concatenate([part[..., : part.shape[-1] // 2] for part in (rhythm, tune)], -1)

    def rhythm_features(self, z: Floats, meter: int) -> Floats:
        entry = np.concatenate([z[..., : self.rhythm], self._tell(meter, z.shape[:2])], -1)
        return self._tower("rhythm_decoder", entry).reshape(len(z), -1, self.step)

    def pitch_features(self, z: Floats, kind: Ints, meter: int) -> Floats:
        hot = np.eye(KINDS)[kind].reshape(*kind.shape[:2], -1)
        entry = np.concatenate([z[..., self.rhythm :], hot, self._tell(meter, z.shape[:2])], -1)
        return self._tower("pitch_decoder", entry).reshape(len(z), -1, 2 * self.step)

    def kind_logits(self, features: Floats, last: Ints) -> Floats:
        table = self.w["last_kinds.weight"]
        context = table[last[..., 0]] + table[last[..., 1] + KINDS + 1]
        return self._linear("kind_out", gelu(features + context))

    def pitch_logits(self, features: Floats, before: Ints) -> Floats:
        table, weight = self.w["last_pitches.weight"], self.w["pitch_out.0.weight"].T
        context = (table[before] + table[SILENT + PITCHES + 1]) @ weight
        hidden = self._linear("pitch_out.0", features)[..., None, :] + context
        return self._linear("pitch_out.2", gelu(hidden))

    def _tell(self, meter: int, shape: tuple[int, ...]) -> Floats:
        return np.broadcast_to(self.w["meter.weight"][meter], (*shape, self.step))

    def _linear(self, name: str, x: Floats) -> Floats:
        out: Floats = x @ self.w[f"{name}.weight"].T + self.w[f"{name}.bias"]
        return out

    def _norm(self, name: str, x: Floats) -> Floats:
        away = x - x.mean(-1, keepdims=True)
        out: Floats = away / np.sqrt((away * away).mean(-1, keepdims=True) + 1e-5)
        return out * self.w[f"{name}.weight"] + self.w[f"{name}.bias"]

    def _tower(self, name: str, x: Floats) -> Floats:
        h = self._linear(f"{name}.0", x)
        for block in range(1, self.blocks + 1):
            n = self._norm(f"{name}.{block}.norm", h)
            none = np.zeros_like(n[:, :1])
            around = [n, np.concatenate([none, n[:, :-1]], 1), np.concatenate([n[:, 1:], none], 1)]
            around.append(np.broadcast_to(n.mean(1, keepdims=True), n.shape))
            mixed = gelu(self._linear(f"{name}.{block}.mix", np.concatenate(around, -1)))
            h = h + self._linear(f"{name}.{block}.out", mixed)
        return self._linear(f"{name}.{self.blocks + 2}", self._norm(f"{name}.{self.blocks + 1}", h))


def gelu(x: Floats) -> Floats:
    """x · Φ(x), to 1e-7.

    Source: Abramowitz and Stegun 1964, 7.1.26, for the error function.
    """
    size = np.abs(x) * np.sqrt(0.5)
    t = 1 / (1 + 0.3275911 * size)
    series = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
    half: Floats = 0.5 * series * np.exp(-size * size)
    return x * np.where(x < 0, half, 1 - half)


def restored(bundle: Bundle, device: str = "cpu") -> Vae:
    """The melody VAE of a bundle on a device, ready to use; built once a bundle.

    Raises:
        BundleError: a bundle of another kind, or weights that do not fit its settings.
    """
    if bundle.kind != "variation":
        raise BundleError(f"{bundle.name} holds no melody VAE", f"it is of kind {bundle.kind!r}", "use melody-vae")
    if (found := bundle.cache.get(f"plain {device}")) is None:
        if device == "cpu":
            try:
                found = PlainVae(bundle.weights, bundle.card["settings"])
                grid = np.zeros((1, 1, SLOTS), np.int64)
                z = found.encode(grid, grid, len(METERS) - 1)
                found.kind_logits(found.rhythm_features(z, 0), np.zeros((1, SLOTS, 2), np.int64))
                found.pitch_logits(found.pitch_features(z, grid, 0), np.array([SILENT]))
            except (KeyError, ValueError, IndexError, TypeError) as error:
                raise BundleError(f"the weights of {bundle.name} do not fit its settings", str(error)) from error
        else:
            from muse.music.reconstruct import TorchVae, restore

            found = TorchVae(restore(bundle), device)
        bundle.cache[f"plain {device}"] = found
    return found
