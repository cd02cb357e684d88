"""The analog product of one vector, without noise, as a physicist would write it down: float64, one formula a line."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from analog.parameters import IOParameters
from analog.parameters.enums import AnalogMVType, BoundManagementType, NoiseManagementType

#: Results are not compared where a rounding or a bound was met this closely, in steps or parts of the bound.
CLOSE = 1e-3


@dataclass
class Reference:
    io: IOParameters
    weights: np.ndarray
    frozen: dict[str, np.ndarray] = field(default_factory=dict)
    average: float = 0.0
    close: bool = False

    def product(self, x: np.ndarray) -> tuple[np.ndarray, bool]:
        """The outputs, and whether they hang on the last bit."""
        io, self.close = self.io, False
        if io.is_perfect or io.mv_type is AnalogMVType.IDEAL:
            return io.out_scale * self.weights @ x, False
        alpha = self.alpha(x, io.noise_management)
        reduction = 1.0
        tries = 0
        while True:
            y, exceeded = self.attempt(x, alpha, reduction)
            tries += 1
            step = self.step(io.inp_res, io.inp_bound)
            stop = int(reduction) > io.max_bm_factor or (step > 0 and reduction > io.max_bm_res / step)
            if io.bound_management is BoundManagementType.NONE or not exceeded or stop:
                return y, self.close
            if tries == 1 and io.bound_management is BoundManagementType.ITERATIVE_WORST_CASE:
                alpha = self.alpha(x, NoiseManagementType.ABS_MAX_NP_SUM)
            else:
                reduction *= 2

    def alpha(self, x: np.ndarray, kind: NoiseManagementType) -> float:
        io, peak, limit = self.io, np.abs(x).max(), self.io.nm_thres or np.inf
        if kind is NoiseManagementType.CONSTANT:
            return io.nm_thres or 1.0
        if kind is NoiseManagementType.ABS_MAX:
            return min(peak, limit)
        if kind is NoiseManagementType.MAX:
            return min(max(x.max(), 0.0), limit)
        if kind is NoiseManagementType.AVERAGE_ABS_MAX:
            self.average = (1 - io.nm_decay) * self.average + io.nm_decay * peak if self.average > 0 else peak
            return self.average
        if kind is NoiseManagementType.ABS_MAX_NP_SUM:
            peak = min(peak, limit)
            sums = max(x[x > 0].sum(), -x[x < 0].sum())
            estimate = sums * io.nm_assumed_wmax / (io.out_bound if io.out_bound > 0 else 1.0)
            if (step := self.step(io.inp_res, io.inp_bound)) > 0:
                estimate = min(estimate, peak / step * io.max_bm_res)
            return max(peak, estimate)
        return 1.0

    def attempt(self, x: np.ndarray, alpha: float, reduction: float) -> tuple[np.ndarray, bool]:
        io = self.io
        if alpha <= 0:
            return np.zeros(len(self.weights)), False
        u = self.rounded(x / (alpha * reduction), self.step(io.inp_res, io.inp_bound))
        u = np.clip(u, -io.inp_bound, io.inp_bound) if io.inp_bound > 0 else u
        u = np.where(u < 0, u * (1 - io.inp_asymmetry), u)
        if io.mv_type is AnalogMVType.ONE_PASS:
            y, exceeded = self.finished(self.currents(u, self.weights))
        else:
            negative = self.weights * self.frozen.get("w_asymmetry", 1.0)
            currents = self.currents(np.maximum(u, 0), self.weights), self.currents(np.minimum(u, 0), negative)
            if io.mv_type is AnalogMVType.POS_NEG_SEPARATE:
                y, exceeded = self.finished(currents[0] + currents[1])
            else:
                halves = [self.finished(half) for half in currents]
                y, exceeded = halves[0][0] + halves[1][0], halves[0][1] or halves[1][1]
        return y * alpha * reduction * io.out_scale, exceeded

    def currents(self, u: np.ndarray, weights: np.ndarray) -> np.ndarray:
        io, n = self.io, len(u)
        y = weights @ u
        if io.ir_drop > 0:
            a = np.abs(weights) @ np.abs(u) * n / io.ir_drop_g_ratio
            distance = 1 - (1 - np.arange(n) / n) ** 2
            y = y - io.ir_drop * a * (a * (0.05 * a - 0.2) + 0.5) * (weights @ (u * distance))
        v, r, q = self.frozen.get("v_offset", 0.0), io.r_series, -io.v_offset_w_min * u.sum()
        if io.v_offset_w_min == 0:
            return y * (1 - v) / (1 + r * np.abs(y))
        if r == 0:
            return y * (1 - v) - 2 * v * q
        return (1 - v) * (y + q) / (1 + r * np.abs(y + q)) - (1 + v) * q / (1 + r * np.abs(q))

    def finished(self, y: np.ndarray) -> tuple[np.ndarray, bool]:
        io = self.io
        bound = io.out_bound if io.out_bound > 0 else 1.0
        if io.out_nonlinearity > 0 or io.r_series > 0:
            n = np.broadcast_to(self.frozen.get("out_nonlinearity", io.out_nonlinearity / bound), y.shape)
            factor = 1 + (n.mean() + io.r_series) * io.slope_calibration * bound if io.slope_calibration > 0 else 1.0
            y = factor**2 * y / (1 + np.abs(n * y))
        y = np.where(y < 0, y * (1 - io.out_asymmetry), y)
        y = self.rounded(y, self.step(io.out_res, io.out_bound))
        if io.out_bound <= 0:
            return y, False
        self.close |= bool(np.any(np.abs(np.abs(y) - io.out_bound) < CLOSE * io.out_bound))
        exceeded = np.any(y > io.out_bound) or (io.bm_test_negative_bound and np.any(y < -io.out_bound))
        return np.clip(y, -io.out_bound, io.out_bound), bool(exceeded)

    def rounded(self, values: np.ndarray, step: float) -> np.ndarray:
        if step == 0:
            return values
        parts = values / step
        self.close |= bool(np.any(np.abs(parts - np.floor(parts) - 0.5) < CLOSE))
        return np.asarray(np.rint(parts) * step)

    @staticmethod
    def step(resolution: float, bound: float) -> float:
        if resolution <= 0 or bound <= 0:
            return 0.0
        return (1 / resolution if resolution > 1 else resolution) * 2 * bound
