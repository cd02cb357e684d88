"""A crossbar in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tensorlayer.runtime import format_bytes

if TYPE_CHECKING:
    from analog.crossbar.crossbar import Crossbar

__all__ = ["as_html", "as_text"]


def as_text(crossbar: Crossbar) -> str:
    """The call that makes one like it; the allocator only if it is not that of this CPU."""
    allocator = crossbar.allocator
    where = "" if allocator.device == "cpu" else f", allocator={allocator!r}"
    return f"Crossbar({crossbar.shape}, {crossbar.config!r}, seed={crossbar.seed}, tile={crossbar.tile}{where})"


def as_html(crossbar: Crossbar) -> str:
    """A table for notebooks."""
    weights = np.asarray(crossbar.allocator.backend.to_numpy(crossbar.weights))
    rows = {
        "shape": f"{crossbar.shape[0]} outputs, {crossbar.shape[1]} inputs",
        "cell": repr(crossbar.cell),
        "weights": f"{weights.min():.3g} to {weights.max():.3g}, mean {weights.mean():.3g}, std {weights.std():.3g}",
        "one pulse": f"{crossbar.granularity:.3g}",
        "seed, tile": f"{crossbar.seed}, {crossbar.tile}",
        "memory": f"{format_bytes(crossbar.state.nbytes)} on {crossbar.allocator.device}",
    }
    body = "".join(f"<tr><th>{name}</th><td>{_escaped(text)}</td></tr>" for name, text in rows.items())
    return f"<table><caption>Crossbar</caption>{body}</table>"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
