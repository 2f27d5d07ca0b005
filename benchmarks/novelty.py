"""What the index of known lines is worth: its size, false alarms, what it finds of planted copies, and who copies.

    python benchmarks/novelty.py --data DATA [--language zh|en] [--bundle poem-zh] [--forms 七绝 五律] [--count 200]

The index is built from the training part alone, so that validation poems are strangers to it. Told are

- its bytes, and how often a span that was never read is taken for a known one;
- of spans of training lines planted in validation lines (at their own place, or anywhere), how many are found; of whole
  lines of famous poems, how many find their poem; of poems with half the lines replaced, how many find it as nearest;
- of human validation poems: lines that stand in the training part word for word, lines that the index calls copied, and
  the longest spans; and the same of first attempts of a model that may copy, and of one that may not.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from table import machine, mean_and_error, table, write

from muse.bundle import Bundle
from muse.poem.novelty import SPAN, Index, Record, certified, index_of
from muse.poem.novelty.spans import joined, units
from muse.poem.wishes import Wishes
from muse.tables.lexicon import interpret

THEMES = {
    "zh": ("秋江夜泊", "送别", "春雨", "登楼", "边塞", "梅花", "明月", "山居", "怀古", "采莲", "雪", "思乡"),
    "en": ("winter sea", "lost love", "autumn rain", "old trees", "the moon", "a storm", "hope", "friendship", "stars"),
}
ROOM = {"zh": 4_900_000, "en": 3_000_000}
FORMS = {"zh": ("五绝", "七绝", "五律", "七律"), "en": ("sonnet", "ballad", "quatrains")}
TOGETHER = 32


def parts(data: Path, language: str) -> tuple[list[Any], list[Any]]:
    """Training and validation poems."""
    folder = data / "poetry"
    if language == "zh":
        from muse.poem.corpus import read

        return tuple(list(read(folder, part, songs=True)) for part in ("train", "valid"))  # type: ignore[return-value]
    from muse.poem.english.corpus import parted

    found = list(parted(folder))
    train, valid = ([verse for part, verse in found if part == name] for name in ("train", "valid"))
    return train, valid


def alarms(index: Index, random: np.random.Generator) -> float:
    """How often a key that was never read is taken for a known one."""
    return float(index.holds(random.integers(0, 2**64, 2_000_000, np.uint64)).mean())


def planted(index: Index, train: Sequence[Record], valid: Sequence[Record], random: np.random.Generator) -> list[Any]:
    """Of spans of training lines put into validation lines, how many are told: rows of length, place, share."""
    strangers = [text for record in valid for line in record.texts if len(text := units(line)) >= SPAN + 2]
    lines = [text for at in random.integers(0, len(train), 40_000) for line in train[at].texts
             if len(text := units(line)) >= SPAN]  # fmt: skip
    rows = []
    for length in range(SPAN, SPAN + 4):
        for place in ("its own", "any"):
            found = asked = 0
            for at in random.permutation(len(lines))[:12_000].tolist():
                source, host = lines[at], list(strangers[int(random.integers(len(strangers)))])
                if len(source) < length or len(host) <= length or asked == 2000:
                    continue
                begin = int(random.integers(len(source) - length + 1))
                to = begin if place == "its own" else int(random.integers(len(host) - length + 1))
                if to + length > len(host) or (place == "its own" and len(host) != len(source)):
                    continue
                host[to : to + length] = source[begin : begin + length]
                asked += 1
                told = certified([joined(host)], index).span
                found += told is not None
            if asked:
                rows.append((length, place, asked, f"{found / asked:.3f}"))
    return rows


def named(
    index: Index, train: Sequence[Record], valid: Sequence[Record], random: np.random.Generator
) -> dict[str, Any]:
    """How often a line of a famous poem finds its poem, and half of its lines find it as the nearest."""
    famous = [
        record for record in train if record.famous and sum(len(units(line)) >= SPAN for line in record.texts) >= 4
    ]
    lines = right = nearest = 0
    chosen = random.permutation(len(famous))[:500].tolist()
    for at in chosen:
        poem, stranger = famous[at], valid[int(random.integers(len(valid)))]
        line = next(line for line in poem.texts if len(units(line)) >= SPAN)
        (copied, *_) = certified([line], index).copied or (None,)
        lines += 1
        right += copied is not None and copied.source is not None and copied.source.title == poem.heading
        mixed = [old if n % 2 else new for n, (old, new) in enumerate(zip(poem.texts, stranger.texts, strict=False))]
        near = certified(mixed, index).nearest
        nearest += near is not None and near.source.title == poem.heading
    return {"lines": lines, "source": right / lines, "nearest": nearest / lines}


def spread(poems: Sequence[Sequence[str]], index: Index, known: set[str]) -> dict[str, Any]:
    """Copied lines and longest spans of some poems."""
    found = [certified(poem, index) for poem in poems]
    lines = sum(one.lines for one in found)
    exact = sum(" ".join(units(line)) in known for poem in poems for line in poem)
    longest = [one.span.length if one.span is not None else 0 for one in found]
    count = Counter(min(length, 12) for length in longest)
    mean, error = mean_and_error([float(length) for length in longest])
    return {
        "poems": len(poems), "lines": lines, "copied": sum(len(one.copied) for one in found) / max(1, lines),
        "word_for_word": exact / max(1, lines),
        "poems_with_a_copy": sum(bool(one.copied) for one in found) / len(poems),
        "ends_known": float(np.mean([one.share for one in found])), "longest_mean": mean, "longest_error": error,
        "longest": {("under 5" if length == 0 else str(length)): count[length] for length in sorted(count)},
    }  # fmt: skip


def first_attempts(bundle: Bundle, language: str, form: str, count: int, novel: bool) -> Iterator[Sequence[str]]:
    if language == "zh":
        from muse.poem.write import write as writes
    else:
        from muse.poem.english.write import write as writes
    for begin in range(0, count, TOGETHER):
        theme = interpret(THEMES[language][begin // TOGETHER % len(THEMES[language])])
        wishes = Wishes(theme.theme, theme.mood, form=form, candidates=1, novel=novel)
        yield from (poem.lines for poem in writes(wishes, bundle, range(begin, min(begin + TOGETHER, count))))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--language", choices=["zh", "en"], default="zh")
    parser.add_argument("--bundle", help="poem-zh or poem-en")
    parser.add_argument("--forms", nargs="*")
    parser.add_argument("--count", type=int, default=200, help="poems of a form; 0 for none")
    asked = parser.parse_args()
    language, random = asked.language, np.random.default_rng(7)
    train, valid = parts(asked.data, language)
    begun = time.monotonic()
    tensors = index_of(train, room=ROOM[language])
    index = Index.thaw(Bundle(tensors, {"name": "training part", "kind": "poem"}))
    result: dict[str, Any] = {
        "language": language, "lines": len(index), "seconds_to_build": round(time.monotonic() - begun, 1),
        "bytes": {name: array.nbytes for name, array in tensors.items()},
        "bytes_in_all": sum(array.nbytes for array in tensors.values()),
        "false_alarm_a_span": alarms(index, random), "false_alarm_said": index.alarm, "machine": machine(),
    }  # fmt: skip
    print(json.dumps({name: value for name, value in result.items() if name != "machine"}, ensure_ascii=False))
    rows = planted(index, train, valid, random)
    print(table(("planted span", "place", "lines", "found"), rows))
    result |= {"planted": rows, "named": named(index, train, valid, random)}
    print(json.dumps(result["named"]))
    known = {" ".join(text) for record in train for line in record.texts if len(text := units(line)) >= SPAN}
    base = Bundle.load(asked.bundle or f"poem-{language}") if asked.count else None
    if base is not None:
        own = {name: array for name, array in base.weights.items() if not name.startswith("novelty.")}
        base = Bundle({**own, **tensors}, base.card)
    for form in asked.forms or FORMS[language]:
        people = [record.texts for record in valid if record.form == form]
        poems = {"people": people} if people else {}
        if base is not None:
            for name, novel in (("may copy", False), ("may not copy", True)):
                poems[name] = list(first_attempts(base, language, form, asked.count, novel))
        found = {name: spread(some, index, known) for name, some in poems.items()}
        result[form] = found
        head = ("poems", "lines", "copied", "word_for_word", "poems_with_a_copy", "ends_known", "longest_mean")
        cells = [[name, *(round(one[key], 4) for key in head), one["longest"]] for name, one in found.items()]
        print(table((form, *head, "longest spans"), cells))
    write(f"novelty_{language}", result)


if __name__ == "__main__":
    main()
