"""The tokens of a model in any script: marks, then pieces of words by byte-pair merges over the corpus's characters."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer
from tokenizers.models import BPE
from tokenizers.pre_tokenizers import Digits, Metaspace, Punctuation
from tokenizers.pre_tokenizers import Sequence as Steps
from tokenizers.trainers import BpeTrainer

from muse.errors import BundleError

LINES = 40
SPACE = "\u2581"
"""Stands for a space at the head of a piece."""
MARKS = (
    "<pad>", "<begin>", "<separator>", "<break>", "<stanza>", "<end>", "<unknown>", "<key>", "<title>", "<more>",
    "<form:verse>", "<form:prose>", *(f"<lines:{number}>" for number in range(1, LINES + 1)),
)  # fmt: skip
PAD, BEGIN, SEPARATOR, BREAK, STANZA, END, UNKNOWN, KEY, TITLE, MORE, VERSE, PROSE, FEW = range(13)
STOPS = frozenset(".!?…。！？‥؟۔।॥։።᠃")
CLOSERS = frozenset("\"'”’»›」』）)》〉】]")
ALPHABET, PIECES, SHARE = 8000, 6000, 30
"""Characters kept, pieces beside them, and how many characters of the corpus stand behind a piece."""
LONGEST_PIECE = 12
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Spelling:
    """Every token of a model.

    >>> spelling = Spelling.learned(["мороз и солнце", "день чудесный"])
    >>> spelling.decode(spelling.encode("день и мороз"))
    'день и мороз'
    """

    json: str

    @classmethod
    def learned(cls, lines: Sequence[str]) -> Spelling:
        """Pieces from the lines of a corpus."""
        count = Counter(char for line in lines for char in plain(line))
        alphabet = len(count) if len(count) <= ALPHABET else ALPHABET
        size = len(MARKS) + alphabet + min(PIECES, sum(count.values()) // SHARE)
        tokenizer = Tokenizer(BPE(unk_token=MARKS[UNKNOWN]))
        tokenizer.pre_tokenizer = Steps([Metaspace(SPACE, "never"), Punctuation(), Digits(True)])
        trainer = BpeTrainer(
            vocab_size=size, special_tokens=list(MARKS), limit_alphabet=alphabet, show_progress=False, min_frequency=3,
            max_token_length=LONGEST_PIECE,
        )  # fmt: skip
        tokenizer.train_from_iterator(map(plain, lines), trainer)
        return cls(tokenizer.to_str())

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        try:
            return Tokenizer.from_str(self.json)
        except Exception as error:  # the library raises plain ones
            raise BundleError("the bundle's tokenizer is damaged", str(error)[:200]) from error

    @cached_property
    def tokens(self) -> tuple[str, ...]:
        """The text of each token.

        Raises:
            BundleError: its marks differ from those of this muse.
        """
        ids = self._tokenizer.get_vocab()
        found = tuple(sorted(ids, key=lambda token: ids[token]))
        if found[: len(MARKS)] != MARKS or sorted(ids.values()) != list(range(len(ids))):
            raise BundleError("the bundle's tokenizer is of another kind", "its marks differ from those of this muse")
        return found

    def __len__(self) -> int:
        return len(self.tokens)

    def encode(self, line: str) -> list[int]:
        """The tokens of a line; a character that the corpus lacks is UNKNOWN."""
        ids: list[int] = self._tokenizer.encode(plain(line), add_special_tokens=False).ids
        return [token if token >= len(MARKS) else UNKNOWN for token in ids]

    def decode(self, tokens: Iterable[int]) -> str:
        """The line of tokens; marks are left out."""
        text = "".join(self.tokens[token] for token in tokens if token >= len(MARKS))
        return " ".join(text.replace(SPACE, " ").split())

    @cached_property
    def words(self) -> Flags:
        """(V,) whether a token stands after a space."""
        return np.array([token.startswith(SPACE) for token in self.tokens])

    @cached_property
    def spaced(self) -> bool:
        """Whether words of this script stand apart."""
        longer = sum(len(token) > 1 for token in self.tokens) - len(MARKS)
        return bool(self.words.sum() * 8 > longer)

    @cached_property
    def text(self) -> Flags:
        """(V,) whether a token is text and no mark."""
        return np.arange(len(self)) >= len(MARKS)

    @cached_property
    def stops(self) -> Flags:
        """(V,) whether a token ends a sentence."""
        found: Flags = self.text & np.array([token[-1] in STOPS for token in self.tokens])
        return found

    @cached_property
    def closers(self) -> Flags:
        """(V,) whether a token is a closing mark, which may stand after the end of a sentence."""
        found: Flags = self.text & np.array([all(char in CLOSERS for char in token) for token in self.tokens])
        return found

    @cached_property
    def letters(self) -> npt.NDArray[np.int64]:
        """(V,) how many characters a token has, without spaces."""
        found = np.array([len(token.lstrip(SPACE)) for token in self.tokens])
        found[: len(MARKS)] = 0
        return found


def plain(line: str) -> str:
    """A line as it is spelled: composed characters, single spaces, no mark of ours."""
    return " ".join(unicodedata.normalize("NFC", line).replace(SPACE, " ").split())
