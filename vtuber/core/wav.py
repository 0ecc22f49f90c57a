"""Sound files as bytes: reads WAV and AIFF, writes the header of a WAV."""

import math
import struct
from collections.abc import Iterator

import numpy as np

from vtuber.core.sound import Wave

HEADER_BYTES = 44
_LARGEST = 0xFFFF_FFFF  # bytes: sizes have 32 bits
_PCM, _FLOAT, _EXTENSIBLE = 1, 3, 0xFFFE
_LITTLE = (b"sowt",)


def header(samples: int, rate: int) -> bytes:
    """Give the 44 bytes before that many mono int16 samples. Raises ValueError beyond 4 GiB, where a WAV ends."""
    size = samples * 2
    if size + HEADER_BYTES > _LARGEST:
        raise ValueError("A WAV file holds at most 4 GiB.")
    form = struct.pack("<HHIIHH", _PCM, 1, rate, rate * 2, 2, 16)
    riff = b"RIFF" + struct.pack("<I", size + 36) + b"WAVE"
    return riff + b"fmt " + struct.pack("<I", 16) + form + b"data" + struct.pack("<I", size)


def decode(data: bytes) -> tuple[Wave, int]:
    """Read a WAV or AIFF: mono samples in -1..1 and their rate in Hz; channels are averaged. Raises ValueError."""
    try:
        if data[:4] == b"RIFF" and data[8:12] == b"WAVE":
            return _wav(data)
        if data[:4] == b"FORM" and data[8:12] in {b"AIFF", b"AIFC"}:
            return _aiff(data)
    except (struct.error, KeyError, IndexError) as error:
        raise ValueError("The sound file breaks off or is damaged.") from error
    raise ValueError("This is neither a WAV nor an AIFF file.")


def _chunks(data: bytes, order: str) -> Iterator[tuple[bytes, bytes]]:
    at = 12
    while at + 8 <= len(data):
        name, size = data[at : at + 4], struct.unpack_from(order + "I", data, at + 4)[0]
        yield name, data[at + 8 : at + 8 + size]
        at += 8 + size + size % 2


def _wav(data: bytes) -> tuple[Wave, int]:
    chunks = dict(_chunks(data, "<"))
    form, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", chunks[b"fmt "])
    if form == _EXTENSIBLE:
        form = struct.unpack_from("<H", chunks[b"fmt "], 24)[0]
    if form not in {_PCM, _FLOAT}:
        raise ValueError(f"The WAV file holds compressed sound (format {form}), which is not read here.")
    return _samples(chunks[b"data"], channels, bits, "<", floating=form == _FLOAT), rate


def _aiff(data: bytes) -> tuple[Wave, int]:
    chunks = dict(_chunks(data, ">"))
    common, sound = chunks[b"COMM"], chunks[b"SSND"]
    channels, _, bits = struct.unpack_from(">hIh", common)
    packing = common[18:22] if data[8:12] == b"AIFC" else b"NONE"
    if packing not in {b"NONE", b"twos", b"fl32", b"FL32", *_LITTLE}:
        raise ValueError(f"The AIFF file holds compressed sound ({packing!r}), which is not read here.")
    offset = struct.unpack_from(">I", sound)[0]
    order = "<" if packing in _LITTLE else ">"
    return _samples(sound[8 + offset :], channels, bits, order, floating=packing.lower() == b"fl32"), _extended(
        common[8:18]
    )


def _extended(ten: bytes) -> int:
    """Read a sampling rate from an 80-bit float."""
    exponent, mantissa = struct.unpack(">HQ", ten)
    return round(math.ldexp(float(mantissa), (exponent & 0x7FFF) - 16383 - 63))


def _samples(raw: bytes, channels: int, bits: int, order: str, *, floating: bool) -> Wave:
    width = (bits + 7) // 8
    if channels < 1 or width not in {1, 2, 3, 4, 8} or (floating and width < 4):  # noqa: PLR2004 - no shorter float
        raise ValueError(f"The sound file holds {channels} channels of {bits} bits, which are not read here.")
    raw = raw[: len(raw) // (width * channels) * width * channels]
    if floating:
        wave = np.frombuffer(raw, dtype=f"{order}f{width}").astype(np.float32)
    elif width == 1:  # a WAV's bytes are unsigned, an AIFF's signed
        wave = (
            np.frombuffer(raw, dtype="u1").astype(np.float32) - 128
            if order == "<"
            else np.frombuffer(raw, dtype="i1").astype(np.float32)
        )
        wave /= np.float32(128)
    else:
        whole = np.zeros(
            (len(raw) // width, 4), dtype=np.uint8
        )  # widened to 32 bits: 24-bit samples have no type of their own
        whole[:, 4 - width :] = np.frombuffer(raw, dtype=np.uint8).reshape(-1, width)[:, :: 1 if order == "<" else -1]
        wave = whole.view("<i4")[:, 0].astype(np.float32) / np.float32(2**31)
    mono: Wave = wave.reshape(-1, channels).mean(axis=1, dtype=np.float32)
    return mono
