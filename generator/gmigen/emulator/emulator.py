"""A running emulator, and the context manager that makes one."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Literal
from urllib.parse import urlsplit

from ..pricing.claim import Claim
from ..schema.overlays import Overlay
from .catalogue import Catalogue, corrections
from .certificate import certificates
from .clock import Clock
from .connection import Connection
from .faults import ConnectionFault, Script
from .hosts import BASE_PATH, TWIN_PATH, api_host, files_host
from .jobs import Job
from .likeness import Likeness
from .listener import BACKLOG, authority, loopback_socket, silent_socket
from .options import ListShape, Options, UnknownModels
from .ordered import Kind
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
        overlays: Iterable[Overlay] | None = None,
        claims: Iterable[Claim] | None = None,
        date: str = "",
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        self.options = options or Options()
        self.clock = clock or Clock()
        self.log = RequestLog()
        self.faults = Script(self.options.seed or 0)
        corrected = corrections() if overlays is None else overlays
        catalogue = Catalogue(documents, corrected, claims, date)
        self._service = Service(catalogue, self.options, self.clock, self.log, self.faults)
        self._certificates = certificates() if self.options.tls else None
        api = loopback_socket(host, port)
        try:
            files = loopback_socket(host, 0)
        except OSError:
            api.close()
            raise
        whole = bool(self.options.tls) and self.options.tls != "files"
        self.origin = f"{_scheme(whole)}://{authority(api)}"
        self.base_url = self.origin + BASE_PATH
        self.twin_url = self.origin + TWIN_PATH
        self.files_url = f"{_scheme(bool(self.options.tls))}://{authority(files)}"
        self._service.store.files_url = self.files_url
        context = self._certificates.context if self._certificates else None
        self._server = Server(
            [
                (api, api_host(self._service), self._arrival("api")),
                (files, files_host(self._service), self._arrival("files")),
            ],
            [context if whole else None, context],
        )
        self._server.start()

    @property
    def ledger(self) -> RequestLog:
        """`log` under its other name."""
        return self.log

    @property
    def jobs(self) -> Mapping[str, Job]:
        """Every job created, by its id."""
        return self._service.store.jobs

    @property
    def authority(self) -> str:
        """The PEM text of the authority to trust, where there is TLS; else nothing.

        `ssl.create_default_context(cadata=emulator.authority)` is a context that does; a file of
        it works as `SSL_CERT_FILE` or `REQUESTS_CA_BUNDLE`.
        """
        return self._certificates.authority if self._certificates else ""

    def console_job(self, model: str, payload: Mapping[str, Any]) -> str:
        """Let a colleague make a job in the web console; returns its id.

        The list shows it, and asking for it by its id is a 404, as recorded in public. It is
        in no log, because nobody asked the API for it.

        Raises:
            KeyError: the emulator cannot make such a job.
        """
        return self._server.call(lambda: self._service.console_job(model, payload).id)

    @contextmanager
    def down(self) -> Iterator[None]:
        """Refuse connections to the API for the length of a `with` block; open ones are cut."""
        address = urlsplit(self.origin)
        assert address.hostname is not None, "an origin names its host"
        self._server.refuse(0)
        # Held all the while: the system would give a free port to the next who asks for any.
        held = silent_socket(address.hostname, address.port or 0)
        try:
            yield
        finally:
            held.listen(BACKLOG)
            self._server.accept(0, held)

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


def _scheme(tls: bool) -> str:
    return "https" if tls else "http"


@contextmanager
def emulator(
    documents: Mapping[str, bytes],
    *,
    options: Options | None = None,
    clock: Clock | None = None,
    overlays: Iterable[Overlay] | None = None,
    claims: Iterable[Claim] | None = None,
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
    inline_images: bool | None = None,
    unknown_models: UnknownModels | None = None,
    kinds: Mapping[str, Kind] | None = None,
    tls: bool | Literal["files"] | None = None,
    like: Likeness | None = None,
    seed: int | None = None,
) -> Iterator[Emulator]:
    """Run an emulator for the length of a `with` block.

    Args:
        documents: model id -> the raw details document, served as it is.
        options: how it behaves; each further argument named like an option changes that one.
        clock: its time; `Clock(virtual=True)` stands still until it is advanced.
        overlays: corrections of the details, as requests are checked by them; the bundled ones
            unless given.
        claims: what is published of prices, which jobs are billed by; the bundled ones unless
            given.
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
        "inline_images": inline_images,
        "unknown_models": unknown_models,
        "kinds": kinds,
        "tls": tls,
        "like": like,
        "seed": seed,
    }
    changed: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    behaviour = replace(options or Options(), **changed)
    running = Emulator(
        documents, behaviour, clock=clock, overlays=overlays, claims=claims, port=port
    )
    try:
        yield running
    finally:
        running.close()
