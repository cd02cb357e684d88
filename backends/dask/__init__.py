"""Dask: chunked arrays, every block computed by an inner backend; on a cluster when a client is active."""

from backends.dask.backend import DaskBackend, backend
from backends.dask.runtime import DaskEngine, DaskRuntime, engine

__all__ = ["DaskBackend", "DaskEngine", "DaskRuntime", "backend", "engine"]
