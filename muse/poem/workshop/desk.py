"""A Chinese poem on the desk: its score, what of it stays, and the plan by which the rest is written anew.

What stays is given to the model ahead of the poem, as it was in training (`muse.poem.frame.Given`), and stands in the
automaton. Text of the poem that breaks its form stays too; what is written keeps the form, and the rhyme of the poem.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from muse.bundle import Bundle
from muse.errors import UsageError, WishError
from muse.poem.automaton import Demands
from muse.poem.fields import fields_of, forbidden_of, keywords_of
from muse.poem.given import Text, texts
from muse.poem.plan import Plan, characters_of, walk_of
from muse.poem.poem import Poem
from muse.poem.sounds import Characters
from muse.poem.vocabulary import UNKNOWN
from muse.poem.wishes import Wishes
from muse.poem.workshop.fit import Fit, Place, fit
from muse.poem.workshop.former import FREE
from muse.tables.books import family


@dataclass(frozen=True, eq=False)
class Desk:
    """A poem and its wishes, ready to be worked on.

    Attributes:
        wishes: of its recipe, and those that were added.
        fit: the poem on its score.
    """

    poem: Poem
    wishes: Wishes
    bundle: Bundle
    fit: Fit

    @classmethod
    def of(cls, poem: Poem, wishes: Wishes, bundle: Bundle) -> Desk:
        """
        Raises:
            InputError: the poem has no form that muse writes.
        """
        found = fit(poem, wishes.rhyme_book)
        score = found.score
        rhyme = next(iter(found.rhymes.values()), "")
        asked = replace(wishes, form=score.form, tune=score.tune or None, title=poem.title, rhyme=rhyme, length="",
                        first_line="", reply_to="", lock=())  # fmt: skip
        return cls(poem, asked, bundle, found)

    @property
    def every(self) -> dict[Place, str]:
        """All its characters by their places."""
        return {(line, place): one for line, text in enumerate(self.poem.lines) for place, one in enumerate(text)}

    def acrostic(self) -> frozenset[Place]:
        """The places of the acrostic that the poem was asked for."""
        if not self.wishes.acrostic:
            return frozenset()
        every = self.every
        try:
            for text in texts(replace(self.wishes, lock=()), self.fit.score):
                if all(every[place] == one for place, one in text.characters.items()):
                    return frozenset(text.characters)
        except WishError:
            return frozenset()
        return frozenset()

    def characters(self, forbidden: str = "") -> Characters:
        single = "".join(word for word in forbidden_of(self.wishes) if len(word) == 1)
        return characters_of(self.bundle, self.fit.book, self.wishes.strict, single + forbidden)

    def plan(self, kept: Mapping[Place, str], forbidden: str = "") -> Plan:
        """How the places that are not kept are written anew.

        Args:
            forbidden: characters that are not to be written.

        Raises:
            UsageError, WishError: wishes that cannot be met.
        """
        characters, score = self.characters(forbidden), self.fit.score
        demands = self.demands(kept)
        rule = walk_of(self.bundle, score, characters, demands, self.wishes.novel)
        keywords = tuple(keywords_of(self.wishes))
        fields = fields_of(self.wishes, score, characters, keywords, tuple(forbidden_of(self.wishes)))
        notes = tuple(self._notes(characters, kept, demands.relaxed))
        return Plan(score, characters, fields, Text(dict(kept), {}), demands, rule, keywords, notes)

    def demands(self, kept: Mapping[Place, str]) -> Demands:
        """What the automaton is asked for beside the score: what is kept, whatever it breaks, and the poem's rhyme."""
        characters = self.characters()
        words = tuple(word for word in forbidden_of(self.wishes) if len(word) > 1)
        lenient = frozenset(place for place, one in kept.items() if len(characters.tones(one)) == 2)
        return Demands(dict(kept), words, self._rhymes(characters), lenient, self.fit.faults.intersection(kept))

    def locked(self, kept: Mapping[Place, str]) -> Wishes:
        """The wishes with what is kept as locks, line by line."""
        lock = ["".join(kept.get((line, place), FREE) for place in range(width))
                for line, width in enumerate(self.fit.score.widths)]  # fmt: skip
        return replace(self.wishes, lock=tuple("" if set(text) == {FREE} else text for text in lock))

    def refuse_whole(self, kept: Mapping[Place, str]) -> None:
        """Raises UsageError where nothing is left to write."""
        if len(kept) == sum(self.fit.score.widths):
            raise UsageError("nothing is left to write", "every character is kept", "keep less, or name other lines")

    def _rhymes(self, characters: Characters) -> dict[str, frozenset[str]]:
        """For each letter that the poem rhymes in the group that it keeps, where the vocabulary can."""
        book = characters.book
        able = {*characters.level, *(family(name, book) for name in characters.level)}
        return {letter: frozenset({name}) for letter, name in self.fit.rhymes.items() if name in able}

    def _notes(self, characters: Characters, kept: Mapping[Place, str], faults: frozenset[Place]) -> Sequence[str]:
        notes = [f"line {line + 1}, place {place + 1}: {kept[line, place]} stands against the form and is kept"
                 for line, place in sorted(faults)]  # fmt: skip
        ids = characters.vocabulary
        strange = dict.fromkeys(one for one in kept.values() if ids.encode(one)[0] == UNKNOWN)
        if strange:
            notes.append(f"kept characters that the model does not know: {''.join(strange)}")
        return notes
