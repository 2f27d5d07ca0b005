"""Which pictures may stand behind shipped weights, and whom to thank for them.

The rule: an explicit free licence ("green"), or a work in the public domain by age whose scan carries no licence
("amber" old paintings and prints). Photographs of the sky are young: each must be named in its package's credits with
a licence that asks for no more than a credit (public domain, CC0, CC BY, "use freely if credited").
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

SKY_CREDITS = "CREDITS-stellarium.md"
FREE = re.compile(r"public domain|CC0|Attribution \d|free and may be used|use the image freely", re.IGNORECASE)
BOUND = re.compile(r"Share-?Alike|Free Documentation|NonCommercial|NoDeriv", re.IGNORECASE)
PREFIXES = {"m": "m", "n": "ngc", "ngc": "ngc", "ic": "ic", "u": "ugc", "ugc": "ugc", "pgc": "pgc", "rcw": "rcw"}
CREDITS = {
    "hubble_telescope_gan": "ESA/Hubble and NASA (CC BY 4.0)",
    "stellarium": "Deep-sky pictures collected by Stellarium: NASA, ESA, the Hubble Heritage Team, ESO, Digitized Sky"
    " Survey 2, Dylan O'Donnell, HG731GZ, Oleg Bryzgalov, Jschulman555, Wang Lingyi, Sun Shuwei, Zhu Ying and others,"
    " each as named in Stellarium's README (public domain, CC0 or CC BY)",
    "USDA_Pomological": "U.S. Department of Agriculture Pomological Watercolor Collection, Rare and Special"
    " Collections, National Agricultural Library, Beltsville, MD 20705",
    "ArtWall": "Art Institute of Chicago (CC0)",
    "tarot": "Pamela Colman Smith, Rider-Waite-Smith deck (1909), Wikimedia Commons",
    "tokaido": "Utagawa Hiroshige, The Fifty-three Stations of the Tōkaidō (1833-34)",
    "okusai": "Katsushika Hokusai",
    "Landscape-Painting-Classification": "Landscape paintings of the Song and Ming dynasties",
    "Chinese-Painting-Style-Transfer": "Wang Ximeng, A Thousand Li of Rivers and Mountains (1113)",
    "PaintingsAndArtist": "Painters who died before 1955",
    "proc.py": "procedural, own work (CC0)",
}


class HasLicence(Protocol):
    @property
    def source(self) -> str: ...
    @property
    def licence(self) -> str: ...


@dataclass(frozen=True)
class Credits:
    """The licences of the sky pictures: object name ("ngc40") to the licence line of its credits."""

    sky: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, folder: Path) -> Credits:
        """From the credits file of a corpus folder; empty where there is none."""
        path = folder / SKY_CREDITS
        return cls(sky_licences(path.read_text(encoding="utf-8", errors="replace")) if path.is_file() else {})

    def judge(self, tier: str, source: str, title: str, licence: str) -> tuple[bool, str]:
        """(may shipped weights learn from it, its licence)."""
        if "stellarium" in source.lower():
            found = self.sky.get(sky_name(title.removeprefix("Stellarium ")), "")
            free = bool(FREE.search(found)) and not BOUND.search(found)
            return free, f"Stellarium credits: {found}" if found else licence
        old = re.search(r"work PD|works PD|public domain|^PD", licence, re.IGNORECASE)
        return tier == "green" or tier == "" or bool(old), licence


def sky_name(name: str) -> str:
    """The object that a file of the sky textures shows.

    >>> sky_name("n1532-darkskies"), sky_name("Jones-Emberson1-vasey"), sky_name("m57dumont")
    ('ngc1532', 'jones', 'm57')
    """
    stem = re.split(r"[-_]", name.lower().replace("sh2-", "sh2:"))[0]
    match = re.match(r"(sh2:|[a-z]+)(\d+)", stem)
    if not match:
        return stem
    return PREFIXES.get(match.group(1), match.group(1)) + match.group(2)


def sky_licences(text: str) -> dict[str, str]:
    """Object name → licence line, from the "Images of …" paragraphs; an object named twice keeps the stricter one."""
    found: dict[str, str] = {}
    for part in re.split(r"\n\s+4\.\d+[a-z]?\s", text):
        if not re.match(r"Images? of ", part):
            continue
        names, _, rest = part.partition(" from ")
        if not rest:
            names, _, rest = part.partition("\n")
        licence = re.search(r"License: *([^\n]*(?:\n\s+[^\n]*freely[^\n]*)?)", rest)
        line = " ".join((licence.group(1) if licence else "no licence named").split())
        for prefix, number in re.findall(r"\b(M|NGC|IC|UGC|PGC|RCW|SH2-|Sh2-|Abell|VDB|LDN|LBN) ?(\d+)", names):
            key = (prefix.lower().replace("sh2-", "sh2:")) + number
            if key not in found or not FREE.search(line) or BOUND.search(line):
                found[key] = line
    return found


def licence_name(item: HasLicence) -> str:
    """A licence in few words, so that a card groups its records."""
    text = item.licence
    if text.startswith("Stellarium credits"):
        return "public domain, CC0 or CC BY, per picture" if FREE.search(text) else "per picture"
    return text


def attribution(source: str) -> str:
    """The credit line of a source, "" where none is asked."""
    return next((line for key, line in CREDITS.items() if key.lower() in source.lower()), "")


def url(source: str) -> str:
    """Where a source is had, "" where unknown."""
    match = re.match(r"github ([\w.-]+/[\w.-]+)", source)
    return f"https://github.com/{match.group(1)}" if match else ""
