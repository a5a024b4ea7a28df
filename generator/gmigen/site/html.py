"""A built page as a browser would see it: its scripts, links, ids and what it loads."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

_LOADS = {
    ("script", "src"),
    ("img", "src"),
    ("source", "src"),
    ("video", "src"),
    ("audio", "src"),
    ("iframe", "src"),
    ("embed", "src"),
    ("object", "data"),
    ("form", "action"),
    ("base", "href"),
    ("use", "href"),
    ("image", "href"),
}
"""What a browser fetches by itself, or would send somewhere."""


@dataclass
class Document(HTMLParser):
    """One page, parsed."""

    text: str
    inline: list[str] = field(default_factory=list)
    """Inline scripts, exact; data blocks are none."""
    links: list[str] = field(default_factory=list)
    loads: list[str] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)
    handlers: list[str] = field(default_factory=list)
    """Attributes that would run: `onclick`, and `javascript:` anywhere."""
    policies: list[str] = field(default_factory=list)
    titles: list[str] = field(default_factory=list)
    tags: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._in: str | None = None
        self._held: list[str] = []
        self.feed(self.text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what an element is and does."""
        given = {name: value or "" for name, value in attrs}
        self.tags[tag] = self.tags.get(tag, 0) + 1
        if "id" in given:
            self.ids.add(given["id"])
        if tag == "a" and "name" in given:
            self.ids.add(given["name"])
        for name, value in given.items():
            if name.startswith("on") or value.strip().lower().startswith("javascript:"):
                self.handlers.append(f"{tag} {name}")
            if (tag, name) in _LOADS or (tag == "link" and name == "href"):
                if given.get("rel") not in ("canonical", "prev", "next", "alternate"):
                    self.loads.append(value)
            elif name == "href":
                self.links.append(value)
        if given.get("http-equiv", "").lower() == "content-security-policy":
            self.policies.append(given.get("content", ""))
        if tag == "title" or (tag == "script" and "src" not in given and _runs(given)):
            self._in, self._held = tag, []

    def handle_data(self, data: str) -> None:
        """Keep the text of scripts and titles."""
        if self._in:
            self._held.append(data)

    def handle_endtag(self, tag: str) -> None:
        """Put a script or a title away."""
        if tag == self._in:
            (self.inline if tag == "script" else self.titles).append("".join(self._held))
            self._in = None


def _runs(given: dict[str, str]) -> bool:
    """Whether a script element is one, and no block of data."""
    return given.get("type", "") in ("", "module", "text/javascript", "application/javascript")
