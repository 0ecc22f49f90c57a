"""Words that decide where speech may be cut: interjections that stand alone, and abbreviations that end in a dot."""

import re
from typing import Final

_REPEATS: Final = re.compile(r"(.)\1+")
_EDGES: Final = re.compile(r"^[\W_]+|[\W_]+$")
_LONG: Final = re.compile(r"[ー〜～~…・っッ\s]+")


def folded(text: str) -> str:
    """Give a short utterance in the form of the lists below: わああーっ、 and わあ are one, Hmmm… and hm are one."""
    plain = _EDGES.sub("", text.casefold().replace("’", "'"))
    return _REPEATS.sub(r"\1", _LONG.sub("" if not plain.isascii() else " ", plain)).strip()


_ENGLISH: Final = """
oh|oh wow|oh my|oh my god|oh my gosh|oh my goodness|oh no|oh yes|oh yeah|oh hi|oh hey|oh hello|oh nice|oh dear|oh really
ah|aha|ahh|aw|aww|wow|whoa|woah|ooh|oops|yay|hooray|yikes|phew|huh|eh|hm|hmm|mm|mhm|um|uh|er|erm|well|okay|ok|okay then
alright|all right|right|yes|yeah|yep|yup|no|nope|nah|sure|of course|certainly|absolutely|exactly|indeed|totally|hey
hey there|hey everyone|hi everyone|hello everyone|hi all|hey guys|hi guys|hey chat|hi chat|hello chat
|hi|hi there|hello|hello there|welcome|welcome back|thanks|thank you|thank you so much|thanks a lot|sorry|nice
great|cool|awesome|amazing|perfect|good question|great question|nice question|haha|hahaha|hehe|ehehe|fufu|heh|lol|really
let me see|let's see|let me think|good morning|good evening|good night|congrats|congratulations|no way|my bad|see|look
"""
_JAPANESE: Final = """
わ|わあ|わぁ|わわ|うわ|うわあ|うわぁ|お|おお|おっ|おや|おやおや|あ|ああ|あっ|あら|あらあら|あれ|あれれ|え|ええ|えっ|えー|へえ|へぇ|ほう|ほお
ふむ|ふむふむ|えっと|えと|ええと|えーと|うーん|うん|うんうん|ううん|うう|んー|ん|むむ|はい|はいはい|はーい|いいえ|いや|いやいや|いやあ|いやぁ|まあ|まぁ|ま|さあ|さて|さてさて|じゃ|じゃあ|では
それじゃ|それじゃあ
よし|よっし|ね|ねえ|ねぇ|ねえねえ|おっと|きゃ|きゃあ|ひゃあ|ひえ|ふふ|ふふふ|ふふん|えへ|えへへ|あは|あはは|はは|ははは|てへ|にゃ|にゃあ|にゃん
やった|やったあ|やったね|わーい|いえい|いえーい|すごい|すごーい|そう|そうそう|そうだね|そうだな|そうですね|そうですねえ|そうね|そっか|そっかあ|そうか|なるほど|なるほどね|もちろん|たしかに|確かに|本当
ほんと|ほんとに|まじ|まじか|マジ|マジか|ありがとう|ありがと|ありがとうね
|ありがとうございます|どうも|ごめん|ごめんね|ごめんなさい|すみません|こんにちは|こんばんは|おはよう|おはようございます
こん|やほ|やっほ|やっほー|ようこそ|おかえり|おかえりなさい|ただいま|おつかれ|お疲れ|おつかれさま|お疲れ様|お疲れさま|了解|オッケー|オーケー|いいね|いいよ|だよね|でしょ|どれどれ|おいおい|もう|もー|あのね|あの|その
"""
INTERJECTIONS: Final = frozenset(
    folded(word) for lines in (_ENGLISH, _JAPANESE) for word in lines.replace("\n", "|").split("|") if word
)

# A dot after these never ends a sentence: a name or a number follows, or the sentence goes on.
TITLES: Final = frozenset(
    (
        *("Mr", "Mrs", "Ms", "Mx", "Dr", "Prof", "St", "Sr", "Gen", "Col", "Sgt", "Capt", "Lt", "Maj", "Rev", "Hon"),
        *("Gov", "Sen", "Rep", "Pres", "Mt", "Ft", "Fig", "Vol", "Ver", "Ch", "Sec", "Ave", "Blvd", "Rd", "Est"),
        *("Jan", "Feb", "Mar", "Apr", "Jun", "Jul", "Aug", "Sep", "Sept", "Oct", "Nov", "Dec"),
        *("Mon", "Tue", "Tues", "Wed", "Thu", "Thurs", "Fri", "Sat", "Sun", "Approx", "Vs"),
        *(
            "mr",
            "mrs",
            "ms",
            "dr",
            "prof",
            "vs",
            "cf",
            "approx",
            "dept",
            "fig",
            "figs",
            "eq",
            "eg",
            "ie",
            "vol",
            "vols",
        ),
        *("pp", "eds", "al", "incl", "esp", "feat", "ver", "viz", "ca"),
    )
)
MAY_END: Final = frozenset(("etc", "inc", "ltd", "co", "corp", "jr", "esq", "phd"))  # a capital after them begins anew
BEFORE_NUMBER: Final = frozenset(("no", "nos", "nr", "art"))  # as in No. 5
WITH_MARK: Final = frozenset(("yahoo", "jeopardy"))  # names that carry an exclamation mark
