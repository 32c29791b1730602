"""What answers are read from, and values that last until just that changes."""

from __future__ import annotations

import threading

from hypothesis import given
from hypothesis import strategies as st

from foreland.core.reads import EVERYTHING, Noted, Reads, Remembered, at_most, note, noting

TABLES = ("a", "b", "c")


class World:
    """Tables that have a state each."""

    def __init__(self) -> None:
        self.states = dict.fromkeys(TABLES, 0)
        self.cache = Remembered(self.state)
        self.worked = 0

    def state(self, read: tuple[str, str]) -> object:
        return tuple(self.states.items()) if read == EVERYTHING else self.states.get(read[1])

    def read(self, table: str) -> int:
        note({("table", table): self.state(("table", table))})
        return self.states[table]

    def sum(self, tables: tuple[str, ...]) -> int:
        """A sum over tables, worked out once of parts that are themselves remembered."""

        def part(table: str) -> int:
            return self.cache.remember(("part", table), lambda: self.read(table))

        def whole() -> int:
            self.worked += 1
            return sum(part(table) for table in tables)

        return self.cache.remember(("sum", tables), whole)


@given(st.lists(st.one_of(st.sampled_from(TABLES), st.sets(st.sampled_from(TABLES), min_size=1).map(frozenset))))
def test_values_hold_exactly_until_what_they_were_read_from_changes(events: list[str | frozenset[str]]):
    world = World()
    known: dict[tuple[str, ...], tuple[int, ...]] = {}
    for event in events:
        if isinstance(event, str):
            world.states[event] += 1
            continue
        tables = tuple(sorted(event))
        now = tuple(world.states[table] for table in tables)
        before = world.worked
        assert world.sum(tables) == sum(now)
        assert world.worked - before == (known.get(tables) != now)
        known[tables] = now


def test_what_an_inner_block_reads_the_outer_has_read_too():
    world = World()
    with noting() as outer:
        with noting() as inner:
            world.read("a")
        with noting(hand_on=False) as aside:
            world.read("b")
        world.read("c")
    assert [sorted(name for _, name in reads) for reads in (outer, inner, aside)] == [["a", "c"], ["a"], ["b"]]


def test_a_value_found_there_was_read_from_what_it_is_made_of():
    world = World()
    world.sum(("a", "b"))
    with noting() as reads:
        world.sum(("a", "b"))
    assert set(reads) == {("table", "a"), ("table", "b")}


def test_a_change_while_a_value_is_worked_out_does_not_pass_for_new():
    world = World()

    def make() -> int:
        seen = world.read("a")
        world.states["a"] += 1
        return seen

    assert world.cache.remember("x", make) == 0
    assert "x" not in world.cache


def test_a_sweep_lets_go_of_what_no_longer_holds():
    world = World()
    world.sum(("a",))
    world.sum(("b",))
    world.states["a"] += 1
    assert ("sum", ("a",)) not in world.cache
    assert set(world.cache) == {("part", "a"), ("sum", ("a",)), ("part", "b"), ("sum", ("b",))}
    world.cache.sweep()
    assert set(world.cache) == {("part", "b"), ("sum", ("b",))}


def test_the_oldest_of_a_kind_make_room_but_the_newest_stays():
    world = World()
    for number in range(5):
        world.cache.remember(("few", number), lambda: 1, fits=at_most(3))
        world.cache.remember(("none", number), lambda: 1, fits=at_most(0))
        world.cache.remember(("many", number), lambda: 1)
    assert set(world.cache) == {*(("few", n) for n in (2, 3, 4)), ("none", 4), *(("many", n) for n in range(5))}


def test_threads_that_want_the_same_work_it_out_once():
    world = World()
    together = threading.Barrier(4)

    def ask() -> None:
        together.wait()
        world.sum(TABLES)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert world.worked == 1


def test_looking_one_up_notes_one_and_listing_notes_all():
    sources = Noted({"a": 1, "b": 2}, lambda read: read)
    with noting() as one:
        assert sources["a"] == 1
        assert sources.get("z") is None
        assert "y" not in sources
    assert set(one) == {("source", "a"), ("source", "z"), ("source", "y")}
    for listing in (list, len, lambda found: found.items() and list(found.items())):
        with noting() as every:
            listing(sources)
        assert EVERYTHING in every


def test_threads_note_for_themselves():
    found: list[Reads] = []

    def other() -> None:
        with noting() as reads:
            note({("table", "b"): 0})
        found.append(reads)

    with noting() as mine:
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
        note({("table", "a"): 0})
    assert set(mine) == {("table", "a")}
    assert set(found[0]) == {("table", "b")}
