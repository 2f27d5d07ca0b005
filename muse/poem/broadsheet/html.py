"""A poem in a notebook: HTML that needs nothing from outside, with a font cut to its characters."""

from __future__ import annotations

from base64 import b64encode
from html import escape
from typing import TYPE_CHECKING

from muse.files import sha256
from muse.fonts.outline import cut
from muse.poem.layout import Verse, heading, indents
from muse.sheet.page import PALETTES
from muse.sheet.setting import BODY, Setter, clean, printed

if TYPE_CHECKING:
    from muse.poem.poem import Poem

_PAPER = PALETTES["paper"]
_BOX = (
    f"display:inline-block;background:{_PAPER.ground};color:{_PAPER.ink};border:1px solid {_PAPER.rule};"
    "max-width:100%;overflow:auto;box-sizing:border-box;"
)
_ACROSS = "padding:1.6em 2.4em;font-size:17px;line-height:1.6;"
_UPRIGHT = "writing-mode:vertical-rl;padding:1.8em 1.6em;font-size:22px;line-height:2;letter-spacing:.14em;"


def html(poem: Poem) -> str:
    """Chinese verse in columns, with pinyin where the poem shows it; other verse by stanzas."""
    verse, upright = poem.verse, poem.language == "zh"
    title = clean(heading(poem.title, poem.tune))
    syllables = poem.pinyin() if upright and poem.shown and not verse.prose else ()
    if upright:
        lines = [clean(line) for line in verse.lines]
        rows = [_ruby(line, syllables[at]) if syllables else escape(line) for at, line in enumerate(lines)]
        body = "".join(f"<div{_gap(verse, at, 'right')}>{row}</div>" for at, row in enumerate(rows))
    else:
        title, lines = printed(title), [printed(clean(line)) for line in verse.lines]
        hung = [f"padding-left:{1.6 * step + 2:g}em;text-indent:-2em;" for step in indents(verse, poem.form)]
        styles = [_gap(verse, at, "top", more) for at, more in enumerate(hung)]
        body = "".join(f"<div{style}>{escape(line)}</div>" for style, line in zip(styles, lines, strict=True))
    family, face = _face("".join([title, *lines, *("".join(line) for line in syllables)]), latin=not upright)
    style = _BOX + (_UPRIGHT if upright else _ACROSS) + f"font-family:{family},'Noto Serif CJK SC',Songti SC,serif"
    head = f'<div style="font-weight:bold;margin-{"left" if upright else "bottom"}:.9em">{escape(title)}</div>'
    language = "zh-Hans" if upright else escape(poem.language)
    return f'<style>{face}</style><div lang="{language}" style="{style}">{head}{body}</div>'


def _ruby(line: str, syllables: tuple[str, ...]) -> str:
    return "".join(
        f'<ruby>{escape(char)}<rt style="font-size:.36em;letter-spacing:0">{escape(sound)}</rt></ruby>'
        for char, sound in zip(line, syllables, strict=False)
    )


def _gap(verse: Verse, number: int, side: str, more: str = "") -> str:
    """The style of a line; one that begins a stanza stands off."""
    gap = f"margin-{side}:1em;" if number in verse.stanzas or (verse.prose and number) else ""
    return f' style="{gap}{more}"' if gap or more else ""


def _face(text: str, *, latin: bool) -> tuple[str, str]:
    """A font of these characters under a name of its own, so that many poems can stand in one notebook."""
    setter = Setter(latin=latin)
    shapes = {char: setter.shape(char, BODY)[1] for char in sorted(set(text + " "))}
    held = {char: shape for char, shape in shapes.items() if char not in setter.lacking}
    family = f"muse-{sha256(''.join(held).encode())[:8]}"
    data = b64encode(cut(list(held.values()), map(ord, held), family)).decode()
    return family, f"@font-face{{font-family:{family};src:url(data:font/otf;base64,{data})}}"
