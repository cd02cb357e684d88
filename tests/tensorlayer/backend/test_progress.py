"""A watched plan gives what the plan gives, and tells of every step."""

from __future__ import annotations

import numpy as np

import tensorlayer as tl
from tensorlayer.language.evaluation import compute


def test_every_step_is_told(backend_name: str) -> None:
    rng = np.random.default_rng(1)
    a, b, c = rng.normal(size=(2, 3)), rng.normal(size=(3, 4)), rng.normal(size=(4, 5))
    told: list[tuple[int, int]] = []
    with tl.use(backend_name):
        recorded = tl.program("abc[i,l] = a[i,j] * b[j,k] * c[k,l]").record(a=a, b=b, c=c)
        compute([recorded["abc"].value], lambda done, steps: told.append((done, steps)))
    steps = len(told)
    assert told == [(done, steps) for done in range(1, steps + 1)]
    assert steps >= 2  # two products
    np.testing.assert_allclose(recorded["abc"].numpy(), a @ b @ c, rtol=1e-12)
