"""The two hosts of the service as Starlette applications: the API, and the host of files."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route as StarletteRoute

from . import answers
from .endpoint import Endpoint
from .exchange import Exchange, Work
from .faults.script import Route
from .provenance import coverage
from .request_log import ListenerName
from .service import Service

MADE_UP = "made-up-"
"""What begins like this says of itself that it is no key, and is refused by every emulator."""

TWIN_PATH = "/api/v1/ie/requestqueue"
BASE_PATH = f"{TWIN_PATH}/apikey"
"""Where an API key is asked for; `TWIN_PATH` serves sessions, and its catalogue to everybody."""

API_ROUTES: Mapping[Route, tuple[str, str]] = {
    "models": ("GET", "/models"),
    "details": ("GET", "/models/{model_id:path}"),
    "submit": ("POST", "/requests"),
    "list": ("GET", "/requests"),
    "status": ("GET", "/requests/{request_id}"),
    "upload_url": ("POST", "/upload-url"),
}
"""Below either of the two paths."""

SESSION_ROUTES: Mapping[Route, tuple[str, str]] = {
    "auth_token": ("POST", "/api/v1/me/auth-tokens"),
    "session": ("POST", "/api/v1/me/sessions"),
    "session_refresh": ("PATCH", "/api/v1/me/sessions"),
    "profile": ("GET", "/api/v1/me/profile"),
}

FILE_ROUTES: Mapping[Route, tuple[str, str]] = {
    "put": ("PUT", "/storage/{name}"),
    "stored": ("GET", "/storage/{name}"),
    "media": ("GET", "/media/{request_id}/{name}"),
}


def api_host(service: Service) -> Starlette:
    """The API, its unknown routes, and the emulator's own window at `/_emu/`."""
    works: Mapping[Route, Work] = {
        "models": service.models,
        "details": _exact_id(service, service.details),
        "submit": service.submit,
        "list": service.listing,
        "status": service.status,
        "upload_url": service.upload_url,
    }
    keyed: dict[Route, Work] = {name: _guarded(service, work) for name, work in works.items()}
    twins: dict[Route, Work] = dict(keyed)
    twins["models"] = _edged(service.models_in_full)
    twins["details"] = _edged(works["details"])
    routes = [
        _route(service, "api", name, method, base + path, served[name])
        for base, served in ((BASE_PATH, keyed), (TWIN_PATH, twins))
        for name, (method, path) in API_ROUTES.items()
    ]
    sessions: Mapping[Route, Work] = {
        "auth_token": _edged(service.sessions.auth_token),
        "session": _edged(service.sessions.session),
        "session_refresh": _edged(service.sessions.session),
        "profile": _guarded(service, service.sessions.profile),
    }
    routes += [
        _route(service, "api", name, *SESSION_ROUTES[name], work) for name, work in sessions.items()
    ]
    return _application(
        [*_window(service), *routes, _anything_else(service, "api", _no_route(service))]
    )


def files_host(service: Service) -> Starlette:
    """The object store with uploads and artifacts, which takes no credentials."""
    works: Mapping[Route, Work] = {
        "put": service.put,
        "stored": _uncredentialed(service.stored),
        "media": _uncredentialed(service.media),
    }
    routes = [
        _route(service, "files", name, *FILE_ROUTES[name], works[name]) for name in FILE_ROUTES
    ]
    return _application([*routes, _anything_else(service, "files", _no_object)])


def _application(routes: list[StarletteRoute]) -> Starlette:
    application = Starlette(routes=routes)
    application.router.redirect_slashes = False
    return application


def _route(
    service: Service, listener: ListenerName, name: Route, method: str, path: str, work: Work
) -> StarletteRoute:
    return StarletteRoute(path, Endpoint(service, listener, name, work), methods=[method])


def _anything_else(service: Service, listener: ListenerName, work: Work) -> StarletteRoute:
    return StarletteRoute("/{rest:path}", Endpoint(service, listener, "unknown", work))


def _guarded(service: Service, work: Work) -> Work:
    """The edge and the key check that stand before every route with a key or a session."""

    async def guarded(exchange: Exchange) -> Response:
        scheme, _, key = exchange.request.headers.get("authorization", "").partition(" ")
        keys = service.options.keys
        known = _anybodys(key) if keys is None else key in keys
        if scheme != "Bearer" or not (known or service.sessions.knows(key)):
            return service.like.refusal("UNAUTHORIZED")
        return await work(exchange)

    return _edged(guarded)


def _anybodys(key: str) -> bool:
    """Whether an emulator that lets everybody in takes this for a key."""
    return bool(key.strip()) and not key.startswith(MADE_UP)


def _edged(work: Work) -> Work:
    """The edge alone, which looks at the User-Agent."""

    async def edged(exchange: Exchange) -> Response:
        if exchange.request.headers.get("user-agent", "").startswith("Python-urllib"):
            return answers.edge_refusal()
        return await work(exchange)

    return edged


def _uncredentialed(work: Work) -> Work:
    """Public objects are read without credentials; a token of another service is refused."""

    async def uncredentialed(exchange: Exchange) -> Response:
        if "authorization" in exchange.request.headers:
            return answers.storage_error(401, "AuthenticationRequired", "Authentication required.")
        return await work(exchange)

    return uncredentialed


def _exact_id(service: Service, work: Work) -> Work:
    """A slash belongs to an id only if it was sent percent-encoded."""

    async def exact(exchange: Exchange) -> Response:
        sent: bytes = exchange.request.scope["raw_path"]
        encoded = sent.partition(b"/models/")[2]
        if not encoded or b"/" in encoded:
            return service.like.refusal("ROUTE_NOT_FOUND")
        return await work(exchange)

    return exact


def _no_route(service: Service) -> Work:
    async def no_route(exchange: Exchange) -> Response:
        return service.like.refusal("ROUTE_NOT_FOUND")

    return no_route


async def _no_object(exchange: Exchange) -> Response:
    return answers.storage_error(404, "NoSuchKey", "The specified key does not exist.")


def _window(service: Service) -> list[StarletteRoute]:
    """What tests and people look through. Nothing of this is in the log."""

    async def log(request: Request) -> Response:
        return JSONResponse(service.log.as_json())

    async def clock(request: Request) -> Response:
        if request.method == "POST":
            try:
                service.clock.advance(float((await request.json())["advance"]))
            except (ValueError, TypeError, KeyError):
                hint = 'send {"advance": seconds}, and no fewer than 0'
                return answers.refusal(400, hint)
        return JSONResponse({"now": service.clock.now(), "virtual": service.clock.virtual})

    async def known(request: Request) -> Response:
        return JSONResponse(coverage())

    pages: Mapping[str, tuple[Callable[[Request], object], list[str]]] = {
        "/_emu/log": (log, ["GET"]),
        "/_emu/clock": (clock, ["GET", "POST"]),
        "/_emu/coverage": (known, ["GET"]),
    }
    return [StarletteRoute(path, page, methods=methods) for path, (page, methods) in pages.items()]
