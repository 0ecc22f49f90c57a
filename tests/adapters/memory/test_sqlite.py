import asyncio
from collections.abc import Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from tests.contracts.event_memory import CAT, LORE, EventMemoryContract, airing, ban, chat, performed, recalled
from vtuber.adapters.embed.hashing import HashingEmbedder
from vtuber.adapters.embed.packaged import PackagedEmbedder
from vtuber.adapters.memory import erasing, reading
from vtuber.adapters.memory.chroma import ChromaVectors
from vtuber.adapters.memory.exact import ExactVectors
from vtuber.adapters.memory.sqlite import SqliteMemory
from vtuber.clock import VirtualLoop, run_virtual
from vtuber.core.lexical import normalized
from vtuber.core.recall import rank
from vtuber.core.remembering import memorable
from vtuber.errors import EmbedderError, MemoryStoreError, StoreBusy
from vtuber.events import Performed, Retract
from vtuber.ports import Left, Query


@asynccontextmanager
async def opened(
    path: Path | str,
    *,
    embedder: Any = None,
    vectors: Any = None,
    stream: Any = "s1",
    lore: Any = LORE,
    warn: Any = None,
):
    """Open a memory on hashed words unless told otherwise; a warning fails the test unless it is wanted."""

    def unexpected(sentence: Any) -> Any:
        raise AssertionError(sentence)

    memory = await SqliteMemory.open(
        path,
        stream_id=stream,
        embedder=embedder or HashingEmbedder(),
        vectors=vectors or ExactVectors(),
        warn=warn or unexpected,
        lore=lore,
    )
    try:
        yield memory
    finally:
        await memory.close()


class TestVolatile(EventMemoryContract):
    def opened(self, folder: Path):
        return opened(":memory:")


class TestOnDisk(EventMemoryContract):
    def opened(self, folder: Path):
        return opened(folder / "m.sqlite")


@pytest.mark.real
class TestOnRealParts(EventMemoryContract):
    run = staticmethod(asyncio.run)

    @asynccontextmanager
    async def opened(self, folder: Path):
        vectors = await ChromaVectors.open(folder / "vectors" / "m", warn=pytest.fail)
        embedder = PackagedEmbedder()
        async with opened(folder / "m.sqlite", vectors=vectors, embedder=embedder) as memory:
            yield memory
        await embedder.close()


async def test_everything_is_there_after_reopening(tmp_path: Path):
    async with opened(tmp_path / "m.sqlite") as memory:
        await memory.add([chat("a", CAT), performed("p", "Nice cat")])
        before = memory.recent()
    async with opened(tmp_path / "m.sqlite") as memory:
        assert memory.recent() == before
        await memory.indexed()
        assert await recalled(memory, "my cat") == [CAT]


async def test_what_is_left_survives_reopening_and_belongs_to_its_stream(tmp_path: Path):
    async with opened(tmp_path / "m.sqlite") as memory:
        await memory.add([chat("a", CAT), chat("b", "why?", at=1_001), airing("a", at=7_000), ban("t:9")])
        before = await memory.left()
    async with opened(tmp_path / "m.sqlite", stream="s2") as memory:
        assert await memory.left() == Left(banned=frozenset({"t:9"}))
        await memory.add([chat("c", "hello", at=9_000), airing("b", at=9_500)])
    async with opened(tmp_path / "m.sqlite") as memory:
        left = await memory.left()
    assert (left.heard, left.last_heard, left.banned) == (before.heard, "b", {"t:9"})
    assert ([event.id for event in before.unanswered], before.last_ms) == (["b"], 7_000)
    assert (left.unanswered, left.last_ms) == ((), 9_500)


@pytest.mark.parametrize("path", [":memory:", "m.sqlite"])
async def test_a_full_disk_is_said_plainly_and_with_room_again_everything_is_kept(tmp_path: Path, path: str):
    def pages(most: int) -> Any:
        return lambda db: db.execute(f"PRAGMA max_page_count = {most}").fetchall()

    async with opened(path if path == ":memory:" else tmp_path / path, warn=lambda _: None) as memory:
        await memory.add([chat("a", CAT)])
        await memory._store.call(pages(1))
        long = [chat(f"c{at}", f"{at} {'a long story ' * 400}", at=at) for at in range(20)]
        for _ in range(3):
            with pytest.raises(MemoryStoreError, match="no room left on the disk"):
                await memory.add([*long, airing("a"), ban("t:3")])
        assert [event.id for event in memory.recent()] == ["a"]
        assert [event.id for event in (await memory.left()).unanswered] == ["a"]
        await memory._store.call(pages(2**30))
        await memory.add([*long, airing("a"), ban("t:3")])
        left = await memory.left()
    assert [event.id for event in left.unanswered] == [event.id for event in long]
    assert left.banned == {"t:3"}


async def test_a_time_out_takes_only_this_streams_messages(tmp_path: Path):
    async with opened(tmp_path / "m.sqlite") as memory:
        await memory.add([chat("a", CAT)])
    async with opened(tmp_path / "m.sqlite", stream="s2") as memory:
        await memory.add([chat("b", "I play the drums every day")])
        assert await memory.retract(Retract(id="r", at_ms=3_000, target_viewer="t:1")) == 1
        assert await recalled(memory, CAT) == [CAT]


async def test_a_second_owner_is_told_that_the_memory_is_in_use(tmp_path: Path):
    async with opened(tmp_path / "m.sqlite"):
        with pytest.raises(StoreBusy, match="in use by another show"):
            await SqliteMemory.open(
                tmp_path / "m.sqlite", stream_id="s", embedder=HashingEmbedder(), vectors=ExactVectors(), warn=print
            )
    async with opened(tmp_path / "m.sqlite"):
        pass


async def test_lore_follows_the_character(tmp_path: Path):
    query = Query(text="radios lighthouse piano", viewer_id="", at_ms=1)
    async with opened(tmp_path / "m.sqlite", lore=LORE[:1]) as memory:
        await memory.indexed()
        assert [found.text for found in await memory.recall(query)] == [LORE[0]]
    async with opened(tmp_path / "m.sqlite", lore=("She plays the piano.", "")) as memory:
        await memory.indexed()
        assert [found.text for found in await memory.recall(query)] == ["She plays the piano."]
    async with opened(tmp_path / "m.sqlite", lore=None) as memory:
        assert [found.text for found in await memory.recall(query)] == ["She plays the piano."]


class Broken(HashingEmbedder):
    """Fails so many times."""

    def __init__(self, failures: Any) -> None:
        super().__init__()
        self.failures = failures

    async def embed(self, texts: Sequence[str], kind: Any):
        if self.failures:
            self.failures -= 1
            raise EmbedderError("The embedder is not there.")
        return await super().embed(texts, kind)


async def test_without_an_embedder_memories_are_found_by_their_words_and_it_is_said_once():
    told = []
    async with opened(":memory:", embedder=Broken(1_000), warn=told.append) as memory:
        await memory.add([chat("a", CAT)])
        assert await recalled(memory, "the cat called Biscuit") == [CAT]
        assert await recalled(memory, "nothing of the sort") == []
        await memory.add([chat("b", "I play the drums every day")])
        await asyncio.sleep(1)
    assert told == ["The embedder is not there."]


async def test_what_the_embedder_missed_is_made_up_for_later():
    async with opened(":memory:", embedder=Broken(1), warn=lambda _: None) as memory:
        await memory.add([chat("a", CAT)])
        await asyncio.sleep(1)
        await memory.add([chat("b", "hi")])
        await asyncio.sleep(1)
        found = await memory.recall(Query(text="cat", viewer_id="t:1", at_ms=9_000))
        assert next(candidate for candidate in found if candidate.text == CAT).dense > 0


async def test_an_index_that_fails_does_not_end_the_show():
    class Down(ExactVectors):
        async def upsert(self, rows: Any) -> Any:
            raise MemoryStoreError("The index is down.")

        async def nearest(self, vector: Any, scope: Any, k: Any) -> Any:
            raise MemoryStoreError("The index is down.")

    told = []
    async with opened(":memory:", vectors=Down(), warn=told.append) as memory:
        await memory.add([chat("a", CAT)])
        assert await recalled(memory, "cat called Biscuit") == [CAT]
        await asyncio.sleep(1)
        assert await recalled(memory, "cat called Biscuit") == [CAT]
    assert told == ["The index is down."]


async def test_of_a_viewer_with_very_many_memories_the_old_ones_are_found_through_the_index(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(reading, "SCANNED", 5)
    async with opened(":memory:") as memory:
        lines = [f"I once visited the village number{at} in the mountains" for at in range(40)]
        await memory.add([chat(f"c{at}", line, at=at) for at, line in enumerate(lines)])
        await memory.add([chat("x", "I once visited the village of another", viewer="t:2", at=1)])
        await memory.indexed()
        found = await recalled(memory, "which village did I visit?")
        assert lines[0] in found
        assert "I once visited the village of another" not in found


async def test_the_same_events_give_the_same_recall_to_the_last_digit():
    async def once() -> Any:
        async with opened(":memory:") as memory:
            await memory.add([chat(f"c{at}", f"I have {at} cats and a dog called Rex{at}", at=at) for at in range(30)])
            await asyncio.sleep(0.5)
            return rank(
                await memory.recall(Query(text="how many cats?", viewer_id="t:1", at_ms=99)), "how many cats?", 99, 9
            )

    assert await once() == await once()


async def test_a_forgetting_that_was_cut_off_is_finished_at_the_next_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    path = tmp_path / "m.sqlite"
    garden = "my secret garden lies behind the mill"

    async def killed(*_args: Any, **_more: Any) -> Any:
        raise MemoryStoreError("cut off")

    vectors = ExactVectors()
    async with opened(path, vectors=vectors, warn=lambda _: None) as memory:
        await memory.add([chat("a", garden)])
        await memory.indexed()
        monkeypatch.setattr(vectors, "erase", killed)
        with pytest.raises(MemoryStoreError, match="cut off"):
            await memory.forget("t:1")
    async with opened(path) as memory:
        assert await recalled(memory, garden) == []
    assert erasing.residues([tmp_path / "m.sqlite", tmp_path / "m.sqlite-wal"], [garden.encode()]) == ()


async def test_a_disk_that_takes_nothing_gives_one_plain_sentence(tmp_path: Path):
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(MemoryStoreError, match="cannot be opened"):
        async with opened(tmp_path / "file" / "m.sqlite"):
            pass
    (tmp_path / "torn.sqlite").write_bytes(b"this is no database, whatever it is called" * 100)
    with pytest.raises(MemoryStoreError, match="is damaged"):
        async with opened(tmp_path / "torn.sqlite"):
            pass


async def test_a_closed_memory_says_so(tmp_path: Path):
    async with opened(tmp_path / "m.sqlite") as memory:
        pass
    assert memory.recent() == ()


VIEWERS = ("t:1", "t:2", "t:11", "t:login:anna")
SENTENCES = (
    "my cat is called Biscuit", "MY CAT is called Biscuit", "I moved to Sapporo last year", "lol", ":kappa:", "nice",
    "赤いロードスターに乗っています", "妹が来月アメリカに留学する", "I drink seven cups of coffee",
)  # fmt: skip


class AgainstADict(RuleBasedStateMachine):
    """The memory and a plain dict go through the same life."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner(loop_factory=VirtualLoop)
        self.now = 1_000
        self.events = {}
        self.gone = {}  # id -> whose it was, "" where that was never known
        self.heard = {}  # id -> whose it is, in order
        self.answered = set()
        self.banned = set()
        self.opening = opened(":memory:", lore=())
        self.memory = self.runner.run(self.opening.__aenter__())

    def teardown(self):
        self.runner.run(self.opening.__aexit__(None, None, None))
        self.runner.close()

    @rule(viewer=st.sampled_from(VIEWERS), text=st.sampled_from(SENTENCES), number=st.integers(0, 20))
    def says(self, viewer: str, text: str, number: int):
        self.now += 10
        event = chat(f"e{number}", text, viewer=viewer, at=self.now)
        self.runner.run(self.memory.add([event]))
        if event.id not in self.events and event.id not in self.gone:
            self.events[event.id] = event
            self.heard[event.id] = viewer

    @rule(numbers=st.sets(st.integers(0, 20), max_size=3))
    def begins_to_answer(self, numbers: set[int]):
        asked = tuple(f"e{number}" for number in sorted(numbers))
        self.runner.run(self.memory.add([airing(*asked, at=self.now)]))
        self.answered.update(asked)

    @rule(viewer=st.sampled_from(VIEWERS))
    def operator_bans(self, viewer: str):
        self.runner.run(self.memory.add([ban(viewer, at=self.now)]))
        self.banned.add(viewer)

    @rule(text=st.sampled_from(SENTENCES), to=st.sampled_from(VIEWERS))
    def performs(self, text: str, to: str):
        self.now += 10
        event = performed(f"p{self.now}", f"So you say that {text}", viewer=to, turn=f"turn{self.now}", at=self.now)
        self.runner.run(self.memory.add([event]))
        self.events[event.id] = event

    @rule(number=st.integers(0, 20))
    def deletes(self, number: int):
        self.now += 10
        name = f"e{number}"
        count = self.runner.run(self.memory.retract(Retract(id="r", at_ms=self.now, target_event=name)))
        taken = self.events.pop(name, None)
        assert count == (taken is not None)
        self.gone.setdefault(name, taken.viewer_id if taken else "")

    @rule(viewer=st.sampled_from(VIEWERS))
    def bans(self, viewer: str):
        self.now += 10
        count = self.runner.run(self.memory.retract(Retract(id="r", at_ms=self.now, target_viewer=viewer)))
        theirs = [
            name
            for name, event in self.events.items()
            if not isinstance(event, Performed) and event.viewer_id == viewer
        ]
        assert count == len(theirs)
        for name in theirs:
            del self.events[name]
            self.gone[name] = viewer

    @rule(viewer=st.sampled_from(VIEWERS))
    def forgets(self, viewer: str):
        receipt = self.runner.run(self.memory.forget(viewer))
        assert receipt.verified
        self.answered -= {name for name, owner in self.heard.items() if owner == viewer}
        self.heard = {name: owner for name, owner in self.heard.items() if owner != viewer}
        self.banned.discard(viewer)
        self.gone = {name: owner for name, owner in self.gone.items() if owner != viewer}
        self.events = {name: event for name, event in self.events.items() if event.viewer_id != viewer}

    @rule()
    def settles(self):
        self.runner.run(self.memory.indexed())

    @invariant()
    def shows_what_is_left(self):
        assert self.memory.recent() == tuple(self.events.values())

    @invariant()
    def has_left_what_is_unanswered(self):
        left = self.runner.run(self.memory.left())
        waiting = [name for name in self.events if name in self.heard and name not in self.answered]
        assert [event.id for event in left.unanswered] == waiting
        assert left.heard == {*self.heard, *self.gone}
        assert left.last_heard == next(reversed(self.heard), "")
        assert left.banned == self.banned

    @invariant()
    def recalls_only_a_viewers_own(self):
        self.runner.run(self.memory.indexed())
        for viewer in VIEWERS:
            found = self.runner.run(
                self.memory.recall(Query(text="cat Sapporo 留学", viewer_id=viewer, at_ms=self.now + 1, limit=1_000))
            )
            own = {
                normalized(event.text)
                for event in self.events.values()
                if not isinstance(event, Performed) and event.viewer_id == viewer and memorable(event)
            }
            assert {candidate.viewer_id for candidate in found} <= {viewer}
            assert sorted(normalized(candidate.text) for candidate in found) == sorted(own)


AgainstADict.TestCase.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
test_it_lives_like_a_dict = AgainstADict.TestCase


def test_a_run_on_virtual_time_leaves_no_task_behind():
    async def once() -> Any:
        async with opened(":memory:"):
            pass
        return asyncio.all_tasks()

    assert len(run_virtual(once())) == 1
