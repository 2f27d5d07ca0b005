"""Traditional characters to simplified ones, one for one.

Source: `simplified.txt` beside this file (OpenCC's t2s, Apache-2.0). Character by character, so that a place in
the result is the same place in the text; OpenCC's phrase rules are left out.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path


@cache
def _pairs() -> dict[int, str]:
    lines = Path(__file__).with_name("simplified.txt").read_text(encoding="utf-8").splitlines()
    return {ord(pair[0]): pair[1] for line in lines if not line.startswith("#") for pair in line.split()}


def simplify(text: str) -> str:
    """The text in simplified script, of the same length.

    >>> simplify("楓橋夜泊")
    '枫桥夜泊'
    """
    return text.translate(_pairs())
