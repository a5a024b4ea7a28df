"""A recording of the demo as a picture: `python -m gmigen.site.recording`.

It runs the demo and draws what it really printed, line by line as it came, as an SVG that needs no
font and no script. The folder it worked in is shortened; nothing else is changed.
"""

from __future__ import annotations

import re
import subprocess
import sys
from html import escape
from pathlib import Path

from .. import disk

PICTURE = Path(__file__).parent / "assets/demo.svg"
COLUMNS, SHOWN = 92, 26
_X, _Y, _STEP = 8.4, 44, 19
_SECONDS = 0.12


def main() -> int:
    """Run the demo and write the picture."""
    done = subprocess.run(
        [sys.executable, "-m", "gmigen", "demo"],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    if done.returncode:
        sys.stderr.write(done.stderr)
        return done.returncode
    disk.write_file(PICTURE, drawn(shortened(done.stdout)).encode("utf-8"))
    sys.stdout.write(f"{PICTURE}\n")
    return 0


def shortened(told: str) -> list[str]:
    """The lines of the demo, with its temporary folder and the ids of jobs in short."""
    told = re.sub(r"\S*/gmigen-demo-\w+", "demo", told)
    told = re.sub(r"\b([0-9a-f]{8})-[0-9a-f-]{27}\b", r"\1", told)
    lines = [line.rstrip() for line in told.splitlines()]
    lines = [line if len(line) <= COLUMNS else f"{line[: COLUMNS - 3]}..." for line in lines]
    if len(lines) > SHOWN:
        lines = [*lines[: SHOWN - 9], "   ...", *lines[-8:]]
    return ["$ make demo", *lines]


def drawn(lines: list[str]) -> str:
    """An SVG of a terminal in which the lines appear one after another, and then stay."""
    width, height = int(COLUMNS * _X) + 40, _Y + _STEP * len(lines) + 14
    rows = "\n".join(
        f'<text class="l" style="animation-delay:{number * _SECONDS:.2f}s" x="20" '
        f'y="{_Y + _STEP * (number + 1)}">{escape(line)}</text>'
        for number, line in enumerate(lines)
        if line
    )
    return f"""\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" aria-label="\
The demo in a terminal: an emulator, a fetched catalogue, a generated package, and media files">
<style>
text {{ font: 14px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; fill: #d6deeb; \
white-space: pre }}
@media (prefers-reduced-motion: no-preference) {{ .l {{ opacity: 0; animation: s .1s forwards }} }}
@keyframes s {{ to {{ opacity: 1 }} }}
</style>
<rect width="100%" height="100%" rx="10" fill="#10141f"/>
<g fill="#5b6478"><circle cx="24" cy="22" r="6"/><circle cx="44" cy="22" r="6"/>\
<circle cx="64" cy="22" r="6"/></g>
{rows}
</svg>
"""


if __name__ == "__main__":
    sys.exit(main())
