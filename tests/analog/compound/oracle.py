"""What compounds do, in float64 NumPy, one vector pair and one transfer after the other. Noise is off."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from analog.parameters import UpdateParameters


def pulses(x: np.ndarray, d: np.ndarray, lr: float, g: float, how: UpdateParameters) -> np.ndarray:
    """Pulses of one vector pair with DETERMINISTIC_IMPLICIT trains; negative ones decrease the weight."""
    x_max, d_max = abs(x).max(), abs(d).max()
    if lr == 0 or x_max == 0 or d_max == 0:
        return np.zeros((len(d), len(x)), int)
    size = abs(lr) * x_max * d_max / g
    length = min(math.ceil(size), how.desired_bl) if how.update_bl_management else how.desired_bl
    a = b = math.sqrt(abs(lr) / (g * length))
    if how.update_management or how.update_bl_management:
        d_max *= min(1.0, how.desired_bl / size)
        a, b = a * math.sqrt(x_max / d_max), b * math.sqrt(d_max / x_max)
    counts = np.rint(length * np.outer(np.minimum(a * abs(d), 1), np.minimum(b * abs(x), 1)))
    return (-np.sign(np.outer(d, x)) * np.sign(lr) * counts).astype(int)


@dataclass
class Device:
    """Devices with a law of one pulse, between bounds."""

    w: np.ndarray
    up: Callable[[np.ndarray], np.ndarray]
    down: Callable[[np.ndarray], np.ndarray]
    least: np.ndarray
    most: np.ndarray
    g: float

    def step(self, counts: np.ndarray) -> None:
        for n in range(1, int(abs(counts).max(initial=0)) + 1):
            change = np.where(counts > 0, self.up(self.w), -self.down(self.w))
            self.w = np.clip(np.where(abs(counts) >= n, self.w + change, self.w), self.least, self.most)


@dataclass
class Transfers:
    """Tiki-Taka: devices, each of which is read line by line into the next."""

    devices: list[Device]
    how: UpdateParameters
    every: list[int]
    reads: int = 1
    columns: bool = True
    transfer_lr: float = 1.0
    transfer_how: UpdateParameters = field(default_factory=UpdateParameters)
    exact: bool = False
    seen: int = 0
    lines: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.lines = self.lines or [0] * len(self.devices)

    def update(self, x: np.ndarray, d: np.ndarray, lr: float) -> None:
        for one_x, one_d in zip(x, d, strict=True):
            self.gradient(one_x, one_d, lr)
            self.seen += 1
            for level, every in enumerate(self.every):
                if every and self.seen % every == 0:
                    for _ in range(self.reads):
                        line = self.lines[level]
                        self.lines[level] = (line + 1) % self.line_count
                        self.transfer(level, line, lr)

    @property
    def line_count(self) -> int:
        return self.devices[0].w.shape[1 if self.columns else 0]

    def gradient(self, x: np.ndarray, d: np.ndarray, lr: float) -> None:
        self.devices[0].step(pulses(x, d, lr, self.devices[0].g, self.how))

    def transfer(self, level: int, line: int, lr: float) -> None:
        self.write(level + 1, line, self.read(level, line), self.transfer_lr * lr)

    def read(self, level: int, line: int) -> np.ndarray:
        w = self.devices[level].w
        return (w[:, line] if self.columns else w[line]).copy()

    def write(self, level: int, line: int, values: np.ndarray, lr: float) -> None:
        to = self.devices[level]
        if self.exact:
            self.step_line(to, line, np.rint(lr * values / to.g).astype(int))
        else:
            one = np.ones(1)
            x, d = (one, -values) if self.columns else (values, -one)
            self.step_line(to, line, pulses(x, d, lr, to.g, self.transfer_how).ravel())

    def step_line(self, to: Device, line: int, line_counts: np.ndarray) -> None:
        counts = np.zeros(to.w.shape, int)
        counts[(slice(None), line) if self.columns else line] = line_counts
        to.step(counts)


@dataclass
class Buffered(Transfers):
    """Tiki-Taka version 2."""

    threshold: float = 1.0
    momentum: float = 0.1
    forget: bool = True
    buffers: list[np.ndarray] = field(default_factory=list)

    def transfer(self, level: int, line: int, lr: float) -> None:
        self.buffers = self.buffers or [np.zeros_like(self.devices[0].w) for _ in self.devices]
        place = (slice(None), line) if self.columns else line
        held = self.buffers[level][place] + abs(self.transfer_lr * lr) * self.read(level, line)
        size, limit = self.threshold * self.devices[level + 1].g, self.transfer_how.desired_bl
        counts = np.clip(np.trunc(held / size), -limit, limit)
        kept = self.momentum * held if self.forget else held - (1 - self.momentum) * counts * size
        self.buffers[level][place] = np.where(counts != 0, kept, held)
        self.step_line(self.devices[level + 1], line, counts.astype(int))


@dataclass
class Chopped(Transfers):
    """Chopped Tiki-Taka version 2 with choppers that flip regularly; AGAD when `tail` is not 0."""

    size: float = 1.0
    momentum: float = 0.0
    forget: bool = True
    buffer: bool = True
    period: int = 0
    auto: tuple[float, float, float] | None = None  # fast_lr * desired_bl * g, forgetting, -
    corrected: bool = False
    tail: float = 0.0
    cap: float = 0.0
    accumulated: bool = False
    outer: bool = False  # whether the signs of elements flip after every sweep

    def __post_init__(self) -> None:
        super().__post_init__()
        shape = self.devices[0].w.shape
        lines, others = shape[::-1] if self.columns else shape
        self.line_sign, self.other_sign = np.ones(lines), np.ones(others)
        self.age = np.zeros(lines, int)
        self.held, self.mean, self.reference = (np.zeros((lines, others)) for _ in range(3))
        self.sweeps = 0
        self.averages = np.zeros(2)
        self.rate = 0.0

    def gradient(self, x: np.ndarray, d: np.ndarray, lr: float) -> None:
        self.rate = lr
        if self.auto:
            largest = np.array([abs(x).max(), abs(d).max()])
            share = 1.0 if not self.averages.any() else self.auto[1]
            self.averages = self.averages + share * (largest - self.averages)
            self.rate = self.auto[0] / self.averages.prod()
        x_sign, d_sign = (self.line_sign, self.other_sign) if self.columns else (self.other_sign, self.line_sign)
        super().gradient(x * x_sign, d * d_sign, self.rate)

    def transfer(self, level: int, line: int, lr: float) -> None:
        value = self.read(0, line)
        if self.tail:
            share = min(self.tail / self.period, 1.0)
            if self.age[line] == 0:
                self.reference[line] = self.mean[line]
            self.mean[line], value = (1 - share) * self.mean[line] + share * value, value - self.reference[line]
        scale = self.transfer_lr * lr / self.size
        if self.corrected:
            scale *= self.devices[0].g / self.devices[1].g / self.rate
        if self.accumulated:
            scale /= min(self.age[line] + 1, 1 / self.devices[0].g)
        held = self.held[line] * self.buffer + scale * value * self.line_sign[line] * self.other_sign
        limit = self.transfer_how.desired_bl
        counts = np.clip(np.trunc(held), -limit, limit)
        kept = self.momentum * held if self.forget else held - (1 - self.momentum) * counts
        if self.cap and not self.forget:
            kept = np.clip(kept, -self.cap * limit, self.cap * limit)
        self.held[line] = np.where(counts != 0, kept, held)
        if not self.tail or self.sweeps > self.period:
            self.step_line(self.devices[1], line, counts.astype(int))
        self.age[line] += 1
        if self.period and self.age[line] == self.period:
            self.line_sign[line], self.age[line] = -self.line_sign[line], 0
        if line == self.line_count - 1:
            self.sweeps += 1
            self.other_sign = -self.other_sign if self.outer else self.other_sign
