"""The analog matrix-vector product: see `docs/analog-mvm.md`."""

from analog.mvm.periphery import Periphery

__all__ = ["Periphery"]
