"""What recall is worth on the real embedder: small talks in two languages, and messages that recall nothing."""

import asyncio
from typing import Any

import pytest

from tests.contracts.event_memory import chat
from vtuber.adapters.embed.packaged import PackagedEmbedder
from vtuber.adapters.memory.exact import ExactVectors
from vtuber.adapters.memory.sqlite import SqliteMemory
from vtuber.core.recall import rank
from vtuber.ports import Query

# what a viewer asks or says later, and what they had said before
JAPANESE = (
    ("うちの猫の名前、覚えてる?", "うちの猫はモチっていうんだ"),
    ("明日の試験のこと言ったっけ", "明日は英語の試験があって緊張してる"),
    ("私の仕事って何だっけ", "看護師として夜勤をしています"),
    ("好きな食べ物知ってる?", "ラーメンの中では味噌が一番好き"),
    ("どこに住んでるって言ったか覚えてる?", "札幌に引っ越してきて三年目です"),
    ("僕の趣味は何でしょう", "週末はいつも釣りに行ってるよ"),
    ("利き手どっちか分かる?", "実は左利きなんです"),
    ("誕生日いつか言った?", "誕生日は七月二十日だよ"),
    ("先週買ったゲームどうだったと思う?", "先週スプラトゥーンを買って毎日遊んでる"),
    ("妹の話したよね", "妹が来月アメリカに留学する"),
    ("飲めないものあったんだけど", "コーヒーは苦くて飲めない"),
    ("前に言ってたギターの話", "最近ギターを始めてFコードで挫折中"),
    ("車変えたって言ったよね", "車を赤いロードスターに買い替えました"),
    ("腰の調子よくなったよ", "腰を痛めて病院に通ってる"),
    ("犬の散歩行ってきた", "柴犬のコタロウを飼っています"),
)
ENGLISH = (
    ("do you remember my cat's name?", "my cat is called Biscuit"),
    ("what exam was I worried about?", "I have a chemistry final tomorrow and I'm nervous"),
    ("what do I do for work again?", "I work night shifts as a nurse"),
    ("do you know what food I love?", "miso ramen is my favourite thing ever"),
    ("where did I move to?", "just moved to Portland last month"),
    ("guess my hobby", "I go fishing every weekend with my dad"),
    ("which hand do I write with", "I'm actually left handed"),
    ("when's my birthday?", "my birthday is on July 20th"),
    ("how's that game I bought", "I bought Hollow Knight last week and can't stop playing"),
    ("my sister news!", "my sister is going to study in Japan next year"),
    ("what can't I drink?", "coffee makes me sick so I never have it"),
    ("guitar update!", "started learning guitar, F chord is killing me"),
    ("did I tell you about the car", "I finally got a red Miata"),
    ("my back feels better now", "hurt my back lifting boxes on Monday"),
    ("walked the dog today", "we have a shiba called Taro"),
)
UNRELATED_JA = (
    "今日のゲームは何をやるの?",
    "こんばんは、初見です",
    "この曲なんていう曲?",
    "歌うまいね",
    "次の配信はいつ?",
    "おすすめのアニメ教えて",
    "フランス革命の原因を説明して",
    "8888888",
    "素数が無限にある理由は?",
    "今日も可愛い",
)
UNRELATED_EN = (
    "what game are you playing today?",
    "hello first time here",
    "what's this song called?",
    "you sing so well",
    "when is the next stream?",
    "recommend me an anime",
    "explain the causes of the French revolution",
    "lol that was great",
    "why are there infinitely many primes?",
    "you look cute today",
)


async def ask(talks: Any, unrelated: Any):
    """Give how often the right memory came first and came at all, how many wrong ones came along, and for nothing."""
    embedder = PackagedEmbedder()
    memory = await SqliteMemory.open(
        ":memory:", stream_id="s", embedder=embedder, vectors=ExactVectors(), warn=pytest.fail, lore=()
    )
    await memory.add([chat(f"c{at}", said, at=at) for at, (_, said) in enumerate(talks)])
    await memory.indexed()

    async def recall(text: str) -> Any:
        found = await memory.recall(Query(text=text, viewer_id="t:1", at_ms=1_000))
        return [one.text for one in rank(found, text, 1_000, 5)]

    answers = [(await recall(asked), said) for asked, said in talks]
    noise = [text for asked in unrelated for text in await recall(asked)]
    await memory.close()
    await embedder.close()
    first = sum(found[:1] == [said] for found, said in answers)
    at_all = sum(said in found for found, said in answers)
    return first, at_all, sum(len(found) for found, _ in answers) - at_all, len(noise)


@pytest.mark.real
@pytest.mark.parametrize(("talks", "unrelated"), [(JAPANESE, UNRELATED_JA), (ENGLISH, UNRELATED_EN)], ids=["ja", "en"])
def test_most_is_found_again_and_little_comes_along(talks: Any, unrelated: Any):
    first, at_all, along, for_nothing = asyncio.run(ask(talks, unrelated))
    assert first >= 11
    assert at_all >= 12
    assert along <= 5
    assert for_nothing <= 7  # of 150 pairs
