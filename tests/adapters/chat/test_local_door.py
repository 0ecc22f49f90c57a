"""The door of the local WebSocket: the token is made once and kept close, and foreign web pages stay outside."""

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from vtuber.adapters.chat.local_door import Hall, Knock, matches, token
from vtuber.errors import UserMistake


def knock(*, host: str = "127.0.0.1:11190", path: str = "/", **more: list[str]) -> Knock:
    headers = {"hosts": [host], "origins": [], "authorizations": []} | more
    return Knock(path=path, **headers)


def test_a_token_is_made_once_and_kept_over_restarts(tmp_path: Path):
    file = tmp_path / "home" / "token"
    made = token(file)
    assert len(made) >= 43
    assert token(file) == made
    assert file.read_text(encoding="utf-8").strip() == made
    assert token(tmp_path / "other") != made
    assert [path.name for path in file.parent.iterdir()] == ["token"]


@pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX's")
def test_a_token_is_its_owners_alone_also_when_the_file_was_open_to_all(tmp_path: Path):
    file = tmp_path / "token"
    made = token(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    file.chmod(0o644)
    assert token(file) == made
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_programs_that_make_the_token_at_once_get_the_same_one(tmp_path: Path):
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(token, [tmp_path / "token"] * 8))) == 1


def test_an_empty_file_gets_a_token_and_a_short_one_is_a_mistake(tmp_path: Path):
    file = tmp_path / "token"
    file.write_text(" \n", encoding="utf-8")
    assert len(token(file)) >= 43
    file.write_text("12345", encoding="utf-8")
    with pytest.raises(UserMistake, match="shorter than 16"):
        token(file)


def test_a_token_that_cannot_be_kept_is_told_with_what_to_do(tmp_path: Path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    (tmp_path / "token").write_bytes(b"\xff\xfe")
    for path in (tmp_path, tmp_path / "file" / "token", tmp_path / "token"):
        with pytest.raises(UserMistake, match="turn the local WebSocket off"):
            token(path)


def test_only_the_whole_token_matches_and_none_matches_nothing():
    assert matches("abcdef", "abcdef")
    assert not any(matches(shown, "abcdef") for shown in ("", "abcde", "abcdefg", "ABCDEF", "あ", "\udc80"))
    assert not matches("", "")


@pytest.mark.parametrize("host", ["127.0.0.1:11190", "localhost:11190", "LOCALHOST:11190", "[::1]:11190"])
def test_this_machine_by_any_of_its_names_may_come_in(host: str):
    assert not knock(host=host).refusal(11190, ())


@pytest.mark.parametrize(
    "host", ["evil.example:11190", "127.0.0.1", "127.0.0.1:80", "127.0.0.1.evil.example:11190", "192.168.0.5:11190", ""]
)
def test_another_name_is_refused_so_that_no_name_server_can_lead_a_page_here(host: str):
    assert "ws://127.0.0.1:11190" in knock(host=host).refusal(11190, ())


def test_two_hosts_or_none_are_refused():
    good = "127.0.0.1:11190"
    assert knock(hosts=[]).refusal(11190, ())
    assert knock(hosts=[good, good]).refusal(11190, ())


@pytest.mark.parametrize(
    "origins", [["https://evil.example"], ["null"], ["http://127.0.0.1:11190"], ["http://localhost:3000"] * 2]
)
def test_a_web_page_is_refused(origins: list[str]):
    assert "Web pages" in knock(origins=origins).refusal(11190, ("http://localhost:3000",))


def test_a_web_page_that_the_settings_name_may_come_in():
    assert not knock(origins=["http://localhost:3000"]).refusal(11190, ("http://localhost:3000",))


@pytest.mark.parametrize(
    ("path", "authorizations", "shown"),
    [
        ("/", ["Bearer abc"], "abc"),
        ("/", ["Basic xyz", "bearer  abc "], "abc"),
        ("/?token=a%2Bb", [], "a+b"),
        ("/chat?x=1&token=abc", ["Basic xyz"], "abc"),
        ("/?" + "a=1&" * 20, [], ""),
        ("//[", [], ""),
        ("/", [], ""),
    ],
)
def test_a_token_is_found_in_the_header_or_the_query(path: str, authorizations: list[str], shown: str):
    assert knock(path=path, authorizations=authorizations).token == shown


def test_in_a_full_hall_a_newcomer_sends_away_the_one_that_stood_there_longest():
    hall, gone = Hall(), []
    for number in range(32):
        hall.enter(number, lambda number=number: gone.append(number))
    hall.exit(0)
    hall.enter(32, lambda: gone.append(32))
    assert gone == []
    hall.enter(33, lambda: gone.append(33))
    assert gone == [1]
    hall.clear()
    assert sorted(gone) == list(range(1, 34))
