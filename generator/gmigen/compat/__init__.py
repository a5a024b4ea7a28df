"""Old schema x new schema -> changes, breaking or not for callers of the request classes."""

from ..schema.covers import covers
from .change import Change, bump
from .compare import compare
from .report import as_json, as_markdown, as_text

__all__ = ["Change", "as_json", "as_markdown", "as_text", "bump", "compare", "covers"]
