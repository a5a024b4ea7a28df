"""How a command ends: an exit code, and a sentence for every error a user can meet."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import click

from ..errors import NO, UNREACHABLE, USAGE, UserError
from ..text.prose import line


def fail(message: str, exit_code: int) -> NoReturn:
    """End with a sentence for the user and the exit code that goes with it."""
    click.echo(f"gmigen: {line(message, 2000)}", err=True)
    raise click.exceptions.Exit(exit_code)


@contextmanager
def sentences() -> Iterator[None]:
    """Turn every error a user can meet into a sentence and an exit code."""
    from ..runtime.errors import ConfigurationError, GMIError

    try:
        yield
    except UserError as error:
        fail(str(error), error.exit_code)
    except ConfigurationError as error:
        fail(str(error), USAGE)
    except GMIError as error:
        fail(str(error), UNREACHABLE)
    except ModuleNotFoundError as error:
        extra = "emulator" if (error.name or "") in ("starlette", "uvicorn") else "codegen"
        fail(f"This needs {error.name}: pip install 'gmi-inference[{extra}]'.", USAGE)
    except OSError as error:
        fail(f"{error.strerror or error}: {error.filename or ''}".rstrip(": "), NO)
