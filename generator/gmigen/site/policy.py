"""The second wall: a page runs the scripts of a benign build, and fetches from its own host only.

The theme has inline scripts, which change with its version and not with the pages. Their hashes are
taken from a build of pages that hold nothing remote, so a script that text smuggles in has none.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping

from .html import Document

BENIGN: Mapping[str, str] = {
    "index.md": '# Start { #start }\n\n=== "One"\n\n    ```python\n    1\n    ```\n\n[x](a/b.md)\n',
    "a/b.md": "# Below { #below }\n\n## Part { #part }\n",
    "a/c/d.md": "# Far below { #below }\n",
}
"""A page in each depth of folders: a script of the theme holds the way to the root."""

_DIRECTIVES = (
    ("default-src", "'self'"),
    ("style-src", "'self' 'unsafe-inline'"),
    ("img-src", "'self' data:"),
    ("worker-src", "'self' blob:"),
    ("frame-src", "'none'"),
    ("object-src", "'none'"),
    ("base-uri", "'none'"),
    ("form-action", "'none'"),
)


def hashes(pages: Iterable[Document]) -> frozenset[str]:
    """The hash of every inline script."""
    return frozenset(hash_of(script) for page in pages for script in page.inline)


def hash_of(script: str) -> str:
    """A script as a policy names it."""
    digest = hashlib.sha256(script.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"


def policy(allowed: Iterable[str]) -> str:
    """The policy that allows these inline scripts, and own files."""
    scripts = " ".join(["'self'", *sorted(allowed)])
    told = [f"{name} {value}" for name, value in _DIRECTIVES]
    return "; ".join([told[0], f"script-src {scripts}", *told[1:]])
