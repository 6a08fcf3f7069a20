"""What the plugin finds out about a module, and what it says of differences."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eitherside import Codec, Module, ModuleError
from eitherside.interface import Interface
from eitherside.regression.metrics import Metric, checked, metrics
from eitherside.regression.pictures import Pictures
from eitherside.regression.roles import Roles
from eitherside.regression.verdict import changes, described, difference
from support.images import picture


@pytest.fixture(scope="module")
def pictures(codec: Codec) -> Pictures:
    return Pictures(codec)


def test_roles_are_found_by_inputs_and_outputs(pictures: Pictures) -> None:
    roles = pictures.roles
    found = [each.name for each in (roles.reader, roles.writer, roles.comparer, roles.converter)]
    assert found == ["decode", "encode", "compare", "transcode"]
    assert roles.file_extension == "jxl"


def test_roles_do_not_hang_on_names(module: Module) -> None:
    raw = {**module.interface.raw}
    raw["functions"] = [{**each, "name": f"f{each['id']}", "cost": {}} for each in raw["functions"]]
    roles = Roles.of(Interface(raw))
    assert roles.reader.name != "decode"
    assert roles.comparer.result == module.interface.functions["compare"].result


def test_a_module_without_a_role_is_told(module: Module) -> None:
    raw = {**module.interface.raw}
    raw["functions"] = [each for each in raw["functions"] if each["name"] != "compare"]
    with pytest.raises(ModuleError, match="one function that compares two files; the module has none"):
        Roles.of(Interface(raw))


@pytest.mark.parametrize("sample_type", ["u8", "u16", "f16", "f32"])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_pictures_are_kept_exactly(pictures: Pictures, sample_type: str, channels: int) -> None:
    samples = picture(20, 12, channels, sample_type)
    for quick in (False, True):
        (kept,) = pictures.read(pictures.write(samples, quick=quick))
        assert np.array_equal(kept.astype(samples.dtype), samples)


def test_the_quick_way_is_found_in_the_description_of_costs(pictures: Pictures) -> None:
    assert (pictures.lossless, pictures.quick) == ({"lossless": True}, {"effort": 1})


def test_each_score_has_its_direction(pictures: Pictures) -> None:
    known = metrics(pictures)
    assert {name: metric.grows for name, metric in known.items()} == {
        "butteraugli": True,
        "butteraugli_3norm": True,
        "ssimulacra2": False,
        "psnr": False,
    }
    assert [name for name, metric in known.items() if metric.equal_is_null] == ["psnr"]
    assert known["psnr"].holds(None, 99) and not known["ssimulacra2"].holds(None, 0)


@pytest.mark.parametrize("bound", [True, "1", None, float("nan"), float("inf")])
def test_bounds_are_numbers(bound: Any) -> None:
    known = {"psnr": Metric("psnr", "PSNR", "dB", "", grows=False, equal_is_null=True)}
    with pytest.raises(TypeError, match="the bound of psnr is"):
        checked({"psnr": bound}, known)
    with pytest.raises(TypeError, match="give a bound for one or more of psnr"):
        checked({}, known)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(0, 3) | st.floats(0, 3) | st.sampled_from("xy"),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("ab/"), inner, max_size=2),
    max_leaves=4,
)


@given(JSON, JSON)
def test_equal_values_alone_have_no_changes(one: Any, other: Any) -> None:
    assert changes(one, one) == []
    assert len(changes(one, other)) <= 9
    if not changes(one, other):
        assert one == other


def test_changes_are_pointed_at() -> None:
    before = {"a/b": [{"c": 1}, {"c": 2.0}], "same": [1], "gone": None}
    after = {"a/b": [{"c": True}, {"c": 2}], "same": (1,), "new": "x" * 200}
    told = changes(before, after)
    assert told[:2] == ["/a~1b/0/c: 1 became True", "/gone: None became nothing"]
    assert told[2].startswith("/new: nothing became 'xxx") and len(told[2]) < 110


def test_differences_are_described() -> None:
    before = np.zeros((3, 4, 1), np.float32)
    after = before.copy()
    after[1, 2, 0], after[0, 0, 0] = np.nan, 0.5
    assert described(before, after) == "2 of 12 samples differ, most at x 2, y 1, channel 0: 0 became nan"
    assert described(after, after) == "all 12 samples are equal"
    assert difference(np.array([np.inf]), np.array([-np.inf])) == [np.inf]
    # Not 255 apart, as uint8 wraps around.
    assert difference(np.array([0], np.uint8), np.array([1], np.uint8)) == [1]
