"""Type words of the vendor's tables, and phrases nobody has seen yet, as the types they mean."""

from __future__ import annotations

from typing import Any

import pytest
from generator_world import class_with, element, read
from hypothesis import given
from hypothesis import strategies as st

from gmigen.schema.types import (
    Anything,
    Boolean,
    Choice,
    Integer,
    ListOf,
    Media,
    Null,
    Number,
    OneOf,
    OpenRecord,
    Text,
    Type,
)
from gmigen.schema.words import read_word

IMAGE, VIDEO, AUDIO, FILE = (Media("image"), Media("video"), Media("audio"), Media("file"))
ENUM = Choice(())


def either(*members: Type) -> OneOf:
    return OneOf(members)


KNOWN: dict[str, Type] = {
    # Seen live, or in the vendor's tables.
    "string": Text(),
    "string (URL)": FILE,
    "string (enum)": Text(),
    "string | null": either(Text(), Null()),
    "string/array": either(Text(), ListOf(Anything())),
    "integer": Integer(),
    "int": Integer(),
    "integer (enum)": Integer(),
    "float": Number(),
    "number": Number(),
    "boolean": Boolean(),
    "enum": ENUM,
    "image": IMAGE,
    "image (URL)": IMAGE,
    "image URL": IMAGE,
    "image[]": ListOf(IMAGE),
    "video": VIDEO,
    "video (URL)": VIDEO,
    "audio": AUDIO,
    "audio (URL)": AUDIO,
    "array": ListOf(Anything()),
    "array of URLs": ListOf(FILE),
    "array of strings (URLs)": ListOf(FILE),
    "json": either(OpenRecord(), ListOf(Anything())),
    "json array": ListOf(Anything()),
    "object": OpenRecord(),
    # Not seen; what people write in such tables.
    "String": Text(),
    "str": Text(),
    "string?": either(Text(), Null()),
    "nullable string": either(Text(), Null()),
    "string or null": either(Text(), Null()),
    "optional string": Text(),
    "Optional[str]": either(Text(), Null()),
    "Optional[List[str]]": either(ListOf(Text()), Null()),
    "Union[str, int]": either(Text(), Integer()),
    "string (uuid)": Text(),
    "string (max 500 chars)": Text(),
    "string (base64)": Text(),
    "comma-separated list": Text(),
    "JSON string": Text(),
    "JSON-encoded string": Text(),
    "date-time": Text(),
    "image id": Text(),
    "int64": Integer(),
    "uint8": Integer(),
    "unsigned integer": Integer(),
    "integer >= 0": Integer(),
    "integer | null": either(Integer(), Null()),
    "decimal": Number(),
    "float32": Number(),
    "float (0-1)": Number(),
    "number (float)": Number(),
    "number | string": either(Number(), Text()),
    "integer/string": either(Integer(), Text()),
    "bool": Boolean(),
    "checkbox": Boolean(),
    "select": ENUM,
    "multi-select": ListOf(ENUM),
    "enum[string]": Text(),
    "array of enum": ListOf(ENUM),
    "image_url": IMAGE,
    "imageUrl": IMAGE,
    "images": ListOf(IMAGE),
    "image URLs": ListOf(IMAGE),
    "list of images": ListOf(IMAGE),
    "list[image]": ListOf(IMAGE),
    "array of image URLs": ListOf(IMAGE),
    "base64 image": IMAGE,
    "image (url or base64)": IMAGE,
    "image/video": either(IMAGE, VIDEO),
    "file/url": FILE,
    "file (image)": IMAGE,
    "file upload": FILE,
    "binary": FILE,
    "URL[]": ListOf(FILE),
    "List[String]": ListOf(Text()),
    "Array<integer>": ListOf(Integer()),
    "array (string)": ListOf(Text()),
    "string[]": ListOf(Text()),
    "[]string": ListOf(Text()),
    "[string]": ListOf(Text()),
    "string[][]": ListOf(ListOf(Text())),
    "array_of_strings": ListOf(Text()),
    "string-array": ListOf(Text()),
    "stringArray": ListOf(Text()),
    "array of (string | integer)": ListOf(either(Text(), Integer())),
    "(string | integer)[]": ListOf(either(Text(), Integer())),
    "array of string/integer": ListOf(either(Text(), Integer())),
    "array of strings or null": either(ListOf(Text()), Null()),
    "string/image[]": either(Text(), ListOf(IMAGE)),
    "list of list of strings": ListOf(ListOf(Text())),
    "array of objects": ListOf(OpenRecord()),
    "object[]": ListOf(OpenRecord()),
    "json object": OpenRecord(),
    "map<string, string>": OpenRecord(),
    "Dict[str, Any]": OpenRecord(),
    "any": Anything(),
    "null": Null(),
}

UNKNOWN: dict[str, Type] = {
    "": Anything(),
    "   ": Anything(),
    "wat": Anything(),
    "hex color": Anything(),
    "3d model": Anything(),
    "string containing runes": Text(),
    "x" * 10_000: Anything(),
    "string"
    + "[]" * 50: ListOf(ListOf(ListOf(ListOf(ListOf(ListOf(ListOf(ListOf(Anything())))))))),
}


@pytest.mark.parametrize("word", KNOWN)
def test_a_word_means_its_type(word: str) -> None:
    read_as = read_word(word, "thing")
    assert read_as.type == KNOWN[word]
    assert read_as.known


@pytest.mark.parametrize("word", UNKNOWN)
def test_a_word_that_is_not_fully_known_is_said_to_be_so_and_read_as_far_as_it_goes(
    word: str,
) -> None:
    read_as = read_word(word, "thing")
    assert read_as.type == UNKNOWN[word]
    assert not read_as.known


def test_there_are_enough_phrases_in_the_table() -> None:
    assert len(KNOWN) >= 90


@pytest.mark.parametrize("word", [None, 7, 1.5, True, {}, {"type": "string"}, [], [None]])
def test_something_that_is_no_word_admits_any_value(word: Any) -> None:
    assert read_word(word, "thing").type == Anything()


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("image_url", IMAGE),
        ("first_frame", IMAGE),
        ("img_url", IMAGE),
        ("imageTail", IMAGE),
        ("person_image.24", IMAGE),
        ("reference_video", VIDEO),
        ("driving_audio", AUDIO),
        ("generate_audio", Text()),
        ("max_images", Text()),
        ("negative_prompt", Text()),
        ("callback_url", Text()),
    ],
)
def test_a_text_whose_name_says_media_is_a_media_input(name: str, kind: Type) -> None:
    [parameter] = read(element(name, "string")).parameters
    assert parameter.type == kind


def test_every_word_becomes_a_field_of_a_class_that_imports() -> None:
    words = [*KNOWN, *UNKNOWN]
    cls = class_with(*(element(f"value{n}", word) for n, word in enumerate(words)))
    assert cls().payload() == {}
    assert sum(name.startswith("value") for name in cls.model_fields) == len(words)


@given(st.text(max_size=60), st.text(max_size=10))
def test_no_text_is_too_odd_for_the_reader_of_words(word: str, name: str) -> None:
    assert read_word(word, name) == read_word(word, name)


@given(st.lists(st.sampled_from([*KNOWN, "|", "/", ",", " of ", "[]", "(", ")", "?"]), max_size=12))
def test_no_phrase_of_known_words_is_too_odd(parts: list[str]) -> None:
    read_word("".join(parts), "thing")
