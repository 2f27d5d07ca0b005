"""XML from strangers, read as a stream: no entities, nothing from outside; size, depth and number are bounded."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Literal
from xml.parsers import expat

from muse.errors import InputError

LARGEST = 24 << 20
"""Bytes of a document."""
DEEPEST = 40
MOST = 300_000
"""Elements of a document that are not passed over."""
MOST_IN_ONE = 20_000
LONGEST_TEXT = 4000
_CHUNK = 1 << 16


class Element:
    """An element with all that is in it.

    Attributes:
        text: what stands directly in it, at most LONGEST_TEXT characters.
    """

    __slots__ = ("attributes", "children", "name", "text")

    def __init__(self, name: str, attributes: dict[str, str]) -> None:
        self.name, self.attributes, self.text = name, attributes, ""
        self.children: list[Element] = []

    def find(self, name: str) -> Element | None:
        """The first child of a name."""
        for child in self.children:
            if child.name == name:
                return child
        return None

    def all(self, name: str) -> list[Element]:
        return [child for child in self.children if child.name == name]

    def said(self, *path: str) -> str:
        """The text of the first element down a path of names, "" where there is none."""
        found: Element | None = self
        for name in path:
            found = found.find(name) if found is not None else None
        return found.text.strip() if found is not None else ""


Event = tuple[Literal["open", "close", "item"], Element]


def stream(data: bytes, place: str, frames: Collection[str], ignored: Collection[str] = ()) -> Iterator[Event]:
    """The events of a document: a frame opens and closes, and an item, whole, lies in a frame.

    Args:
        place: the file's name, for errors.
        frames: names of the elements that hold items; the others are items, or parts of one.
        ignored: names of elements that are passed over with all that is in them.

    Raises:
        InputError: it is too large, not well-formed, or holds a document type of its own, entities, or too much.
    """
    reader = _Reader(place, frames, ignored)
    if len(data) > LARGEST:
        raise reader.refusal(f"it has more than {LARGEST:,} bytes", "cut it into parts")
    for begin in range(0, max(1, len(data)), _CHUNK):
        end = begin + _CHUNK
        reader.feed(data[begin:end], last=end >= len(data))
        yield from reader.events
        reader.events.clear()


class _Reader:
    """Turns the calls of expat into events."""

    def __init__(self, place: str, frames: Collection[str], ignored: Collection[str]) -> None:
        self.place, self.frames, self.ignored = place, frozenset(frames), frozenset(ignored)
        self.events: list[Event] = []
        self.stack: list[Element] = []
        self.skipped = self.count = self.inside = 0
        self.item: Element | None = None
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
        self.parser.StartElementHandler = self.open
        self.parser.EndElementHandler = self.close
        self.parser.CharacterDataHandler = self.text
        self.parser.StartDoctypeDeclHandler = self.doctype
        self.parser.EntityDeclHandler = self.entity
        self.parser.ExternalEntityRefHandler = self.entity
        self.parser.SkippedEntityHandler = self.entity

    def refusal(self, why: str, next_step: str = "export the score again") -> InputError:
        return InputError(f"cannot read {self.place}", why, next_step)

    def feed(self, data: bytes, last: bool) -> None:
        try:
            self.parser.Parse(data, last)
        except expat.ExpatError as error:
            where = f"byte {self.parser.ErrorByteIndex:,} (line {error.lineno}, column {error.offset})"
            raise self.refusal(f"its XML is damaged at {where}: {expat.ErrorString(error.code)}") from error
        except (ValueError, LookupError) as error:  # an encoding that is unknown
            raise self.refusal(f"its encoding cannot be read: {error}", "save it as UTF-8") from error

    def here(self) -> str:
        return f"byte {self.parser.CurrentByteIndex:,} (line {self.parser.CurrentLineNumber})"

    def open(self, name: str, attributes: dict[str, str]) -> None:
        if self.skipped or name in self.ignored:
            self.skipped += 1
            if self.skipped > DEEPEST:
                raise self.refusal(f"elements lie more than {DEEPEST} deep at {self.here()}")
            return
        self.count += 1
        if self.count > MOST:
            raise self.refusal(f"it has more than {MOST:,} elements", "cut it into parts")
        if len(self.stack) >= DEEPEST:
            raise self.refusal(f"elements lie more than {DEEPEST} deep at {self.here()}")
        element = Element(name, attributes)
        if self.item is not None:
            self.inside += 1
            if self.inside > MOST_IN_ONE:
                raise self.refusal(f"a <{self.item.name}> has more than {MOST_IN_ONE:,} elements at {self.here()}")
            self.stack[-1].children.append(element)
        elif name in self.frames:
            self.events.append(("open", element))
        else:
            self.item, self.inside = element, 0
        self.stack.append(element)

    def close(self, name: str) -> None:
        if self.skipped:
            self.skipped -= 1
            return
        element = self.stack.pop()
        if element is self.item:
            self.events.append(("item", element))
            self.item = None
        elif self.item is None:
            self.events.append(("close", element))

    def text(self, data: str) -> None:
        if self.item is not None and not self.skipped:
            element = self.stack[-1]
            element.text = (element.text + data)[:LONGEST_TEXT]

    def doctype(self, name: str, system: str | None, public: str | None, internal: bool) -> None:
        if internal:
            raise self.refusal(f"it declares a document type of its own at {self.here()}", "export it without one")

    def entity(self, *_: object) -> int:
        raise self.refusal(f"it holds an entity at {self.here()}, and entities are not read", "export it without them")
