"""The commands by name; each is loaded when it is called, so that a small one need not wait for the large ones."""

from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

# name -> its module under vtuber.cli, and what it is called there
_COMMANDS = {
    "run": ("run", "run"),
    "chat": ("chat", "chat"),
    "demo": ("replay", "demo"),
    "replay": ("replay", "replay"),
    "compare": ("compare", "compare"),
    "inspect": ("inspect", "inspect"),
    "report": ("report", "report"),
    "route": ("route", "route"),
    "ask": ("ask", "ask"),
    "init": ("init", "init"),
    "doctor": ("doctor", "doctor"),
    "tools": ("tools", "tools"),
    "persona": ("persona", "app"),
    "memory": ("memory", "app"),
    "bench": ("bench", "app"),
}


class _OnDemand(TyperGroup):
    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - the same for every context
        return list(_COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002 - the same for every context
        if cmd_name not in _COMMANDS:
            return None
        module, attribute = _COMMANDS[cmd_name]
        found = getattr(import_module(f"vtuber.cli.{module}"), attribute)
        if isinstance(found, typer.Typer):
            group = get_command(found)
            group.name = cmd_name
            return group
        alone = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
        alone.command(cmd_name)(found)
        return get_command(alone)


app = typer.Typer(cls=_OnDemand, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


@app.callback(help="The runtime behind an AI VTuber: she hears live chat, thinks, remembers and speaks.")
def vtuber() -> None:
    """Find the command."""
