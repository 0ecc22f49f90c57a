"""A program of the system answers one question, or nothing is heard of it."""

import sys

from vtuber.adapters.machine.asking import answer

HERE = sys.executable


def test_what_a_program_prints_is_its_answer():
    assert answer(HERE, "-c", "print('12345, 999')").split() == ["12345,", "999"]


def test_a_program_that_is_not_there_or_fails_says_nothing():
    assert answer("no-such-program-anywhere") == ""
    assert answer(HERE, "-c", "print('half'); raise SystemExit(3)") == ""


def test_a_program_that_hangs_is_ended_and_says_nothing():
    assert answer(HERE, "-c", "print('soon', flush=True); input(); import time; time.sleep(60)", limit_s=0.3) == ""


def test_words_in_another_encoding_do_no_harm():
    assert answer(HERE, "-c", "import sys; sys.stdout.buffer.write(b'GPU \\xff')") == "GPU \ufffd"
