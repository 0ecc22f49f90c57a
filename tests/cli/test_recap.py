import io
import json
from pathlib import Path

from rich.console import Console

from vtuber import journal
from vtuber.cli.recap import finish
from vtuber.events import Chat, Closed, Opened, Performed, Turn


def run_folder(tmp_path: Path) -> Path:
    folder = tmp_path / "runs" / "[one]"
    folder.mkdir(parents=True)
    asked = Chat(id="c", at_ms=10, platform="t", viewer_id="t:1", name="mika", text="<b>hi</b>")
    spoken = {"seq": 0, "text": "Hello!", "language": "en", "source": "fast", "last": False, "voice": "v"}
    events = [
        Opened(id="s", at_ms=0, schema=1, character="efu", stream_id="s", seed=0),
        asked,
        Turn(id="t", turn="t", at_ms=20, purpose="answer", chats=(asked,)),
        Performed(id="p", turn="t", at_ms=2000, started_ms=500, duration_ms=1500, **spoken),  # type: ignore[arg-type]
        Closed(id="e", at_ms=3000),
    ]
    (folder / "journal.jsonl").write_bytes(b"".join(journal.encode(event) + b"\n" for event in events))
    return folder


def test_a_run_is_summed_up_in_files_and_on_the_screen(tmp_path: Path):
    folder, screen = run_folder(tmp_path), io.StringIO()
    finish(folder, Console(file=screen, width=200))
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    assert (summary["answered"], summary["spoken_s"]) == (1, 1.5)
    assert "&lt;b&gt;" in (folder / "report.html").read_text(encoding="utf-8")
    assert "1 of 1 messages answered" in screen.getvalue()
    assert "[one]" in screen.getvalue(), "a folder's name is not markup"


def test_the_newest_run_is_the_latest(tmp_path: Path):
    folder = run_folder(tmp_path)
    finish(folder, Console(file=io.StringIO()))
    assert (folder.parent / "latest" / "summary.json").exists()
