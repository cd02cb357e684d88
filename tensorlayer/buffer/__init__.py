"""Buffers hold the elements of tensors; allocators make them."""

from tensorlayer.buffer.allocator import Allocator, BlockFunction, Source
from tensorlayer.buffer.buffer import Buffer
from tensorlayer.buffer.cache import Cached
from tensorlayer.buffer.distributed import DistributedBuffer
from tensorlayer.buffer.future import FutureBuffer
from tensorlayer.buffer.future_allocator import FutureAllocator
from tensorlayer.buffer.generator import Generator, IndexFunction
from tensorlayer.buffer.local import LocalBuffer
from tensorlayer.buffer.local_allocator import LocalAllocator
from tensorlayer.buffer.on_demand import OnDemandBuffer
from tensorlayer.buffer.on_demand_allocator import OnDemandAllocator
from tensorlayer.buffer.operands import run_here
from tensorlayer.buffer.region import Region, push_slice
from tensorlayer.buffer.remote import RemoteBuffer
from tensorlayer.buffer.replicated import ReplicatedBuffer

__all__ = [
    "Allocator",
    "BlockFunction",
    "Buffer",
    "Cached",
    "DistributedBuffer",
    "FutureAllocator",
    "FutureBuffer",
    "Generator",
    "IndexFunction",
    "LocalAllocator",
    "LocalBuffer",
    "OnDemandAllocator",
    "OnDemandBuffer",
    "Region",
    "RemoteBuffer",
    "ReplicatedBuffer",
    "Source",
    "push_slice",
    "run_here",
]
