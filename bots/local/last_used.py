"""A bounded mapping of what was used last; in one is what the sentence models read of bots."""

from __future__ import annotations

from collections import OrderedDict
from typing import Generic, TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")


class LastUsed(Generic[Key, Value]):
    """Values by their keys, at most `most`: one more drives out the value used longest ago.

    To set and to get a value is to use it; to ask whether it is there is not.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._values: OrderedDict[Key, Value] = OrderedDict()

    def __contains__(self, key: Key) -> bool:
        return key in self._values

    def __len__(self) -> int:
        return len(self._values)

    def __setitem__(self, key: Key, value: Value) -> None:
        self._values[key] = value
        self._values.move_to_end(key)
        if len(self._values) > self._most:
            self._values.popitem(last=False)

    def get(self, key: Key) -> Value | None:
        """The value of `key`, None where it is not there (any more)."""
        if key in self._values:
            self._values.move_to_end(key)
        return self._values.get(key)
