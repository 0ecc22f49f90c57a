"""The small client of the local WebSocket: what another program's author would write, against the real socket."""

import asyncio

import pytest

from tests.adapters.chat.local_show import TOKEN, LocalShow
from vtuber.adapters.chat.local_client import connect
from vtuber.errors import ChatSourceLost, UserMistake
from vtuber.events import Chat


@pytest.mark.asyncio
async def test_a_message_is_sent_and_answered_by_its_id():
    async with LocalShow().open() as show, connect(show.socket.port, TOKEN) as client:
        first = await client.send("hi", name="Hana", user="u1")
        assert await client.send("again", name="Hana", id="mine") == "mine"
        heard = await show.heard.get()
        assert isinstance(heard, Chat)
        assert (heard.id, heard.text, heard.viewer_id) == (f"local:main:{first}", "hi", "local:u1")


@pytest.mark.asyncio
async def test_many_may_send_and_operate_at_once():
    async with LocalShow().open() as show, connect(show.socket.port, TOKEN) as client:
        async with asyncio.TaskGroup() as group:
            sent = [group.create_task(client.send(f"{number}", name="Hana")) for number in range(300)]
            for op in ("hush", "hush", "pause", "resume"):
                group.create_task(client.operate(op))
        assert len({task.result() for task in sent}) == 300
        assert sorted(op for op, _ in show.operated) == ["hush", "hush", "pause", "resume"]
        assert client._replies == {}


@pytest.mark.asyncio
async def test_a_message_that_was_not_kept_is_told_as_one_to_send_again():
    async with LocalShow(remembers=False).open() as show, connect(show.socket.port, TOKEN) as client:
        sending = asyncio.ensure_future(client.send("hi", name="Hana"))
        show.drop(await show.heard.get(), reason="stage_failed", item="memory")
        with pytest.raises(ChatSourceLost, match="send it again"):
            await sending


@pytest.mark.asyncio
async def test_what_is_wrong_with_a_message_or_an_operation_is_told():
    async with LocalShow().open() as show, connect(show.socket.port, TOKEN) as client:
        with pytest.raises(UserMistake, match="length <= 2000"):
            await client.send("x" * 2001, name="Hana")
        with pytest.raises(UserMistake, match="`ban` takes `user`"):
            await client.operate("ban")
        await client.operate("ban", user="u1")


@pytest.mark.asyncio
async def test_a_wrong_token_is_told_at_the_first_use():
    async with LocalShow().open() as show, connect(show.socket.port, "another-token") as client:
        with pytest.raises(UserMistake, match="did not accept the token"):
            await client.send("hi", name="Hana")


@pytest.mark.asyncio
async def test_a_show_that_is_not_there_or_ends_is_told():
    show = LocalShow(remembers=False)
    async with show.open(), connect(show.socket.port, TOKEN) as client:
        sending = asyncio.ensure_future(client.send("hi", name="Hana"))
        await show.heard.get()
        show.socket.close()
        with pytest.raises(ChatSourceLost, match="hung up"):
            await sending
    with pytest.raises(UserMistake, match="No show listens"):
        async with connect(show.socket.port, TOKEN):
            pass
