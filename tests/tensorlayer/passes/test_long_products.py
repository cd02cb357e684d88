"""Products of more operands than the exact search takes."""

from __future__ import annotations

from functools import reduce
from itertools import pairwise

import numpy as np
import pytest

from tensorlayer.graph import Einsum, Input, OpGraph
from tensorlayer.options import Options
from tensorlayer.passes.contraction_path import EXACT_OPERANDS
from tensorlayer.plan import make_plan


@pytest.mark.parametrize("optimizer", ["auto", "random-greedy", "greedy"])
def test_a_long_chain_of_matrices(optimizer: str) -> None:
    rng = np.random.default_rng(3)
    extents = rng.integers(1, 6, EXACT_OPERANDS + 4)
    matrices = [rng.standard_normal(shape) for shape in pairwise(extents)]
    inputs = [Input.of(i, matrix.shape, matrix.dtype) for i, matrix in enumerate(matrices)]
    product = Einsum.of(inputs, [(i, i + 1) for i in range(len(inputs))], (0, len(inputs)))
    (result,) = make_plan(OpGraph([product]), inputs, Options(optimizer=optimizer)).run(*matrices)
    np.testing.assert_allclose(result, reduce(np.matmul, matrices), rtol=1e-10)
