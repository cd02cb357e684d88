"""Loop nests: every element is visited once, near its neighbours in memory."""

from __future__ import annotations

import itertools
import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tensorlayer.codegen import plan_nest


def steps(array):
    return tuple(stride // array.itemsize for stride in array.strides)


@st.composite
def placed(draw):
    shape = tuple(draw(st.lists(st.integers(1, 5), min_size=0, max_size=4)))
    arrays = []
    for _ in range(draw(st.integers(1, 3))):
        order = draw(st.permutations(range(len(shape))))
        array = np.arange(math.prod(shape)).reshape([shape[axis] for axis in order]).transpose(np.argsort(order))
        kept = tuple(slice(None) if draw(st.booleans()) else slice(1) for _ in shape)
        arrays.append(np.broadcast_to(array[kept], shape))
    return shape, arrays, [axis for axis in range(len(shape)) if draw(st.booleans())]


@given(placed())
def test_every_element_is_visited_once(case):
    shape, arrays, reduced = case
    nest = plan_nest(shape, tuple(map(steps, arrays)), reduced)
    assert math.prod(nest.extents) == math.prod(shape)
    assert all(1 <= tile <= extent for tile, extent in zip(nest.tiles, nest.extents, strict=True))
    for array, strides in zip(arrays, nest.strides, strict=True):
        places = itertools.product(*map(range, nest.extents))
        visited = sorted(sum(i * s for i, s in zip(place, strides, strict=True)) for place in places)
        assert visited == sorted(array.ravel().tolist())


@given(placed())
def test_merged_axes_are_reduced_together(case):
    shape, arrays, reduced = case
    nest = plan_nest(shape, tuple(map(steps, arrays)), reduced)
    for group, folded in zip(nest.groups, nest.folded, strict=True):
        assert {axis in reduced for axis in group} <= {folded}


def test_the_innermost_axis_is_contiguous():
    matrix = np.zeros((100, 200), order="F")
    nest = plan_nest((100, 200), (steps(matrix),) * 2, (1,))
    assert (nest.groups, nest.strides[0]) == (((1,), (0,)), (100, 1))
    assert nest.side_by_side


def test_a_narrow_contiguous_axis_is_left_outside_the_fold():
    nest = plan_nest((1000, 3), ((3, 1),), (0,))
    assert (nest.groups, nest.side_by_side) == (((1,), (0,)), False)


def test_folds_of_a_tile_are_short():
    nest = plan_nest((10**7,), ((1,),), (0,))
    assert nest.tiles == (4096,)
    assert nest.counts == (-(-(10**7) // 4096),)


def test_crossed_operands_are_visited_in_tiles():
    assert plan_nest((2048, 8), ((8, 1), (1, 2048))).tiles == (256, 8)
    assert plan_nest((2048, 2048), ((2048, 1), (1, 2048))).tiles == (128, 128)
    assert plan_nest((2000, 2000), ((2000, 1), (1, 2000))).tiles == (8, 256)


def test_what_crosses_the_others_in_tiles_of_two_long_axes_is_gathered():
    nest = plan_nest((64, 4, 200), ((800, 200, 1), (1, 64, 256), (0, 1, 0)))
    assert (nest.tiles, nest.gathered) == ((64, 1, 128), {1: 0})
    assert plan_nest((256, 200), ((200, 1), (1, 256)), (0, 1)).gathered == {}
    assert plan_nest((256, 8), ((8, 1), (1, 256))).gathered == {}
    assert plan_nest((257, 200), ((200, 1), (1, 257))).gathered == {}
