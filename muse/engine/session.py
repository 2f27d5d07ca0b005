"""Lanes of the native library for one call: prompts read once, then writing by tables or by asking, or scoring."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterable, Sequence
from ctypes import byref
from typing import Any

import numpy as np
import numpy.typing as npt

from muse.constraint import Constraint, Tables
from muse.engine import library as native
from muse.errors import UsageError
from muse.nn.sampling import Floats, Sampling
from muse.nn.shape import TransformerSettings
from muse.nn.writer import Continuation, Prompt, stuck

Watch = Callable[[int], None]
TOGETHER = 64
"""Texts that are scored side by side."""


class Session:
    """Open lanes; all of them are gone when it is left."""

    def __init__(self, library: ctypes.CDLL, model: int, settings: TransformerSettings) -> None:
        self.library, self.model, self.settings = library, model, settings

    def __enter__(self) -> Session:
        self.handle = self.library.muse_session_new(self.model)
        if not self.handle:
            native.raised(self.library, native.MEMORY)
        return self

    def __exit__(self, *error: object) -> None:
        self.library.muse_session_free(self.handle)

    def read_prompts(self, prompts: Sequence[Prompt]) -> list[int]:
        """A lane for each prompt, ready to draw from; equal ones are read once."""
        first: dict[Prompt, int] = {}
        lanes = []
        for prompt in prompts:
            if prompt in first:
                lanes.append(self._call("muse_lane_fork", first[prompt]))
                continue
            self._check_room(len(prompt.tokens) + 1, "prompt")
            lane = first[prompt] = self._call("muse_lane_new")
            lanes.append(lane)
            silent = [native.SILENT] * (len(prompt.tokens) - 1)
            self._read([lane] * len(prompt.tokens), prompt.tokens, prompt.row, prompt.col, [*silent, native.KEEP])
        return lanes

    def logits(self, lane: int) -> npt.NDArray[np.float32]:
        """(V,) of the lane's next token."""
        found = np.empty(self.settings.vocabulary, np.float32)
        self._call("muse_logits", lane, native.pointer(found))
        return found

    def follow(
        self, lanes: list[int], tables: Tables, sampling: Sampling, keys: npt.NDArray[np.uint64], watch: Watch | None
    ) -> list[Continuation]:
        """Write along the tables, all in native code."""
        held, arrays = _described(tables)
        most = self.settings.context
        count = len(lanes)
        tokens = np.zeros((count, most), np.int32)
        free, masked, length = np.zeros((count, most)), np.zeros((count, most)), np.zeros(count, np.int32)
        stopped: list[BaseException] = []

        def look(written: int) -> int:
            try:
                if watch is not None:
                    watch(written)
            except BaseException as error:  # it passes native code as a number, and is raised again behind it
                stopped.append(error)
            return len(stopped)

        lane = np.array(lanes, np.int32)
        how = native.HowToDraw(sampling.temperature, sampling.top_p, sampling.min_p, sampling.top_k)
        code = self.library.muse_write(
            self.handle, count, native.pointer(lane), byref(held), byref(how), native.pointer(keys), most,
            *native.pointers(tokens, free, masked, length), native.WATCH(look) if watch is not None else native.WATCH(),
        )  # fmt: skip
        del arrays
        if stopped:
            raise stopped[0]
        native.raised(self.library, code)
        return [
            Continuation(tokens[i, :size].astype(np.int64), free[i, :size].copy(), masked[i, :size].copy())
            for i, size in enumerate(length)
        ]

    def ask(
        self,
        lanes: list[int],
        constraints: Sequence[Constraint],
        sampling: Sampling,
        keys: npt.NDArray[np.uint64],
        watch: Watch | None,
    ) -> list[Continuation]:
        """Write with one call into native code a step, which draws for all, and the masks asked of the constraints."""
        states = [constraint.start() for constraint in constraints]
        placers = [getattr(constraint, "placed", None) for constraint in constraints]
        written: list[list[tuple[int, float, float]]] = [[] for _ in lanes]
        how = native.HowToDraw(sampling.temperature, sampling.top_p, sampling.min_p, sampling.top_k)
        size, total = self.settings.vocabulary, 0
        alive = [i for i, constraint in enumerate(constraints) if not constraint.done(states[i])]
        while alive:
            if watch is not None:
                watch(total)
            masks = np.empty((len(alive), size), np.bool_)
            for line, i in enumerate(alive):
                mask = constraints[i].mask(states[i])
                if mask.shape != (size,):
                    raise UsageError(f"a mask is {mask.shape}", f"the vocabulary has {size} tokens")
                masks[line] = mask
            lane = np.array([lanes[i] for i in alive], np.int32)
            own, numbers = keys[alive], np.array([len(written[i]) for i in alive], np.int64)
            token, free, masked = np.zeros(len(alive), np.int32), np.zeros(len(alive)), np.zeros(len(alive))
            code = self.library.muse_draw(
                self.handle, len(alive), native.pointer(lane), native.pointer(masks), byref(how),
                *native.pointers(own, numbers, token, free, masked),
            )  # fmt: skip
            if code == native.STUCK:
                lost = alive[int(masks.any(1).argmin())]
                row, col = constraints[lost].place(states[lost])
                raise stuck(row, col)
            native.raised(self.library, code)
            going, read = [], []
            for i, drawn, *worth in zip(alive, token.tolist(), free.tolist(), masked.tolist(), strict=True):
                place, state = placers[i], states[i]
                row, col = constraints[i].place(state) if place is None else place(state, drawn)
                written[i].append((drawn, worth[0], worth[1]))
                states[i] = constraints[i].advance(state, drawn)
                if not constraints[i].done(states[i]):
                    self._check_room(len(written[i]), "text")
                    going.append(i)
                    read.append((lanes[i], drawn, row, col))
            total += len(alive)
            alive = going
            if alive:
                self._read(*zip(*read, strict=True), [native.KEEP] * len(alive))  # type: ignore[call-arg]
        return [_continued(one) for one in written]

    def score(self, prompts: Sequence[Prompt], texts: Sequence[Prompt]) -> list[Floats]:
        """For each text the log-probability of its tokens after its prompt."""
        for prompt, text in zip(prompts, texts, strict=True):
            self._check_room(len(prompt.tokens) + len(text.tokens), "prompt and text")
        unlike = list(dict.fromkeys(prompts))
        roots = dict(zip(unlike, self.read_prompts(unlike), strict=True))
        first = {prompt: _log_softmax(self.logits(lane)) for prompt, lane in roots.items()}
        found = [np.empty(len(text.tokens)) for text in texts]
        for start in range(0, len(texts), TOGETHER):
            chosen = range(start, min(start + TOGETHER, len(texts)))
            lanes = {i: self._call("muse_lane_fork", roots[prompts[i]]) for i in chosen}
            rows = [
                (lanes[i], *place, target)
                for i in chosen
                for *place, target in zip(
                    texts[i].tokens, texts[i].row, texts[i].col, texts[i].tokens[1:], strict=False
                )
            ]
            read = self._read(*zip(*rows, strict=True)) if rows else np.zeros(0)
            for i in chosen:
                tokens = texts[i].tokens
                found[i][0] = first[prompts[i]][tokens[0]]
                found[i][1:], read = read[: len(tokens) - 1], read[len(tokens) - 1 :]
                self._call("muse_lane_free", lanes[i])
        return found

    def predictions(self, prompt: Prompt, text: Prompt) -> Floats:
        """(T, V) the log-probabilities of all tokens where each token of the text stands."""
        self._check_room(len(prompt.tokens) + len(text.tokens), "prompt and text")
        (lane,) = self.read_prompts([prompt])
        found = [_log_softmax(self.logits(lane))]
        for token, row, col in zip(text.tokens[:-1], text.row, text.col, strict=False):
            self._read([lane], [token], [row], [col], [native.KEEP])
            found.append(_log_softmax(self.logits(lane)))
        return np.stack(found)

    def _call(self, name: str, *arguments: Any) -> int:
        return native.raised(self.library, getattr(self.library, name)(self.handle, *arguments))

    def _read(
        self,
        lane: Iterable[int],
        token: Iterable[int],
        row: Iterable[int],
        col: Iterable[int],
        target: Iterable[int],
    ) -> Floats:
        """Read tokens into lanes; the log-probability of each target, 0 where there is none."""
        columns = [np.array(list(values), np.int32) for values in (lane, token, row, col, target)]
        found = np.zeros(len(columns[0]))
        self._call("muse_read", len(found), *native.pointers(*columns, found))
        return found

    def _check_room(self, tokens: int, what: str) -> None:
        if tokens > self.settings.context:
            raise UsageError(
                f"a {what} of {tokens} tokens is too long", f"the model's context is {self.settings.context} tokens"
            )


def _described(tables: Tables) -> tuple[native.NativeTables, list[Any]]:
    """The tables as native code takes them, and what must stay while it does."""
    refused = tables.refused
    kinds: list[tuple[npt.NDArray[Any], Any]] = [
        (tables.classes, np.uint8), (tables.sets, np.uint64), (tables.doubled, np.bool_), (tables.plain, np.int32),
        (tables.bound, np.int32), (tables.place, np.int32), (tables.left, np.int32), (tables.scope, np.uint64),
        *((getattr(tables, name), np.bool_) for name in
          ("renews", "unique", "remembers", "spares", "again", "opens", "closes", "final")),
    ]  # fmt: skip
    fuses = refused.known if refused is not None else ()
    if refused is not None:
        kinds += [(refused.codes, np.uint64), *((fuse.cells, np.uint8) for fuse in fuses)]
    arrays = [np.ascontiguousarray(array, kind) for array, kind in kinds]
    states, classes = tables.plain.shape
    vocabulary = len(tables.classes)
    sizes = [vocabulary] * 3 + [states * classes] * 2 + [2 * states] + [states] * 10
    if refused is not None:
        sizes += [vocabulary, *(len(fuse.cells) for fuse in fuses)]
    if [array.size for array in arrays] != sizes or not all(fuse.whole for fuse in fuses):
        raise UsageError("the tables of a constraint do not fit each other", f"{states} states, {vocabulary} tokens")
    pointers = [native.pointer(array) for array in arrays]
    known = (native.NativeFuse * len(fuses))(*(
        native.NativeFuse(at, len(fuse.cells), fuse.seed, fuse.bits, fuse.segment, fuse.segments)
        for at, fuse in zip(pointers[17:], fuses, strict=True)
    ))  # fmt: skip
    return native.NativeTables(
        states, classes, tables.begin, vocabulary, tables.open, *pointers[:16],
        pointers[16] if refused is not None else 0, known, len(fuses), refused.span if refused is not None else 0,
    ), [*arrays, known]  # fmt: skip


def _pairs(text: Prompt) -> Iterable[tuple[int, int, int, int]]:
    """(token, row, col, the token after) for all but the last."""
    return zip(text.tokens, text.row, text.col, text.tokens[1:], strict=False)


def _continued(written: list[tuple[int, float, float]]) -> Continuation:
    tokens, free, masked = zip(*written, strict=True) if written else ((), (), ())
    return Continuation(np.array(tokens, dtype=np.int64), np.array(free, float), np.array(masked, float))


def _log_softmax(logits: npt.NDArray[np.float32]) -> Floats:
    high = logits.astype(np.float64) - float(logits.max())
    found: Floats = high - np.log(np.exp(high).sum())
    return found
