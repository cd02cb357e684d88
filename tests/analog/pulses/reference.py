"""Pulses and what they do, by their definition, in NumPy: no words of bits, no order but that of the slots."""

from __future__ import annotations

import inspect

import numpy as np

from analog.parameters import UpdateParameters
from analog.parameters.enums import PulseType
from analog.pulses import Law
from analog.random import RandomKey, Stream
from tests.analog.random.reference import normals, uniforms, words


def integers(lines: int, slots: int, first: int, step: int, stream: int, key: RandomKey) -> np.ndarray:
    """The random integer of every slot of every line, (slots, lines): its bits, highest first, are those of words."""
    pieces = first + np.arange(-(-slots // 32))[:, None]
    drawn = words(np.arange(lines)[:, None], 8 * pieces[..., None] + np.arange(8), step, stream, key.seed, key.tile)
    drawn = drawn.reshape(len(pieces), lines, 32).astype(np.uint64)
    bits = (drawn[:, None] >> np.arange(32, dtype=np.uint64)[:, None, None]) & np.uint64(1)
    values = (bits << np.arange(31, -1, -1, dtype=np.uint64)).sum(-1)
    return values.reshape(-1, lines)[:slots]


def chances(values: np.ndarray, factor: float, res: float, rounding=None) -> np.ndarray:
    """Probabilities of one vector."""
    chance = np.minimum(np.float32(factor) * abs(values), np.float32(1))
    if res > 0:
        shift = np.float32(0.5) if rounding is None else np.float32(rounding)
        chance = np.minimum(np.float32(res) * np.floor(chance / np.float32(res) + shift), np.float32(1))
    return chance.astype(np.float32)


def fires(values: np.ndarray, chance: np.ndarray, drawn: np.ndarray) -> np.ndarray:
    """-1, 0 or 1 for every slot and line: its sign where it fires."""
    threshold = (chance.astype(np.float64) * 2.0**32).astype(np.uint64)
    return np.where(drawn < threshold, np.sign(values), 0).astype(int)


def trains(x, d, sizes, parameters: UpdateParameters, key: RandomKey, step: int):
    """For every vector pair, the slots' values of x and of d: (slots, inputs) and (slots, outputs)."""
    for vector, length in enumerate(sizes.lengths):
        sides = []
        for values, factors, stream in ((x, sizes.x, Stream.PULSE_X), (d, sizes.d, Stream.PULSE_D)):
            rounding = None
            if parameters.sto_round:
                address = (step + vector, key.of(Stream(stream + 2)), key.seed, key.tile)
                count = -(-values.shape[1] // 4)
                rounding = uniforms(words(np.arange(count), 0, *address).reshape(-1)[: values.shape[1]])
            chance = chances(values[vector], factors[vector], parameters.res, rounding)
            pieces = -(-int(length) // 32)
            passes = 2 if parameters.pulse_type is PulseType.STOCHASTIC else 1
            drawn = [
                integers(values.shape[1], int(length), number * pieces, step + vector, key.of(stream), key)
                for number in range(passes)
            ]
            fired = [fires(values[vector], chance, each) for each in drawn]
            if passes == 2 and stream is Stream.PULSE_X:
                fired = [np.maximum(fired[0], 0), np.minimum(fired[1], 0)]
            sides.append(np.concatenate(fired))
        yield tuple(sides)


def implicit(x, d, sizes, parameters: UpdateParameters):
    """For every vector pair, the signed pulses of every crosspoint."""
    for vector, length in enumerate(sizes.lengths):
        bl = np.float32(length)
        if parameters.pulse_type is PulseType.MEAN_COUNT:
            px = chances(x[vector], sizes.x[vector], parameters.res) * np.sign(x[vector])
            pd = chances(d[vector], sizes.d[vector], parameters.res) * np.sign(d[vector])
            counts = np.rint(np.rint(bl * px) * np.rint(bl * pd)[:, None] / max(bl, 1))
        else:
            px = chances(x[vector], sizes.x[vector], parameters.x_res_implicit) * np.sign(x[vector])
            pd = chances(d[vector], sizes.d[vector], parameters.d_res_implicit) * np.sign(d[vector])
            counts = np.rint(px * (bl * pd)[:, None])
        yield -counts.astype(int)


def directions(x, d, sizes, reverse: bool, parameters: UpdateParameters, key: RandomKey, step: int = 0):
    """Slot after slot, 1, 0 or -1 for every crosspoint."""
    sign = 1 if reverse else -1
    if parameters.pulse_type in {PulseType.MEAN_COUNT, PulseType.DETERMINISTIC_IMPLICIT}:
        for counts in implicit(x, d, sizes, parameters):
            for number in range(int(abs(counts).max(initial=0))):
                yield -sign * np.sign(counts) * (abs(counts) > number)
        return
    for x_slots, d_slots in trains(x, d, sizes, parameters, key, step):
        for x_slot, d_slot in zip(x_slots, d_slots, strict=True):
            yield sign * np.outer(d_slot, x_slot)


def step_through(law: Law, arrays: dict[str, np.ndarray], slots, key: RandomKey, update: int = 0) -> np.ndarray:
    """The weights after those slots: every pulse by itself, in Python, with the noise of its number."""
    weights = arrays["weights"].copy()
    names = list(inspect.signature(law.step).parameters)[2:]
    done = np.zeros(weights.shape, int)
    for slot in slots:
        for i, j in np.argwhere(slot):
            noise = noise_of(i * weights.shape[1] + j, done[i, j], names, update, key) if law.noisy else {}
            values = [arrays[name][i, j] if name in arrays else noise.get(name, field(law, name)) for name in names]
            w = law.step(weights[i, j], np.float32(slot[i, j]), *values)
            weights[i, j] = min(max(np.float32(w), arrays["min_bound"][i, j]), arrays["max_bound"][i, j])
            done[i, j] += 1
    return weights


def field(law: Law, name: str):
    value = getattr(law.device, name, 0.0)
    return np.array(value, np.float32) if isinstance(value, tuple) else np.float32(value)


def noise_of(element: int, pulse: int, names: list[str], update: int, key: RandomKey) -> dict[str, np.float32]:
    """The normal numbers of one pulse: one or two of its crosspoint's sequence."""
    each = 2 if "normal2" in names else 1
    sequence = []
    for number in range(each * pulse, each * pulse + each):
        address = (element, number // 4, update, key.of(Stream.CYCLE_TO_CYCLE), key.seed, key.tile)
        sequence.append(np.float32(normals(words(*address).reshape(2, 2)).reshape(4)[number % 4]))
    return dict(zip(("normal", "normal2"), sequence, strict=False))
