"""Records of Chinese verse from chinese-poetry and poetry-source as published, by the rules of the shared sets.

1. Script: OpenCC t2s, then the variant characters of tables/variants.txt. (The shared sets made 772 variants one; that
   list was not kept, ours has the commonest.)
2. A poem with □ ■ ○ ? or any other character that is not Han, marks apart, is left out, and so is one of another shape.
3. A poem whose lines are those of an earlier one, or half of whose lines stand in one earlier poem, is left out.
4. Held out: the first 8 digits of the sha256 of the joined lines, mod 10000, below 200. A training poem that shares two
   lines with a held-out one is left out.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from muse import tables
from muse.errors import CorpusError, MissingExtraError
from muse.files import read_capped
from muse.sources import Corpus
from muse.tables.lexicon import triggers
from muse.verbs.records import Built, Say

LARGEST = 1 << 28
FORMS = {(4, 5): "五绝", (4, 7): "七绝", (8, 5): "五律", (8, 7): "七律"}
_MARKS = re.compile(r"[\s,.;:!?、，。；：！·「」『』“”‘’《》〈〉—…]+")
_HAN = re.compile(r"[㐀-䶿一-鿿豈-﫿\U00020000-\U000323af]+")
_HOLES = re.compile(r"[□■○？?]")


def build_all(corpus: Corpus, source: Path, out: Path, say: Say) -> Built:
    """Every poem of the four forms."""
    return _build(corpus, source, out, say, regular_only=False)


def build_regular(corpus: Corpus, source: Path, out: Path, say: Say) -> Built:
    """Only poems that break no tonal rule."""
    return _build(corpus, source, out, say, regular_only=True)


def _build(corpus: Corpus, source: Path, out: Path, say: Say, *, regular_only: bool) -> Built:
    built = Built()
    files = [source] if source.is_file() else sorted(source.rglob("*.json"), key=_order)
    if not files:
        raise CorpusError(f"no JSON file in {source}", "", f"muse corpus fetch {corpus.name}")
    simplify = _simplifier()
    poems: list[dict[str, Any]] = []
    for number, file in enumerate(files):
        for poem in _poems(file, simplify, built.counts):
            if regular_only and not poem["regular"]:
                built.counts["irregular"] += 1
            else:
                poems.append(poem)
        if number % 50 == 49:
            say(f"{number + 1} of {len(files)} files read, {len(poems):,} poems")
    train, held = split(distinct(poems, built.counts), built.counts)
    for folder, what, part in ((out, "kept", train), (out / "holdout", "held out", held)):
        rows = (json.dumps(poem, ensure_ascii=False, separators=(",", ":")) + "\n" for poem in part)
        built.write(folder / corpus.records[0].path, "".join(rows).encode(), what, len(part))
    say(f"{len(train):,} poems to learn from, {len(held):,} held out")
    return built


def _order(file: Path) -> tuple[str, int, str]:
    """Files with running numbers in the order of the numbers, chinese-poetry before poetry-source."""
    numbers = re.findall(r"\d+", file.stem)
    return str(file.parent), int(numbers[-1]) if numbers else -1, file.name


def _simplifier() -> Callable[[str], str]:
    try:
        from opencc import OpenCC
    except ImportError as error:
        raise MissingExtraError(
            "OpenCC is needed to build verse", "it is not installed", 'pip install "muse[corpus]"'
        ) from error
    convert, variants = OpenCC("t2s").convert, _variants()
    return lambda text: str(convert(text)).translate(variants)


@cache
def _variants() -> dict[int, str]:
    lines = Path(tables.__file__).with_name("variants.txt").read_text(encoding="utf-8").splitlines()
    return {ord(pair[0]): pair[1] for line in lines if not line.startswith("#") for pair in line.split()}


def _poems(file: Path, simplify: Callable[[str], str], left: Counter[str]) -> Iterator[dict[str, Any]]:
    """The poems of a published file that have one of the four shapes."""
    try:
        values = json.loads(read_capped(file, LARGEST))
    except (ValueError, RecursionError) as error:
        raise CorpusError(f"cannot read {file}", f"it is not JSON: {error}", "fetch it again") from error
    era = "宋" if ".song." in file.name else "唐" if ".tang." in file.name or "唐诗" in file.name else ""
    for value in values if isinstance(values, list) else []:
        raw = value.get("paragraphs", value.get("content")) if isinstance(value, dict) else None
        if not isinstance(raw, list) or not all(isinstance(part, str) for part in raw):
            left["not a poem"] += 1
            continue
        poem = record(simplify("\n".join(raw)), left)
        if poem is None:
            continue
        named = {
            "title": simplify(str(value.get("title") or "")),
            "author": simplify(str(value.get("author") or value.get("authorName") or "")),
            "dynasty": str(value.get("dynasty") or era),
        }
        tags = [simplify(str(tag)) for tag in value.get("tags") or []]
        found = themes(named["title"], poem["lines"])
        yield {**named, **poem, **({"themes": found} if found else {}), **({"tags": tags} if tags else {})}


def record(text: str, left: Counter[str]) -> dict[str, Any] | None:
    """Form, lines, rhyme and tones of a poem in simplified script; None, with the reason counted, if it is left out.

    >>> record("白日依山尽，黄河入海流。欲穷千里目，更上一层楼。", Counter())["form"]
    '五绝'
    """
    if _HOLES.search(text):
        left["characters are missing in it"] += 1
        return None
    lines = [line for line in _MARKS.split(text) if line]
    if not all(_HAN.fullmatch(line) for line in lines):
        left["not all Han characters"] += 1
        return None
    widths = {len(line) for line in lines}
    form = FORMS.get((len(lines), widths.pop())) if len(widths) == 1 else None
    if form is None:
        left["another shape"] += 1
        return None
    return {"form": form, "lines": lines, **marks(lines)}


def marks(lines: Sequence[str]) -> dict[str, Any]:
    """rhyme, rhyme_tone, regular and breaks; a character with both tones counts as either."""
    tones = [[_tones().get(character, "平仄") for character in line] for line in lines]
    shared = [_groups().get(line[-1], {}) for line in lines[1::2]]
    common = [group for group in shared[0] if all(group in other for other in shared[1:])]
    rhyme = next((group for group in common if shared[0][group] == "平"), common[0] if common else "")
    tone = shared[0][rhyme] if rhyme else ""
    broken = breaks(tones)
    return {"rhyme": rhyme, "rhyme_tone": tone, "regular": tone == "平" and broken == 0, "breaks": broken}


def breaks(tones: Sequence[Sequence[str]]) -> int:
    """How many rules of the tones are broken, line by line and couplet by couplet.

    Places 2, 4 (and 6) alternate, or an odd line ends 平仄平仄; place 2 opposed inside a couplet and equal between
    couplets; even lines end level, odd lines after the first oblique; no three level tones at the end.
    """
    other = {"平": "仄", "仄": "平"}
    total = 0
    for number, line in enumerate(tones):
        places = range(1, len(line) - 1, 2)
        fits = any(all((two if at % 4 == 1 else other[two]) in line[at] for at in places) for two in line[1])
        exchange = number % 2 == 0 and all(tone in each for tone, each in zip("平仄平仄", line[-4:], strict=True))
        total += not (fits or exchange)
        total += (number > 0) and ("平" if number % 2 else "仄") not in line[-1]
        total += all(each == "平" for each in line[-3:])
    for number in range(1, len(tones)):
        here, before = tones[number][1], tones[number - 1][1]
        total += not any((one != two) if number % 2 else (one == two) for one in here for two in before)
    return total


def themes(title: str, lines: Sequence[str]) -> list[str]:
    """At most two weak labels: three points for each trigger word in the title, one in the lines, two at least.

    >>> themes("渭城送别", ["白日依山尽"])
    ['送别']
    """
    text = "".join(lines)
    points = {
        label: 3 * sum(title.count(word) for word in words) + sum(text.count(word) for word in words)
        for label, words in triggers().items()
    }
    return [label for label, score in sorted(points.items(), key=lambda pair: -pair[1])[:2] if score >= 2]


@cache
def _groups() -> dict[str, dict[str, str]]:
    """Character → rhyme group → tone 平 上 去 入."""
    found: dict[str, dict[str, str]] = {}
    for line in Path(tables.__file__).with_name("pingshui.txt").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            group, tone, characters = line.split()
            for character in characters:
                found.setdefault(character, {})[group] = tone
    return found


@cache
def _tones() -> dict[str, str]:
    return {
        key: "".join(sorted({"平" if tone == "平" else "仄" for tone in groups.values()}))
        for key, groups in _groups().items()
    }


def distinct(poems: Sequence[dict[str, Any]], left: Counter[str]) -> list[dict[str, Any]]:
    """The poems without those that stand, or half stand, in an earlier one."""
    kept: list[dict[str, Any]] = []
    where: dict[int, list[int]] = {}
    for poem in poems:
        keys = [hash(line) for line in poem["lines"]]
        shared = Counter(number for key in set(keys) for number in where.get(key, ()))
        most = max(shared.values(), default=0)
        if 2 * most >= len(keys):
            left["exact duplicate" if most == len(set(keys)) else "half of its lines in an earlier poem"] += 1
            continue
        for key in set(keys):
            where.setdefault(key, []).append(len(kept))
        kept.append(poem)
    return kept


def held_out(lines: Sequence[str]) -> bool:
    """Whether a poem is kept apart for testing, by the hash of its lines."""
    return int(hashlib.sha256("".join(lines).encode()).hexdigest()[:8], 16) % 10000 < 200


def split(poems: Sequence[dict[str, Any]], left: Counter[str]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """To learn from, and held out."""
    held = [poem for poem in poems if held_out(poem["lines"])]
    where: dict[str, set[int]] = {}
    for number, poem in enumerate(held):
        for line in poem["lines"]:
            where.setdefault(line, set()).add(number)
    train = []
    for poem in poems:
        if held_out(poem["lines"]):
            continue
        shared = Counter(number for line in set(poem["lines"]) for number in where.get(line, ()))
        if max(shared.values(), default=0) >= 2:
            left["two lines in a held-out poem"] += 1
        else:
            train.append(poem)
    return train, held


BUILDERS = {"zh-shi": build_all, "zh-shi-regular": build_regular}
