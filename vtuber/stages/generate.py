"""One call of a model for one turn: its stream goes through the reply's fold, and its record is kept."""

from collections.abc import Awaitable, Callable
from contextlib import aclosing

from vtuber.core.language import joined
from vtuber.core.reply import Reply, Said
from vtuber.errors import ModelError, ModelTimeout
from vtuber.events import Generated, Tier, Turn
from vtuber.ports import LanguageModel, ModelRequest, Usage
from vtuber.stages.mind import note_failure, note_thought
from vtuber.stages.roads import Roads


async def generate(
    turn: Turn,
    model: LanguageModel,
    request: ModelRequest,
    reply: Reply,
    emit: Callable[[Said], Awaitable[None]],
    roads: Roads,
) -> str:
    """Stream an answer, emit its clauses one by one, give how it stopped ("error" and "timeout" do not raise).

    The stream is closed as soon as she has said enough, or when the caller is cancelled: the model stops generating.
    """
    began = roads.clock.now()
    first, tokens, usage, stop = 0, 0, None, "cancelled"
    said: list[str] = []

    async def out(clauses: list[Said]) -> None:
        for clause in clauses:
            said.append(clause.text)
            await emit(clause)

    try:
        async with aclosing(model.stream(request)) as deltas:  # type: ignore[type-var]
            async for delta in deltas:
                first = first or max(1, roads.clock.now() - began)
                tokens += bool(delta.content or delta.thinking)
                usage, stop = delta.usage or usage, delta.stop or stop
                reply.refused = reply.refused or delta.refused
                await out(reply.feed(delta.content, delta.thinking))
                if reply.full:
                    stop = "stop"
                    break
        stop = "stop" if stop == "cancelled" else stop
        await out(reply.close(cut=stop == "length"))
    except ModelError as error:
        stop = "timeout" if isinstance(error, ModelTimeout) else "error"
        note_failure(f"model_{request.tier}", error, turn.id, roads)
        await out(reply.close(cut=True))
    finally:
        _record(turn, model, request.tier, (began, first, tokens, usage, stop), (joined(said), reply.refused), roads)
        note_thought(turn, request.tier, reply.thought, roads)
    return stop


def _record(
    turn: Turn,
    model: LanguageModel,
    tier: Tier,
    took: tuple[int, int, int, Usage | None, str],
    said: tuple[str, str],
    roads: Roads,
) -> None:
    began, first, tokens, usage, stop = took
    now = roads.clock.now()
    roads.note(
        Generated(
            id=f"{turn.id}/{tier}",
            at_ms=now,
            cause=turn.id,
            turn=turn.id,
            tier=tier,
            model=model.name,
            first_token_ms=first,
            total_ms=now - began,
            tokens=usage.tokens if usage else tokens,
            prompt_tokens=usage.prompt_tokens if usage else 0,
            stop=stop,
            text=said[0],
            refused=said[1],
        )
    )
