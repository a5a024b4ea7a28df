"""How a command ends: exit codes, and a sentence for every error a user can meet."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import click

from ..text.prose import line

FINE, NO, USAGE, INCOMPLETE, UNREACHABLE = 0, 1, 2, 3, 4


def fail(message: str, exit_code: int) -> NoReturn:
    """End with a sentence for the user and the exit code that goes with it."""
    click.echo(f"gmigen: {line(message, 2000)}", err=True)
    raise click.exceptions.Exit(exit_code)


@contextmanager
def sentences() -> Iterator[None]:
    """Turn every error a user can meet into a sentence and an exit code."""
    from ..build import HandEditError
    from ..catalog.revisions import RevisionError
    from ..catalog.snapshot import SnapshotError
    from ..catalog.store import FetchError
    from ..demo.errors import DemoError
    from ..emit.render import TemplateProblemError
    from ..publish.changelog import ChangelogError
    from ..publish.eject import TemplateNameError
    from ..publish.manifest import ManifestError
    from ..publish.publish import PublishError
    from ..runtime.errors import (
        APIConnectionError,
        AuthenticationError,
        ConfigurationError,
        GMIError,
    )
    from ..schema.overlays import OverlayError
    from ..settings import SettingsError

    wrong = (
        *(SnapshotError, TemplateProblemError, ManifestError, SettingsError, OverlayError),
        *(RevisionError, TemplateNameError),
    )
    try:
        yield
    except wrong as error:
        fail(str(error), USAGE)
    except (FetchError, PublishError, HandEditError, ChangelogError, DemoError) as error:
        fail(str(error), NO)
    except ConfigurationError as error:
        fail(str(error), USAGE)
    except (APIConnectionError, AuthenticationError) as error:
        fail(str(error), UNREACHABLE)
    except GMIError as error:
        fail(str(error), UNREACHABLE)
    except ModuleNotFoundError as error:
        extra = "emulator" if (error.name or "") in ("starlette", "uvicorn") else "codegen"
        fail(f"This needs {error.name}: pip install 'gmi-inference[{extra}]'.", USAGE)
    except OSError as error:
        fail(f"{error.strerror or error}: {error.filename or ''}".rstrip(": "), NO)
