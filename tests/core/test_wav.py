import io
import struct
import wave
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vtuber.core.wav import decode, header

RAMP = np.array([0, 1000, -1000, 32767, -32768, 5], dtype=np.int16)


def _wav(raw: bytes, *, rate: int = 22_050, channels: int = 1, width: int = 2) -> Any:
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(channels)
        out.setsampwidth(width)
        out.setframerate(rate)
        out.writeframes(raw)
    return file.getvalue()


def _aiff(
    raw: bytes,
    *,
    bits: int = 16,
    channels: int = 1,
    rate_bytes: str = "400dac44000000000000",
    kind: bytes = b"AIFF",
    packing: bytes = b"",
) -> Any:
    common = struct.pack(">hIh", channels, len(raw) * 8 // bits // channels, bits) + bytes.fromhex(rate_bytes) + packing
    sound = struct.pack(">II", 0, 0) + raw
    chunks = b"COMM" + struct.pack(">I", len(common)) + common + b"SSND" + struct.pack(">I", len(sound)) + sound
    return b"FORM" + struct.pack(">I", len(chunks) + 4) + kind + chunks


def test_a_wav_of_sixteen_bits_is_read():
    samples, rate = decode(_wav(RAMP.tobytes()))
    assert rate == 22_050
    assert np.allclose(samples * 32768, RAMP)


def test_twenty_four_bits_keep_their_sign_and_scale():
    raw = b"".join(int(value).to_bytes(3, "little", signed=True) for value in (0, 2**22, -(2**22), -(2**23)))
    samples, _ = decode(_wav(raw, width=3))
    assert np.allclose(samples, [0, 0.5, -0.5, -1])


def test_eight_bits_are_unsigned_in_a_wav_and_channels_are_averaged():
    assert np.allclose(decode(_wav(bytes([128, 192, 0]), width=1))[0], [0, 0.5, -1])
    stereo = np.array([[1000, 3000], [-2000, 0]], dtype=np.int16)
    assert np.allclose(decode(_wav(stereo.tobytes(), channels=2))[0] * 32768, [2000, -1000])


def test_a_float_wav_is_read():
    form = struct.pack("<HHIIHH", 3, 1, 48_000, 192_000, 4, 32)
    raw = np.array([0.25, -0.5], dtype="<f4").tobytes()
    data = b"RIFF\0\0\0\0WAVEfmt " + struct.pack("<I", 16) + form + b"data" + struct.pack("<I", 8) + raw
    samples, rate = decode(data)
    assert (rate, samples.tolist()) == (48_000, [0.25, -0.5])


def test_an_aiff_is_read_big_endian_with_its_80_bit_rate():
    samples, rate = decode(_aiff(RAMP.astype(">i2").tobytes()))
    assert rate == 22_050
    assert np.allclose(samples * 32768, RAMP)


def test_an_aifc_of_little_endian_or_float_samples_is_read():
    little = _aiff(RAMP.astype("<i2").tobytes(), kind=b"AIFC", packing=b"sowt\0\0")
    assert np.allclose(decode(little)[0] * 32768, RAMP)
    floats = _aiff(np.array([0.5, -0.25], dtype=">f4").tobytes(), bits=32, kind=b"AIFC", packing=b"fl32\0\0")
    assert decode(floats)[0].tolist() == [0.5, -0.25]


def test_aiff_bytes_are_signed():
    assert np.allclose(decode(_aiff(bytes([0, 64, 0x80]), bits=8))[0], [0, 0.5, -1])


@given(st.integers(0, 500), st.sampled_from([8000, 22_050, 24_000, 48_000]))
def test_our_header_is_one_that_others_read(count: int, rate: int):
    raw = np.arange(count, dtype="<i2").tobytes()
    with wave.open(io.BytesIO(header(count, rate) + raw)) as file:
        assert (file.getnframes(), file.getframerate(), file.getnchannels(), file.getsampwidth()) == (count, rate, 1, 2)
        assert file.readframes(count) == raw


def test_a_show_of_more_than_four_gibibytes_is_refused_rather_than_written_wrong():
    with pytest.raises(ValueError, match="4 GiB"):
        header(2**31, 24_000)


@given(st.binary(max_size=80))
def test_what_is_no_sound_file_is_a_value_error(data: bytes):
    for start in (b"", b"RIFF\0\0\0\0WAVE", b"FORM\0\0\0\0AIFF", _wav(b"")[:30], _aiff(b"")[:40]):
        try:
            decode(start + data)
        except ValueError:
            continue


def test_compressed_sound_is_refused_by_name():
    compressed = bytearray(_wav(RAMP.tobytes()))
    compressed[20:22] = struct.pack("<H", 85)
    with pytest.raises(ValueError, match="compressed"):
        decode(bytes(compressed))
    with pytest.raises(ValueError, match="compressed"):
        decode(_aiff(b"", kind=b"AIFC", packing=b"ima4\0\0"))
