"""What an MCP server sends, as values of ours: a listing as offered tools, a result as something found."""

import json
from typing import Any, Final

from vtuber.core.tool_pins import Offered
from vtuber.core.wording import one_line
from vtuber.errors import ToolError
from vtuber.ports import Found

_TOLD: Final = 300  # characters of an error


def offered(tool: Any) -> Offered:
    """Read a tool of a listing (an `mcp_types.Tool`)."""
    hints = tool.annotations
    changes = hints is not None and (hints.read_only_hint is False or hints.destructive_hint is True)
    return Offered(name=tool.name, description=tool.description or "", schema=dict(tool.input_schema), changes=changes)


def found(result: Any) -> Found:
    """Read a tool's result (an `mcp_types.CallToolResult`). Raises ToolError where the tool says that it failed.

    Only text is read or, where there is none, what came as structure; pictures, sounds and resources are counted.
    """
    texts = [block.text for block in result.content if block.type == "text"]
    text = "\n".join(texts)
    if result.is_error:
        raise ToolError(f"The tool failed: {one_line(text[: 4 * _TOLD], _TOLD) or 'it says no more'}")
    if not text.strip() and result.structured_content is not None:
        text = json.dumps(result.structured_content, ensure_ascii=False)
    others = len(result.content) - len(texts)
    return Found(text="\n".join(part for part in (text, f"[not text: {others}]" if others else "") if part))
