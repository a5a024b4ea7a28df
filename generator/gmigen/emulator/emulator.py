"""A running emulator, and the context manager that makes one."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from .catalogue import Catalogue
from .clock import Clock
from .connection import Connection
from .faults import ConnectionFault, Script
from .hosts import BASE_PATH, api_host, files_host
from .jobs import Job
from .listener import authority, loopback_socket
from .options import ListShape, Options
from .request_log import ListenerName, RequestLog
from .server import Server
from .service import Service


class Emulator:
    """The API on loopback: real sockets, state, faults and a log of requests.

    It imitates what is documented and what was recorded in public, and was never compared with
    the live service; `gmigen.emulator.coverage()` says how well each part is known.
    """

    def __init__(
        self,
        documents: Mapping[str, bytes],
        options: Options | None = None,
        *,
        clock: Clock | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        self.options = options or Options()
        self.clock = clock or Clock()
        self.log = RequestLog()
        self.faults = Script(self.options.seed or 0)
        self._service = Service(
            Catalogue(documents), self.options, self.clock, self.log, self.faults
        )
        api = loopback_socket(host, port)
        try:
            files = loopback_socket(host, 0)
        except OSError:
            api.close()
            raise
        self.origin = f"http://{authority(api)}"
        self.base_url = self.origin + BASE_PATH
        self.files_url = self._service.files_url = f"http://{authority(files)}"
        self._server = Server(
            [
                (api, api_host(self._service), self._arrival("api")),
                (files, files_host(self._service), self._arrival("files")),
            ],
            [None, None],
        )
        self._server.start()

    @property
    def ledger(self) -> RequestLog:
        """`log` under its other name."""
        return self.log

    @property
    def jobs(self) -> Mapping[str, Job]:
        """Every job created, by its id."""
        return self._service.jobs

    @contextmanager
    def down(self) -> Iterator[None]:
        """Refuse connections to the API for the length of a `with` block; open ones are cut."""
        address = urlsplit(self.origin)
        self._server.refuse(0)
        try:
            yield
        finally:
            assert address.hostname is not None, "an origin names its host"
            listener = loopback_socket(address.hostname, address.port or 0)
            self._server.accept(0, listener)

    def close(self) -> None:
        """Stop; connections still open are cut. A second call does nothing."""
        self._server.stop()

    def _arrival(self, listener: ListenerName) -> Callable[[Connection], None]:
        def arrived(connection: Connection) -> None:
            for fault in self.faults.take("connect", listener):
                if isinstance(fault, ConnectionFault):
                    self.log.begin(
                        at=self.clock.now(),
                        listener=listener,
                        method="",
                        path="",
                        route="connect",
                        fault=type(fault).__name__,
                    )
                    fault.meet(connection)
                    return

        return arrived


@contextmanager
def emulator(
    documents: Mapping[str, bytes],
    *,
    options: Options | None = None,
    clock: Clock | None = None,
    port: int = 0,
    job_seconds: float | None = None,
    list_shape: ListShape | None = None,
    sync_models: Collection[str] | Callable[[str], bool] | None = None,
    sync_seconds: float | None = None,
    sync_outcome: bool | None = None,
    echo_payload: bool | None = None,
    keys: Collection[str] | None = None,
    rate_limit: tuple[int, float] | None = None,
    credit_micro_dollars: int | None = None,
    artifacts: Mapping[str, bytes] | None = None,
    seed: int | None = None,
) -> Iterator[Emulator]:
    """Run an emulator for the length of a `with` block.

    Args:
        documents: model id -> the raw details document, served as it is.
        options: how it behaves; each further argument named like an option changes that one.
        clock: its time; `Clock(virtual=True)` stands still until it is advanced.
        port: the API's port on 127.0.0.1; 0 takes a free one. Files get a free port of their own.

    Raises:
        OSError: the port is taken.
    """
    given = {
        "job_seconds": job_seconds,
        "list_shape": list_shape,
        "sync_models": sync_models,
        "sync_seconds": sync_seconds,
        "sync_outcome": sync_outcome,
        "echo_payload": echo_payload,
        "keys": keys,
        "rate_limit": rate_limit,
        "credit_micro_dollars": credit_micro_dollars,
        "artifacts": artifacts,
        "seed": seed,
    }
    changed: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    behaviour = replace(options or Options(), **changed)
    running = Emulator(documents, behaviour, clock=clock, port=port)
    try:
        yield running
    finally:
        running.close()
