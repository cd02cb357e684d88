"""Training one model in several processes with torch's `DistributedDataParallel`."""

from __future__ import annotations

from typing import Any

import torch

from analog.nn.parameter import AnalogParameter

__all__ = ["prepare_for_ddp"]


def prepare_for_ddp(model: torch.nn.Module) -> torch.nn.Module:
    """Let crossbars learn from the pairs of all processes; before the model is wrapped.

    Every process has all crossbars. A step of an optimizer first gathers the pairs of vectors of all processes in the
    order of their ranks, so that all make the same pulses: draws depend on seeds and counters only, and replicas stay
    equal bit for bit, as long as processes get batches of the same extents. The gradient is the mean over processes, as
    of torch. Processes must start from the same state: the same seed when the model is made, or a common checkpoint.

    Parameters
    ----------
    model : Module
        With analog layers.

    Returns
    -------
    Module
        The same, for ``DistributedDataParallel(prepare_for_ddp(model))``.
    """
    names = []
    for name, parameter in model.named_parameters():
        if isinstance(parameter, AnalogParameter):
            parameter.is_replicated = True
            names.append(name)
    ignore: Any = torch.nn.parallel.DistributedDataParallel._set_params_and_buffers_to_ignore_for_model
    ignore(model, names)
    return model
