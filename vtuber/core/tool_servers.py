"""What is wrong with how the settings name a server of tools, told before it is started or asked."""

import re
from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import urlsplit

from vtuber.core.hosts import place
from vtuber.settings import McpServer

_HEADER: Final = re.compile(r"[A-Za-z0-9-]+")
_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def mistake(server: McpServer, variables: Mapping[str, str]) -> str:
    """Say what is wrong, as words that go on after the server's name; "" for nothing. `variables`: the environment's.

    No value is told, nor what stands where the name of a header's variable should be: it may be the secret itself.
    """
    return next(_mistakes(server, variables), "")


def _mistakes(server: McpServer, variables: Mapping[str, str]) -> Iterator[str]:
    if bool(server.url) == bool(server.command):
        yield "the settings must give it either a command or a url"
    if any("=" in name for name in server.environment):
        yield "its environment lists the names of variables; their values stay out of the settings"
    if (server.url and server.environment) or (server.command and server.headers):
        yield "environment is for a program, headers are for a url"
    for name in server.environment:
        if not variables.get(name):
            yield f"the variable {name} of its environment is not set; set it where you start her"
    if server.url:
        yield from _address(server)
    yield from _headers(server, variables)


def _headers(server: McpServer, variables: Mapping[str, str]) -> Iterator[str]:
    for name, variable in server.headers.items():
        if not _HEADER.fullmatch(name) or not _VARIABLE.fullmatch(variable):
            yield "its headers are names, each with the name of a variable; their values stay out of the settings"
        value = variables.get(variable, "")
        if not value:
            yield f"the variable for its header {name} is not set; set it where you start her"
        if not (value.isascii() and value.isprintable()):
            yield f"the variable for its header {name} holds what no header can"


def _address(server: McpServer) -> Iterator[str]:
    try:
        address = urlsplit(server.url)
        usable = address.scheme in {"http", "https"} and bool(address.hostname)
    except ValueError:
        usable = False
    if not usable:
        yield "its url is no http address"
    elif server.headers and address.scheme == "http" and place(server.url) == "away":
        yield "its url must begin with https: what its headers hold would be sent in the open"
