"""Fields as emitted modules write them: what type checkers take, and what the model is sent."""

from __future__ import annotations

import pytest
from generator_world import class_with, element, source_of

from gmigen.requests.media import inline
from gmigen.runtime.errors import InvalidRequestError


@pytest.mark.row("U5")
@pytest.mark.parametrize(
    ("description", "emitted"),
    [
        ("Base64 picture.", "Base64ImageInput"),
        ("A picture, base64 or URL.", "Base64ImageInput"),
        ("A picture, as base64 in a data URI.", "ImageInput"),
        ("data:image/png;base64,...", "ImageInput"),
        ("A picture.", "ImageInput"),
    ],
)
def test_what_the_documentation_says_of_base64_decides_how_a_file_goes_inside(
    description: str, emitted: str
) -> None:
    wanted = element("image", "image", description=description)
    assert f"    image: {emitted} | None = None\n" in source_of(wanted)
    told = inline(b"GIF89a")
    sent = class_with(wanted)(image=told).payload()["image"]
    assert sent == (told.base64 if emitted.startswith("Base64") else told)


@pytest.mark.row("G16")
def test_lists_are_emitted_as_lists_of_anything_that_fits() -> None:
    parameters = [element("images", "image[]"), element("rows", "string[][]")]
    source = source_of(*parameters)
    assert "images: ListOf[ImageInput] | None = None" in source
    assert "rows: ListOf[ListOf[str]] | None = None" in source
    cls = class_with(*parameters)
    assert cls(rows=(("a",), ["b"])).payload() == {"rows": [["a"], ["b"]]}


@pytest.mark.row("G10")
def test_every_parameter_that_may_be_left_out_takes_none() -> None:
    parameters = [
        element("plain", "integer"),
        element("defaulted", "integer", default_value=3),
        element("always", "integer", default_value=3, required=True),
        element("listed", "enum", options=[1.5, 2.5], default_value=1.5),
        element("bounded", "integer", min_value=1, default_value=2),
        element("items", "string[]", default_value=["a"]),
    ]
    cls = class_with(*parameters)
    assert cls(**{one["name"]: None for one in parameters}).payload() == {"always": 3}
    assert source_of(*parameters).count("| None") == len(parameters)
    with pytest.raises(InvalidRequestError, match="must: not allowed"):
        class_with(element("must", "integer", required=True))(must=None)


@pytest.mark.row("G23")
def test_options_beyond_64_bits_are_no_literals() -> None:
    big = element("n", "enum", options=[1, 2**63, -(2**70)])
    source = source_of(big)
    assert "Literal[1]" in source
    assert f"Options(1, {2**63}, -{2**70})" in source
    cls = class_with(big)
    assert [cls(n=n).payload()["n"] for n in (1, 2**63, -(2**70))] == [1, 2**63, -(2**70)]
    with pytest.raises(InvalidRequestError, match="n: not one of the options"):
        cls(n=2**63 + 1)


@pytest.mark.row("G6")
@pytest.mark.parametrize("name", ["type", "schema", "fields", "choices", "items_schema"])
def test_no_name_of_a_member_switches_exactness_off(name: str) -> None:
    members = [element(name, "integer", options=[1, 2]), element("cfg", "float")]
    nested = element("opts", "object", properties=members)
    cls = class_with(*members, nested)
    attribute = next(key for key in cls.model_fields if key.rstrip("_") == name)
    with pytest.raises(InvalidRequestError, match=r"opts\."):
        cls(opts={name: True})
    with pytest.raises(InvalidRequestError, match="not one of the options"):
        cls(**{attribute: True})
    assert [type(v) for v in cls(cfg=1, opts={"cfg": 1}).payload().values()] == [int, dict]
    assert type(cls(opts={"cfg": 1}).payload()["opts"]["cfg"]) is int


@pytest.mark.row("B13")
def test_no_name_of_a_parameter_warns_on_import() -> None:
    # Warnings are errors here.
    cls = class_with(*(element(name) for name in ("register", "mro", "with", "from_payload")))
    values = {name: name for name in cls.model_fields}
    assert set(cls(**values).payload()) == {"register", "mro", "with", "from_payload"}
