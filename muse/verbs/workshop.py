"""The workshop: a poem rewritten in part and back again, alternatives for a line or a word, and what the form asked."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from muse.bundle import Bundle
from muse.errors import InputError, UsageError
from muse.poem.workshop.former import former, kept_dict, poem_of, wished
from muse.verbs import place, verse, wishes
from muse.verbs.finish import MoodWish, finish, plain_request, seed_of
from muse.verbs.library import LARGEST, load_kind, read
from muse.work import Recipe, Work

if TYPE_CHECKING:
    from muse.poem.poem import Poem
    from muse.poem.wishes import Wishes
    from muse.poem.workshop.terms import Alternative, Explanation


ROOMS = {"zh": "muse.poem.workshop", "en": "muse.poem.workshop.english"}


def rewrite(
    poem: Poem | str | Path | Mapping[str, Any],
    *,
    lines: int | Sequence[int] | None = None,
    keep: str | Sequence[str] = (),
    theme: str = "",
    mood: MoodWish = None,
    keywords: str | Sequence[str] = (),
    forbid: str | Sequence[str] = (),
    era: str = "",
    author: str = "",
    dial: Mapping[str, float] | None = None,
    candidates: int = 16,
    strict: bool | None = None,
    novel: bool = True,
    seed: int | None = None,
    device: str = "auto",
    bundle: str | Path | None = None,
) -> Poem:
    """The poem with some of its lines written anew; all else, its form, tune and rhyme stay.

    What its recipe wished still holds where nothing else is asked. `undo` gives the former poem back.

    >>> rewrite("outputs/秋江夜泊", lines=[2, 4], keep="明月", seed=7).form  # doctest: +SKIP
    '七绝'

    Args:
        poem: a Poem, the folder of one, its poem.json, a text file, or the text.
        lines: numbers from 1; by default all.
        keep: characters or words that stay where they stand in these lines.
        theme, mood, keywords, forbid, era, author: as of `muse.poem`.
        dial: {"density": 0.5, "valence": -0.5}, −1 to 1: from plain to dense, from sad to bright. Words are changed,
            rhyme words stay, and as much of the rest as the turn allows.
        candidates: how many are written for the best one to be kept; a dial has its own number.
        strict: what is written keeps the form under every reading; by default as the poem was asked for.
        novel: no line that the model has read.

    Raises:
        InputError: it is no poem, or has no form that muse writes.
        UsageError: a number of no line, an unknown name, or a wish that is none.
        WishError: wishes that cannot be met together; it names the place and what to change.
    """
    asked = {name: value for name, value in locals().items() if name not in ("poem", "seed")}
    (made,) = rewrites(poem, seeds=[seed_of(seed)], **asked)
    return made


def rewrites(
    poem: Poem | str | Path | Mapping[str, Any],
    *,
    seeds: Sequence[int],
    lines: int | Sequence[int] | None = None,
    keep: str | Sequence[str] = (),
    dial: Mapping[str, float] | None = None,
    device: str = "auto",
    bundle: str | Path | None = None,
    **asked: Any,
) -> Iterator[Poem]:
    """The poem rewritten with each seed, as `rewrite` does it, whose arguments these are.

    Raises:
        InputError, UsageError, WishError, BundleError.
    """
    from muse.poem.workshop.measures import read_dial

    own = on_desk(poem)
    weights, target = _weights(own, bundle), place.settle(device, language=True)
    turned = read_dial(dial or {})
    numbers = [lines] if isinstance(lines, int) else None if lines is None else list(lines)
    words = tuple(wishes.clean(word, "keep", 80) for word in verse.words_of(keep) if word.strip())
    told, wish = _wishes(own, asked)
    request = {
        "poem": kept_dict(own), "lines": numbers, "keep": list(words), "dial": turned or None,
        **plain_request(rewrite, asked, _APART),
    }  # fmt: skip
    room = ROOMS[own.language]
    if turned:
        made = import_module(f"{room}.dial").turn(own, turned, numbers, words, wish, weights, seeds, target)
    else:
        made = import_module(f"{room}.rewriting").rewrite(own, numbers, words, wish, weights, seeds, target)
    for seed, one in zip(seeds, made, strict=True):
        whole = replace(one, sheets=own.sheets, shown=own.shown, season=one.season or own.season)
        yield finish(whole, "rewrite", seed, request, [weights], target, told, language=True)


def undo(work: Poem | str | Path | Recipe) -> Poem:
    """The poem that a rewritten one was before, whole, with the recipe and the report that it had.

    >>> undo(rewrite("明月几时有", seed=7)).title  # doctest: +SKIP
    '明月几时有'

    Raises:
        RecipeError: it was not rewritten.
    """
    if isinstance(work, str | Path):
        from muse.verbs.remake import find

        work, _ = find(work)
    return former(work if isinstance(work, Recipe) else work.recipe)


def alternatives(
    poem: Poem | str | Path | Mapping[str, Any],
    line: int,
    word: str | tuple[int, int] | None = None,
    count: int = 5,
    *,
    theme: str = "",
    mood: MoodWish = None,
    forbid: str | Sequence[str] = (),
    seed: int = 0,
    device: str = "auto",
    bundle: str | Path | None = None,
) -> list[Alternative]:
    """Other texts for a line, or for a word of it, the best first: each with its log-probability, and why it fits.

    >>> [one.text for one in alternatives("白日依山尽，黄河入海流。欲穷千里目，更上一层楼。", 2)]  # doctest: +SKIP

    Args:
        poem: as of `rewrite`.
        line: from 1.
        word: one that stands in it, or (its first place from 1, its length); by default the whole line.
        count: how many; fewer come where the form leaves no more.

    Raises:
        InputError: it is no poem, or has no form that muse writes.
        UsageError: no such line or word.
        WishError: the form leaves nothing else there.
    """
    own = on_desk(poem)
    weights, target = _weights(own, bundle), place.settle(device, language=True)
    wishes.whole("count", count, 1, 50)
    _, wish = _wishes(own, {"theme": theme, "mood": mood, "forbid": forbid})
    room = import_module(f"{ROOMS[own.language]}.alternatives")
    found: list[Alternative] = room.alternatives(own, line, word, count, wish, weights, seed_of(seed), target)
    return found


def explain(
    poem: Poem | str | Path | Mapping[str, Any], *, device: str = "auto", bundle: str | Path | None = None
) -> Explanation:
    """What stood open at each place of a poem: what its form asked there, what each rule took away of the vocabulary,
    and the probability of what stands there, before and after that.

    >>> print(explain("白日依山尽，黄河入海流。欲穷千里目，更上一层楼。"))  # doctest: +SKIP

    Raises:
        InputError: it is no poem, or has no form that muse writes.
    """
    own = on_desk(poem)
    weights, target = _weights(own, bundle), place.settle(device, language=True)
    made = own.recipe.verb in ("poem", "rewrite")
    _, wish = _wishes(own, {} if made else {"strict": False})
    found: Explanation = import_module(f"{ROOMS[own.language]}.explaining").explain(own, wish, weights, target)
    return found


def on_desk(poem: Poem | str | Path | Mapping[str, Any]) -> Poem:
    """The poem of a folder, a file, a text, or a plain value, with its recipe where it has one.

    Raises:
        InputError: it is none.
    """
    from muse.poem.poem import Poem

    if isinstance(poem, Poem):
        return poem
    if isinstance(poem, Mapping):
        return poem_of(poem)
    text = str(poem)
    if not isinstance(poem, Path) and ("\n" in text or len(text) > 500 or not Path(text).exists()):
        return _typed("the text", text)
    path = Path(poem)
    path = path.parent if path.name == "recipe.json" else path
    told = path / "poem.json" if path.is_dir() else path
    if told.is_file() and told.suffix.lower() == ".json":
        return _saved(told)
    if path.is_file() and path.suffix.lower() == ".txt":
        return _typed(path.name, read_text(path))
    work: Work = read(path)
    raise InputError(f"{path} is no poem", f"it is a {work.kind}", "give a poem.json, a text file, or a poem's folder")


def _saved(path: Path) -> Poem:
    """The poem of a poem.json with all that lies beside it: its recipe and the kinds of its sheets."""
    beside = path.parent / "recipe.json"
    try:
        value = json.loads(read_text(path))
    except (ValueError, RecursionError) as error:
        raise InputError(f"cannot read {path}", f"it is not JSON: {error}", "give a poem.json") from error
    if not isinstance(value, dict):
        raise InputError(f"{path} is no poem", "it holds no object", "give a poem.json")
    if beside.is_file():
        value = {**value, "recipe": Recipe.load(beside).as_dict()}
    sheets = [kind for kind in ("pdf", "png") if path.with_suffix(f".{kind}").is_file()]
    return poem_of({**value, "sheets": sheets})


def read_text(path: Path) -> str:
    """The text of a file.

    Raises:
        InputError: it is not UTF-8, or too long.
    """
    from muse.files import read_capped

    try:
        return read_capped(path, min(LARGEST, 1 << 20)).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"cannot read {path}", "it is not UTF-8 text", "save it as UTF-8") from error


def _typed(name: str, text: str) -> Poem:
    """A poem as it was typed: what stands above it without marks is its title."""
    from muse.poem.poem import Poem
    from muse.verbs.verdict import read as read_verse

    known = read_verse(f"{name}.txt" if not name.endswith(".txt") else name, text.encode("utf-8", "replace"))
    found = Poem.from_text(text)
    if known.language != "zh" or known.lines == found.lines:
        return found
    return Poem.from_text(f"{known.title or known.lines[0]}\n\n" + "\n".join(known.lines))


def _weights(poem: Poem, bundle: str | Path | None) -> Bundle:
    if poem.language not in ROOMS:
        raise UsageError(f"no workshop for verse in {poem.language!r}", "muse rewrites Chinese and English verse",
                         "write it anew with muse poem")  # fmt: skip
    weights = load_kind(bundle if bundle is not None else verse.LANGUAGES[poem.language], "poem")
    own = str(weights.card.get("language", "zh"))
    if own != poem.language:
        raise UsageError(f"{weights.name} does not write {poem.language!r}", f"it writes {own!r}", "leave it out")
    return weights


def _wishes(poem: Poem, asked: Mapping[str, Any]) -> tuple[tuple[str, ...], Wishes]:
    """(notes on a theme that was asked, the wishes): those of the poem's recipe, and what was asked now."""
    given = {name: value for name, value in asked.items() if value not in (None, "", [], ())}
    merged = {**wished(poem.recipe), **given, "pinyin": poem.shown, "title": poem.title or "无题"}
    theme = merged.pop("theme", "")
    merged.pop("sheet", None)
    reading, found = verse.read(theme, **merged)
    return reading.notes if given.get("theme") else (), found


_APART = ("poem", "lines", "keep", "dial", "seed", "device", "bundle")
