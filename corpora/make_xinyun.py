"""Makes muse/tables/xinyun.txt, 中华新韵: rhyme and tone of each reading that a character has in modern Mandarin.

    python corpora/make_xinyun.py

The characters are those of the other two rhyme books, in both scripts; the readings are those of pypinyin. Of several
readings those count that a twentieth of the words of pypinyin's dictionary with the character have: 春 is chūn, not the
chǔn of old books, and 不 has no level tone for being said bú before some words. A character that stands in no word
keeps them all. Toneless readings count only where there is no other, and then as both.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from pathlib import Path

from pypinyin.constants import PHRASES_DICT, PINYIN_DICT
from pypinyin.contrib.tone_convert import to_tone3

TABLES = Path("muse/tables")
SHARE = 0.05
RHYMES = {
    "一麻": "a ia ua", "二波": "o e uo io", "三皆": "ie ue ve ê", "四开": "ai uai", "五微": "ei ui", "六豪": "ao iao",
    "七尤": "ou iu", "八寒": "an ian uan van", "九文": "en in un vn", "十唐": "ang iang uang",
    "十一庚": "eng ing ong iong ueng", "十二齐": "i er v", "十三支": "", "十四姑": "u",
}  # fmt: skip
GROUP_OF = {final: group for group, finals in RHYMES.items() for final in finals.split()}
SYLLABLE = re.compile(r"(zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw])?([aoeiuvê][a-zê]*)([1-4]?)")
HEAD = """# 中华新韵: "rhyme tone characters", 14 rhymes of modern Mandarin; tones 平 (1, 2) and 仄 (3, 4).
# Source: the rhymes of 中华诗词学会《中华新韵（十四韵）》, 2005; readings by pypinyin 0.55.0 (MIT, (c) 2016 mozillazg),
# those that a twentieth of its words with the character have; made by corpora/make_xinyun.py.
"""


def rhyme(syllable: str) -> tuple[str, str] | None:
    """The rhyme of a syllable with its tone mark, and its tone: "1" to "4", "" for none."""
    match = SYLLABLE.fullmatch(to_tone3(syllable).replace("ü", "v"))
    if match is None:
        return None
    initial, final, tone = match[1] or "", match[2], match[3]
    if final == "i" and initial in ("zh", "ch", "sh", "r", "z", "c", "s"):
        return "十三支", tone
    if final == "u" and initial in ("j", "q", "x", "y"):
        return "十二齐", tone
    group = "三皆" if (initial, final) == ("y", "e") else GROUP_OF.get(final)
    return (group, tone) if group else None


def readings() -> dict[str, list[str]]:
    """Each character's syllables, those that are in use."""
    used: dict[str, Counter[str]] = defaultdict(Counter)
    for word, syllables in PHRASES_DICT.items():
        if len(word) == len(syllables):
            for character, (syllable, *_) in zip(word, syllables, strict=True):
                used[character][syllable] += 1
    found = {}
    for code, text in PINYIN_DICT.items():
        character = chr(code)
        syllables, counts = text.split(","), used[character]
        common = [one for one in syllables if counts[one] and counts[one] >= SHARE * counts.total()]
        found[character] = common or syllables
    return found


def main() -> None:
    characters = set()
    for name in ("pingshui", "cilin"):
        lines = (TABLES / f"{name}.txt").read_text(encoding="utf-8").splitlines()
        characters |= {c for line in lines if not line.startswith("#") for c in line.split()[2]}
    rows: dict[tuple[str, str], set[str]] = defaultdict(set)
    every = readings()
    for character in characters:
        known = [one for syllable in every.get(character, ()) if (one := rhyme(syllable))]
        for group, tone in [one for one in known if one[1]] or known:
            for sign in {"1": "平", "2": "平", "3": "仄", "4": "仄"}.get(tone, "平仄"):
                rows[group, sign].add(character)
    order = list(RHYMES)
    text = "".join(
        f"{group} {sign} {''.join(sorted(those))}\n"
        for (group, sign), those in sorted(rows.items(), key=lambda row: (order.index(row[0][0]), row[0][1] != "平"))
    )
    (TABLES / "xinyun.txt").write_text(HEAD + text, encoding="utf-8")
    print(f"{len({c for those in rows.values() for c in those}):,} characters")


if __name__ == "__main__":
    main()
