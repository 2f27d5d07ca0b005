"""The tokens of an English poem model: marks for the prefix, punctuation, whole words, and pieces for rare words.

A word is either one token, or a beginning (a word or a beginning piece) and then inner pieces, written with "##".
So a token that is not an inner piece tells where a word begins, and a line ends on a whole word in either direction.
A word that mostly has a capital inside lines (God, England) is a token with it; CAPITAL stands before any other.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from muse.errors import BundleError
from muse.poem.english.text import CAPITAL, HYPHEN, MARKS, capitalised, parts, rendered
from muse.tables.english import section

PAD, BEGIN, SEPARATOR, BREAK, STANZA, END, KEY, TITLE = range(8)
FORMS = ("sonnet", "ballad", "limerick", "couplets", "quatrains", "blank", "free", "verse")
SCHEMES = (
    "shakespearean",
    "petrarchan",
    "AABB",
    "ABAB",
    "ABBA",
    "ABCB",
    "AABBA",
    "AAAA",
    "AAA",
    "ABA",
    "other",
    "none",
)
FEET = ("iambic", "trochaic", "triple", "loose")
LENGTHS = ("2", "3", "4", "5", "6", "7", "4-3", "mixed")
ERAS = ("1700", "1800", "1850", "1900")
MOODS = ("+valence", "-valence", "+energy", "-energy")
THEMES = tuple(theme for theme, _ in section("themes"))
FIXED = (
    "<pad>", "<begin>", "<separator>", "<break>", "<stanza>", "<end>", "<key>", "<title>",
    *(f"<form:{name}>" for name in FORMS),
    *(f"<scheme:{name}>" for name in SCHEMES),
    *(f"<feet:{name}>" for name in FEET),
    *(f"<length:{name}>" for name in LENGTHS),
    *(f"<era:{name}>" for name in ERAS),
    *(f"<mood:{name}>" for name in MOODS),
    *(f"<theme:{name}>" for name in THEMES),
    CAPITAL, HYPHEN, *MARKS,
)  # fmt: skip
LETTERS = "abcdefghijklmnopqrstuvwxyz'"
INNER = "##"


@dataclass(frozen=True)
class Vocabulary:
    """Every token of a model by its id: FIXED, authors as <author:…>, letters, words, inner pieces, beginning pieces.

    >>> vocabulary = Vocabulary.of({"the": 9, "sea": 5, "god": 3}, {"god"}, size=0, pieces=0)
    >>> vocabulary.decode(vocabulary.encode("The seas of God"))
    'The seas of God'
    """

    tokens: tuple[str, ...]

    def __post_init__(self) -> None:
        letters = {INNER + letter for letter in LETTERS}
        if (
            self.tokens[: len(FIXED)] != FIXED
            or len(set(self.tokens)) != len(self.tokens)
            or letters - set(self.tokens)
        ):
            raise BundleError("not a vocabulary of English poems", "its marks differ from those of this muse")

    @classmethod
    def of(
        cls, count: Mapping[str, int], capital: Collection[str], size: int, pieces: int, authors: Iterable[str] = ()
    ) -> Vocabulary:
        """The commonest words, and pieces learned from the others.

        Args:
            count: how often each word (in small letters) stands in the corpus.
            capital: the words that mostly have a capital inside lines.
            size: V in all; words fill what marks and pieces leave. 0 takes every word.
            pieces: how many pieces beside the single letters.
            authors: who have a mark of their own.
        """
        head = [*FIXED, *(f"<author:{name}>" for name in authors), *LETTERS, *(INNER + letter for letter in LETTERS)]
        order = sorted(count, key=lambda word: (-count[word], word))
        kept = order[: size - len(head) - pieces] if size else order
        words = [capitalised(word) if word in capital else word for word in kept]
        words = [word for word in words if word not in LETTERS]
        rare = {word: count[word] for word in order[len(kept) :]}
        learned = _learned(rare, pieces, {*head, *kept}) if pieces else []
        return cls((*head, *words, *learned))

    def __len__(self) -> int:
        return len(self.tokens)

    @cached_property
    def ids(self) -> dict[str, int]:
        return {token: number for number, token in enumerate(self.tokens)}

    @property
    def authors(self) -> tuple[str, ...]:
        return tuple(token[8:-1] for token in self.tokens if token.startswith("<author:"))

    @cached_property
    def first(self) -> int:
        """The id of the first token that spells something: punctuation."""
        return self.ids[CAPITAL]

    def mark(self, kind: str, name: str) -> int | None:
        """The id of a mark such as ("form", "sonnet"), or None where there is none."""
        return self.ids.get(f"<{kind}:{name}>")

    def inner(self, token: int) -> bool:
        """Whether a token goes on with the word that the one before it, in reading order, began."""
        return self.tokens[token].startswith(INNER)

    @cached_property
    def words(self) -> tuple[int, ...]:
        """The tokens that are whole words: neither marks nor pieces nor letters, but for a and o."""
        longer = (at for at, token in enumerate(self.tokens) if token.startswith(INNER) and len(token) > len(INNER) + 1)
        kept = range(self.first, next(longer, len(self)))
        no_word = {CAPITAL, HYPHEN, *MARKS, *LETTERS} - {"a", "o"}
        return tuple(at for at in kept if self.tokens[at][0] not in "<#" and self.tokens[at] not in no_word)

    @cached_property
    def _spelt(self) -> dict[str, tuple[int, ...]]:
        return {}

    def spell(self, word: str, capital: bool, head: bool) -> tuple[int, ...]:
        """The tokens of a word in small letters, in reading order.

        Args:
            capital: it has a capital inside the line.
            head: it is the first of its line, where a capital means nothing.
        """
        ids = self.ids
        if capital or head:
            named = capitalised(word)
            if named != word and named in ids:
                return (ids[named],)
        pieces = self._pieces(word)
        return (ids[CAPITAL], *pieces) if capital else pieces

    def encode(self, line: str) -> list[int]:
        """The tokens of a line in reading order; [] where it holds what is no verse."""
        return self.encode_parts(parts(line) or [])

    def encode_parts(self, found: Sequence[str]) -> list[int]:
        """The same for the parts of a line; see `muse.poem.english.text.parts`."""
        out: list[int] = []
        capital, ids = False, self.ids
        for index, part in enumerate(found):
            if part == CAPITAL:
                capital = True
            elif part == HYPHEN or part in MARKS:
                out.append(ids[part])
            else:
                out += self.spell(part, capital, index == 0)
                capital = False
        return out

    def decode(self, tokens: Iterable[int]) -> str:
        """The line of tokens in reading order; marks of the prefix are left out."""
        found: list[str] = []
        for token in tokens:
            text = self.tokens[token]
            if text.startswith(INNER):
                if found:
                    found[-1] += text[2:]
            elif token >= self.first and not text.startswith("<"):
                found.append(text)
        return rendered(found)

    def _pieces(self, word: str) -> tuple[int, ...]:
        """A word in small letters: one token, or the longest beginning and then the longest pieces."""
        if word in self._spelt:
            return self._spelt[word]
        ids, at, out = self.ids, 0, []
        while at < len(word):
            mark = INNER if at else ""
            end = next(end for end in range(len(word), at, -1) if mark + word[at:end] in ids)
            out.append(ids[mark + word[at:end]])
            at = end
        self._spelt[word] = tuple(out)
        return self._spelt[word]


def _learned(rare: Mapping[str, int], pieces: int, taken: set[str]) -> list[str]:
    """Pieces for the words that are no tokens, by byte-pair merges weighted by how often each word stands."""
    from tokenizers import Tokenizer
    from tokenizers.models import WordPiece
    from tokenizers.trainers import WordPieceTrainer

    usual = {word: max(1, round(number**0.75)) for word, number in rare.items()}
    trainer = WordPieceTrainer(vocab_size=4 * pieces + 200, show_progress=False, limit_alphabet=200)
    tokenizer = Tokenizer(WordPiece(unk_token="?"))
    tokenizer.train_from_iterator((word for word, number in usual.items() for _ in range(number)), trainer)
    order = sorted(tokenizer.get_vocab().items(), key=lambda item: item[1])
    new = [
        piece for piece, _ in order if piece not in taken and len(piece.removeprefix(INNER)) > 1 and piece not in rare
    ]
    return sorted(new[:pieces], key=lambda piece: not piece.startswith(INNER))
