"""The contract of backends, as far as it applies: elements are float32 inside, and never computed one by one."""

import pickle

import numpy as np
import pytest

from tensorlayer.backend import backend_of, get_backend
from tensorlayer.errors import DtypeError, ShapeError, UnsupportedOperationError
from tensorlayer.graph import Einsum, Input, OpGraph
from tensorlayer.layout import PhysicalLayout
from tensorlayer.shape import Nested
from tensorlayer.testing import BackendContract
from tensorlayer.testing.cases import PROGRAMS, sample
from tensorlayer.testing.comparison import assert_same_elements


def rounded(array):
    """What float32 leaves of the elements."""
    return array.astype(np.float32).astype(array.dtype)


class TestAnalog(BackendContract):
    backend = "analog"
    core = ()

    @pytest.mark.parametrize("shape", [(), (3,), (2, 3), (2, 3, 4)])
    @pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
    def test_allocates_what_the_layout_says(self, shape, dtype):
        buffer = self.allocator.allocate(PhysicalLayout(shape, dtype))
        assert self.elements(buffer).shape == buffer.layout.extents == shape
        assert self.elements(buffer).dtype == buffer.layout.dtype == np.dtype(dtype)
        assert buffer.layout.placement == "cpu"
        assert buffer.backend is self.subject

    @pytest.mark.parametrize(
        ("shape", "dtype", "error"), [((2, 0), "float32", ShapeError), ((2,), "int64", DtypeError)]
    )
    def test_refuses_what_is_no_matrix_of_real_numbers(self, shape, dtype, error):
        with pytest.raises(error):
            self.allocator.allocate(PhysicalLayout(shape, dtype))

    @pytest.mark.parametrize("tile", [None, (2, 2), (1, 3)])
    def test_constructs_from_a_function_of_blocks(self, tile):
        whole = sample((3, 4), "float64")
        tiling = None if tile is None else Nested.from_tiling(whole.shape, tile)
        layout = PhysicalLayout(whole.shape, "float64", tiling=tiling)
        buffer = self.allocator.construct(layout, lambda place, _: whole[place])
        assert_same_elements(self.elements(buffer), rounded(whole))
        assert buffer.layout.tiling.outer.extents == (1, 1) if tile is None else tiling.outer.extents

    @pytest.mark.parametrize("giver", ["reference", "numpy"])
    def test_constructs_from_buffers_of_other_backends(self, giver):
        other = get_backend(giver).allocator()
        array = sample((2, 3), "float32")
        taken = self.allocator.construct(other.wrap(other.backend.from_numpy(array)))
        assert_same_elements(self.elements(taken), array)
        assert_same_elements(other.backend.to_numpy(other.construct(taken).unwrap()), array)

    def test_slices_and_chips(self):
        buffer = self.holding(sample((4, 5), "float64"))
        with pytest.raises(UnsupportedOperationError, match="Slice"):
            buffer.slice((1, 0), (3, 4))

    def test_computes_a_graph(self):
        arrays = sample((2, 3), "float64"), sample((3, 4), "float64", 1)
        nodes = [Input.of(i, array.shape, array.dtype) for i, array in enumerate(arrays)]
        first, second = map(self.holding, arrays)
        with pytest.raises(UnsupportedOperationError, match="Einsum"):
            first.compute(OpGraph([Einsum.of(nodes, [(0, 1), (1, 2)], (0, 2))]), second)

    def test_is_pickled_with_its_elements(self):
        array = sample((2, 3), "float64")
        restored = pickle.loads(pickle.dumps(self.holding(array)))
        assert restored.backend is self.subject
        assert restored.layout == self.holding(array).layout
        assert_same_elements(self.elements(restored), rounded(array))

    @pytest.mark.parametrize("case", PROGRAMS, ids=[case.name for case in PROGRAMS])
    def test_plan(self, case):
        """That everything is to be computed on crossbars is refused where it is planned: see test_language.py."""
        lacking = {type(node) for node in case.operations if not self.subject.supports(node)}
        assert lacking

    @pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
    @pytest.mark.parametrize("shape", [(), (1,), (2, 3), (2, 3, 4)])
    def test_conversion_round_trip(self, shape, dtype):
        array = sample(shape, dtype)
        native = self._native(array)
        assert self.subject.shape_of(native) == shape
        assert self.subject.dtype_of(native) == array.dtype
        assert self.subject.device_of(native) == "cpu"
        assert backend_of(native) is self.subject
        assert_same_elements(self.subject.to_numpy(native), rounded(array))

    def test_conversion_copies_on_request(self):
        array = sample((3,), "float32")
        native, before = self._native(array, copy=True), array.copy()
        array[:] = 0
        assert_same_elements(self.subject.to_numpy(native), before)
