"""What products do not do: compile again, or make matrices for every vector."""

from __future__ import annotations

import tracemalloc

import numpy as np

from analog.mvm import Periphery
from analog.mvm.chain import chain
from analog.parameters import IOParameters
from tests.analog.mvm.sites import site

NOISY = IOParameters(ir_drop=1.0, w_noise=0.02, w_noise_type="PCM_READ", inp_noise=0.01)


def test_other_numbers_need_no_other_kernels() -> None:
    other = NOISY.replace(
        ir_drop=0.5, w_noise=0.1, inp_noise=0.2, inp_res=0.1, out_res=62, out_noise=0.3, out_bound=2.0
    )
    one, two = (chain(io, transposed=False) for io in (NOISY, other))
    for name in ("scaling", "inputs", "effects", "outputs"):
        assert getattr(one, name).kernel is getattr(two, name).kernel
        assert name == "scaling" or getattr(one, name).numbers != getattr(two, name).numbers


def test_memory_is_for_vectors_not_for_matrices_per_vector() -> None:
    size, batch = 256, 48
    place, periphery = site((size, size)), Periphery(NOISY)
    state = periphery.create(place)
    weights, x = np.full((size, size), 0.01, np.float32), np.ones((batch, size), np.float32)
    periphery.product(state, place, weights, x)
    tracemalloc.start()
    try:
        periphery.product(state, place, weights, x)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    # The magnitudes of the weights, the result, and two arrays of inputs at a time.
    assert peak < 4 * (size * size + 5 * batch * size)


def test_what_is_off_is_not_drawn_or_multiplied() -> None:
    plain = chain(IOParameters(out_noise=0.0), transposed=False)
    assert plain.effects is None
    for side in (plain.inputs, plain.outputs):
        assert not side.noisy
        assert not side.stochastic
