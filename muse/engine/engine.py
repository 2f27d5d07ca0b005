"""Writing with the native library: a Writer that never imports torch."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from ctypes import byref
from pathlib import Path
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from muse.constraint import Constraint
from muse.engine import library as native
from muse.engine.session import Session
from muse.errors import BundleError, UsageError, did_you_mean
from muse.nn.sampling import Floats, Sampling
from muse.nn.shape import TransformerSettings
from muse.nn.writer import Continuation, Prompt, check_requests
from muse.seed import derive

Storage = Literal["fp32", "fp16", "bf16", "int8"]
KeyStorage = Literal["fp32", "bf16", "int8"]
Weights = Mapping[str, np.ndarray]
MOST_THREADS = 8


class Engine:
    """A transformer as the native library runs it; see `muse.nn.writer.Writer` for generate and score.

    In fp32 and fp16 it computes in fp32, and what it writes does not hang on the number of threads or on the other
    requests of a batch. Prompts that begin alike share what was read of them.
    """

    def __init__(
        self,
        weights: Weights,
        settings: TransformerSettings,
        *,
        storage: Storage | None = None,
        cache: KeyStorage = "fp32",
        threads: int = 0,
        instruction_set: str = "",
        path: Path | None = None,
    ) -> None:
        """
        Args:
            weights: those of `muse.nn.transformer.Transformer` by name, fp16 or fp32; others are left alone.
            storage: of the matrices; by default as exact as they come: fp16 where all of them are fp16, else fp32.
            cache: of keys and values.
            threads: 0 takes the cores that this process may use, at most 8.
            instruction_set: one of `instruction_sets()`; by default the best one.
            path: another build of the library.

        Raises:
            OSError: the library is not built, or cannot be loaded.
            BundleError: a weight is missing or of another shape.
            UsageError: an unknown storage or instruction set.
        """
        self.settings = settings
        self._library = native.load(path)
        arrays = _checked(weights, settings)
        exact: Storage = "fp16" if all(arrays[name].dtype == np.float16 for name in arrays if _big(name)) else "fp32"
        self.storage = storage or exact
        if self.storage not in native.STORAGES:
            raise UsageError(f"unknown storage {storage!r}", "", did_you_mean(str(storage), native.STORAGES))
        if cache not in get_args(KeyStorage):
            raise UsageError(f"unknown cache {cache!r}", "", did_you_mean(str(cache), get_args(KeyStorage)))
        known = instruction_sets(path)
        self.instruction_set = instruction_set or known[0]
        if self.instruction_set not in known:
            raise UsageError(f"no instruction set {instruction_set!r}", "", did_you_mean(instruction_set, known))
        self.threads = threads or min(MOST_THREADS, len(os.sched_getaffinity(0)) if _LINUX else os.cpu_count() or 1)
        layers = (native.Layer * settings.layers)(
            *(native.Layer(**{field: native.described(arrays[f"blocks.{layer}.{name}"])
                              for field, name in _LAYER.items()}) for layer in range(settings.layers))
        )  # fmt: skip
        cos, sin = _turns(settings)
        whole = native.Weights(
            **{field: native.described(arrays[name]) for field, name in _WHOLE.items()},
            cos=native.described(cos), sin=native.described(sin), layers=layers,
        )  # fmt: skip
        shape = native.Shape(
            settings.vocabulary, settings.layers, settings.width, settings.heads, settings.rows, settings.columns,
            settings.context, settings.inner,
        )  # fmt: skip
        storages = native.STORAGES
        self._model = self._library.muse_model_new(
            byref(shape), byref(whole), storages.index(self.storage), storages.index(cache), self.threads,
            self.instruction_set.encode(),
        )  # fmt: skip
        if not self._model:
            native.raised(self._library, native.BAD)

    def __del__(self) -> None:
        if getattr(self, "_model", None):
            self._library.muse_model_free(self._model)

    @property
    def weight_bytes(self) -> int:
        """Bytes of weights that one step reads."""
        return int(self._library.muse_model_bytes(self._model))

    def generate(
        self,
        prompts: Sequence[Prompt],
        constraints: Sequence[Constraint],
        sampling: Sampling,
        seeds: Sequence[int],
        *,
        watch: Callable[[int], None] | None = None,
    ) -> list[Continuation]:
        check_requests(prompts, constraints, seeds)
        keys = np.array([derive(seed, "tokens") for seed in seeds], np.uint64)
        with Session(self._library, self._model, self.settings) as session:
            lanes = session.read_prompts(prompts)
            tables = [constraint.tables() if hasattr(constraint, "tables") else None for constraint in constraints]
            if tables and tables[0] is not None and all(one is tables[0] for one in tables):
                return session.follow(lanes, tables[0], sampling, keys, watch)
            return session.ask(lanes, constraints, sampling, keys, watch)

    def score(self, prompts: Sequence[Prompt], texts: Sequence[Prompt]) -> list[Floats]:
        if len(prompts) != len(texts):
            raise UsageError(f"{len(prompts)} prompts and {len(texts)} texts", "one of each")
        with Session(self._library, self._model, self.settings) as session:
            return session.score(prompts, texts)

    def predictions(self, prompt: Prompt, text: Prompt) -> Floats:
        with Session(self._library, self._model, self.settings) as session:
            return session.predictions(prompt, text)

    def logits(self, prompt: Prompt) -> npt.NDArray[np.float32]:
        """(V,) of the token after a prompt."""
        with Session(self._library, self._model, self.settings) as session:
            return session.logits(session.read_prompts([prompt])[0])


def available() -> bool:
    """Whether the native library is built and loads here."""
    try:
        native.load()
    except OSError:
        return False
    return True


def instruction_sets(path: Path | None = None) -> list[str]:
    """What the library was compiled for and this processor has, best first; raises OSError without a library."""
    return str(native.load(path).muse_instruction_sets().decode()).split()


_LINUX = hasattr(os, "sched_getaffinity")
_WHOLE = {
    "tokens": "tokens.weight", "row_place": "row_place", "col_place": "col_place", "row_bias": "row_bias",
    "col_bias": "col_bias", "final_gain": "final_norm.gain",
}  # fmt: skip
_LAYER = {
    "attention_gain": "attention_norm.gain", "qkv": "qkv.weight", "sharpness": "sharpness", "out": "out.weight",
    "feed_gain": "feed_norm.gain", "gate_up": "gate_up.weight", "down": "down.weight",
}  # fmt: skip


def _big(name: str) -> bool:
    return name.endswith(".weight")


def _shapes(s: TransformerSettings) -> dict[str, tuple[int, ...]]:
    """The shape of each weight, by its name in a bundle."""
    whole: dict[str, tuple[int, ...]] = {
        "tokens.weight": (s.vocabulary, s.width), "row_place": (s.rows, s.width), "col_place": (s.columns, s.width),
        "row_bias": (s.layers, s.heads, s.rows), "col_bias": (s.layers, s.heads, 2 * s.columns - 1),
        "final_norm.gain": (s.width,),
    }  # fmt: skip
    layer: dict[str, tuple[int, ...]] = {
        "attention_norm.gain": (s.width,), "qkv.weight": (3 * s.width, s.width), "sharpness": (s.heads,),
        "out.weight": (s.width, s.width), "feed_norm.gain": (s.width,), "gate_up.weight": (2 * s.inner, s.width),
        "down.weight": (s.width, s.inner),
    }  # fmt: skip
    return whole | {f"blocks.{n}.{name}": shape for n in range(s.layers) for name, shape in layer.items()}


def _checked(weights: Weights, settings: TransformerSettings) -> dict[str, np.ndarray]:
    """The weights that the settings ask for, fp16 or fp32 and contiguous."""
    found = {}
    for name, shape in _shapes(settings).items():
        if name not in weights:
            raise BundleError(f"the weight {name} is missing")
        array = weights[name]
        if array.shape != shape or array.dtype.kind != "f":
            raise BundleError(f"the weight {name} is {array.shape} {array.dtype}", f"expected {shape}, floating point")
        found[name] = np.ascontiguousarray(array, np.float16 if array.dtype == np.float16 else np.float32)
    return found


def _turns(settings: TransformerSettings) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """cos and sin of the rotary angles, (context, K / 2), as `Transformer` has them."""
    head = settings.width // settings.heads
    speed = 10000.0 ** -(np.arange(0, head, 2, dtype=np.float64) / head)
    angle = np.arange(settings.context, dtype=np.float64)[:, None] * speed
    return np.cos(angle).astype(np.float32), np.sin(angle).astype(np.float32)
