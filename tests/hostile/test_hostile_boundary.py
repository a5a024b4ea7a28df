"""Between remote text and output: what a template may print, what the compiler sees."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from atoms import ATOMS
from hostile_world import benign, cases, encoded, made_of
from test_hostile_cross_product import ELEMENT_FIELDS

from gmigen import resources
from gmigen.emit import compiler as pymodels
from gmigen.emit.classes import classes_of
from gmigen.emit.compiler import leaves
from gmigen.emit.render import RawValueError, Renderer, printable
from gmigen.errors import TemplateProblemError
from gmigen.naming.names import Ledger
from gmigen.schema import Model, read_document
from gmigen.text.literals import Code
from gmigen.text.markdown import Markdown

RAW_ROUTES = {
    "printed": "{{ d }}",
    "filtered": "{{ d|upper }}",
    "joined by a tilde": "{{ d ~ d }}",
    "joined": "{{ [d, d]|join }}",
    "set": "{% set e = d %}{{ e }}",
    "set as a block": "{% set e %}{{ d }}{% endset %}{{ e }}",
    "macro": "{% macro m(x) %}{{ x }}{% endmacro %}{{ m(d) }}",
    "filter block": "{% filter upper %}{{ d }}{% endfilter %}",
    "formatted": "{{ '%s' % d }}",
    "format": "{{ '{}'.format(d) }}",
    "attribute": "{{ safe.text }}",
    "class of a view": "{{ 1 if safe.__class__ else 2 }}",
    "private attribute": "{{ 1 if safe._abc else 2 }}",
    "function of a method": "{{ 1 if safe.__str__.__func__ else 2 }}",
    "indented": "{{ safe|indent }}",
    "string": "{{ safe|string }}",
    "replaced": "{{ safe|replace('a', d) }}",
    "looped": "{% for c in d %}{{ c }}{% endfor %}",
    "condition": "{{ d if d else d }}",
    "float": "{{ 1.5 }}",
    "boolean": "{{ true }}",
    "none": "{{ none }}",
    "list": "{{ [d] }}",
}


@pytest.mark.parametrize("route", RAW_ROUTES)
def test_no_raw_value_leaves_a_template_by_any_route(tmp_path: Path, route: str) -> None:
    (tmp_path / "x.jinja").write_text(RAW_ROUTES[route])
    renderer = Renderer([tmp_path])
    with pytest.raises(TemplateProblemError):
        renderer.markdown("x", d="hello", safe=Markdown("safe"))
    with pytest.raises(TemplateProblemError):
        renderer.python("x", d="hello", safe=Code("safe"))


def test_a_template_prints_its_own_language_and_whole_numbers_only(tmp_path: Path) -> None:
    assert printable(Code("x"), Code) == "x"
    assert printable(Markdown("x"), Markdown) == "x"
    assert printable(7, Code) == "7"
    for value, language in [
        (Code("x"), Markdown),
        (Markdown("x"), Code),
        ("x", Code),
        (True, Code),
    ]:
        with pytest.raises(RawValueError):
            printable(value, language)  # type: ignore[arg-type]  # a wrong pair on purpose
    (tmp_path / "x.jinja").write_text("{{ missing }}")
    with pytest.raises(TemplateProblemError):
        Renderer([tmp_path]).markdown("x")


def test_no_template_prints_anything_but_attributes_of_views() -> None:
    for path in resources.templates().rglob("*.jinja"):
        for printed in re.findall(r"\{\{(.*?)\}\}", path.read_text()):
            assert re.fullmatch(r" \w+(\.\w+)? ", printed), (path.name, printed)


def test_only_whitelisted_keys_and_placeholders_reach_the_compiler(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given: list[Any] = []
    compiled = pymodels._compiled

    def spy(schema: dict[str, Any]) -> str:
        given.append(schema)
        return compiled(schema)

    monkeypatch.setattr(pymodels, "_compiled", spy)
    texts = [text for case in cases() for text in case.documents]
    for make in ELEMENT_FIELDS.values():
        parameters = [{"name": f"p{n}", **make(atom)} for n, atom in enumerate(ATOMS)]
        texts.append(encoded(benign(parameters=parameters)))
    for text in texts:
        model = read_document(text)
        if isinstance(model, Model):
            classes = classes_of(model, Ledger().name([model])[model.id])
            members = [member for each in classes for member in each.members]
            pymodels.compile_leaves(key for m in members for key in leaves(m.parameter.type))
    assert len(given) > 80
    for schema in given:
        _whitelisted(schema)


def _whitelisted(schema: dict[str, Any]) -> None:
    assert schema.keys() <= {
        *("type", "properties", "required", "enum", "items", "minimum", "maximum"),
        *("minItems", "maxItems", "minLength", "maxLength", "title"),
    }
    for key, value in schema.items():
        if key == "properties":
            assert all(re.fullmatch(r"f\d+", name) for name in value)
            for inner in value.values():
                _whitelisted(inner)
        elif key == "items":
            _whitelisted(value)
        elif key in ("enum", "required"):
            assert all(re.fullmatch(r"@\d+|@item|f\d+", text) for text in value)
        elif key in ("type", "title"):
            assert value in [
                "string",
                "integer",
                "number",
                "boolean",
                "null",
                "object",
                "array",
                "Fields",
            ]
        else:
            assert isinstance(value, (int, float))


def test_what_the_compiler_cannot_do_refuses_one_model_and_keeps_the_rest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    compiled = pymodels._compiled

    def fragile(schema: dict[str, Any]) -> str:
        if '"maximum": 13' in str(schema).replace("'", '"'):
            raise RecursionError("too much for it")
        return compiled(schema)

    monkeypatch.setattr(pymodels, "_compiled", fragile)
    bad = benign(model="bad", parameters=[{"name": "n", "type": "integer", "max_value": 13}])
    good = [encoded(benign(model=f"good{number}")) for number in range(5)]
    output = made_of(*good, encoded(bad))
    assert [(p.model, p.code) for p in output.refused] == [("bad", "compiler")]
    assert len(output.models) == 5
