"""The programs of the page of recipes, by the names in the comments above them."""

from __future__ import annotations

import re
from pathlib import Path

PAGE = Path(__file__).parents[2] / "generated/docs/recipes.md"
_RECIPE = re.compile(r"<!-- recipe: (\w+) -->\n```python\n(.*?)```\n", re.DOTALL)

RECIPES: dict[str, str] = dict(_RECIPE.findall(PAGE.read_text("utf-8")))


def lines(name: str) -> int:
    """How many lines a recipe has, without empty ones."""
    return sum(bool(line.strip()) for line in RECIPES[name].splitlines())
