"""The errors that only the analog floor raises; all others are those of `tensorlayer.errors`."""

from __future__ import annotations

from tensorlayer.errors import TensorlayerError

__all__ = ["CheckpointError", "ConfigError", "CurveError", "NotFiniteError", "VersionMismatchError"]


class ConfigError(TensorlayerError, ValueError):
    """Parameters that do not exist, or cannot take that value, or contradict each other."""


class CheckpointError(TensorlayerError, ValueError):
    """A saved state that cannot be read: truncated, altered, of another version or another configuration."""


class NotFiniteError(TensorlayerError, ValueError):
    """Vectors or weights with NaN or infinity: no converter and no device holds them."""


class CurveError(TensorlayerError, ValueError):
    """Measured curves that cannot be read, or that a device cannot be fitted to."""


class VersionMismatchError(TensorlayerError, RuntimeError):
    """Worker processes with other software than here: the same bits could not be promised."""
