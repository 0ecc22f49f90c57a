"""What every EventMemory that is also a Forgetter keeps to: its test inherits this class and says how one is opened."""

from collections.abc import Callable, Coroutine
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any, Protocol

import pytest

from vtuber.clock import run_virtual
from vtuber.events import Airing, Chat, Clause, Event, Interrupt, Money, Notice, Performed, Retract, System
from vtuber.ports import EventMemory, Forgetter, Left, Query

LORE = ("She lives in a lighthouse and collects old radios.", "彼女は灯台に住んでいて、古いラジオを集めている。")
CAT = "my cat is called Biscuit and she is grey"


def chat(name: str, text: str, *, viewer: str = "t:1", at: int = 1_000, **more: Any) -> Chat:
    return Chat(
        id=name, at_ms=at, platform="t", viewer_id=viewer, name=viewer.rsplit(":", maxsplit=1)[-1], text=text, **more
    )


def performed(
    name: str, text: str, *, viewer: str = "", to: str = "", turn: str = "turn", at: int = 2_000
) -> Performed:
    """Give a clause that answers a viewer by their name, or by another one if `to` gives it."""
    return Performed(
        id=name,
        at_ms=at,
        turn=turn,
        seq=0,
        text=text,
        language="en",
        source="fast",
        last=True,
        started_ms=at,
        duration_ms=9,
        voice="v",
        to=to or viewer.rsplit(":", maxsplit=1)[-1],
        viewer_id=viewer,
    )


def airing(*asked: str, at: int = 3_000) -> Airing:
    return Airing(id=f"air:{'+'.join(asked)}", at_ms=at, turn="turn", asked=asked)


def ban(viewer: str, at: int = 4_000) -> Interrupt:
    return Interrupt(id=f"ban:{viewer}", at_ms=at, op="ban", target_viewer=viewer)


class Remembering(EventMemory, Forgetter, Protocol):
    """Both ports in one, with a wait for its background work."""

    async def indexed(self) -> None: ...


Work = Callable[[Remembering], Coroutine[Any, Any, Any]]


async def recalled(
    memory: EventMemory, text: str, viewer: str = "t:1", at: int = 9_000, answering: tuple[str, ...] = ()
) -> list[str]:
    found = await memory.recall(Query(text=text, viewer_id=viewer, at_ms=at, answering=answering))
    return [candidate.text for candidate in found if candidate.scope != "lore"]


class EventMemoryContract:
    """Tests of the ports. `opened` gives an empty memory with LORE in a folder."""

    run: Callable[[Coroutine[Any, Any, Any]], Any] = staticmethod(run_virtual)

    def opened(self, folder: Path) -> AbstractAsyncContextManager[Remembering]:
        raise NotImplementedError

    def within(self, folder: Path, work: Work) -> Any:
        async def inside() -> Any:
            async with self.opened(folder) as memory:
                return await work(memory)

        return self.run(inside())

    def test_the_last_events_are_at_hand_in_order_and_none_twice(self, tmp_path: Path) -> None:
        kept: list[Event] = [
            chat("a", "hello"),
            System(id="b", at_ms=1_001, platform="t", text="slow mode"),
            Notice(id="c", at_ms=1_002, platform="t", viewer_id="t:2", notice="raid", count=5),
            performed("d", "Welcome!", at=1_003),
        ]
        passing = Clause(id="e", at_ms=1_004, seq=0, text="x", language="en", source="fast", last=True)

        async def work(memory: Remembering) -> Any:
            await memory.add([*kept, passing, kept[0]])
            await memory.add([kept[1], *kept])
            return memory.recent(), memory.recent(2), memory.recent(0)

        assert self.within(tmp_path, work) == (tuple(kept), tuple(kept[2:]), ())

    def test_no_more_than_three_hundred_are_at_hand(self, tmp_path: Path) -> None:
        async def work(memory: Remembering) -> Any:
            await memory.add([chat(f"c{at}", "hi", at=at) for at in range(400)])
            return [event.id for event in memory.recent()]

        assert self.within(tmp_path, work) == [f"c{at}" for at in range(100, 400)]

    @pytest.mark.parametrize("indexed", [False, True])
    def test_a_viewers_words_are_found_again(self, tmp_path: Path, indexed: bool) -> None:
        async def work(memory: Remembering) -> Any:
            await memory.add([chat("a", CAT), chat("b", "東京から札幌に引っ越した", viewer="t:2")])
            if indexed:
                await memory.indexed()
            return await recalled(memory, "what is my cat called?"), await recalled(memory, "札幌はどう?", viewer="t:2")

        assert self.within(tmp_path, work) == ([CAT], ["東京から札幌に引っ越した"])

    @pytest.mark.parametrize("other", ["t:2", "", "t:11", "t", "t:login:1", "%", "t:1' OR '1'='1", "T:1", "t:1 "])
    def test_nobody_else_ever_sees_it(self, tmp_path: Path, other: str) -> None:
        async def work(memory: Remembering) -> Any:
            await memory.add([chat("a", CAT)])
            await memory.indexed()
            return await recalled(memory, CAT, viewer=other)

        assert self.within(tmp_path, work) == []

    def test_a_weak_id_owns_nothing(self, tmp_path: Path) -> None:
        async def work(memory: Remembering) -> Any:
            await memory.add([chat("a", CAT, viewer="t:login:anna")])
            await memory.indexed()
            return await recalled(memory, CAT, viewer="t:login:anna"), len(memory.recent())

        assert self.within(tmp_path, work) == ([], 1)

    def test_lore_answers_everybody(self, tmp_path: Path) -> None:
        async def work(memory: Remembering) -> Any:
            await memory.indexed()
            return [
                [candidate.text for candidate in await memory.recall(Query(text=text, viewer_id=viewer, at_ms=9_000))]
                for text, viewer in (("do you collect radios?", ""), ("古いラジオの話", "t:7"))
            ]

        english, japanese = self.within(tmp_path, work)
        assert LORE[0] in english
        assert LORE[1] in japanese

    def test_a_message_is_no_memory_of_itself_nor_of_what_comes_later(self, tmp_path: Path) -> None:
        async def work(memory: Remembering) -> Any:
            await memory.add([chat("a", CAT, at=1_000), chat("b", "do you know what my cat is called", at=5_000)])
            await memory.indexed()
            asked = "do you know what my cat is called"
            return (
                await recalled(memory, asked, at=5_000),
                await recalled(memory, asked, at=6_000, answering=("b",)),
                await recalled(memory, asked, at=1_000),
            )

        assert self.within(tmp_path, work) == ([CAT], [CAT], [])

    def test_what_she_said_is_kept_but_is_nobodys_memory(self, tmp_path: Path) -> None:
        line = "Your cat Biscuit sounds like a lovely grey cat"

        async def work(memory: Remembering) -> Any:
            await memory.add([performed("p", line, viewer="t:1"), chat("echo", line, at=2_500)])
            await memory.indexed()
            return await recalled(memory, line), [event.id for event in memory.recent()]

        assert self.within(tmp_path, work) == ([], ["p", "echo"])

    def test_a_deleted_message_is_neither_shown_nor_recalled_and_does_not_come_back(self, tmp_path: Path) -> None:
        async def work(memory: Remembering) -> Any:
            await memory.add([chat("a", CAT), chat("b", "I play the drums every day", at=1_001)])
            await memory.indexed()
            gone = await memory.retract(Retract(id="r", at_ms=3_000, target_event="a"))
            again = await memory.retract(Retract(id="r2", at_ms=3_001, target_event="a"))
            await memory.add([chat("a", CAT)])
            await memory.indexed()
            return gone, again, await recalled(memory, CAT), [event.id for event in memory.recent()]

        gone, again, found, recent = self.within(tmp_path, work)
        assert (gone, again, recent) == (1, 0, ["b"])
        assert CAT not in found

    def test_a_deletion_that_comes_before_its_message_holds(self, tmp_path: Path) -> None:
        async def work(memory: Remembering) -> Any:
            gone = await memory.retract(Retract(id="r", at_ms=500, target_event="a"))
            await memory.add([chat("a", CAT)])
            return gone, memory.recent(), await recalled(memory, CAT)

        assert self.within(tmp_path, work) == (0, (), [])

    def test_what_was_said_twice_outlives_one_deletion(self, tmp_path: Path) -> None:
        async def work(memory: Remembering) -> Any:
            await memory.add([chat("a", CAT, at=1), chat("b", CAT.upper(), at=2)])
            await memory.retract(Retract(id="r", at_ms=3, target_event="a"))
            once = await recalled(memory, CAT)
            await memory.retract(Retract(id="r2", at_ms=4, target_event="b"))
            return once, await recalled(memory, CAT)

        assert self.within(tmp_path, work) == ([CAT], [])

    def test_a_ban_takes_a_viewers_messages_and_nobody_elses(self, tmp_path: Path) -> None:
        async def work(memory: Remembering) -> Any:
            await memory.add([chat("a", CAT), chat("b", CAT, viewer="t:2"), performed("p", "Hi there", viewer="t:1")])
            gone = await memory.retract(Retract(id="r", at_ms=3_000, target_viewer="t:1"))
            nobody = await memory.retract(Retract(id="r2", at_ms=3_000))
            return gone, nobody, [event.id for event in memory.recent()], await recalled(memory, CAT, viewer="t:2")

        assert self.within(tmp_path, work) == (1, 0, ["b", "p"], [CAT])

    def test_a_cleared_chat_is_gone_but_not_what_she_said(self, tmp_path: Path) -> None:
        async def work(memory: Remembering) -> Any:
            await memory.add(
                [chat("a", CAT), chat("b", "hi", viewer="t:2", channel="other"), performed("p", "Hi there")]
            )
            one_channel = await memory.retract(Retract(id="r", at_ms=3_000, everything=True, channel="other"))
            rest = await memory.retract(Retract(id="r2", at_ms=3_000, everything=True))
            return one_channel, rest, [event.id for event in memory.recent()]

        assert self.within(tmp_path, work) == (1, 1, ["p"])

    def test_forgetting_leaves_nothing_of_a_viewer_and_everything_of_others(self, tmp_path: Path) -> None:
        async def work(memory: Remembering) -> Any:
            others: list[Event] = [
                chat("b", "my dog is called Taro", viewer="t:22"),
                performed("q", "Hello Taro fan", viewer="t:22", turn="t2"),
                performed("n", "Another 1, hello", viewer="u:1", turn="t3"),
                performed("s", "What a lovely evening", to="1", turn="t4"),
            ]
            reply = chat("c", "so do I", viewer="t:22", reply_to="a", reply_to_viewer="t:1")
            await memory.add([chat("a", CAT), *others, performed("p", "A grey cat, how nice", viewer="t:1"), reply])
            await memory.indexed()
            receipt = await memory.forget("t:1")
            return (
                receipt,
                await recalled(memory, CAT),
                [event.id for event in memory.recent()],
                await recalled(memory, "my dog", viewer="t:22"),
            )

        receipt, found, recent, dog = self.within(tmp_path, work)
        assert receipt.verified
        assert receipt.viewer_id == "t:1"
        assert receipt.rows["events"] == receipt.rows["memories"] == receipt.rows["performed"] == 1
        assert (found, recent, dog) == ([], ["b", "q", "n", "s", "c"], ["my dog is called Taro"])

    def test_forgetting_somebody_unknown_is_no_error(self, tmp_path: Path) -> None:
        async def work(memory: Remembering) -> Any:
            await memory.add([chat("a", CAT)])
            return await memory.forget("t:99"), await recalled(memory, CAT)

        receipt, found = self.within(tmp_path, work)
        assert receipt.verified
        assert set(receipt.rows.values()) == {0}
        assert found == [CAT]

    def test_a_new_stream_has_left_nothing_behind(self, tmp_path: Path) -> None:
        assert self.within(tmp_path, lambda memory: memory.left()) == Left()

    def test_what_was_not_aired_is_left_unanswered_oldest_first(self, tmp_path: Path) -> None:
        raid = Notice(id="n", at_ms=1_002, platform="t", viewer_id="t:2", notice="raid", count=5)
        late = chat("b", "hello", at=1_001)
        system = System(id="s", at_ms=1_003, platform="t", text="slow mode")
        old = chat("old", "from before", at=1_004, backlog=True)

        async def work(memory: Remembering) -> Any:
            await memory.add([chat("a", CAT), late, raid, system, performed("p", "Hi"), chat("c", "why?"), old])
            await memory.add([airing("a", "c", at=8_000), Interrupt(id="i", at_ms=9_000, op="hush")])
            await memory.add([airing("a", at=8_500)])
            return await memory.left()

        assert self.within(tmp_path, work) == Left(
            unanswered=(late, raid), heard=frozenset({"a", "b", "n", "s", "c", "old"}), last_heard="old", last_ms=8_000
        )

    def test_what_was_retracted_or_forgotten_is_not_left_unanswered(self, tmp_path: Path) -> None:
        async def work(memory: Remembering) -> Any:
            await memory.add(
                [chat("a", CAT), chat("b", "hi", viewer="t:2"), chat("c", "ho", viewer="t:3"), airing("b")]
            )
            await memory.retract(Retract(id="r", at_ms=3_000, target_event="a"))
            await memory.retract(Retract(id="r2", at_ms=3_001, target_event="b"))
            await memory.retract(Retract(id="r3", at_ms=3_002, target_event="never came"))
            before = await memory.left()
            receipt = await memory.forget("t:2")
            await memory.forget("t:3")
            await memory.add([chat("b", "hi again", viewer="t:2")])
            return before, receipt, await memory.left()

        before, receipt, after = self.within(tmp_path, work)
        assert [event.id for event in before.unanswered] == ["c"]
        assert (before.heard, before.last_heard) == ({"a", "b", "c", "never came"}, "c")
        assert receipt.verified
        assert receipt.rows["answers"] == 1
        assert [event.id for event in after.unanswered] == ["b"]  # nothing of the first one is known any more
        assert (after.heard, after.last_heard) == ({"a", "b", "never came"}, "b")

    def test_an_answer_may_be_remembered_before_what_it_answers(self, tmp_path: Path) -> None:
        async def work(memory: Remembering) -> Any:
            await memory.add([airing("a")])
            await memory.add([chat("a", CAT), chat("b", "hi")])
            return [event.id for event in (await memory.left()).unanswered]

        assert self.within(tmp_path, work) == ["b"]

    def test_bans_hold_until_the_viewer_is_forgotten(self, tmp_path: Path) -> None:
        async def work(memory: Remembering) -> Any:
            await memory.add([chat("a", CAT), ban("t:1"), ban("t:22"), ban("t:1", at=5_000), ban("")])
            await memory.retract(Retract(id="r", at_ms=6_000, target_viewer="t:1"))
            held = (await memory.left()).banned
            receipt = await memory.forget("t:22")
            return held, receipt, (await memory.left()).banned, memory.recent()

        held, receipt, kept, recent = self.within(tmp_path, work)
        assert (held, kept, recent) == ({"t:1", "t:22"}, {"t:1"}, ())
        assert receipt.verified
        assert receipt.rows["bans"] == 1

    def test_of_very_many_unanswered_the_newest_and_every_paid_one_are_left(self, tmp_path: Path) -> None:
        paid = chat("paid", "thanks!", at=1, money=Money("500", "JPY"))
        gift = Notice(id="gift", at_ms=2, platform="t", viewer_id="t:2", notice="gift", money=Money("5.00", "USD"))
        many = [chat(f"c{at}", "hi", at=at) for at in range(3, 703)]

        async def work(memory: Remembering) -> Any:
            await memory.add([paid, gift, *many, airing("c702")])
            return await memory.left()

        left = self.within(tmp_path, work)
        assert [event.id for event in left.unanswered] == ["paid", "gift", *(f"c{at}" for at in range(202, 702))]
        assert len(left.heard) == 702
