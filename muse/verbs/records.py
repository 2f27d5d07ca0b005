"""What a build of records gives back, and how its files are written."""

from __future__ import annotations

import gzip
import lzma
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from muse.files import write_atomic

Say = Callable[[str], None]


@dataclass(slots=True)
class Built:
    """What a build wrote and why it left things out.

    Attributes:
        files: paths written.
        counts: records kept and held out, then each reason for leaving one out.
    """

    files: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def write(self, path: Path, data: bytes, what: str, count: int) -> None:
        """Write one file, packed as its name says; the same bytes for the same data."""
        if path.suffix == ".xz":
            data = lzma.compress(data)
        elif path.suffix == ".gz":
            data = gzip.compress(data, mtime=0)
        write_atomic(path, data, force=True)
        self.files.append(str(path))
        self.counts[what] += count
