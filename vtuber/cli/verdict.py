"""`vtuber replay --expect`: reads an expectation file and says how the show fared."""

from pathlib import Path

from rich.console import Console
from rich.text import Text

from vtuber import journal, strict_toml
from vtuber.core import expectation
from vtuber.core.expectation import Expectations, Miss
from vtuber.core.story import tell
from vtuber.errors import BadSetting, NotFound


def load(file: Path) -> Expectations:
    """Read an expectation file. Raises NotFound, BadSetting."""
    if not file.is_file():
        raise NotFound(f"There is no expectation file {file}.")
    found = strict_toml.load(file, Expectations)
    for mistake in expectation.mistakes(found):
        raise BadSetting(f"{file}: {mistake}")
    return found


def judge(folder: Path, file: Path, console: Console) -> bool:
    """Hold a run's journal against an expectation file and say what was missed. Give whether everything was met.

    Raises NotFound, BadSetting, UserMistake.
    """
    expectations = load(file)
    events = tuple(journal.read(folder / "journal.jsonl", thoughts=True))
    verdict = expectation.judge(expectations, tell(events))
    for miss in verdict.misses:
        _show(miss, console)
    number = len(verdict.misses)
    missed = f", {number} missed" if number else ""
    told = Text(f"{verdict.met} expectations of {file.name} met{missed}.", "red" if number else "green")
    console.print(told, soft_wrap=True)
    return not number


def _show(miss: Miss, console: Console) -> None:
    """Print a miss; a viewer's and her words are text, never markup."""
    console.print(Text.assemble((f"✗ {miss.place}", "bold red"), f"  {miss.about}"), soft_wrap=True)
    console.print(Text.assemble(("    expected  ", "dim"), (miss.expected, "green")), soft_wrap=True)
    console.print(Text.assemble(("    happened  ", "dim"), (miss.happened, "red")), soft_wrap=True)
    if miss.words:
        console.print(Text.assemble(("    she said  ", "dim"), miss.words), soft_wrap=True)
