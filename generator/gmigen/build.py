"""Generation as the commands use it: settings in, output and manifest out, nothing written.

What did not change is not made again: neither the whole, when every input and every file is as
the manifest says, nor a single model, when its details and names are. Either way the bytes are
those of a generation from nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

from . import __version__, resources
from .catalog import snapshot
from .catalog.snapshot import Snapshot, sha256
from .problems import Problem
from .publish.manifest import Key, Manifest
from .publish.publish import folder_of
from .schema.json_text import Unreadable, parse
from .schema.overlays import Overlay
from .schema.overlays import load as load_overlay
from .settings import Settings, SettingsError

TOOLS = ("black", "datamodel-code-generator", "jinja2")
"""The libraries whose versions decide the bytes of the output."""

_NOT_DECIDING = frozenset({"emulator", "demo", "cli", "client_cli", "runtime", "bundled", "compat"})


@dataclass(frozen=True)
class Build:
    """What would be written, and the manifest that would go with it.

    `files` is None when nothing moved since the last generation, so that nothing was made.
    """

    manifest: Manifest
    files: Mapping[Key, str] | None
    models: int
    problems: tuple[Problem, ...] = field(default=())

    @property
    def refused(self) -> int:
        return sum(problem.level == "refused" for problem in self.problems)


def build(settings: Settings, *, old: Manifest | None = None, force: bool = False) -> Build:
    """Generate from the snapshot that `settings` names.

    Args:
        settings: what to generate.
        old: the manifest of the last generation, whose files are taken over where nothing they
            depend on moved; None makes everything anew.
        force: take documents as they are, although someone changed them after the fetch.

    Raises:
        SnapshotError: when the snapshot cannot be used as a whole.
        HandEditError: when a document is not what was fetched.
        OverlayError: when an overlay cannot be used.
        TemplateProblemError: when a template cannot be rendered.
        SettingsError: when a folder the settings name is missing.
    """
    source = snapshot.load(settings.snapshot_folder)
    _refuse_edits(source, force)
    overlays = read_overlays(settings)
    made_from = _made_from(settings, source, overlays)
    tools = {"gmigen": __version__, **{tool: version(tool) for tool in TOOLS}}
    old = old or Manifest()
    if old.tools == tools and _current(settings, old, made_from):
        models = sum(name.startswith("model:") for name in old.made_from)
        return Build(old, None, models, source.lock.problems)

    from .emit.generate import Inputs, generate

    deciding = ("templates", "generator", "settings")
    reusable = old.tools == tools and all(
        old.made_from.get(name) == made_from[name] for name in deciding
    )
    output = generate(
        Inputs(
            source,
            settings,
            resources.runtime(),
            template_folders(settings),
            overlays,
            _ready(settings, source, old) if reusable else {},
        )
    )
    hashes = {key: sha256(text.encode("utf-8")) for key, text in output.files.items()}
    prints = {f"model:{model_id}": value for model_id, value in output.fingerprints.items()}
    manifest = Manifest(hashes, {**made_from, **prints}, tools, settings.places)
    return Build(manifest, output.files, len(output.models), output.problems)


def _refuse_edits(source: Snapshot, force: bool) -> None:
    """Broken documents are no edits: they are refused one by one when they are read."""
    edited = set(snapshot.edited(source))
    files = [
        document.file
        for document in source.documents
        if document.file in edited and not isinstance(parse(document.text), Unreadable)
    ]
    if files and not force:
        others = f" (and {len(files) - 1} more)" if len(files) > 1 else ""
        raise HandEditError(
            f"{files[0]}{others} in the snapshot was changed by hand since it was fetched; nothing "
            "was written. Put the correction into an overlay and fetch again, or take it as it "
            "is with --force."
        )


class HandEditError(Exception):
    """The snapshot is not what was fetched; the message is a sentence for the user."""


def template_folders(settings: Settings) -> list[Path]:
    """Where templates are looked for, the user's own first.

    Raises:
        SettingsError: when the user's folder does not exist.
    """
    own = settings.root / settings.templates if settings.templates else None
    if own and not own.is_dir():
        raise SettingsError(f"There is no folder {own}, which `templates` names.")
    return [*([own] if own else []), resources.templates()]


def read_overlays(settings: Settings) -> list[Overlay]:
    """The bundled overlays and, after them, the user's own.

    Raises:
        OverlayError: when one of them cannot be used.
        SettingsError: when the user's folder does not exist.
    """
    own = settings.root / settings.overlays if settings.overlays else None
    if own and not own.is_dir():
        raise SettingsError(f"There is no folder {own}, which `overlays` names.")
    return [
        load_overlay(path.name, path.read_text("utf-8"), bundled=folder != own)
        for folder in (resources.overlays(), *([own] if own else []))
        for path in sorted(folder.glob("*.toml"))
    ]


def _made_from(settings: Settings, source: Snapshot, overlays: Iterable[Overlay]) -> dict[str, str]:
    """The hash of everything a generation depends on, by kind."""
    here = Path(__file__).parent
    own_code = (
        path
        for path in here.rglob("*.py")
        if not _NOT_DECIDING.intersection(path.relative_to(here).parts)
    )
    documents = "".join(f"{d.file} {d.model_id} {sha256(d.text)}\n" for d in source.documents)
    lock = source.lock
    said = repr((lock.source, lock.removed, lock.overlays, lock.unfetched))
    return {
        "documents": sha256((documents + said).encode("utf-8", "surrogatepass")),
        "overlays": sha256(repr(list(overlays)).encode("utf-8", "surrogatepass")),
        "templates": _tree(p for f in template_folders(settings) for p in f.rglob("*.jinja")),
        "runtime": _tree(
            [*resources.runtime().rglob("*.py"), *resources.command().rglob("*.py")]
        ),
        "generator": _tree(own_code),
        "settings": sha256(
            repr((settings.package, settings.include, settings.exclude)).encode("utf-8")
        ),
    }


def _tree(paths: Iterable[Path]) -> str:
    content = ((path.name, path.read_bytes()) for path in sorted(paths))
    return sha256(repr([(name, sha256(text)) for name, text in content]).encode("utf-8"))


def _current(settings: Settings, old: Manifest, made_from: Mapping[str, str]) -> bool:
    """Whether inputs and files are all as the last generation left them."""
    if not old.files or any(old.made_from.get(name) != value for name, value in made_from.items()):
        return False
    return all(_on_disk(settings, key, hash_) is not None for key, hash_ in old.files.items())


def _ready(settings: Settings, source: Snapshot, old: Manifest) -> dict[str, Mapping[Key, str]]:
    """The files of each model as the last generation left them, by fingerprint."""
    known = source.ledger
    ready: dict[str, Mapping[Key, str]] = {}
    for name, fingerprint in old.made_from.items():
        model_id = name.removeprefix("model:")
        if name == model_id or model_id not in known.models:
            continue
        module = known.models[model_id].module
        keys: list[Key] = [("package", f"models/{module}.py"), ("docs", f"models/{module}.md")]
        texts = {key: _on_disk(settings, key, old.files.get(key, "")) for key in keys}
        if None not in texts.values():
            ready[fingerprint] = {key: text for key, text in texts.items() if text is not None}
    return ready


def _on_disk(settings: Settings, key: Key, expected: str) -> str | None:
    """The text of a file if it is, to the byte, what was written there."""
    try:
        content = (folder_of(settings, key[0]) / key[1]).read_bytes()
    except OSError:
        return None
    return content.decode("utf-8") if sha256(content) == expected else None
