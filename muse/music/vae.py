"""The melody VAE: bars of melody to and from a latent of two parts a bar, rhythm and pitch.

Unusual about it:
- a bar, not a window, is the unit: z is (bars, rhythm + pitch), and blocks mix neighbouring bars, so one model serves
  windows of any length;
- rhythm and pitch have encoders and decoders of their own: the rhythm latent never sees a pitch, and pitch is decoded
  given a rhythm, so a rhythm can be kept while the pitches move;
- decoders see only the last two symbols besides z, too little to model a melody without it: z cannot collapse.

Source: Roberts et al. 2018, "A Hierarchical Latent Vector Model for Learning Long-Term Structure in Music" (the task,
free bits, slerp); here without recurrence.
"""

from __future__ import annotations

from typing import ClassVar, NamedTuple

import torch
from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional

from muse.music.plain import KINDS
from muse.music.windows import METERS, ONSET, PITCHES, SILENT, SLOTS
from muse.settings import Settings


class VaeSettings(Settings):
    """Sizes of the melody VAE.

    Attributes:
        width: of a bar's hidden vector.
        blocks: residual blocks in each encoder and decoder.
        step_width: of a slot's embedding and features.
        rhythm_latent, pitch_latent: latent numbers a bar.
        beta: weight of the KL term after annealing.
        free: nats a bar and part that cost nothing.
        forget: share of previous symbols hidden from the decoder in training.
        anneal: steps over which beta grows from nothing.
    """

    width: int = Field(256, ge=16, le=4096)
    blocks: int = Field(2, ge=1, le=12)
    step_width: int = Field(48, ge=8, le=512)
    rhythm_latent: int = Field(32, ge=2, le=512)
    pitch_latent: int = Field(96, ge=2, le=1024)
    beta: float = Field(0.25, ge=0)
    free: float = Field(4.0, ge=0)
    forget: float = Field(0.3, ge=0, le=1)
    anneal: int = Field(1200, ge=1)

    sizes: ClassVar = {
        "tiny": {"width": 64, "blocks": 1, "step_width": 16, "rhythm_latent": 16, "pitch_latent": 48, "anneal": 100},
        "small": {"width": 160, "blocks": 1, "step_width": 32, "anneal": 300},
        "base": {},
    }


class Posterior(NamedTuple):
    """Mean and log variance of z, (B, N, Z) fp32 each: rhythm part first, then pitch."""

    mu: Tensor
    logvar: Tensor

    def sample(self, generator: torch.Generator | None = None) -> Tensor:
        noise = torch.randn(self.mu.shape, generator=generator, device=self.mu.device)
        return self.mu + noise * torch.exp(0.5 * self.logvar)


class Block(nn.Module):
    """Residual: a bar with its neighbours and the window's mean, then a gated layer. (B, N, D) to (B, N, D)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.mix = nn.Linear(4 * width, 2 * width)
        self.out = nn.Linear(2 * width, width)

    def forward(self, h: Tensor) -> Tensor:
        n = self.norm(h)
        before = functional.pad(n[:, :-1], (0, 0, 1, 0))
        after = functional.pad(n[:, 1:], (0, 0, 0, 1))
        mean = n.mean(dim=1, keepdim=True).expand_as(n)
        out: Tensor = h + self.out(functional.gelu(self.mix(torch.cat([n, before, after, mean], dim=-1))))
        return out


def tower(entry: int, width: int, blocks: int, exit_width: int) -> nn.Sequential:
    """Linear in, residual blocks, norm, linear out."""
    return nn.Sequential(
        nn.Linear(entry, width),
        *(Block(width) for _ in range(blocks)),
        nn.LayerNorm(width),
        nn.Linear(width, exit_width),
    )


class MelodyVae(nn.Module):
    """Encoders and decoders of both parts.

    Tensors: kind (B, N, 16) int64 in [0, 4); pitch (B, N, 16) int64 in [0, 61]; meter (B,) int64 in [0, 3);
    z (B, N, Z) fp32.
    """

    def __init__(self, settings: VaeSettings) -> None:
        super().__init__()
        s = self.settings = settings
        half, step = max(8, s.width // 2), s.step_width
        self.meter = nn.Embedding(len(METERS), step)
        self.kind = nn.Embedding(KINDS, step)
        self.pitch = nn.Embedding(PITCHES + 1, step)
        self.rhythm_encoder = tower(SLOTS * KINDS + step, half, s.blocks, 2 * s.rhythm_latent)
        self.pitch_encoder = tower(SLOTS * step + step, s.width, s.blocks, 2 * s.pitch_latent)
        self.rhythm_decoder = tower(s.rhythm_latent + step, half, s.blocks, SLOTS * step)
        self.pitch_decoder = tower(s.pitch_latent + SLOTS * KINDS + step, s.width, s.blocks, SLOTS * 2 * step)
        self.last_kinds = nn.Embedding(2 * (KINDS + 1), step)
        self.last_pitches = nn.Embedding(2 * (PITCHES + 1), 2 * step)
        self.kind_out = nn.Linear(step, KINDS - 1)
        self.pitch_out = nn.Sequential(nn.Linear(2 * step, 4 * step), nn.GELU(), nn.Linear(4 * step, PITCHES))

    def encode(self, kind: Tensor, pitch: Tensor, meter: Tensor) -> Posterior:
        """The posterior of z; a rhythm's part does not depend on `pitch`."""
        batch, bars = kind.shape[:2]
        tell = self.meter(meter)[:, None].expand(batch, bars, -1)
        hot = functional.one_hot(kind, KINDS).flatten(2).to(tell.dtype)
        rhythm = self.rhythm_encoder(torch.cat([hot, tell], dim=-1)).float()
        slots = (self.pitch(pitch) + self.kind(kind)).flatten(2)
        tune = self.pitch_encoder(torch.cat([slots, tell], dim=-1)).float()
        (mu_r, var_r), (mu_p, var_p) = rhythm.chunk(2, dim=-1), tune.chunk(2, dim=-1)
        return Posterior(torch.cat([mu_r, mu_p], dim=-1), torch.cat([var_r, var_p], dim=-1).clamp(-10, 4))

    def split(self, z: Tensor) -> tuple[Tensor, Tensor]:
        """The rhythm part and the pitch part."""
        return z[..., : self.settings.rhythm_latent], z[..., self.settings.rhythm_latent :]

    def rhythm_features(self, z: Tensor, meter: Tensor) -> Tensor:
        """(B, N·16, E): what z says of each slot's kind."""
        rhythm, _ = self.split(z)
        tell = self.meter(meter)[:, None].expand(*z.shape[:2], -1)
        out: Tensor = self.rhythm_decoder(torch.cat([rhythm.to(tell.dtype), tell], dim=-1))
        return out.reshape(z.shape[0], -1, self.settings.step_width)

    def kind_logits(self, features: Tensor, last: Tensor) -> Tensor:
        """(…, 3) fp32 for features (…, E) and the last two kinds (…, 2) int64 in [0, 4], 4 = unknown."""
        context = self.last_kinds(last[..., 0]) + self.last_kinds(last[..., 1] + KINDS + 1)
        out: Tensor = self.kind_out(functional.gelu(features + context))
        return out.float()

    def pitch_features(self, z: Tensor, kind: Tensor, meter: Tensor) -> Tensor:
        """(B, N·16, 2E): what z, given a rhythm, says of each slot's pitch."""
        _, tune = self.split(z)
        tell = self.meter(meter)[:, None].expand(*z.shape[:2], -1)
        hot = functional.one_hot(kind, KINDS).flatten(2).to(tell.dtype)
        out: Tensor = self.pitch_decoder(torch.cat([tune.to(tell.dtype), hot, tell], dim=-1))
        return out.reshape(z.shape[0], -1, 2 * self.settings.step_width)

    def pitch_logits(self, features: Tensor, last: Tensor) -> Tensor:
        """(…, 61) fp32 for features (…, 2E) and the last two struck pitches (…, 2) in [0, 61], 61 = unknown."""
        context = self.last_pitches(last[..., 0]) + self.last_pitches(last[..., 1] + PITCHES + 1)
        out: Tensor = self.pitch_out(features + context)
        return out.float()


def last_two(symbols: Tensor, unknown: int) -> Tensor:
    """(B, T, 2): the symbols one and two places before each place of (B, T)."""
    padded = functional.pad(symbols, (2, 0), value=unknown)
    return torch.stack([padded[:, 1:-1], padded[:, :-2]], dim=-1)


def last_struck(kind: Tensor, pitch: Tensor) -> Tensor:
    """(B, T, 2): the pitches of the last two notes struck before each place; kind, pitch: (B, T)."""
    place = torch.arange(kind.shape[1], device=kind.device).expand_as(kind)
    newest = torch.where(kind == ONSET, place, torch.full_like(place, -1)).cummax(dim=1).values
    before = functional.pad(newest, (1, 0), value=-1)[:, :-1]
    second = torch.where(before >= 0, before.gather(1, before.clamp(min=0)), before)

    def taken(at: Tensor) -> Tensor:
        return torch.where(at >= 0, pitch.gather(1, at.clamp(min=0)), torch.full_like(pitch, SILENT))

    return torch.stack([taken(before), taken(second)], dim=-1)
