"""What each room makes of a user's lessons: vocabulary, feed and figures of Chinese, English, or any other script."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from muse.bundle import Bundle
from muse.nn.transformer import Transformer
from muse.poem.course import LIMITS
from muse.poem.novelty import Index, Record, index_of
from muse.poem.own.course import Figures, Known, Room
from muse.poem.own.lessons import Lessons
from muse.settings import RunSettings

if TYPE_CHECKING:
    from muse.poem.english.vocabulary import Vocabulary as Words

FEW, OFTEN = 20, 3
"""So many poems give an author of one's own corpus, or a tune, a mark."""
OWN = " It was trained on a user's own corpus: what it writes may lean on single poems of it."


def chinese(settings: Any, run: RunSettings, lessons: Lessons, start: Bundle | None) -> Room:
    """Poems of known forms, and others as lines of any widths."""
    from muse.poem.mixture import Mixture, further_marks
    from muse.poem.model import contents, shape
    from muse.poem.vocabulary import Vocabulary

    texts = [record.text for record in lessons.train]
    if start is None:
        vocabulary = Vocabulary.of(texts, 1, further=further_marks(lessons.train, FEW, FEW))
    else:
        tokens = contents(start)[1].tokens
        new = Counter(char for text in texts for char in text if char not in contents(start)[1].ids)
        vocabulary = Vocabulary((*tokens, *sorted(new, key=lambda char: (-new[char], char))))

    def sampler(model: Transformer, step: int) -> dict[str, bytes]:
        from muse.nn.generate import TorchWriter
        from muse.poem.write import look

        return {"poems.txt": look(TorchWriter(model), vocabulary, run.seed).encode()}

    # all poems are read as often, of whatever time
    feed = Mixture(lessons.train, vocabulary, tokens=run.batch, seed=run.seed, plain=settings.plain, later=0.99)
    return Room(vocabulary.tokens, shape(settings, vocabulary), feed, _chinese_figures(vocabulary, lessons),
                "nats_per_char", sampler, index(lessons.train, start), LIMITS + OWN)  # fmt: skip


def _chinese_figures(vocabulary: Any, lessons: Lessons) -> Figures:
    from muse.poem.measure import costs

    def figures(model: Transformer) -> dict[str, float]:
        spent, count, _ = np.sum(list(costs(model, vocabulary, lessons.held).values()), axis=0)
        return {"loss": float(spent / count) * math.log(2), "bits_per_char": float(spent / count)}

    return figures


def english(settings: Any, run: RunSettings, lessons: Lessons, start: Bundle | None) -> Room:
    """Verse of the English forms."""
    from muse.poem.english.corpus import tally
    from muse.poem.english.course import LIMITS as ENGLISH
    from muse.poem.english.feed import VerseFeed
    from muse.poem.english.model import shape
    from muse.poem.english.sound import syllables
    from muse.poem.english.vocabulary import Vocabulary

    count, capital = tally(lessons.train)
    spell: Callable[[str], list[int]] | None = None
    if start is None:
        authors = Counter(verse.author for verse in lessons.train if verse.author)
        marked = sorted(name for name, poems in authors.items() if poems >= FEW)
        vocabulary = Vocabulary.of(count, capital, settings.words, settings.pieces, marked)
    else:
        before = Vocabulary(tuple(map(str, start.card["vocabulary"])))
        vocabulary = _extended(before, count, capital)

        def spell(word: str) -> list[int]:
            return before.encode_parts([word.lower()])

    sounds = syllables(vocabulary)
    if start is not None:  # the columns that it learned with, whatever the tables have become
        learned = dict(zip(map(str, start.card["vocabulary"]), start.card["syllables"], strict=True))
        sounds = np.array([learned.get(token, own) for token, own in zip(vocabulary.tokens, sounds, strict=True)])

    def sampler(model: Transformer, step: int) -> dict[str, bytes]:
        from muse.poem.english.look import look

        return {"poems.txt": look(model, vocabulary, settings.order, run.seed).encode()}

    feed = VerseFeed(lessons.train, vocabulary, tokens=run.batch, seed=run.seed, plain=settings.plain,
                     order=settings.order, sounds=sounds)  # fmt: skip
    card = {"syllables": sounds.tolist()}
    figures = _english_figures(vocabulary, sounds, settings.order, lessons)
    return Room(vocabulary.tokens, shape(settings, vocabulary), feed, figures, "nats_per_word", sampler,
                index(lessons.train, start), ENGLISH + OWN, card, spell)  # fmt: skip


def _extended(before: Words, count: Mapping[str, int], capital: Collection[str]) -> Words:
    """A vocabulary with the words that came OFTEN or more and were spelled in pieces so far, after its other words."""
    from muse.poem.english.text import capitalised
    from muse.poem.english.vocabulary import INNER, Vocabulary

    often = sorted((word for word in count if count[word] >= OFTEN), key=lambda word: (-count[word], word))
    new = [capitalised(word) if word in capital else word for word in often if len(before.encode_parts([word])) > 1]
    at = next((at for at, token in enumerate(before.tokens) if token.startswith(INNER) and len(token) > len(INNER) + 1),
              len(before))  # fmt: skip
    new = [word for word in new if word not in before.ids]
    return Vocabulary((*before.tokens[:at], *new, *before.tokens[at:]))


def _english_figures(vocabulary: Any, sounds: np.ndarray, order: Any, lessons: Lessons) -> Figures:
    from muse.poem.english.measure import bits

    def figures(model: Transformer) -> dict[str, float]:
        found = bits(model, vocabulary, lessons.held, order, sounds)
        return {"loss": found["bits_per_word"] * math.log(2), **{name: found[name] for name in (
            "bits_per_word", "bits_per_char")}}  # fmt: skip

    return figures


def script(settings: Any, run: RunSettings, lessons: Lessons, start: Bundle | None) -> Room:
    """Any text as it stands."""
    from muse.poem.script.course import room

    return room(settings, run, lessons, start)


def before(source: Transformer, brought: Known, lessons: Lessons, start: Bundle) -> float:
    """The loss of a bundle, as it is, on the poems held out."""
    import torch

    figures: Figures
    if lessons.room == "zh":
        from muse.poem.vocabulary import Vocabulary

        figures = _chinese_figures(Vocabulary(brought.tokens), lessons)
    elif lessons.room == "en":
        from muse.poem.english.vocabulary import Vocabulary as Words

        sounds, order = np.array(start.card["syllables"], np.uint8), start.card["settings"]["order"]
        figures = _english_figures(Words(brought.tokens), sounds, order, lessons)
    else:
        from muse.poem.script.course import figures_of
        from muse.poem.script.model import contents

        figures = figures_of(contents(start)[1], lessons)
    with torch.no_grad():
        return figures(source)["loss"]


def index(poems: Iterable[Record], start: Bundle | None) -> dict[str, np.ndarray]:
    """The index of known lines: those of the corpus, and of the bundle that learning began from."""
    return index_of(poems, before=Index.thaw(start) if start is not None else None)
