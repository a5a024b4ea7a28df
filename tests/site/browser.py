"""The built site in a real browser: `make docs-test`.

Each kind of page at two widths, light and dark: nothing in the console, nothing asked of another
host, axe clean, no sideways scroll; search, the table and anchors do what they promise; a page of
raw hazards runs nothing under the policy. Screenshots are left to be looked at.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from browser_tools import axe, chromium, playwright

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))
from site_world import HAZARDS

BUILD = Path("build/docs").resolve()
PAGES = {
    "start": "index.html",
    "guide": "guides/errors-and-money.html",
    "guide-words": "guides/coming-from.html",
    "models": "models/index.html",
    "by-input": "models/by-input.html",
    "compare": "models/compare.html",
    "names": "models/names.html",
    "changes": "models/changes.html",
    "model": "models/kling_v3_omni.html",
    "model-simple": "models/veo3.html",
    "model-unpriced": "models/luma_ray_3_2_generate.html",
    "api": "api/clients.html",
    "errors": "api/errors.html",
    "commands": "cli.html",
    "facts": "facts.html",
    "prices": "prices.html",
    "ci": "ci.html",
}
WIDTHS = (390, 1440)
SCHEMES = ("light", "dark")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
KNOWN = {"label-content-name-mismatch", "scrollable-region-focusable"}
"""The theme's search results, where arrows and not tabs move. Found upstream."""


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Nothing."""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()


class Check:
    """Pages opened one after another, and everything that was wrong with them."""

    def __init__(self, browser: Any, origin: str, rules: str) -> None:
        self.browser, self.origin, self.rules = browser, origin, rules
        self.wrong: list[str] = []
        self.seen = 0
        self.known = 0

    @contextmanager
    def page(self, path: str, width: int = 1440, scheme: str = "light") -> Iterator[Any]:
        page = self.browser.new_page(
            viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=False
        )
        where = f"{path} {width} {scheme}"
        page.on("console", lambda m: m.type == "error" and self.say(where, f"console: {m.text}"))
        page.on("pageerror", lambda error: self.say(where, f"script: {error}"))
        page.on("dialog", lambda dialog: self.say(where, "a dialog"))
        page.on("request", lambda r: self.asked(where, r.url))
        try:
            page.goto(f"{self.origin}/{path}", wait_until="networkidle")
            self.seen += 1
            yield page
        finally:
            page.close()

    def say(self, where: str, told: str) -> None:
        self.wrong.append(f"{where}: {told[:300]}")

    def asked(self, where: str, url: str) -> None:
        if not url.startswith((self.origin, "data:", "blob:")):
            self.say(where, f"it asked {url}")

    def that(self, where: str, holds: bool, told: str) -> None:
        if not holds:
            self.say(where, told)

    def accessible(self, where: str, page: Any, known: Collection[str] = ()) -> None:
        # Evaluated and not added as an element: the policy would stop that, and rightly.
        page.evaluate(self.rules)
        found = page.evaluate(
            "async tags => (await axe.run({runOnly: tags})).violations.map("
            "v => [v.id, v.nodes.length, v.nodes[0].html])",
            RULES,
        )
        for rule, nodes, html in found:
            if rule in known:
                self.known += nodes
            else:
                self.say(where, f"axe {rule} ({nodes}): {html}")


def looks(check: Check) -> None:
    """Every kind of page, in every way it is looked at."""
    screens = BUILD / "screens"
    screens.mkdir(exist_ok=True)
    for name, path in PAGES.items():
        for width in WIDTHS:
            for scheme in SCHEMES:
                with check.page(path, width, scheme) as page:
                    where = f"{path} {width} {scheme}"
                    wide = page.evaluate("document.documentElement.scrollWidth")
                    check.that(where, wide <= width, f"scrolls sideways: {wide}")
                    check.accessible(where, page)
                    page.screenshot(path=str(screens / f"{name}-{width}-{scheme}.png"))


def searches(check: Check) -> None:
    with check.page("index.html") as page:
        page.keyboard.press("/")
        page.keyboard.type("first frame")
        option = page.locator("[role=option]").first
        option.wait_for()
        told = page.locator("[role=option]").all_inner_texts()
        found = any("first frame" in text.lower() for text in told)
        check.that("search", found, f"no result says first frame: {told[:3]}")
        check.accessible("search", page, KNOWN)
        page.screenshot(path=str(BUILD / "screens/search.png"))


def compares(check: Check) -> None:
    shown = "tr:not([hidden]) th[scope=row]"
    with check.page("models/compare.html") as page:
        every = page.locator(f"tbody {shown}").count()
        page.select_option("select[name=takes]", "audio")
        few = page.locator(f"tbody {shown}").count()
        check.that("compare", 0 < few < every, f"the filter leaves {few} of {every}")
        page.get_by_role("button", name="The example costs").click()
        cells = page.locator("tbody tr:not([hidden]) td:last-child")
        known = [float(c) for c in cells.evaluate_all("e => e.map(c => c.dataset.sort)") if c]
        check.that("compare", known == sorted(known), f"not sorted: {known[:9]}")
        address = page.url
        check.that("compare", "takes=audio" in address, f"the address forgets: {address}")
    with check.page(address.removeprefix(f"{check.origin}/")) as page:
        again = page.locator(f"tbody {shown}").count()
        check.that("compare", again == few, "the address does not bring the filter back")
        first = page.locator("tbody tr:not([hidden]) td:last-child").first.inner_text()
        check.that("compare", "sort=" in address and "$" in first, "nor the order")


def anchors(check: Check) -> None:
    with check.page("models/veo3.html#p-duration_seconds") as page:
        marked = page.evaluate("document.querySelector('tr:target')?.id")
        check.that("anchor", marked == "p-duration_seconds", f"it leads to {marked}")
        top = page.locator("tr:target").bounding_box()["y"]
        check.that("anchor", 0 <= top < 900, f"it is out of sight: {top}")


def keyboard(check: Check) -> None:
    """What scrolls and what opens is reached without a mouse."""
    with check.page("models/kling_v3_omni.html", 390) as page:
        page.locator("details.nested summary").first.focus()
        page.keyboard.press("Enter")
        opened = page.locator("details.nested[open]").count()
        check.that("keyboard", opened == 1, "a nested object does not open with Enter")
        page.locator(".tabbed-set input").first.focus()
        page.keyboard.press("ArrowRight")
        checked = page.locator(".tabbed-set input").nth(1).is_checked()
        check.that("keyboard", checked, "tabs do not change with an arrow")


def hazards(check: Check, folder: Path) -> int:
    """Every hazard raw in a page of the site, where the policy is the only wall."""
    page_of = (folder / "facts.html").read_text("utf-8")
    before, _, rest = page_of.partition("<article")
    after = rest.partition("</article>")[2]
    for number, text in enumerate(HAZARDS):
        raw = f"{before}<article>{text}</article>{after}"
        (folder / f"hazard-{number}.html").write_text(raw, "utf-8", errors="replace")
    for number in range(len(HAZARDS)):
        page = check.browser.new_page()
        where = f"hazard {number}"
        page.on("dialog", lambda dialog, where=where: check.say(where, "a dialog"))
        page.on("requestfinished", lambda request, where=where: check.asked(where, request.url))
        page.goto(f"{check.origin}/hazard-{number}.html", wait_until="load")
        check.that(where, "PWNED" not in page.title(), "a script ran")
        page.close()
        (folder / f"hazard-{number}.html").unlink()
    return len(HAZARDS)


def main() -> int:
    tools = BUILD / "tools"
    program, rules = chromium(), axe(tools)
    playwright(tools)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as running, served(BUILD / "site") as origin:
        browser = running.chromium.launch(executable_path=program, args=["--no-sandbox"])
        check = Check(browser, origin, rules)
        for part in (looks, searches, compares, anchors, keyboard):
            part(check)
        ran = hazards(check, BUILD / "site")
        browser.close()
    for told in check.wrong:
        print(told)
    print(
        f"{check.seen} pages opened, {ran} raw hazards, {len(check.wrong)} faults, "
        f"{check.known} known findings of the theme; screenshots in {BUILD / 'screens'}."
    )
    return 1 if check.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
