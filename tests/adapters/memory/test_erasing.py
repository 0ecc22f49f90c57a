from pathlib import Path

import pytest
from sqlite_utils import Database

from tests.contracts.event_memory import CAT, airing, ban, chat, performed
from vtuber.adapters.memory import database, erasing, writing

GARDEN = "my secret garden lies behind the old mill"


@pytest.fixture
def store(tmp_path: Path):
    path = tmp_path / "m.sqlite"
    opened = database.connect(path)
    writing.add(opened, [chat("a", GARDEN, viewer="twitch:4711"), chat("b", CAT, viewer="twitch:22")], "s")
    told = [
        performed("p", "A garden, how lovely", viewer="twitch:4711"),
        performed("q", "Meow", viewer="twitch:22", turn="t2"),
    ]
    writing.add(opened, told, "s")
    yield path, opened
    opened.close()


def test_without_scrubbing_the_words_would_still_be_in_the_files(store: tuple[Path, Database]):
    path, db = store
    forgotten = erasing.forget_rows(db, "twitch:4711")
    assert erasing.residues(database.files(path), forgotten.needles)  # so the scan can find something


def test_after_scrubbing_no_byte_is_left(store: tuple[Path, Database]):
    path, db = store
    forgotten = erasing.forget_rows(db, "twitch:4711")
    erasing.scrub(db)
    db.close()
    assert b"twitch:4711" in forgotten.needles
    assert GARDEN.encode() in forgotten.needles
    assert erasing.residues(database.files(path), forgotten.needles) == ()
    assert erasing.residues([path], [CAT.encode(), b"Meow"]) == (CAT.encode(), b"Meow")


def test_rows_of_others_stay_and_are_counted_apart(store: tuple[Path, Database]):
    _, db = store
    forgotten = erasing.forget_rows(db, "twitch:4711")
    assert forgotten.rows == {
        "memories": 1,
        "memory_words": 1,
        "memory_evidence": 1,
        "answers": 0,
        "bans": 0,
        "performed": 1,
        "events": 1,
    }
    assert [row[0] for row in db.execute("SELECT id FROM events ORDER BY n")] == ["b", "q"]


def test_what_she_said_to_a_namesake_or_to_nobody_stays(store: tuple[Path, Database]):
    _, db = store
    namesake = [chat("n", "hello", viewer="youtube:4711"), performed("m", "Hi you", viewer="youtube:4711", turn="t3")]
    writing.add(
        db, [*namesake, performed("o", "Good evening", to="4711", turn="t4"), performed("x", "Well", turn="")], "s"
    )
    erasing.forget_rows(db, "twitch:4711")
    assert [row[0] for row in db.execute("SELECT id FROM events ORDER BY n")] == ["b", "q", "n", "m", "o", "x"]


def test_the_other_clauses_of_an_answer_go_with_it(store: tuple[Path, Database]):
    _, db = store
    writing.add(db, [performed("r", "And roses, too"), performed("s", "To you, 22", viewer="twitch:22")], "s")
    assert erasing.forget_rows(db, "twitch:4711").rows["performed"] == 2
    assert [row[0] for row in db.execute("SELECT id FROM events ORDER BY n")] == ["b", "q", "s"]


def test_of_a_viewer_she_called_by_another_name_no_byte_of_the_id_is_left(store: tuple[Path, Database]):
    path, db = store
    writing.add(db, [performed("r", "Dear gardener", viewer="twitch:4711", to="the gardener", turn="t5")], "s")
    forgotten = erasing.forget_rows(db, "twitch:4711")
    erasing.scrub(db)
    db.close()
    assert forgotten.rows["performed"] == 2
    assert erasing.residues(database.files(path), [b"twitch:4711", b"Dear gardener", b"the gardener"]) == ()


def test_her_own_words_are_not_looked_for_as_the_viewers(store: tuple[Path, Database]):
    _, db = store
    assert b"A garden, how lovely" not in erasing.forget_rows(db, "twitch:4711").needles


def test_words_that_another_viewer_said_too_are_no_residue(store: tuple[Path, Database]):
    _, db = store
    writing.add(db, [chat("c", CAT, viewer="twitch:4711")], "s")
    forgotten = erasing.forget_rows(db, "twitch:4711")
    assert CAT.encode() in forgotten.needles
    assert CAT.encode() not in erasing.unexplained(db, forgotten.needles)
    assert GARDEN.encode() in erasing.unexplained(db, forgotten.needles)


def test_a_reply_to_the_forgotten_keeps_its_words_but_not_the_id(store: tuple[Path, Database]):
    _, db = store
    writing.add(db, [chat("d", "so do I", viewer="twitch:22", reply_to_viewer="twitch:4711")], "s")
    erasing.forget_rows(db, "twitch:4711")
    assert erasing.unexplained(db, [b"twitch:4711"]) == (b"twitch:4711",)
    assert "so do I" in db.execute("SELECT body FROM events WHERE id = 'd'").fetchone()[0]


def test_a_forgetting_is_unfinished_until_it_is_finished(store: tuple[Path, Database]):
    _, db = store
    assert not erasing.unfinished(db)
    erasing.forget_rows(db, "nobody")
    assert erasing.unfinished(db)
    erasing.finish(db)
    assert not erasing.unfinished(db)


def test_answers_and_bans_of_the_forgotten_go_and_those_of_others_stay(store: tuple[Path, Database]):
    path, db = store
    writing.add(db, [airing("a", "b", "p"), ban("twitch:4711"), ban("twitch:471"), ban("twitch:22")], "s")
    forgotten = erasing.forget_rows(db, "twitch:4711")
    assert (forgotten.rows["answers"], forgotten.rows["bans"]) == (1, 1)
    assert [row[0] for row in db.execute("SELECT event_id FROM answers ORDER BY 1")] == ["b", "p"]
    assert [row[0] for row in db.execute("SELECT viewer_id FROM bans ORDER BY 1")] == ["twitch:22", "twitch:471"]
    erasing.scrub(db)
    db.close()
    assert erasing.residues(database.files(path), forgotten.needles) == ()


def test_an_id_that_begins_like_a_banned_one_is_no_residue(store: tuple[Path, Database]):
    path, db = store
    writing.add(db, [ban("twitch:4711999")], "s")
    needles = erasing.forget_rows(db, "twitch:4711").needles
    erasing.scrub(db)
    assert erasing.residues(database.files(path), needles) == (b"twitch:4711",)
    assert erasing.unexplained(db, [b"twitch:4711"]) == ()


def test_needles_are_found_in_folders_and_images_and_empty_files_do_no_harm(tmp_path: Path):
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "one").write_bytes(b"\0" * 5_000 + b"needle" + b"\0")
    (tmp_path / "empty").touch()
    assert erasing.residues([tmp_path], [b"needle", b"other"]) == (b"needle",)
    assert erasing.residues([tmp_path / "not there", b"an other image"], [b"needle", b"other"]) == (b"other",)
