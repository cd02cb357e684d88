"""Backends: the contract, the registry, and the one for any array-API namespace."""

from tensorlayer.backend.abstract import Backend, Kernel, Rule
from tensorlayer.backend.array import ArrayBackend
from tensorlayer.backend.convert import convert_kernel
from tensorlayer.backend.executable import Executable, Progress, Step, assemble
from tensorlayer.backend.registry import GROUP, backend_names, backend_of, get_backend, register
from tensorlayer.backend.table import BackendRow, BackendTable, backends

__all__ = [
    "GROUP",
    "ArrayBackend",
    "Backend",
    "BackendRow",
    "BackendTable",
    "Executable",
    "Kernel",
    "Progress",
    "Rule",
    "Step",
    "assemble",
    "backend_names",
    "backend_of",
    "backends",
    "convert_kernel",
    "get_backend",
    "register",
]
