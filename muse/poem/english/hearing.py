"""How the judge of English verse hears a line: readings of words, the fall of the beat, rhyme.

It shares the dictionary with the generator, but no rule and no code; see `muse.poem.english.referee`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

from muse.tables.english import guessed, listing
from muse.terms import Kept

_WORD = re.compile(r"'?[a-z]+(?:'[a-z]+)*'?|\d+")
_ARTICLES = ("a", "an", "the")
IAMBIC, TRIPLE, COUNTED, LOOSE = "iambic", "triple", "counted", "free"
LONGEST_WORD = 40
Beats = tuple[bool | None, ...]
"""A line's syllables: True on the beat, False off it, None either."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """One way to say a word: vowels and consonants in ARPAbet, and whether it is more than a guess."""

    phones: tuple[str, ...]
    sure: bool

    @property
    def stresses(self) -> list[int]:
        return [int(phone[-1]) for phone in self.phones if phone[-1].isdigit()]

    @property
    def lifts(self) -> bool:
        """Whether the meter can lift the last syllable: it does not follow the primary stress."""
        return self.stresses[-1:] == [2] or (len(self.stresses) > 2 and self.stresses[-2:] == [0, 0])

    def sound(self, primary: bool) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """(what is before, what rhymes): from the last primary stress on, or from the last vowel."""
        heads = [at for at, phone in enumerate(self.phones) if phone[-1].isdigit()]
        stressed = [at for at in heads if self.phones[at][-1] == "1"]
        at = stressed[-1] if primary and stressed else heads[-1] if heads else 0
        begin = at
        while begin > 0 and not self.phones[begin - 1][-1].isdigit():
            begin -= 1
        return self.phones[begin:at], tuple(phone.rstrip("012") for phone in self.phones[at:])


def words(line: str) -> list[str]:
    """The words of a line in small letters; hyphens and dashes part them.

    >>> words("O'er the snow-white hill—'tis I!")
    ["o'er", 'the', 'snow', 'white', 'hill', "'tis", 'i']
    """
    low = line.lower().replace("’", "'").replace("‘", "'").replace("æ", "ae").replace("œ", "oe")
    if not low.isascii():
        low = "".join(char for char in unicodedata.normalize("NFKD", low) if not unicodedata.combining(char))
    return _WORD.findall(low)


@lru_cache(maxsize=1 << 16)
def spoken(word: str) -> tuple[Spoken, ...]:
    """Every way to say a word; that without its outer apostrophes where it is not known with them; () for none."""
    if len(word) > LONGEST_WORD or word[0].isdigit():
        return ()
    known = [said for form in dict.fromkeys((word, word.strip("'"))) if (said := guessed(form))]
    best = next((said for said in known if said[0].source != "guess"), known[0] if known else ())
    return tuple(Spoken(said.phones, said.source != "guess") for said in best)


def scan(line: str, kind: str, size: int) -> Kept:
    """Whether a line has the meter: kind and beats (or syllables), see RULES."""
    if kind == LOOSE:
        return True
    said = [(word, spoken(word)) for word in words(line)]
    if not all(readings for _, readings in said):
        return False
    verdicts = {_walk(said, beats)[0] for beats in _courses(kind, size)}
    return True if True in verdicts else "depends" if "depends" in verdicts else False


def broken(line: str, kind: str, size: int) -> str:
    """Where a line breaks the meter, in words; of the ways in which it may fall, the one that goes furthest.

    >>> broken("Mountains and the sea are breaking on shores", "iambic", 5)
    "syllable 4, 'the': an article on the beat"
    """
    said = [(word, spoken(word)) for word in words(line)]
    if mute := next((word for word, readings in said if not readings), ""):
        return f"{mute!r} cannot be said"
    courses = list(_courses(kind, size))
    least, most = (sum(pick(len(one.stresses) for one in readings) for _, readings in said) for pick in (min, max))
    lengths = sorted({len(beats) for beats in courses})
    if all(not least <= length <= most for length in lengths):
        heard = str(least) if least == most else f"{least} to {most}"
        return f"{heard} syllables where {' or '.join(map(str, lengths))} are asked"
    reached, filled, wanted = max(_walk(said, beats)[1] for beats in courses)
    if reached == len(said):
        return f"{filled} syllables where {wanted} are asked"
    word = said[reached][0]
    what = "an article on" if word in _ARTICLES else "its stress falls off, or there is no room for it on"
    return f"syllable {filled + 1}, {word!r}: {what} the beat"


def chime(one: str, other: str) -> Kept:
    """Whether two words rhyme perfectly."""
    if one == other:
        return False
    pairs = list(product(spoken(one), spoken(other)))
    right = [_perfect(a.sound(True), b.sound(True)) for a, b in pairs]
    if pairs and all(right):
        return True if all(a.sure and b.sure for a, b in pairs) else "depends"
    lifted = any(
        _perfect(a.sound(not a.lifts), b.sound(not b.lifts)) or _perfect(a.sound(True), b.sound(not b.lifts))
        or _perfect(a.sound(not a.lifts), b.sound(True))
        for a, b in pairs
    )  # fmt: skip
    return "depends" if any(right) or lifted else False


def _perfect(one: tuple[tuple[str, ...], ...], other: tuple[tuple[str, ...], ...]) -> bool:
    return one[1] == other[1] and one[0] != other[0]


def _courses(kind: str, size: int) -> Iterator[Beats]:
    """Every way the beats of a line may fall."""
    if kind == COUNTED:
        yield (None,) * size
        return
    off, on = (False,), (True,)
    if kind == IAMBIC:
        openings: list[Beats] = [off + on, on + off]
        rest: Beats = (off + on) * (size - 1)
    else:
        openings = [off + on, off + off + on]
        rest = (off + off + on) * (size - 1)
    for opening in openings:
        yield opening + rest
        yield opening + rest + off


def _walk(said: Sequence[tuple[str, tuple[Spoken, ...]]], beats: Beats) -> tuple[Kept, tuple[int, int, int]]:
    """Whether the words fill these beats, for every reading, for some, for none; (words, syllables, beats) it went."""
    reached, always = {0}, True
    for number, (word, readings) in enumerate(said):
        ways = [(at, reading, _carries(word, reading.stresses, beats[at : at + len(reading.stresses)]))
                for at in reached for reading in readings]  # fmt: skip
        before = max(reached)
        always &= all(good and reading.sure for _, reading, good in ways)
        reached = {at + len(reading.stresses) for at, reading, good in ways if good}
        always &= len(reached) == 1
        if not reached:
            return False, (number, before, len(beats))
    far = (len(said), max(reached), len(beats))
    if len(beats) not in reached:
        return False, far
    return (True if always else "depends"), far


def _carries(word: str, stresses: Sequence[int], beats: Sequence[bool | None]) -> bool:
    if len(beats) < len(stresses):
        return False
    if len(stresses) == 1:
        return not (beats[0] and word in _ARTICLES)
    for at, (stress, beat) in enumerate(zip(stresses, beats, strict=True)):
        near = stresses[max(at - 1, 0) : at + 2]
        if (beat is False and stress == 1) or (beat is True and stress == 0 and 1 in near):
            return False
    return True


def fall(line: str, kind: str, size: int) -> list[tuple[str, Beats]]:
    """Each word of a line with the beats that its syllables carry where the line has the meter; else its own stresses.

    >>> fall("The ploughman homeward plods", "iambic", 3)
    [('the', (False,)), ('ploughman', (True, False)), ('homeward', (True, False)), ('plods', (True,))]
    """
    said = [(word, spoken(word)) for word in words(line)]
    for beats in _courses(kind, size) if kind in (IAMBIC, TRIPLE) else ():
        ways: dict[int, list[tuple[str, Beats]]] = {0: []}
        for word, readings in said:
            ways = {
                at + len(reading.stresses): [*before, (word, beats[at : at + len(reading.stresses)])]
                for at, before in ways.items()
                for reading in readings
                if _carries(word, reading.stresses, beats[at : at + len(reading.stresses)])
            }
        if len(beats) in ways:
            return ways[len(beats)]
    small = listing("small")
    stresses = [(word, readings[0].stresses if readings else []) for word, readings in said]
    return [
        (word, tuple(one > 0 and (len(found) > 1 or word not in small) for one in found)) for word, found in stresses
    ]
