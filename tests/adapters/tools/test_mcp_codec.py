"""A listing becomes offered tools, a result something found: text is read, everything else is counted."""

from typing import Any

import mcp_types as types
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.adapters.tools.mcp_server import NOISE, text, tool
from vtuber.adapters.tools.mcp_codec import found, offered
from vtuber.core.tool_result import LIMIT, harmless
from vtuber.errors import ToolError

PICTURE = types.ImageContent(type="image", data="AAAA", mime_type="image/png")
LINK = types.ResourceLink(type="resource_link", name="a page", uri="https://example.org/page")
PAGE = types.EmbeddedResource(
    type="resource", resource=types.TextResourceContents(uri="file:///etc/passwd", text="root:x:0:0")
)


def result(*content: Any, **more: Any) -> types.CallToolResult:
    return types.CallToolResult(content=list(content), **more)


@given(st.lists(st.text()))
def test_texts_are_given_as_they_are_one_below_the_other(texts: list[str]):
    assert found(text(*texts)).text == "\n".join(texts)


def test_what_is_no_text_is_counted_and_nothing_of_it_is_given():
    read = found(result(PICTURE, types.TextContent(type="text", text="rain"), LINK, PAGE))
    assert read.text == "rain\n[not text: 3]"
    assert (read.sources, read.spoken) == ((), {})
    assert found(result(PICTURE)).text == "[not text: 1]"
    assert found(result()).text == ""


@pytest.mark.parametrize("structure", [{"degrees": 21, "空": "晴れ"}, [1, 2], "rain", 0, False])
def test_structure_is_read_where_there_is_no_text(structure: Any):
    read = found(result(structured_content=structure)).text
    assert read in {'{"degrees": 21, "空": "晴れ"}', "[1, 2]", '"rain"', "0", "false"}
    assert found(result(*text("said").content, structured_content=structure)).text == "said"


def test_a_failure_is_an_error_in_one_short_harmless_line():
    with pytest.raises(ToolError, match=r"^The tool failed: no such city\.$"):
        found(text("no \x1b[31msuch\x1b[0m\ncity\u200b.", is_error=True))
    with pytest.raises(ToolError) as caught:
        found(text("x" * 1_000_000, is_error=True))
    assert len(str(caught.value)) < 400
    with pytest.raises(ToolError, match="says no more"):
        found(result(is_error=True))


@pytest.mark.parametrize(
    "given", [text(NOISE), text("あ" * 1_000_000), text(*["\u200b"] * 9000, "rain"), result(PICTURE)]
)
def test_what_is_found_can_be_made_harmless_by_whoever_calls(given: types.CallToolResult):
    shown = harmless(found(given).text)
    assert len(shown.encode()) <= LIMIT
    for mark in ("\x1b", "\u200b", "<think>", "<|", "|>", "[/INST]", "\n"):
        assert mark not in shown


def test_a_tool_is_offered_with_its_name_its_words_and_its_schema():
    read = offered(tool("forecast", "Tomorrow's weather.", {"type": "object", "title": "x"}))
    assert (read.name, read.description, read.schema, read.changes) == (
        "forecast",
        "Tomorrow's weather.",
        {"type": "object", "title": "x"},
        False,
    )
    assert offered(types.Tool(name="bare", input_schema={"type": "object"})).description == ""


@pytest.mark.parametrize(
    ("hints", "changes"),
    [
        ({}, False),
        ({"read_only_hint": True}, False),
        ({"read_only_hint": False}, True),
        ({"destructive_hint": True}, True),
        ({"destructive_hint": False, "open_world_hint": True}, False),
    ],
)
def test_a_tool_that_is_not_only_for_reading_by_its_own_account_is_marked(hints: dict[str, bool], *, changes: bool):
    assert offered(tool("lights", annotations=types.ToolAnnotations(**hints))).changes == changes
