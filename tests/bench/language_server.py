"""Completion as an editor asks for it: pyright's language server on a user's file, over stdio."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SERVER = Path(sys.executable).with_name("pyright-langserver")
LIMIT = 120.0
"""Seconds after which a server that says nothing is ended."""
AGAIN = 5


@dataclass(frozen=True)
class Asked:
    """What one server took: seconds from its start to the first answer, and for a later one."""

    first: float
    again: float
    labels: frozenset[str]


def completions(folder: Path, code: str) -> Asked:
    """Ask a fresh server what may stand at the end of `code`, in a file in `folder`.

    Raises:
        RuntimeError: when it ends, or says nothing for too long.
    """
    began = time.perf_counter()
    with _Server(folder) as server:
        server.open(folder / "typed.py", code)
        labels = server.complete(code)
        first = time.perf_counter() - began
        spent = []
        for number in range(AGAIN):
            # Another line above, as if somebody typed: an answer is not taken from before.
            text = f"typed = {number}\n{code}"
            server.change(text)
            asked = time.perf_counter()
            labels &= server.complete(text)
            spent.append(time.perf_counter() - asked)
    return Asked(first, sorted(spent)[AGAIN // 2], labels)


class _Server:
    """The process, and as much of the protocol as completion takes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._number = 0
        self._version = 0
        self._file = ""

    def __enter__(self) -> _Server:
        self._process = subprocess.Popen(
            [str(SERVER), "--stdio"],
            cwd=self._folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._guard = threading.Timer(LIMIT, self._process.kill)
        self._guard.start()
        root = self._folder.as_uri()
        self._ask(
            "initialize",
            {
                "processId": None,
                "rootUri": root,
                "workspaceFolders": [{"uri": root, "name": "user"}],
                "capabilities": {"workspace": {"configuration": True}},
            },
        )
        self._tell("initialized", {})
        return self

    def __exit__(self, *_: object) -> None:
        self._guard.cancel()
        self._process.kill()
        self._process.communicate()

    def open(self, path: Path, text: str) -> None:
        self._file = path.as_uri()
        told = {"uri": self._file, "languageId": "python", "version": 0, "text": text}
        self._tell("textDocument/didOpen", {"textDocument": told})

    def change(self, text: str) -> None:
        self._version += 1
        told = {"uri": self._file, "version": self._version}
        self._tell(
            "textDocument/didChange", {"textDocument": told, "contentChanges": [{"text": text}]}
        )

    def complete(self, text: str) -> frozenset[str]:
        """The labels of what may stand at the end of `text`."""
        lines = text.split("\n")
        place = {"line": len(lines) - 1, "character": len(lines[-1])}
        told = {"textDocument": {"uri": self._file}, "position": place}
        answer = self._ask("textDocument/completion", told)
        items = answer["items"] if isinstance(answer, dict) else answer
        return frozenset(item["label"] for item in items or ())

    def _ask(self, method: str, params: Any) -> Any:
        self._number += 1
        self._send({"id": self._number, "method": method, "params": params})
        while True:
            message = self._read()
            if "method" in message and "id" in message:
                # A question of the server's: about settings, of which there are none.
                items = message.get("params", {}).get("items") if message["params"] else None
                self._send({"id": message["id"], "result": [None] * len(items) if items else None})
            elif message.get("id") == self._number:
                return message.get("result")

    def _tell(self, method: str, params: Any) -> None:
        self._send({"method": method, "params": params})

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self._process.stdin is not None
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self._process.stdin.flush()

    def _read(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        length = 0
        while line := self._process.stdout.readline().strip():
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        body = self._process.stdout.read(length)
        if not body:
            raise RuntimeError(f"pyright's language server ended, or took {LIMIT:.0f} s")
        message: dict[str, Any] = json.loads(body)
        return message
