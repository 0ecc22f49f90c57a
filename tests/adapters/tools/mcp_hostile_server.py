"""A server of one tool, written without the SDK, that answers a listing or a call in a way of which its argument tells."""

import json
import os
import sys
from typing import Any

TOOL = {"name": "forecast", "description": "", "inputSchema": {"type": "object"}}
LISTINGS: dict[str, Any] = {
    "a tool without a name": {"tools": [{"inputSchema": {}}]},
    "a schema that is none": {"tools": [TOOL, {"name": "odd", "inputSchema": "none"}]},
    "no list": {"tools": {"forecast": 1}},
}
RESULTS: dict[str, Any] = {
    "a block of no kind": {"content": [{"type": "hologram"}]},
    "a text that is none": {"content": [{"type": "text", "text": 5}]},
    "nothing at all": {},
}
FLOODS = {  # written again and again, instead of an answer
    "lines that are no protocol": "{}\n",
    "notices": '{"jsonrpc": "2.0", "method": "notifications/tools/list_changed"}\n',
    "questions": '{"jsonrpc": "2.0", "id": "q", "method": "sampling/createMessage", "params": {}}\n',
}
ENDS = ("an error", "an answer and an error", "a closed pipe", "an end")


def main(how: str) -> None:
    for line in sys.stdin:
        asked = json.loads(line)
        match asked.get("method"):
            case "initialize":
                told = {"protocolVersion": "2025-06-18", "capabilities": {"tools": {}}}
                answer(asked, result=told | {"serverInfo": {"name": "hostile", "version": "1"}})
            case "tools/list":
                answer(asked, result=LISTINGS.get(how, {"tools": [TOOL]}))
            case "tools/call":
                called(asked, how)
            case str(method) if not method.startswith("notifications/"):
                answer(asked, error={"code": -32601, "message": "Method not found"})


def called(asked: dict[str, Any], how: str) -> None:
    while how in FLOODS:
        sys.stdout.write(FLOODS[how])
    if how == "a closed pipe":
        os.close(1)
    elif how == "an end":
        os._exit(1)
    else:
        error = {"error": {"code": 7, "message": "hunter2 \x1b[31m"}} if "error" in how else {}
        fine = {"content": [{"type": "text", "text": "fine"}]}
        answer(asked, **({} if how == "an error" else {"result": RESULTS.get(how, fine)}), **error)


def answer(asked: dict[str, Any], **what: Any) -> None:
    sys.stdout.write(json.dumps({"jsonrpc": "2.0", "id": asked["id"], **what}) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1])
