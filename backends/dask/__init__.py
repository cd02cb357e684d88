"""Dask: chunked arrays, every block computed by an inner backend; on a cluster when a client is active."""

from backends.dask.backend import DaskBackend, backend

__all__ = ["DaskBackend", "backend"]
