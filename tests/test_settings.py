"""The settings' own values make a show that can run, and a wrong key is refused."""

from pathlib import Path

import msgspec
import pytest

from vtuber.errors import BadSetting
from vtuber.settings import Attention, Settings, Thinking, load


def test_no_settings_at_all_are_the_settings_of_a_show_that_can_run():
    settings = msgspec.convert({}, Settings)
    assert settings == Settings()
    thinking, attention = settings.thinking, settings.attention
    assert 0 < thinking.simple_below < thinking.hard_from < 1
    efforts = (thinking.low, thinking.medium, thinking.high)
    assert thinking.fast_tokens < min(cap.tokens for cap in efforts)
    for one in ("tokens", "thinking_tokens"):
        assert [getattr(cap, one) for cap in efforts] == sorted({getattr(cap, one) for cap in efforts})
    assert thinking.low.deadline_s <= thinking.medium.deadline_s <= thinking.high.deadline_s
    assert 0 < thinking.budget.utilisation < 1
    assert all(getattr(thinking.portions, name) > 0 for name in thinking.portions.__struct_fields__)
    assert not settings.tools.mcp
    assert not settings.tools.web_search
    assert attention.road_size > 0
    assert attention.max_age_s > 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"sead": 1},
        {"thinking": {"hard_form": 0.5}},
        {"thinking": {"effort": "enormous"}},
        {"attention": {"road_size": "many"}},
        {"seed": 0.5},
        {"tools": {"mcp": {"weather": {"tools": {"forecast": {"pin": "a tool without words"}}}}}},
    ],
)
def test_a_wrong_key_or_value_is_refused(wrong: dict[str, object]):
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(wrong, Settings)


def test_one_value_is_changed_without_touching_the_others():
    changed = msgspec.convert({"thinking": {"hard_from": 0.9}}, Settings)
    assert changed.thinking == Thinking(hard_from=0.9)
    assert changed.attention == Attention()


@pytest.mark.parametrize("effort", ["low", "medium", "high"])
def test_what_is_not_said_of_an_effort_is_as_usual_for_that_effort(effort: str):
    usual = getattr(Thinking(), effort)
    changed = msgspec.convert({"thinking": {effort: {"tokens": 1234}}}, Settings)
    assert getattr(changed.thinking, effort) == msgspec.structs.replace(usual, tokens=1234)


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("[thinking]\nsimple_below = 7", "a number from 0 to 1"),
        ("[thinking.budget]\nutilisation = 7", "a number from 0 to 1"),
        ("[thinking.low]\ntokens = -1", "at least 1"),
        ("[thinking.high]\ndeadline_s = 0", "more than 0"),
        ("[thinking]\nsimple_below = 0.9\nhard_from = 0.1", "the lower of the two"),
    ],
)
def test_a_number_that_makes_no_sense_is_refused_with_those_that_do(written: str, told: str, tmp_path: Path):
    (tmp_path / "vtuber.toml").write_text(written, encoding="utf-8")
    with pytest.raises(BadSetting, match=told):
        load(tmp_path)
