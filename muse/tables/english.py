"""How English words are spoken: every reading, its stress and its rime; rules for words that the dictionary lacks.

Source: `english.txt` beside this file, written for muse (CC0), and `english.bin`, made by
`corpora/make_pronunciations.py` from the CMU Pronouncing Dictionary, (c) 1993-2015 Carnegie Mellon University,
BSD-2-Clause, see `english.LICENSE`.

A phone is one character of a code: consonants are small letters, a vowel with its stress is a character before "N".
"""

from __future__ import annotations

import zlib
from bisect import bisect_left
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

_CONSONANTS = "B CH D DH F G HH JH K L M N NG P R S SH T TH V W Y Z ZH"
_VOWELS = "AA AE AH AO AW AY EH ER EY IH IY OW OY UH UW"
CODE = {name: chr(ord("a") + index) for index, name in enumerate(_CONSONANTS.split())} | {
    f"{name}{stress}": chr(ord("!") + 3 * index + stress)
    for index, name in enumerate(_VOWELS.split())
    for stress in range(3)
}
PHONE = {code: name for name, code in CODE.items()}
_PLAIN = str.maketrans({code: CODE[name[:-1] + "0"] for code, name in PHONE.items() if name[-1].isdigit()})
Source = Literal["dictionary", "rule", "guess"]


@dataclass(frozen=True, slots=True)
class Pronunciation:
    """One way to say a word.

    Attributes:
        code: one character a phone.
        source: "dictionary"; "rule", made from a word of the dictionary; "guess", by the letters alone.
    """

    code: str
    source: Source = "dictionary"

    @property
    def phones(self) -> tuple[str, ...]:
        """The phones in ARPAbet."""
        return tuple(PHONE[char] for char in self.code)

    @property
    def stress(self) -> str:
        """A digit a syllable: 1 primary, 2 secondary, 0 none."""
        return "".join(str((ord(char) - ord("!")) % 3) for char in self.code if char < "N")

    @property
    def rime(self) -> str:
        """The code from the vowel of the last primary stress on, without stress: words with equal ones rhyme."""
        return self.code[self._head :].translate(_PLAIN)

    @property
    def tail(self) -> str:
        """The code from the last vowel on, without stress: what a promoted last syllable rhymes by."""
        last = max((at for at, char in enumerate(self.code) if char < "N"), default=0)
        return self.code[last:].translate(_PLAIN)

    @property
    def onset(self) -> str:
        """The consonants right before the rime; equal rimes with equal onsets are no rhyme but a repetition."""
        head = self._head
        start = head
        while start and self.code[start - 1] >= "N":
            start -= 1
        return self.code[start:head]

    @property
    def _head(self) -> int:
        vowels = [at for at, char in enumerate(self.code) if char < "N"]
        for wanted in (1, 2):
            strong = [at for at in vowels if (ord(self.code[at]) - ord("!")) % 3 == wanted]
            if strong:
                return strong[-1]
        return vowels[-1] if vowels else 0


@cache
def _table() -> tuple[list[str], list[str]]:
    packed = Path(__file__).with_name("english.bin").read_bytes()
    words, _, readings = zlib.decompress(packed).decode("ascii").partition("\0")
    return words.split("\n"), readings.split("\n")


def words() -> list[str]:
    """Every word of the dictionary, sorted."""
    return _table()[0]


def listed(word: str) -> tuple[str, ...]:
    """The codes of a word in small letters, as the dictionary has them; () where it lacks the word."""
    known, readings = _table()
    at = bisect_left(known, word)
    return tuple(readings[at].split(" ")) if at < len(known) and known[at] == word else ()


@cache
def pronunciations(word: str) -> tuple[Pronunciation, ...]:
    """Every reading of a word: of the dictionary, else by rule; () where neither knows it.

    >>> [" ".join(reading.phones) for reading in pronunciations("wind")]
    ['W AY1 N D', 'W IH1 N D']
    >>> pronunciations("whispereth")[0].stress, pronunciations("whispereth")[0].source
    ('100', 'rule')
    """
    key = word.lower().replace("’", "'")
    if found := _known(key):
        return tuple(Pronunciation(code) for code in found)
    return tuple(Pronunciation(code, "rule") for code in dict.fromkeys(_made(key, 2)))


@cache
def guessed(word: str) -> tuple[Pronunciation, ...]:
    """Every reading of a word, by its letters alone where neither dictionary nor rule knows it; () for no word.

    >>> [(reading.source, " ".join(reading.phones)) for reading in guessed("gloomth")]
    [('guess', 'G L UW1 M TH')]
    """
    if found := pronunciations(word):
        return found
    from muse.tables.english_letters import letters

    code = settled(letters().said(word.lower().replace("’", "").replace("'", "")))
    return (Pronunciation(code, "guess"),) if any(char < "N" for char in code) else ()


def settled(code: str) -> str:
    """The code with one primary stress: on the first vowel where there is none, and none after the first."""
    vowels = [at for at, char in enumerate(code) if char < "N"]
    main = next((at for at in vowels if PHONE[code[at]].endswith("1")), vowels[0] if vowels else -1)
    degree = {at: "1" if at == main else PHONE[code[at]][-1].replace("1", "2") for at in vowels}
    return "".join(CODE[PHONE[char][:-1] + degree[at]] if at in degree else char for at, char in enumerate(code))


def _code(phones: str) -> str:
    return "".join(CODE[phone] for phone in phones.split())


@cache
def section(name: str) -> tuple[tuple[str, str], ...]:
    """The lines of a part of `english.txt`, each as its first word and the rest."""
    text = Path(__file__).with_name("english.txt").read_text(encoding="utf-8")
    _, _, rest = text.partition(f"\n[{name}]\n")
    lines = (line.partition(" ") for line in rest.partition("\n[")[0].splitlines() if line)
    return tuple((first, more) for first, _, more in lines)


@cache
def listing(name: str) -> frozenset[str]:
    """All words of a part of `english.txt`."""
    return frozenset(word for first, more in section(name) for word in (first, *more.split()))


_UNVOICED, _HISSING = _code("F K P S SH T TH CH"), _code("S Z SH ZH CH JH")
_S, _Z, _T, _D = (_code(phone) for phone in "SZTD")
_ALSO, _ONLY = (
    {word: tuple(map(_code, readings.split(" / "))) for word, readings in section(name)}
    for name in ("readings", "only")
)
_ENDINGS = dict(section("endings"))
_HEADS = {head: _code(phones) for head, phones in section("heads")}
_RESPELT = section("respelt")


def _known(word: str) -> tuple[str, ...]:
    return _ONLY.get(word) or tuple(dict.fromkeys(listed(word) + _ALSO.get(word, ())))


def _made(word: str, depth: int) -> tuple[str, ...]:
    """Codes of a word that is absent: ending, head, spelling, then compound; () where no rule fits."""
    for ending in sorted(_ENDINGS, key=len, reverse=True):
        stem = word.removesuffix(ending)
        if stem != word and len(stem) >= 2:
            for base in _stems(stem, ending):
                codes = _known(base) or (_made(base, depth - 1) if depth > 1 and len(base) > 3 else ())
                if codes:
                    return tuple(_ended(code, ending) for code in codes)
    for head, phones in _HEADS.items():
        if word.startswith(head) and len(word) - len(head) >= 3 and (codes := _known(word[len(head) :])):
            return tuple(phones + code for code in codes)
    for old, new in _RESPELT:
        if old in word and len(word) > 2 and (codes := _known(word.replace(old, new))):
            return _elided(codes) if old == "'" else codes
    for cut in sorted(range(3, len(word) - 2), key=lambda cut: abs(2 * cut - len(word))):
        first, second = _known(word[:cut]), _known(word[cut:])
        if first and second and {word[:cut], word[cut:]} & listing("parts"):
            return tuple(first[0] + _weakened(code) for code in second)
    return ()


def _stems(stem: str, ending: str) -> list[str]:
    """What a word may be without its ending: as it stands, with e, with y for i, without a doubled letter."""
    found = [stem]
    if ending[0] in "aei'" or ending == "y":
        found.insert(0, stem + "e") if ending[0] != "'" else found.append(stem + "e")
    if stem.endswith("i"):
        found.append(stem[:-1] + "y")
    if len(stem) > 3 and stem[-1] == stem[-2]:
        found.append(stem[:-1])
    if ending in ("d", "st"):
        found = [stem] if stem.endswith("e") else []
    return found


def _ended(code: str, ending: str) -> str:
    said = _ENDINGS[ending]
    if said in ("{D}", "{d}"):
        if code[-1] in _T + _D:
            return code + _code("IH0 D")
        return code + (_T if code[-1] in _UNVOICED else _D)
    if said == "{Z}":
        if code[-1] in _HISSING:
            return code + _code("IH0 Z")
        return code + (_S if code[-1] in _UNVOICED else _Z)
    return code + _code(said)


def _weakened(code: str) -> str:
    """The second half of a compound: primary stress becomes secondary."""
    return "".join(CODE[PHONE[char][:-1] + "2"] if PHONE[char].endswith("1") else char for char in code)


def _elided(codes: tuple[str, ...]) -> tuple[str, ...]:
    """Codes of a word written with an apostrophe for a vowel: its weakest inner vowel falls silent."""
    short = []
    for code in codes:
        weak = [at for at, char in enumerate(code) if char < "N" and (ord(char) - ord("!")) % 3 == 0]
        short.append(code[: weak[0]] + code[weak[0] + 1 :] if weak else code)
    return tuple(short)
