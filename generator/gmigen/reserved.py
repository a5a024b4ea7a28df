"""Names the emitted code, its base classes or an operating system already use.

The tables are frozen on purpose: computing them from the running interpreter or the installed
pydantic would rename public attributes whenever one of those is upgraded. A test compares them
with the versions at hand and fails when something new ought to be added.
"""

from __future__ import annotations

KEYWORDS = frozenset(
    "False None True and as assert async await break class continue def del elif else except "
    "finally for from global if import in is lambda nonlocal not or pass raise return try while "
    "with yield".split()
)

_PYDANTIC = frozenset(
    "construct copy dict fields_set from_orm json parse_file parse_obj parse_raw schema "
    "schema_json update_forward_refs validate "
    "model_computed_fields model_config model_construct model_copy model_dump model_dump_json "
    "model_extra model_fields model_fields_set model_json_schema model_parametrized_name "
    "model_post_init model_rebuild model_validate model_validate_json "
    "model_validate_strings".split()
)

_REQUEST = frozenset("extra_payload payload payload_schema self cls".split())

_ANNOTATIONS = frozenset("str int float bool list dict tuple bytes object type".split())
"""Builtins that annotations in the same class body refer to."""

ATTRIBUTES = KEYWORDS | _PYDANTIC | _REQUEST | (_ANNOTATIONS - {"type"})

CLASSES = frozenset(
    "AlwaysSent Annotated Any AudioInput ClassVar False Field FileInput ImageInput Literal None "
    "Nullable Object Options Price RemovedRequest Request True VideoInput BaseModel".split()
)
"""Capitalised names an emitted module imports; a class of its own must not hide them."""

_WINDOWS = frozenset(
    ["con", "prn", "aux", "nul", "conin", "conout", "clock"]
    + [f"{port}{digit}" for port in ("com", "lpt") for digit in range(10)]
)

_PYTHON = frozenset(
    "abc aifc antigravity argparse array ast asynchat asyncio asyncore atexit audioop base64 bdb "
    "binascii binhex bisect builtins bz2 calendar cgi cgitb chunk cmath cmd code codecs codeop "
    "collections colorsys compileall concurrent configparser contextlib contextvars copy copyreg "
    "cprofile crypt csv ctypes curses dataclasses datetime dbm decimal difflib dis distutils "
    "doctest email encodings ensurepip enum errno faulthandler fcntl filecmp fileinput fnmatch "
    "fractions ftplib functools gc genericpath getopt getpass gettext glob graphlib grp gzip "
    "hashlib heapq hmac html http idlelib imaplib imghdr imp importlib inspect io ipaddress "
    "itertools json keyword lib2to3 linecache locale logging lzma mailbox mailcap marshal math "
    "mimetypes mmap modulefinder msilib msvcrt multiprocessing netrc nis nntplib nt ntpath "
    "nturl2path numbers opcode operator optparse os ossaudiodev parser pathlib pdb pickle "
    "pickletools pipes pkgutil platform plistlib poplib posix posixpath pprint profile pstats "
    "pty pwd py_compile pyclbr pydoc pydoc_data pyexpat queue quopri random re readline reprlib "
    "resource rlcompleter runpy sched secrets select selectors shelve shlex shutil signal site "
    "smtpd smtplib sndhdr socket socketserver spwd sqlite3 sre_compile sre_constants sre_parse "
    "ssl stat statistics string stringprep struct subprocess sunau symbol symtable sys sysconfig "
    "syslog tabnanny tarfile telnetlib tempfile termios test textwrap this threading time timeit "
    "tkinter token tokenize tomllib trace traceback tracemalloc tty turtle turtledemo types "
    "typing unicodedata unittest urllib uu uuid venv warnings wave weakref webbrowser winreg "
    "winsound wsgiref xdrlib xml xmlrpc zipapp zipfile zipimport zlib zoneinfo "
    "annotationlib compression".split()
)

_SITE = frozenset(
    "conftest setup sitecustomize usercustomize test tests index readme names lock manifest "
    "pydantic httpx gmigen gmi_inference".split()
)

_PACKAGE = frozenset({"request_class"})
"""What the package of all models defines itself; a submodule would take its place."""

MODULES = KEYWORDS | _WINDOWS | _PYTHON | _SITE | _PACKAGE
