"""Addresses of arrays, as NumPy tells them in a dictionary."""

from __future__ import annotations

import numpy as np
import pytest

from backends.numba.address import address_of

WHOLE = np.arange(24.0).reshape(4, 6)


@pytest.mark.parametrize(
    "array",
    [
        WHOLE,
        WHOLE[1:, ::2],
        WHOLE[::-1],
        WHOLE.T,
        np.float32(3) + np.zeros(()),
        np.empty((0, 3)),
        WHOLE[2:].view(np.recarray),
    ],
    ids=["whole", "part", "backwards", "transposed", "scalar", "empty", "subclass"],
)
def test_addresses_are_those_of_the_first_elements(array):
    array = np.asanyarray(array)
    assert address_of(array) == array.__array_interface__["data"][0]


def test_what_is_read_only_has_an_address():
    array = np.frombuffer(b"12345678", np.int64)
    assert address_of(array) == array.__array_interface__["data"][0]
