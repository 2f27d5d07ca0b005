"""Words that wound, which no English poem of ours holds: slurs against peoples, faiths and bodies, and coarse ones.

They are kept in a plain cipher (each letter 13 places on), so that they can be reviewed but do not stand here.
"""

from __future__ import annotations

import codecs

_WORDS = codecs.decode(
    "onfgneq onfgneqf ovgpu ovgpurf oynpxnzbbe pnsser puvanzna puvarr puvax puvaxf pbbyvr pbbyvrf pbba pbbaf "
    "pevccyr pevccyrf phag phagf qntb qntbrf qnexrl qnexrlf qnexvr qnexvrf qnexl qlxr snt snttbg snttbgf shpx "
    "shpxrq shpxre shpxvat tbbx ternfre tlc tlcb unysoerrq uneybg ubaxl ubggragbg ubggragbgf vzorpvyr vawha vawhaf "
    "wnc wncf wrjrff xnssve xnsve xvxr zbatbybvq zhynggb zhynggbrf arterff artebvq avt avttn avttn' avttnu avttre "
    "avttre'f avttreurnq avttref avtf bpgnebba bpgbebba cvpnavaal cvppnavaal cvpxnavaavrf cvpxnavaal cvff cvffrq "
    "dhnqebba encr encrq encre encrf encvat erqfxva erqfxvaf ergneq ergneqrq fnzob furravr furral fuvg fuvgf "
    "fuvggvat fyhg fyhgf fbqbzvgr fcvp fdhnj fdhnjf fgehzcrg fgehzcrgf genaal gebyybc gjng jrapu juber juberf "
    "jubevat jbc lvq lvqf arteb artebrf",
    "rot13",
).split()
BLOCKED = frozenset(_WORDS) | {word + ending for word in _WORDS for ending in ("s", "'s")}
"""Every blocked word in small letters."""


def wounds(word: str) -> bool:
    """Whether a word is blocked.

    >>> wounds("meadow")
    False
    """
    return word.lower() in BLOCKED
