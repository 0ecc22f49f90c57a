"""Places whose time she knows: cities and countries with one time, by their English and Japanese names."""

import unicodedata
from typing import Final

import msgspec

from vtuber.events import Language


class Place(msgspec.Struct, frozen=True):
    """A place: its time zone and its name in each language."""

    zone: str
    en: str
    ja: str

    def name(self, language: Language) -> str:
        """Give its name."""
        return {"en": self.en, "ja": self.ja}[language]


# zone: English name, Japanese name; other names. Blanks inside names are written _.
_ROWS: Final = """
Asia/Tokyo: Tokyo 東京
Asia/Tokyo: Japan 日本; jst osaka 大阪 kyoto 京都 sapporo 札幌 fukuoka 福岡 okinawa 沖縄 nagoya 名古屋
Asia/Seoul: Seoul ソウル
Asia/Seoul: South_Korea 韓国; korea kst
Asia/Shanghai: Beijing 北京
Asia/Shanghai: Shanghai 上海
Asia/Shanghai: China 中国
Asia/Hong_Kong: Hong_Kong 香港
Asia/Taipei: Taiwan 台湾; taipei 台北
Asia/Manila: the_Philippines フィリピン; philippines manila マニラ
Asia/Singapore: Singapore シンガポール
Asia/Kuala_Lumpur: Malaysia マレーシア; kuala_lumpur クアラルンプール
Asia/Bangkok: Thailand タイ; bangkok バンコク
Asia/Ho_Chi_Minh: Vietnam ベトナム; hanoi ハノイ ho_chi_minh_city ホーチミン
Asia/Jakarta: Jakarta ジャカルタ
Asia/Kolkata: India インド; delhi new_delhi デリー mumbai ムンバイ bangalore ist
Asia/Dubai: Dubai ドバイ
Asia/Riyadh: Saudi_Arabia サウジアラビア
Asia/Jerusalem: Israel イスラエル
Europe/Istanbul: Turkey トルコ; istanbul イスタンブール
Europe/Moscow: Moscow モスクワ
Europe/London: London ロンドン
Europe/London: the_UK イギリス; uk england britain great_britain united_kingdom the_united_kingdom scotland wales 英国
Europe/Dublin: Ireland アイルランド; dublin ダブリン
Europe/Lisbon: Lisbon リスボン
Europe/Madrid: Madrid マドリード
Europe/Madrid: Barcelona バルセロナ
Europe/Paris: Paris パリ
Europe/Paris: France フランス
Europe/Berlin: Berlin ベルリン
Europe/Berlin: Germany ドイツ; munich ミュンヘン hamburg cet
Europe/Amsterdam: the_Netherlands オランダ; netherlands holland amsterdam アムステルダム
Europe/Brussels: Belgium ベルギー; brussels ブリュッセル
Europe/Zurich: Switzerland スイス; zurich チューリッヒ
Europe/Vienna: Austria オーストリア; vienna ウィーン
Europe/Rome: Rome ローマ
Europe/Rome: Italy イタリア; milan ミラノ
Europe/Athens: Greece ギリシャ; athens アテネ
Europe/Warsaw: Poland ポーランド; warsaw ワルシャワ
Europe/Prague: Prague プラハ
Europe/Budapest: Hungary ハンガリー; budapest ブダペスト
Europe/Stockholm: Sweden スウェーデン; stockholm ストックホルム
Europe/Oslo: Norway ノルウェー; oslo オスロ
Europe/Copenhagen: Denmark デンマーク; copenhagen コペンハーゲン
Europe/Helsinki: Finland フィンランド; helsinki ヘルシンキ
Europe/Kyiv: Ukraine ウクライナ; kyiv kiev キーウ
Atlantic/Reykjavik: Iceland アイスランド; reykjavik
Africa/Cairo: Egypt エジプト; cairo カイロ
Africa/Johannesburg: South_Africa 南アフリカ; johannesburg ヨハネスブルグ cape_town ケープタウン
Africa/Lagos: Nigeria ナイジェリア; lagos
Africa/Nairobi: Kenya ケニア; nairobi ナイロビ
America/New_York: New_York ニューヨーク; nyc new_york_city
America/New_York: Eastern_time 米国東部; est edt eastern boston ボストン miami マイアミ atlanta アトランタ
America/Toronto: Toronto トロント
America/Chicago: Chicago シカゴ
America/Chicago: Central_time 米国中部; cst cdt central texas テキサス houston dallas austin
America/Denver: Denver デンバー
America/Phoenix: Phoenix フェニックス; arizona アリゾナ
America/Los_Angeles: Los_Angeles ロサンゼルス; la ロス
America/Los_Angeles: Seattle シアトル
America/Los_Angeles: California カリフォルニア; san_diego
America/Los_Angeles: San_Francisco サンフランシスコ
America/Los_Angeles: Las_Vegas ラスベガス
America/Los_Angeles: Pacific_time 米国太平洋; pst pdt pacific
America/Vancouver: Vancouver バンクーバー
America/Anchorage: Alaska アラスカ
Pacific/Honolulu: Hawaii ハワイ; honolulu ホノルル
America/Mexico_City: Mexico_City メキシコシティ
America/Bogota: Colombia コロンビア; bogota
America/Lima: Peru ペルー; lima リマ
America/Argentina/Buenos_Aires: Argentina アルゼンチン; buenos_aires ブエノスアイレス
America/Sao_Paulo: São_Paulo サンパウロ; sao_paulo
America/Sao_Paulo: Rio_de_Janeiro リオデジャネイロ; rio リオ
Australia/Sydney: Sydney シドニー
Australia/Melbourne: Melbourne メルボルン
Australia/Brisbane: Brisbane ブリスベン
Australia/Adelaide: Adelaide アデレード
Australia/Perth: Perth パース
Pacific/Auckland: New_Zealand ニュージーランド; auckland オークランド nz
UTC: UTC 協定世界時; gmt 世界時
"""


def place(name: str) -> Place | None:
    """Give the place with this name, in either language, or time zone ("Asia/Tokyo"); None for an unknown one.

    Of "Adelaide, Australia" the first part is enough.
    """
    return _NAMED.get(_folded(name)) or _NAMED.get(_folded(name.partition(",")[0]))


def _folded(name: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", name).casefold().replace("_", " ").split())


def _read() -> dict[str, Place]:
    found: dict[str, Place] = {}
    for row in _ROWS.strip().splitlines():
        zone, _, names = row.partition(": ")
        shown, _, others = names.partition("; ")
        en, ja = (name.replace("_", " ") for name in shown.split())
        for name in (en, ja, zone, *others.split()):
            found.setdefault(_folded(name), Place(zone, en, ja))
    return found


_NAMED: Final = _read()
