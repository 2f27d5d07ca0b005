"""Records of pictures: short side 256 pixels, JPEG quality 90, with labels.csv, from folders and archives as published.

Held out by the rule of the shared set: sha1(class + source + file name) mod 20 is 0. What was sorted out by eye there
(colour casts, framed photographs, modern items) is not sorted out here.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Callable
from pathlib import Path

from PIL import Image

from muse.art.reading import SUFFIXES, open_picture
from muse.errors import CorpusError, InputError
from muse.sources import Corpus
from muse.verbs.records import Built, Say
from muse.verbs.records_music import files

SHORT_SIDE = 256
CLASSES = {
    "Landscape-Painting-Classification": "chinese-landscape",
    "Chinese-Painting-Style-Transfer": "blue-green-scroll",
    "ArtWall": "old-master",
    "PaintingsAndArtist": "old-master",
    "tokaido-scrollytelling": "ukiyo-e",
    "tokaido_orai": "ukiyo-e",
    "reactHokusaiMemory": "ukiyo-e",
    "hokusai-artworks": "ukiyo-e",
    "tarot": "tarot",
    "hubble_telescope_gan": "cosmic",
    "USDA_Pomological_Watercolors": "botanical",
}
COLUMNS = ("file", "class", "title_artist", "source", "licence", "tier", "native_size")


def build_pictures(corpus: Corpus, source: Path, out: Path, say: Say) -> Built:
    """Pictures of fetched repositories by their class; of any other folder by its sub-folders."""
    built = Built()
    known = {published.name: published for published in corpus.published}
    rows: dict[str, list[list[str]]] = {"kept": [], "held out": []}
    seen: set[str] = set()
    for name, data in files(source, SUFFIXES):
        parts = Path(name).parts
        origin = next(
            (repo for repo in known if any(part == repo or part.startswith(repo + "-") for part in parts)), ""
        )
        style = CLASSES.get(origin, parts[-2] if len(parts) > 1 else source.name)
        digest = hashlib.sha256(data).hexdigest()
        if digest in seen:
            built.counts["an exact duplicate"] += 1
            continue
        seen.add(digest)
        try:
            image = open_picture(data, name)
        except InputError:
            built.counts["cannot be read"] += 1
            continue
        what = "held out" if _held_out(style, origin, Path(name).name) else "kept"
        folder = (out if what == "kept" else out / "holdout") / corpus.records[0].path
        file = f"{style}/{digest[:12]}.jpg"
        built.write(folder / file, _shrunk(image), what, 1)
        licence = known[origin].licence if origin in known else ""
        tier = "" if origin not in known else "amber" if "no licence" in licence else "green"
        size = f"{image.width}x{image.height}"
        rows[what].append([file, style, Path(name).stem, origin, licence, tier, size])
    if not seen:
        raise CorpusError(
            f"no picture in {source}", "muse reads PNG, JPEG and WebP", f"muse corpus fetch {corpus.name}"
        )
    for what, part in rows.items():
        folder = (out if what == "kept" else out / "holdout") / corpus.records[0].path
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(sorted(part))
        built.write(folder / "labels.csv", text.getvalue().encode(), what, 0)
    say(f"{built.counts['kept']} pictures")
    built.files = [path for path in built.files if path.endswith("labels.csv")]
    return built


def _held_out(style: str, origin: str, name: str) -> bool:
    return int(hashlib.sha1((style + origin + name).encode()).hexdigest(), 16) % 20 == 0


def _shrunk(image: Image.Image) -> bytes:
    scale = SHORT_SIDE / min(image.size)
    if scale != 1:
        size = (max(SHORT_SIDE, round(image.width * scale)), max(SHORT_SIDE, round(image.height * scale)))
        image = image.resize(size, Image.Resampling.LANCZOS)
    data = io.BytesIO()
    image.save(data, "JPEG", quality=90)
    return data.getvalue()


BUILDERS: dict[str, Callable[[Corpus, Path, Path, Say], Built]] = {"pictures": build_pictures}
