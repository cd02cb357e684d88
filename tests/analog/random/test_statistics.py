"""Statistics of draws. Seeds are fixed; right numbers would fail each check with a probability below 1 in 10,000."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from analog.random import RandomKey, Stream, fill_integers, fill_normals, fill_uniforms

KEY = RandomKey(seed=20, tile=4)
SIZE = 1 << 20
SIGNIFICANCE = 1e-4
#: Standard errors that a normally distributed estimate exceeds with that probability.
ERRORS = 3.9


def normals(key: RandomKey = KEY, stream: int = Stream.OUTPUT_NOISE, step: int = 9) -> np.ndarray:
    array = np.empty(SIZE, np.float32)
    fill_normals(array, key, stream, step)
    return array.astype(float)


@pytest.fixture(scope="module")
def sample() -> np.ndarray:
    return normals()


def test_uniform_numbers_are_uniform() -> None:
    array = np.empty(SIZE, np.float32)
    fill_uniforms(array, KEY, Stream.INPUT_ROUNDING, 2)
    assert stats.kstest(array, "uniform").pvalue > SIGNIFICANCE
    assert abs(array.mean(dtype=float) - 0.5) < ERRORS / np.sqrt(12 * SIZE)


def test_all_bits_of_words_are_fair() -> None:
    array = np.empty(SIZE, np.uint32)
    fill_integers(array, KEY, Stream.PULSE_X, 2)
    ones = np.unpackbits(array.view(np.uint8)).reshape(SIZE, 32).sum(axis=0)
    assert np.all(np.abs(ones - SIZE / 2) < (ERRORS + 1) * np.sqrt(SIZE) / 2)


def test_normal_numbers_are_normal(sample: np.ndarray) -> None:
    assert stats.kstest(sample, "norm").pvalue > SIGNIFICANCE
    for lane in range(4):
        assert stats.kstest(sample[lane::4], "norm").pvalue > SIGNIFICANCE


def test_moments_of_normal_numbers(sample: np.ndarray) -> None:
    moments = [sample.mean(), sample.var() - 1, stats.skew(sample), stats.kurtosis(sample)]
    errors = np.sqrt(np.array([1, 2, 6, 24]) / SIZE)
    assert np.all(np.abs(moments) < ERRORS * errors)


@pytest.mark.parametrize("sigmas", [1, 2, 3, 4])
def test_tails_of_normal_numbers(sample: np.ndarray, sigmas: float) -> None:
    for side in (sample, -sample):
        assert stats.binomtest(int(np.sum(side > sigmas)), SIZE, stats.norm.sf(sigmas)).pvalue > SIGNIFICANCE


NEIGHBOURS = {
    "next element": lambda: np.roll(normals(), 1),
    "second element": lambda: np.roll(normals(), 2),
    "same lane of the next group": lambda: np.roll(normals(), 4),
    "next step": lambda: normals(step=10),
    "late step": lambda: normals(step=9 + (1 << 32)),
    "next stream": lambda: normals(stream=Stream.OUTPUT_ROUNDING),
    "next seed": lambda: normals(replace(KEY, seed=21)),
    "next tile": lambda: normals(replace(KEY, tile=5)),
    "cell inside": lambda: normals(KEY.child(0)),
}


@pytest.mark.parametrize("name", NEIGHBOURS)
def test_neighbouring_addresses_are_independent(sample: np.ndarray, name: str) -> None:
    other = NEIGHBOURS[name]()
    for here, there in ((sample, other), (sample**2, other**2), (np.abs(sample), other)):
        assert abs(np.corrcoef(here, there)[0, 1]) < ERRORS / np.sqrt(SIZE)
    ranks = [np.floor(16 * stats.norm.cdf(array)).clip(0, 15) for array in (sample, other)]
    table, _, _ = np.histogram2d(*ranks, bins=16)
    assert stats.chisquare(table.ravel()).pvalue > SIGNIFICANCE
