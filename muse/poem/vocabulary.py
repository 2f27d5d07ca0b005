"""The tokens of a Chinese poem model: marks for the prefix, then characters by how often they stand in the corpus.

Every vocabulary begins with MARKS. One that writes more than the four forms goes on with the FURTHER marks, one mark
a rhyme, and one for each tune and author that the corpus holds often enough.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from muse.errors import BundleError

FORMS = ("五绝", "七绝", "五律", "七律")
ERAS = ("唐", "宋", "元明清")
MOODS = ("+valence", "-valence", "+energy", "-energy")
THEMES = (
    "送别", "思乡", "边塞", "山水", "田园", "春", "夏", "秋", "冬", "咏梅", "咏物", "月夜", "雨", "饮酒", "怀古",
    "闺怨", "禅理", "仙道", "悼亡", "酬赠", "忧国", "隐逸", "节序", "爱情",
)  # fmt: skip
PAD, BEGIN, SEPARATOR, BREAK, END, UNKNOWN, KEY, TITLE = range(8)
MARKS = (
    "<pad>", "<begin>", "<separator>", "<break>", "<end>", "<unknown>", "<key>", "<title>",
    *(f"<form:{name}>" for name in FORMS),
    *(f"<era:{name}>" for name in ERAS),
    *(f"<mood:{name}>" for name in MOODS),
    *(f"<theme:{name}>" for name in THEMES),
)  # fmt: skip
SONG, COUPLET = "词", "对联"
LENGTHS = ("小令", "中调", "长调")
WIDEST = 12
FURTHER = (
    "<given>", "<rhymes>", "<stanza>", "<tune>",
    *(f"<form:{name}>" for name in (SONG, COUPLET)),
    *(f"<length:{name}>" for name in LENGTHS),
    *(f"<line:{width}>" for width in range(1, WIDEST + 1)),
    *(f"<close:{width}>" for width in range(1, WIDEST + 1)),
)  # fmt: skip
"""<line:7> and <close:7> announce a line of seven characters, the latter one that ends a sentence; the widest mark
also stands before wider lines."""


@dataclass(frozen=True)
class Vocabulary:
    """Every token of a model by its id: first the marks, then single characters.

    >>> vocabulary = Vocabulary.of(["明月"], least=1)
    >>> vocabulary.decode(vocabulary.encode("明月光"))
    '明月\ufffd'
    """

    tokens: tuple[str, ...]

    def __post_init__(self) -> None:
        single = len("".join(self.tokens[self.first :])) == len(self.tokens) - self.first
        if self.tokens[: len(MARKS)] != MARKS or len(set(self.tokens)) != len(self.tokens) or not single:
            raise BundleError("not a vocabulary of Chinese poems", "its marks differ from those of this muse")

    @classmethod
    def of(cls, texts: Iterable[str], least: int = 4, most: int = 1 << 15, further: Sequence[str] = ()) -> Vocabulary:
        """The characters that occur at least `least` times, at most `most`, commonest first.

        `further` marks stand between MARKS and them. The size is rounded down to a
        multiple of 64 where the corpus is large enough for it.
        """
        count: Counter[str] = Counter()
        for text in texts:
            count.update(text)
        found = sorted((c for c, n in count.items() if n >= least), key=lambda c: (-count[c], c))[:most]
        marks = (*MARKS, *further)
        size = len(marks) + len(found)
        if size > 1024:
            found = found[: size // 64 * 64 - len(marks)]
        return cls((*marks, *found))

    def __len__(self) -> int:
        return len(self.tokens)

    @cached_property
    def ids(self) -> dict[str, int]:
        return {token: number for number, token in enumerate(self.tokens)}

    @cached_property
    def codes(self) -> npt.NDArray[np.uint32]:
        """(V,) the code point of each character, 0 for a mark."""
        characters = "".join(self.tokens[self.first :]).encode("utf-32-le", "surrogatepass")
        return np.concatenate([np.zeros(self.first, np.uint32), np.frombuffer(characters, np.uint32)])

    @cached_property
    def first(self) -> int:
        """The id of the first character; lower ids are marks, whose names have several letters."""
        return next((number for number, token in enumerate(self.tokens) if len(token) == 1), len(self.tokens))

    @property
    def wide(self) -> bool:
        """Whether it knows more than the four forms."""
        return FURTHER[0] in self.ids

    def mark(self, kind: str, name: str) -> int | None:
        """The id of a mark such as ("form", "七绝"), or None where there is none."""
        return self.ids.get(f"<{kind}:{name}>")

    def encode(self, text: str) -> list[int]:
        """One id a character; an unknown one is UNKNOWN."""
        ids = self.ids
        return [ids.get(c, UNKNOWN) for c in text]

    def decode(self, tokens: Sequence[int]) -> str:
        """The characters among the tokens; marks are left out, an unknown one is U+FFFD."""
        out = ["\ufffd" if token == UNKNOWN else self.tokens[token] for token in tokens
               if token == UNKNOWN or token >= self.first]  # fmt: skip
        return "".join(out)
