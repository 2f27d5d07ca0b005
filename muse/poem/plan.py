"""From wishes to a plan: what the model is told, what is given ahead, and the automaton that the poem follows.

Every combination of wishes that can be met has a plan, whose automaton cannot fail. For one that cannot, the error
names the place, the wish and what to change. Text that was given is never altered:

- strict: it must fit the form; a character of two tones is read as the form asks, where not both of its tones fit, and
  the report then says "depends";
- not strict: where no reading fits, it stands against the form all the same, and the report names the place.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from muse.bundle import Bundle
from muse.constraint import Refused
from muse.errors import WishError
from muse.nn.writer import Prompt
from muse.poem.automaton import Demands, automaton
from muse.poem.choose import book_of, scores
from muse.poem.fields import Keyword, fields_of, forbidden_of, keywords_of
from muse.poem.frame import CONTEXT, Given, Outline, opening, prompt
from muse.poem.given import GAP, Text, texts
from muse.poem.meet import met
from muse.poem.model import contents
from muse.poem.novelty import Index
from muse.poem.prefix import Fields
from muse.poem.score import Score
from muse.poem.sounds import BLOCKED, Characters
from muse.poem.vocabulary import COUPLET, UNKNOWN
from muse.poem.wishes import Wishes
from muse.tables.simplified import simplify
from muse.walk import Walk

MOST = 64
"""Automata, and readings of a rhyme book, that are kept with a bundle."""


@dataclass(frozen=True, eq=False)
class Plan:
    """What is to be written.

    Attributes:
        score: its form.
        characters: the rhyme book over the vocabulary, strict or not.
        fields: what stands before it.
        text: what is given of it.
        demands: what the automaton was asked for.
        constraint: the automaton.
        keywords: that it should hold.
        notes: what was chosen, mapped or relaxed, for the report.
    """

    score: Score
    characters: Characters
    fields: Fields
    text: Text
    demands: Demands
    constraint: Walk
    keywords: tuple[Keyword, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def against(self) -> bool:
        """Whether given text stands against the form, by leave of the wishes or of custom."""
        end = self.text.characters.get((0, self.score.widths[0] - 1), "")
        level = self.characters.tones(end) == {True}
        return bool(self.demands.relaxed) or (self.score.form == COUPLET and level)

    @property
    def outline(self) -> Outline:
        return self.score.outline

    @property
    def given(self) -> tuple[Given, ...]:
        """The given characters as the model reads them ahead, as many as its context has room for."""
        if not self.text.characters:
            return ()
        vocabulary = self.characters.vocabulary
        marks = sum(len(self.outline.before(line, vocabulary)) for line in range(len(self.outline.widths)))
        room = CONTEXT - len(opening(self.fields, self.outline, vocabulary)) - marks - sum(self.outline.widths) - 1
        places = tuple(sorted(self.text.characters)[: max(0, room)])
        tokens = vocabulary.encode("".join(self.text.characters[place] for place in places))
        return (Given(places, tuple(tokens)),) if places else ()

    def prompt(self) -> Prompt:
        """All that the model reads before it writes."""
        return prompt(self.fields, self.outline, self.characters.vocabulary, self.given)

    def plain(self) -> Prompt:
        """The form alone."""
        return prompt(Fields(self.outline.form), self.outline, self.characters.vocabulary)


def plan(wishes: Wishes, bundle: Bundle, seed: int) -> Plan:
    """How the wishes can be met.

    Raises:
        UsageError: a name that muse does not know.
        WishError: wishes that cannot be met together.
        BundleError: the bundle writes no poems.
    """
    contents(bundle)
    keywords, forbidden = tuple(keywords_of(wishes)), tuple(forbidden_of(wishes))
    failed: WishError | None = None
    for score in scores(wishes, seed):
        try:
            for text in texts(wishes, score):
                try:
                    return _planned(wishes, bundle, score, text, keywords, forbidden)
                except WishError as error:
                    failed = failed or error
        except WishError as error:
            failed = failed or error
    assert failed is not None  # there is at least one score, and a text for it
    raise failed


def _planned(
    wishes: Wishes,
    bundle: Bundle,
    score: Score,
    text: Text,
    keywords: tuple[Keyword, ...],
    forbidden: tuple[str, ...],
) -> Plan:
    for line, word in keywords:
        if line > len(score.widths) or len(word) > (score.widths[line - 1] if line else max(score.widths)):
            where = f"in line {line}" if line else "in any line"
            raise WishError(
                f"{score.tune or score.form} has no room for {word} {where}", "", "name another line or word"
            )
        if any(one in word for one in forbidden):
            raise WishError(f"the keyword {word} is forbidden", "", "leave one of the two out")
    for line, width in enumerate(score.widths):
        given = "".join(text.characters.get((line, place), GAP) for place in range(width))
        for word in forbidden:
            if (place := given.find(word)) >= 0:
                raise WishError(f"line {line + 1}, place {place + 1}: {text.wish[line, place]} gives {word}",
                                "it is forbidden", "leave one of the two out")  # fmt: skip
    single, words = (tuple(one for one in forbidden if (len(one) == 1) is short) for short in (True, False))
    characters = characters_of(bundle, book_of(wishes, score.form), wishes.strict, "".join(single))

    def build(score: Score, characters: Characters, demands: Demands) -> Walk:
        return walk_of(bundle, score, characters, demands, wishes.novel)

    rule, demands = met(score, characters, Demands(dict(text.characters), words), wishes.rhyme, build)
    fields = fields_of(wishes, score, characters, keywords, forbidden)
    notes = tuple(_notes(wishes, score, text, demands, characters))
    return Plan(score, characters, fields, text, demands, rule, keywords, notes)


def walk_of(bundle: Bundle, score: Score, characters: Characters, demands: Demands, novel: bool) -> Walk:
    """The automaton of a score with demands; kept with the bundle.

    Raises:
        WishError: nothing meets the demands.
    """
    key = (score, characters.key, tuple(sorted(demands.fixed.items())), demands.words,
           tuple(sorted(demands.rhymes.items())), demands.lenient, demands.relaxed, novel)  # fmt: skip
    kept: dict[object, Walk] = _room(bundle, "automata")
    if key not in kept:
        kept[key] = automaton(score, characters, demands, refused=refused(bundle) if novel else None)
    return kept[key]


def refused(bundle: Bundle) -> Refused | None:
    """The lines that the model has read, for an automaton; kept with the bundle."""
    if "refused" not in bundle.cache:
        bundle.cache["refused"] = Index.thaw(bundle).refused(contents(bundle)[1])
    found: Refused | None = bundle.cache["refused"]
    return found


def characters_of(bundle: Bundle, book: str, strict: bool, forbidden: str = "") -> Characters:
    """What a rhyme book says of the bundle's vocabulary; kept with the bundle."""
    kept: dict[object, Characters] = _room(bundle, "characters")
    key = book, strict, BLOCKED + forbidden
    if key not in kept:
        kept[key] = Characters.build(contents(bundle)[1], strict, book, BLOCKED + forbidden)
    return kept[key]


def _room(bundle: Bundle, name: str) -> dict[object, Any]:
    """A shelf of the bundle's cache with room for one more; what was put there first goes first."""
    kept: dict[object, Any] = bundle.cache.setdefault(name, {})
    for old in list(islice(kept, max(0, len(kept) - MOST + 1))):
        del kept[old]
    return kept


def _notes(wishes: Wishes, score: Score, text: Text, demands: Demands, characters: Characters) -> Iterator[str]:
    """What a reader of the report should know of the choices that were made."""
    if wishes.form is None and not score.tune:
        yield f"the form was chosen: {score.form}"
    if score.tune and not wishes.tune:
        yield f"the tune was chosen: {score.tune}"
    if not wishes.strict:
        yield "characters with two tones were read as the form asks"
    asked = "".join((wishes.first_line, wishes.acrostic, wishes.reply_to, *wishes.lock))
    if asked != simplify(asked):
        yield "given characters that were traditional are written simplified"
    if wishes.reply_to and characters.tones(text.characters[0, score.widths[0] - 1]) == {True}:
        yield "the given line ends level, by custom the reply's end; it is answered by an oblique end"
    if text.acrostic and len(text.acrostic) < len(score.widths):
        yield f"the acrostic stands in lines {', '.join(str(line + 1) for line in text.acrostic)}"
    vocabulary = characters.vocabulary
    known = {place: vocabulary.encode(one)[0] for place, one in text.characters.items()}
    if strange := "".join(dict.fromkeys(text.characters[at] for at, token in known.items() if token == UNKNOWN)):
        yield f"given characters that the model does not know: {strange}"
    if marked := "".join(dict.fromkeys(one for one in text.characters.values() if one in BLOCKED)):
        yield f"given characters that muse does not write of itself: {marked}"
    for places, why in (
        (demands.lenient, "read as the form asks"),
        (demands.relaxed, "relaxed: it stands against the form"),
    ):
        for line, place in sorted(places):
            yield f"line {line + 1}, place {place + 1}: {demands.fixed[line, place]} is {why}"
