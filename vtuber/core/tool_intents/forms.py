"""What may stand around a wish without changing it, in both languages."""

import re
from typing import Any, Final

import msgspec

from vtuber.core.arithmetic import plain


class Intent(msgspec.Struct, frozen=True):
    """A tool by its name, and the arguments for it."""

    tool: str
    arguments: dict[str, Any] = {}


POLITE: Final = (
    r"(?:(?:can|could|would|will) (?:you|u|we|i|someone|somebody|anyone) |may i ask |please |pls "
    r"|(?:i )?(?:want|need) (?:you )?to |(?:i )?(?:would|'d) like (?:you )?to "
    r"|let's |lets |let us |go ahead and |do you know |any idea |tell (?:me|us) )*"
)
NOW: Final = r"(?: (?:right now|now|rn|atm|currently|at the moment|today))?"
WHAT_IS: Final = r"(?:what's|whats|what is|wat is)"
NUMBER: Final = r"\d+(?:,\d{3})*(?:\.\d+)?"
DESU: Final = (  # how a Japanese question may end
    r"(?:ですか|でしょうか|でしたっけ|だったっけ|だっけ|だろう?|かな|なの|なんですか|になった|になりました|になる|になります|や|か|の|です|ね)*"
)
KUDASAI: Final = (  # and a request, after its て
    r"(?:みて|ください|下さい|くださいな|くれない|くれますか|くれませんか|くれる|くれ|ほしい(?:です)?|欲しい(?:です)?|もらえますか|もらえる"
    r"|もらっていい(?:ですか)?|ちょうだい|頂戴|よ|ー|ね|な)*"
)

_EMOTES: Final = re.compile(  # but not where one stands for a number
    r"(?<![=+*/×÷-])(?<![=+*/×÷-] )(?::[a-z]\w*:|[\U0001f000-\U0001faff\u2600-\u27bf\ufe0f\u200d])+"
)
_BEFORE: Final = re.compile(
    r"(?:@\S+|(?:hey|hi|hello|yo|ok|okay|so|um+|uh+|btw|oh|omg|wait|well|and|chat|ai|quick question|question|quick)\b"
    r"|ねえ+|ねー|ねぇ|ところで|そういえば|ちなみに|えっと|質問|すみません|じゃあ)[\s,.!、。:]*"
)
_AFTER: Final = re.compile(
    r"(?:[\s,.!?~〜、。…]|\b(?:please|pls|plz|thanks|thank you|thx|ty|(?:for|with) (?:me|us|chat)|real quick|btw"
    r"|lol|lmao|haha|again|guys|bro)"
    r"|(?<=[^\x00-\x7f])[w草笑]+|(?<=[?!])[w草笑]+|(?<=か)(?:わかる|分かる|わかります|分かります)か?"
    r"|(?:を|って)?(?:教えて|おしえて)(?:ください|下さい|くれる|くれ|ほしい)?[よねー]*)\Z"
)


def stripped(text: str) -> tuple[str, bool]:
    """Give a message in lower case without what only surrounds it, and whether it ends as a question."""
    bare = " ".join(plain(text).replace("’", "'").split())
    bare = " ".join(_EMOTES.sub(" ", bare).split())
    asked = bare.rstrip("!.。w草 ").endswith(("?", "="))
    before = None
    while bare != before:
        before = bare
        bare = _AFTER.sub("", _BEFORE.sub("", bare, count=1) if _BEFORE.match(bare) else bare)
    return bare, asked
