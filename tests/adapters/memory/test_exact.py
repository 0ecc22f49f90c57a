from contextlib import asynccontextmanager
from pathlib import Path

from tests.contracts.vector_memory import VectorMemoryContract
from vtuber.adapters.memory.exact import ExactVectors


class TestExactVectors(VectorMemoryContract):
    @asynccontextmanager
    async def opened(self, folder: Path):
        index = ExactVectors()
        yield index
        await index.close()
        assert await index.count() == 0
