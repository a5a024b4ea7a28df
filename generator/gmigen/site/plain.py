"""The guides as a code forge shows them; `python -m gmigen.site.plain` writes them beside pages.

The site has headings with ids, pictures and references that only its builder resolves; a forge
shows those as they are written.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Collection
from pathlib import Path

from .. import disk, resources, settings
from ..emit.render import Renderer
from .guides import GUIDES


def plain(text: str) -> str:
    """A page of ours without what only the builder of the site knows."""
    text = re.sub(r'<div class="picture">.*?</div>\n+', "", text, flags=re.DOTALL)
    text = re.sub(r" \{ #[\w-]+ \}|\{ \.[\w-]+ \}", "", text)
    text = re.sub(r"\[(`[^`]+`)\]\[[\w.]+\]", r"\1", text)
    return re.sub(r"^::: ([\w.]+)$", r"- `\1`", text, flags=re.MULTILINE)


def guides(pages: Collection[str]) -> dict[str, str]:
    """The guides by path; a link to what is none of `pages` leads to their index, or is a word."""
    renderer = Renderer([resources.templates()])
    told = {
        f"guides/{name}.md": plain(renderer.markdown(f"site/guides/{name}.md"))
        for _, name in GUIDES
    }

    def led(match: re.Match[str]) -> str:
        path = match[2].partition("#")[0]
        known = f"guides/{path}" in told or path.removeprefix("../") in pages
        if known:
            return match[0]
        return f"[{match[1]}](../index.md)" if path.startswith("../models/") else match[1]

    return {path: re.sub(r"\[([^]]+)\]\(([^):]+)\)", led, text) for path, text in told.items()}


def main() -> int:
    """Write them into the folder of the pages."""
    folder = settings.load(Path.cwd()).docs_folder
    if folder is None:
        return 0
    pages = {path.relative_to(folder).as_posix() for path in folder.rglob("*.md")}
    for path, text in guides(pages).items():
        disk.write_file(folder / path, text.encode("utf-8"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
