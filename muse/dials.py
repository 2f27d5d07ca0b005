"""Dials as people write them: {"light": 0.5}, or "light=+0.5"."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence

from muse.errors import UsageError, did_you_mean


def dials_of(asked: Mapping[str, float] | Sequence[str], known: Collection[str]) -> dict[str, float]:
    """Dials by name, each in [−1, 1].

    Raises:
        UsageError: an unknown dial, or a value outside [−1, 1].

    >>> dials_of(["light=+0.5"], ("light", "warmth"))
    {'light': 0.5}
    """
    pairs = asked.items() if isinstance(asked, Mapping) else [_pair(text, known) for text in asked]
    found: dict[str, float] = {}
    for name, value in pairs:
        if name not in known:
            raise UsageError(f"no dial {name!r}", "", did_you_mean(name, known))
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not -1 <= value <= 1:
            raise UsageError(f"the dial {name} stands at {value}", "it goes from −1 to 1", f"{name}=0.5, say")
        found[name] = float(value)
    return found


def _pair(text: str, known: Collection[str]) -> tuple[str, float]:
    match = re.fullmatch(r"\s*([^=]+?)\s*=\s*([-+−]?\d*\.?\d+)\s*", text)
    if match is None:
        raise UsageError(f"cannot read the dial {text!r}", "", f'write it like "{next(iter(known))}=+0.5"')
    return match[1], float(match[2].replace("−", "-"))
