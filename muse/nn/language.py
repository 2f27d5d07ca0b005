"""Learning to write the next token: the objective of every transformer in the house."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor

from muse.errors import CheckpointError, SettingsError, UsageError
from muse.narrow import slim
from muse.nn import spread
from muse.nn.loss import linear_cross_entropy
from muse.nn.optim import Ema, adamw, load_optimizer_state, optimizer_state, set_rate, update
from muse.nn.transformer import Transformer, extent_of
from muse.settings import RunSettings

UNSCORED = -100


@dataclass(frozen=True, slots=True)
class LanguageBatch:
    """Sequences to learn from.

    Attributes:
        tokens: (B, T) int64 in [0, V).
        row, col: (B, T) int32 >= 0, where each token stands.
        target: (B, T) int64, the token that follows; -100 where it is not scored.
        segment: (B, T) int32 >= 0, packed documents that do not see each other; None where each row is one.
    """

    tokens: Tensor
    row: Tensor
    col: Tensor
    target: Tensor
    segment: Tensor | None = None

    def to(self, device: torch.device) -> LanguageBatch:
        segment = None if self.segment is None else self.segment.to(device)
        return LanguageBatch(
            self.tokens.to(device), self.row.to(device), self.col.to(device), self.target.to(device), segment
        )


def precision_of(choice: Literal["auto", "fp32", "bf16"], device: torch.device) -> torch.dtype:
    """The dtype of products in training: for "auto" bf16 where the hardware multiplies it natively, fp32 elsewhere."""
    if choice != "auto":
        return torch.bfloat16 if choice == "bf16" else torch.float32
    if device.type == "cuda":
        native = torch.cuda.is_bf16_supported(including_emulation=False)
    else:
        native = device.type == "cpu" and (torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())
    return torch.bfloat16 if native else torch.float32


def loss_sum(model: Transformer, batch: LanguageBatch, dtype: torch.dtype = torch.float32) -> tuple[Tensor, int]:
    """(nats, tokens): cross-entropy summed over the scored tokens, and how many they are."""
    extent = extent_of(batch.row, batch.col, batch.segment)
    with torch.autocast(batch.tokens.device.type, torch.bfloat16, enabled=dtype == torch.bfloat16):
        hidden = model.hidden(batch.tokens, batch.row, batch.col, segment=batch.segment, extent=extent)
    scored = (batch.target != UNSCORED).flatten().nonzero()[:, 0]
    picked = hidden.flatten(0, 1).index_select(0, scored)
    target = batch.target.flatten().index_select(0, scored)
    return linear_cross_entropy(picked, model.tokens.weight, target, dtype=dtype), len(scored)


class LanguageObjective:
    """Cross-entropy of the next token with AdamW; see `muse.objective.Objective` for what each method promises."""

    def __init__(
        self,
        model: Transformer,
        run: RunSettings,
        *,
        validate: Callable[[Transformer], dict[str, float]],
        sampler: Callable[[Transformer, int], dict[str, bytes]],
        card: Mapping[str, Any] | None = None,
    ) -> None:
        """
        Args:
            model: learns here; on the device that it is on.
            validate: figures of a model in evaluation mode; the averaged weights where run.ema is on.
            sampler: files for the training page, from a model in evaluation mode and the step.
            card: what `freeze` adds to the bundle's card (vocabulary and the like).
        """
        self.model, self.run = model, run
        self.validate, self.sampler = validate, sampler
        self.card = dict(card or {})
        self.device = model.row_bias.device
        self.dtype = precision_of(run.precision, self.device)
        self.optimizer = adamw(model, run)
        self.ema = Ema(model, decay=run.ema) if run.ema else None
        if run.compile:
            model.compile_reading()

    def step(self, batches: Sequence[LanguageBatch], step: int) -> dict[str, float]:
        """One update from the micro-batches; figures: loss in nats a token, norm of the gradient, tokens.

        Over several processes every token weighs the same, in whichever it is, and the figures are those of all.
        """
        self.model.train()
        (scored,) = spread.average([sum(int((batch.target != UNSCORED).sum()) for batch in batches)])
        if not scored:
            raise UsageError("a training step without a scored token", "every target is -100")
        nats = 0.0
        for batch in batches:
            loss, _ = loss_sum(self.model, batch.to(self.device), self.dtype)
            (loss / scored).backward()  # type: ignore[no-untyped-call]
            nats += float(loss.detach())
        (nats,) = spread.average([nats])
        norm = update(self.optimizer, self.run.clip)
        if self.ema is not None and np.isfinite(norm):
            self.ema.update(self.model)
        return {"loss": nats / scored, "norm": norm, "tokens": scored * spread.processes()}

    def figures(self, step: int) -> dict[str, float]:
        with torch.no_grad(), self._judged() as model:
            return self.validate(model)

    def sample(self, step: int) -> dict[str, bytes]:
        with torch.no_grad(), self._judged() as model:
            return self.sampler(model, step)

    @contextmanager
    def _judged(self) -> Iterator[Transformer]:
        """A whole model in evaluation mode, with the averaged weights where there are any."""
        model, mean = self.model, None if self.ema is None else self.ema.mean
        if mean is not None or spread.is_split(model.row_bias):
            model = Transformer(model.settings).to(self.device)
            model.load_state_dict({k: spread.whole(v) for k, v in (mean or self.model.state_dict()).items()})
        try:
            yield model.eval()
        finally:
            self.model.train()

    def split(self) -> None:
        """Leave each process a part of weights, gradients and moments; to be called before the first step.

        Raises:
            SettingsError: the model is compiled.
        """
        if self.run.compile:
            raise SettingsError("run.split and run.compile do not go together", "a compiled reading cannot be split")
        own = dict(self.model.named_parameters())
        spread.split(self.model)
        self._take(own, self.model)

    def _take(self, own: Mapping[str, Tensor], model: Transformer) -> None:
        """Go on with the weights of `model` in the place of `own`, which are named alike; moments begin anew."""
        self.model, new = model, dict(model.named_parameters())
        of = {id(parameter): new[name] for name, parameter in own.items()}
        for group in self.optimizer.param_groups:
            group["params"] = [of[id(parameter)] for parameter in group["params"]]
        self.optimizer.state.clear()
        if self.ema is not None:
            self.ema = Ema(model, decay=self.run.ema)

    def schedule(self, factor: float) -> None:
        set_rate(self.optimizer, factor)

    def parameters(self) -> int:
        return sum(parameter.numel() for parameter in self.model.parameters())

    def state(self) -> dict[str, Tensor]:
        found = {f"model.{name}": spread.whole(value) for name, value in self.model.state_dict().items()}
        found |= optimizer_state(self.optimizer, "adamw.")
        return found if self.ema is None else found | self.ema.state("ema.")

    def load_state(self, state: Mapping[str, Tensor]) -> None:
        """Raises CheckpointError where a weight is missing, foreign, or of another shape."""
        if spread.is_split(self.model.row_bias) and spread.processes() == 1:
            # the others have gone: this process goes on with the whole
            self._take(dict(self.model.named_parameters()), Transformer(self.model.settings).to(self.device))
        mine = {key.removeprefix("model."): value for key, value in state.items() if key.startswith("model.")}
        load_weights(self.model, mine, CheckpointError)
        load_optimizer_state(self.optimizer, state, "adamw.")
        if self.ema is not None:
            self.ema.load_state(state, "ema.")

    def freeze(self) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
        weights = self.model.state_dict() if self.ema is None else self.ema.mean
        return {name: slim(spread.whole(value).cpu().numpy()) for name, value in weights.items()}, dict(self.card)


def load_weights(model: Transformer, weights: Mapping[str, Tensor], error: type[CheckpointError] | Any) -> None:
    """Set the model's weights; raises `error` with the first name that is missing, foreign or of another shape."""
    own = model.state_dict()
    for name in own.keys() | weights.keys():
        if name not in own or name not in weights:
            raise error(f"the weight {name} is {'unknown' if name in weights else 'missing'}")
        if own[name].shape != weights[name].shape:
            raise error(f"the weight {name} is {tuple(weights[name].shape)}", f"expected {tuple(own[name].shape)}")
    model.load_state_dict({name: spread.like(value, own[name]) for name, value in weights.items()})
