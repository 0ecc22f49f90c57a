import asyncio
import os
import signal
import time
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

import pytest

from tests.contracts.language_model import PREFIX, LanguageModelContract, collect, content, request, thinking
from vtuber.adapters.model.embedded import Embedded, EmbeddedOptions, embedded_pair
from vtuber.adapters.model.weights import find_weights
from vtuber.errors import ModelUnavailable, NotFound
from vtuber.home import cache_dir
from vtuber.ports import ModelRequest

pytest.importorskip("xllamacpp")
pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def weights() -> Path:
    try:
        return find_weights(None, cache_dir())
    except NotFound as error:
        pytest.skip(str(error))
