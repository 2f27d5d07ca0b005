import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch

from muse.errors import CorpusError
from muse.nn.language import UNSCORED
from muse.poem.corpus import PoemRecord, read
from muse.poem.course import slices
from muse.poem.frame import COLUMNS, GIVEN_COLUMN, Given, Outline, opening, prompt
from muse.poem.mixture import Mixture, collate, couplet, further_marks, sheet
from muse.poem.prefix import Fields, places, tokens_of
from muse.poem.rhymes import rhyme_of
from muse.poem.vocabulary import BREAK, COUPLET, FORMS, FURTHER, PAD, SEPARATOR, SONG, UNKNOWN, Vocabulary

SONG_LINES = ["常记溪亭日暮", "沉醉不知归路", "兴尽晚回舟", "误入藕花深处", "争渡", "争渡", "惊起一滩鸥鹭"]
VALUE = {
    "title": "", "author": "李清照", "dynasty": "宋", "tune": "如梦令", "lines": SONG_LINES, "punct": "，。，。，。。",
    "stanza": [4], "themes": ["饮酒"],
}  # fmt: skip


def encode(fields: Fields, vocabulary: Vocabulary) -> list[int]:
    return [token for token, _ in tokens_of(fields, vocabulary)]


@pytest.fixture(scope="module")
def song(tmp_path_factory: pytest.TempPathFactory) -> PoemRecord:
    path = tmp_path_factory.mktemp("ci") / "a.jsonl"
    path.write_text(json.dumps(VALUE), encoding="utf-8")
    (found,) = read(path, songs=True)
    return found


@pytest.fixture(scope="module")
def every(records: list[PoemRecord], song: PoemRecord) -> list[PoemRecord]:
    return [*records, song]


@pytest.fixture(scope="module")
def wide(every: list[PoemRecord]) -> Vocabulary:
    marks = further_marks(every, named=4, tunes=1)
    return Vocabulary.of((record.text + record.title for record in every), least=1, further=marks)


def feed_of(every: list[PoemRecord], wide: Vocabulary, **wishes: float) -> Mixture:
    return Mixture(every, wide, tokens=600, seed=5, **wishes)  # type: ignore[arg-type]


def names(vocabulary: Vocabulary, tokens: torch.Tensor) -> list[str]:
    return [vocabulary.tokens[token] for token in tokens.tolist()]


def test_songs_are_read_on_request(song: PoemRecord, tmp_path: Path) -> None:
    assert (song.form, song.tune, song.era, song.stanzas) == (SONG, "如梦令", "宋", (4,))
    assert song.closes == (False, True, False, True, False, True, True)
    published = {"rhythmic": "如夢令", "author": "李清照", "paragraphs": [
        "常记溪亭日暮，沉醉不知归路。", "兴尽晚回舟，误入藕花深处。", "争渡，争渡。", "惊起一滩鸥鹭。"]}  # fmt: skip
    (tmp_path / "a.json").write_text(json.dumps([published]), encoding="utf-8")
    (other,) = read(tmp_path, songs=True)
    assert (other.lines, other.closes, other.tune) == (song.lines, song.closes, song.tune)
    with pytest.raises(CorpusError):
        list(read(tmp_path))


@pytest.mark.parametrize("change", [{"punct": "。"}, {"lines": ["争渡"], "punct": "。"}, {"lines": ["争" * 16] * 7}])
def test_songs_of_no_shape_are_passed_over(tmp_path: Path, change: dict[str, object]) -> None:
    (tmp_path / "a.jsonl").write_text(json.dumps(VALUE) + "\n" + json.dumps(VALUE | change), encoding="utf-8")
    assert len(list(read(tmp_path, songs=True))) == 1


def test_rhymes(song: PoemRecord) -> None:
    assert rhyme_of(song) == ("第四部", (1, 3, 5, 6))
    lines = ("白日依山尽", "黄河入海流", "欲穷千里目", "更上一层楼")
    assert rhyme_of(PoemRecord(lines, "五绝")) == ("十一尤", (1, 3))
    assert rhyme_of(PoemRecord((*lines[:3], "更上一层月"), "五绝")) == ("", ())
    assert rhyme_of(PoemRecord(song.lines, SONG, closes=(False,) * 7)) == ("", ())


def test_verse_stands_line_by_line(records: list[PoemRecord], wide: Vocabulary) -> None:
    for form in FORMS:
        record = next(record for record in records if record.form == form)
        fields = Fields(form, "唐", (1, 0), ("送别",), ("明月",), "秋江")
        batch = collate([sheet(fields, record, wide)])
        before, width = len(encode(fields, wide)), len(record.lines[0])
        asked = prompt(fields, Outline.regulated(form), wide)
        assert list(asked.tokens) == encode(fields, wide) == batch.tokens[0, :before].tolist()
        assert (list(asked.row), list(asked.col)) == places(encode(fields, wide), width)
        grid = [(line + 1, place) for line in range(len(record.lines)) for place in range(width + 1)][:-2]
        assert grid == list(zip(batch.row[0, before:].tolist(), batch.col[0, before:].tolist(), strict=True))


def test_a_song_announces_its_lines_and_stanzas(song: PoemRecord, wide: Vocabulary) -> None:
    batch = collate([sheet(Fields(SONG, tune="如梦令"), song, wide)])
    found = names(wide, batch.tokens[0])
    assert found[:6] == ["<begin>", "<form:词>", "<tune:如梦令>", "<separator>", "<line:6>", "常"]
    marks = [name for name in found[3:] if len(name) > 1]
    assert marks == [
        "<separator>", "<line:6>", "<close:6>", "<line:5>", "<close:6>", "<stanza>", "<line:2>", "<close:2>",
        "<close:6>",
    ]  # fmt: skip
    target = [token for token in batch.target[0].tolist() if token != UNSCORED]
    assert wide.decode(target) == song.text
    at = found.index("<line:2>")
    assert (int(batch.row[0, at]), int(batch.col[0, at])) == (4, 2)
    assert (int(batch.row[0, at + 1]), int(batch.col[0, at + 1])) == (5, 0)


def test_a_rare_tune_is_spelled_and_wishes_find_their_line(song: PoemRecord, wide: Vocabulary) -> None:
    fields = Fields(SONG, tune="日暮归", keys=("藕花", "鸥"), key_rows=(4,), length="小令", rhyme="第四部")
    found = opening(fields, Outline.of(song), wide)
    shown = [wide.tokens[token] for token, _, _ in found]
    assert shown[2:9] == ["<tune>", "日", "暮", "归", "<rhyme:第四部>", "<length:小令>", "<key>"]
    assert [row for _, row, _ in found][8:13] == [4, 4, 4, 0, 0]
    assert max(col for _, _, col in found) < GIVEN_COLUMN


def test_what_is_given_is_not_scored_but_rhyme_words_are_proposed(song: PoemRecord, wide: Vocabulary) -> None:
    locked = Given(tuple((1, place) for place in range(6)), tuple(wide.encode(song.lines[1])))
    batch = collate([sheet(Fields(SONG), song, wide, [locked])])
    target = wide.decode([token for token in batch.target[0].tolist() if token != UNSCORED])
    assert target == song.text.replace("沉醉不知归路", "")
    at = names(wide, batch.tokens[0]).index("<given>") + 1
    assert wide.decode(batch.tokens[0, at : at + 6].tolist()) == "沉醉不知归路"
    assert batch.row[0, at : at + 6].tolist() == [2] * 6
    assert batch.col[0, at : at + 6].tolist() == [GIVEN_COLUMN + place for place in range(6)]

    _, lines = rhyme_of(song)
    rhymes = Given(
        tuple((line, len(song.lines[line]) - 1) for line in lines), tuple(wide.encode("路处渡鹭")), rhymes=True
    )
    batch = collate([sheet(Fields(SONG), song, wide, [rhymes])])
    target = wide.decode([token for token in batch.target[0].tolist() if token != UNSCORED])
    assert target.startswith("路处渡鹭常记溪亭日暮沉醉不知归兴")
    assert len(target) == len(song.text)


def test_couplets(records: list[PoemRecord], wide: Vocabulary) -> None:
    record = next(record for record in records if record.form == "七律")
    two = couplet(record, 1)
    assert (two.form, two.lines) == (COUPLET, record.lines[2:4])
    shown = names(wide, collate([sheet(Fields(COUPLET), two, wide)]).tokens[0])
    assert shown[1:4] == ["<form:对联>", "<separator>", "<line:7>"] and "<close:7>" in shown


def test_a_batch_is_a_function_of_the_step(every: list[PoemRecord], wide: Vocabulary) -> None:
    one, other = feed_of(every, wide), feed_of(every, wide)
    for step in (7, 0, 41):
        a, b = one.batch(step, 0, 0, 1), other.batch(step, 0, 0, 1)
        assert torch.equal(a.tokens, b.tokens) and torch.equal(a.target, b.target)
    assert not torch.equal(one.batch(0, 0, 0, 2).tokens, one.batch(0, 0, 1, 2).tokens)


def test_batches_hold_whole_known_poems(every: list[PoemRecord], wide: Vocabulary) -> None:
    texts = {record.text for record in every}
    texts |= {couplet(record, number).text for record in every if len(record.lines) == 8 for number in (1, 2)}
    feed, seen = feed_of(every, wide, plain=0.2), set()
    for step in range(30):
        batch = feed.batch(step, 0, 0, 1)
        assert int(batch.col.max()) < COLUMNS
        assert not (batch.target == PAD).any()
        for tokens, target in zip(batch.tokens, batch.target, strict=True):
            ends = tokens.tolist().index(SEPARATOR)
            last = [token for token in target.tolist() if token != UNSCORED][-1:]
            text = wide.decode([*tokens[ends:].tolist()])
            assert any(whole.startswith(text) and len(whole) - len(text) <= 1 for whole in texts)
            assert (
                not last or last[0] == UNKNOWN or wide.tokens[last[0]] in text + "".join(whole[-1] for whole in texts)
            )
            seen |= {name for name in names(wide, tokens) if name.startswith("<")}
    kinds = Counter(name.strip("<>").partition(":")[0] for name in seen)
    assert kinds.keys() >= {
        "given",
        "rhymes",
        "tune",
        "era",
        "author",
        "mood",
        "theme",
        "rhyme",
        "length",
        "key",
        "title",
    }
    assert kinds["form"] == 6


def test_each_field_is_often_left_out(every: list[PoemRecord], wide: Vocabulary) -> None:
    feed, random = feed_of(every, wide, plain=0.0), np.random.default_rng(0)
    song = every[-1]
    drawn = [feed._fields(song, "第四部", random) for _ in range(2000)]
    for name, kept in (("tune", 0.85), ("era", 0.8), ("author", 0.7), ("rhyme", 0.7), ("length", 0.8), ("keys", 0.7)):
        assert abs(sum(bool(getattr(fields, name)) for fields in drawn) / 2000 - kept) < 0.04
    assert all(key in song.text for fields in drawn for key in fields.keys)
    for fields in drawn:
        for key, row in zip(fields.keys, fields.key_rows, strict=True):
            assert not row or key in song.lines[row - 1]


def test_one_epoch_reads_each_early_poem_once(every: list[PoemRecord], wide: Vocabulary) -> None:
    late = [PoemRecord(record.lines[::-1], record.form, dynasty="清") for record in every[:-1]]
    feed = feed_of([*every, *late], wide, later=0.2)
    epoch = feed._epoch(0)
    assert sorted(at for at in epoch.tolist() if at < len(every)) == list(range(len(every)))
    assert abs((epoch >= len(every)).sum() / (len(epoch) - 1) - 0.2) < 0.02
    taken = {at for number in range(4) for at in feed._epoch(number).tolist()}
    assert taken == set(range(len(every) + len(late)))


def test_slices_leave_no_padding_but_what_their_rows_need(every: list[PoemRecord], wide: Vocabulary) -> None:
    batch = feed_of(every, wide).batch(1, 0, 0, 1)
    parts = slices(batch, 256)
    assert len(parts) > 3 and sum(len(part.tokens) for part in parts) == len(batch.tokens)
    assert sum(int((part.target != UNSCORED).sum()) for part in parts) == int((batch.target != UNSCORED).sum())
    for part in parts:
        assert (part.tokens[:, -1] != PAD).any()
        assert part.tokens.numel() <= 256 or len(part.tokens) == 1
    assert sum(part.tokens.numel() for part in parts) < 1.15 * int((batch.tokens != PAD).sum())


def test_marks_of_tunes_and_authors(every: list[PoemRecord]) -> None:
    assert {"<tune:如梦令>", "<author:李清照>"} <= set(further_marks(every, named=1, tunes=1))
    assert not any(mark.startswith(("<tune:", "<author:")) for mark in further_marks(every, named=10**6, tunes=10**6))
    assert further_marks([])[: len(FURTHER)] == FURTHER


def test_nothing_to_learn_from(wide: Vocabulary) -> None:
    with pytest.raises(CorpusError):
        Mixture([], wide, tokens=10, seed=0)


def test_breaks_are_those_of_verse_only(records: list[PoemRecord], song: PoemRecord, wide: Vocabulary) -> None:
    assert BREAK in collate([sheet(Fields("五绝"), next(r for r in records if r.form == "五绝"), wide)]).tokens
    assert BREAK not in collate([sheet(Fields(SONG), song, wide)]).tokens
