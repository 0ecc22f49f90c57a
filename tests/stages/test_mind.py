from functools import partial
from typing import Any

import msgspec

from tests.playing import GREY, Played, Script, chat, play
from vtuber.adapters.model.scripted import Scripted, Scripture
from vtuber.errors import EmbedderError, MemoryStoreError
from vtuber.events import Failed, Recalled, Routed
from vtuber.ports import Found, ModelRequest, Tool
from vtuber.show import Parts, Show


def test_a_viewer_s_own_words_are_recalled_and_never_another_s():
    heard = [
        (0, chat(1, "my cat Miso hates the vacuum cleaner", viewer="mika")),
        (1000, chat(2, "my dog Rex hates the vacuum cleaner", viewer="taro")),
        (30_000, chat(3, "what does my cat Miso hate?", viewer="mika")),
    ]
    played = play(Script(heard=heard))
    recalled = [item for event in played.of(Recalled) for item in event.items]
    assert any("Miso" in item.text for item in recalled)
    assert {item.viewer_id for item in recalled if "hates" in item.text} == {"twitch:mika"}


def test_the_talk_so_far_is_what_was_performed_and_stands_in_the_next_prompt():
    asked: list[ModelRequest] = []

    def reply(request: ModelRequest) -> Scripture:
        asked.append(request)
        return Scripture(text=f"This is my answer number {len(asked)}.")

    heard = [(0, chat(1, "how are you?")), (20_000, chat(2, "and what else?", viewer="taro"))]
    play(Script(heard=heard, fast=Scripted(replies=reply)))
    contents = [message.content for message in asked[1].messages]
    assert contents[-3:-1] == ["mika: how are you?", "This is my answer number 1."]


def test_what_is_about_to_be_said_is_marked_in_the_next_prompt():
    asked: list[ModelRequest] = []

    def reply(request: ModelRequest) -> Scripture:
        asked.append(request)
        return Scripture(text="The first half of it is here. The second half of it is here.")

    heard = [(0, chat(1, "how are you?")), (10, chat(2, "and what else?", viewer="taro"))]
    play(Script(heard=heard, fast=Scripted(replies=reply)))
    assert "not said yet" in asked[1].messages[-1].content


class Broken:
    """An embedder that fails; of dimension 0 it is none at all."""

    model_id = "broken"

    def __init__(self, dim: int) -> None:
        self.dim = dim

    async def embed(self, texts: object, kind: object) -> object:
        raise EmbedderError("no vectors today")


def without_vectors(dim: int) -> Played:
    heard = [(0, chat(1, "my cat Miso hates the vacuum cleaner")), (30_000, chat(2, "what does my cat Miso hate?"))]
    return play(Script(heard=heard, change=lambda parts: msgspec.structs.replace(parts, embedder=Broken(dim))))


def test_without_an_embedder_memories_are_found_by_their_words():
    played = without_vectors(0)
    assert any("Miso" in item.text for event in played.of(Recalled) for item in event.items)
    assert played.of(Failed) == []


def test_a_broken_embedder_is_noted_and_memories_are_found_by_their_words():
    played = without_vectors(384)
    assert any("Miso" in item.text for event in played.of(Recalled) for item in event.items)
    assert {(one.stage, one.error) for one in played.of(Failed)} == {("recall", "EmbedderError")}


def test_a_broken_memory_recalls_nothing_and_the_answer_comes():
    async def broken(query: object) -> object:
        raise MemoryStoreError("no memory today")

    def change(parts: Parts) -> Parts:
        parts.memory.recall = broken  # type: ignore[method-assign,assignment]
        return parts

    played = play(Script(heard=[(0, chat(1, "how are you?"))], change=change))
    assert "Hello there!" in played.said()
    assert [(one.stage, one.error) for one in played.of(Failed)] == [("recall", "MemoryStoreError")]


def test_the_host_of_the_stream_is_marked_for_the_model_and_for_nobody_else():
    seen: list[str] = []

    def answer(request: ModelRequest) -> Scripture:
        seen.append(request.messages[-1].content)
        return Scripture(text="Good to see you here.")

    heard = [(0, chat(1, "how are you?", roles=("owner",))), (9000, chat(2, "how is it going?", viewer="bo"))]
    play(Script(heard=heard, fast=Scripted(replies=answer)))
    assert ["host of the stream" in one for one in seen] == [True, False]


def contents(request: ModelRequest) -> str:
    return "\n".join(message.content for message in request.messages)


def test_a_second_thought_stands_in_the_talk_beside_what_was_said_before_and_nothing_twice():
    asked: list[ModelRequest] = []

    def reply(request: ModelRequest) -> Scripture:
        asked.append(request)
        return Scripture(text="I'm not sure about the sea." if len(asked) == 1 else "Good to hear from you.")

    heard = [(0, chat(1, f"{GREY} the moon stopped?")), (60_000, chat(2, "hello again", viewer="taro"))]
    play(Script(heard=heard, fast=Scripted(replies=reply)))
    last = contents(asked[-1])
    assert last.count("I'm not sure about the sea.") == 1
    assert last.count("It is because of the tides.") == 1
    assert "not said yet" not in last


def test_the_similarity_of_a_message_s_vector_is_weighed_and_on_record():
    weighed: list[tuple[str, float | None]] = []

    def difficulty(text: str, similarity: float | None) -> float:
        weighed.append((text, similarity))
        return 0.1

    def meddle(show: Show) -> list[tuple[float, Any]]:
        show.mind.similarity = lambda vector: round(float(vector @ vector), 3)
        show.mind.difficulty = difficulty
        return []

    played = play(Script(heard=[(0, chat(1, "how are you?"))], meddle=meddle))
    assert weighed == [("how are you?", 1.0)]
    assert [one.parts["similarity"] for one in played.of(Routed) if one.route == "simple"] == [1.0]


class Search:
    """A tool that no rule knows."""

    name, about = "web_search", "search the web"
    schema: dict[str, Any] = {"type": "object"}  # noqa: RUF012 - as the port has it

    async def call(self, arguments: dict[str, Any]) -> Found:
        return Found(text=str(arguments))

    async def close(self) -> None:
        pass


def test_the_prompts_of_a_show_explain_a_tool_only_if_there_is_one_that_no_rule_knows():
    asked: list[ModelRequest] = []

    def reply(request: ModelRequest) -> Scripture:
        asked.append(request)
        return Scripture(text="Good to hear from you.")

    def with_tools(*tools: Tool) -> None:
        change = partial(msgspec.structs.replace, tools=tools)
        play(Script(heard=[(0, chat(1, "how are you?"))], fast=Scripted(replies=reply), change=change))

    with_tools()
    with_tools(Search())
    assert ["[tool]" in contents(request) for request in asked] == [False, True]


def test_what_is_read_beforehand_is_what_every_prompt_begins_with():
    asked: list[ModelRequest] = []
    shows: list[Show] = []

    def reply(request: ModelRequest) -> Scripture:
        asked.append(request)
        return Scripture(text="Good to hear from you.")

    def meddle(show: Show) -> list[tuple[float, Any]]:
        shows.append(show)
        return []

    play(Script(heard=[(0, chat(1, "how are you?"))], fast=Scripted(replies=reply), meddle=meddle))
    prefix = shows[0].mind.prefix("en")
    assert asked[0].messages[: len(prefix)] == prefix


def test_what_is_on_its_way_to_be_heard_is_not_said_again_in_the_next_reply():
    fast = Scripted(replies=lambda _request: Scripture(text="Clocks ring loudly at night."))
    heard = [(0, chat(1, "does the clock ring?")), (100, chat(2, "are you sleepy?", viewer="taro"))]
    said = play(Script(heard=heard, fast=fast)).said()
    assert said.count("Clocks ring loudly at night.") == 1
