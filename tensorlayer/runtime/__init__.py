"""The runtime: which processes, devices, memory and threads there are."""

from tensorlayer.runtime.chain import submit_after
from tensorlayer.runtime.engine import GROUP, Engine, active_engines, get_engine, register_engine
from tensorlayer.runtime.memory import Memory, format_bytes, host_memory
from tensorlayer.runtime.pools import ThreadPool, other_threads_wait
from tensorlayer.runtime.runtime import Runtime, register_devices

__all__ = [
    "GROUP",
    "Engine",
    "Memory",
    "Runtime",
    "ThreadPool",
    "active_engines",
    "format_bytes",
    "get_engine",
    "host_memory",
    "other_threads_wait",
    "register_devices",
    "register_engine",
    "submit_after",
]
