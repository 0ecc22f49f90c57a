"""How long a model server may take, and a stream that keeps to it."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

import msgspec

from vtuber.errors import ModelTimeout
from vtuber.ports import Delta


class Deadlines(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long a model may take, in seconds; only waiting for the server counts, not what its reader does meanwhile."""

    connect_s: float = 2.0
    first_token_s: float = 30.0
    stall_s: float = 10.0  # between two tokens
    total_s: float = 120.0
    load_s: float = 180.0  # for `prepare`: loading, and reading the prefix


# For a model that is loaded. A viewer waits for the fast one, whose prompt is mostly read already. The deep one has
# time, for chat goes on meanwhile: its prompts are new to it, where it is too large for the graphics card a token may
# take seconds, and some servers run it anew between its thought and an answer that is bound to a schema.
FAST = Deadlines(first_token_s=5.0, stall_s=3.0, total_s=30.0)
DEEP = Deadlines(first_token_s=20.0, stall_s=10.0, total_s=120.0)


async def timed(deltas: AsyncGenerator[Delta, None], deadlines: Deadlines) -> AsyncGenerator[Delta, None]:
    """Pass a stream on; when it is late, close it. Raises ModelTimeout and what the stream raises."""
    loop = asyncio.get_running_loop()
    waited, heard = 0.0, False
    async with aclosing(deltas):
        while True:
            step = deadlines.stall_s if heard else deadlines.first_token_s
            began = loop.time()
            try:
                async with asyncio.timeout(min(step, deadlines.total_s - waited)):
                    delta = await anext(deltas, None)
            except TimeoutError:
                raise _too_late(deadlines, waited + step, heard=heard) from None
            if delta is None:
                return
            waited, heard = waited + loop.time() - began, True
            yield delta


def _too_late(deadlines: Deadlines, waited: float, *, heard: bool) -> ModelTimeout:
    if waited >= deadlines.total_s:
        return ModelTimeout(f"The model needed more than {deadlines.total_s:g} s for an answer; it was cut off.")
    if heard:
        return ModelTimeout(f"The model said nothing more for {deadlines.stall_s:g} s; its answer was cut off.")
    return ModelTimeout(f"The model said nothing within {deadlines.first_token_s:g} s; this answer is lost.")
