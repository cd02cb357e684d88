"""Every error this package raises: one root, leaves that also inherit the built-in a caller would catch."""

from __future__ import annotations

__all__ = [
    "AllocationError",
    "AmbiguousError",
    "BackendError",
    "BackendNotFoundError",
    "BackendNotInstalledError",
    "ConversionError",
    "DtypeError",
    "EmptyTensorError",
    "FileAccessError",
    "FileFormatError",
    "FutureCancelledError",
    "FutureTimeoutError",
    "GeneratorError",
    "GraphError",
    "LabelError",
    "LayoutError",
    "LibraryNotInstalledError",
    "MemoryBudgetError",
    "MissingFileError",
    "OptionError",
    "ProgramError",
    "ShapeError",
    "TensorlayerError",
    "UnsupportedOperationError",
    "WorkerLostError",
]


class TensorlayerError(Exception):
    """Root of all errors of this package."""


class LabelError(TensorlayerError, ValueError):
    """Labels that break a rule of the language (R1-R4, R6)."""


class AmbiguousError(LabelError):
    """A statement with two readings (R8): close the inner part to say which is meant."""


class EmptyTensorError(LabelError):
    """A tensor without a value was asked for its elements, shape or layout."""


class ShapeError(TensorlayerError, ValueError):
    """Extents that do not fit together (R5), or an extent that is not a non-negative integer."""


class DtypeError(TensorlayerError, TypeError):
    """An element type that an operation or a backend cannot take."""


class LayoutError(TensorlayerError, ValueError):
    """Shape, symmetry, sparsity or buffer that contradict each other."""


class ProgramError(TensorlayerError, ValueError):
    """A text program that cannot be read; the message points at the column with a caret."""


class GraphError(TensorlayerError, ValueError):
    """An OpGraph that is not legal."""


class BackendError(TensorlayerError, RuntimeError):
    """A backend failed while it ran a plan, or broke its contract."""


class BackendNotFoundError(TensorlayerError, LookupError):
    """No backend of that name, or none that recognises that type; the message lists those there are."""


class BackendNotInstalledError(TensorlayerError, ImportError):
    """The backend is known but its library is missing; the message has the pip line."""


class UnsupportedOperationError(TensorlayerError, NotImplementedError):
    """The backend (or this version) does not do that operation; the message names it."""


class ConversionError(TensorlayerError, TypeError):
    """Elements that cannot be moved between two backends, or not without the copy that was forbidden."""


class AllocationError(TensorlayerError, MemoryError):
    """A buffer could not be allocated; the message has size, device and what is in use."""


class MemoryBudgetError(TensorlayerError, MemoryError):
    """No plan fits the memory budget; the message has the numbers."""


class GeneratorError(TensorlayerError, RuntimeError):
    """The function behind an on-demand tensor raised, or returned the wrong shape."""


class FutureTimeoutError(TensorlayerError, TimeoutError):
    """The result of a future was not there within the time given."""


class FutureCancelledError(TensorlayerError, RuntimeError):
    """The result of a cancelled future was asked for."""


class WorkerLostError(TensorlayerError, ConnectionError):
    """A worker process or the scheduler died and the result could not be recomputed."""


class OptionError(TensorlayerError, ValueError):
    """An option that does not exist, or a value it cannot take."""


class FileFormatError(TensorlayerError, ValueError):
    """A file of tensors that cannot be read or written."""


class FileAccessError(TensorlayerError, OSError):
    """The file system refused: full, read-only, forbidden; a file that was there before is as it was."""


class MissingFileError(FileAccessError, FileNotFoundError):
    """There is no such file."""


class LibraryNotInstalledError(TensorlayerError, ImportError):
    """A feature whose library is missing; the message has the pip line."""
