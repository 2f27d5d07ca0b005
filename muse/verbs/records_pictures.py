"""Records of pictures from what was published."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from muse.sources import Corpus
from muse.verbs.records import Built, Say

BUILDERS: dict[str, Callable[[Corpus, Path, Path, Say], Built]] = {}
