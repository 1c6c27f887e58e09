"""What a group holds, and the attributes of groups and datasets, in the older and the newer format."""

from __future__ import annotations

from typing import NamedTuple

from kerasish.saving.hdf5.headers import Header
from kerasish.saving.hdf5.heaps import Extent, FractalHeap, LocalHeap
from kerasish.saving.hdf5.source import UNDEFINED, Fields, Path, Source, damaged
from kerasish.saving.hdf5.trees import Records, leaves

LINK_INFO, LINK, ATTRIBUTE, TABLE, ATTRIBUTE_INFO = 0x02, 0x06, 0x0C, 0x11, 0x15
_SOFT = 2
_ENTRY = 40


class Link(NamedTuple):
    """What a name in a group stands for: the header at an address, or a place that is not in the file."""

    kind: str
    at: int = UNDEFINED


def links_of(source: Source, header: Header) -> dict[str, Link]:
    """The links of a group, sorted by name, or in the order in which they were made where that is kept."""
    if (table := header.get(TABLE)) is not None:
        return _unique(sorted(_old_links(source, table)))
    found = [_link(message.body.again()) for message in header.all(LINK)]
    info = header.get(LINK_INFO)
    is_ordered = False
    if info is not None:
        info.take(1)
        is_ordered = bool(info.number(1) & 1)
        info.take(8 if is_ordered else 0)
        heap, tree = info.numbers(2, 8)
        if heap != UNDEFINED:
            extents = _dense(source, heap, tree, 5, 4)
            found += [_link(source.fields(*extent)) for extent, _ in extents]
    found.sort(key=lambda one: one[1] if is_ordered else one[0])
    return _unique([(name, link) for name, _, link in found])


def _unique(links: list[tuple[bytes, Link]]) -> dict[str, Link]:
    found = {name.decode("utf-8", "surrogateescape"): link for name, link in links}
    if len(found) != len(links):
        raise damaged("a group has a name twice")
    return found


def _old_links(source: Source, table: Fields) -> list[tuple[bytes, Link]]:
    tree, place = table.numbers(2, 8)
    heap = LocalHeap(source, place)
    path = Path("group")
    found: list[tuple[bytes, Link]] = []
    for _, node in leaves(source, tree, 0, 8):
        path.visit(node)
        start = source.fields(node, 8, b"SNOD")
        start.take(2)
        count = start.number(2)
        source.count(count)
        fields = source.fields(node + 8, count * _ENTRY)
        for _ in range(count):
            name, header, kind = fields.number(8), fields.number(8), fields.number(4)
            fields.take(20)
            found.append((heap.name(name), Link("SoftLink") if kind == _SOFT else Link("HardLink", header)))
    return found


def _link(fields: Fields) -> tuple[bytes, int, Link]:
    """The name of a link, its number in the order of making, and what it stands for."""
    version, flags = fields.number(1), fields.number(1)
    if version != 1:
        raise damaged(f"the link at byte {fields.at} has the unknown version {version}")
    kind = fields.number(1) if flags & 8 else 0
    order = fields.number(8) if flags & 4 else 0
    fields.take(1 if flags & 16 else 0)
    name = fields.take(fields.number(1 << (flags & 3)))
    if kind == 0:
        return name, order, Link("HardLink", fields.number(8))
    return name, order, Link({1: "SoftLink", 64: "ExternalLink"}.get(kind, f"link of the unknown kind {kind}"))


def _dense(source: Source, heap_at: int, tree_at: int, kind: int, skip: int) -> list[tuple[Extent, int]]:
    """Where the objects of a heap are that a tree of names tells of, and the byte that follows each identifier.

    Args:
        source: the file.
        heap_at: where the heap is.
        tree_at: where the tree is.
        kind: the type of its records.
        skip: the bytes of a record before the identifier.
    """
    heap = FractalHeap(source, heap_at)
    records = Records(source, tree_at)
    if records.kind != kind:
        raise damaged(f"the tree at byte {tree_at} is of type {records.kind}, expected {kind}")
    width = 7 if kind == 5 else 8
    found = []
    for fields in records:
        fields.take(skip)
        extent = heap.extent(fields.part(width))
        found.append((extent, fields.number(1) if fields.left else 0))
    return found


class StoredAttribute(NamedTuple):
    """An attribute: the messages for its kind and shape, and where its values are."""

    kind: Fields
    space: Fields
    values: Extent


def attributes_of(source: Source, header: Header) -> dict[str, StoredAttribute]:
    """The attributes of a group or dataset, by name; their values are not read."""
    extents = [(Extent(message.body.at, len(message.body.data)), message.flags) for message in header.all(ATTRIBUTE)]
    info = header.get(ATTRIBUTE_INFO)
    if info is not None:
        info.take(1)
        info.take(2 if info.number(1) & 1 else 0)
        heap, tree = info.numbers(2, 8)
        if heap != UNDEFINED:
            extents += _dense(source, heap, tree, 8, 0)
    if any(flags & 2 for _, flags in extents):
        raise damaged(f"the header at byte {header.at} shares an attribute with others, which is not read")
    return dict(_attribute(source, extent) for extent, _ in extents)


def _attribute(source: Source, extent: Extent) -> tuple[str, StoredAttribute]:
    start = source.fields(extent.at, 8)
    version, flags = start.number(1), start.number(1)
    if version not in (1, 2, 3) or (version > 1 and flags):
        raise damaged(f"the attribute at byte {extent.at} has version {version} and the flags {flags}")
    sizes = start.numbers(3, 2)
    taken = [(size + 7) // 8 * 8 for size in sizes] if version == 1 else sizes
    begin = 9 if version == 3 else 8
    fields = source.fields(extent.at + begin, sum(taken))
    name, kind, space = (fields.part(whole) for whole in taken)
    start_of_values = begin + sum(taken)
    if start_of_values > extent.size:
        raise damaged(f"the attribute at byte {extent.at} is longer than its message")
    values = Extent(extent.at + start_of_values, extent.size - start_of_values)
    return name.data.partition(b"\0")[0].decode("utf-8", "surrogateescape"), StoredAttribute(kind, space, values)
