"""A port is heard to be answered or not, and known to be free or taken."""

import socket

import pytest

from vtuber.adapters.machine.ports import answers, is_free


def listening() -> socket.socket:
    server = socket.socket()
    server.bind(("127.0.0.1", 0))
    server.listen()
    return server


@pytest.mark.asyncio
async def test_a_port_where_something_listens_answers_and_is_taken():
    with listening() as server:
        port = server.getsockname()[1]
        assert await answers("127.0.0.1", port)
        assert not is_free(port)
    assert not await answers("127.0.0.1", port)
    assert is_free(port)


@pytest.mark.asyncio
async def test_a_name_that_leads_nowhere_answers_nothing():
    assert not await answers("no-such-host.invalid", 80, limit_s=1.0)
