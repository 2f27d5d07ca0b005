"""Poems and stories of no poet, for small corpora."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from pathlib import Path

STEPS = ("run.steps=6", "run.valid_every=2", "run.batch=256", "run.sample_every=99")


def russian(count: int, lines: int = 4) -> list[str]:
    draw = random.Random(1)
    nouns, verbs = (
        ["мороз", "ветер", "вечер", "туман", "месяц", "берег", "камень"],
        ["спит", "поёт", "молчит", "горит", "летит"],
    )
    places = ("над рекой", "за окном", "у ворот", "под луной", "на заре")

    def stanza() -> str:
        return "\n".join(
            f"{draw.choice(nouns)} {draw.choice(verbs)} {draw.choice(places)}, и {draw.choice(nouns)}"
            for _ in range(lines)
        )

    return [f"{stanza()}\n\n{stanza()}" for _ in range(count)]


def english(count: int) -> list[dict[str, object]]:
    draw = random.Random(2)
    heads = ("The silver moon upon", "A lonely wind above", "The quiet night beyond", "Some golden dream below")
    ends = ("the hill", "the sea", "the town", "the bay", "the lane", "the tree", "the mill", "the way")

    def line() -> str:
        return f"{draw.choice(heads)} {draw.choice(ends)} and {draw.choice(ends)},"

    return [{"title": f"Song {number}", "text": "\n".join(line() for _ in range(8))} for number in range(count)]


def story(draw: random.Random) -> str:
    who, did = (
        ["fox", "crow", "king", "miller", "girl", "wolf"],
        ["walked", "slept", "sang", "waited", "laughed", "wept"],
    )
    where = ("by the river", "in the wood", "under the hill", "at the gate", "through the snow")

    def sentence() -> str:
        first, second = (f"he {draw.choice(who)} {draw.choice(did)}" for _ in range(2))
        return f"T{first} {draw.choice(where)}, and t{second}."

    return "\n\n".join(" ".join(sentence() for _ in range(5)) for _ in range(4))


def write_json(path: Path, values: Sequence[object]) -> Path:
    path.write_text("\n".join(json.dumps(value, ensure_ascii=False) for value in values), encoding="utf-8")
    return path
