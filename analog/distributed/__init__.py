"""Crossbars in the worker processes of a dask cluster, and sweeps of parameters over them."""

from analog.distributed.cost import StepCost, plot_cost
from analog.distributed.grid import DistributedGrid
from analog.distributed.sweep import sweep
from analog.distributed.table import Table

__all__ = ["DistributedGrid", "StepCost", "Table", "plot_cost", "sweep"]
