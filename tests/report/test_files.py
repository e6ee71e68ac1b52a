import json

from chainrule.report.files import to_json


def test_json_is_strict():
    value = {"a": [1.5, float("inf"), {"b": float("nan")}], "c": (True, None, "é")}
    text = to_json(value)
    assert json.loads(text) == {"a": [1.5, None, {"b": None}], "c": [True, None, "é"]}
    assert text.endswith("\n")
