"""A scripted source passes the contract, and keeps to its script."""

from tests.contracts.chat_source import BASE_MS, ChatSourceContract
from vtuber.adapters.chat.scripted import Scripted
from vtuber.clock import Clock
from vtuber.events import Chat, Retract, Skipped

SCRIPT = (
    (0, Chat(id="a", at_ms=0, platform="test", text="one", sent_at_ms=5)),
    (1500, Chat(id="b", at_ms=0, platform="test", text="two")),
    (250, Retract(id="c", at_ms=0, target_event="a")),
    (0, Skipped(id="d", at_ms=0, reason="ticker")),
)


class TestScripted(ChatSourceContract):
    def make(self, clock: Clock) -> Scripted:
        return Scripted(SCRIPT, clock)

    def test_gives_each_event_its_delay_after_the_one_before(self) -> None:
        assert [(event.id, now - BASE_MS) for now, event in self.heard()] == [
            ("a", 0),
            ("b", 1500),
            ("c", 1750),
            ("d", 1750),
        ]

    def test_the_platforms_stamp_is_the_scripts_own_or_the_clock(self) -> None:
        first, second = (event for _, event in self.heard() if isinstance(event, Chat))
        assert (first.sent_at_ms, second.sent_at_ms) == (5, BASE_MS + 1500)
