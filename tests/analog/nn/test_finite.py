"""Whether all elements are numbers, also where their sum is none."""

from __future__ import annotations

import math

import pytest
import torch

from analog.nn.finite import is_finite


@pytest.mark.parametrize(
    ("elements", "expected"),
    [
        ([1.0, -2.0], True),
        ([3e38, 3e38, 3e38], True),
        ([1.0, math.nan], False),
        ([1.0, math.inf], False),
        ([math.inf, -math.inf], False),
        ([], True),
    ],
)
def test_one_element_that_is_no_number_is_enough(elements, expected) -> None:
    assert is_finite(torch.tensor(elements)) is expected
