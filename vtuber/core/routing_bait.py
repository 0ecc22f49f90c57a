"""Cleans a message before its difficulty is read: attempts to set the route by saying so, and noise, are taken out."""

import re
import unicodedata
from html import unescape
from typing import NamedTuple

RAW_LIMIT = 1000  # characters looked at before cleaning, so that a hostile message costs no more than a long one
CLEAN_LIMIT = 500  # characters after cleaning; of a longer text the beginning and the end are kept

_HINTS = (
    r"system|admin|developer|operator|rout(?:e|ing)|difficulty|complexity|escalat|override|"
    r"priority|tier|instruction|"
    r"model|deep|hard|システム|管理者|開発者|運営|ルート|ルーティング|難易度|優先|指示|命令|"
    r"モデル|難問|エスカレ"
)
_HARD = (
    r"(?:hard|difficult|complex|tricky|tough|deep|advanced|complicated|challenging|"
    r"expert[- ]level|phd[- ]level|multi[- ]?(?:step|part))"
)
_HARDSHIP = rf"{_HARD}(?:,? {_HARD}){{0,2}}"
_DEGREE = r"(?:very |really |super |extremely |so |an? |the |most ){0,5}"
_BIG = (
    r"(?:big(?:ger|gest)?|large[rst]*|deep(?:er|est)?|slow(?:er)?|smart(?:er|est)?|"
    r"strong(?:er|est)?|hard|heavy|best|120b|pro)"
)
_KEYS = (
    r"(?:route|routing|tier|model|difficulty|complexity|mode|priority|effort|escalate|"
    r"reasoning|ルート|難易度|モード|優先度?|経路)"
)
_HARD_JA = (
    r"(?:とても|すごく|非常に|めちゃ(?:くちゃ)?|超|かなり|最も)?(?:難しい|難解な|高度な|"
    r"複雑な|むずい|むずかしい|深い|超難問|難問)"
)

# Attempts to set the route by saying so: taken out, so that only what is really asked counts.
_BAITS = tuple(
    re.compile(pattern)
    for pattern in (
        r"<\|[^|>]{0,40}\|>",
        rf"```[^`]{{0,200}}?(?:{_KEYS})\W[^`]{{0,200}}?```",
        (
            rf"(?:(?:^|(?<=\s))(?:--?|[/!]|sudo )|x-)(?:{_KEYS}|エスカレート)\b[ :=]{{0,3}}"
            r"(?:hard|deep|high|max|slow|big|\d+|難|深)?"
        ),
        rf"\[[^\[\]]{{0,200}}(?:{_HINTS})[^\[\]]{{0,200}}\]",
        rf"【[^【】]{{0,200}}(?:{_HINTS})[^【】]{{0,200}}】",
        rf"<(?P<tag>[^\W\d]{{2,20}})[^>]{{0,80}}>[^<]{{0,200}}(?:{_HINTS})[^<]{{0,200}}</(?P=tag)>",
        r"\([^()]{0,200}(?:system|route|routing|escalat|admin|システム|ルート|難易度)[^()]{0,200}\)",
        r"\{\s*[\"'][^{}]{0,400}\}",
        r"<(?P<role>system|admin|developer|instructions?|think(?:ing)?|prompt|システム)>[^<]{0,200}</(?P=role)>",
        rf"</?(?:system|admin|assistant|user|developer|instructions?|think|prompt|システム|{_KEYS})[^>]{{0,40}}>",
        (
            r"(?:^|(?<=[\s.!?]))#{0,4}\s?(?:system|assistant|developer|admin|operator|システム|管理者)"
            r"(?: (?:message|prompt|note|override|メッセージ|より))?\s?[:>]"
        ),
        (
            rf"[\"']?{_KEYS}[\"']?\s?(?:=+>?|:|->|は|を)\s?[\"']?(?:(?:to )?(?:hard|deep|max\w*|"
            r"high\w*|\d+(?:\.\d+)?|true|yes|big|slow|"
            r"pro|expert|最大|最高|高|難|難しい|ハード|深い)(?:[\"']|にして|に設定|で|です|にしろ)*)"
        ),
        (
            r"(?:set|change|force|make|mark|treat|flag|classify|label|count)\s(?:the |this |it |me |"
            r"your |my |message |question |as |to |is ){0,8}"
            rf"(?:{_KEYS} )?(?:as |to |is |= ?|be ){{0,4}}(?:a |an )?{_HARDSHIP}\b(?: (?:question|problem|one|"
            r"route|mode))?"
        ),
        (
            r"\b(?:route|escalate)\s(?:this|it|me|that|my \w+)(?: (?:over|up|straight))*"
            rf"(?: (?:as|to|through|via) (?:the |your |a )?(?:{_BIG}|{_HARDSHIP})?"
            r"(?: ?(?:model|tier|brain|route|one|mode|question))?)?"
        ),
        (
            r"\b(?:send|forward|pass|hand|give)\s(?:this|it|me|that|my \w+)(?: (?:over|up|straight))*"
            rf" (?:as|to|through|via) (?:the |your |a )?(?:{_BIG}|{_HARDSHIP}) ?(?:model|tier|brain|route|mode)"
        ),
        (
            r"(?:use|ask|call|wake|switch to|run|activate|enable|enter|with|answer (?:with|"
            r"using))\s(?:up |on )?(?:the |your |a |its )?"
            rf"{_BIG}[- ]?(?:est )?(?:model|tier|brain|mode|route|ai|llm|reasoning|thinking)"
        ),
        (
            r"\b(?:deep|hard|expert|reasoning|thinking) (?:mode|route|tier)(?: on| now| please|"
            r" activated?| enabled?)"
        ),
        (
            r"(?:(?:this|it|here|that|the following)(?:'?s| is| are|s)? |(?:ok |"
            rf"now )?)?{_DEGREE}{_HARDSHIP} "
            r"(?:question|problem|query|task|riddle|one)s?(?: (?:for you|ahead|incoming|alert|here|"
            r"so .{0,30}?|that .{0,40}?))?\s?[:,!.…-]+"
        ),
        rf"this is {_DEGREE}{_HARDSHIP} (?:question|problem|query|task|one)\b",
        (
            r"\bthink(?:ing)? (?:about (?:this|it) )?(?:very |really |long and |extra |super ){0,5}"
            r"(?:hard(?:er)?|deep(?:ly|er)?|carefully|step[- ]by[- ]step|long)(?: (?:about|"
            r"on) (?:this|it))?"
        ),
        r"\b(?:let'?s )?(?:reason|work|go) (?:about this |through this )?step[- ]by[- ]step",
        (
            r"\b(?:requires?|needs?) (?:deep|complex|multi[- ]?step|careful|advanced|"
            r"a lot of) (?:reasoning|thinking|thought|analysis)"
        ),
        (
            r"\b(?:ignore|disregard|forget) (?:all |any |every |your |the |of ){0,5}(?:previous|prior|"
            r"above|earlier|other|old)? ?"
            r"(?:instructions?|rules?|prompts?|messages?)(?: and)?"
        ),
        (
            rf"(?:これは|次は|以下は|今から)?{_HARD_JA}(?:質問|問題|問い|課題)(?:です|だよ|だ|なので|"
            r"だから|ですが|ですけど|なんだけど|として(?:扱って)?)+"
            r"[:、。!,…\s]*"
        ),
        rf"(?:これは|次は|以下は)?{_HARD_JA}(?:質問|問題|問い|課題)\s?[:、。!]+",
        (
            r"(?:これまで|以前|上記|前|今まで|すべて|全て|全部)の(?:指示|命令|ルール|設定|"
            r"プロンプト)[はを]?(?:すべて|全て|全部)?(?:無視|忘れ)(?:して(?:ください)?|しろ|て|ろ)?"
        ),
        (
            r"(?:大きい|大きな|でかい|賢い|深い|遅い|強い|一番いい|上位の?|高性能な?|120b)(?:ほう|"
            r"方)?の?(?:モデル|ai|脳|ルート|頭脳)"
            r"(?:で|を|に|へ)?(?:使って|答えて|考えて|回して|送って|切り替えて|聞いて|"
            r"回答して)?(?:ください|くれ|ね)?"
        ),
        (
            r"(?:深く|じっくり|よーく|ものすごく|段階的に|順を追って|ステップバイステップで|"
            r"一歩ずつ)(?:考えて|思考して|推論して)(?:から)?(?:答えて|回答して)?(?:ください|ね)?"
        ),
        r"(?:熟考|長考|深い?思考|推論)(?:モード|ルート)(?:で|に|を|オン|on|起動|発動|して)*",
        (
            r"(?:ルート|経路|難易度)(?:を|は|:)?(?:ハード|hard|最大|最高|難しい|max|mAx)(?:に|"
            r"で)?(?:して|設定|変更|しろ|お願い)*"
        ),
        r"(?:エスカレート|エスカレーション)(?:して|しろ|を)?(?:ください)?",
    )
)
_NOISE = tuple(
    (re.compile(pattern), into)
    for pattern, into in (
        # What only machines read: base64 and the like.
        (r"(?<![^\s:])(?=[a-z]*\d)(?=\d*[a-z])[a-z0-9]{12,80}={0,2}(?!\S)|(?<!\S)\S{8,80}==(?!\S)", " "),
        (r"https?://\S+", " "),
        (r":[a-z0-9_+-]{2,40}:", " "),
        (r"(?<!\S)@\S+", " "),
        (r"\b(?:l+o+l+|l+m+f*a+o+|r+o+f+l+|(?:ha){2,}h?|(?:he){2,}|x+d+|kek+w*)\b", " "),
        (
            (
                r"(?:(?<=[^\x00-\x7f])|(?<=[?!]))w+(?=$|[\s。、!?])|(?<!\S)w{2,}(?!\S)|[(]?笑[)]?(?=$|"
                r"[\s。、!?])|草(?=$|[\s。、!?w])"
            ),
            " ",
        ),
        (r"([^\s\d]{1,12}?)(?:\s*\1){2,}", r"\1"),
        (r"\d+(?:[.,]\d+)*", "0"),
        (r"\s+", " "),
    )
)
_INVISIBLE = re.compile(
    r"[\u0000-\u0008\u000b-\u001f\u007f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff]"
)


class Clean(NamedTuple):
    """A message as its difficulty is read from it."""

    text: str  # the lower-case words that are really asked, numbers as 0, at most CLEAN_LIMIT characters
    baited: bool  # it tried to set its own route


def clean(text: str) -> Clean:
    """Take attempts to set the route out of a message, and noise."""
    plain = unicodedata.normalize("NFKC", unescape(text[:RAW_LIMIT]))
    folded = _INVISIBLE.sub("", plain.casefold())[:RAW_LIMIT]
    asked = _without_bait(folded)
    baited = asked != folded
    if baited:
        asked = _without_bait(asked)  # what taking out the first left behind
    for noise, into in _NOISE:
        asked = noise.sub(into, asked)
    asked = asked.strip()
    if len(asked) > CLEAN_LIMIT:
        asked = asked[: CLEAN_LIMIT // 2] + " " + asked[-CLEAN_LIMIT // 2 :]
    return Clean(asked, baited)


def _without_bait(folded: str) -> str:
    for bait in _BAITS:
        folded = bait.sub(" ", folded)
    return folded
