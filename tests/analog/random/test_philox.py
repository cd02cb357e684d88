"""Words: the published answers, and one value on all targets at every address."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from analog.kernels import Kernel, target_of
from analog.random import words
from analog.random.philox import philox
from tests.analog.random import reference

ONES = 0xFFFFFFFF
#: Random123's kat_vectors: counter, key, words.
KNOWN = [
    ([0] * 4, [0] * 2, [0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8]),
    ([ONES] * 4, [ONES] * 2, [0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD]),
    (
        [0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344],
        [0xA4093822, 0x299F31D0],
        [0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1],
    ),
]
TOP = np.array([2**32 - 1, 2**32 - 1, 2**40 - 1, 2**24 - 1, 2**32 - 1, 2**32 - 1])
#: Addresses: nothing, each part at its largest alone, all of them, and some in between.
ADDRESSES = np.concatenate(
    [np.zeros((1, 6), int), np.diag(TOP), TOP[None], np.random.default_rng(3).integers(0, TOP, (10, 6))]
)


def raw(row: int, first: int, last: int, counters: Any, keys: Any, out: Any) -> None:
    for column in range(first, last):
        c, k = counters[column], keys[column]
        out[column, 0], out[column, 1], out[column, 2], out[column, 3] = philox(c[0], c[1], c[2], c[3], k[0], k[1])


def addressed(row: int, first: int, last: int, addresses: Any, out: Any) -> None:
    for column in range(first, last):
        a = addresses[column]
        out[column, 0], out[column, 1], out[column, 2], out[column, 3] = words(a[0], a[1], a[2], a[3], a[4], a[5])


RAW, ADDRESSED = Kernel(raw), Kernel(addressed)


def drawn_raw(counters: np.ndarray, keys: np.ndarray) -> np.ndarray:
    out = np.zeros((len(counters), 4), np.uint32)
    target_of(out).launch(RAW, 1, len(counters), counters, keys, out)
    return out


def drawn(addresses: np.ndarray) -> np.ndarray:
    out = np.zeros((len(addresses), 4), np.uint32)
    target_of(out).launch(ADDRESSED, 1, len(addresses), addresses, out)
    return out


def plain(counters: np.ndarray, keys: np.ndarray) -> np.ndarray:
    return np.array([philox(*counter, *key) for counter, key in zip(counters, keys, strict=True)])


@pytest.mark.parametrize("run", [plain, drawn_raw, reference.philox])
def test_known_answers(run) -> None:
    counters, keys, answers = (np.array(part, np.uint32) for part in zip(*KNOWN, strict=True))
    np.testing.assert_array_equal(run(counters, keys), answers)


def test_every_target_draws_the_words_of_the_reference(simulator) -> None:
    expected = reference.words(*ADDRESSES.T)
    np.testing.assert_array_equal(drawn(ADDRESSES), expected)
    np.testing.assert_array_equal(simulator(drawn, ADDRESSES), expected)


def test_addresses_that_differ_in_any_bit_have_other_words() -> None:
    bits = [32, 32, 40, 24, 32, 32]
    base = np.array([5, 0, 7, 3, 1, 2])
    changed = [base] + [base ^ (np.arange(6) == part) * (1 << bit) for part in range(6) for bit in range(bits[part])]
    found = drawn(np.array(changed))
    assert len(np.unique(found, axis=0)) == 1 + sum(bits)
