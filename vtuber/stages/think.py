"""Think: recalls, routes, streams the fast model's answer out clause by clause, offers a hard question to ponder."""

from collections.abc import Awaitable, Callable

from vtuber.core import prompt
from vtuber.core.attention import is_question, only_greets
from vtuber.core.names import spoken_money
from vtuber.core.reply import Said
from vtuber.core.routing import decide
from vtuber.core.stock import mentions
from vtuber.events import Dropped, Language, Question, Recollection, Route, Routed, Turn
from vtuber.persona import Lines, Stock
from vtuber.ports import ModelRequest
from vtuber.stages.generate import generate
from vtuber.stages.mind import Clauses, Mind, note_recalled, recollect
from vtuber.stages.roads import Roads, concerns

Say = Callable[[str], Awaitable[None]]


async def next_to_think(mind: Mind, roads: Roads) -> Turn:
    """Take the next turn; all but her greeting waits for the model, so that what is chosen is not old by then."""
    async with roads.interrupts.scope(lambda interrupt: interrupt.op == "stop"):
        if mind.greeted and not roads.interrupts.stopped:
            await mind.warm.wait()
            await roads.answers.drained()  # a reply chosen while a long answer is spoken would be old in its turn
    mind.greeted = True
    turn = await roads.turns.get()
    await mind.turn_begins()
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
            await _canned_turn(turn, mind.line(lines, language, **fields), "a line of her own", say, roads)
        elif not await _of_her_own(turn, mind, language, say, roads):
            await _answer(turn, mind, language, clauses, roads)
    if cut.by is not None:
        reason = f"interrupted_{cut.by.op}"
        roads.note(
            Dropped(
                id=f"{turn.id}!{reason}",
                at_ms=roads.clock.now(),
                cause=turn.id,
                turn=turn.id,
                reason=reason,
                item="turn",
            )
        )
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


async def _canned_turn(turn: Turn, line: str, reason: str, say: Say, roads: Roads, difficulty: float = 0.0) -> None:
    _note_route(turn, "canned", difficulty, reason, roads)
    await say(line)


async def _of_her_own(turn: Turn, mind: Mind, language: Language, say: Say, roads: Roads) -> bool:
    """Say what needs no model: thanks, a welcome, a declined topic, a rule. Give whether that was all."""
    lines, name = mind.persona.lines, mind.name(turn, language)
    for chat in turn.chats:
        if chat.money:
            await say(mind.line(lines.thanks, language, name=name, amount=spoken_money(chat.money, language)))
    for topic in mind.persona.forbidden:
        if mentions(turn.text, topic.words):
            await _canned_turn(
                turn, mind.line(topic.decline, language, name=name), f"declines {topic.topic}", say, roads
            )
            return True
    now = roads.clock.now()
    for number, rule in enumerate(mind.persona.rules):
        ready = now - mind.rules_used.get(number, -(10**12)) >= rule.cooldown_s * 1000
        if ready and mentions(turn.text, rule.when):
            mind.rules_used[number] = now
            await _canned_turn(
                turn, mind.line(rule.say, language, name=name), f"her rule for “{rule.when[0]}”", say, roads
            )
            return True
    if any(chat.first_time for chat in turn.chats):
        await say(mind.line(lines.first_time, language, name=name))
        if only_greets(turn.text):
            _note_route(turn, "canned", 0.0, "a first greeting", roads)
            return True
    if not turn.text.strip() or (any(chat.money for chat in turn.chats) and not is_question(turn.text)):
        _note_route(turn, "canned", 0.0, "thanks are answer enough", roads)
        return True
    return False


async def _answer(turn: Turn, mind: Mind, language: Language, clauses: Clauses, roads: Roads) -> None:
    difficulty = mind.difficulty(turn.text)
    route, reason = decide(turn.text, difficulty, mind.settings.hard_from)
    recalled = await recollect(turn, mind, roads)
    if route == "hard":
        question = Question(
            id=f"{turn.id}/question",
            at_ms=roads.clock.now(),
            cause=turn.id,
            turn=turn.id,
            asked=turn,
            language=language,
            deadline_ms=roads.clock.now() + round(mind.settings.deep_deadline_s * 1000),
            recalled=recalled,
        )
        accepted = roads.questions.offer(question)
        _note_route(turn, "hard", difficulty, reason, roads, accepted=accepted)
        if accepted:
            line = mind.line(mind.persona.lines.holding, language, name=mind.name(turn, language))
            await roads.replies.put(clauses.clause(line, holds=True))
            return
    else:
        _note_route(turn, route, difficulty, reason, roads)
    await _fast(turn, mind, language, recalled, clauses, roads)


async def _fast(
    turn: Turn, mind: Mind, language: Language, recalled: tuple[Recollection, ...], clauses: Clauses, roads: Roads
) -> None:
    await mind.warm.wait()
    talk, pending = mind.talk_so_far()
    asked = prompt.answer(
        mind.persona,
        language=language,
        name=mind.shown(turn, language),
        text=mind.as_asked(turn.text),
        talk=talk,
        recalled=recalled,
        pending=pending,
    )
    note_recalled(turn, recalled, asked.parts, roads)
    request = ModelRequest(
        messages=asked.messages,
        tier="fast",
        answering=turn.asked,
        max_tokens=mind.settings.fast_tokens,
        temperature=mind.settings.temperature,
        seed=mind.dice.randrange(2**31),
    )
    reply = mind.reply(mind.fast, language, mind.persona.speaking.reply_sentences, turn.text)

    async def emit(said: Said) -> None:
        mind.emitted(turn, said.text)
        await roads.replies.put(clauses.clause(said.text, source="fast", expression=said.expression))

    await generate(turn, mind.fast, request, reply, emit, roads)
    if not reply.substance:
        lines = _instead(reply.refused, turn.text, mind.persona.lines)
        await roads.replies.put(clauses.clause(mind.line(lines, language, name=mind.name(turn, language))))


def _instead(refused: str, asked: str, lines: Stock) -> Lines:
    """Choose what is said where the model said nothing fit: a listed word is declined, a remark is nodded at."""
    if refused == "blocked_word":
        return lines.decline
    return lines.nod if refused and lines.nod and not is_question(asked) else lines.fallback


def _note_route(
    turn: Turn, route: Route, difficulty: float, reason: str, roads: Roads, *, accepted: bool = False
) -> None:
    roads.note(
        Routed(
            id=f"{turn.id}/route",
            at_ms=roads.clock.now(),
            cause=turn.id,
            turn=turn.id,
            route=route,
            difficulty=round(difficulty, 4),
            reason=reason,
            accepted=accepted,
        )
    )
