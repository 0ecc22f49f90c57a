"""Showing: every stage output is told, and a broken one must not silence the others."""

from collections.abc import Awaitable, Callable, Sequence

from vtuber.errors import StageOutputError
from vtuber.ports import StageOutput
from vtuber.stages.notes import note_failure
from vtuber.stages.roads import Roads


async def on_each(
    outputs: Sequence[StageOutput], act: Callable[[StageOutput], Awaitable[None]], about: str, roads: Roads
) -> None:
    """Let every output act; one that fails is noted as the trouble of `about`, a turn or a clause."""
    for output in outputs:
        try:
            await act(output)
        except StageOutputError as error:
            note_failure(f"output_{output.name}", error, about, roads)
