"""Generation as the commands use it: settings in, output in memory, nothing written."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from . import __version__, disk, resources
from .beliefs import kept
from .catalog import snapshot
from .catalog.lock import print_of
from .catalog.overlays import read_overlays, template_folders
from .catalog.snapshot import Snapshot
from .emit import findings
from .emit.generate import Inputs, Output, generate
from .emit.render import marked
from .errors import HandEditError, LedgerError
from .naming import ledger
from .naming.emitted import read_back
from .naming.names import Ledger
from .naming.settle import settle
from .pricing import files as prices
from .problems import Problem
from .publish.publish import MAX_BYTES, Wanted, read_manifests
from .schema.json_text import Unreadable, parse
from .settings import Settings

TOOLS = ("black", "datamodel-code-generator")
"""The libraries whose versions are pinned because they decide the bytes of the output."""


@dataclass(frozen=True)
class Build:
    """What should be on the disk, and what was found on the way."""

    wanted: Wanted
    models: int
    problems: tuple[Problem, ...]

    @property
    def refused(self) -> int:
        return sum(problem.level == "refused" for problem in self.problems)


def build(settings: Settings, *, force: bool = False, forget: Collection[str] = ()) -> Build:
    """Generate from the snapshot that `settings` names.

    Args:
        settings: what to generate.
        force: take documents as they are, although someone changed them after the fetch.
        forget: ids of models whose published modules need not stay.

    Raises:
        SnapshotError: when the snapshot cannot be used as a whole.
        HandEditError: when a document is not what was fetched.
        OverlayError: when an overlay cannot be used.
        TemplateProblemError: when a template cannot be rendered.
    """
    source = snapshot.load(settings.snapshot_folder)
    _refuse_edits(source, force)
    known, rebuilt = _ledger(settings, source)
    overlays, notes = read_overlays(settings)
    claims, unused = prices.read_all(settings.overlays_folder)
    templates, more = template_folders(settings)
    forgotten = {known.models[m].module for m in forget if m in known.models}
    inputs = Inputs(
        source.with_ledger(known),
        settings,
        templates,
        carried_modules(settings),
        overlays,
        findings.overlays_of(disk.read(settings.package_folder / findings.FILE, MAX_BYTES) or b""),
        _published(settings) - forgotten,
        claims,
        {*snapshot.known_by_name(), *source.lock.files},
        kept.every(settings),
    )
    output = generate(inputs)
    no_folder = kept.absent(settings)
    more = [*more, *([no_folder] if no_folder else [])]
    problems = (*rebuilt, *notes, *unused, *more, *output.problems)
    return Build(_wanted(inputs, output), len(output.models), problems)


def carried_modules(settings: Settings) -> dict[str, str]:
    """The hand-written modules that an emitted package carries, by path."""
    if settings.runtime == "import":
        return {}
    rooms = (*resources.ROOMS, *(resources.ROOMS_OF_THE_COMMAND if settings.cli else ()))
    # The generator has a command of its own, so the other one is called client_cli here.
    return {
        f"{room.removeprefix('client_')}/{path.relative_to(folder).as_posix()}": marked(
            path.read_text("utf-8").replace("from ..client_", "from ..")
        )
        for room, folder in ((room, resources.room(room)) for room in rooms)
        for path in sorted(folder.rglob("*.py"))
    }


def _wanted(inputs: Inputs, output: Output) -> Wanted:
    settings = inputs.settings
    said = (settings.package, settings.include, settings.exclude, settings.runtime, settings.cli)
    made_from = {
        "schema": _schema_print(inputs),
        "template": _tree(
            path
            for folder in inputs.templates
            for room in ("docs", "package")
            for path in (folder / room).rglob("*.jinja")
        ),
        "runtime": print_of(repr(sorted(inputs.carried.items())).encode("utf-8")),
        "settings": print_of(repr(said).encode("utf-8")),
    }
    tools = {"gmigen": __version__, **{tool: version(tool) for tool in TOOLS}}
    return Wanted(output.files, made_from, tools, output.kept)


def _schema_print(inputs: Inputs) -> str:
    """The hash of everything that comes from the API or corrects what it says."""
    source, recordings = inputs.snapshot, [inputs.recordings] if inputs.recordings else []
    documents = [(d.file, d.model_id, print_of(d.text or b"")) for d in source.documents]
    lock, corrected = source.lock, (list(inputs.overlays), list(inputs.claims))
    said = (documents, lock.source, sorted(lock.removed.items()), *corrected, *recordings)
    return print_of(repr(said).encode("utf-8", "surrogatepass"))


def _tree(paths: Iterable[Path]) -> str:
    content = [(path.name, print_of(path.read_bytes())) for path in sorted(paths)]
    return print_of(repr(content).encode("utf-8"))


def emitted_modules(settings: Settings) -> dict[str, str]:
    """The source of every module of a model in the package on disk, by module name."""
    folder = settings.package_folder / "models"
    sources = {}
    for path in sorted(folder.glob("[a-z]*.py")) if folder.is_dir() else ():
        content = disk.read(path, MAX_BYTES)
        if content is not None:
            sources[path.stem] = content.decode("utf-8", "replace")
    return sources


def _ledger(settings: Settings, source: Snapshot) -> tuple[Ledger, list[Problem]]:
    """The ledger; where it is lost, what the emitted package says."""
    if source.ledger is not None:
        return source.ledger, []
    sources = emitted_modules(settings)
    emitted = read_back(sources)
    if emitted.unread:
        raise LedgerError(
            f"{ledger.FILE} is missing and {emitted.unread[0]}.py, which was emitted, cannot be "
            f"read, so the names that were published are not known. {ledger.RESTORE}"
        )
    told = settle([], emitted.ledger)
    if not sources:
        return told, []
    message = f"{ledger.FILE} was missing; it is made anew from the {len(sources)} modules emitted"
    return told, [Problem("note", "", "", "ledger-rebuilt", message)]


def _published(settings: Settings) -> set[str]:
    """The modules of models that the last generation left in the package."""
    manifest = read_manifests(settings).get("package")
    paths = manifest.files if manifest else {}
    return {
        Path(path).stem
        for path in paths
        if path.startswith("models/") and (settings.package_folder / path).is_file()
    }


def _refuse_edits(source: Snapshot, force: bool) -> None:
    """Broken documents are no edits: they are refused one by one when they are read."""
    edited = set(snapshot.edited(source))
    files = [
        document.file
        for document in source.documents
        if document.file in edited and not isinstance(parse(document.text or b""), Unreadable)
    ]
    if files and not force:
        others = f" (and {len(files) - 1} more)" if len(files) > 1 else ""
        raise HandEditError(
            f"{files[0]}{others} in the snapshot was changed by hand since it was fetched; nothing "
            "was written. Put the correction into an overlay and fetch again, or take it as it "
            "is with --force."
        )
