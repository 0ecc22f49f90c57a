"""What the difficulty of a message is read from: the pieces its words are made of, and cues that have names."""

import re
import zlib
from collections.abc import Iterator

BUCKETS = 1 << 16  # hashed pieces; the hash is CRC-32, the same on every machine and in every process
CUE = 0.2  # what a cue counts beside pieces, whose vector has length 1
_LONGEST, _LONGEST_WIDE = 5, 4  # characters of a piece; of one that begins with a letter beyond ASCII
WINDOW = 60  # characters judged together: a question must not drown in a long story

QUESTION = "a plain question"
HEAP = "a heap of words"

_WORD = re.compile(r"[a-z']+|0|[^\W\da-z_]+|[^\w\s]")
_SENTENCE = re.compile(r"[^.!?。\n]*[.!?。\n]+|[^.!?。\n]+")

# A cue: what a reason says, and the words that show it.
_CUES: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        (
            "a comparison",
            (
                r"\b(?:compare|contrast|versus|vs|differences?|diff|differ|pros and cons|trade-?offs?|"
                r"better|cheaper|faster|rank)\b"
                r"|違い|違う|比べ|比較|使い分け|メリット|どっちが(?:得|いい|速|早|強|安|高)|どちらが|長所|"
                r"差って|差は"
            ),
        ),
        (
            "a cause",
            (
                r"\b(?:why|how come|what makes|what made|what causes?|reasons?)\b|なんで|何で|なぜ|"
                r"どうして|理由|要因|原因"
            ),
        ),
        (
            "how something works",
            (
                r"\bhow (?:do|does|did|can|could|is|are)\b(?! (?:you|u|ya)\b)|\bexplain\b|\bwork(?:s|"
                r"ing)?\b|仕組み|原理|どうやって|どういう(?:理屈|原理|こと|仕組み|構造)|メカニズム|解説|説明"
            ),
        ),
        (
            "a thought experiment",
            (
                r"\b(?:what if|suppose|what would happen|hypothetically|imagine|if (?:all|every|no|the|we|"
                r"a|an|i|you|three|two)\b)|もし|だったら|としたら|としよう|仮に"
            ),
        ),
        (
            "an argument",
            (
                r"\b(?:prove|proof|derive|argue|argument|convince|counterexample|fallacy|contradict\w*|"
                r"logic\w*|paradox|rational|ethic\w*|justify)\b"
                r"|証明|導(?:い|出|け)|論理|矛盾|反例|反論|合理的|倫理|と言える|根拠|考察"
            ),
        ),
        (
            "a calculation",
            (
                r"\b(?:calculate|compute|probability|odds|chances?|average|percent\w*|how (?:many|much|"
                r"long|far)|likelihood|expected|estimate|sum|work out|solve)\b"
                r"|確率|計算|平均|何分|何キロ|何回|何円|いくら|いくつ|期待値|概算|足す|面積|体積|割合|合計"
            ),
        ),
        (
            "code",
            (
                r"\b(?:code|function|script|python|javascript|js|sql|regex|git|docker|loop|array|"
                r"compile\w*|algorithm|api|css|html|debug|refactor|class|query|bug|c\+\+|rust|linux|bash)\b"
                r"|コード|関数|正規表現|アルゴリズム|コンパイル|クエリ|バグ|デバッグ|実装|プログラム|"
                r"ループ|if文|[{};]|\w\(|=>|==|!="
            ),
        ),
        (
            "a plan or a text",
            (
                r"\b(?:plan|design|outline|steps|strategy|itinerary|budget|schedule|write (?:a|me|an|the)|"
                r"draft|essay|summari[sz]e|translate|rewrite|describe)\b"
                r"|プラン|計画|設計|手順|構成|メニュー作|対策|割り振|訳(?:す|し)|書いて|書き直|要約|"
                r"まとめて|作って"
            ),
        ),
        (
            "advice on a choice",
            (
                r"\b(?:should i|should we|which (?:is|one|of)|best way|is it (?:worth|rational|better))\b|"
                r"べき|ほうがいい|どうすれば|どうしたら"
            ),
        ),
        ("work with numbers", r"0\D{1,80}?0\D{1,80}?0|0\s*[-+*/^=<>×÷]\s*0|[a-z]\s*[-+*/^=]\s*[a-z0(]"),
        (
            "chat about her",
            (
                r"\b(?:you|your|u|ur|yours|she|her|stream|streams|chat|subs?|mic|emotes?)\b|配信|推し|"
                r"あなた|声|衣装|切り抜き|コメント|初見|歌"
            ),
        ),
        (
            "chat about oneself",
            (
                r"\b(?:i'?m|my|i (?:was|just|have|had|got|went|love|like|think|finally)|we (?:had|went)|"
                r"today|yesterday)\b|俺|自分|今日|昨日|うち|明日|さっき"
            ),
        ),
        (QUESTION, r"\?|か$|の$|かな"),
    )
)
_JOINTS = re.compile(  # the small words that make a sentence out of words
    r"\b(?:the|an?|is|are|was|were|be|of|to|in|on|at|for|with|from|by|if|and|or|not|no|do|"
    r"does|did|can|could|would|will|should|"
    r"i|you|u|it|he|she|we|they|my|your|me|this|that|how|why|what|whats|who|when|where|which|"
    r"there|have|has|had|than|so|just)\b"
    r"|0|[ぁ-ん]{1,3}(?=[^ぁ-ん\s])|(?<=[^ぁ-ん\s])[ぁ-ん]"
)
NAMES = (*(name for name, _ in _CUES), HEAP)


def cues(text: str) -> tuple[bool, ...]:
    """Say which cues a cleaned text shows, in the order of NAMES."""
    heap = words(text) > 2 and _JOINTS.search(text) is None  # noqa: PLR2004 - two words may be a greeting
    return (*(pattern.search(text) is not None for _, pattern in _CUES), heap)


def pieces(text: str) -> dict[int, float]:
    """Give a cleaned text's n-grams of 1 to 5 characters, words and word pairs: bucket -> weight, a unit vector."""
    counts: dict[int, int] = {}
    for found in _hashes(text):
        bucket = found % BUCKETS
        counts[bucket] = counts.get(bucket, 0) + 1
    length = sum(counts.values()) ** 0.5
    return {bucket: count**0.5 / length for bucket, count in counts.items()}


def windows(text: str) -> tuple[str, ...]:
    """Give the stretches of a cleaned text that are judged: whole sentences, as many as fit into WINDOW characters."""
    found: list[str] = []
    for sentence in _SENTENCE.findall(text):
        if found and len(found[-1]) + len(sentence) <= WINDOW:
            found[-1] += sentence
        else:
            found.append(sentence)
    return tuple(stretch.strip() for stretch in found if stretch.strip()) or (text,)


def words(text: str) -> int:
    """Count the words; a run of Japanese counts a word for every two characters."""
    return sum(1 if piece.isascii() else (len(piece) + 1) // 2 for piece in _WORD.findall(text) if piece[0].isalnum())


def _hashes(text: str) -> Iterator[int]:
    crc32 = zlib.crc32
    letters = [letter.encode(errors="replace") for letter in f" {text} "]
    for start in range(len(letters)):
        found, longest = 0, _LONGEST if len(letters[start]) == 1 else _LONGEST_WIDE
        for letter in letters[start : start + longest]:  # the hash of a piece goes on from that of a shorter one
            found = crc32(letter, found)
            yield found
    before = "^"
    for token in _WORD.findall(text):
        if token.isascii():
            yield crc32(f"w:{token}".encode())
            yield crc32(f"w:{before} {token}".encode(errors="replace"))
        before = token
