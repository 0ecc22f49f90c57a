"""The commands by name."""

import importlib

import typer

app = typer.Typer(
    help="The runtime behind an AI VTuber: she hears live chat, thinks, remembers and speaks.",
    no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False,
)  # fmt: skip
