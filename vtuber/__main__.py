"""The program's door: a person's mistake gets a sentence, never a traceback."""

import os
import sys

from vtuber.cli import app
from vtuber.errors import VtuberError


def main() -> None:
    """Run the command line."""
    try:
        app()
    except VtuberError as error:
        sys.exit(f"vtuber: {error}")
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        sys.exit(f"vtuber: the system refused{where}: {os.strerror(error.errno or 0)}. Nothing more was written.")
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
