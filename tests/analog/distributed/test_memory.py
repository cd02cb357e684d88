"""Objects that go from process to process through memory: here both ends are in one, which is no other way."""

from __future__ import annotations

import dataclasses
import gc
import pickle
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from analog.distributed.memory import ALIGNMENT, LEAST, Inbox, Outbox, Room
from tensorlayer.errors import ConversionError

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such memory")


def sent(outbox: Outbox, inbox: Inbox, value: Any, *, borrow: bool = False) -> Any:
    """By pickling what dask would send."""
    packed = pickle.loads(pickle.dumps(outbox.pack(value)))
    return inbox.take(packed, borrow=borrow)


@pytest.mark.parametrize("borrow", [False, True])
def test_objects_arrive_as_they_were(borrow: bool) -> None:
    rng = np.random.default_rng(0)
    value = {
        "many": [rng.standard_normal((3, n)).astype(np.float32) for n in (1, 5, LEAST, 2)],
        "columns": np.asfortranarray(rng.standard_normal((4, 7))),
        "views": [rng.standard_normal((6, 8))[:, 2:5], rng.standard_normal(9)[::-2], np.arange(5)[3]],
        "no": np.zeros((0, 3)),
        "text": ("a", None, 3),
    }
    found = sent(Outbox(), Inbox(), value, borrow=borrow)
    for one, other in zip(found["many"], value["many"], strict=True):
        np.testing.assert_array_equal(one, other)
        assert one.flags.writeable
        assert one.flags.aligned
    np.testing.assert_array_equal(found["columns"], value["columns"])
    for one, other in zip(found["views"], value["views"], strict=True):
        np.testing.assert_array_equal(one, other)
    assert found["no"].shape == (0, 3)
    assert found["text"] == value["text"]


def test_arrays_are_not_in_what_is_sent() -> None:
    packed = Outbox().pack([np.ones(100_000), "text"])
    assert len(pickle.dumps(packed)) < 1000
    assert packed.spans[0].first % ALIGNMENT == 0


def test_views_of_one_array_are_told_apart() -> None:
    array = np.arange(12.0).reshape(3, 4)
    views = [array, array.T, array[:, :2], array[:2, :2], array.view(np.int64)]
    found = sent(Outbox(), Inbox(), views)
    for one, other in zip(found, views, strict=True):
        assert one.dtype == other.dtype
        np.testing.assert_array_equal(one, other)


def test_functions_of_no_module_and_arrays_of_objects_arrive() -> None:
    factor = 3
    function, objects = sent(Outbox(), Inbox(), (lambda x: factor * x, np.array([None, "a"])))
    assert function(2) == 6
    assert objects.tolist() == [None, "a"]


def test_what_is_borrowed_is_the_memory_itself_and_copies_are_not() -> None:
    outbox, inbox, array = Outbox(), Inbox(), np.ones(5)
    borrowed, copied = (sent(outbox, inbox, array, borrow=borrow) for borrow in (True, False))
    outbox.clear()
    outbox.pack(2 * array)
    assert borrowed.tolist() == [2.0] * 5
    assert copied.tolist() == [1.0] * 5


def test_what_is_placed_is_packed_without_another_copy() -> None:
    outbox, inbox, array = Outbox(), Inbox(), np.arange(12.0).reshape(3, 4)
    outbox.clear()
    (placed,) = outbox.place([array], keep=False)
    array[:] = 0
    packed = [outbox.pack(value) for value in (placed, placed[:, 1:3], {"again": placed[::-1]})]
    assert [each.spans[0].first for each in packed] == [ALIGNMENT, ALIGNMENT + 8, ALIGNMENT + 64]
    found = [inbox.take(each, borrow=True) for each in packed]
    np.testing.assert_array_equal(found[1], [[1, 2], [5, 6], [9, 10]])
    np.testing.assert_array_equal(found[2]["again"], np.arange(12).reshape(3, 4)[::-1])
    placed[0, 0] = 7
    assert found[0][0, 0] == 7


def test_what_is_kept_stays_until_it_is_forgotten() -> None:
    """In the rooms in which it is, while others are used again."""
    outbox, inbox, kept = Outbox(), Inbox(), []
    for i in range(10):
        outbox.clear()
        kept += outbox.place([np.full(LEAST // 8 // 3, i)], keep=True)
        sent(outbox, inbox, np.full(LEAST // 8, -1.0))
    free = outbox.pack(np.ones(1)).spans[0].first
    rooms = {outbox.pack(each).room for each in kept}
    assert len(rooms) > 1
    assert outbox.pack(np.ones(1)).spans[0].first == free + ALIGNMENT
    for i, each in enumerate(kept):
        assert set(sent(outbox, Inbox(), each)) == {i}
    for _ in range(3):
        outbox.clear()
        assert set(sent(outbox, inbox, kept[0])) == {0.0}
    outbox.forget()
    gc.collect()
    assert [room for room in rooms if Inbox().reaches(room)] == [outbox.room]
    assert outbox.place([np.ones(3)], keep=False)[0].ctypes.data % ALIGNMENT == 0
    assert outbox.pack(np.ones(3)).spans[0].first == 2 * ALIGNMENT


def test_arrays_of_which_one_is_in_no_room_go_to_one() -> None:
    outbox, inbox = Outbox(), Inbox()
    (old,) = outbox.place([np.full(LEAST // 8 // 2, 1.0)], keep=True)
    outbox.place([np.full(LEAST, 2.0)], keep=True)
    first, second = sent(outbox, inbox, (old, np.full(3, 3.0)))
    assert (set(first), set(second)) == ({1.0}, {3.0})


def test_an_array_that_was_changed_is_sent_anew_once_the_outbox_is_cleared() -> None:
    outbox, inbox, array = Outbox(), Inbox(), np.ones(5)
    sent(outbox, inbox, array)
    array[:] = 7
    outbox.clear()
    assert sent(outbox, inbox, array).tolist() == [7.0] * 5


def test_a_full_room_is_found_until_the_outbox_is_cleared() -> None:
    outbox = Outbox()
    values = [np.full(LEAST // 8 // 3, i) for i in range(10)]
    packed = [outbox.pack(value) for value in values]
    rooms = {each.room for each in packed}
    assert len(rooms) == 3  # for two arrays, four, and the others
    for one, value in zip(packed, values, strict=True):
        np.testing.assert_array_equal(Inbox().take(one, borrow=False), value)
    outbox.clear()
    gc.collect()
    inbox = Inbox()
    assert sorted(inbox.reaches(room) for room in rooms if room) == [False, False, True]
    with pytest.raises((ConversionError, OSError)):
        inbox.take(packed[0], borrow=False)


def test_memory_of_others_is_not_taken() -> None:
    outbox, inbox = Outbox(), Inbox()
    room = outbox.room
    assert inbox.reaches(room)
    strangers: list[Room] = [
        dataclasses.replace(room, token=bytes(ALIGNMENT)),
        dataclasses.replace(room, descriptor=10_000),
        dataclasses.replace(room, process=1 << 30),
        dataclasses.replace(room, size=2 * room.size),
    ]
    assert [inbox.reaches(stranger) for stranger in strangers] == [False] * 4


def test_nothing_is_left_behind() -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    outbox, inbox = Outbox(), Inbox()
    for _ in range(3):
        sent(outbox, inbox, np.ones(LEAST))
    del outbox, inbox
    gc.collect()
    assert len(list(Path("/proc/self/fd").iterdir())) == before
