"""What is solved, and how far a solution is off."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import networkx as nx
import numpy as np
from analog_solvers_methods import (
    conjugate_gradient,
    page_rank,
    power_iteration,
    refined,
    sparse_solution,
    spectrum,
)

import tensorlayer as tl

__all__ = ["PROBLEMS", "Held"]

Array = np.ndarray[Any, Any]
#: Puts a matrix where it is to be used.
Held = Callable[[Array], tl.Tensor]
SIZE = 48


def _error(found: Any, right: Any) -> float:
    return float(np.linalg.norm(np.asarray(found) - right) / np.linalg.norm(right))


def _system() -> tuple[Array, Array, Array]:
    """A positive definite matrix of condition 10, a right side, and the solution."""
    rng = np.random.default_rng(0)
    q, _ = np.linalg.qr(rng.standard_normal((SIZE, SIZE)))
    matrix = (q * np.linspace(1, 10, SIZE)) @ q.T
    x = rng.standard_normal(SIZE)
    return matrix, matrix @ x, x


def linear_system(held: Held) -> float:
    """Conjugate gradients."""
    matrix, b, x = _system()
    return _error(conjugate_gradient(held(matrix), tl.tensor(b), 12).numpy(), x)


def refinement(held: Held) -> float:
    """The same system, refined."""
    matrix, b, x = _system()
    found = refined(held(matrix), tl.tensor(matrix), tl.tensor(b), rounds=25, steps=4)
    return _error(found.numpy(), x)


def eigenvalue(held: Held) -> float:
    """Power iteration on a matrix with one large eigenvalue."""
    rng = np.random.default_rng(1)
    vector = rng.standard_normal((SIZE, 1))
    noise = rng.standard_normal((SIZE, SIZE)) / np.sqrt(SIZE)
    matrix = vector @ vector.T / SIZE * 4 + (noise + noise.T) / 2
    return _error(power_iteration(held(matrix), 40), np.linalg.eigvalsh(matrix)[-1])


def fourier(held: Held) -> float:
    """A transform of two tones and noise."""
    n = np.arange(SIZE)
    angles = 2 * np.pi * np.outer(n, n) / SIZE
    signal = np.sin(2 * np.pi * 5 * n / SIZE) + 0.5 * np.cos(2 * np.pi * 11 * n / SIZE)
    signal += 0.1 * np.random.default_rng(2).standard_normal(SIZE)
    found = spectrum(held(np.cos(angles)), held(np.sin(angles)), tl.tensor(signal))
    return _error(found.numpy(), np.fft.fft(signal))


def ranking(held: Held) -> float:
    """PageRank of the members of Zachary's karate club."""
    club = nx.karate_club_graph()
    links = nx.to_numpy_array(club, weight=None).T
    right = nx.pagerank(club, alpha=0.85, weight=None, tol=1e-12)
    found = page_rank(held(links / links.sum(0)), 0.85, 60)
    return _error(found.numpy(), np.array(list(right.values())))


def sensing(held: Held) -> float:
    """Five spikes among many places, from half as many measurements."""
    rng = np.random.default_rng(3)
    matrix = rng.standard_normal((SIZE, 2 * SIZE)) / np.sqrt(SIZE)
    x = np.zeros(2 * SIZE)
    x[rng.choice(2 * SIZE, 5, replace=False)] = rng.choice([-1.0, 1.0], 5)
    step = float(1 / np.linalg.norm(matrix, 2) ** 2)
    found = sparse_solution(held(matrix), tl.tensor(matrix @ x), step, penalty=0.03, steps=200)
    return _error(found.numpy(), x)


#: By name: what gives the relative error of a solution with a matrix that is held somewhere.
PROBLEMS: dict[str, Callable[[Held], float]] = {
    "conjugate gradients": linear_system,
    "refinement": refinement,
    "power iteration": eigenvalue,
    "Fourier transform": fourier,
    "PageRank": ranking,
    "compressed sensing": sensing,
}
