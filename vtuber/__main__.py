"""The program's door: a person's mistake gets a sentence, never a traceback."""

import os
import sys
from typing import TypeVar

from vtuber.cli import app
from vtuber.errors import VtuberError

E = TypeVar("E", bound=BaseException)


def main() -> None:
    """Run the command line."""
    try:
        app()
    except* VtuberError as group:
        sys.exit(f"vtuber: {_first(group)}")
    except* OSError as group:
        error = _first(group)
        where = f" ({error.filename})" if error.filename else ""
        sys.exit(f"vtuber: the system refused{where}: {os.strerror(error.errno or 0)}. Nothing more was written.")
    except* KeyboardInterrupt:
        sys.exit(130)


def _first(group: BaseExceptionGroup[E]) -> E:
    """Give the first error of a group: stages run side by side, and what they raise comes in groups."""
    error = group.exceptions[0]
    return _first(error) if isinstance(error, BaseExceptionGroup) else error


if __name__ == "__main__":
    main()
