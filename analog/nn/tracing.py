"""What records programs of torch cannot record crossbars, which draw, count and keep pairs at every call."""

from __future__ import annotations

from typing import NoReturn

import torch

from tensorlayer.errors import UnsupportedOperationError

__all__ = ["refuse_script", "require_call"]


def require_call() -> None:
    """Refuse to be recorded or transformed: what would come out were the numbers of one call, or an error of torch.

    Raises
    ------
    UnsupportedOperationError
        In `torch.export`, in `torch.jit.trace`, and under `torch.func.vmap`, `grad` and their kin.
    """
    if torch.compiler.is_exporting():
        _refuse("torch.export")
    if torch.jit.is_tracing():  # type: ignore[attr-defined, no-untyped-call]  # documented, but not listed
        _refuse("torch.jit.trace")
    # There is no public way to ask; Function.apply of torch asks the same.
    if torch._C._are_functorch_transforms_active():
        raise UnsupportedOperationError(
            "torch.func.vmap, grad and their kin replace tensors by others without numbers, which crossbars need: give "
            "the layer the whole batch, and take gradients by backward()"
        )


def refuse_script() -> NoReturn:
    """Say that there is no TorchScript of crossbars.

    Raises
    ------
    UnsupportedOperationError
        Always.
    """
    _refuse("torch.jit.script")


def _refuse(what: str) -> NoReturn:
    raise UnsupportedOperationError(
        f"{what} cannot record crossbars, which draw noise and count at every call: record convert_to_digital(model), "
        "or use torch.compile, which leaves crossbars out of its graphs"
    )
