"""The ports keep the promises that an adapter's author reads: few methods, and each says which errors it raises."""

import inspect
import re
from pathlib import Path
from typing import Protocol

import numpy as np
import pytest

from vtuber import errors, ports
from vtuber.ports import SAMPLE_RATE, Audio

PORTS = [value for value in vars(ports).values() if isinstance(value, type) and Protocol in value.__bases__]
SILENT = {"close", "recent"}  # letting go and reading what is at hand cannot fail


def methods(port: type) -> dict[str, object]:
    return {name: value for name, value in vars(port).items() if inspect.isfunction(value) and name[0] != "_"}


@pytest.mark.parametrize("port", PORTS, ids=lambda port: port.__name__)
def test_a_port_is_small_and_each_method_says_what_it_raises(port: type):
    assert port.__doc__
    assert 1 <= len(methods(port)) <= 6
    for name, method in methods(port).items():
        words = inspect.getdoc(method) or ""
        assert words.endswith("."), f"{port.__name__}.{name} lacks a docstring"
        raised = re.findall(r"\b(\w+(?:Error|Timeout))\b", words)
        assert raised or name in SILENT, f"{port.__name__}.{name} does not say which errors it raises"
        assert all(issubclass(getattr(errors, error), errors.VtuberError) for error in raised)


@pytest.mark.parametrize("port", PORTS, ids=lambda port: port.__name__)
def test_a_method_that_may_wait_is_asynchronous(port: type):
    for name, method in methods(port).items():
        hints = inspect.signature(method).return_annotation  # type: ignore[arg-type]
        streams = "AsyncIterator" in str(hints)
        assert inspect.iscoroutinefunction(method) or streams or name == "recent"


def test_each_port_has_a_contract_suite_that_its_adapters_share():
    contracts = Path(__file__).parent / "contracts"
    text = "\n".join(path.read_text(encoding="utf-8") for path in contracts.glob("*.py"))
    without = [port.__name__ for port in PORTS if not re.search(rf"\b{port.__name__}\b", text)]
    assert not without


def test_the_length_of_audio_follows_from_its_samples():
    assert Audio(np.zeros(SAMPLE_RATE * 3 // 2, np.int16), "silent").duration_ms == 1500
