"""The commands by name."""

import typer

from vtuber.cli import memory, persona
from vtuber.cli.bench import app as bench
from vtuber.cli.inspect import inspect
from vtuber.cli.replay import demo, replay
from vtuber.cli.report import report
from vtuber.cli.route import route

app = typer.Typer(
    help="The runtime behind an AI VTuber: she hears live chat, thinks, remembers and speaks.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for command in (replay, demo, inspect, route, report):
    app.command()(command)
app.add_typer(memory.app, name="memory")
app.add_typer(persona.app, name="persona")
app.add_typer(bench, name="bench")
