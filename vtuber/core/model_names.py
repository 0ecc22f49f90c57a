"""Which of the models that we know a server's name means, how much memory it takes, and how it is fetched."""

import re
from typing import Final

import msgspec

# What may stand behind family and size: the same weights in another packing. Anything else is somebody's own version,
# which is never chosen unasked.
_PACKING: Final = re.compile(
    r"latest|instruct|gguf|mlx|1m|i\d|imat|i?q\d\w*|(?:bf|fp|f)(?:16|32)|mxfp4|\d+bit|awq|gptq|dwq|ud"
)
_SIZE: Final = re.compile(r"\d+(?:\.\d+)?b")
_USUAL_CONTEXT_GB: Final = 1.5


class Known(msgspec.Struct, frozen=True):
    """A model that may be chosen. GB at 4 bits: its weights, and a few thousand tokens of context."""

    family: str
    size: str
    weights_gb: float
    context_gb: float
    lm_studio: str  # its name there

    @property
    def title(self) -> str:
        """Its name as Ollama's library writes it."""
        return f"{self.family}:{self.size}"

    @property
    def need_gb(self) -> float:
        """What it takes while it runs."""
        return self.weights_gb + self.context_gb

    def fetched_by(self, kind: str) -> str:
        """Give the command that fetches it for a kind of server."""
        return f"lms get {self.lm_studio}" if kind == "lmstudio" else f"ollama pull {self.title}"


# Best first. qwen2.5:3b is left out: its licence forbids commercial use, and a stream may earn money.
FAST: Final = (
    Known("qwen2.5", "14b", 9.0, 1.5, "qwen2.5-14b-instruct"),
    Known("qwen2.5", "7b", 4.7, 0.8, "qwen2.5-7b-instruct"),
    Known("qwen2.5", "1.5b", 1.0, 0.5, "qwen2.5-1.5b-instruct"),
    Known("qwen2.5", "0.5b", 0.4, 0.3, "qwen2.5-0.5b-instruct"),
)
DEEP: Final = (
    Known("gpt-oss", "120b", 65.0, 2.0, "openai/gpt-oss-120b"),
    Known("gpt-oss", "20b", 14.0, 1.0, "openai/gpt-oss-20b"),
)
_USUAL_SIZE: Final = (("qwen2.5", "7b"), ("gpt-oss", "20b"))  # what ":latest" is in Ollama's library


def known(name: str) -> Known | None:
    """Give the model that a server's name means, None for any other, a variant or a cloud model.

    Read are Ollama's names (qwen2.5:14b-instruct-q4_K_M, hf.co/…/Qwen2.5-14B-Instruct-GGUF:Q4_K_M) and LM Studio's
    (qwen2.5-14b-instruct@q4_k_m, openai/gpt-oss-20b).
    """
    base = name.lower().rpartition("/")[2]
    for family, usual in _USUAL_SIZE:
        if not base.startswith(family):
            continue
        rest = base[len(family) :]
        if rest and rest[0] not in ":-@":
            return None
        first, *more = [part for part in re.split(r"[:@\-]", rest) if part] or ["latest"]
        if first == "latest":
            first = usual
        if _SIZE.fullmatch(first) and all(_PACKING.fullmatch(part) for part in more):
            return next((one for one in (*FAST, *DEEP) if (one.family, one.size) == (family, first)), None)
    return None


def runs_in_the_cloud(name: str) -> bool:
    """Whether Ollama runs a model of this name on its own servers (gpt-oss:120b-cloud)."""
    return bool(re.search(r"[:\-]cloud$", name.lower()))


def not_for_business(name: str) -> bool:
    """Whether the model's licence is known to forbid commercial use."""
    return bool(re.match(r"qwen2\.5[:\-]3b\b", name.lower().rpartition("/")[2]))


def need_gb(name: str, size_gb: float) -> float:
    """Estimate what a model takes while it runs, from the server's word on its weights where there is one."""
    one = known(name)
    context = one.context_gb if one else _USUAL_CONTEXT_GB
    if size_gb:
        return size_gb + context
    return one.need_gb if one else 0.0
