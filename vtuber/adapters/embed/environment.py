"""Environment variables that a library reads only while it loads: set for that moment, and put back."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager


def few_threads(count: int) -> dict[str, str]:
    """Give what makes OpenMP take few threads and let them sleep, so that the show beside it is not starved."""
    return {"OMP_NUM_THREADS": str(count), "OMP_WAIT_POLICY": "passive"}


@contextmanager
def environment(wanted: Mapping[str, str]) -> Iterator[None]:
    """Set variables for the block and leave no trace."""
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
