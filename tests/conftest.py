"""What every test shares: two switches, virtual time, and one worker for all that drives a real model or voice."""

import inspect
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from vtuber.clock import run_virtual


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add --fast and --long."""
    parser.addoption("--fast", action="store_true", help="leave out tests of a real model, voice or vector store")
    parser.addoption("--long", action="store_true", help="run soak and kill tests too")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect what was not asked for."""
    unwanted = {"real"} if config.getoption("--fast") else set()
    unwanted |= set() if config.getoption("--long") else {"long"}
    left_out = [item for item in items if any(item.get_closest_marker(mark) for mark in unwanted)]
    if left_out:
        gone = set(map(id, left_out))
        items[:] = [item for item in items if id(item) not in gone]
        config.hook.pytest_deselected(items=left_out)


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run a coroutine test on virtual time, unless it is marked asyncio because it needs real sockets."""
    if not inspect.iscoroutinefunction(pyfuncitem.obj) or pyfuncitem.get_closest_marker("asyncio"):
        return None
    wanted = inspect.signature(pyfuncitem.obj).parameters
    run_virtual(pyfuncitem.obj(**{name: pyfuncitem.funcargs[name] for name in wanted}))
    return True


@pytest.fixture(autouse=True)
def _ctrl_c() -> Iterator[None]:
    """Give Ctrl-C back after each test: shows that are played side by side do not end in the order of their begin."""
    before = signal.getsignal(signal.SIGINT)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(scope="session")
def root() -> Path:
    """Give the checkout's root."""
    return Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def samples() -> Path:
    """Give the folder of larger sample data, which VTUBER_SAMPLES names; skip the test without it."""
    named = os.environ.get("VTUBER_SAMPLES", "")
    if not named:
        pytest.skip("VTUBER_SAMPLES does not name the folder of sample data")
    return Path(named)
