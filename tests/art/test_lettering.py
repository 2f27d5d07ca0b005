"""Lettering: what is written where, sizes, contrast on the pixels, seals."""

import json

import numpy as np
import pytest
from PIL import Image

from muse.art.letters import arrange, layout, lettering, promises, words
from muse.art.referee import words as referee

PALETTE = ("#101820", "#405060", "#8090a0", "#c0c8cc", "#f2efe4")
LONG = "The Unbearable Lightness of Being a Small Boat on a Very Large Sea"
VERSE = ("月落乌啼霜满天", "江枫渔火对愁眠")


def ground(kind: str, width: int = 512, height: int | None = None) -> Image.Image:
    rng, shape = np.random.default_rng(4), (height or width, width)
    if kind == "noise":
        return Image.fromarray(rng.integers(0, 256, (*shape, 3), dtype=np.uint8))
    if kind == "checks":
        rows, columns = (np.arange(side) // 32 % 2 for side in shape)
        return Image.fromarray(((rows[:, None] ^ columns) * 255).astype(np.uint8)).convert("RGB")
    return Image.new("RGB", shape[::-1], kind)


def least(done: lettering.Lettered) -> float:
    """The least contrast that the referee finds of any line."""
    return min(
        referee.contrast(done.image, box, tuple(int(text.colour[k : k + 2], 16) for k in (1, 3, 5)))
        for text in done.texts
        for box in text.boxes
    )


@pytest.mark.parametrize("kind", ["black", "white", "#777777", "#b02020", "noise", "checks"])
@pytest.mark.parametrize(("title", "artist"), [("秋江夜泊", "李白"), ("Winter Evening", "Anna Berg")])
@pytest.mark.parametrize("style", ["ink", "oil", "geometric"])
def test_contrast_holds_on_any_ground(kind: str, title: str, artist: str, style: str) -> None:
    done = lettering.letter(ground(kind), title, artist, ("一",), style, PALETTE, 1)
    assert {text.role for text in done.texts} >= {"title", "artist", "verse"}
    assert min(text.contrast for text in done.texts) >= lettering.CONTRAST
    assert least(done) >= lettering.CONTRAST


@pytest.mark.parametrize(("width", "height"), [(288, 512), (512, 288), (256, 768), (768, 256)])
@pytest.mark.parametrize("title", ["秋江夜泊", LONG, "江南 Spring", "Grid", "雨夜，想起你。"])
def test_words_stay_within_any_frame(width: int, height: int, title: str) -> None:
    for style in ("ink", "fractal", "tarot"):
        done = lettering.letter(ground("checks", width, height), title, "王维", VERSE, style, PALETTE, 3, bleed=5)
        edge = 5 + 0.05 * (min(width, height) - 10)
        for text in done.texts:
            assert text.box[0] >= edge and text.box[1] >= edge, (style, text)
            assert text.box[2] <= width - edge and text.box[3] <= height - edge, (style, text)
            if height > 1.6 * width:
                assert text.box[1] >= 0.13 * height and text.box[3] <= 0.81 * height
        assert least(done) >= lettering.CONTRAST


def test_blocks_stay_apart() -> None:
    for space in (layout.frame(1, 1), layout.frame(9, 16), layout.frame(16, 9)):
        for style in ("ink", "oil", "ukiyo-e", "fractal"):
            for title, artist, verse in [
                ("秋江夜泊", "李白", VERSE), ("The Long Road", "Anna Berg", ("one line", "another")),
                ("一场很长很长的梦与它的回声", "Muse", ()), ("A", "B", ()), ("", "Muse", VERSE),
                ("x " * 79, "y" * 119, VERSE * 4),
            ]:  # fmt: skip
                texts = words.wording(title, artist, verse, style)
                for option in arrange.candidates(texts, space):
                    for k, block in enumerate(option.blocks):
                        assert not any(arrange.meets(block, other) for other in option.blocks[:k]), (style, option)


def test_words_go_where_the_picture_is_quiet() -> None:
    busy = np.zeros((96, 96), np.float32)
    busy[48:] = 1
    options = arrange.candidates(words.wording("Title", "", (), "oil"), layout.frame(1, 1))
    assert layout.weighed(options, busy)[0].name.startswith("top")
    assert layout.weighed(options, busy[::-1])[0].name.startswith("bottom")


def test_a_quiet_ground_bears_letters_without_a_veil_and_a_wild_one_gets_a_plate() -> None:
    assert lettering.letter(ground("black"), "Title", "Name", (), "oil", PALETTE, 1).scrim == 0
    assert "on a band" in lettering.letter(ground("noise"), "Title", "", (), "oil", PALETTE, 1).layout
    assert "on a cartouche" in lettering.letter(ground("checks"), "秋江", "", (), "ink", PALETTE, 1).layout


def test_nothing_to_write_leaves_the_picture_alone() -> None:
    image = ground("noise")
    assert lettering.letter(image, "", "\x00", (" ",), "ink", PALETTE, 1).image.tobytes() == image.tobytes()


@pytest.mark.parametrize("style", ["ink", "cosmic", "botanical"])
def test_a_title_is_read_in_a_list(style: str) -> None:
    for title in ("秋江夜泊", "Winter Evening", "River"):
        done = lettering.letter(ground("black"), title, "", (), style, PALETTE, 1)
        found = {promise.name: promise for promise in promises.promises({"title": title}, done)}
        assert found["title legible at 64 pixels"].kept is True and found["title"].kept is True


def test_a_long_title_is_said_to_be_small() -> None:
    done = lettering.letter(ground("black"), LONG, "", (), "oil", PALETTE, 1)
    found = {promise.name: promise for promise in promises.promises({"title": LONG}, done)}
    assert found["title legible at 64 pixels"].kept == "relaxed" and found["title"].kept is True


@pytest.mark.parametrize("pixels", [512, 700, 1024])
@pytest.mark.parametrize("colour", ["#ffffff", "#c9c4b8", "#101010"])
@pytest.mark.parametrize("artist", ["王", "李白", "白居易", "欧阳北辰"])
def test_a_seal_can_be_read_on_any_ground(colour: str, artist: str, pixels: int) -> None:
    done = lettering.letter(ground(colour, pixels), "秋江夜泊", artist, (), "ink", PALETTE, 7)
    seal = next(text for text in done.texts if text.role == "seal")
    assert seal.lines == (artist,) and seal.size >= pixels * 0.036 and seal.contrast >= lettering.CONTRAST
    assert referee.contrast(done.image, seal.box, (250, 243, 230)) >= lettering.CONTRAST


def test_a_seal_says_nobody_elses_name() -> None:
    assert words.wording("秋江", "Muse", (), "ink").seal == "秋江"
    assert words.wording("一场很长很长的梦", "", (), "ink").seal == "一"
    assert words.wording("Autumn River", "Muse", ("月落",), "ink").seal == ""


def test_the_same_seed_gives_the_same_lettering() -> None:
    one, two = (lettering.letter(ground("noise"), "秋江", "Muse", ("一",), "ink", PALETTE, 9).image for _ in "ab")
    assert one.tobytes() == two.tobytes()


def test_a_layout_is_the_same_at_every_size() -> None:
    small, large = (
        lettering.letter(ground("#203040", side), LONG, "Muse", (), "oil", PALETTE, 5) for side in (400, 1200)
    )
    assert small.layout == large.layout
    for a, b in zip(small.texts, large.texts, strict=True):
        assert a.lines == b.lines and np.allclose(np.array(a.box) * 3, b.box, atol=6)


def test_the_check_measures_every_line() -> None:
    done = lettering.letter(ground("#203040"), LONG, "", (), "oil", PALETTE, 5)
    text = done.texts[0]
    record = {"Title": LONG, "lettering": json.dumps([text.as_dict()])}
    assert len(text.boxes) > 2

    def kept(image: Image.Image) -> object:
        found = referee.promises(referee.recorded(record), image, record, "")
        return next(promise.kept for promise in found if promise.name == "contrast of the title")

    assert kept(done.image) is True
    left, top, right, bottom = text.boxes[-1]
    done.image.paste((150, 150, 150), (left - 6, top - 6, right + 6, bottom + 6))
    assert kept(done.image) is False
