"""Vector instructions as wide as the processor has. Imported when a kernel is compiled: it imports numba.

LLVM takes half the width on Intel's processors with AVX-512, the first of which lowered their clock for all of it.
Measured on a later one: the laws of devices that depend on weights take half the time by the whole width.
"""

from __future__ import annotations

from typing import Any

from numba.core import compiler, compiler_machinery, lowering, typed_passes

__all__ = ["WideCompiler", "widen"]

#: What LLVM calls it.
WIDE = '"prefer-vector-width"="512"'


def widen(function: Any) -> None:
    """Have a function of llvmlite prefer the widest vectors."""
    # llvmlite's own method knows the attributes that have no value.
    set.add(function.attributes, WIDE)


class _Lower(lowering.Lower):
    def setup_function(self, fndesc: Any) -> None:
        super().setup_function(fndesc)  # type: ignore[no-untyped-call]
        widen(self.function)


@compiler_machinery.register_pass(mutates_CFG=True, analysis_only=False)  # type: ignore[no-untyped-call]
class _Lowering(typed_passes.NativeLowering):
    _name = "lowering_to_wide_vectors"

    @property
    def lowering_class(self) -> Any:
        """What makes LLVM's text of a function."""
        return _Lower


class WideCompiler(compiler.CompilerBase):
    """numba's passes; what they make prefers the widest vectors."""

    def define_pipelines(self) -> list[Any]:
        """The passes, in order."""
        passes = compiler.DefaultPassBuilder.define_nopython_pipeline(self.state)  # type: ignore[no-untyped-call]
        usual = typed_passes.NativeLowering
        passes.passes = [(_Lowering if each is usual else each, text) for each, text in passes.passes]
        passes.finalize()
        return [passes]
