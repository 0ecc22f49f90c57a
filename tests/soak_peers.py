"""The other side of a long live show, in a process of its own: Twitch and OneComme write, drop the line, come back."""

import asyncio
import json
import sys
from contextlib import suppress

from tests.adapters.chat.onecomme_server import OneCommeServer, endless_comments
from tests.adapters.chat.twitch_server import TwitchServer, endless_chat

_DROP_S = 300.0


async def main(rate: float) -> None:
    """Serve until stdin ends; the addresses are the first line on stdout."""
    async with TwitchServer() as twitch, OneCommeServer() as hub:
        print(json.dumps({"twitch": twitch.url, "onecomme": hub.url}), flush=True)  # noqa: T201 - the parent reads it
        with suppress(TimeoutError):
            async with asyncio.timeout(None) as scope, asyncio.TaskGroup() as group:
                group.create_task(_until_stdin_ends(scope))
                group.create_task(twitch.pump(endless_chat(viewers=200), rate * 0.9))
                group.create_task(hub.pump(endless_comments(viewers=50), rate * 0.1))
                while True:
                    await asyncio.sleep(_DROP_S)
                    twitch.drop()
                    await asyncio.sleep(_DROP_S)
                    hub.drop()


async def _until_stdin_ends(scope: asyncio.Timeout) -> None:
    await asyncio.to_thread(sys.stdin.read)
    scope.reschedule(asyncio.get_running_loop().time())


if __name__ == "__main__":
    asyncio.run(main(float(sys.argv[1])))
