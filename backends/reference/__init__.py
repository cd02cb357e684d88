"""The reference: every operation as plain loops. It is the definition that the other backends are tested against."""

from backends.reference.backend import ReferenceArray, ReferenceBackend, backend

__all__ = ["ReferenceArray", "ReferenceBackend", "backend"]
