"""Building records: verse, music and pictures from what was published, small and by hand."""

from __future__ import annotations

import gzip
import io
import json
import lzma
import os
import sys
import tarfile
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from muse import sources
from muse.errors import CorpusError, MissingExtraError, OutputError, UsageError
from muse.music import kern
from muse.verbs import records_verse as verse
from muse.verbs.corpora import build
from muse.verbs.records_lines import cut

SPRING = ["春眠不觉晓", "处处闻啼鸟", "夜来风雨声", "花落知多少"]
TOWER = ["白日依山尽", "黄河入海流", "欲穷千里目", "更上一层楼"]


def poem(*lines: str, **fields: Any) -> dict[str, Any]:
    return {"title": "題", "author": "王之渙", "paragraphs": ["，".join(lines) + "。"], **fields}


def packed(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in lzma.decompress(path.read_bytes()).decode().splitlines()]


def test_verse(tmp_path: Path) -> None:
    pytest.importorskip("opencc")
    folder = tmp_path / "from" / "全唐诗"
    folder.mkdir(parents=True)
    tang = [
        poem("白日依山盡", "黃河入海流", "欲窮千里目", "更上一層樓", title="登鸛雀樓", tags=["登高"]),
        poem(*SPRING),
        poem(*SPRING),
        poem(*SPRING[:2], "明月松间照", "清泉石上流"),
        poem("春□不觉晓", *SPRING[1:]),
        poem("春眠不觉晓", "处处闻啼鸟"),
        poem("春眠a觉晓", *SPRING[1:]),
        {"title": "x"},
        7,
    ]
    (folder / "poet.tang.0.json").write_text(json.dumps(tang, ensure_ascii=False), encoding="utf-8")
    other = [
        {
            "title": "秋",
            "authorName": "某",
            "dynasty": "宋",
            "content": ["月落乌啼霜满天。江枫渔火对愁眠。", "姑苏城外寒山寺。夜半钟声到客船。"],
        }
    ]
    (tmp_path / "from" / "poetry.宋.0000.json").write_text(json.dumps(other, ensure_ascii=False), encoding="utf-8")
    made = build("tang-song", tmp_path / "from", tmp_path / "data")
    kept = packed(tmp_path / "data/poetry/zh_shi_tang_song.jsonl.xz")
    held = packed(tmp_path / "data/holdout/poetry/zh_shi_tang_song.jsonl.xz")
    left = {key: count for key, count in made["counts"].items() if key not in ("kept", "held out")}
    assert left == {
        "characters are missing in it": 1, "another shape": 1, "not all Han characters": 1, "not a poem": 2,
        "exact duplicate": 1, "half of its lines in an earlier poem": 1,
    }  # fmt: skip
    assert made["counts"]["kept"] == len(kept) and made["counts"]["held out"] == len(held)
    by_title = {each["title"]: each for each in kept + held}
    first = by_title["登鹳雀楼"]
    assert (
        first["lines"] == TOWER
        and first["author"] == "王之涣"
        and first["dynasty"] == "唐"
        and first["tags"] == ["登高"]
    )
    assert (first["form"], first["rhyme"], first["rhyme_tone"], first["regular"], first["breaks"]) == (
        "五绝",
        "十一尤",
        "平",
        True,
        0,
    )
    assert by_title["秋"]["dynasty"] == "宋" and by_title["秋"]["form"] == "七绝"
    with pytest.raises(OutputError, match="exists"):
        build("tang-song", tmp_path / "from", tmp_path / "data")
    before = (tmp_path / "data/poetry/zh_shi_tang_song.jsonl.xz").read_bytes()
    build("tang-song", tmp_path / "from", tmp_path / "data", force=True)
    assert (tmp_path / "data/poetry/zh_shi_tang_song.jsonl.xz").read_bytes() == before
    made = build("yuan-ming-qing", tmp_path / "from", tmp_path / "data")
    assert made["counts"]["irregular"] == 3


def test_held_out_poems_stay_apart() -> None:
    made = [
        [f"{a}{b}{c}{d}{e}" for e in "月江山云"]
        for a in "天地"
        for b in "玄黄"
        for c in "宇宙"
        for d in "洪荒日盈昃辰宿列张寒来暑往"
    ]
    made += [[*lines[:2], "一二三四五", "六七八九十"] for lines in made]
    left: Counter[str] = Counter()
    train, held = verse.split([{"lines": lines} for lines in made], left)
    assert held and all(verse.held_out(each["lines"]) for each in held)
    assert len(train) + len(held) + left["two lines in a held-out poem"] == len(made)
    for each in train:
        assert all(len(set(each["lines"]) & set(other["lines"])) < 2 for other in held)


def test_verse_without_opencc(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("[]")
    monkeypatch.setitem(sys.modules, "opencc", None)
    with pytest.raises(MissingExtraError, match=r"muse\[corpus\]"):
        build("tang-song", tmp_path, tmp_path / "data")


@pytest.mark.skipif("MUSE_DATA" not in os.environ, reason="MUSE_DATA is not set")
def test_the_marks_are_those_of_the_shared_records() -> None:
    path = Path(os.environ["MUSE_DATA"]) / "poetry" / "zh_shi_tang_song.jsonl.xz"
    same: Counter[str] = Counter()
    with lzma.open(path, "rt", encoding="utf-8") as stream:
        rows = [json.loads(line) for number, line in enumerate(stream) if number < 60_000 and number % 30 == 0]
    rows = [row for row in rows if "先" not in "".join(row["lines"])]  # whose level reading that table lacked
    for row in rows:
        found = {**verse.marks(row["lines"]), "themes": verse.themes(row["title"], row["lines"])}
        same.update(key for key, value in found.items() if row.get(key, []) == value)
        assert not verse.held_out(row["lines"])
    shares = {key: count / len(rows) for key, count in same.items()}
    assert min(shares[key] for key in ("rhyme", "rhyme_tone")) > 0.99
    assert shares["regular"] > 0.985 and shares["breaks"] > 0.95 and shares["themes"] > 0.93


KERN = """!!!COM: Anon
!!!OTL: A Tune
!!!AGN: Sacred
**kern\t**kern\t**text
*ICvox\t*ICvox\t*
*I"Basso\t*I"Canto\t*
*k[b-]\t*k[b-]\t*
*F:\t*F:\t*
*M4/4\t*M4/4\t*
=1\t=1\t=1
4FF\t4f/L\tA-
4C\t8g\t-men
.\t8qa\t.
.\t8a\t.
[2F#\t4.b-\t.
.\t8cc\t.
=2\t=2\t=2
4F#]\t2ff\t.
4r\t.\t.
2A-\t2dd-\t.
*-\t*-\t*-
"""


def test_kern() -> None:
    score = kern.read(KERN)
    bass, canto = score.parts
    assert score.records["OTL"] == "A Tune"
    assert (bass.name, bass.family, bass.sharps, bass.key, bass.meters) == ("Basso", "vox", -1, "F", [(0, "4/4")])
    assert bass.notes == [(41, 24), (48, 24), (54, 72), (0, 24), (56, 48)]
    assert canto.notes == [(65, 24), (67, 12), (69, 12), (70, 36), (72, 12), (77, 48), (73, 48)]
    assert bass.ticks == canto.ticks == 192
    assert canto.bars == [0, 96]
    assert not (bass.chords or bass.splits or canto.chords) and bass.fits


def test_kern_of_all_kinds() -> None:
    def notes(body: str) -> kern.Part:
        return kern.read("**kern\n" + body + "\n*-").parts[0]

    assert notes("4c 4e 4g").notes == [(60, 24)] and notes("4c 4e").chords
    assert notes("0c\n00d\n1%2e").notes == [(60, 192), (62, 384), (64, 192)]
    assert notes("3c\n12d\n4..e").notes == [(60, 32), (62, 8), (64, 42)]
    assert not notes("7c").fits and not notes("c").fits and not notes("4").fits and not notes("4cccccccccc").fits
    assert notes("*^\n4c\t4e\n*v\t*v\n4d").notes == [(60, 24), (62, 24)] and notes("*^\n4c\t4e\n*v\t*v\n4d").splits
    assert notes("4cn\n4B-\n4f##").notes == [(60, 24), (58, 24), (67, 24)]
    with pytest.raises(Exception, match="kern"):
        kern.read("no score")


def test_cut_at_long_rests() -> None:
    notes = [(60, 24)] * 3 + [(0, 168)] + [(62, 24)] * 2 + [(0, 200)] + [(64, 24)]
    assert [(start, len(line)) for start, line in cut(notes, [(0, "4/4")])] == [(0, 6), (488, 1)]
    assert list(cut([(0, 24)], [])) == []


def long_kern(key: int, count: int = 40) -> str:
    letters = ["c", "d", "e", "f", "g", "a", "b", "cc"]
    body = "\n".join(f"4{letters[(n * key + n * n // 7) % 8]}" for n in range(count))
    return f'!!!OTL: T{key}\n**kern\n*ICvox\n*I"Canto\n*M4/4\n=1\n{body}\n*-\n'


def test_melodies_from_an_archive(tmp_path: Path) -> None:
    archive = tmp_path / "humdrum-polish-scores" / "c.tar.gz"
    archive.parent.mkdir()
    texts = {f"x/kern/{key}.krn": long_kern(key) for key in (1, 3, 5)}
    texts |= {
        "x/kern/1b.krn": long_kern(1),
        "x/short.krn": long_kern(3, 8),
        "x/broken.krn": "nothing",
        "x/readme.md": "no",
    }
    with tarfile.open(archive, "w:gz") as stream:
        for name, text in texts.items():
            info = tarfile.TarInfo(name)
            info.size = len(text.encode())
            stream.addfile(info, io.BytesIO(text.encode()))
    made = build("melodies", tmp_path, tmp_path / "data")
    counts = made["counts"]
    assert counts["an exact duplicate"] == 1 and counts["fewer than 24 notes"] == 1 and counts["cannot be read"] == 1
    rows = gzip.decompress((tmp_path / "data/music/melodies/melodies.jsonl.gz").read_bytes()).decode().splitlines()
    assert len(rows) + counts["held out"] == 3
    row = json.loads(rows[0])
    assert row["grp"].startswith("pl:") and row["role"] == "vocal" and row["m"] == "4/4" and len(row["p"]) == 40
    from muse.music.corpus import read

    records = [
        each for split in ("train", "valid") for each in read(tmp_path / "data/music/melodies/melodies.jsonl.gz", split)
    ]
    assert len(records) == len(rows)


def test_four_voices(tmp_path: Path) -> None:
    names = ["Basso", "Tenore", "Alto", "Canto"]
    columns = [["4C", "4D", "2E"], ["4e", "4f", "2g"], ["4g", "4a", "2b"], ["4cc", "4dd", "2ee"]]
    head = [
        "\t".join(["**kern"] * 4),
        "\t".join(["*ICvox"] * 4),
        "\t".join(f'*I"{name}' for name in names),
        "\t".join(["*M4/4"] * 4),
    ]
    body = ["\t".join(column[at] for column in columns) for at in range(3)]
    (tmp_path / "a.krn").write_text("\n".join([*head, *body, "\t".join(["*-"] * 4)]))
    (tmp_path / "b.krn").write_text(KERN)
    made = build("satb-polish", tmp_path, tmp_path / "data")
    assert made["counts"]["not four voices"] == 1
    row = json.loads(gzip.decompress((tmp_path / "data/music/satb_polish/satb.jsonl.gz").read_bytes()))
    assert row["voices"] == [
        [[72, 74, 76], [24, 24, 48]],
        [[67, 69, 71], [24, 24, 48]],
        [[64, 65, 67], [24, 24, 48]],
        [[48, 50, 52], [24, 24, 48]],
    ]
    assert row["ticks"] == 96 and row["m"] == ["4/4"]


def test_chorales_and_hymns(tmp_path: Path) -> None:
    made = build("jsb-chorales", sources.corpus("jsb-chorales").sample_path(), tmp_path)
    assert made["counts"] == {"kept": 44}
    assert gzip.decompress((tmp_path / "music/jsb_chorales/Jsb16thSeparated.json.gz").read_bytes())
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "x.json").write_text('{"train": 1}')
    with pytest.raises(CorpusError, match="not the JSB JSON"):
        build("jsb-chorales", tmp_path / "bad", tmp_path / "other")
    text = (sources.corpus("open-hymnal").sample_path() / "open_hymnal.abc").read_text()
    text += text.split("X: 2")[0].replace("Made for muse", "Music: J. S. Bach") + text.split("X: 2")[0].replace(
        "public domain", "mine"
    )
    (tmp_path / "hymns.abc").write_text(text)
    made = build("open-hymnal", tmp_path / "hymns.abc", tmp_path)
    assert made["counts"]["a setting by Bach"] == 1 and made["counts"]["not said to be in the public domain"] == 1
    assert made["counts"]["kept"] + made["counts"]["held out"] == 32


def test_midi(tmp_path: Path) -> None:
    from muse.music.corpus import read

    made = build("piano-polish", sources.corpus("piano-polish").sample_path(), tmp_path)
    with zipfile.ZipFile(tmp_path / "music/piano_polish/piano_polish_mid.zip") as archive:
        assert len(archive.namelist()) == made["counts"]["kept"] > 8
    made = build("melodies", sources.corpus("piano-polish").sample_path(), tmp_path)
    assert made["counts"]["kept"] >= 5
    assert len(list(read(tmp_path / "music/melodies/melodies.jsonl.gz", "train"))) >= 4


def test_musicxml_and_abc(tmp_path: Path) -> None:
    import music21

    stream = music21.stream.Part()
    stream.partName = "Voice"
    stream.append(music21.meter.TimeSignature("3/4"))
    for number in range(36):
        stream.append(music21.note.Note(60 + (number * 5 + number // 4) % 11, quarterLength=(0.5, 1, 1.5)[number % 3]))
    stream.write("musicxml", tmp_path / "song.musicxml")
    (tmp_path / "tune.abc").write_text("X:1\nT:Mine\nM:4/4\nL:1/8\nK:G\n" + "GABc dedB|ceaf gfed|" * 3 + "\n")
    (tmp_path / "broken.musicxml").write_text("<score")
    made = build("melodies", tmp_path, tmp_path / "data")
    assert made["counts"]["cannot be read"] == 1
    files = [
        tmp_path / "data/music/melodies/melodies.jsonl.gz",
        tmp_path / "data/holdout/music/melodies/melodies.jsonl.gz",
    ]
    rows = [json.loads(line) for file in files for line in gzip.decompress(file.read_bytes()).decode().splitlines()]
    assert {row["m"] for row in rows} == {"3/4", "4/4"}
    song = next(row for row in rows if row["m"] == "3/4")
    assert song["p"][:4] == [60, 65, 70, 64] and song["d"][:4] == [12, 24, 36, 12]


def test_pictures(tmp_path: Path) -> None:
    from muse.art.corpus import read

    sample = sources.corpus("pictures").sample_path()
    copy = tmp_path / "from"
    for path in sample.rglob("*.jpg"):
        target = copy / path.relative_to(sample)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    (copy / "ink" / "same.jpg").write_bytes((sample / "ink" / "0.jpg").read_bytes())
    (copy / "ink" / "broken.png").write_bytes(b"\x89PNG\r\n")
    made = build("pictures", copy, tmp_path / "data")
    counts = made["counts"]
    assert counts["kept"] + counts["held out"] == 54
    assert counts["an exact duplicate"] == 1 and counts["cannot be read"] == 1
    found = read(tmp_path / "data/art", tmp_path / "cache")
    assert len(found) == counts["kept"] and len(found.styles) == 9


def test_what_cannot_be_built(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        build("nothing")
    with pytest.raises(CorpusError, match="cannot build"):
        build("ci", tmp_path, tmp_path)
    for name in ("jsb-chorales", "tang-song", "pictures", "melodies", "satb-polish", "open-hymnal"):
        with pytest.raises(CorpusError) as caught:
            build(name, tmp_path / "none", tmp_path / "data")
        assert "muse corpus fetch" in caught.value.next_step
        (tmp_path / "empty").mkdir(exist_ok=True)
        with pytest.raises(CorpusError):
            build(name, tmp_path / "empty", tmp_path / "data")
    (tmp_path / "bad.tar.gz").write_bytes(b"no archive")
    with pytest.raises(CorpusError, match="cannot read"):
        build("melodies", tmp_path / "bad.tar.gz", tmp_path / "data")
    assert not (tmp_path / "data").exists()
