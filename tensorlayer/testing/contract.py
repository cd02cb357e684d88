"""What every backend promises, as a pytest class."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
import pytest

from tensorlayer.backend import backend_of, get_backend
from tensorlayer.errors import BackendError, DtypeError, GeneratorError, UnsupportedOperationError
from tensorlayer.graph import Einsum, Fill, Generate, Input, Map, Node, OpGraph, Reduce, Slice
from tensorlayer.options import Options
from tensorlayer.plan import make_plan
from tensorlayer.testing.buffers import BufferContract
from tensorlayer.testing.case import Array, Case, Unheard, compute, inputs_for
from tensorlayer.testing.cases import (
    DECOMPOSITIONS,
    DTYPES,
    FAILING,
    LAYOUTS,
    MAPS,
    MOVEMENTS,
    PRODUCTS,
    PROGRAMS,
    REDUCTIONS,
    sample,
)
from tensorlayer.testing.comparison import assert_same_elements
from tensorlayer.testing.decomposed import assert_decomposes

__all__ = ["BackendContract"]

_SHAPES = ((), (1,), (0,), (2, 3), (2, 0, 3), (2, 3, 4))


def _each(cases: Sequence[Case]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", cases, ids=[case.name for case in cases])


class _Broken:
    """A generator that raises, or gives the wrong shape."""

    def __init__(self, error: Exception | None) -> None:
        self.error = error

    def generate(self, region: tuple[tuple[int, int, int], ...]) -> Array:
        """Raise, or give one element too few."""
        if self.error is not None:
            raise self.error
        return np.zeros(len(range(*region[0])) - 1)


class BackendContract(BufferContract):
    """Tests that a backend must pass; subclass, and set `backend` to its name.

    Every operation is computed by the backend and by the reference backend; shape, element type and elements
    must agree. What the backend says it does not support must be refused by name.

    Attributes
    ----------
    backend : str
        Name under which the backend is declared.
    device : str
        Device on which everything is computed, as the backend spells it.
    core : tuple of type
        Operations that must be supported for float64.
    """

    core: ClassVar[tuple[type[Node], ...]] = (Einsum, Map, Reduce, Slice)

    # -- operations ----------------------------------------------------------------------------------------

    @_each(MAPS)
    def test_map(self, case: Case) -> None:
        """Every function on every element type."""
        self._check(case)

    @_each(REDUCTIONS)
    def test_reduction(self, case: Case) -> None:
        """Every reduction along every kind of axes."""
        self._check(case)

    @_each(PRODUCTS)
    def test_product(self, case: Case) -> None:
        """Traces, diagonals, batches, and every order of labels."""
        self._check(case)

    @_each(MOVEMENTS)
    def test_movement(self, case: Case) -> None:
        """Slices, updates, shapes, joins, and tensors from nothing."""
        self._check(case)

    @_each(DECOMPOSITIONS)
    def test_decomposition(self, case: Case) -> None:
        """The factors have their properties, and give back the matrix."""
        if self._supported(case):
            name = case.sinks[0].inputs[0].parameters[0]
            assert_decomposes(name, self._results(case), case.operands, self._expected(case))

    @_each(FAILING)
    def test_decomposition_that_does_not_exist(self, case: Case) -> None:
        """Is an error of this package, raised at the latest when the result is read."""
        if self._supported(case):
            with pytest.raises(BackendError, match=case.name.partition("-")[0]):
                self._results(case)

    @pytest.mark.parametrize("layout", LAYOUTS)
    def test_operands_in_any_memory_layout(self, layout: str) -> None:
        """The order of elements in memory is no part of their meaning."""
        arrays = [LAYOUTS[layout](sample(shape, "float64", i)) for i, shape in enumerate(((3, 4), (4, 5)))]
        nodes = inputs_for(*(array.astype(np.float64) for array in arrays))
        self._check(Case(layout, (Einsum.of(nodes, [(0, 1), (1, 2)], (2, 0)),), tuple(arrays)))

    def _check(self, case: Case) -> None:
        if not self._supported(case):
            return
        before = [operand.copy() for operand in case.operands]
        for actual, expected in zip(self._results(case), self._expected(case), strict=True):
            assert_same_elements(actual, expected)
        for operand, kept in zip(case.operands, before, strict=True):
            np.testing.assert_array_equal(operand, kept, err_msg="an operand was written to")

    def _supported(self, case: Case) -> bool:
        """Whether the backend says that it runs the case; if not, that it refuses it by name."""
        lacking = [node for node in case.operations if not self.subject.supports(node)]
        for node in lacking:
            with pytest.raises(UnsupportedOperationError, match=node.operation):
                self.subject.kernel(node)
        return not lacking

    def _results(self, case: Case) -> list[Array]:
        return [self.subject.to_numpy(array) for array in self._computed(case.sinks, case.operands)]

    def _computed(self, sinks: Sequence[Node], operands: Sequence[Array]) -> list[Any]:
        return compute(self.subject, sinks, operands, self.device)

    def _native(self, array: Array, *, copy: bool | None = None) -> Any:
        return self.subject.from_numpy(array, self.device, copy=copy)

    def _expected(self, case: Case) -> list[Array]:
        reference = get_backend("reference")
        return [reference.to_numpy(array) for array in compute(reference, case.sinks, case.operands)]

    # -- plans ---------------------------------------------------------------------------------------------

    @_each(PROGRAMS)
    def test_plan(self, case: Case) -> None:
        """A whole graph, passed and compiled for the backend, gives what its definition gives."""
        graph = OpGraph(case.sinks)
        inputs = sorted(graph.inputs, key=lambda node: int(node.key))
        options = Options(backend=self.backend, device=self.device, check=True)
        needed = [node for node in case.operations if not isinstance(node, Fill)]  # which the passes rewrite
        lacking = [node.operation for node in needed if not self.subject.supports(type(node), node.dtype)]
        if lacking:
            with pytest.raises(UnsupportedOperationError, match="|".join(lacking)):
                make_plan(graph, inputs, options)
            return
        results = make_plan(graph, inputs, options).run(*map(self._native, case.operands))
        for actual, expected in zip(results, self._expected(case), strict=True):
            assert_same_elements(self.subject.to_numpy(actual), expected)

    # -- support -------------------------------------------------------------------------------------------

    def test_runs_the_core(self) -> None:
        """What every program needs is supported for float64."""
        assert [operation.__name__ for operation in self.core if not self.subject.supports(operation, "float64")] == []

    def test_refuses_an_unknown_operation(self) -> None:
        """An operation outside the vocabulary is refused by name, before anything runs."""
        node = Unheard.make(())
        assert not self.subject.supports(Unheard)
        assert not self.subject.supports(node)
        with pytest.raises(UnsupportedOperationError, match="Unheard"):
            self.subject.kernel(node)

    @pytest.mark.parametrize("error", [None, ZeroDivisionError("division by zero")])
    def test_generator_that_fails(self, error: Exception | None) -> None:
        """An on-demand tensor whose function fails says so."""
        node = Generate.of(_Broken(error), ((0, 3, 1),), float)
        if self.subject.supports(node):
            with pytest.raises(GeneratorError):
                self._computed([node], [])

    # -- native arrays -------------------------------------------------------------------------------------

    def test_is_found_by_its_name(self) -> None:
        """The entry point gives a backend that knows its name."""
        assert self.subject.name == self.backend
        assert self.device in self.subject.devices

    @pytest.mark.parametrize("dtype", DTYPES)
    @pytest.mark.parametrize("shape", _SHAPES)
    def test_conversion_round_trip(self, shape: tuple[int, ...], dtype: str) -> None:
        """Elements go in and come out; the backend recognises and describes its own arrays."""
        array = sample(shape, dtype)
        if not self.subject.holds(array.dtype):
            return
        native = self._native(array)
        assert self.subject.shape_of(native) == shape
        assert self.subject.dtype_of(native) == array.dtype
        assert self.subject.device_of(native) == self.device
        assert backend_of(native) is self.subject
        assert_same_elements(self.subject.to_numpy(native), array)

    @pytest.mark.parametrize("layout", LAYOUTS)
    def test_conversion_from_any_memory_layout(self, layout: str) -> None:
        """Strides, byte order and flags of the source do not matter."""
        array = LAYOUTS[layout](sample((3, 4), "float32"))
        result = self.subject.to_numpy(self._native(array))
        assert_same_elements(result.astype(np.float32), array.astype(np.float32))

    def test_conversion_keeps_read_only_memory(self) -> None:
        """An array that may not be written to does not come back writable."""
        array = LAYOUTS["read-only"](sample((3,), "float64"))
        result = self.subject.to_numpy(self._native(array))
        assert not (result.flags.writeable and np.shares_memory(result, array))

    def test_conversion_copies_on_request(self) -> None:
        """With ``copy=True`` later writes to the source are not seen."""
        array = sample((3,), "float64")
        native, before = self._native(array, copy=True), array.copy()
        array[:] = 0
        assert_same_elements(self.subject.to_numpy(native), before)

    def test_refuses_elements_that_are_no_numbers(self) -> None:
        """Text and objects are refused, at the latest before an operation."""
        words = np.array(["a", "b"])
        node = Reduce.of(Input.of(0, (2,), words.dtype), "max", (0,))
        assert not self.subject.supports(node)
        with pytest.raises((DtypeError, UnsupportedOperationError)):
            self._computed([node], [words])

    # -- recording -----------------------------------------------------------------------------------------

    def test_recording_state_can_be_restored(self) -> None:
        """The state taken now can be entered later, and leaves no trace."""
        state = self.subject.recording_state()
        with self.subject.recorded(state):
            assert self.subject.recording_state() == state
        assert self.subject.recording_state() == state
