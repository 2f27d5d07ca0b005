"""Constraints given as tables, one a request, followed on the device: masks without a word to the host."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from muse.constraint import Tables
from muse.errors import UsageError
from muse.nn.known import Known, signed
from muse.walk import STEP


class Automata:
    """Many constraints at once; each lane of the batch has its own tables and registers. See `muse.constraint.Tables`.

    All that changes is changed in place and nothing hangs on a value, so that a CUDA graph can record every call.
    Words of 64 bits are held as int64: sums and products wrap alike, and shifts to the right are masked.

    Attributes:
        state: (B,) int64; lanes of unlike tables have unlike states.
        open: (B,) int64, bits of the sets in the register.
        used: (B, V) bool, the tokens that are remembered.
        unused: (B, 64) int64, for each set how many of its members are not remembered.
        last: (B,) int64, the token before, −1 at the start.
        length: (B,) int64, tokens of the line so far.
        recent: (B, span − 1) int64, the codes of the last ones, where a lane has refused lines.
        begun: (B,) bool, whether the line's first span is known.
    """

    def __init__(self, tables: Sequence[Tables], vocabulary: int, device: torch.device | str) -> None:
        """
        Args:
            tables: of each lane; equal objects are stored once.
            vocabulary: V.

        Raises:
            UsageError: tables of another vocabulary, or refused lines told by spans of unlike length.
        """
        unlike = list({id(table): table for table in tables}.values())
        for table in unlike:
            if table.classes.shape != (vocabulary,):
                raise UsageError(
                    f"a constraint is over {len(table.classes)} tokens", f"the vocabulary has {vocabulary} tokens"
                )
        number = {id(table): index for index, table in enumerate(unlike)}
        lane = np.array([number[id(table)] for table in tables])
        first = np.cumsum([0, *(len(table.final) for table in unlike[:-1])])
        self.device = torch.device(device)

        def there(array: npt.NDArray[np.generic], *, bits: bool = False) -> Tensor:
            whole = array.view(np.int64) if bits else array if array.dtype == np.bool_ else array.astype(np.int64)
            return torch.from_numpy(np.ascontiguousarray(whole)).to(self.device)

        def joined(name: str) -> Tensor:
            return there(np.concatenate([getattr(table, name) for table in unlike]))

        def of_lanes(rows: Tensor) -> Tensor:
            return rows.expand(len(lane), -1) if len(rows) == 1 else rows[there(lane)]

        self.classes = of_lanes(there(np.stack([table.classes for table in unlike])))
        self.sets = of_lanes(there(np.stack([table.sets for table in unlike]), bits=True))
        self.doubled = of_lanes(there(np.stack([table.doubled for table in unlike])))
        self.plain, self.bound = there(_moves(unlike, "plain", first)), there(_moves(unlike, "bound", first))
        self.row, self.col = joined("place").unbind(1)
        self.left, self.renews, self.final = joined("left"), joined("renews"), joined("final")
        self.scope = there(np.concatenate([table.scope for table in unlike]), bits=True)
        self.unique, self.remembers, self.spares = joined("unique"), joined("remembers"), joined("spares")
        self.again, self.opens, self.closes = joined("again"), joined("opens"), joined("closes")
        self._bits = torch.arange(64, device=self.device)

        self.state = there(np.array([table.begin for table in unlike])[lane] + first[lane])
        self.open = there(np.array([table.open for table in unlike], np.uint64)[lane], bits=True)
        self.used = torch.zeros(len(lane), vocabulary, dtype=torch.bool, device=self.device)
        held = [(table.sets[:, None] >> np.arange(64, dtype=np.uint64)) & np.uint64(1) for table in unlike]
        self.unused = there(np.stack([bits.sum(0) for bits in held])[lane])
        self.last = torch.full_like(self.state, -1)
        self.length = torch.zeros_like(self.state)

        self.codes: Tensor | None = None
        spans = {table.refused.span for table in unlike if table.refused is not None and table.closes.any()}
        if len(spans) > 1:
            raise UsageError(f"refused lines are told by spans of {sorted(spans)} tokens", "one batch takes one length")
        if spans:
            empty = np.zeros(vocabulary, np.uint64)
            codes = np.stack([empty if table.refused is None else table.refused.codes for table in unlike])
            self.codes = of_lanes(there(codes, bits=True))
            self.known = Known([table.refused for table in tables], self.device)
            (self.span,) = spans
            self.recent = torch.zeros(len(lane), self.span - 1, dtype=torch.int64, device=self.device)
            self.begun = torch.zeros(len(lane), dtype=torch.bool, device=self.device)
            self._powers = torch.tensor(
                [signed(pow(STEP, n + 1, 1 << 64)) for n in range(self.span)], device=self.device
            )

    def done(self) -> Tensor:
        """(B,) bool, where nothing more is to be written."""
        return self.final[self.state]

    def place(self) -> tuple[Tensor, Tensor]:
        """(B,) row and column of the token to be written."""
        return self.row[self.state], self.col[self.state]

    def allowed(self) -> Tensor:
        """(B, V) bool, the tokens that may be written."""
        at, is_open, scarce = self.state, *self._open()
        held = self.sets & is_open[:, None]
        moves = self.plain[at].gather(1, self.classes) >= 0
        moves |= (self.bound[at].gather(1, self.classes) >= 0) & (held != 0)
        barred = self.used & self.unique[at][:, None]
        barred |= (held == is_open[:, None]) & (scarce & self.unique[at] & self.spares[at])[:, None]
        last = self.last.clamp(min=0)[:, None]
        again = self.again[at][:, None] & (self.last[:, None] >= 0) & self.doubled.gather(1, last)
        barred.scatter_(1, last, barred.gather(1, last) & ~again)
        found = moves & ~barred
        if self.codes is not None:
            length = self._length()
            asked = self.closes[at] & (length + 1 >= self.span) & (self.begun | (length < self.span))
            kept = found & ~(self.known.holds(self._keys(self.codes)) & asked[:, None])
            found = torch.where(kept.any(1, keepdim=True), kept, found)
        return found

    def advance(self, tokens: Tensor, going: Tensor) -> None:
        """Take in an allowed token (B,) int64 in each lane where `going`, (B,) bool; the others stay."""
        at, each = self.state, tokens[:, None]
        kind = self.classes.gather(1, each)
        after = self.plain[at].gather(1, kind)[:, 0]
        binds = after < 0
        sets = self.sets.gather(1, each)[:, 0]
        is_open = torch.where(binds, self.open & ~self.scope[at] | self._open()[0] & sets, self.open)
        was_used = self.used.gather(1, each)[:, 0]
        uses = going & (binds | self.remembers[at])
        self.used.scatter_(1, each, (was_used | uses)[:, None])
        self.unused -= ((sets[:, None] >> self._bits) & 1) * (uses & ~was_used)[:, None]
        if self.codes is not None:
            code, length = self.codes.gather(1, each), self._length() + 1
            begun = torch.where(length == self.span, self.known.holds(self._keys(code))[:, 0], self.begun)
            self.begun.copy_(torch.where(going, begun, self.begun))
            recent = torch.cat([self.recent, code], 1)[:, 1:]
            self.recent.copy_(torch.where(going[:, None], recent, self.recent))
            self.length.copy_(torch.where(going, length, self.length))
        self.open.copy_(torch.where(going, is_open, self.open))
        self.last.copy_(torch.where(going, tokens, self.last))
        after = torch.where(binds, self.bound[at].gather(1, kind)[:, 0], after)
        self.state.copy_(torch.where(going, after, self.state))

    def _open(self) -> tuple[Tensor, Tensor]:
        """(B,) bits of the sets that are open, and (B,) bool where none of them has a member to spare."""
        left = self.left[self.state][:, None]
        scope = self.scope[self.state]
        among = torch.where(self.renews[self.state], scope, self.open & scope)
        here = ((among[:, None] >> self._bits) & 1 == 1) & (self.unused >= left)
        scarce = here.any(1) & ~(here & (self.unused > left)).any(1)
        return (here.long() << self._bits).sum(1), scarce

    def _length(self) -> Tensor:
        """(B,) tokens of the line that the coming token goes on with, or begins."""
        return self.length.masked_fill(self.opens[self.state], 0)

    def _keys(self, codes: Tensor) -> Tensor:
        """(B, N) keys of the spans that tokens with codes (B, N) would end."""
        return (self.recent * self._powers[:-1]).sum(1, keepdim=True) + codes * self._powers[-1]


def longest(tables: Tables, most: int) -> int:
    """Tokens of the longest way from the beginning to a final state; `most` where none is that short.

    >>> count = np.arange(4)
    >>> moves = np.array([[1], [2], [3], [-1]], np.int32)
    >>> names = ("renews", "unique", "remembers", "spares", "again", "opens", "closes")
    >>> flags = dict.fromkeys(names, np.zeros(4, bool))
    >>> token = dict(classes=np.zeros(1, np.uint8), sets=np.zeros(1, np.uint64), doubled=np.zeros(1, bool))
    >>> line = Tables(begin=0, open=0, **token, plain=moves, bound=moves * 0 - 1, place=np.zeros((4, 2), np.int32),
    ...               left=np.zeros(4, np.int32), scope=np.zeros(4, np.uint64), final=count == 3, **flags)
    >>> longest(line, 10), longest(line, 2)
    (3, 2)
    """
    here = np.array([tables.begin])
    for count in range(most):
        here = here[~tables.final[here]]
        if not len(here):
            return count
        after = np.unique(np.concatenate([tables.plain[here], tables.bound[here]]))
        here = after[after >= 0]
    return most


def _moves(unlike: list[Tables], name: str, first: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """(ΣS, most C): the next states, numbered through all tables, −1 where there is none."""
    most = max(table.plain.shape[1] for table in unlike)
    rows = []
    for table, begin in zip(unlike, first, strict=True):
        move = getattr(table, name).astype(np.int64)
        move = np.where(move < 0, -1, move + begin)
        rows.append(np.pad(move, ((0, 0), (0, most - move.shape[1])), constant_values=-1))
    return np.concatenate(rows)
