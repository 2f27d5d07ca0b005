"""The texts of a cover, as they can be lettered: what no face draws is refused by name, or left out and said."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from muse.art.letters import breaking, fonts
from muse.art.letters.fonts import Voice
from muse.errors import WishError
from muse.fonts.faces import drawable, drawn, is_han, missing

MOST = {"title": 160, "artist": 120, "verse": 60}
MOST_LINES = 8
KNOWN = "Latin, Greek and Cyrillic letters, Chinese characters and kana"


@dataclass(frozen=True, slots=True)
class Wording:
    """The texts of a cover, and the style whose voices they take.

    Attributes:
        notes: what was left out or changed, for people.
    """

    title: str
    artist: str
    verse: tuple[str, ...]
    style: str
    notes: tuple[str, ...] = ()

    @property
    def voices(self) -> tuple[Voice, Voice, Voice]:
        """Those of title, artist and verse."""
        return fonts.title_voice(self.style, self.title), fonts.small_voice(self.style), fonts.verse_voice(self.style)

    @property
    def seal(self) -> str:
        """What a seal would say: the artist's Han characters, else the title's, at most four; one of a longer title."""
        for name in (self.artist, self.title):
            chars = [char for char in name if is_han(char)]
            if chars:
                return "".join(chars) if len(chars) <= 4 else chars[0]
        return ""


def wording(title: str, artist: str, verse: Sequence[str], style: str) -> Wording:
    """The texts as the faces can draw them.

    Raises:
        WishError: a text holds letters that no face has, nothing of it can be drawn, or it is too long.

    >>> wording("Drift 🌊 away", "", (), "flow").notes
    ('left out of the title, no face draws it: 🌊 (U+1F30A)',)
    """
    notes: list[str] = []
    lines = [line for line in verse if line.strip()]
    if len(lines) > MOST_LINES:
        raise WishError(
            f"a verse of {len(lines)} lines", f"a cover bears {MOST_LINES}", "choose the lines that matter most"
        )
    name, by = _drawable(title, "title", notes), _drawable(artist, "artist", notes)
    rows = tuple(filter(None, (_drawable(line, "verse", notes) for line in lines)))
    if missing():
        notes.append(f"faces missing from the package, Noto stands in: {', '.join(missing())}; install muse again")
    return Wording(name, by, rows, style, tuple(dict.fromkeys(notes)))


def offered(title: str) -> tuple[str, tuple[str, ...]]:
    """A title that was not asked for but follows from the theme: "" where it cannot be lettered, and why.

    >>> offered("مطر")[0]
    ''
    """
    try:
        _drawable(title, "title", [])
    except WishError as error:
        return "", (f"no title on the cover: {error}",)
    return title, ()


def _drawable(text: str, what: str, notes: list[str]) -> str:
    asked = unicodedata.normalize("NFC", " ".join(text.split()))
    kept, lost = drawable(asked)
    named = ", ".join(f"{char} (U+{ord(char):04X})" for char in lost[:5])
    letters = [char for char in lost if unicodedata.category(char)[0] in "LN"]
    if letters or (lost and not kept):
        script = unicodedata.name((letters or lost)[0], "unnamed").split()[0].title()
        why = f"no face of muse draws {named}" + (f": {script}" if letters and script != "Cjk" else "")
        raise WishError(f"the {what} cannot be lettered", why, f"write it in {KNOWN}, or leave the {what} out with ''")
    if len(kept) > MOST[what]:
        why = f"it has {len(kept)} characters, a cover bears {MOST[what]}"
        raise WishError(f"the {what} is too long to be read", why, "shorten it")
    if lost:
        notes.append(f"left out of the {what}, no face draws it: {named}")
    plainer = [c for c in asked if unicodedata.category(c)[0] == "M" or len(unicodedata.normalize("NFD", c)) > 1]
    plainer = [c for c in plainer if drawn(c) != c]
    if plainer:
        names = ", ".join(c if unicodedata.category(c)[0] != "M" else f"U+{ord(c):04X}" for c in plainer[:5])
        notes.append(f"accents of the {what} that no face has were left off: {names}")
    if any(len(word) > breaking.LONG for word in breaking.words(kept)):
        notes.append(f"a word of the {what} is longer than {breaking.LONG} letters and was broken")
    return kept.replace("'", "’")
