"""What every tool keeps to: apply it by subclassing and giving `make` (or `opened`) and `good` arguments."""

import asyncio
import copy
import re
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, ClassVar

import pytest
from jsonschema import Draft202012Validator

from vtuber.core.tool_result import bare
from vtuber.errors import ToolError
from vtuber.ports import Found, Tool


class ToolContract:
    """`good` arguments give something, `impossible` ones are of the right shape and give a ToolError.

    `broken`, where a tool depends on somebody else, gives a tool whose other side fails. `run` is asyncio.run or
    run_virtual.
    """

    run: Callable[[Coroutine[Any, Any, Any]], Any] = staticmethod(asyncio.run)
    good: ClassVar[Mapping[str, Any]]
    impossible: ClassVar[Sequence[Mapping[str, Any]]] = ()
    speaks = True  # it can make a sentence itself, in both languages

    def make(self) -> Tool:
        raise NotImplementedError

    def broken(self) -> Tool | None:
        return None

    @asynccontextmanager
    async def opened(self):
        tool = self.make()
        try:
            yield tool
        finally:
            await tool.close()

    def with_tool(self, what: Callable[[Tool], Coroutine[Any, Any, Any]]) -> Any:
        async def go() -> Any:
            async with self.opened() as tool:
                return await what(tool)

        return type(self).run(go())

    def called(self, arguments: Mapping[str, Any]) -> Found:
        async def call(tool: Tool) -> Found:
            return await tool.call(dict(arguments))

        found = self.with_tool(call)
        assert isinstance(found, Found)
        return found

    def test_it_says_its_name_in_one_word_and_what_it_is_about_in_a_line(self):
        async def look(tool: Tool) -> tuple[str, str]:
            return tool.name, tool.about

        name, about = self.with_tool(look)
        assert re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]{0,63}", name)
        assert about == bare(about)
        assert 0 < len(about) <= 200

    def test_its_schema_is_of_an_object_and_allows_nothing_else(self):
        async def look(tool: Tool) -> dict[str, Any]:
            return tool.schema

        schema = self.with_tool(look)
        Draft202012Validator.check_schema(schema)
        assert schema["type"] == "object"
        assert schema["additionalProperties"] is False
        Draft202012Validator(schema).validate(dict(self.good))
        assert not Draft202012Validator(schema).is_valid({**self.good, "not_asked_for": 1})

    def test_good_arguments_give_something(self):
        found = self.called(self.good)
        assert found.text.strip()
        assert all(re.fullmatch(r"https?://\S+", source) for source in found.sources)

    def test_a_ready_sentence_is_there_in_both_languages_and_ends(self):
        spoken = self.called(self.good).spoken
        assert set(spoken) == ({"en", "ja"} if self.speaks else set())
        for sentence in spoken.values():
            assert sentence == bare(sentence)
            assert len(sentence) <= 160
            assert sentence[-1] in ".!?。"

    def test_the_arguments_are_left_as_they_were(self):
        async def call(tool: Tool) -> None:
            given = copy.deepcopy(dict(self.good))
            await tool.call(given)
            assert given == dict(self.good)

        self.with_tool(call)

    def test_it_can_be_used_again_and_twice_at_once(self):
        async def call(tool: Tool) -> list[Found]:
            first = await tool.call(dict(self.good))
            return [first, *await asyncio.gather(tool.call(dict(self.good)), tool.call(dict(self.good)))]

        assert all(found.text for found in self.with_tool(call))

    def test_a_call_that_is_cancelled_leaves_it_usable(self):
        async def call(tool: Tool) -> Found:
            async with asyncio.TaskGroup() as group:
                given_up = group.create_task(tool.call(dict(self.good)))
                await asyncio.sleep(0)
                given_up.cancel()
            return await tool.call(dict(self.good))

        assert self.with_tool(call).text

    def test_arguments_that_make_no_sense_are_a_tool_error(self):
        if not self.impossible:
            pytest.skip("whatever fits its schema makes sense to it")

        async def call(tool: Tool) -> None:
            for arguments in self.impossible:
                with pytest.raises(ToolError):
                    await tool.call(dict(arguments))

        self.with_tool(call)

    def test_what_fails_behind_it_is_a_tool_error(self):
        tool = self.broken()
        if tool is None:
            pytest.skip("nobody stands behind it")

        async def call() -> None:
            try:
                with pytest.raises(ToolError):
                    await tool.call(dict(self.good))
            finally:
                await tool.close()

        type(self).run(call())

    def test_it_may_be_closed_twice_and_without_having_been_used(self):
        async def close(tool: Tool) -> None:
            await tool.close()
            await tool.close()

        self.with_tool(close)
