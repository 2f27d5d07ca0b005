"""The corpora: what there is, fetching it as published, checking it, and building its records."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from muse import fetch as http
from muse import sources
from muse.errors import CorpusError, OutputError
from muse.files import safe_join
from muse.sources import UNKNOWN, Corpus, data_folder

__all__ = ["Checked", "build", "catalogue", "check", "data_folder", "fetch", "sources_folder"]


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found of one file.

    Attributes:
        what: "records" or "published".
        state: "whole", "changed", "cut" (begun and not finished), "missing", or "unverified": it is here, and its
            checksum was never taken.
    """

    corpus: str
    what: Literal["records", "published"]
    path: str
    state: Literal["whole", "changed", "cut", "missing", "unverified"]

    @property
    def good(self) -> bool:
        return self.state in ("whole", "unverified")


def catalogue() -> list[dict[str, Any]]:
    """Every corpus: name, title, kinds, licence, whether shipped weights may learn from it, records, where they are.

    >>> next(entry["licence"] for entry in catalogue() if entry["name"] == "satb-polish")
    'CC-BY-4.0'
    """
    return [_entry(sources.corpus(name)) for name in sources.names()]


def _entry(corpus: Corpus) -> dict[str, Any]:
    folder = _root(None)
    return {
        "name": corpus.name,
        "title": corpus.title,
        "kinds": [kind for kind in corpus.kinds if kind != "reference"],
        "licence": corpus.licence,
        "shipped": corpus.shipped,
        "why": corpus.why,
        "attribution": list(corpus.attribution),
        "records": sum(record.count for record in corpus.records if record.part != "table"),
        "here": [str(folder / record.path) for record in corpus.records if (folder / record.path).exists()],
        "fetchable": sum(bool(published.url) for published, _ in corpus.files()),
        "buildable": bool(corpus.build),
        "sample": str(corpus.folder / corpus.sample) if corpus.sample else "",
    }


def fetch(
    name: str | Corpus, out: Path | str | None = None, *, watch: http.Watch | None = None, **options: Any
) -> list[http.Fetched]:
    """Fetch the published files of a corpus into OUT/sources/NAME; what is there already is not fetched again.

    Args:
        out: a data folder; by default MUSE_DATA, or data/ here.
        watch: called with a file's name, the bytes that are here and the bytes in all.
        options: of `muse.fetch.download`.

    Raises:
        UsageError: there is no such corpus.
        CorpusError: it has nothing to fetch, the server refuses, a connection breaks, a checksum differs.
        OutputError: the folder cannot be written.
    """
    corpus = _corpus(name)
    wanted = [(published, file) for published, file in corpus.files() if published.url]
    if not wanted:
        notes = " ".join(published.note for published in corpus.published)
        raise CorpusError(f"{corpus.name} has no direct address", notes, f"see {corpus.folder / 'SOURCE.toml'}")
    folder = sources_folder(corpus, out)
    return [
        http.download(
            published.url.replace("{path}", file.path), safe_join(folder / published.name, file.path),
            sha256=file.sha256, size=file.bytes, watch=watch, **options,
        )
        for published, file in wanted
    ]  # fmt: skip


def check(name: str | Corpus | None = None, folder: Path | str | None = None) -> list[Checked]:
    """Every file of a corpus (or of all) against its checksum.

    Args:
        folder: a data folder; by default MUSE_DATA, or data/ here or beside the checkout.
    """
    corpora = [sources.corpus(each) for each in sources.names()] if name is None else [_corpus(name)]
    return [checked for corpus in corpora for checked in _check(corpus, folder)]


def _check(corpus: Corpus, folder: Path | str | None) -> Iterator[Checked]:
    root = _root(folder)
    for record in corpus.records:
        yield Checked(corpus.name, "records", record.path, _state(root / record.path, record.sha256))
    here = root / "sources" / corpus.name
    if here.is_dir():
        for published, file in corpus.files():
            path = f"{published.name}/{file.path}"
            yield Checked(corpus.name, "published", path, _state(safe_join(here, path), file.sha256))


def _state(path: Path, wanted: str) -> Literal["whole", "changed", "cut", "missing", "unverified"]:
    if path.is_dir():
        return "unverified"
    if not path.exists():
        return "cut" if path.with_name(path.name + ".part").exists() else "missing"
    if wanted == UNKNOWN:
        return "unverified"
    try:
        return "whole" if http.digest(path) == wanted else "changed"
    except OSError as error:
        raise CorpusError(f"cannot read {path}", error.strerror or str(error)) from error


def build(
    name: str | Corpus,
    source: Path | str | None = None,
    out: Path | str | None = None,
    *,
    force: bool = False,
    watch: Callable[[str], None] | None = None,
) -> dict[str, Any]:
    """Make the records of a corpus from what was published, by the rules of its SOURCE.toml.

    Args:
        source: a folder or file to read instead of what `fetch` put into the data folder.
        out: the data folder that the records go to, in the shared layout.
        watch: called with one line a step.

    Returns:
        name, files (the paths written) and counts: kept, held out, then left out for each reason.

    Raises:
        CorpusError: nothing was fetched, a file is damaged, or no rule builds this corpus yet.
        OutputError: the records exist and `force` is off.
        MissingExtraError: OpenCC is needed and absent.
    """
    from muse.verbs.records_music import BUILDERS as MUSIC
    from muse.verbs.records_pictures import BUILDERS as PICTURES
    from muse.verbs.records_verse import BUILDERS as VERSE

    builders = {**VERSE, **MUSIC, **PICTURES}
    corpus = _corpus(name)
    if corpus.build not in builders:
        raise CorpusError(
            f"muse cannot build {corpus.name} yet", "its records were made by other tools", "see its SOURCE.toml"
        )
    folder = Path(source) if source is not None else sources_folder(corpus, out)
    if not folder.exists():
        raise CorpusError(
            f"nothing to build {corpus.name} from", f"{folder} is not there", f"muse corpus fetch {corpus.name}"
        )
    target = _root(out) / corpus.records[0].path
    if target.is_file() and not force:
        raise OutputError(f"{target} exists", "muse never overwrites silently", "use --force or another --out")
    built = builders[corpus.build](corpus, folder, _root(out), watch or (lambda line: None))
    return {"name": corpus.name, "files": built.files, "counts": dict(built.counts)}


def sources_folder(corpus: Corpus, out: Path | str | None = None) -> Path:
    """Where the published files of a corpus are kept."""
    return _root(out) / "sources" / corpus.name


def _root(folder: Path | str | None) -> Path:
    if folder is not None:
        return Path(folder)
    try:
        return data_folder()
    except CorpusError:
        return Path(os.environ.get("MUSE_DATA") or "data")


def _corpus(name: str | Corpus) -> Corpus:
    return name if isinstance(name, Corpus) else sources.corpus(name)
