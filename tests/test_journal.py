"""A journal gives back what was noted, and neither it nor its disk ever stops a show."""

import asyncio
import os
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vtuber.clock import Clock, run_virtual
from vtuber.errors import NotFound, UserMistake
from vtuber.events import SCHEMA, Chat, Event, Opened, Skipped, Thought
from vtuber.journal import EVERY_MS, RETRY_MS, Journal, decode, encode, read, segments

OPENED = Opened(id="o", at_ms=5, schema=SCHEMA, character="mika", stream_id="s", seed=0)


def chat(number: int) -> Chat:
    return Chat(id=f"c{number}", at_ms=number, platform="test", text="こんにちは\n😊")


PLAIN: dict[Any, st.SearchStrategy[Any]] = {
    str: st.text(),
    int: st.integers(-(2**53), 2**53),
    float: st.floats(allow_nan=False, allow_infinity=False),
    bool: st.booleans(),
    type(None): st.none(),
}


def values(kind: Any) -> st.SearchStrategy[Any]:
    """Give every value that a field of this type may hold."""
    inner = get_args(kind)
    match get_origin(kind):
        case None if kind in PLAIN:
            return PLAIN[kind]
        case None:
            fields = {field.name: values(field.type) for field in msgspec.structs.fields(kind)}
            return st.fixed_dictionaries(fields).map(lambda named: kind(**named))
        case origin if origin is Literal:
            return st.sampled_from(inner)
        case origin if origin is tuple:
            return st.lists(values(inner[0]), max_size=3).map(tuple)
        case origin if origin is dict:
            return st.dictionaries(values(inner[0]), values(inner[1]), max_size=3)
        case _:
            return st.one_of(*map(values, inner))


EVENTS = st.one_of(*(values(kind) for kind in get_args(Event)))


@settings(deadline=None)
@given(EVENTS)
def test_every_event_comes_back_as_it_was_written(event: Event):
    line = encode(event)
    assert b"\n" not in line
    assert decode(line) == event
    assert encode(decode(line)) == line


def test_a_journal_gives_back_what_was_noted_in_order(tmp_path: Path):
    path = tmp_path / "runs" / "one" / "journal.jsonl"
    journal = Journal(path)
    for event in (OPENED, chat(1), chat(2)):
        journal.note(event)
    journal.close()
    assert list(read(path)) == [OPENED, chat(1), chat(2)]
    assert (journal.written, journal.lost) == (3, 0)


def test_thoughts_are_left_out_unless_asked_for(tmp_path: Path):
    thought = Thought(id="t", at_ms=6, tier="deep", text="hmm")
    path = tmp_path / "journal.jsonl"
    path.write_bytes(b"\n".join(map(encode, (OPENED, thought, chat(1)))))
    assert list(read(path)) == [OPENED, chat(1)]
    assert list(read(path, thoughts=True)) == [OPENED, thought, chat(1)]


def test_what_cannot_be_read_is_skipped_with_its_line_and_the_rest_is_read(tmp_path: Path):
    path = tmp_path / "journal.jsonl"
    lines = [
        encode(msgspec.structs.replace(OPENED, schema=SCHEMA + 1)),
        b'{"kind":"opinion","id":"x","at_ms":7}',
        b"",
        b'{"kind":"chat","id":"x"}',
        b"\xff\xfe",
        b"[" * 100_000,
        encode(chat(8)).replace(b'"text"', b'"mood":"new","text"'),
    ]
    path.write_bytes(b"\n".join(lines) + b"\n")
    opened, *events = read(path)
    assert isinstance(opened, Opened)
    assert [(event.reason, event.line) for event in events if isinstance(event, Skipped)] == [
        ("unknown_kind", 2),
        ("broken_line", 4),
        ("broken_line", 5),
        ("broken_line", 6),
    ]
    assert events[-1] == chat(8)


@given(st.integers(min_value=0))
def test_a_torn_last_line_costs_that_line_only(tmp_path_factory: pytest.TempPathFactory, cut: int):
    last = encode(chat(2)) + b"\n"
    path = tmp_path_factory.mktemp("torn") / "journal.jsonl"
    path.write_bytes(encode(OPENED) + b"\n" + encode(chat(1)) + b"\n" + last[: cut % (len(last) + 1)])
    opened, first, *rest = read(path)
    assert (opened, first) == (OPENED, chat(1))
    assert [event == chat(2) or (isinstance(event, Skipped) and event.line == 3) for event in rest] in ([], [True])


def test_a_journal_that_is_not_there_is_not_found(tmp_path: Path):
    with pytest.raises(NotFound, match="no journal"):
        list(read(tmp_path / "journal.jsonl"))


def test_a_place_that_cannot_be_written_is_said_in_one_sentence_before_the_show(tmp_path: Path):
    (tmp_path / "taken").write_text("a file where the folder should be")
    with pytest.raises(UserMistake, match="cannot be written"):
        Journal(tmp_path / "taken" / "journal.jsonl")
    with pytest.raises(UserMistake, match="cannot be written"):
        Journal(tmp_path)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission_is_named_as_such(tmp_path: Path):
    tmp_path.chmod(0o500)
    with pytest.raises(UserMistake, match="no permission"):
        Journal(tmp_path / "journal.jsonl")


def ids(path: Path) -> list[str]:
    return [event.id for event in read(path)]


FULL = pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no disk that is always full")


def on_a_full_disk(folder: Path) -> Path:
    """Give a journal's path whose first file takes nothing."""
    folder.mkdir()
    path = folder / "journal.jsonl"
    path.symlink_to("/dev/full")
    return path


@contextmanager
def room(size: int):
    """Let no file grow beyond so many bytes."""
    import resource  # noqa: PLC0415 - not on every system

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@FULL
def test_a_full_disk_costs_the_recording_and_is_said_once(tmp_path: Path):
    warnings: list[str] = []
    path = on_a_full_disk(tmp_path / "run")
    journal = Journal(path, warn=warnings.append)
    path.parent.rename(tmp_path / "gone")  # no new file either
    journal.note(chat(1))
    journal.flush()
    for number in range(2, 5):
        journal.note(chat(number))
        journal.flush()
    journal.close()
    assert (journal.written, journal.lost, len(warnings)) == (0, 4, 1)
    assert "the show goes on" in warnings[0]


def test_an_event_that_cannot_be_written_down_costs_only_itself(tmp_path: Path):
    warnings: list[str] = []
    journal = Journal(tmp_path / "journal.jsonl", warn=warnings.append)
    for _ in range(3):
        journal.note(msgspec.structs.replace(chat(1), text="\ud800"))
    journal.note(chat(2))
    journal.close()
    assert list(read(journal.path)) == [chat(2)]
    assert (journal.lost, len(warnings)) == (3, 1)


def test_what_is_noted_after_the_end_is_counted_as_lost(tmp_path: Path):
    journal = Journal(tmp_path / "journal.jsonl")
    journal.close()
    journal.note(chat(1))
    journal.close()
    assert journal.lost == 1


def test_while_it_runs_an_event_is_in_the_file_a_tenth_of_a_second_later(tmp_path: Path):
    path = tmp_path / "journal.jsonl"

    async def show() -> list[int]:
        clock = Clock(0)
        journal = Journal(path)
        sizes = []
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(journal.run(clock))
            for at_ms in (1000, 5000):
                await clock.until(at_ms)
                journal.note(chat(at_ms))
                await clock.sleep(EVERY_MS - 1)
                sizes.append(len(list(read(path))))
                await clock.sleep(2)
                sizes.append(len(list(read(path))))
            journal.close()
        return sizes

    assert run_virtual(show()) == [0, 1, 1, 2]


def test_a_flood_is_written_without_waiting_for_the_next_flush(tmp_path: Path):
    journal = Journal(tmp_path / "journal.jsonl")
    for number in range(5000):
        journal.note(chat(number))
    assert journal.written > 0
    journal.close()
    assert [event.id for event in read(journal.path)] == [f"c{number}" for number in range(5000)]


def test_flushing_from_a_thread_while_noting_keeps_every_event_in_order(tmp_path: Path):
    journal = Journal(tmp_path / "journal.jsonl")

    async def show() -> None:
        for number in range(20_000):
            journal.note(chat(number))
            if number % 1000 == 0:
                await asyncio.sleep(0)

    async def flush() -> None:
        for _ in range(200):
            await asyncio.to_thread(journal.flush)

    async def both() -> None:
        await asyncio.gather(show(), flush())

    asyncio.run(both())
    journal.close()
    assert [event.id for event in read(journal.path)] == [f"c{number}" for number in range(20_000)]
    assert (journal.written, journal.lost) == (20_000, 0)


@FULL
def test_when_there_is_room_again_the_journal_goes_on_and_says_what_is_missing(tmp_path: Path):
    warnings: list[str] = []
    path = on_a_full_disk(tmp_path / "run")

    async def show() -> Journal:
        clock = Clock(0)
        journal = Journal(path, warn=warnings.append)
        path.parent.rename(tmp_path / "gone")
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(journal.run(clock))
            journal.note(OPENED)
            for number in range(1, 40):
                await clock.sleep(500)
                journal.note(chat(number))
                if number == 25:
                    (tmp_path / "gone").rename(path.parent)
            journal.close()
        return journal

    journal = run_virtual(show())
    path.unlink()
    path.write_bytes(b"")  # what a full disk holds
    opened, *events = read(path)
    assert opened == OPENED  # repeated, since the first was lost
    assert events == [chat(number) for number in range(40 - len(events), 40)]
    first = events[0].at_ms
    assert 25 <= first <= 25 + RETRY_MS // 500 + 1
    assert (journal.written, journal.lost) == (len(events), first)  # the first Opened and the chats before
    assert len(warnings) == 2
    assert "takes no more (No space left on device): the show goes on unrecorded" in warnings[0]
    assert f"goes on in {segments(path)[-1].name}; it lacks {first} events" in warnings[1]


@pytest.mark.skipif(os.name != "posix", reason="only there can the room for a file be limited")
def test_tries_that_fail_leave_no_files_behind(tmp_path: Path):
    warnings: list[str] = []
    journal = Journal(tmp_path / "journal.jsonl", warn=warnings.append)
    with room(60):
        for event in (OPENED, chat(1), chat(2)):
            journal.note(event)
            journal.flush(again=True)
    assert [found.name for found in tmp_path.iterdir()] == ["journal.jsonl"]
    journal.note(chat(3))
    journal.close()
    torn, opened, last = read(journal.path)
    assert isinstance(torn, Skipped)
    assert (opened, last) == (OPENED, chat(3))
    assert (journal.written, journal.lost, len(warnings)) == (1, 3, 2)


@pytest.mark.skipif(os.name != "posix", reason="only there can the room for a file be limited")
def test_of_a_batch_that_did_not_fit_the_whole_lines_count_as_written(tmp_path: Path):
    lines = [encode(chat(number)) + b"\n" for number in range(4)]
    journal = Journal(tmp_path / "journal.jsonl")
    with room(len(b"".join(lines[:2])) + 5):
        for number in range(4):
            journal.note(chat(number))
        journal.flush()
    journal.close()
    assert [isinstance(event, Skipped) or event.id for event in read(journal.path)] == ["c0", "c1", True]
    assert (journal.written, journal.lost) == (2, 2)


@settings(deadline=None)
@given(st.lists(EVENTS, max_size=12), st.integers(0, 600), st.sets(st.integers(0, 12)), st.sets(st.integers(0, 12)))
def test_any_events_come_back_whatever_the_rotation_and_the_resumptions(
    tmp_path_factory: pytest.TempPathFactory, events: list[Event], rotate: int, flushes: set[int], restarts: set[int]
):
    path = tmp_path_factory.mktemp("rotated") / "journal.jsonl"
    events = [msgspec.structs.replace(event, id=str(number)) for number, event in enumerate(events)]  # ids are unique
    journal = Journal(path, rotate_bytes=rotate)
    for at, event in enumerate(events):
        if at in restarts:
            journal.close()
            journal = Journal(path, rotate_bytes=rotate, resume=True)
        journal.note(event)
        if at in flushes:
            journal.flush()
    journal.close()
    assert list(read(path, thoughts=True)) == events
    assert len(segments(path)) > len(restarts & set(range(len(events))))


def test_a_journal_that_has_grown_goes_on_in_segments_that_can_each_be_read_alone(tmp_path: Path):
    journal = Journal(tmp_path / "journal.jsonl", rotate_bytes=400)
    for event in (OPENED, *map(chat, range(12))):
        journal.note(event)
        journal.flush()
    journal.close()
    assert ids(journal.path) == ["o", *(f"c{number}" for number in range(12))]
    first, *later = segments(journal.path)
    assert [path.name for path in later[:2]] == ["journal.0002.jsonl", "journal.0003.jsonl"]
    assert ids(first) != ids(later[0])
    assert all(next(iter(read(path))) == OPENED for path in later)
    assert [event for path in later for event in read(path) if event != OPENED] == [
        chat(number) for number in range(12) if f"c{number}" not in first.read_text(encoding="utf-8")
    ]


def test_below_its_size_a_journal_is_one_file_with_nothing_repeated(tmp_path: Path):
    journal = Journal(tmp_path / "journal.jsonl")
    for event in (OPENED, chat(1)):
        journal.note(event)
        journal.flush()
    journal.close()
    assert segments(journal.path) == (journal.path,)
    assert journal.path.read_bytes() == encode(OPENED) + b"\n" + encode(chat(1)) + b"\n"


@given(st.integers(min_value=0))
def test_a_killed_run_that_is_resumed_loses_no_more_than_its_torn_line(
    tmp_path_factory: pytest.TempPathFactory, cut: int
):
    last = encode(chat(2)) + b"\n"
    path = tmp_path_factory.mktemp("resumed") / "journal.jsonl"
    before = encode(OPENED) + b"\n" + encode(chat(1)) + b"\n" + last[: cut % len(last)]
    path.write_bytes(before)
    again = msgspec.structs.replace(OPENED, id="o2", part=1)
    for part in (again, chat(3)):
        journal = Journal(path, resume=True)
        journal.note(part)
        journal.close()
    assert path.read_bytes() == before
    opened, first, *torn, second, third = read(path)
    assert (opened, first, second, third) == (OPENED, chat(1), again, chat(3))
    assert torn in ([], [chat(2)], [Skipped(id="line:3", at_ms=1, reason="broken_line", line=3)])
    assert [event.id for path in segments(path)[1:] for event in read(path)] == ["o", "o2", "o", "c3"]


def test_a_run_that_lost_its_first_file_is_not_overwritten_by_resuming(tmp_path: Path):
    path = tmp_path / "journal.jsonl"
    later = tmp_path / "journal.0007.jsonl"
    later.write_bytes(encode(OPENED) + b"\n")
    journal = Journal(path, resume=True)
    journal.note(chat(1))
    journal.close()
    assert ids(later) == ["o"]
    assert ids(tmp_path / "journal.0008.jsonl") == ["o", "c1"]


def test_a_new_run_in_an_old_folder_leaves_nothing_of_the_old_one(tmp_path: Path):
    path = tmp_path / "journal.jsonl"
    for name in ("journal.0002.jsonl", "journal.0003.jsonl", "journal.0002.jsonl.bak", "journal.2.jsonl"):
        (tmp_path / name).write_bytes(encode(chat(1)) + b"\n")
    Journal(path, resume=False).close()
    assert sorted(found.name for found in tmp_path.iterdir()) == [
        "journal.0002.jsonl.bak",
        "journal.2.jsonl",
        "journal.jsonl",
    ]


def test_a_resumed_run_without_an_earlier_journal_begins_one(tmp_path: Path):
    journal = Journal(tmp_path / "run" / "journal.jsonl", resume=True)
    journal.note(OPENED)
    journal.close()
    assert ids(journal.path) == ["o"]
    assert segments(journal.path) == (journal.path,)
