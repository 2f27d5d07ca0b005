"""Which language a corpus is in, as its letters tell it."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

SAMPLE = 2000
"""Letters of a text that are looked at."""
CODES = {
    "CJK": "zh", "HIRAGANA": "ja", "KATAKANA": "ja", "HANGUL": "ko", "CYRILLIC": "ru", "ARABIC": "ar", "GREEK": "el",
    "HEBREW": "he", "DEVANAGARI": "hi", "BENGALI": "bn", "TAMIL": "ta", "TELUGU": "te", "THAI": "th",
    "GEORGIAN": "ka", "ARMENIAN": "hy", "LATIN": "und-Latn",
}  # fmt: skip
"""The code of the language that most texts in a script are in; Latin letters tell none."""
TELLING = {"ru": ("uk", "іїєґ"), "ar": ("fa", "پچژگ")}
"""Letters that only another language in the same script has."""
ENGLISH = frozenset(re.findall(r"\w+", "the and of to in a that with is his my her thy for on from as by but not"))
LEAST = 0.12
"""The share of these words among the words of English."""


def script_of(text: str) -> str:
    """The script, of CODES, of most letters of a text; "" where it has none of them. One kana in ten is Japanese.

    >>> script_of("古池や 蛙飛びこむ"), script_of("床前明月光"), script_of("12 — 3")
    ('HIRAGANA', 'CJK', '')
    """
    count = Counter(script for char in text[:SAMPLE] if (script := _script(char)) in CODES)
    if not count:
        return ""
    kana = count["HIRAGANA"] + count["KATAKANA"]
    if kana and kana * 10 >= kana + count["CJK"]:
        return "HIRAGANA"
    return max(count, key=lambda script: (count[script], script))


def language_of(text: str) -> str:
    """The code of a text's language: "zh", "en", "ja", "ru" …; "und-Latn" for other Latin letters; "" for none.

    >>> language_of("The sea is in my heart and the night on the hill"), language_of("Мороз и солнце")
    ('en', 'ru')
    """
    code = CODES.get(script_of(text), "")
    if code == "und-Latn":
        words = re.findall("[a-z]+", text[: 10 * SAMPLE].lower())
        return "en" if sum(word in ENGLISH for word in words) >= LEAST * len(words) else code
    other, letters = TELLING.get(code, ("", ""))
    return other if sum(text.count(letter) for letter in letters) > len(text) // 200 else code


def languages(texts: Sequence[str]) -> list[str]:
    """The language of each text; those in one script are judged together, for a short one shows too few words."""
    scripts = [script_of(text) for text in texts]
    code = {
        script: language_of(" ".join(text[:400] for text, own in zip(texts, scripts, strict=True) if own == script))
        for script in set(scripts)
    }
    return [code[script] for script in scripts]


@lru_cache(maxsize=1 << 16)
def _script(char: str) -> str:
    if not char.isalpha():
        return ""
    name = unicodedata.name(char, "")
    return "CJK" if name.startswith("CJK") else name.partition(" ")[0].partition("-")[0]
