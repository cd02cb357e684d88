"""Checkpoints depend on the numbers of streams: what is in this table stays, new ones are added."""

from __future__ import annotations

import pytest

from analog.errors import ConfigError
from analog.random import RandomKey, Stream

GIVEN = {
    "INPUT_NOISE": 1, "INPUT_ROUNDING": 2, "WEIGHT_NOISE": 3, "OUTPUT_NOISE": 4, "OUTPUT_ROUNDING": 5,
    "OUTPUT_NOISE_SPREAD": 6, "VOLTAGE_OFFSET": 7, "NONLINEARITY_SPREAD": 8, "READ_ASYMMETRY": 9,
    "PULSE_X": 16, "PULSE_D": 17, "PULSE_X_ROUNDING": 18, "PULSE_D_ROUNDING": 19, "CYCLE_TO_CYCLE": 20,
    "WRITE_NOISE": 21, "INITIAL_WEIGHTS": 32, "DIFFUSION": 33, "RESET": 34, "RESET_CHOICE": 35, "DRIFT": 36,
    "DRIFT_NOISE": 37, "CHOICE_OF_DEVICE": 48, "CHOICE_OF_SLICE": 49, "CHOPPER_IN": 50, "CHOPPER_OUT": 51,
    "ACCUMULATOR_X": 52, "ACCUMULATOR_D": 53, "REINITIALISATION": 54, "TRANSFER_VECTOR": 55, "DEVICE_TO_DEVICE": 64,
}  # fmt: skip


def test_numbers_never_change() -> None:
    assert {name: Stream[name].value for name in GIVEN} == GIVEN


def test_numbers_fit_their_eight_bits_and_leave_room_for_devices() -> None:
    others = [stream for stream in Stream if stream is not Stream.DEVICE_TO_DEVICE]
    assert all(0 < stream < Stream.DEVICE_TO_DEVICE for stream in others)


def test_no_two_cells_share_a_key() -> None:
    def tree(key: RandomKey, depth: int) -> list[int]:
        below = [tree(key.child(number), depth - 1) for number in range(16)] if depth else []
        return [key.of(Stream.RESET), *[number for branch in below for number in branch]]

    numbers = tree(RandomKey(seed=1), 3)
    assert len(set(numbers)) == len(numbers) == 1 + 16 + 16**2 + 16**3
    assert max(numbers) < 2**24


@pytest.mark.parametrize(
    ("parts", "name"),
    [({"seed": -1}, "seed"), ({"seed": 1 << 32}, "seed"), ({"tile": 1 << 32}, "tile"), ({"cell": -1}, "cell")],
)
def test_parts_that_do_not_fit_are_refused(parts: dict[str, int], name: str) -> None:
    with pytest.raises(ConfigError, match=f"the {name} of a random key is"):
        RandomKey(**{"seed": 0, **parts})


def test_cells_that_have_no_number_are_refused() -> None:
    with pytest.raises(ConfigError, match="at most 16 cells inside; number 16"):
        RandomKey(seed=0).child(16)
    with pytest.raises(ConfigError, match="nested too deeply"):
        RandomKey(seed=0).child(15).child(15).child(15).child(15)


def test_devices_with_too_many_names_are_refused() -> None:
    assert RandomKey(seed=0).of(Stream.DEVICE_TO_DEVICE, 191) == 255
    with pytest.raises(ConfigError, match="offset 192 is none of them"):
        RandomKey(seed=0).of(Stream.DEVICE_TO_DEVICE, 192)
