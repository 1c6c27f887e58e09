"""Which bytes of a file are whose data."""

from __future__ import annotations

from bisect import bisect_right, insort

from kerasish.saving.hdf5.source import UNDEFINED, damaged


class Claims:
    """Which bytes of a file are whose data: no two datasets may share any."""

    def __init__(self) -> None:
        self._taken: list[tuple[int, int, int]] = []

    def claim(self, owner: int, at: int, size: int) -> None:
        """Take bytes for the dataset whose header is at `owner`.

        Raises:
            ValueError: if another has some of them.
        """
        if not size:
            return
        place = bisect_right(self._taken, (at, UNDEFINED, 0))
        for begin, end, other in self._taken[max(place - 1, 0) : place + 1]:
            if begin < at + size and at < end and (other, begin, end) != (owner, at, at + size):
                raise damaged(f"the {size} bytes at byte {at} are the data of several datasets or pieces")
        insort(self._taken, (at, at + size, owner))
