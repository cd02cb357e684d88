"""One pool of memory for CuPy and torch, when a program uses both.

Each library keeps the memory it has freed for its own next array. With two pools, what one keeps the other lacks.
"""

from __future__ import annotations

import sys
from typing import Any

__all__ = ["share_memory"]


def share_memory() -> bool:
    """Take CuPy's memory from torch's pool, if torch is in use on a GPU and CuPy's own pool is in place.

    A pool that the program has chosen is left alone. Blocks are taken for CuPy's current stream.

    Returns
    -------
    bool
        Whether the pool is changed now.
    """
    torch: Any = sys.modules.get("torch")
    if torch is None or not torch.cuda.is_initialized():
        return False
    import cupy

    if cupy.cuda.get_allocator() != cupy.get_default_memory_pool().malloc:
        return False

    def take(size: int, device: int) -> int:
        address: int = torch.cuda.caching_allocator_alloc(size, device, cupy.cuda.get_current_stream().ptr)
        return address

    def give_back(address: int, device: int) -> None:
        del device
        torch.cuda.caching_allocator_delete(address)

    cupy.cuda.set_allocator(cupy.cuda.PythonFunctionAllocator(take, give_back).malloc)
    return True
