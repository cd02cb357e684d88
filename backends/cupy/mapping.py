"""Kernels of loops without reductions: straight through, and through transposed tiles."""

from __future__ import annotations

from backends.cupy.writer import Writer, indented, repeated

__all__ = ["mapping", "transposing"]


def mapping(writer: Writer) -> list[str]:
    """Every thread computes elements, or vectors of them, that are a grid apart."""
    width = writer.plan.width
    lines = [*writer.unravelled("task", writer.axes), *writer.loads(writer.used)]
    if width == 1:
        lines.append(f"out[task] = {writer.value()};")
    else:
        kind = f"pack<{writer.type}, {width}>"
        lines += [f"{kind} result;", *writer.for_each_of_a_vector(f"result.at[w] = {writer.value()};")]
        lines.append(f"*reinterpret_cast<{kind}*>(out + task * {width}) = result;")
    return [
        "const index_t threads = gridDim.x * (index_t)blockDim.x;",
        *repeated(
            "index_t task = blockIdx.x * (index_t)blockDim.x + threadIdx.x; task < count; task += threads", lines
        ),
    ]


def transposing(writer: Writer) -> list[str]:
    """Every block computes tiles; some operands are read along one axis of the tile, and used along the other."""
    across, down, block = writer.axes[-1], writer.plan.crossed, writer.plan.block
    others = [axis for axis in writer.axes if axis not in (across, down)]
    staged = [i for i in writer.plan.staged if i in writer.used]
    direct = [i for i in writer.used if i not in staged]
    reads = [f"tile{i}[row][lane] = x{i}[{writer.offset(i)}];" for i in staged]
    uses = [f"const {writer.types[i]} v{i} = tile{i}[lane][row];" for i in staged]
    store = f"out[{writer.ravelled(writer.axes)}] = {writer.value()};"
    body = [
        f"const index_t a{across} = task % tiles{across} * TILE;",
        f"const index_t a{down} = task / tiles{across} % tiles{down} * TILE;",
        *writer.unravelled(f"task / tiles{across} / tiles{down}", others),
        *_over_rows(across, down, reads),
        "__syncthreads();",
        *_over_rows(down, across, [*uses, *writer.loads(direct), store]),
        "__syncthreads();",
    ]
    tasks = " * ".join([f"tiles{across}", f"tiles{down}", *(f"n{axis}" for axis in others)])
    return [
        # One element more than needed: threads that walk down a tile then use different banks of the memory.
        f"constexpr int TILE = {block.tile}, ROWS = {block.threads // block.tile};",
        *(f"__shared__ {writer.types[i]} tile{i}[TILE][TILE + 1];" for i in staged),
        f"const index_t tiles{across} = (n{across} + TILE - 1) / TILE, tiles{down} = (n{down} + TILE - 1) / TILE;",
        "const int lane = threadIdx.x % TILE;",
        *repeated(f"index_t task = blockIdx.x; task < {tasks}; task += gridDim.x", body),
    ]


def _over_rows(down: int, along: int, lines: list[str]) -> list[str]:
    """The rows of a tile that a thread has, its lane being along the other axis; none outside the loop."""
    inside = [
        f"const index_t i{down} = a{down} + row, i{along} = a{along} + lane;",
        f"if (i{down} < n{down} && i{along} < n{along}) {{",
        *indented(lines),
        "}",
    ]
    return repeated("int row = threadIdx.x / TILE; row < TILE; row += ROWS", inside)
