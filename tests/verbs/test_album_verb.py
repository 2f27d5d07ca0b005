"""An album: whole, of one family, checked from its files, and made again in another process."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

import muse
from muse.errors import InputError, RecipeError, UsageError
from muse.tables.lexicon import interpret
from muse.verbs.album import album, related, track_names
from muse.verbs.check import check
from muse.verbs.disc import Album
from muse.verbs.library import read
from muse.work import Recipe

ROOT = Path(muse.__file__).parents[1]  # where the muse that is tested lies: it may be an installed one
AGAIN = """
import sys
from pathlib import Path
from muse import bundle
bundle._SHIPPED = Path(sys.argv[1])
import torch
from muse.verbs.remake import remake
told = []
remake(sys.argv[2], tell=told.append).save(sys.argv[3])
print(told)
"""


@pytest.fixture(scope="module")
def made(untrained: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Album, Path, list[str]]:
    """An album of two tracks, where it was saved, and what it told of its making."""
    from muse import bundle
    from muse.verbs import library

    shipped, bundle._SHIPPED = bundle._SHIPPED, untrained
    library._kept.cache_clear()
    told: list[str] = []
    try:
        work = album("autumn river", lang="zh", tracks=2, artist="Muse", pixels=512, seed=7,
                     progress=lambda what, done, total: told.append(f"{what} {done}/{total}"))  # fmt: skip
        folder = work.save(tmp_path_factory.mktemp("album") / "a")
    finally:
        bundle._SHIPPED = shipped
        library._kept.cache_clear()
    return work, folder, told


def test_an_album_has_all_its_parts(made: tuple[Album, Path, list[str]]) -> None:
    work, folder, told = made
    names = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    expected = {"index.html", "cover.png", "cover.jpg", "contact.jpg", "recipe.json"}
    for number in (1, 2):
        expected |= {
            f"track-{number}/{name}"
            for name in ("poem.txt", "poem.json", "piece.mid", "piece.musicxml", "piece.opus", "roll.svg", "cover.jpg")
        }
    assert expected <= names
    assert work.tracks[0].poem.form != work.tracks[1].poem.form
    assert work.tracks[0].cover.style == work.tracks[1].cover.style == work.cover.style
    assert told[0].startswith("poem 1") and told[-1].startswith("page")


def test_its_covers_are_one_family(made: tuple[Album, Path, list[str]]) -> None:
    work, folder, _ = made
    covers = [track.cover for track in work.tracks]
    assert {cover.finish for cover in covers} == {work.cover.finish}
    assert {cover.recipe.request["colours"] for cover in covers} == {work.cover.recipe.seed}
    assert all(list(cover.recipe.request["palette"]) == list(work.cover.palette) for cover in covers)
    assert covers[0].recipe.seed != covers[1].recipe.seed and covers[0].png() != covers[1].png()
    figures = {promise.name: promise.found for promise in work.report.promises if "of the covers" in promise.name}
    assert {name: float(found) >= 0 for name, found in figures.items()} == {
        "palettes of the covers": True,
        "hands of the covers": True,
    }
    assert any("ΔE" in note for note in work.notes)
    with Image.open(folder / "contact.jpg") as sheet:
        assert sheet.width > 4 * 320 and sheet.height > 2 * 320
    assert 'src="contact.jpg"' in (folder / "index.html").read_text("utf-8")


def test_the_cover_of_an_album_hears_its_music(made: tuple[Album, Path, list[str]]) -> None:
    work, _, _ = made
    assert any("the music" in why for why in work.cover.plan)
    assert work.features.tempo and work.features.beats


def test_its_page_shows_each_track_and_stands_alone(made: tuple[Album, Path, list[str]]) -> None:
    _, folder, _ = made
    page = (folder / "index.html").read_text("utf-8")
    assert page.count("<audio") == page.count('class="poem"') == page.count('class="roll"') == 2
    assert "://" not in re.sub(r'(xmlns="[^"]*"|base64,[A-Za-z0-9+/=]*)', "", page)


@pytest.mark.usefixtures("small")
def test_an_english_theme_has_an_english_album(tmp_path: Path) -> None:
    work = album("autumn river", tracks=2, pixels=512, seed=5)
    assert [track.poem.language for track in work.tracks] == ["en", "en"]
    folder = work.save(tmp_path / "a")
    page = (folder / "index.html").read_text("utf-8")
    assert page.count('class="poem level"') == 2 and "<ruby>" not in page
    assert check(folder).valid is not False


def test_every_promise_is_proved_from_the_files(made: tuple[Album, Path, list[str]]) -> None:
    work, folder, _ = made
    report = check(folder)
    assert report.valid is not False, [promise for promise in report.promises if promise.kept is False]
    names = " ".join(promise.name for promise in report.promises)
    assert all(part in names for part in ("track-1/poem.txt", "track-2/piece.mid", "cover.png", "page"))
    assert check(work).valid == report.valid
    assert check(folder / "track-2" / "poem.txt").valid is True
    assert check(folder / "track-1" / "piece.mid").valid is not False


def test_the_same_bytes_come_from_another_process_in_another_folder(
    made: tuple[Album, Path, list[str]], untrained: Path, tmp_path: Path
) -> None:
    _, folder, _ = made
    done = subprocess.run(
        [sys.executable, "-c", AGAIN, str(untrained), str(folder / "recipe.json"), str(tmp_path / "b")],
        capture_output=True, text=True, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}, timeout=280,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]"
    first, second = (
        {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}
        for root in (folder, tmp_path / "b")
    )
    assert first.keys() == second.keys()
    assert [name for name in first if first[name] != second[name]] == []


@pytest.mark.parametrize(
    ("harm", "name"),
    [
        (lambda folder: (folder / "track-1" / "piece.mid").unlink(), "missing"),
        (lambda folder: (folder / "track-2" / "poem.txt").write_text("题\n\n一二三四五，六七八九十。\n"), "form"),
        (lambda folder: page_with(folder, '<img src="https://example.org/x.png" alt="x">'), "outside"),
        (lambda folder: page_with(folder, '<a href="../secret.txt">x</a>'), "outside"),
        (lambda folder: page_with(folder, '<img src="lost.png" alt="x">'), "finds its files"),
        (lambda folder: (folder / "index.html").unlink(), "page"),
    ],
)
def test_what_was_harmed_is_found(made: tuple[Album, Path, list[str]], tmp_path: Path, harm: object, name: str) -> None:
    folder = tmp_path / "harmed"
    shutil.copytree(made[1], folder)
    harm(folder)  # type: ignore[operator]
    report = check(folder)
    assert report.valid is False
    broken = [f"{promise.name} {promise.found}" for promise in report.promises if promise.kept is False]
    assert any(name in text for text in broken), broken


def page_with(folder: Path, more: str) -> None:
    page = folder / "index.html"
    page.write_text(page.read_text("utf-8").replace("</main>", more + "</main>"), "utf-8")


def test_an_album_can_be_read_back(made: tuple[Album, Path, list[str]]) -> None:
    work, folder, _ = made
    again = read(folder)
    assert isinstance(again, Album)
    assert [track.poem.lines for track in again.tracks] == [track.poem.lines for track in work.tracks]
    assert again.text() == work.text()
    with pytest.raises((InputError, RecipeError)):
        read(folder / "track-1" / "piece.opus")


def test_an_album_with_a_poem_recipe_is_none(made: tuple[Album, Path, list[str]], tmp_path: Path) -> None:
    shutil.copytree(made[1], tmp_path / "a")
    (tmp_path / "a" / "recipe.json").write_bytes(Recipe("poem", 1, version="0", machine={"device": "cpu"}).as_bytes())
    with pytest.raises(RecipeError):
        read(tmp_path / "a")


@pytest.mark.parametrize("tracks", [0, 13, -1, True])
def test_the_number_of_tracks_has_bounds(tracks: int) -> None:
    with pytest.raises(UsageError):
        album("秋", tracks=tracks)


@pytest.mark.parametrize("theme", ["秋江夜泊", "autumn river", "🌸", "qwxyz", "thunder storm"])
def test_tracks_are_named_apart_by_the_seed(theme: str) -> None:
    reading = interpret(theme)
    names = track_names(reading, 12, 7, "zh")
    assert names[0] == "" and len(set(names)) == 12 and all(len(name) == 2 for name in names[1:])
    assert names == track_names(reading, 12, 7, "zh") != track_names(reading, 12, 8, "zh")


@pytest.mark.parametrize("key", ["C major", "F# minor", "Bb major", "B minor"])
def test_keys_are_near_to_the_first(key: str) -> None:
    from muse.music.theory import Key

    for number in range(1, 6):
        other = Key.parse(related(key, number))
        assert len(other.scale & Key.parse(key).scale) >= 6
