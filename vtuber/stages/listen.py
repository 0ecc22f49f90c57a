"""Listen: everything heard is sent on to be remembered; what may be answered goes on the chat road."""

from vtuber.core.attention import Gate
from vtuber.events import Chat, Connection, Dropped, Interrupt, Notice, Retract, Skipped, kind
from vtuber.ports import FromChat
from vtuber.stages.roads import Roads


async def listen(heard: FromChat, gate: Gate, roads: Roads) -> None:
    """Hear one thing: a message, a notice, a retraction."""
    now = roads.clock.now()
    if isinstance(heard, Skipped | Connection):
        roads.note(heard)
        return
    await roads.memory.put(heard)
    if isinstance(heard, Retract):
        roads.interrupts.send(
            Interrupt(
                id=f"{heard.id}!",
                at_ms=now,
                cause=heard.id,
                op="retract",
                target_event=heard.target_event,
                target_viewer=heard.target_viewer,
                everything=heard.everything,
                by="platform",
            )
        )
    elif isinstance(heard, Chat | Notice):
        reason = gate.reason(heard)
        if reason:
            roads.note(Dropped(id=f"{heard.id}!{reason}", at_ms=now, cause=heard.id, reason=reason, item=kind(heard)))
        else:
            await roads.chat.put(heard)
