"""Kana in Latin letters, so that an English voice can say a Japanese name."""

import re

_ROWS = (
    ("アイウエオ", "a i u e o"),
    ("カキクケコ", "ka ki ku ke ko"),
    ("ガギグゲゴ", "ga gi gu ge go"),
    ("サシスセソ", "sa shi su se so"),
    ("ザジズゼゾ", "za ji zu ze zo"),
    ("タチツテト", "ta chi tsu te to"),
    ("ダヂヅデド", "da ji zu de do"),
    ("ナニヌネノ", "na ni nu ne no"),
    ("ハヒフヘホ", "ha hi fu he ho"),
    ("バビブベボ", "ba bi bu be bo"),
    ("パピプペポ", "pa pi pu pe po"),
    ("マミムメモ", "ma mi mu me mo"),
    ("ヤユヨ", "ya yu yo"),
    ("ラリルレロ", "ra ri ru re ro"),
    ("ワヰヱヲンヴ", "wa i e o n vu"),
    ("ァィゥェォャュョヮ", "a i u e o ya yu yo wa"),
    ("ヵヶ", "ka ke"),
)
_KANA = re.compile(r"[ぁ-ゖァ-ヺ][ぁ-ゖァ-ヺー]*")
_SMALL_Y = frozenset("ャュョ")
_SMALL_VOWEL = frozenset("ァィゥェォ")
_HIRAGANA_TO_KATAKANA = 0x60


def romanized(text: str) -> str:
    """Write the kana of a text in Hepburn letters (みかちゃん -> Mikachan) and leave out what no letters stand for."""
    letters = _KANA.sub(lambda found: f" {_word(found[0])} ", text)
    return " ".join("".join(char if char.isascii() or _latin(char) else " " for char in letters).split())


def _latin(char: str) -> bool:
    return char.isalpha() and ord(char) < 0x250  # noqa: PLR2004 - the end of Latin Extended-B


def _word(kana: str) -> str:
    table = dict(pair for row, sounds in _ROWS for pair in zip(row, sounds.split(), strict=True))
    out: list[str] = []
    doubled = False
    for char in kana:
        big = chr(ord(char) + _HIRAGANA_TO_KATAKANA) if "ぁ" <= char <= "ゖ" else char
        if big == "ッ":
            doubled = True
            continue
        sound = table.get(big, "")
        if out and big in _SMALL_Y and out[-1].endswith("i"):
            stem = out[-1][:-1]
            out[-1] = stem + (sound[1:] if stem.endswith(("sh", "ch", "j")) else sound)
        elif out and big in _SMALL_VOWEL:
            out[-1] = out[-1][:-1] + sound
        elif sound:
            out.append(("t" if sound.startswith("ch") else sound[0]) + sound if doubled else sound)
        doubled = False
    return "".join(out).capitalize()
