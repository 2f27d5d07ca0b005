"""Small corpora of a user's own."""

from __future__ import annotations

import random
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # for what these tests share

from made_up import russian, story, write_json

from muse.poem.corpus import PoemRecord


@pytest.fixture(scope="session")
def verse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("ru") / "стихи.txt"
    path.write_text("\n\n\n\n".join(russian(40)), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def stories(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path, draw = tmp_path_factory.mktemp("en") / "stories.txt", random.Random(3)
    path.write_text("\n\n***\n\n".join(story(draw) for _ in range(20)), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def chinese(records: list[PoemRecord], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Poems of the sample as a user would have them, with a character that no bundle knows."""
    values = [{"题目": one.title, "作者": one.author, "内容": "\n".join(one.lines)} for one in records]
    values[0]["内容"] = values[0]["内容"][:-1] + "\U00020bb7"
    return write_json(tmp_path_factory.mktemp("zh") / "poems.jsonl", [*values, values[1]])
