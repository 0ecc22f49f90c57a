"""The words of the report: what reasons, purposes and parts of a score are called, in English and Japanese."""

REASONS = {
    "backlog": ("was written before the show began", "配信前の書き込み"),
    "banned": ("its author was banned", "投稿者がBANされた"),
    "bot": ("came from a bot", "ボットの投稿"),
    "command": ("is a command for a bot", "ボットへのコマンド"),
    "copypasta": ("is part of a copy-paste flood", "コピペの連投"),
    "duplicate": ("repeats what its author just wrote", "同じ人の繰り返し"),
    "emotes": ("holds nothing but emotes", "スタンプだけ"),
    "empty": ("holds no words", "言葉がない"),
    "held": ("is kept for when the stream is resumed", "再開したときに答える"),
    "heard_already": ("was heard already", "すでに届いていた"),
    "low_score": ("others mattered more until the end", "最後まで順番が来なかった"),
    "no_reply_needed": ("needs no reply", "返事のいらない知らせ"),
    "overflow": ("more came than can wait", "待ち行列があふれた"),
    "own_account": ("is her own account", "本人のアカウント"),
    "retracted": ("was deleted while it waited", "待つ間に削除された"),
    "shared_chat": ("was meant for another channel", "別のチャンネル宛て"),
    "show_ended": ("the show ended first", "その前に配信が終わった"),
    "stage_failed": ("something broke while it was handled", "処理の途中で故障した"),
    "stale": ("was too old once there was room", "順番が来た頃には古かった"),
    "thanked_already": ("was thanked for a moment ago", "お礼を言ったばかり"),
    "thought": ("turned out to be a thought", "考えごとだとわかった"),
    "unspeakable": ("left nothing that can be spoken", "声にできる言葉がなかった"),
    "expired": ("the slow model ran out of time", "考える時間が尽きた"),
    "no_answer": ("the slow model found nothing to say", "答えが出なかった"),
    "no_line": ("she has no line for it", "そのための台詞がない"),
    "no_model": ("no model answered", "答えるモデルがいなかった"),
    "model_failed": ("the slow model failed", "考えるモデルが失敗した"),
    "model_down": ("the slow model did not answer", "考えるモデルが応答しなかった"),
    "answered_meanwhile": ("it was answered meanwhile", "その間に答えた"),
}
# Why a hard question was not thought about: the fast model answered it.
REFUSALS = {
    "model_down": ("the slow model did not answer", "考えるモデルが応答しない"),
    "no_room": ("the slow model was busy and somebody waited", "順番待ちがいっぱい"),
    "viewer_budget": ("this viewer had a question thought about a moment ago", "同じ人の質問を考えたばかり"),
    "stream_budget": ("the slow model had its share of the time", "考える時間を使いきった"),
    "too_slow": ("the answer would have come too late", "間に合わない"),
}
# What a decision was made by.
DECIDERS = {
    "rule": "a rule",
    "difficulty": "its difficulty",
    "verdict": "the fast model's verdict",
    "confidence": "how sure the fast model was",
    "hedging": "how the answer hedged",
    "asked_again": "being asked again",
}
EFFORTS = {"low": ("a little", "軽く"), "medium": ("some time", "ふつうに"), "high": ("long", "じっくり")}
PURPOSES = {
    "answer": ("answer", "返事"),
    "notice": ("thanks", "お礼"),
    "greeting": ("greeting", "あいさつ"),
    "closing": ("farewell", "締め"),
    "idle": ("of her own accord", "自分から"),
    "say": ("as told", "指示"),
}
ROUTES = {
    "simple": ("simple", "すぐ答える"),
    "hard": ("hard", "よく考える"),
    "tool": ("with a tool", "道具を使う"),
    "canned": ("her own line", "決まり文句"),
}


def reason(name: str) -> tuple[str, str]:
    """Say a reason for people, in English and Japanese; an unknown one is read as it is written."""
    if name.startswith("interrupted_"):
        return f"was cut off ({name.removeprefix('interrupted_')})", "途中で止められた"
    plain = name.replace("_", " ")
    return REASONS.get(name, (plain, ""))


def clock(ms: int) -> str:
    """Give a stream time as m:ss, from an hour on as h:mm:ss."""
    sign, seconds = ("-" if ms < 0 else ""), abs(ms) // 1000
    hours, minutes = seconds // 3600, seconds // 60 % 60
    tail = f"{minutes:02d}:{seconds % 60:02d}" if hours else f"{minutes}:{seconds % 60:02d}"
    return f"{sign}{hours}:{tail}" if hours else sign + tail


def seconds(ms: int | None) -> str:
    """Give a duration as seconds with one decimal, "–" for none."""
    return "–" if ms is None else f"{ms / 1000:.1f} s"
