"""What a rhyme book says of the characters of a vocabulary, as arrays: tones, rhymes, and what is never written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from muse.poem.vocabulary import UNKNOWN, Vocabulary
from muse.tables.books import Sound, family, sounds

BLOCKED = "虏鞑獠猺獞倭蛮夷狄奴婢妓娼嫖淫"
"""Characters never written: slurs for peoples and for women and servants, which old verse holds."""

DOUBLED = (
    "悠萧纷年茫日寂依翩漠处青苍匆迢时区渺冥冉漫阴重夜离落亭堂行岁历寥霏飘家迟袅沉隐凄草扰森朝泠沈蒙耿娟萋潺潇片"
    "滔衮昏点盈郁杳去团声往浩层垂骎双脉深纤凛忽累溶飒劳猎丝细皎星涓兀淡叶瑟遥泛绵两枝腾毵黯巍斑村小曲步飕栖咄莽熙炯"
    "珊微碌疏欣滚叠煌峨个"
)
"""Characters that may come twice in a row: the corpus doubles them 150 times or more, and in 0.8 % of uses."""

LEVEL, OBLIQUE, BOTH, NEVER = range(4)
"""The classes of characters: by the tones of their readings, and what is never written."""

Bits = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Characters:
    """What a rhyme book says of a vocabulary.

    Attributes:
        vocabulary: whose tokens these are.
        book: one of `muse.tables.books.BOOKS`.
        strict: a character rhymes and has a tone only where all its readings do.
        blocked: what is never written.
        classes: (V,) uint8.
        rhymes: for each rhyme of the book (V,) bool, the tokens in it.
        level: whether each of these rhymes is level.
        doubled: (V,) bool.
    """

    vocabulary: Vocabulary
    book: str
    strict: bool
    classes: npt.NDArray[np.uint8]
    rhymes: Mapping[str, Bits]
    level: Mapping[str, bool]
    doubled: Bits
    blocked: str = BLOCKED

    @classmethod
    def build(
        cls, vocabulary: Vocabulary, strict: bool = True, book: str = "pingshui", blocked: str = BLOCKED
    ) -> Characters:
        size, table, never = len(vocabulary), sounds(book), frozenset(blocked)
        classes = np.full(size, NEVER, np.uint8)
        members: dict[Sound, list[int]] = {}
        for token in range(vocabulary.first, size):
            character = vocabulary.tokens[token]
            known = table.get(character, frozenset()) if character not in never else frozenset()
            if known:
                tones = {sound.level for sound in known}
                classes[token] = BOTH if len(tones) == 2 else LEVEL if True in tones else OBLIQUE
                for sound in sorted(known) if len(known) == 1 or not strict else ():
                    members.setdefault(sound, []).append(token)
        rhymes: dict[str, Bits] = {}
        for sound, tokens in members.items():
            rhymes[sound.rhyme] = np.zeros(size, np.bool_)
            rhymes[sound.rhyme][tokens] = True
        doubled = np.zeros(size, np.bool_)
        doubled[vocabulary.encode(DOUBLED)] = True
        doubled[UNKNOWN] = False
        return cls(
            vocabulary, book, strict, classes, rhymes, {one.rhyme: one.level for one in members}, doubled, blocked
        )

    @property
    def key(self) -> tuple[str, bool, str]:
        """What tells it from others over the same vocabulary."""
        return self.book, self.strict, self.blocked

    @cached_property
    def families(self) -> Mapping[str, Bits]:
        """Of rhymes that both tones share: the tokens in each, of either tone."""
        found: dict[str, Bits] = {}
        tones: dict[str, set[bool]] = {}
        for name, tokens in self.rhymes.items():
            key = family(name, self.book)
            found[key] = found[key] | tokens if key in found else tokens
            tones.setdefault(key, set()).add(self.level[name])
        return {key: tokens for key, tokens in found.items() if len(tones[key]) == 2}

    def tones(self, character: str) -> frozenset[bool]:
        """The tones of any character: True level, False oblique; none where the book does not know it."""
        return frozenset(sound.level for sound in sounds(self.book).get(character, ()))

    def readings(self, character: str) -> frozenset[Sound]:
        """The readings of any character."""
        return sounds(self.book).get(character, frozenset())
