"""What the attributes of classes and the variables of modules hold, by who wrote it, and who read it."""

from collections import defaultdict

from server.analysis.flow.frames import StoreKey
from server.analysis.flow.portable import is_same_value
from server.analysis.flow.values import NOTHING, Value, join, join_all


class Store:
    def __init__(self) -> None:
        self._written: dict[StoreKey, dict[str, Value]] = defaultdict(dict)
        self._joined: dict[StoreKey, Value] = {}
        self._readers: dict[StoreKey, set[str]] = defaultdict(set)
        self._reads: dict[str, set[StoreKey]] = defaultdict(set)
        self._writes: dict[str, set[StoreKey]] = defaultdict(set)

    def read(self, key: StoreKey, reader: str) -> Value:
        reads = self._reads[reader]
        if key not in reads:
            reads.add(key)
            self._readers[key].add(reader)
        return self._joined.get(key, NOTHING)

    def known(self, key: StoreKey) -> Value:
        """For who looks afterwards, and need not look again."""
        return self._joined.get(key, NOTHING)

    def readers(self, key: StoreKey) -> set[str]:
        return self._readers.get(key, set())

    def writers_for(self, reader: str) -> set[str]:
        """Who gave something to anything that *reader* read."""
        return {writer for key in self._reads.get(reader, ()) for writer in self._written.get(key, ())}

    def readers_of(self, writer: str) -> set[str]:
        """Who read anything to which *writer* gave something."""
        return {reader for key in self._writes.get(writer, ()) for reader in self._readers.get(key, ())}

    def put(self, key: StoreKey, writer: str, value: Value) -> bool:
        """What *writer* puts there, joined to what is there. Says whether that changed."""
        written = self._written[key]
        if written.get(writer) is value:
            return False
        written[writer] = value
        self._writes[writer].add(key)
        old = self._joined.get(key, NOTHING)
        new = self._joined[key] = join(old, value)
        return old is not new and not is_same_value(old, new)

    def replace(self, key: StoreKey, writer: str, value: Value) -> bool:
        """What *writer* puts there now instead of what it put there before. Says whether that changed what is there."""
        written = self._written[key]
        if value is NOTHING:
            written.pop(writer, None)
            self._writes[writer].discard(key)
        else:
            written[writer] = value
            self._writes[writer].add(key)
        old = self._joined.get(key, NOTHING)
        new = self._joined[key] = join_all(written.values())
        return not is_same_value(old, new)

    def forget(self, writer: str) -> None:
        """Take back all that *writer* put here, and that it read anything."""
        for key in self._reads.pop(writer, ()):
            self._readers[key].discard(writer)
        for key in self._writes.pop(writer, ()):
            written = self._written.get(key)
            if written is not None and written.pop(writer, None) is not None:
                self._joined[key] = join_all(written.values())
