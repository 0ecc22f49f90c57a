"""A server of tools that the settings name in a wrong way is told of in words, and no secret is."""

import pytest

from vtuber.core.tool_servers import mistake
from vtuber.settings import McpServer

VARIABLES = {"KEY": "hunter2", "EMPTY": "", "LINES": "a\nb", "WIDE": "鍵"}
URL = "https://tools.example.org/mcp"


@pytest.mark.parametrize(
    "server",
    [
        McpServer(command=("uvx", "weather"), environment=("KEY",)),
        McpServer(url=URL),
        McpServer(url=URL, headers={"Authorization": "KEY", "X-Other": "KEY"}),
        McpServer(url="http://127.0.0.1:9000/mcp", headers={"Authorization": "KEY"}),
        McpServer(url="http://nas.local/mcp", headers={"Authorization": "KEY"}),
    ],
)
def test_a_server_that_is_named_well_has_no_mistake(server: McpServer):
    assert mistake(server, VARIABLES) == ""


@pytest.mark.parametrize(
    ("server", "words"),
    [
        (McpServer(), "either a command or a url"),
        (McpServer(command=("x",), url=URL), "either a command or a url"),
        (McpServer(command=("x",), environment=("KEY=hunter2",)), "their values stay out of the settings"),
        (McpServer(command=("x",), environment=("NOT_THERE",)), "the variable NOT_THERE of its environment is not set"),
        (McpServer(command=("x",), environment=("EMPTY",)), "the variable EMPTY of its environment is not set"),
        (McpServer(command=("x",), headers={"A": "KEY"}), "headers are for a url"),
        (McpServer(url=URL, environment=("KEY",)), "environment is for a program"),
        (McpServer(url="file:///etc/passwd"), "no http address"),
        (McpServer(url="http://[::1/mcp"), "no http address"),
        (McpServer(url="http://tools.example.org/mcp", headers={"A": "KEY"}), "must begin with https"),
        (McpServer(url=URL, headers={"A": "Bearer hunter2"}), "their values stay out of the settings"),
        (McpServer(url=URL, headers={"A:\r\nB": "KEY"}), "their values stay out of the settings"),
        (McpServer(url=URL, headers={"A": "hunter2"}), "the variable for its header A is not set"),
        (McpServer(url=URL, headers={"A": "LINES"}), "holds what no header can"),
        (McpServer(url=URL, headers={"A": "WIDE"}), "holds what no header can"),
    ],
)
def test_each_mistake_is_said_without_any_secret(server: McpServer, words: str):
    said = mistake(server, VARIABLES)
    assert words in said
    assert "hunter2" not in said
