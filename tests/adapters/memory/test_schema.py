from pathlib import Path

from tests.contracts.event_memory import performed
from vtuber.adapters.memory import database, writing
from vtuber.adapters.memory.schema import m002_whom_she_answered, migrations


def test_a_store_is_brought_to_the_newest_tables_once(tmp_path: Path):
    first = database.connect(tmp_path / "m.sqlite")
    applied = [one.name for one in migrations.applied(first)]
    first.execute("INSERT INTO facts (name, value) VALUES ('kept', 'yes')")
    first.close()
    again = database.connect(tmp_path / "m.sqlite")
    assert [one.name for one in migrations.applied(again)] == applied
    assert applied
    assert not migrations.pending(again)
    assert again.execute("SELECT value FROM facts").fetchone() == ("yes",)
    again.close()


def test_the_tables_hold_what_later_releases_count_on():
    db = database.connect(None)
    events, memories = db.table("events").columns_dict, db.table("memories").columns_dict
    assert {"stream_id", "viewer_id", "valence", "arousal", "trust", "recalled_ids", "deleted_ms"} <= set(events)
    assert {"valid_from", "valid_to", "superseded_by", "status", "proof_count", "strength", "emb_model"} <= set(
        memories
    )
    assert set(db.table("answers").columns_dict) == {"event_id", "turn", "at_ms"}
    assert set(db.table("bans").columns_dict) == {"viewer_id", "at_ms", "by"}
    assert set(db.table("memory_evidence").pks) == {"memory_id", "event_id"}
    db.close()


def test_of_older_rows_the_body_says_whom_she_answered():
    db = database.connect(None)
    writing.add(db, [performed("a", "Hi", viewer="t:1"), performed("b", "Well"), performed("c", "", viewer="t:2")], "s")
    db.execute("UPDATE events SET viewer_id = ''")
    db.execute("UPDATE events SET body = '' WHERE id = 'c'")
    m002_whom_she_answered(db)
    assert db.execute("SELECT id, viewer_id FROM events").fetchall() == [("a", "t:1"), ("b", ""), ("c", "")]
    db.close()


def test_search_words_are_ours_as_they_stand():
    db = database.connect(None)
    db.execute("INSERT INTO memory_words (rowid, words) VALUES (1, '猫 2024.05 café')")
    terms = {row[0] for row in db.execute("SELECT term FROM memory_terms")}
    assert terms == {"猫", "2024.05", "café"}
    db.close()
