"""Parameters refuse what they cannot mean, and survive copies, pickles and files."""

from __future__ import annotations

import copy
import json
import math
import pickle
from enum import Enum
from typing import Literal

import numpy as np
import pytest

from analog.errors import ConfigError
from analog.parameters import Count, Fraction, NonNegative, Parameters, Positive


class Shape(Enum):
    ROUND = "round"
    FLAT = "flat"


class Lens(Parameters):
    focus: float = 1.0
    blades: Count = 5
    coated: bool = False
    shape: Shape = Shape.ROUND
    losses: tuple[NonNegative, ...] = (0.0, 0.1)
    mount: Literal["a", "b"] = "a"
    label: str | None = None


class Camera(Parameters):
    lens: Lens = Lens()
    quality: Fraction = 0.5
    lenses: tuple[Lens, ...] = ()
    spare: Lens | None = None


class Tele(Lens):
    factor: Positive = 2.0

    def __post_init__(self) -> None:
        if self.factor < self.focus:
            raise ConfigError("Tele.factor is below its focus")


@pytest.mark.parametrize(
    ("given", "held"),
    [
        ({"focus": 3}, 3.0),
        ({"focus": np.float32(0.5)}, 0.5),
        ({"focus": 3.4e38}, 3.4e38),
        ({"blades": np.int64(7)}, 7),
        ({"coated": np.True_}, True),
        ({"shape": "FLAT"}, Shape.FLAT),
        ({"losses": [1, 2]}, (1.0, 2.0)),
        ({"losses": np.array([0.5])}, (0.5,)),
        ({"label": "x"}, "x"),
        ({"label": None}, None),
    ],
)
def test_what_cannot_be_misunderstood_is_converted(given: dict[str, object], held: object) -> None:
    (name,) = given
    value = getattr(Lens(**given), name)
    assert value == held
    assert type(value) is type(held)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"focus": True}, "Lens.focus is a number, not True"),
        ({"focus": "1"}, "Lens.focus is a number, not '1'"),
        ({"focus": math.nan}, "that float32 holds, .* not nan"),
        ({"focus": -math.inf}, "that float32 holds, .* not -inf"),
        ({"focus": 3.5e38}, "Lens.focus is a number that float32 holds"),
        ({"focus": 10**400}, "that float32 holds"),
        ({"focus": -1e-46}, "that float32 holds, 0 or of a size from 1.4e-45 to 3.4e.38, not -1e-46"),
        ({"focus": 1j}, "is a number"),
        ({"blades": 5.0}, "Lens.blades is an integer, not 5.0"),
        ({"blades": True}, "is an integer"),
        ({"blades": -1}, "Lens.blades is -1: it must be at least 0"),
        ({"coated": 1}, "is True or False"),
        ({"shape": "ROUNDD"}, "did you mean 'ROUND'"),
        ({"shape": 3}, "there are ROUND, FLAT"),
        ({"losses": 0.1}, "is a sequence"),
        ({"losses": [0.1, -0.1]}, r"Lens.losses\[1\] is -0.1: it must be at least 0"),
        ({"mount": "c"}, "is one of 'a', 'b'"),
        ({"label": 3}, "Lens.label is str, not 3 .*None"),
        ({"focuss": 1}, "no field 'focuss': did you mean 'focus'"),
        ({"Camera": 1}, "no field 'Camera': there are focus"),
    ],
)
def test_what_a_field_cannot_take_is_refused(given: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        Lens(**given)
    with pytest.raises(ConfigError, match=message):
        Lens().replace(**given)


def test_a_class_is_no_instance_and_positions_are_checked() -> None:
    with pytest.raises(ConfigError, match=r"write Lens\(\)"):
        Camera(lens=Lens)
    with pytest.raises(ConfigError, match="has 4 fields, not 5"):
        Camera(Lens(), 0.1, (), None, 3)
    with pytest.raises(ConfigError, match="given twice"):
        Lens(1.0, focus=2.0)
    with pytest.raises(ConfigError, match="between 0 and 1"):
        Camera(Lens(), 1.5)


def test_bounds_may_be_left_out() -> None:
    with pytest.raises(ConfigError, match="must be above 0"):
        Tele(factor=0)


def test_a_class_checks_what_its_fields_say_together_after_conversion() -> None:
    with pytest.raises(ConfigError, match="below its focus"):
        Tele(focus=3)


@pytest.mark.parametrize(
    "change", [lambda c: setattr(c, "quality", 1.0), lambda c: delattr(c, "quality")], ids=["set", "delete"]
)
def test_nothing_is_assigned(change: object) -> None:
    camera = Camera()
    with pytest.raises(ConfigError, match=r"\.replace\(quality="):
        change(camera)
    with pytest.raises(ConfigError, match="did you mean 'quality'"):
        camera.qualty = 1.0
    assert camera == Camera()


def test_replace_reaches_into_fields() -> None:
    camera = Camera().replace(**{"lens.focus": 2, "lens.blades": 7, "quality": 1})
    assert camera == Camera(lens=Lens(focus=2.0, blades=7), quality=1.0)
    with pytest.raises(ConfigError, match="Lens has no field 'fokus'"):
        camera.replace(**{"lens.fokus": 2})
    with pytest.raises(ConfigError, match="Camera has no field 'lns'"):
        camera.replace(**{"lns.focus": 2})
    with pytest.raises(ConfigError, match="has no fields of its own"):
        camera.replace(**{"quality.focus": 2})


EXAMPLES = [
    Lens(),
    Lens(focus=-3.25, shape=Shape.FLAT, losses=(), label='a "quoted" name'),
    Camera(lens=Tele(factor=3.5), lenses=(Lens(focus=0.1), Tele()), spare=None),
    Camera(spare=Lens(blades=2)),
]


@pytest.mark.parametrize("parameters", EXAMPLES)
@pytest.mark.parametrize("defaults", [True, False])
def test_round_trips(parameters: Parameters, defaults: bool) -> None:
    assert Parameters.from_dict(parameters.to_dict(defaults=defaults)) == parameters
    assert Parameters.from_json(parameters.to_json(defaults=defaults)) == parameters
    assert Parameters.from_toml(parameters.to_toml(defaults=defaults)) == parameters


@pytest.mark.parametrize("parameters", EXAMPLES)
def test_values(parameters: Parameters) -> None:
    for twin in (copy.copy(parameters), copy.deepcopy(parameters), pickle.loads(pickle.dumps(parameters))):
        assert twin == parameters
        assert hash(twin) == hash(parameters)
    assert eval(repr(parameters), globals()) == parameters


def test_what_has_its_default_is_not_shown() -> None:
    assert repr(Camera(lens=Lens(shape="FLAT"))) == "Camera(lens=Lens(shape=Shape.FLAT))"
    assert Camera(quality=1).to_dict(defaults=False)["quality"] == 1.0
    assert "lens" not in Camera(quality=1).to_dict(defaults=False)
    assert Lens() != Tele()


def test_a_file_never_chooses_which_code_runs() -> None:
    plain = Camera().to_dict()
    plain["lens"]["class"] = "antigravity.Lens2"
    with pytest.raises(ConfigError, match=r"no class of parameters 'antigravity\.Lens2' is known"):
        Camera.from_dict(plain)
    plain["lens"]["class"] = "elsewhere.Lens"  # a script that was `__main__` when it saved
    assert Camera.from_dict(plain) == Camera()


@pytest.mark.parametrize(
    ("plain", "message"),
    [
        ({"focus": 1.0}, "names its class"),
        ({"class": 3}, "names its class"),
        ({"class": "Nothing"}, "no class of parameters 'Nothing'"),
        (Camera().to_dict(), "Lens was to be read, found Camera"),
        (Lens().to_dict() | {"focus": "far"}, "is a number"),
        (Lens().to_dict() | {"fokus": 1.0}, "did you mean 'focus'"),
        (3, "Lens was to be read, found int"),
    ],
)
def test_damaged_tables_are_refused(plain: object, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        Lens.from_dict(plain)


def test_damaged_text_is_refused() -> None:
    with pytest.raises(ConfigError, match="no JSON"):
        Lens.from_json(json.dumps(Lens().to_dict())[:-1])
    with pytest.raises(ConfigError, match="no TOML"):
        Lens.from_toml("focus =")
    for nothing in (None, 3):
        with pytest.raises(ConfigError, match="no JSON"):
            Lens.from_json(nothing)
        with pytest.raises(ConfigError, match="no TOML"):
            Lens.from_toml(nothing)


def test_annotations_that_only_a_function_knows_take_anything() -> None:
    Local = float

    class Inner(Parameters):
        value: Local = 1.0
        other: int = 2

    assert Inner(value="anything").value == "anything"
    with pytest.raises(ConfigError, match=r"Inner\.other is an integer"):
        Inner(other=0.5)
