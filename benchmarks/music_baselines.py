"""Writers of music to stand beside: an n-gram and an LSTM over the same events, learned from the same pieces.

Both write under the composer's own automaton ("same rules"), as a `muse.nn.writer.Writer` does, or only so that what
they write can be read at all ("free", `Loose`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from muse.constraint import Constraint
from muse.fuse import mixed
from muse.music import corpus
from muse.music import vocabulary as words
from muse.music.events import PARTS
from muse.music.feed import SLOT, cut, sources
from muse.music.theory import Meter
from muse.nn.sampling import Sampling, draw
from muse.nn.writer import Continuation, Prompt
from muse.seed import stream as random_of

ORDERS = (1, 2, 3, 4, 5, 6, 8, 10)
WINDOW = 1 << 11
STEP = 0x9E3779B97F4A7C15
WIDTH, DEPTH = 320, 1
Floats = npt.NDArray[np.float32]


class Memory(Protocol):
    """What a baseline has read of one piece."""

    def after(self) -> Floats:
        """(V,) log-probabilities of the next token."""
        ...

    def push(self, token: int) -> None: ...


class Baseline:
    """A model that reads one token at a time, as a writer."""

    def __init__(self, begin: Callable[[Sequence[int]], Memory]) -> None:
        self.begin = begin

    def generate(
        self, prompts: Sequence[Prompt], constraints: Sequence[Constraint], sampling: Sampling, seeds: Sequence[int],
        *, watch: Any = None,
    ) -> list[Continuation]:  # fmt: skip
        """See `muse.nn.writer.Writer`."""
        return [self._one(*each, sampling) for each in zip(prompts, constraints, seeds, strict=True)]

    def _one(self, prompt: Prompt, rule: Constraint, seed: int, sampling: Sampling) -> Continuation:
        memory, numbers, state = self.begin(prompt.tokens), random_of(seed, "tokens"), rule.start()
        tokens, free, masked = [], [], []
        while not rule.done(state):
            drawn = draw(memory.after()[None], rule.mask(state)[None], sampling, numbers.random(1))
            token = int(drawn.tokens[0])
            tokens.append(token)
            free.append(float(drawn.free[0]))
            masked.append(float(drawn.masked[0]))
            state = rule.advance(state, token)
            memory.push(token)
        return Continuation(np.array(tokens, np.int64), np.array(free), np.array(masked))


def lessons(data: Path, count: int, seed: int = 0) -> npt.NDArray[np.int64]:
    """`count` tokens of training pieces, drawn as the composer draws them, without what is given and in one key."""
    random = random_of(seed, "lessons")
    records = corpus.read(data / "music", "train")
    pools = sources(one for at, one in enumerate(records) if one.draft.task == "satb" or at % 3 == 0)
    odds = np.array([pool.weight for pool in pools])
    found: list[npt.NDArray[np.int64]] = []
    while count > 0:
        pool = pools[int(random.choice(len(pools), p=odds / odds.sum()))]
        tokens = cut(*pool.pieces[int(random.integers(len(pool.pieces)))], WINDOW, random).tokens.astype(np.int64)
        tokens[SLOT["tonic"]] = words.header("tonic", None)
        found.append(tokens)
        count -= len(tokens)
    return np.concatenate(found)


class Markov:
    """Counts of what follows the last 1 to 10 tokens, mixed as Witten & Bell 1991 do."""

    def __init__(self, tokens: npt.NDArray[np.int64]) -> None:
        self.unigram = np.bincount(tokens, minlength=words.SIZE) + 0.01
        self.unigram /= self.unigram.sum()
        key = np.zeros(len(tokens), np.uint64)
        self.levels = []
        for back in range(1, max(ORDERS) + 1):
            key[back:] += (tokens[:-back] + 1).astype(np.uint64) * np.uint64(pow(STEP, back, 1 << 64))
            if back in ORDERS:
                self.levels.append(_Level(mixed(key[back:]), tokens[back:]))

    def begin(self, tokens: Sequence[int]) -> Memory:
        return _Context(self, list(tokens))


class _Level:
    def __init__(self, keys: npt.NDArray[np.uint64], nexts: npt.NDArray[np.int64]) -> None:
        order = np.lexsort((nexts, keys))
        keys, nexts = keys[order], nexts[order]
        fresh = np.append(True, (keys[1:] != keys[:-1]) | (nexts[1:] != nexts[:-1]))
        self.counts = np.diff(np.append(np.flatnonzero(fresh), len(keys)))
        self.nexts = nexts[fresh]
        self.keys, self.first = np.unique(keys[fresh], return_index=True)
        self.first = np.append(self.first, len(self.nexts))

    def refine(self, key: int, lower: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        at = int(np.searchsorted(self.keys, np.uint64(key)))
        if at == len(self.keys) or int(self.keys[at]) != key:
            return lower
        some = slice(int(self.first[at]), int(self.first[at + 1]))
        counts = self.counts[some]
        total, kinds = counts.sum(), len(counts)
        found = lower * (kinds / (total + kinds))
        found[self.nexts[some]] += counts / (total + kinds)
        return found


@dataclass
class _Context:
    model: Markov
    tokens: list[int]

    def after(self) -> Floats:
        p = self.model.unigram
        for order, level in zip(ORDERS, self.model.levels, strict=True):
            if order <= len(self.tokens):
                last = enumerate(self.tokens[: -order - 1 : -1], 1)
                key = sum((token + 1) * pow(STEP, back, 1 << 64) for back, token in last) & (1 << 64) - 1
                p = level.refine(int(mixed(np.array([key], np.uint64))[0]), p)
        return np.log(p).astype(np.float32)

    def push(self, token: int) -> None:
        self.tokens.append(token)


def lstm(tokens: npt.NDArray[np.int64], keep: Path, minutes: float = 10.0) -> Callable[[Sequence[int]], Memory]:
    """An LSTM that has learned from some tokens for so many minutes of a CPU; kept in a file, to learn but once."""
    import torch
    from torch import nn

    torch.manual_seed(0)
    parts = nn.ModuleDict(
        {"embed": nn.Embedding(words.SIZE, WIDTH), "lstm": nn.LSTM(WIDTH, WIDTH, DEPTH, batch_first=True)}
    )
    nn.init.normal_(parts["embed"].weight, std=0.05)  # type: ignore[arg-type]
    if keep.exists():
        parts.load_state_dict(torch.load(keep, weights_only=True))
    else:
        _learn(parts, torch.from_numpy(tokens), minutes)
        keep.parent.mkdir(parents=True, exist_ok=True)
        torch.save(parts.state_dict(), keep)
    return lambda prompt: _Cell(parts, prompt)


def _learn(parts: Any, tokens: Any, minutes: float) -> None:
    import torch
    from torch.nn import functional

    rate, batch, length = 4e-3, 16, 128
    adam = torch.optim.Adam(parts.parameters(), rate)
    begun, step, random = time.process_time(), 0, np.random.default_rng(0)
    while (gone := (time.process_time() - begun) / (60 * minutes)) < 1:
        starts = random.integers(0, len(tokens) - length - 1, batch)
        rows = torch.stack([tokens[at : at + length + 1] for at in starts.tolist()])
        hidden, _ = parts["lstm"](parts["embed"](rows[:, :-1]))
        loss = functional.cross_entropy((hidden @ parts["embed"].weight.T).flatten(0, 1), rows[:, 1:].flatten())
        for group in adam.param_groups:
            group["lr"] = rate * min(1.0, (step + 1) / 30, 2 * (1 - gone))
        adam.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parts.parameters(), 1.0)
        adam.step()
        step += 1
        if step % 100 == 0:
            print(f"LSTM, step {step}: {float(loss.detach()):.3f} nats a token, {gone:.0%} of the time", flush=True)


class _Cell:
    def __init__(self, parts: Any, prompt: Sequence[int]) -> None:
        self.parts, self.state = parts, None
        self._read(list(prompt))

    def _read(self, tokens: list[int]) -> None:
        import torch

        with torch.inference_mode():
            hidden, self.state = self.parts["lstm"](self.parts["embed"](torch.tensor([tokens])), self.state)
            self.logits = (hidden[0, -1] @ self.parts["embed"].weight.T).numpy()

    def after(self) -> Floats:
        found: Floats = self.logits.astype(np.float32)
        return found

    def push(self, token: int) -> None:
        self._read([token])


@dataclass(frozen=True)
class Loose:
    """What can be read back as a piece: voices in order, moments that rise; nothing else is asked.

    Its states are (bars begun, tick or −1, voices still to speak, last pitch token of each, whether all is said).
    """

    task: str
    meter: Meter
    bars: int
    most: int = 48

    def start(self) -> Any:
        return 0, -1, (), (), False

    def mask(self, state: Any) -> npt.NDArray[np.bool_]:
        bars, tick, waiting, said, _ = state
        found = np.zeros(words.SIZE, bool)
        if not bars:
            found[words.bar(self.bars)] = True
        elif waiting:
            parts = waiting[:2] if waiting[0] == "chords" and tick > 0 else waiting[:1]
            for part in parts:
                found[list(_tokens(part, dict(said).get(part)))] = True
        else:
            at = words.BASE["at"]
            found[at + tick + 1 : at + self.meter.bar] = True
            found[words.BASE["bar"] : words.BASE["bar"] + words.MOST_BARS + 1] = bars < self.most
            found[words.END] = True
        return found

    def advance(self, state: Any, token: int) -> Any:
        bars, tick, waiting, said, _ = state
        name = words.NAMES[token].partition("=")[0].partition("~")[0]
        if token == words.END:
            return bars, tick, (), said, True
        if name == "bar":
            return bars + 1, 0, PARTS[self.task], said, False
        if name == "at":
            return bars, token - words.BASE["at"], PARTS[self.task], said, False
        part = "chords" if name == "chord" else name
        struck = token if "~" not in words.NAMES[token] else dict(said)[part]
        return bars, tick, waiting[waiting.index(part) + 1 :], tuple({**dict(said), part: struck}.items()), False

    def place(self, state: Any) -> tuple[int, int]:
        return state[0], max(0, state[1])

    def done(self, state: Any) -> bool:
        return bool(state[4])


def _tokens(part: str, before: int | None) -> Iterator[int]:
    """What a part may say after what it said last."""
    if part == "chords":
        yield from range(words.NO_CHORD, words.NO_CHORD + len(words.CHORDS) + 1)
        return
    low, high = words.WINDOWS[part]
    yield words.rest(part)
    yield from range(words.note(part, low), words.note(part, high) + 1)
    if before is not None and before != words.rest(part):
        yield before + high - low + 1
