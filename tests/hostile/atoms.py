"""Texts an attacker would put where a details document has a string."""

from __future__ import annotations

PWN = "__import__('builtins').__dict__.__setitem__('PWNED',1)"

CODE = (
    f'"""\n{PWN}\n"""',
    f"'''\n{PWN}\n'''",
    f'")\n{PWN}\n#',
    f"']; {PWN}; ['",
    f"a\n{PWN}",
    f"a\r{PWN}",
    f"a\r\n{PWN}",
    f"a\x0b{PWN}",
    f"a\x0c{PWN}",
    f"a\x1c{PWN}",
    f"a\x85{PWN}",
    f"a\u2028{PWN}",
    f"a\u2029{PWN}",
    "ends with a backslash\\",
    "ends with two\\\\",
    'ends with a quote"',
    'ends with three"""',
    '""""',
    "\\N{BULLET} \\u0041 \\x41 \\101 \\",
    "a\x00b",
    f"{{{PWN}}}",
    "%(x)s %s {0.__class__} {x!r:>{y}}",
    "coding: utf_7",
    f"+ACIAIgAi-+AAo-{PWN}",
    "/// script\ndependencies = ['evil']\n///",
    "type: ignore\nnoqa\nfmt: off\npragma: no cover",
    ">>> import os; os.abort()",
    "text\n\n    >>> 1/0\n    >>> 2",
    ".. include:: /etc/passwd\n.. raw:: html\n\n   x",
    "see (:file:`/etc/passwd`) and :py:func:`x`",
    "{{ ''.__class__.__mro__ }}{% for x in y %}{# c #}",
    "Field(default_factory=lambda: 1)",
    "None",
    "self",
    "request_class",
    "__class__",
    "${jndi:ldap://x} $(touch PWNED) `touch PWNED`",
)

MARKDOWN = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "</details><details open>",
    "<!-- a --> b --> <!--",
    "![p](https://evil.example/p.png)",
    "[x](javascript:alert(1)) [y]: https://evil.example",
    "[y]: https://evil.example 'z'\n\n[y]",
    "https://evil.example www.evil.example mailto:a@b.example a@b.example",
    "# Heading\n\nSetext\n======\n\nOther\n------",
    "---\ntitle: x\n---\n# y",
    "```\nfence\n```\n~~~\nother\n~~~",
    "`` ` `` ``` ` ` `",
    "a | b | c\n|---|---|\n| d | e |",
    "1. one\n2) two\n- three\n+ four\n* five",
    "    indented\n\tcode",
    "{expr} {props.children} <Component/> import x from 'y'",
    "!!! note\n\n??? x\n\n:::js\n",
    "[^1]: note [[wiki]] ==mark== ^sup^ ~sub~ $math$ **b** __i__ _e_",
    "&lt;script&gt; &#60;b&#62;",
)

INVISIBLE = (
    "user\u202e \u2066# admin\u2069 \u2066",
    "a\u200bb\u2060\ufeff\U000e0041",
    "\x1b]8;;http://evil.example\x07x\x1b[2J",
    "\x9b31m\x7f\x80",
    "\ue000\U000f0000",
    "\u0430\u0435\u043e \uff41 \u212a \ufb01 \u01c5",
    "e\u0301 \u00e9",
    "\U0001f600 \u4f60\u597d",
)

ODD = ("", " ", "-", "0", "1.5", "true", "a" * 200, "x" * 3000, "\u00a0", "../../etc/passwd", "CON")

ATOMS = (*CODE, *MARKDOWN, *INVISIBLE, *ODD)
"""All of them; each stands in each string field of a document at least once."""

HOT = (
    "'\"\\\n\r\t\0\x0b\x0c\x1b\x85\u2028\u202e\u200b#`|*_<>{}[]()%$&:;.,-=+~!?@/ aA0"
    "\u00e9\uff41\u0430"
)
"""The characters most likely to mean something to someone."""
