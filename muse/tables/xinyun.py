"""中华新韵, the rhymes of modern Mandarin: fourteen, by the final of a syllable; 阴平 and 阳平 are level.

Source: 中华诗词学会《中华新韵（十四韵）》, 2005, for the rhymes; pypinyin's dictionary (MIT) for the syllables of a
character, all of them, so that a character with several readings has them as a set.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

RHYMES = (
    "一麻", "二波", "三皆", "四开", "五微", "六豪", "七尤", "八寒", "九文", "十唐", "十一庚", "十二齐", "十三支",
    "十四姑",
)  # fmt: skip
_TONES = {"\u0304": True, "\u0301": True, "\u030c": False, "\u0300": False}
_FINALS = (
    ("ang", 9), ("ng", 10), ("an", 7), ("n", 8), ("ao", 5), ("ou|iu", 6), ("ai", 3), ("ei|ui", 4), ("ie|ye|ve", 2),
    ("er|v", 11), ("a", 0), ("[oe]", 1), ("u", 13), ("(?:[zcs]h?|r)i", 12), ("i", 11),
)  # fmt: skip
"""The end of a syllable, the first that fits, and its rhyme; ü is written v."""


def rhyme(syllable: str) -> tuple[str, frozenset[bool]] | None:
    """The rhyme of a syllable with its tone mark, and whether it is level; both where it has no tone of its own.

    >>> rhyme("yuè"), rhyme("shī")
    (('三皆', frozenset({False})), ('十三支', frozenset({True})))
    """
    parts = unicodedata.normalize("NFD", syllable).replace("u\u0308", "v")
    tone = {_TONES[mark] for mark in parts if mark in _TONES} or {True, False}
    plain = re.sub("(?<=[jqxy])u", "v", "".join(letter for letter in parts if letter.isascii()))
    found = next((number for end, number in _FINALS if re.search(f"(?:{end})$", plain)), None)
    return None if found is None else (RHYMES[found], frozenset(tone))


@cache
def readings(character: str) -> tuple[tuple[str, bool], ...]:
    """All readings of a character as (rhyme, level), those without a tone only where there is no other.

    >>> readings("看")
    (('八寒', False), ('八寒', True))
    """
    from pypinyin.constants import PINYIN_DICT

    found = [known for syllable in PINYIN_DICT.get(ord(character), "").split(",") if (known := rhyme(syllable))]
    told = [known for known in found if len(known[1]) == 1] or found
    return tuple(dict.fromkeys((name, level) for name, tones in told for level in sorted(tones)))
