"""TCP ports: whether something listens at one, and whether one of this machine is free for us."""

import asyncio
import os
import socket
from contextlib import suppress

LIMIT_S = 2.0


async def answers(host: str, port: int, limit_s: float = LIMIT_S) -> bool:
    """Whether something accepts a connection there within the limit."""
    try:
        async with asyncio.timeout(limit_s):
            _, writer = await asyncio.open_connection(host, port)
    except (OSError, TimeoutError):
        return False
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()
    return True


def is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Whether a server of ours could listen at a port of this machine."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        if os.name == "posix":  # one that has just ended does not count; on Windows this would mean something else
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True
