"""A tool is used only if it is listed and still is what was listed; some are refused whoever lists them."""

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vtuber.core.tool_pins import Offered, changed, pin, refused, standings, tool_names
from vtuber.settings import McpTool

FORECAST = Offered(
    name="forecast",
    description="Tomorrow's weather.",
    schema={"type": "object", "properties": {"city": {"type": "string"}, "days": {"type": "integer"}}},
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
schemas = st.dictionaries(st.text(), json_values, max_size=4)
offers = st.builds(Offered, name=st.text(), description=st.text(), schema=schemas)


def listed(offered: Offered, says: str = "tomorrow's weather in a city") -> McpTool:
    return McpTool(says=says, pin=pin(offered))


def takes(*arguments: str, name: str = "helper") -> Offered:
    return Offered(
        name=name, schema={"type": "object", "properties": {argument: {"type": "string"} for argument in arguments}}
    )


def reordered(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: reordered(value[key]) for key in reversed(value)}
    return [reordered(one) for one in value] if isinstance(value, list) else value


@given(offers)
def test_a_pin_is_of_the_meaning_not_of_the_order_in_which_it_was_written(offered: Offered):
    again = Offered(name=offered.name, description=offered.description, schema=reordered(copy.deepcopy(offered.schema)))
    assert pin(again) == pin(offered)
    assert len(pin(offered)) == 64


@given(offers, offers)
def test_two_tools_have_the_same_pin_only_if_they_say_the_same(one: Offered, other: Offered):
    said = [[offered.name, offered.description, repr(sorted_deeply(offered.schema))] for offered in (one, other)]
    assert (pin(one) == pin(other)) == (said[0] == said[1])


def sorted_deeply(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: sorted_deeply(value[key]) for key in sorted(value)}
    return [sorted_deeply(one) for one in value] if isinstance(value, list) else value


@pytest.mark.parametrize(
    "field", [{"name": "forecasts"}, {"description": "Tomorrow's weather!"}, {"schema": {"type": "object"}}]
)
def test_whatever_a_server_changes_the_pin_changes(field: dict[str, Any]):
    said = {"name": FORECAST.name, "description": FORECAST.description, "schema": FORECAST.schema}
    assert pin(Offered(**{**said, **field})) != pin(FORECAST)


def test_what_changed_is_said():
    now = Offered(name="forecast", description="now", schema={"type": "object"})
    assert changed(FORECAST, now).endswith("it changed its description and its arguments")
    same_words = Offered(name="forecast", description=FORECAST.description, schema={"type": "object"})
    assert changed(FORECAST, same_words).endswith("it changed its arguments")


@pytest.mark.parametrize(
    "name",
    [
        *("exec", "shell", "run_code", "runCode", "RunCode", "RUN-CODE", "runcode", "python", "python3", "bash", "sql"),
        *("execute_command", "code_interpreter", "run_some_python_code", "evaluate_script", "eval", "start-process"),
        *("terminal.exec", "send_keys", "codeRunner", "ssh", "jupyter_cell", "sudo", "invoke_function"),
    ],
)
def test_a_tool_that_is_called_for_running_code_is_refused(name: str):
    assert refused(Offered(name=name, schema={"type": "object"})) == "runs code or commands"


@pytest.mark.parametrize(
    "name",
    [
        *(
            "write_file",
            "writefile",
            "read_file",
            "readFile",
            "list_directory",
            "create_dir",
            "file_search",
            "edit_files",
        ),
        *("mkdir", "move_folder", "filesystem"),
    ],
)
def test_a_tool_that_is_called_for_using_files_is_refused(name: str):
    assert refused(Offered(name=name, schema={"type": "object"})) == "reads or changes files"


@pytest.mark.parametrize("name", ["delete_event", "publish", "git-commit", "uploadImage", "drop_table"])
def test_a_tool_that_is_called_for_changing_something_is_refused(name: str):
    assert refused(Offered(name=name, schema={"type": "object"})).startswith("changes something")


def test_a_tool_that_is_not_for_reading_by_its_own_account_is_refused():
    assert refused(Offered(name="lights", schema={"type": "object"}, changes=True)).startswith("changes something")


@pytest.mark.parametrize("argument", ["command", "shell", "cmd", "script", "sql", "source_code", "shellCommand"])
def test_an_argument_that_is_code_makes_any_tool_refused_at_any_depth(argument: str):
    inner = takes(argument).schema
    for schema in (
        inner,
        {"type": "object", "properties": {"options": inner}},
        {"type": "object", "properties": {"steps": {"type": "array", "items": {"anyOf": [{"type": "null"}, inner]}}}},
        {"type": "object", "properties": {"steps": {"$ref": "#/$defs/Step"}}, "$defs": {"Step": inner}},
    ):
        assert refused(Offered(name="helper", schema=schema)) == "runs code or commands"


@pytest.mark.parametrize(
    "argument", ["path", "file_path", "filePath", "filepath", "filename", "directory", "output_dir"]
)
def test_an_argument_that_is_a_place_on_a_disk_makes_any_tool_refused(argument: str):
    assert refused(takes("city", argument)) == "reads or changes files"


def test_a_harmless_name_and_a_harmless_argument_may_be_neither_together():
    assert refused(takes("code", name="airport")) == ""
    assert refused(takes("code", name="run")) == "runs code or commands"
    assert refused(takes("function", name="browser_evaluate")) == "runs code or commands"


@pytest.mark.parametrize(
    "offered",
    [
        *(Offered(name=name, schema={"type": "object"}) for name in ("get_post", "roll_dice", "translate", "barcode")),
        *(Offered(name=name, schema={"type": "object"}) for name in ("search_python_docs", "startup_news", "restart")),
        *(
            Offered(name=name, schema={"type": "object"})
            for name in ("jisho-search", "hn.top", "profile", "get_terminal")
        ),
        takes("query", "country_code", "url", name="web_search"),
        takes("expression", name="evaluate_expression"),
        takes("direction", "profile", name="go_forward"),
        FORECAST,
    ],
)
def test_a_tool_for_looking_something_up_is_not_refused(offered: Offered):
    assert refused(offered) == ""


@pytest.mark.parametrize("name", ["", "天気", "ехес", "two words", "a\nb", "x" * 65, "a;b"])
def test_a_name_that_is_no_plain_word_is_refused(name: str):
    assert refused(Offered(name=name, schema={"type": "object"})).startswith("has a name with other characters")


def test_arguments_that_cannot_be_checked_make_a_tool_refused():
    assert refused(Offered(name="odd", schema={"type": "string"})).startswith("does not describe")


def test_a_server_s_words_are_gone_through_only_as_far_as_something_can_be_passed_by_them():
    unused = {"type": "object", "$defs": {"Never": takes("command").schema}}
    assert refused(Offered(name="odd", schema=unused)) == ""
    endless = takes("command", *(f"a{number}" for number in range(1000)))
    assert refused(endless).startswith("has too many arguments")


@given(offers)
def test_anything_at_all_can_be_judged(offered: Offered):
    standing = standings({offered.name: listed(offered)}, [offered])[0]
    assert (standing.state == "ok") == (not refused(offered))


def test_each_tool_gets_its_state_the_listed_ones_first():
    other = Offered(name="tides", schema={"type": "object"})
    code = Offered(name="run_code", schema={"type": "object"})
    found = standings(
        {
            "run_code": listed(code),
            "forecast": listed(FORECAST),
            "gone": listed(FORECAST),
            "moon": McpTool(says="the moon", pin="0" * 64),
            "sun": listed(Offered(name="sun", schema={"type": "object"}), says="  "),
            "tides": McpTool(says="the tides"),
        },
        [
            other,
            FORECAST,
            code,
            takes(name="moon"),
            Offered(name="sun", schema={"type": "object"}),
            takes(name="birds"),
        ],
    )
    assert [(one.tool, one.state) for one in found] == [
        ("run_code", "refused"),
        ("forecast", "ok"),
        ("gone", "gone"),
        ("moon", "changed"),
        ("sun", "no words"),
        ("tides", "no pin"),
        ("birds", "not listed"),
    ]
    assert all(one.why for one in found if one.state not in {"ok", "not listed"})


def test_a_pin_may_be_written_in_capitals_or_with_blanks():
    shouted = McpTool(says="it", pin=f" {pin(FORECAST).upper()}\n")
    assert standings({"forecast": shouted}, [FORECAST])[0].state == "ok"


def test_of_two_tools_under_one_name_none_is_used():
    shadow = Offered(name="forecast", description="Another one.", schema={"type": "object"})
    for both in ([FORECAST, shadow], [shadow, FORECAST], [FORECAST, FORECAST]):
        found = standings({"forecast": listed(FORECAST)}, both)
        assert [(one.tool, one.state) for one in found] == [("forecast", "refused")]


@given(st.lists(st.tuples(st.text(max_size=60), st.text(max_size=60)), unique=True, max_size=8))
def test_each_tool_has_a_name_of_its_own_in_one_short_word(pairs: list[tuple[str, str]]):
    names = tool_names(pairs)
    assert list(names) == pairs
    assert len(set(names.values())) == len(pairs)
    for name in names.values():
        assert len(name) <= 40
        assert name.isascii()
        assert name[0].isalpha()
        assert name.replace("_", "").isalnum()


def test_a_name_is_that_of_the_server_and_of_the_tool():
    assert tool_names([("weather", "get-Forecast")]) == {("weather", "get-Forecast"): "weather_get_forecast"}
    assert tool_names([("web", "search")])["web", "search"].startswith("web_search_")
    assert tool_names([("天気", "clock")])["天気", "clock"] != "clock"
    assert len(set(tool_names([("a_b", "c"), ("a", "b_c"), ("天気", "c"), ("気温", "c")]).values())) == 4
