"""Whatever stands around an array and however its text is cut, its items come out whole."""

import json
from collections.abc import Iterable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vtuber.core.json_items import Items

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=("Cs",)), max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text('"\\[]{},:ab', max_size=4), inner, max_size=3),
    max_leaves=8,
)


def cut(items: Items, pieces: Iterable[bytes]) -> list[bytes]:
    return [item for piece in pieces for item in items.feed(piece)] + list(items.end())


def whole(text: str, key: str = "", **more: int) -> list[bytes]:
    return cut(Items(key, **more), [text.encode()])


def chopped(text: bytes, places: list[int]) -> list[bytes]:
    edges = sorted({0, len(text), *(place % (len(text) + 1) for place in places)})
    return [text[begin:end] for begin, end in pairwise(edges)]


@given(st.lists(VALUES, max_size=6), st.booleans(), st.lists(st.integers(0, 10_000), max_size=8))
def test_an_array_cut_anywhere_gives_its_items(values: list[object], indented: bool, places: list[int]):
    text = json.dumps(values, ensure_ascii=False, indent=2 if indented else None).encode()
    assert [json.loads(item) for item in cut(Items(), chopped(text, places))] == values


@given(
    st.lists(VALUES, max_size=4),
    st.dictionaries(st.text('"\\[]{},:ab', max_size=4), VALUES, max_size=3),
    st.dictionaries(st.text('"\\[]{},:cd', max_size=4), VALUES, max_size=3),
    st.lists(st.integers(0, 10_000), max_size=8),
)
def test_the_array_under_a_key_is_found_wherever_it_stands(
    values: list[object], before: dict[str, object], after: dict[str, object], places: list[int]
):
    whole_object = {**before, "comments": values, "also": {"comments": [1]}, **after}
    text = json.dumps(whole_object, ensure_ascii=False).encode()
    found = cut(Items("comments"), chopped(text, places))
    assert [json.loads(item) for item in found] == values


@given(st.binary(max_size=60), st.sampled_from(["", "comments"]))
def test_nothing_makes_it_fail(text: bytes, key: str):
    once = cut(Items(key), [text])
    assert once == cut(Items(key), [bytes([byte]) for byte in text])


@pytest.mark.parametrize(
    ("text", "key", "items"),
    [
        ("[]", "", []),
        ("[1,]", "", [b"1"]),
        ("[,1]", "", [b"", b"1"]),
        ('[{"a": 1}, {"b"', "", [b'{"a": 1}', b'{"b"']),
        ('[{"a": 1}', "", [b'{"a": 1}']),
        ("[12:30:05] mika: hi, [all]", "", [b"12:30:05"]),
        ("dear diary, [1]", "", []),
        ('{"comments": [1]}', "", []),
        ("[1, 2]", "comments", []),
        ('{"Comments": [1]}', "comments", []),
        ('{"a": {"comments": [1]}}', "comments", []),
        ('{"comments": {"a": [1]}}', "comments", []),
        ('{"a": "\\"comments\\": [1"}', "comments", []),
    ],
)
def test_what_is_no_such_array_gives_nothing_and_a_torn_one_what_is_left(text: str, key: str, items: list[bytes]):
    assert whole(text, key) == items


def test_an_item_too_long_is_given_as_nothing_and_the_rest_follows():
    assert whole(json.dumps(["x" * 50, 1, "y" * 9]), longest=20) == [b"", b"1", b'"yyyyyyyyy"']


def test_what_is_passed_over_is_not_kept():
    items = Items("comments", longest=1000)
    held = 0
    for piece in (b'{"embeddedData": {"image": "', *[b"A" * 65536] * 200, b'"}, "long": "', *[b"B" * 65536] * 50):
        list(items.feed(piece))
        held = max(held, len(items._kept))
    assert held <= 1000
    assert list(items.feed(b'", "comments": [{"a": 1}]')) == [b'{"a": 1}']
    assert items.ended
