"""The settings' own values make a show that can run, and a wrong key is refused."""

import msgspec
import pytest

from vtuber.settings import Attention, Settings, Thinking


def test_no_settings_at_all_are_the_settings_of_a_show_that_can_run():
    settings = msgspec.convert({}, Settings)
    assert settings == Settings()
    thinking, attention = settings.thinking, settings.attention
    assert 0 < thinking.hard_from < 1
    assert thinking.fast_tokens < thinking.deep_tokens < thinking.talk_tokens
    assert attention.road_size > 0
    assert attention.max_age_s > 0


@pytest.mark.parametrize(
    "wrong", [{"sead": 1}, {"thinking": {"hard_form": 0.5}}, {"attention": {"road_size": "many"}}, {"seed": 0.5}]
)
def test_a_wrong_key_or_value_is_refused(wrong: dict[str, object]):
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(wrong, Settings)


def test_one_value_is_changed_without_touching_the_others():
    changed = msgspec.convert({"thinking": {"hard_from": 0.9}}, Settings)
    assert changed.thinking == Thinking(hard_from=0.9)
    assert changed.attention == Attention()
