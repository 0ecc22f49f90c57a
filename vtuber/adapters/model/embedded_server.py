"""The child process that holds the weights: llama.cpp's own HTTP server on a free local port, until its stdin closes.

It reads one JSON line from stdin (a Launch), prints one JSON line to stdout ({"port": …} or {"error": …}) when it is
ready, and exits when stdin ends: it never outlives its parent, on any system. What llama.cpp prints goes to stderr.
"""

import os
import signal
import sys
from contextlib import suppress
from typing import Any, BinaryIO, NamedTuple, NoReturn
from urllib.parse import urlsplit

import msgspec

# ChatML; with `enable_thinking` the answer begins inside a thought, which llama.cpp streams as its own field.
TEMPLATE = (
    "{%- for message in messages %}"
    "{{- '<|im_start|>' + message.role + '\\n' }}"
    "{%- if message.role == 'assistant' and message.reasoning_content %}"
    "{{- '<think>' + message.reasoning_content + '</think>' }}"
    "{%- endif %}"
    "{{- message.content + '<|im_end|>\\n' }}"
    "{%- endfor %}"
    "{%- if add_generation_prompt %}"
    "{{- '<|im_start|>assistant\\n' }}"
    "{%- if enable_thinking %}{{- '<think>' }}{%- endif %}"
    "{%- endif %}"
)


class Launch(msgspec.Struct, frozen=True, kw_only=True):
    """What the child is told."""

    model: str  # path of a GGUF file
    api_key: str  # asked of every request, so that no web page on this machine can use the model
    slots: int = 2
    tokens_per_slot: int = 4096
    threads: int = 2
    cache_mib: int = 512  # prompts that left their slot, kept in memory
    chat_template: str = TEMPLATE  # "" for the weights' own


def main() -> NoReturn:
    """Serve until stdin closes, then exit at once: 0, or 1 when the weights could not be loaded."""
    answer = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # llama.cpp must not write between our lines
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to obey; it closes our stdin
    os.environ["OMP_WAIT_POLICY"] = "passive"  # else waiting threads spin, and two busy cores decode ten times slower
    launch = msgspec.json.decode(sys.stdin.buffer.readline(), type=Launch)
    try:
        served = _serve(launch)
    except (ImportError, RuntimeError, OSError, ValueError) as error:
        _tell(answer, {"error": f"{type(error).__name__}: {error}"})
        sys.exit(1)
    _tell(answer, {"port": served.port})
    while sys.stdin.buffer.read(1):
        pass
    os._exit(0)  # not through the server's own stop: called soon after its start, that waits for ever


class _Served(NamedTuple):
    server: Any  # lives as long as it is held
    port: int


def _serve(launch: Launch) -> _Served:
    import xllamacpp  # noqa: PLC0415 - OMP_WAIT_POLICY must be set before

    params = xllamacpp.CommonParams()
    params.model.path = launch.model
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.api_keys = [launch.api_key]
    params.ui = False
    params.n_parallel = launch.slots
    params.n_ctx = launch.slots * launch.tokens_per_slot
    params.n_threads_http = 4
    params.cpuparams.n_threads = launch.threads
    params.cpuparams_batch.n_threads = launch.threads
    params.cache_ram_mib = launch.cache_mib
    params.endpoint_slots = True
    if launch.chat_template:
        params.chat_template = launch.chat_template
    server = xllamacpp.Server(params)
    port = urlsplit(server.listening_address).port
    if port is None:
        raise ValueError(f"no port in {server.listening_address}")
    return _Served(server, port)


def _tell(answer: BinaryIO, what: dict[str, object]) -> None:
    with suppress(BrokenPipeError):
        answer.write(msgspec.json.encode(what) + b"\n")
        answer.flush()


if __name__ == "__main__":
    main()
