"""From the words of a theme to a Theme and a Mood, in Chinese and English.

How a text is read:

1. Control characters, marks that turn the direction of writing, private and lone surrogate code points go; a
   compatibility form (full-width letters) and a traditional character are looked up as their plain, simplified form.
2. Chinese: the longest word of the lexicon that starts at each place. English: the longest phrase of up to four
   words, a word as written or without its ending (-s, -ed, -ing, -ly, -ness …). Emoji: the word they stand for.
3. A word after "no", "without", 不, 无 … counts minus one half and lends no imagery; "very", 极 … count three
   halves, "slightly", 微 … one half.
4. Mood = sum of the words' moods / √(number of concepts), each axis cut to [−1, 1]: words that agree add up, a
   longer theme does not fade to nothing. A word that is not known changes nothing and is named in the notes.

Source: `lexicon.txt` and `themes.json` beside this file, written for muse, CC0.
"""

from __future__ import annotations

import json
import math
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from muse.errors import UsageError
from muse.tables.han import HAN
from muse.tables.simplified import simplify
from muse.tables.words import AXES, Concept, Match, find, lexicon
from muse.terms import Language, Mood, Theme

LONGEST = 10_000


@dataclass(frozen=True, slots=True)
class Reading:
    """What was understood of a theme.

    Attributes:
        notes: one sentence for each thing that was left out or not known.
        labels: the themes of classical verse it touches (送别, 边塞 …), as in the Tang–Song set.
    """

    theme: Theme
    mood: Mood
    notes: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()

    def explain(self) -> str:
        """The reading in one line, for people.

        >>> interpret("autumn").explain()
        'autumn (秋): valence −0.30, energy −0.30, tension +0.10, warmth −0.20, density −0.30; autumn'
        """
        words = ", ".join(self.theme.words) or self.theme.text[:40]
        images = "" if self.theme.language == "zh" else " ".join(self.theme.zh[:6])
        moods = ", ".join(
            f"{axis} {value:+.2f}".replace("-", "−") for axis, value in self.mood.as_dict().items() if value
        )
        season = f"; {self.theme.season}" if self.theme.season else ""
        return words + (f" ({images})" if images else "") + f": {moods or 'neutral'}{season}"


def concepts() -> tuple[Concept, ...]:
    """Every concept of the lexicon, in the order of the file."""
    return lexicon().concepts


def clean(text: str) -> str:
    """The text without control, direction, private, surrogate and unassigned characters, spaces drawn together.

    >>> clean("  autumn \\t\\u202e river\\x00 ")
    'autumn river'
    """
    kept: list[str] = []
    marks = 0
    for char in unicodedata.normalize("NFC", text):
        kind = unicodedata.category(char)
        marks = marks + 1 if kind in ("Mn", "Me") else 0
        if char in "\t\n\v\f\r\x85" or kind in ("Zs", "Zl", "Zp"):
            kept.append(" ")
        elif kind[0] != "C" and marks <= 2 and not "\ufe00" <= char <= "\ufe0f":
            kept.append(char)
    return " ".join("".join(kept).split())


def labels(text: str) -> tuple[str, ...]:
    """The themes of classical verse whose trigger words stand in a Chinese text.

    >>> labels("渭城送别")
    ('送别',)
    """
    plain = simplify(text)
    return tuple(label for label, words in triggers().items() if any(word in plain for word in words))


@cache
def triggers() -> dict[str, list[str]]:
    """Theme of classical verse → the words that point to it."""
    loaded: dict[str, list[str]] = json.loads(Path(__file__).with_name("themes.json").read_text(encoding="utf-8"))
    return loaded


def interpret(text: str) -> Reading:
    """The theme and mood of a text in Chinese, English or both.

    Raises:
        UsageError: nothing is left of the text once it is cleaned, or it is longer than 10,000 characters.

    >>> reading = interpret("秋江夜泊")
    >>> reading.theme.words, reading.theme.season, reading.mood.energy < 0
    (('秋江', '夜泊'), 'autumn', True)
    >>> interpret("autumn river").theme.zh
    ('秋江',)
    >>> interpret("blorf").notes
    ('"blorf" is not in the lexicon: neutral mood',)
    """
    if len(text) > LONGEST:
        raise UsageError(
            "the theme is too long", f"it has {len(text):,} characters, the most is {LONGEST:,}", "shorten it"
        )
    shown = clean(text)
    if not shown:
        raise UsageError(
            "the theme is empty", "no printable character is left of it", 'give a word, such as "秋江夜泊"'
        )
    plain = simplify(unicodedata.normalize("NFKC", shown))
    matches, unknown = find(plain)
    notes = []
    if unknown:
        notes.append(f"{_listed(unknown)} not in the lexicon: {'no effect on the' if matches else 'neutral'} mood")
    elif not matches:
        notes.append("no word of the theme is in the lexicon: neutral mood")
    if any(not char.isspace() and not clean(char) for char in set(text) - set(shown)):
        notes.append("characters that cannot be printed were left out of the theme")
    return Reading(_theme(shown, matches), _mood(matches), tuple(notes), labels(plain))


def _theme(shown: str, matches: Sequence[Match]) -> Theme:
    han = len("".join(HAN.findall(shown)))
    letters = sum(char.isalpha() for char in shown) - han
    language: Language = "zh" if han and han * 3 >= letters else "en" if letters > 0 else "none"
    zh: dict[str, None] = {}
    en: dict[str, None] = {}
    for match in sorted(matches, key=lambda match: -match.strength):
        if match.weight > 0:
            chinese = (match.word,) if HAN.match(match.word) else ()
            zh.update(dict.fromkeys((*chinese, *match.concept.keywords)))
            en[match.concept.en[0].replace("_", " ") if chinese else match.word] = None
    seasons = [match.concept.season for match in matches if match.concept.season and match.weight > 0]
    season = max(seasons, key=seasons.count) if seasons else ""
    return Theme(shown, language, tuple(dict.fromkeys(match.word for match in matches)), tuple(zh), tuple(en), season)


def _mood(matches: Sequence[Match]) -> Mood:
    weights: dict[int, tuple[Concept, float]] = {}
    for match in matches:
        weights.setdefault(id(match.concept), (match.concept, match.weight))
    scale = math.sqrt(max(1, len(weights)))
    sums = [sum(getattr(concept.mood, axis) * weight for concept, weight in weights.values()) for axis in AXES]
    return Mood(*(total / scale for total in sums))


def _listed(words: Sequence[str]) -> str:
    shown = ", ".join(f'"{word[:24]}"' for word in words[:5])
    more = len(words) - 5
    return f"{shown} and {more} more are" if more > 0 else shown + (" are" if len(words) > 1 else " is")
