"""Random numbers that are pure functions of their address: see `docs/randomness.md`."""

from analog.random.distributions import (
    bernoulli,
    normal_at,
    normal_pair,
    normals4,
    threshold,
    uniform,
    uniform_at,
    uniforms4,
    word_at,
)
from analog.random.draw import fill_integers, fill_normals, fill_uniforms, integers, normals, uniforms
from analog.random.key import RandomKey
from analog.random.philox import words
from analog.random.streams import Stream

__all__ = [
    "RandomKey",
    "Stream",
    "bernoulli",
    "fill_integers",
    "fill_normals",
    "fill_uniforms",
    "integers",
    "normal_at",
    "normal_pair",
    "normals",
    "normals4",
    "threshold",
    "uniform",
    "uniform_at",
    "uniforms",
    "uniforms4",
    "word_at",
    "words",
]
