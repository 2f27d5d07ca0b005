"""词林正韵, the rhyme book of 词: the parts, of nineteen, in which each character rhymes.

Source: `cilin.txt` beside this file; its head names where it comes from and the licence.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

PARTS = tuple(
    f"第{ten}{one}部" for ten, ones in (("", "一二三四五六七八九十"), ("十", "一二三四五六七八九")) for one in ones
)


@cache
def parts() -> Mapping[str, tuple[str, ...]]:
    """Of each character the parts in which it rhymes, whatever its tone.

    >>> parts()["东"]
    ('第一部',)
    """
    found: dict[str, tuple[str, ...]] = {}
    for line in Path(__file__).with_name("cilin.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            part, _, characters = line.split(" ")
            for character in characters:
                if part not in found.setdefault(character, ()):
                    found[character] += (part,)
    return found
