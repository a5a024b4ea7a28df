"""Imports emitted modules in a process of its own, under an audit hook. Never imported by tests.

Reads {"root": ..., "modules": [...]} from standard input and prints what it saw: every event that
an import of harmless classes has no reason to cause, and what was done to the environment.
"""

import builtins
import importlib
import json
import os
import sys

wanted = json.load(sys.stdin)
root = os.path.realpath(wanted["root"])
sys.path.insert(0, root)

# What the modules rest on is loaded before anyone watches: those are libraries, not remote text.
for name in ("fields", "media", "base", "removed"):
    importlib.import_module(f"gmi_inference.requests.{name}")
pydantic = importlib.import_module("pydantic")

HARMLESS = {"import", "object.__getattr__", "object.__setattr__", "sys._getframe", "marshal.loads"}
HARMLESS |= {
    "os.listdir",
    "os.scandir",
    "builtins.id",
    "gc.get_referrers",
    "sys._current_frames",
    "object.__delattr__",
}
seen = []
library = os.path.realpath(os.path.dirname(os.__file__))
packages = os.path.realpath(os.path.dirname(os.path.dirname(pydantic.__file__)))


def hook(event, args):
    if not watching or event in HARMLESS:
        return
    if event == "open":
        path, mode, flags = args
        place = os.path.realpath(os.fsdecode(path)) if isinstance(path, (str, bytes)) else ""
        if place.startswith((root, library)) and not flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            return
    if event == "compile":
        return
    if event == "exec":
        name = getattr(args[0], "co_filename", "?")
        if name.startswith((root, library, "<frozen")) or name in ("<string>", "<attrs>"):
            if name != "<string>":
                return
            # typing and dataclasses of the standard library write small functions this way.
            if sys._getframe(1).f_code.co_filename.startswith(library):
                return
    seen.append([event, [ascii(arg)[:100] for arg in args]])


class Watched(dict):
    def __getitem__(self, key):
        seen.append(["environ", [ascii(key)]])
        return super().__getitem__(key)

    def get(self, key, default=None):
        frame = sys._getframe(1)
        while frame.f_code.co_filename.startswith("<frozen"):
            frame = frame.f_back
        # Libraries may look at their own settings; an emitted module may not look at anything.
        if not frame.f_code.co_filename.startswith((library, packages)):
            seen.append(["environ", [ascii(key), frame.f_code.co_filename]])
        return super().get(key, default)


watching = False
sys.addaudithook(hook)
os.environ = Watched()
failed = []
for module in wanted["modules"]:
    watching = True
    try:
        importlib.import_module(module)
    except BaseException as error:
        failed.append([module, ascii(error)[:300]])
    watching = False
print(json.dumps({"seen": seen, "failed": failed, "pwned": hasattr(builtins, "PWNED")}))
