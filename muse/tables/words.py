"""The words of the theme lexicon, and how they are found in a text: longest match, English endings, denials.

Source: `lexicon.txt` beside this file, written for muse, CC0.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from muse.tables.han import HAN
from muse.terms import Mood

AXES = ("valence", "energy", "tension", "warmth", "density")
_TOKEN = re.compile(HAN.pattern + r"|[^\W\d_]+(?:['’][^\W\d_]+)*|\d+|[^\w\s]")
_WEIGHTS = {"deny": -0.5, "more": 1.5, "less": 0.5}
_ENDINGS = (
    "'s:", "ies:y", "es:", "s:", "ied:y", "ed:e", "ed:", "ing:", "ing:e", "iness:y", "ness:", "ily:y", "ly:", "ier:y",
    "er:", "est:", "ful:", "less:", "y:", "y:e",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Concept:
    """One line of the lexicon.

    Attributes:
        zh, en: its words; the first of each stands for it.
        mood: what it adds.
        season: "spring", "summer", "autumn", "winter" or "".
        keywords: Chinese imagery for a theme in English.
    """

    zh: tuple[str, ...]
    en: tuple[str, ...]
    mood: Mood
    season: str
    keywords: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The file, read.

    Attributes:
        index: word → its concept; the words of an English phrase are joined by "_".
        emoji: emoji → the English word it stands for.
        factors: a word that weighs the one after it → its factor.
        small: English words that say nothing by themselves; particles: Chinese characters of that kind.
        longest: characters of the longest Chinese word.
    """

    concepts: tuple[Concept, ...]
    index: dict[str, Concept]
    emoji: dict[str, str]
    factors: dict[str, float]
    small: frozenset[str]
    particles: str
    longest: int


@dataclass(frozen=True, slots=True)
class Match:
    """A known word in a text, its concept and what it counts (1, or more, less, denied)."""

    word: str
    concept: Concept
    weight: float

    @property
    def strength(self) -> float:
        return abs(self.weight) * sum(abs(value) for value in self.concept.mood.as_dict().values())


@cache
def lexicon() -> Lexicon:
    """The lexicon, read once."""
    found: list[Concept] = []
    index: dict[str, Concept] = {}
    emoji: dict[str, str] = {}
    lists: dict[str, list[str]] = defaultdict(list)
    for line in Path(__file__).with_name("lexicon.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("@ "):
            _, sign, word = line.split()
            emoji[sign] = word
        elif line.startswith("% "):
            _, name, *words = line.split()
            lists[name] += words
        elif line and line[0] not in "#[":
            zh, en, mood, season, keywords = (part.strip() for part in line.split("|"))
            chinese, english = tuple(zh.split()), tuple(en.replace("-", "_").split())
            tenths = Mood(*(int(axis) / 10 for axis in mood.split()))
            found.append(Concept(chinese, english, tenths, season.strip("-"), tuple(keywords.split()) or chinese[:1]))
            for word in chinese + english:
                index.setdefault(word, found[-1])
    factors = {word: factor for name, factor in _WEIGHTS.items() for word in lists[name]}
    longest = max(len(word) for concept in found for word in concept.zh)
    return Lexicon(tuple(found), index, emoji, factors, frozenset(lists["small"]), "".join(lists["particles"]), longest)


def find(plain: str) -> tuple[list[Match], list[str]]:
    """The known words of a text in simplified script, in order, and the unknown ones, each once."""
    words = lexicon()
    tokens = [token.replace("’", "'") for token in _TOKEN.findall(plain.lower())]
    matches: list[Match] = []
    unknown: dict[str, None] = {}
    weight, reach, at = 1.0, 0, 0
    while at < len(tokens):
        token = tokens[at]
        if HAN.match(token):
            _find_chinese(token, matches, unknown)
            weight, at = 1.0, at + 1
            continue
        count, word = _phrase(tokens, at) if token not in words.emoji else (1, words.emoji[token])
        if word:
            matches.append(Match(word.replace("_", " "), words.index[word], weight))
            weight = 1.0
        elif token in words.factors:
            weight, reach = weight * words.factors[token], at + 3
        elif token[0].isalpha() and token not in words.small:
            unknown[token] = None
        at += count
        if at > reach:
            weight = 1.0
    return matches, list(unknown)


def _find_chinese(run: str, matches: list[Match], unknown: dict[str, None]) -> None:
    """The same for a run of Chinese characters: the longest word at each place."""
    words = lexicon()
    weight, at, lost = 1.0, 0, ""
    while at < len(run):
        lengths = range(min(words.longest, len(run) - at), 0, -1)
        known = (run[at : at + length] for length in lengths)
        word = next((word for word in known if word in words.index or word in words.factors), "")
        if word in words.index:
            matches.append(Match(word, words.index[word], weight))
            weight = 1.0
        elif word:
            weight *= words.factors[word]
        else:
            lost += run[at]
        at += len(word) or 1
        if word or at == len(run):
            if lost := lost.strip(words.particles):
                unknown[lost] = None
            lost = ""


def _phrase(tokens: list[str], at: int) -> tuple[int, str]:
    """How many tokens from `at` the longest known phrase takes, and the phrase as the lexicon has it."""
    words = lexicon()
    parts: list[str] = []
    taken: list[int] = []
    for place in range(at, min(at + 8, len(tokens))):
        if tokens[place] == "-" and parts:
            continue
        if not tokens[place][0].isalpha() or HAN.match(tokens[place]):
            break
        parts.append(tokens[place])
        taken.append(place - at + 1)
    for count in range(min(4, len(parts)), 0, -1):
        if count == 1 and parts[0] in words.small:
            break
        head = "".join(part + "_" for part in parts[: count - 1])
        for last in _stems(parts[count - 1]):
            if head + last in words.index:
                return taken[count - 1], head + last
    return 1, ""


def _stems(word: str) -> list[str]:
    """The word, then what it may come from.

    >>> _stems("stopped")
    ['stopped', 'stoppe', 'stopp', 'stop']
    """
    found = {word: None}
    for rule in _ENDINGS:
        ending, put = rule.split(":")
        stem = word.removesuffix(ending)
        if stem != word and len(stem) >= 3:
            found[stem + put] = None
            if not put and stem[-1] == stem[-2]:
                found[stem[:-1]] = None
    return list(found)
