from datetime import UTC, datetime
from pathlib import Path

import pytest

from vtuber import home
from vtuber.errors import UserMistake

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def test_the_home_is_what_was_given_then_the_variable_then_here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(home.VARIABLE, str(tmp_path / "named"))
    assert home.find(tmp_path / "given") == tmp_path / "given"
    assert home.find() == tmp_path / "named"
    monkeypatch.delenv(home.VARIABLE)
    (tmp_path / "characters").mkdir()
    assert home.find() == tmp_path


def test_without_characters_here_the_home_is_the_user_s_data_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(home.VARIABLE, raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    assert home.find() == tmp_path / "data" / "vtuber"


def test_two_runs_of_the_same_second_have_their_own_folders(tmp_path: Path):
    first, second = home.new_run(tmp_path, None, NOW), home.new_run(tmp_path, None, NOW)
    assert first.name == "20260102-030405"
    assert second.name == "20260102-030405-2"


def test_where_nothing_can_be_written_one_sentence_says_so(tmp_path: Path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(UserMistake, match=r"cannot be recorded .* --out"):
        home.new_run(tmp_path, tmp_path / "file" / "run", NOW)


def test_latest_points_to_the_newest_run(tmp_path: Path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        home.point_latest(tmp_path / name)
    assert (tmp_path / "latest").resolve() == (tmp_path / "b").resolve()


def test_a_system_without_links_gets_a_file_that_names_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def refused(*_args: object, **_more: object) -> None:
        raise OSError

    monkeypatch.setattr(Path, "symlink_to", refused)
    (tmp_path / "a").mkdir()
    home.point_latest(tmp_path / "a")
    home.point_latest(tmp_path / "a")
    assert (tmp_path / "latest").read_text().strip() == "a"


def test_a_run_is_found_as_it_is_named_here_in_the_home_and_as_latest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "runs" / "a").mkdir(parents=True)
    home.point_latest(tmp_path / "runs" / "a")
    monkeypatch.chdir(tmp_path / "runs")
    for named in (Path("a"), Path("latest"), Path("runs/a"), Path("runs/latest"), tmp_path / "runs" / "latest"):
        assert home.run_folder(named, tmp_path).resolve() == tmp_path / "runs" / "a"
        assert home.run_folder(named, tmp_path).name == "a"
    (tmp_path / "runs" / "latest").unlink()
    (tmp_path / "runs" / "latest").write_text("a\n")
    assert home.run_folder(Path("runs/latest"), tmp_path).name == "a"
    assert home.run_folder(Path("nowhere"), tmp_path) == tmp_path / "nowhere"


def test_a_folder_called_latest_is_left_alone(tmp_path: Path):
    (tmp_path / "latest").mkdir()
    home.point_latest(tmp_path / "a")
    assert (tmp_path / "latest").is_dir()
