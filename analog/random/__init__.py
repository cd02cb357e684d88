"""Random numbers that are pure functions of their address: see the README of this folder."""

from analog.random.key import RandomKey
from analog.random.streams import Stream

__all__ = ["RandomKey", "Stream"]
