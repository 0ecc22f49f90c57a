"""Think: reacts to a turn: her own lines first, which need no model; everything else is answered."""

from collections.abc import Awaitable, Callable

from vtuber.core.attention import is_question, only_greets
from vtuber.core.names import spoken_money
from vtuber.core.stock import mentions
from vtuber.events import Language, Turn
from vtuber.persona import Lines
from vtuber.stages.answer import answer
from vtuber.stages.mind import Clauses, Mind
from vtuber.stages.notes import note_routed
from vtuber.stages.roads import Roads, concerns, drop_turn

Say = Callable[[str], Awaitable[None]]


async def next_to_think(mind: Mind, roads: Roads) -> Turn:
    """Take the next turn; all but her greeting waits for the model, so that what is chosen is not old by then."""
    async with roads.interrupts.scope(lambda interrupt: interrupt.op == "stop"):
        if mind.greeted and not roads.interrupts.stopped:
            await mind.warm.wait()
    mind.greeted = True
    if not roads.interrupts.in_hand("ponder"):
        await mind.let_go()
    turn = await roads.turns.get()
    mind.turn_begins()
    return turn


async def think(turn: Turn, mind: Mind, roads: Roads) -> None:
    """React to a turn: its clauses go on the replies road, which gets the reply's end mark in any case."""
    language = mind.language(turn.text) if turn.who else mind.persona.languages.primary
    clauses = Clauses(turn, language=language, source="persona", roads=roads)

    async def say(line: str) -> None:
        if line:
            await roads.replies.put(clauses.clause(line))

    async with roads.interrupts.scope(lambda interrupt: concerns(interrupt, turn), stage="think", turn=turn.id) as cut:
        lines, fields = _canned(turn, mind, language)
        if lines is not None:
            _note_canned(turn, "a line of her own", roads)
            line = mind.line(lines, language, **fields)
            await say(line)
            if not line:
                drop_turn(turn, "no_line", roads)
        elif not await _of_her_own(turn, mind, language, say, roads):
            await answer(clauses, mind, roads)
    if cut.by is not None:
        drop_turn(turn, f"interrupted_{cut.by.op}", roads)
    await roads.replies.put(clauses.end())
    await roads.replies.drained()


async def end_reply(turn: Turn, mind: Mind, roads: Roads) -> None:
    """End a reply whose thinking failed, so that nobody waits for the rest of it."""
    await roads.replies.put(Clauses(turn, language=mind.persona.languages.primary, source="persona", roads=roads).end())


def _canned(turn: Turn, mind: Mind, language: Language) -> tuple[Lines | None, dict[str, str]]:
    """Give the lines that a turn which is nobody's question calls for, and what fills them."""
    lines = mind.persona.lines
    if turn.notice:
        chosen = lines.raid if turn.notice.notice == "raid" else lines.subscription
        return chosen, {"name": mind.name(turn, language), "count": str(turn.notice.count)}
    return {"greeting": lines.opening, "closing": lines.closing, "idle": lines.idle}.get(turn.purpose), {}


async def _of_her_own(turn: Turn, mind: Mind, language: Language, say: Say, roads: Roads) -> bool:
    """Say what needs no model: thanks, a welcome, a declined topic, a rule. Give whether that was all."""
    lines, name = mind.persona.lines, mind.name(turn, language)
    for chat in turn.chats:
        if chat.money:
            await say(mind.line(lines.thanks, language, name=name, amount=spoken_money(chat.money, language)))
    reason, chosen = _forbidden_or_ruled(turn, mind, roads.clock.now())
    if reason:
        _note_canned(turn, reason, roads)
        await say(mind.line(chosen, language, name=name))
        return True
    if any(chat.first_time for chat in turn.chats):
        welcome = mind.line(lines.first_time, language, name=name)
        await say(welcome)
        if welcome and only_greets(turn.text):
            _note_canned(turn, "a first greeting", roads)
            return True
    if not turn.text.strip() or (any(chat.money for chat in turn.chats) and not is_question(turn.text)):
        _note_canned(turn, "thanks are answer enough", roads)
        return True
    return False


def _forbidden_or_ruled(turn: Turn, mind: Mind, now: int) -> tuple[str, Lines]:
    """Give why a message gets a line of hers, and which ones; "" if it gets none."""
    for topic in mind.persona.forbidden:
        if mentions(turn.text, topic.words):
            return f"declines {topic.topic}", topic.decline
    for number, rule in enumerate(mind.persona.rules):
        ready = now - mind.rules_used.get(number, -(10**12)) >= rule.cooldown_s * 1000
        if ready and mentions(turn.text, rule.when):
            mind.rules_used[number] = now
            return f"her rule for “{rule.when[0]}”", rule.say
    return "", {}


def _note_canned(turn: Turn, reason: str, roads: Roads) -> None:
    note_routed(turn, roads, route="canned", difficulty=0.0, reason=reason)
