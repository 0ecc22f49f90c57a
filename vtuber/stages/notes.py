"""What think and ponder put on record: what entered a prompt, what was decided, what was thought, what failed."""

from collections.abc import Sequence
from typing import Any

from vtuber.core.redaction import redact
from vtuber.events import Failed, Recalled, Recollection, Routed, Thought, Tier, Turn
from vtuber.stages.roads import Roads


def note_recalled(
    turn: Turn, recalled: tuple[Recollection, ...], parts: dict[str, int], roads: Roads, *, call: str = ""
) -> None:
    """Put on record what entered the prompt; `call` tells the prompts of one turn apart."""
    roads.note(
        Recalled(
            id=f"{turn.id}/recalled{call}",
            at_ms=roads.clock.now(),
            cause=turn.id,
            turn=turn.id,
            items=recalled,
            prompt_parts=parts,
        )
    )


def note_routed(turn: Turn, roads: Roads, *, number: int = 1, **decided: Any) -> None:
    """Put the `number`-th decision about a turn on record; `decided` are fields of Routed."""
    name = f"{turn.id}/route-{number}" if number > 1 else f"{turn.id}/route"
    roads.note(Routed(id=name, at_ms=roads.clock.now(), cause=turn.id, turn=turn.id, **decided))


def note_thought(turn: Turn, tier: Tier, thoughts: Sequence[str], roads: Roads, own: Sequence[str] = ()) -> None:
    """Put what a tier thought in a turn on record, once, joined and redacted; `own`: the operator's words to redact."""
    thought = "\n".join(one for one in thoughts if one.strip())
    if thought:
        roads.note(
            Thought(
                id=f"{turn.id}/thought-{tier}",
                at_ms=roads.clock.now(),
                cause=turn.id,
                turn=turn.id,
                tier=tier,
                text=redact(thought, own),
            )
        )


def note_failure(stage: str, error: Exception, about: str, roads: Roads) -> None:
    """Put a failure on record by the name of its class: its text may hold anything."""
    now = roads.clock.now()
    roads.note(Failed(id=f"{about}!{stage}", at_ms=now, turn=about, stage=stage, error=type(error).__name__))
