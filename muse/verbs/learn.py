"""Learning: train a model of any kind into a bundle, and measure a bundle."""

from __future__ import annotations

import platform
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from muse.errors import CorpusError, OutputError, UsageError, did_you_mean
from muse.files import write_atomic
from muse.settings import Settings, resolve, to_toml
from muse.verbs.place import settle

if TYPE_CHECKING:
    from muse.bundle import Bundle
    from muse.objective import Course
    from muse.train.loop import Progress


@dataclass(frozen=True, slots=True)
class Kind:
    """Where a kind of model lives.

    Attributes:
        bundle: the name of the bundle that muse ships.
        home: module with `course(settings, run, path, device)` and the run settings of each size.
        settings: module and class of its settings.
        measure: module with `measure(bundle, path, split, limit)`.
        data: folder of the data it learns from, below MUSE_DATA.
        sample: the corpus whose sample is taken where there is no data folder.
        run: name of the run settings in `home`.
    """

    bundle: str
    home: str
    settings: tuple[str, str]
    measure: str
    data: str
    sample: str
    run: str = "RUN"


SPLITS = ("train", "valid", "test", "all")
KINDS: Mapping[str, Kind] = {
    "poem": Kind(
        "poem-zh", "muse.poem.course", ("muse.poem.model", "PoemSettings"), "muse.poem.measure", "poetry", "tang-song"
    ),
    "music": Kind(
        "composer",
        "muse.music.course",
        ("muse.music.model", "MusicSettings"),
        "muse.music.measure",
        "music",
        "jsb-chorales",
    ),
    "variation": Kind(
        "melody-vae",
        "muse.music.variation",
        ("muse.music.vae", "VaeSettings"),
        "muse.music.reconstruct",
        "music",
        "melodies",
    ),
    "cover": Kind(
        "cover-gan",
        "muse.art.gan.course",
        ("muse.art.gan.generator", "GanSettings"),
        "muse.art.measure",
        "art",
        "pictures",
        "RUNS",
    ),
    "picture": Kind(
        "image-vae",
        "muse.art.vae.picture",
        ("muse.art.vae.model", "VaeSettings"),
        "muse.art.measure",
        "art",
        "pictures",
        "RUNS",
    ),
}


@dataclass(frozen=True, slots=True)
class Plan:
    """A training run, resolved and ready to go.

    Attributes:
        folder: where its checkpoints, journal and page live.
        name: of the bundle that comes out.
        notes: what is to be said of the corpus.
        beside: files that lie beside the run, such as the list of what was passed over.
    """

    kind: str
    course: Course
    folder: Path
    name: str
    device: str
    notes: tuple[str, ...] = ()
    beside: Mapping[str, bytes] = field(default_factory=dict)

    def toml(self) -> str:
        """The resolved settings; `muse train --config` reads them back."""
        return to_toml({"model": self.course.settings, "run": self.course.run})

    def as_dict(self) -> dict[str, Any]:
        """The resolved settings and what the run will need."""
        seconds, memory = trial(self.course)
        return {
            "kind": self.kind,
            "model": self.course.settings.as_dict(),
            "run": self.course.run.as_dict(),
            "parameters": self.course.objective.parameters(),
            "data": dict(self.course.feed.size()),
            "memory_bytes": memory,
            "seconds": round(seconds * self.course.run.steps, 1),
            "notes": list(self.notes),
        }

    def text(self) -> str:
        """The same for people: TOML, with the needs as its comments."""
        value = self.as_dict()
        data = ", ".join(f"{count:,} {what}" for what, count in value["data"].items())
        return (
            f"# muse train {self.kind}: {value['parameters']:,} parameters; {data}\n"
            f"# memory {value['memory_bytes'] / 2**20:,.0f} MiB; expected time {value['seconds'] / 60:,.1f} min "
            f"({value['seconds'] / self.course.run.steps:.3g} s a step, as three steps took here)\n"
            + "".join(f"# {note}\n" for note in self.notes)
            + "\n"
            + self.toml()
        )


@dataclass(frozen=True, slots=True)
class Trained:
    """What came out of a run: the bundle, and the file it was saved in."""

    bundle: Bundle
    path: Path


def kind_of(name: str) -> Kind:
    """A kind by its name; raises UsageError."""
    if name not in KINDS:
        raise UsageError(f"unknown kind {name!r}", "", did_you_mean(name, KINDS))
    return KINDS[name]


def plan(
    kind: str,
    *,
    corpus: Path | str | None = None,
    size: str | None = "small",
    settings: Path | str | None = None,
    sets: Iterable[str] = (),
    device: str = "auto",
    out: Path | str | None = None,
    name: str | None = None,
    start: Path | str | None = None,
    form: str | None = None,
) -> Plan:
    """A run with its settings resolved (default < size < TOML < key=value) and its corpus read.

    Args:
        start: the bundle to begin from; it gives the size.
        form: of poems, "verse" or "prose"; by default as the lines are long.

    Raises:
        UsageError, SettingsError, CorpusError.
    """
    from muse.train import launch

    found = kind_of(kind)
    place = settle(device)
    if place == "cuda":
        launch.claim()
    folder = Path(out) if out is not None else Path("outputs") / "runs" / kind
    if kind == "poem":
        from muse.verbs import lessons

        begun = None if start is None else _bundle(start, kind)
        course, notes = lessons.prepare(
            source_of(kind, corpus), form=form, start=begun, size=size, settings=settings, sets=sets, device=place
        )
        return Plan(kind, course, folder, name or kind, place, notes)
    if form is not None:
        raise UsageError(f"a {kind} model has no form", "only poems are verse or prose")
    if kind in ("music", "variation"):
        from muse.verbs import lessons_music

        source = source_of(kind, corpus)
        if start is not None or lessons_music.own(source):
            begun = None if start is None else _bundle(start, kind)
            course, notes, beside = lessons_music.prepare(
                kind, source, start=begun, size=size, settings=settings, sets=sets, device=place
            )
            return Plan(kind, course, folder, name or kind, place, notes, beside)
    source, vae = source_of(kind, corpus), _vae() if kind == "cover" else None
    if kind in ("cover", "picture"):
        from muse.verbs import lessons_pictures

        if start is not None or lessons_pictures.own(source):
            begun = None if start is None else _bundle(start, kind)
            course, notes, beside = lessons_pictures.prepare(
                kind, source, start=begun, vae=vae, size=size, settings=settings, sets=sets, device=place
            )
            return Plan(kind, course, folder, name or kind, place, notes, beside)
    room, owner = import_module(found.home), import_module(found.settings[0])
    model: type[Settings] = getattr(owner, found.settings[1])
    runs: Mapping[str, Mapping[str, Any]] = getattr(room, found.run)
    chosen, run = resolve(model, runs, size=size, toml=settings, sets=sets)
    options = {} if vae is None else {"vae": vae}
    course = room.course(chosen, run, source, place, **options)
    return Plan(kind, course, folder, name or kind, place)


def _bundle(name: str | Path, kind: str) -> Bundle:
    """A bundle to begin from."""
    from muse.verbs.library import load_kind

    return load_kind(name, kind)


def _vae() -> Bundle:
    """The picture VAE in whose latent space covers are learned."""
    from muse.verbs.library import load_kind

    return load_kind("image-vae", "picture")


def source_of(kind: str, path: Path | str | None) -> Path:
    """What a kind learns from, or is measured on: the path given, else its part of the data folder, else its sample.

    Raises:
        CorpusError: there is nothing there.
    """
    if path is None:
        from muse import sources

        try:
            return sources.data_folder() / kind_of(kind).data
        except CorpusError:
            corpus = sources.corpus(kind_of(kind).sample)
            return corpus.folder / corpus.sample
    if not Path(path).exists():
        raise CorpusError(f"no corpus at {path}", "there is no such file or folder", "see muse corpus list")
    return Path(path)


def train(
    kind: str,
    *,
    corpus: Path | str | None = None,
    size: str | None = "small",
    settings: Path | str | None = None,
    sets: Iterable[str] = (),
    resume: str = "auto",
    device: str = "auto",
    out: Path | str | None = None,
    name: str | None = None,
    force: bool = False,
    start: Path | str | None = None,
    form: str | None = None,
    watch: Callable[[Progress], None] | None = None,
) -> Bundle:
    """Train a model and return its bundle, which is saved in the run's folder too.

    A run that was stopped goes on where it was: call it again with the same settings.

    Args:
        kind: "poem", "music", "variation", "cover" or "picture".
        corpus: a file or folder in the formats of the corpora, of poems, of music (MIDI, MusicXML, ABC, kern), or a
            folder of pictures whose sub-folders are classes; by default the data folder of the kind, or its sample.
        size: "tiny", "small" or "base"; `settings` (a TOML file) and `sets` ("run.steps=500") go over it.
        start: the bundle to begin from, "poem-zh", "poem-en", "composer", "melody-vae", "cover-gan", "image-vae" or a
            path: minutes for some hundred poems, pieces or pictures.
        form: of poems, "verse" or "prose"; by default as the lines are long.
        resume: "auto" goes on from the newest whole checkpoint in `out`, "never" refuses a folder with a run in it.

    Raises:
        UsageError, SettingsError, CorpusError, CheckpointError, TrainingError, OutputError.
    """
    ready = plan(kind, corpus=corpus, size=size, settings=settings, sets=sets, device=device, out=out, name=name,
                 start=start, form=form)  # fmt: skip
    return carry_out(ready, resume=resume, watch=watch, force=force).bundle


def carry_out(
    plan: Plan, *, resume: str = "auto", watch: Callable[[Progress], None] | None = None, force: bool = False
) -> Trained:
    """Run a plan to its last step and freeze it: NAME.safetensors in the run's folder."""
    from muse.train.freeze import freeze
    from muse.train.loop import train as run_loop

    if resume not in ("auto", "never"):
        raise UsageError(f"unknown --resume {resume!r}", "", did_you_mean(resume, ("auto", "never")))
    for beside, data in plan.beside.items():
        write_atomic(plan.folder / beside, data, force=True)
    checkpoint = run_loop(plan.course, plan.folder, resume=resume, watch=watch)  # type: ignore[arg-type]
    bundle = freeze(plan.course, checkpoint, plan.name, machine_in_words(plan.device))
    path = plan.folder / f"{plan.name}.safetensors"
    if path.exists() and not force:
        from muse.bundle import Bundle

        old = Bundle.load(path)
        if old.card.get("steps") == bundle.card["steps"] and old.card.get("settings") == bundle.card["settings"]:
            return Trained(old, path)
        if old.kind != bundle.kind:
            raise OutputError(f"{path} exists", f"it is a bundle of kind {old.kind}", "use another --out")
    return Trained(bundle, bundle.save(path, force=True))


def evaluate(
    kind: str,
    *,
    data: Path | str | None = None,
    split: str | None = None,
    limit: int | None = None,
    bundle: str | Path | None = None,
    device: str = "auto",
) -> dict[str, Any]:
    """The figures of a model card, measured again on data of one's own.

    Args:
        data: in the formats of the corpora; by default the data folder of the kind, or its sample.
        split: "train", "valid", "test" or "all"; by default what the kind's card is measured on.
        limit: the first N records only.

    Raises:
        UsageError, CorpusError, BundleError.
    """
    found = kind_of(kind)
    if split is not None and split not in SPLITS:
        raise UsageError(f"unknown split {split!r}", "", did_you_mean(split, SPLITS))
    settle(device)
    from muse.verbs.library import load_kind

    options: dict[str, Any] = {"limit": limit}
    weights = load_kind(bundle or found.bundle, kind)
    if split is not None:
        options["split"] = split
    if kind == "poem":
        from muse.verbs import lessons

        return lessons.measure(weights, source_of(kind, data), **options)
    if kind == "cover":
        options["vae"] = load_kind("image-vae", "picture")
    return dict(import_module(found.measure).measure(weights, source_of(kind, data), **options))


def trial(course: Course, steps: int = 3) -> tuple[float, int]:
    """Seconds a step and bytes of memory, by doing a few steps; the course is of no further use after it."""
    course.objective.schedule(0.0)
    taken: list[float] = []
    for step in range(steps):
        begun = time.perf_counter()
        batches = [course.feed.batch(step, micro, 0, 1) for micro in range(course.run.accumulation)]
        course.objective.step(batches, step)
        taken.append(time.perf_counter() - begun)
    return min(taken), peak_memory()


def peak_memory() -> int:
    """The most memory that this process has held, in bytes; 0 where the system does not tell."""
    try:
        import resource
        import sys
    except ImportError:
        return 0
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def machine_in_words(device: str) -> str:
    """What this runs on, for a model card; no host name."""
    import torch

    if device.startswith("cuda"):
        return f"{torch.cuda.get_device_name()}, torch {torch.__version__}"
    return f"{platform.machine()} CPU, {torch.get_num_threads()} threads, torch {torch.__version__}"
