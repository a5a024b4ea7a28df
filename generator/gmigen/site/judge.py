"""The built site, judged page by page: nothing runs that is not the theme's, every link leads."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from posixpath import dirname, normpath
from urllib.parse import unquote, urlsplit

from .html import Document
from .policy import hash_of

ABROAD = (
    "https://console.gmicloud.ai",
    "https://github.com/gmi-inference/",
    "https://raw.githubusercontent.com/gmi-inference/",
    "https://pre-commit.com",
    "https://zensical.org/",
    "https://docs.python.org/",
)
"""Where links of ours go outside of the site; remote text is nowhere a link."""


def documents(site: Path) -> dict[str, Document]:
    """Every page of a built site, by path."""
    return {
        path.relative_to(site).as_posix(): Document(path.read_text("utf-8"))
        for path in sorted(site.rglob("*.html"))
    }


def faults(site: Path, pages: Mapping[str, Document], allowed: Collection[str]) -> Iterator[str]:
    """What is wrong with a built site, as sentences; nothing where it is fit to be hosted."""
    files = {path.relative_to(site).as_posix() for path in site.rglob("*") if path.is_file()}
    for name, page in pages.items():
        for told in (*_runs(page, allowed), *_leads(name, page, pages, files)):
            yield f"{name}: {told}"


def _runs(page: Document, allowed: Collection[str]) -> Iterator[str]:
    if len(page.policies) != 1:
        yield f"{len(page.policies)} policies instead of one"
    for script in page.inline:
        if hash_of(script) not in allowed:
            yield f"an inline script that no benign build has: {script[:80]!r}"
    for handler in page.handlers:
        yield f"an attribute that runs: {handler}"
    for load in page.loads:
        parts = urlsplit(load)
        if parts.scheme not in ("", "data") or parts.netloc:
            yield f"it loads {load[:80]!r}"
    for tag in ("iframe", "object", "embed", "base"):
        if tag in page.tags:
            yield f"an element {tag}"


def _leads(
    name: str, page: Document, pages: Mapping[str, Document], files: Collection[str]
) -> Iterator[str]:
    for link in page.links:
        parts = urlsplit(link)
        if parts.scheme or parts.netloc:
            if not link.startswith(ABROAD):
                yield f"a link abroad: {link[:80]!r}"
            continue
        path = unquote(parts.path)
        if name == "404.html" and path.startswith("/"):
            path = path.lstrip("/") or "index.html"
        target = normpath(f"{dirname(name)}/{path}").lstrip("/") if path else name
        target = "index.html" if target == "." else target
        if target not in files:
            yield f"a dead link: {link[:80]!r}"
        elif (
            parts.fragment
            and target in pages
            and unquote(parts.fragment) not in _ids(pages[target])
        ):
            yield f"a dead anchor: {link[:80]!r}"


def _ids(page: Document) -> set[str]:
    return {*page.ids, "__skip", ""}
