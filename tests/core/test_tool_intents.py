"""A message that is only a wish for a tool is recognised in both languages; whatever may mean more is not."""

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vtuber.core.calculator import calculate
from vtuber.core.tool_intents import Intent, intent

TIME, DATE = {"show": "time"}, {"show": "date"}


def at(place: str, show: str = "time") -> dict[str, Any]:
    return {"show": show, "place": place}


def dice(count: int, faces: int = 6) -> dict[str, Any]:
    return {"count": count, "faces": faces}


CLOCK_EN = {
    "what time is it in tokyo?": at("tokyo"),
    "what time is it?": TIME,
    "What time is it right now": TIME,
    "hey, what time is it lol": TIME,
    "what's the time?": TIME,
    "whats the time rn": TIME,
    "can you tell me the time please": TIME,
    "do you know what time it is": TIME,
    "what time is it in New York right now?": at("new york"),
    "what time is it over there": TIME,
    "what time is it for you?": TIME,
    "what’s the current time in London?": at("london"),
    "current time in Seoul": at("seoul"),
    "time in LA now?": at("la"),
    "what is the time in japan": at("japan"),
    "@efu what time is it": TIME,
    "what's the date today": DATE,
    "what day is it?": DATE,
    "what day is it today :Kappa:": DATE,
    "what's today's date?": DATE,
    "what day of the week is it": DATE,
    "what's the name of the day today": DATE,
    "what year is it": DATE,
    "which month is it now": DATE,
    "wait what time is it": TIME,
    "uhh what time is it there": TIME,
    "omg what time is it btw": TIME,
    "time check please": TIME,
    "could you tell us the time?": TIME,
    "what time is it over in london": at("london"),
    "what time is it over there in Japan": at("japan"),
    "what time is it in berlin atm": at("berlin"),
    "can someone tell me what time it is": TIME,
    "may i ask what time it is": TIME,
    "what day is it in Sydney": at("sydney", "date"),
}
CLOCK_JA = {
    "今何時？": TIME,
    "いま何時": TIME,
    "ねえ、今何時ですか？": TIME,
    "今何時だっけw": TIME,
    "今何時か教えて": TIME,
    "今って何時？": TIME,
    "今何時何分？": TIME,
    "いまなんじ？": TIME,
    "現在時刻は？": TIME,
    "今の時間教えて": TIME,
    "今の時刻は？": TIME,
    "そういえば今何時になった？": TIME,
    "そっち今何時？": TIME,
    "今何時かわかる？": TIME,
    "東京は今何時？": at("東京"),
    "ニューヨークは今何時ですか？": at("ニューヨーク"),
    "今ロンドンは何時？": at("ロンドン"),
    "ハワイって今何時？": at("ハワイ"),
    "ソウルの現在の時刻は？": at("ソウル"),
    "今日何曜日？": DATE,
    "今日は何日？": DATE,
    "今日って何月何日だっけ": DATE,
    "今日の日付は？": DATE,
    "今日の日付教えてください": DATE,
    "今日何日ですか": DATE,
    "今何年？": DATE,
    "今何月だっけ？": DATE,
    "今年って何年？": DATE,
    "今日は何曜日でしょうか？": DATE,
}
DICE_EN = {
    "roll a d20": dice(1, 20),
    "roll 2d6": dice(2),
    "Roll 2D6 please!": dice(2),
    "roll d100": dice(1, 100),
    "roll a dice": dice(1),
    "roll a die": dice(1),
    "can you roll a dice for me?": dice(1),
    "roll the dice!": dice(1),
    "roll two dice": dice(2),
    "roll 3 dice": dice(3),
    "roll a six-sided die": dice(1),
    "roll a fourteen sided dice exactly": dice(1, 14),
    "please roll twelve sided dice": dice(1, 12),
    "roll a dice that has seven sides": dice(1, 7),
    "i need a dice roll for a six sided die": dice(1),
    "what is the result when you roll a four sided die": dice(1, 4),
    "throw a die 3 times": dice(3),
    "let's roll a d6": dice(1),
    "give me a random number between 1 and 100": dice(1, 100),
    "random number 1-100": dice(1, 100),
    "pick a number between 1 and 10": dice(1, 10),
    "gimme a d20 roll": dice(1, 20),
    "roll us a d12": dice(1, 12),
    "roll a dice for us": dice(1),
}
DICE_JA = {
    "サイコロ振って": dice(1),
    "サイコロを振ってください！": dice(1),
    "サイコロ振ってみて〜": dice(1),
    "ダイス振って": dice(1),
    "サイコロ2個振って": dice(2),
    "サイコロを三回振って": dice(3),
    "20面ダイス振って": dice(1, 20),
    "十面サイコロ振ってほしい": dice(1, 10),
    "2d6振って": dice(2),
    "１ｄ１００振って": dice(1, 100),
    "d20を振ってくれ": dice(1, 20),
    "サイコロお願いします": dice(1),
    "さいころ転がして": dice(1),
    "1から100の乱数出して": dice(1, 100),
    "1〜100でランダムな数字出して": dice(1, 100),
    "ダイスロールお願い": dice(1),
}
COIN_EN = {
    "flip a coin": {"count": 1},
    "flip a coin for me pls": {"count": 1},
    "toss a coin": {"count": 1},
    "can you flip a coin?": {"count": 1},
    "ai, flip a coin for me": {"count": 1},
    "flip a coin and tell me if it's heads": {"count": 1},
    "do a coin flip": {"count": 1},
    "flip a coin 3 times": {"count": 3},
    "flip two coins": {"count": 2},
    "flip a coin heads or tails": {"count": 1},
    "could you flip a coin for us real quick": {"count": 1},
}
COIN_JA = {
    "コイントスして": {"count": 1},
    "コイントスしてください！": {"count": 1},
    "コイン投げて": {"count": 1},
    "コイントスをして": {"count": 1},
    "コイントスお願い": {"count": 1},
    "コイントス3回して": {"count": 3},
    "コイン弾いて": {"count": 1},
    "コイントスやって": {"count": 1},
}
SUMS_EN = {
    "what's 17*23": "391",
    "whats 1+1": "2",
    "What is 17 times 23?": "391",
    "17*23?": "391",
    "17 * 23 = ?": "391",
    "17*23=": "391",
    "2+2=?": "4",
    "calculate 45 / 9": "5",
    "how much is 15% of 80": "12",
    "what is 25% of $54,788": "13697",
    "what is 48 multiplied by 4 divided by 2": "96",
    "what is 1100 minus 2347": "-1247",
    "add 45 to 87 plus 54 plus 43 plus 22": "251",
    "subtract 5 from 12": "7",
    "multiply twelve by 12": "144",
    "divide 100 by 8": "12.5",
    "what's the square root of 144?": "12",
    "what is 2 to the power of 10": "1024",
    "what's 2^10": "1024",
    "what is 12 squared": "144",
    "can you calculate (3+4)*5 please": "35",
    "what's 20% off 50 dollars": "40",
    "whats nine plus ten": "19",
    "12 x 12 = ?": "144",
    "what's 7x8": "56",
    "100/7=?": "100/7",
    "what's 100-37": "63",
    "what is 0.1 + 0.2": "0.3",
    "what's 5²": "25",
    "1+2+3+4?": "10",
    "calc 35*7": "245",
    "100 divided by 4 is?": "25",
    "can you do 45*67": "3015",
    "do you know what 6 times 7 is": "42",
    "quick what's 13*17": "221",
    "what is 2 to the 8th power": "256",
}
SUMS_JA = {
    "17×23は？": "391",
    "17*23は": "391",
    "１７×２３＝？": "391",
    "17かける23は？": "391",
    "十七かける二十三は？": "391",
    "1200円の8%引きは？": "1104",
    "1,200円の8%引きっていくら？": "1104",
    "2980円の3割引はいくら？": "2086",
    "80の15%は？": "12",
    "80の15パーセントっていくつ？": "12",
    "2の10乗は？": "1024",
    "144の平方根は？": "12",
    "ルート144はいくつ？": "12",
    "3たす5は？": "8",
    "100割る8は？": "12.5",
    "100÷8は？": "12.5",
    "1+1は？": "2",
    "300円+500円は？": "800",
    "17×23を計算して": "391",
    "17×23いくつ？": "391",
    "100を8で割ると？": "12.5",
    "5に3を足すと？": "8",
    "120の1.5倍は？": "180",
    "ねえ、12×12は？w": "144",
    "3万×2は？": "60000",
    "100-37は？": "63",
}
UNITS_EN = {
    "5 miles in km": (5, "miles", "km"),
    "5 miles to km?": (5, "miles", "km"),
    "how many km is 5 miles?": (5, "miles", "km"),
    "how many feet is 180cm": (180, "cm", "feet"),
    "convert 5 miles to kilometers": (5, "miles", "kilometers"),
    "what's 180 cm in feet?": (180, "cm", "feet"),
    "how tall is 180cm in feet": (180, "cm", "feet"),
    "100 fahrenheit in celsius": (100, "fahrenheit", "celsius"),
    "what is 70f in c": (70, "f", "c"),
    "100 degrees f to c": (100, "degrees f", "c"),
    "how many feet are in a mile": (1, "mile", "feet"),
    "how many hours in a week?": (1, "week", "hours"),
    "5'11 in cm": (71, "inches", "cm"),
    "what's 6ft 2in in cm": (74, "inches", "cm"),
    "2.5 kg to pounds": (2.5, "kg", "pounds"),
    "5 miles is how many km": (5, "miles", "km"),
    "how many mb in 3 gb": (3, "gb", "mb"),
    "60 mph in km/h": (60, "mph", "km/h"),
    "convert -40 c to f": (-40, "c", "f"),
}
UNITS_JA = {
    "180cmは何フィート？": (180, "cm", "フィート"),
    "5マイルって何キロ？": (5, "マイル", "キロ"),
    "5マイルは何kmですか？": (5, "マイル", "km"),
    "華氏100度は摂氏何度？": (100, "華氏", "摂氏"),
    "摂氏30度は華氏で何度？": (30, "摂氏", "華氏"),
    "六畳は何平米？": (6, "畳", "平米"),
    "1升は何リットル？": (1, "升", "リットル"),
    "3合って何ml？": (3, "合", "ml"),
    "10坪は何平米": (10, "坪", "平米"),
    "五尺は何センチ？": (5, "尺", "センチ"),
    "100ポンドは何キロ？": (100, "ポンド", "キロ"),
    "5マイルをキロに直して": (5, "マイル", "キロ"),
    "70キロはポンドでいくつ？": (70, "キロ", "ポンド"),
    "時速100キロは秒速何メートル？": (100, "時速キロ", "秒速メートル"),
    "1日は何秒？": (1, "日", "秒"),
    "3ギガは何メガ？": (3, "ギガ", "メガ"),
    "一里は何キロ？": (1, "里", "キロ"),
    "30度は華氏で何度？": (30, "摂氏", "華氏"),
    "大さじ1は何ml？": (1, "大さじ", "ml"),
    "大さじ2杯は小さじ何杯？": (2, "大さじ", "小さじ"),
}
POSITIVES = {
    "clock": CLOCK_EN | CLOCK_JA,
    "dice": DICE_EN | DICE_JA,
    "coin": COIN_EN | COIN_JA,
    "units": {
        text: {"amount": amount, "unit": unit, "to": to} for text, (amount, unit, to) in (UNITS_EN | UNITS_JA).items()
    },
}

NONE = (
    # times and dates that are somebody else's
    *("what time do you stream?", "what time is the collab", "time flies", "what time", "what time in japan?"),
    *("time?", "is it six o clock yet", "what a time to be alive", "it's time", "no time to explain", "good times"),
    *("what time is it in narnia?", "what time is it when the show starts", "did they give a time for the sleepover?"),
    *("1 year ago", "see you in 5 minutes", "in 10 min", "what day is the concert", "what date is the release"),
    *("what day works for you", "today was great", "happy new year 2025", "what year did you debut", "date me"),
    *(
        "when is your birthday",
        "what time is it? GAME TIME",
        "what's the date of the concert",
        "2 hours in and no deaths",
    ),
    *(
        "何時？",
        "何時から配信？",
        "今何時まで起きてる？",
        "何時に寝るの",
        "今日何時に起きた？",
        "明日何時から？",
        "今何時間目？",
    ),
    *(
        "今日何の日？",
        "今日は何食べた？",
        "日付変わったね",
        "今何してる？",
        "今何歳？",
        "いつから？",
        "時間ある？",
        "東京行った？",
    ),
    *(
        "今日何時間やる？",
        "今は4:37分だ",
        "もうこんな時間",
        "日本時間は？",
        "月面は今何時？",
        "何曜日が好き？",
        "今日何位？",
    ),
    # dice and coins that are talked about
    *(
        "I rolled a natural 20 yesterday",
        "coin collecting",
        "roll for initiative",
        "roll credits",
        "rolling on the floor",
    ),
    *("nice roll", "roll a joint", "let it roll", "heads or tails?", "coin op games are cool", "flip the table", "d20"),
    *("toss a coin to your witcher", "flip a coin for the win condition", "roll it back", "rick roll", "2d6", "dice"),
    *("roll a d1", "roll 500d6", "roll a d99999", "roll a 20", "guess a number between 1 and 10", "she flipped a coin"),
    *("the dice hate you", "roll the dice on that boss", "can you do a barrel roll", "do a flip", "coinflip meta"),
    *(
        "サイコロ持ってる？",
        "サイコロ振ってた",
        "コイン集めてる",
        "ダイス運悪すぎ",
        "コインいっこいれる",
        "表か裏か",
        "サイコロキャラメル食べたい",
    ),
    *(
        "昨日2d6で6ゾロ出た",
        "コイントスで負けた",
        "100面ダイス怖い",
        "コイン投げた",
        "サイコロの目",
        "賽は投げられた",
        "投げ銭して",
    ),
    # numbers that are no sums
    *(
        "24/7",
        "9/11",
        "3-0!!",
        "2024-05-01",
        "7/10 movie",
        "10/10",
        "1-2",
        "5-3?",
        "3-0?",
        "what's 9/11",
        "what's 24/7",
    ),
    *(
        "what is 50/50",
        "what's 3-0",
        "7/10?",
        "16/9?",
        "what's 4x4",
        "4x4?",
        "1920x1080?",
        "what's 1920x1080",
        "+1",
        "-1",
    ),
    *(
        "5",
        "5?",
        "what's 5",
        "what is 911",
        "100%",
        "100%?",
        "what's 100%",
        "18+",
        "18+?",
        "1+",
        "gg 2-1",
        "1v1?",
        "2k?",
    ),
    *("100-0 lead", "+100", "5*****", "5/5 stars", "A+", "C++", "what is 7/11", "what's 867-5309", "1-800-555-0199"),
    *("what's 2024-05-01", "192.168.0.1", "what's 12/25/2024", "17*23 is 391", "2+2=5", "1+1=2", "1+2?", "x+1?"),
    *(
        "is 97*89+2 prime? quick",
        "x+1/x=3, x^5+1/x^5=? no calc",
        "yo why is 0.1+0.2 != 0.3 in python lol",
        "what's 2+2 and why",
    ),
    *("what's 5 off 20", "multiply 3+4 by 2 and tell me why", "add me on discord and twitter"),
    *("calculate how much i love you: infinity <3", "is 2^61-1 prime", "what is love times infinity", "1 + 1 = ❤"),
    *("5 of us, bill 137.40, 18% tip, one guy didnt drink so his was only 19, who pays what", "what's 30% off"),
    *(
        "24/7は？",
        "9/11は？",
        "3-0は？",
        "5-3は？",
        "2/29は？",
        "17×23は391だよ",
        "1+1は田んぼの田",
        "8888888",
        "777は？",
    ),
    *(
        "100点！",
        "3割くらい",
        "50%オフ！",
        "20%引き",
        "1位は？",
        "5番は？",
        "３×３ EYES",
        "+1は？",
        "100円",
        "100円は？",
    ),
    *("ねえねえ3人で5760円割り勘、1人だけ飲んでないから600円引きだといくらずつ？ｗ", "x+1/x=3のときx^5+1/x^5は？"),
    *("3000円の服", "2倍速は？", "半分は？", "5分の1は？", "-5は？", "１０００は？", "2024年5月1日は？", "6÷2(1+2)=?"),
    # amounts that are not to be converted
    *("100 dollars in yen", "5 miles away", "3 cups to go", "6 feet under", "one foot in the grave", "10 minutes in"),
    *(
        "5 hours to go",
        "100 usd to jpy",
        "convert 5 apples to oranges",
        "20 minutes to midnight",
        "i ran 5 km in 30 min",
    ),
    *(
        "how many km",
        "how many fingers",
        "how many cats is 5 dogs",
        "5 km in kg",
        "10 years in days",
        "2 weeks to live",
    ),
    *(
        "how many subs is 5 dollars",
        "how many followers do you have",
        "how many days until christmas",
        "3 in 1",
        "1 to 1",
    ),
    *(
        "100ドルは何円？",
        "5キロ走った",
        "180cmある？",
        "身長は何センチ？",
        "3日は何曜日？",
        "3日は何してた？",
        "6畳の部屋",
        "1年は何日？",
    ),
    *(
        "10分は何する？",
        "今何キロ？",
        "体重何キロ？",
        "100円は何ドル",
        "5マイルは何円",
        "3人は何人？",
        "1里塚",
        "2時間は何見る？",
    ),
    # what no tool does, by design
    *(
        "run this code",
        "run this code: print(1+1)",
        "execute python",
        "print(1+1)",
        "eval(1+1)",
        "run 1+1",
        "exec('1')",
    ),
    *(
        "コード実行して",
        "python動かして",
        "このコード実行して: 1+1",
        "shell: ls",
        "sudo rm -rf /",
        "open google.com",
        "/roll",
    ),
    *(
        "import os",
        "1+1; import os",
        "search the web for cats",
        "猫を検索して",
        "what's the weather",
        "天気は？",
        "!roll d20",
    ),
    *(
        "send an email",
        "read my files",
        "__import__('os').system('ls')",
        "play a song",
        "音量上げて",
        "obsのシーン変えて",
    ),
    # heard in chat beside a wish
    *("i rolled 3 nat 1s in a row last night", "dice jail", "time check failed", "wait what", "wait 5 minutes"),
    *("well time flies", "roll with us", "do 20 pushups", "do 10 x 10 burpees", "can you do 100 times", "do 3-0"),
    *("do you know what 9/11 is", "you know what 24/7 is", "i know what 2+2 is", "pick a number", "to the 3rd floor"),
    *("flip a coin with me in the fountain", "is the time over there different", "what's $5 + ¥100", "someone time me"),
    *(
        "3回も寝坊した",
        "今何時に配信終わる？",
        "今何時だと思ってるの！",
        "そっち今何してる？",
        "どっちか分かる？",
        "3-0かわかる？",
    ),
    *("大さじ何杯入れた？", "大さじ1は多い", "30度は何度？", "38度は何度目の熱？", "2杯は何杯目？", "ダイスロールした"),
    *(
        "ダイスロールは？",
        "コイントスやってた",
        "1から100で好きな数は",
        "100円+5ドルは？",
        "8時だよ全員集合",
        "1足す1は田んぼの田",
    ),
    # nothing at all
    *(
        "",
        " ",
        "?",
        "！？",
        "www",
        "草",
        "gg",
        ":Kappa:",
        "🎲",
        "おはよう",
        "hello",
        "=",
        "は？",
        "what's",
        "what is",
        "教えて",
    ),
)


@pytest.mark.parametrize(("tool", "text"), [(tool, text) for tool, texts in POSITIVES.items() for text in texts])
def test_a_wish_is_recognised_with_its_arguments(tool: str, text: str):
    assert intent(text) == Intent(tool, POSITIVES[tool][text])


@pytest.mark.parametrize(("text", "value"), (SUMS_EN | SUMS_JA).items())
def test_a_sum_is_recognised_and_comes_out_right(text: str, value: str):
    wish = intent(text)
    assert wish is not None
    assert wish.tool == "calculator"
    assert calculate(wish.arguments["expression"]).value == Fraction(value)


@pytest.mark.parametrize("text", NONE)
def test_what_may_mean_something_else_is_left_to_the_model(text: str):
    assert intent(text) is None


def test_there_are_enough_examples_to_mean_something():
    english = CLOCK_EN | DICE_EN | COIN_EN | SUMS_EN | UNITS_EN
    japanese = CLOCK_JA | DICE_JA | COIN_JA | SUMS_JA | UNITS_JA
    assert min(len(english), len(japanese)) >= 60
    assert len(set(NONE)) >= 80


@given(st.text(max_size=120))
def test_nothing_that_is_written_breaks_it(text: str):
    intent(text)


PIECES = st.sampled_from(
    [
        *"0123456789+-*/%^=?()., ",
        "what's ",
        "is ",
        "how many ",
        " in ",
        "km",
        "は",
        "何",
        "今",
        "時",
        "roll ",
        "d",
        "の",
        "割",
        "引き",
    ]
)


NUMBERS = st.integers(0, 10**6).map(str)
MARKS = st.sampled_from(["+", "-", "*", "/", "^", "%", "÷", "かける", "割る", " plus ", " times ", "の"])
SUMS = st.tuples(
    st.sampled_from(["", "what's ", "calculate "]),
    st.lists(st.tuples(NUMBERS, MARKS).map("".join), min_size=1, max_size=5).map("".join),
    NUMBERS,
    st.sampled_from(["は？", "=?", "?", "乗は？", "%は？", ""]),
).map("".join)


@given(st.one_of(SUMS, st.lists(PIECES, max_size=40).map("".join)))
def test_a_sum_that_is_recognised_can_be_worked_out(text: str):
    wish = intent(text)
    if wish and wish.tool == "calculator":
        assert calculate(wish.arguments["expression"]).fault != "unreadable"


@pytest.mark.parametrize(
    "text",
    [
        *(
            "can you please " * 6,
            "what's " + "(" * 90,
            "1" * 100,
            "how many " * 11,
            "5 " * 50,
            "what time is it in " + "a " * 40,
        ),
        *(
            "今" * 100,
            "サイコロ" * 25,
            "の" * 100,
            "教えて" * 33,
            "hey " * 25,
            "5 in in in in in in in in in to to to to",
            "1+" * 50,
        ),
        *(
            "tell me " * 12,
            "は何は何は何" * 16,
            "1 a" + " in a" * 24,
            "摂氏1" + "はで何" * 30,
            "w" * 100,
            ":a" * 50,
            "？" * 100,
        ),
    ],
)
def test_a_wicked_message_is_no_wish_and_is_soon_read(text: str):
    assert intent(text) is None


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def words(one: dict[str, Any]) -> list[str]:
    return [value for key, value in one.items() if key.startswith("text")]


def test_no_casual_or_hard_line_is_taken_for_a_wish(samples: Path):
    files = [path for path in sorted((samples / "routes").glob("*.jsonl")) if not path.name.startswith("tool_")]
    written = [text for path in files for one in lines(path) for text in words(one)]
    assert len(written) > 700
    meant = {"whats 1+1"}  # of the hand-made ones: it is a wish
    assert {text for text in written if intent(text)} <= meant


def test_wishes_that_others_wrote_are_recognised(samples: Path):
    ours = {"time", "date", "roll_dice", "flip_coin", "calculator"}
    wishes = [one for one in lines(samples / "routes" / "tool_en_clinc.jsonl") if one["intent"] in ours]
    known = [one for one in wishes if intent(one["text"])]
    others = [one for one in lines(samples / "routes" / "tool_en_clinc.jsonl") if one["intent"] not in ours]
    assert len(known) >= 0.8 * len(wishes)
    assert not [one["text"] for one in others if intent(one["text"])]
