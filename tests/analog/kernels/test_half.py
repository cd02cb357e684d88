from __future__ import annotations

import numpy as np

from analog.kernels import CPU, Kernel
from analog.kernels.half import as_words, widened


def _widen(row, first, last, words, out):
    for column in range(first, last):
        out[row, column] = widened(words[row, column])


WIDEN = Kernel(_widen)
WORDS = np.arange(1 << 16, dtype=np.uint16)
FINITE = WORDS[np.isfinite(WORDS.view(np.float16))]


def test_every_finite_half_compiled():
    halves = FINITE.view(np.float16).reshape(1, -1)
    out = np.empty(halves.shape, np.float32)
    CPU.launch(WIDEN, *halves.shape, as_words(halves), out)
    np.testing.assert_array_equal(out, halves.astype(np.float32))
    assert np.all(np.signbit(out) == np.signbit(halves))


def test_plain_python_and_the_simulator(simulator):
    words = FINITE[:: len(FINITE) // 50]
    expected = words.view(np.float16).astype(np.float32)
    np.testing.assert_array_equal([widened(word) for word in words], expected)
    np.testing.assert_array_equal(simulator(there, words), expected)


def there(words):
    from analog.kernels import CUDA

    out = np.empty((1, len(words)), np.float32)
    CUDA.launch(WIDEN, 1, len(words), words.reshape(1, -1), out)
    return out[0]


def test_other_arrays_are_as_they_are():
    array = np.ones(3, np.float32)
    assert as_words(array) is array
    assert widened(np.float32(0.1)) == np.float32(0.1)
