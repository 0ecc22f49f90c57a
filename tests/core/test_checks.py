"""What was found can be handed on as JSON, and an empty look at a machine is a value too."""

import msgspec

from vtuber.core.checks import Check, Findings


def test_findings_and_checks_survive_json():
    found = Findings(system="linux", python="3.11.7", home="/home/me/vtuber", voices={"en": "espeak"})
    assert msgspec.json.decode(msgspec.json.encode(found), type=Findings) == found
    check = Check("sound", "warn", "no card")
    assert msgspec.json.decode(msgspec.json.encode(check), type=Check) == check
