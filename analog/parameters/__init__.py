"""Everything a user configures, without what acts on it."""

from analog.parameters.base import Parameters
from analog.parameters.update import UpdateParameters

__all__ = ["Parameters", "UpdateParameters"]
