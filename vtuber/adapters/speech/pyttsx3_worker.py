"""The child process in which pyttsx3 runs: one JSON request a line on stdin, one JSON answer a line on stdout.

At its start it says {"driver", "voices": [{"id", "name", "languages"}]}. A request {"text", "path", "voice", "rate",
"pitch"} is answered {"ok": true} once the sound file is complete. It ends when stdin does, and at the first error,
which it reports as {"error"}. The library hangs, prints on stdout, speaks only the last of several texts and must not
be shared: so it has a process of its own, which is asked for one text at a time and can be killed.
"""

import contextlib
import ctypes
import json
import os
import queue
import sys
import threading
import time
from types import TracebackType
from typing import Any, TextIO

_POLL_S, _IDLE_POLLS = 0.001, 3
_FINISH_S = 30.0  # the parent has its own, shorter limit and kills


def main() -> None:
    """Answer requests until stdin ends."""
    answers = _own_stdout()
    _report_errors_to(answers)
    requests: queue.Queue[str] = queue.Queue(1)
    threading.Thread(target=_read, args=(requests,), daemon=True).start()
    _find_espeak()
    import pyttsx3  # noqa: PLC0415 - it looks for espeak when imported

    engine = pyttsx3.init()
    finished: queue.Queue[bool] = queue.Queue()
    engine.connect("finished-utterance", lambda completed, **_about: finished.put(completed))
    if engine.driver_name == "espeak":
        _settle()
        engine.runAndWait()  # until its first run it only queues what it is told
    _send(
        answers,
        {"driver": engine.driver_name, "voices": [_described(voice) for voice in engine.getProperty("voices") or ()]},
    )
    while True:
        _save(engine, finished, json.loads(requests.get()))
        _send(answers, {"ok": True})


def _own_stdout() -> TextIO:
    """Keep stdout for the answers and give the library, which prints, a place where nobody reads."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8", newline="\n")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)
    return answers


def _report_errors_to(answers: TextIO) -> None:
    def report(kind: type[BaseException], error: BaseException, _trace: TracebackType | None) -> None:
        with contextlib.suppress(OSError):
            _send(answers, {"error": f"{kind.__name__}: {error}"[:300]})

    sys.excepthook = report


def _read(requests: "queue.Queue[str]") -> None:
    """Pass requests on; leave at once when the parent has gone, even while the library hangs."""
    for line in sys.stdin.buffer:
        requests.put(line.decode())
    os._exit(0)


def _find_espeak() -> None:
    """On Linux use the system's espeak-ng; where there is none, the one that the package espeakng-loader carries."""
    if sys.platform != "linux":
        return
    try:
        ctypes.CDLL("libespeak-ng.so.1")
    except OSError:
        with contextlib.suppress(ImportError):
            import espeakng_loader  # noqa: PLC0415 - wanted only where the system has none

            os.environ["ESPEAK_DATA_PATH"] = espeakng_loader.get_data_path()
            ctypes.CDLL(espeakng_loader.get_library_path(), ctypes.RTLD_GLOBAL)


def _described(voice: Any) -> dict[str, Any]:
    return {
        "id": str(voice.id),
        "name": str(voice.name),
        "languages": [str(language) for language in voice.languages or ()],
    }


def _save(engine: Any, finished: "queue.Queue[bool]", request: dict[str, Any]) -> None:
    if request["voice"]:
        engine.setProperty("voice", request["voice"])
    if engine.driver_name == "espeak":  # the other drivers know no pitch
        engine.setProperty("pitch", request["pitch"])
        _take(engine, "rate", request["rate"] - 1)  # two values, so that one differs from the rate before
        _take(engine, "rate", request["rate"])
        _settle()
    else:
        engine.setProperty("rate", request["rate"])
    engine.save_to_file(request["text"], request["path"])
    engine.runAndWait()
    # SAPI writes the file before runAndWait returns and never says so; the others may still be at it.
    if engine.driver_name == "sapi5":
        return
    whole = finished.get(timeout=_FINISH_S)
    while not finished.empty():  # a clause that espeak broke off is called finished once rightly and once not
        whole &= finished.get()
    if not whole:
        raise InterruptedError("the library stopped in mid-clause")


def _take(engine: Any, name: str, value: int) -> None:
    """Set a value and wait until espeak has it, and so every order before it.

    It carries orders out in a thread of its own, and runAndWait begins by cancelling those that still wait.
    """
    engine.setProperty(name, value)
    while engine.getProperty(name) != value:
        time.sleep(_POLL_S)


def _settle() -> None:
    """Wait until espeak is idle and stays so: it may look for work once more after the last order."""
    espeak = sys.modules["pyttsx3.drivers._espeak"]
    idle = 0
    while idle < _IDLE_POLLS:
        time.sleep(_POLL_S)
        idle = 0 if espeak.IsPlaying() else idle + 1


def _send(answers: TextIO, answer: dict[str, Any]) -> None:
    answers.write(json.dumps(answer) + "\n")
    answers.flush()


if __name__ == "__main__":
    main()
