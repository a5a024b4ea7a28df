"""Every error that leaves the generator: a sentence for the user, and the exit code with it."""

from __future__ import annotations

from typing import ClassVar

FINE, NO, USAGE, INCOMPLETE, UNREACHABLE = 0, 1, 2, 3, 4
"""The exit codes of `gmigen`."""


class UserError(Exception):
    """Something only the user can put right; the message says what."""

    exit_code: ClassVar[int] = NO


class SettingsError(UserError):
    """The settings make no sense."""

    exit_code = USAGE


class SnapshotError(UserError):
    """The snapshot as a whole cannot be used."""

    exit_code = USAGE


class LedgerError(SnapshotError):
    """The ledger of names cannot be used."""


class OverlayError(UserError):
    """An overlay file cannot be used."""

    exit_code = USAGE


class TemplateProblemError(UserError):
    """A template cannot be rendered; the message names file and line."""

    exit_code = USAGE


class NotPythonError(TemplateProblemError):
    """What a template made is no module, or too long for one."""


class TemplateNameError(UserError):
    """There is no such template, or a copy of it is in the way."""

    exit_code = USAGE


class RecordingError(UserError):
    """A recording of the API cannot be used."""

    exit_code = USAGE


class RevisionError(UserError):
    """There is nothing to compare with."""

    exit_code = USAGE


class MissingExtraError(UserError):
    """Libraries of an extra are not installed."""

    exit_code = USAGE


class HandEditError(UserError):
    """A document of the snapshot is not what was fetched."""


class FetchError(UserError):
    """The snapshot was left as it was."""


class PublishError(UserError):
    """Nothing was written, and nothing was lost."""


class ChangelogError(UserError):
    """The changelog was left as it was."""


class DemoError(UserError):
    """A step of the demo failed, so the installation is broken."""
