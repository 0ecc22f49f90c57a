"""What the operator wants done beyond a cut: words to say, a ban, a reload, another model."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from functools import partial

import msgspec

from tests.moody import Moody
from tests.playing import GOOD_NIGHT, HARD, PERSONA, WELCOME, Script, adds_up, chat, hands, play, reasons, replies
from vtuber.adapters.model.scripted import Pace, Scripted, Scripture
from vtuber.core.guard import Guard
from vtuber.errors import BadSetting, ModelUnavailable
from vtuber.events import Changed, Closed, Generated, Interrupt, Performed, Remembered, Turn
from vtuber.persona import Persona
from vtuber.ports import Delta, LanguageModel, ModelRequest
from vtuber.settings import Attention, Settings
from vtuber.show import Parts

LONG = "The first sentence goes on for quite a while. The second sentence goes on as well. And a third one follows."
PATIENT = Settings(attention=Attention(idle_s=1000))


def test_the_operators_words_are_said_before_the_next_reply():
    heard = [(3000, chat(1, "how are you?")), (100, chat(2, "and you?", viewer="bo"))]
    words = {"say": "Here comes a word from me. Drink some water, everyone!"}
    played = play(
        Script(heard=heard, fast=replies("One reply only."), settings=PATIENT, meddle=hands((3500, "say", words)))
    )
    assert played.said()[1:4] == ["One reply only.", "Here comes a word from me.", "Drink some water, everyone!"]
    assert len(played.said()) == 6, "then comes the next reply"
    turn = next(one for one in played.of(Turn) if one.purpose == "say")
    assert {one.source for one in played.of(Performed) if one.turn == turn.id} == {"operator"}


def test_a_banned_viewer_is_cut_off_and_answered_no_more_and_the_ban_is_remembered():
    heard = [
        (0, chat(1, "how are you?", viewer="troll")),
        (5000, chat(2, "hey, you there?", viewer="troll")),
        (100, chat(3, "hello you?", viewer="bo")),
    ]
    ban = {"target_viewer": "twitch:troll"}
    played = play(Script(heard=heard, fast=replies(LONG), settings=PATIENT, meddle=hands((4000, "ban", ban))))
    assert reasons(played)["twitch:ada:2"] == "banned"
    order = played.of(Interrupt)[0]
    assert [one.at_ms for one in played.of(Performed) if not one.whole] == [order.at_ms]
    assert [turn.who.viewer_id for turn in played.of(Turn) if turn.who] == ["twitch:troll", "twitch:bo"]
    assert f"{order.id}!remembered" in {one.id for one in played.of(Remembered)}
    adds_up(played)


def test_a_reloaded_character_speaks_from_the_next_turn_on():
    other = msgspec.structs.replace(
        PERSONA, lines=msgspec.structs.replace(PERSONA.lines, closing={"en": ("Farewell.",), "ja": ("じゃあね。",)})
    )

    def change(parts: Parts) -> Parts:
        return msgspec.structs.replace(parts, read_character=lambda: (other, Guard("", ())))

    heard = [(0, chat(1, "how are you?")), (8000, chat(2, "and you?", viewer="bo"))]
    played = play(Script(heard=heard, change=change, settings=PATIENT, meddle=hands((6000, "reload", {}))))
    assert played.said()[-1] == "Farewell."
    assert [(one.what, one.to, one.refused) for one in played.of(Changed)] == [("persona", "Ada", "")]


def test_a_character_that_cannot_be_read_changes_nothing():
    def broken() -> tuple[Persona, Guard]:
        raise BadSetting("no such key")

    def change(parts: Parts) -> Parts:
        return msgspec.structs.replace(parts, read_character=broken)

    heard = [(0, chat(1, "how are you?")), (8000, chat(2, "and you?", viewer="bo"))]
    played = play(Script(heard=heard, change=change, settings=PATIENT, meddle=hands((6000, "reload", {}))))
    assert played.said()[-1] == GOOD_NIGHT
    assert [one.refused for one in played.of(Changed)] == ["BadSetting"]


def test_another_model_answers_from_the_next_turn_on_and_the_old_one_is_let_go():
    closed: list[str] = []
    old, new = replies("From the old one."), replies("From the new one.")

    async def close() -> None:
        closed.append("old")

    old.close = close  # type: ignore[method-assign]

    async def open_model(spec: str, tier: str) -> LanguageModel:
        assert (spec, tier) == ("ollama/other", "fast")
        return new

    def change(parts: Parts) -> Parts:
        return msgspec.structs.replace(parts, open_model=open_model)

    heard = [(0, chat(1, "how are you?")), (8000, chat(2, "and you?", viewer="bo"))]
    order = {"tier": "fast", "model": "ollama/other"}
    played = play(Script(heard=heard, fast=old, change=change, settings=PATIENT, meddle=hands((6000, "switch", order))))
    assert played.said() == [WELCOME, "From the old one.", "From the new one.", GOOD_NIGHT]
    assert closed == ["old"]
    assert [one.what for one in played.of(Changed)] == ["fast"]


def test_a_model_that_cannot_be_loaded_is_let_go_and_changes_nothing():
    gone = Moody("gone", "-", ill=((0.0, 1e9),))
    closed: list[str] = []

    async def close() -> None:
        closed.append("gone")

    gone.close = close  # type: ignore[method-assign]

    async def open_model(_spec: str, _tier: str) -> LanguageModel:
        return gone

    def change(parts: Parts) -> Parts:
        return msgspec.structs.replace(parts, open_model=open_model)

    heard = [(0, chat(1, "how are you?")), (8000, chat(2, "and you?", viewer="bo"))]
    order = {"tier": "fast", "model": "ollama/gone"}
    old = Moody("old", "Answer {} of the old one.")
    played = play(Script(heard=heard, fast=old, change=change, settings=PATIENT, meddle=hands((5000, "switch", order))))
    assert played.said() == [WELCOME, "Answer 1 of the old one.", "Answer 2 of the old one.", GOOD_NIGHT]
    assert [one.refused for one in played.of(Changed)] == ["ModelUnavailable"]
    assert closed == ["gone"]


def test_a_model_that_fails_as_it_is_let_go_holds_up_neither_the_others_nor_the_end():
    closed: list[str] = []

    def opened(name: str) -> Scripted:
        async def close() -> None:
            closed.append(name)
            raise ModelUnavailable("its server is gone already")

        model = replies(f"From {name}.")
        model.name, model.close = name, close  # type: ignore[method-assign]
        return model

    async def open_model(spec: str, _tier: str) -> LanguageModel:
        return opened(spec)

    heard = [(0, chat(1, "how are you?")), (20_000, chat(2, "and you?", viewer="bo"))]
    later = ((5000, {"tier": "fast", "model": "ollama/b"}), (100, {"tier": "fast", "model": "ollama/c"}))
    orders = hands(*((after, "switch", order) for after, order in later))
    change = partial(msgspec.structs.replace, open_model=open_model)
    played = play(Script(heard=heard, fast=opened("a"), change=change, settings=PATIENT, meddle=orders))
    assert sorted(closed) == ["a", "ollama/b", "ollama/c"]
    assert len(played.of(Closed)) == 1


class Let(Scripted):
    """A model that breaks off where it is closed in the middle of an answer; `closed` is when it was."""

    closed: float | None = None

    async def stream(self, request: ModelRequest) -> AsyncGenerator[Delta, None]:
        async with aclosing(super().stream(request)) as deltas:
            async for delta in deltas:
                if self.closed is not None:
                    raise ModelUnavailable("its connections are closed")
                yield delta

    async def close(self) -> None:
        self.closed = asyncio.get_running_loop().time()


def test_a_model_that_thinks_about_a_question_is_let_go_once_it_has_answered_and_every_one_in_the_end():
    answer = Scripture(text="The moon pulls the sea.", thinking="tides " * 500)
    old, new = (Let(name, replies=lambda _request: answer, pace=Pace(tokens_per_s=10)) for name in ("old", "new"))

    async def open_model(_spec: str, _tier: str) -> LanguageModel:
        return new

    heard = [(0, chat(1, f"{HARD} why tides rise"))]
    heard += [(5_000, chat(number, f"do you like number {number}?", viewer=f"v{number}")) for number in range(2, 7)]
    orders = hands((6_000, "switch", {"tier": "deep", "model": "ollama/new"}))
    change = partial(msgspec.structs.replace, open_model=open_model)
    played = play(Script(heard=heard, deep=old, change=change, settings=PATIENT, meddle=orders))
    answered = next(one for one in played.of(Generated) if one.tier == "deep")
    assert (answered.model, answered.stop) == ("old", "stop")
    assert old.closed is not None
    assert new.closed is not None
    assert answered.at_ms / 1000 <= old.closed < new.closed
