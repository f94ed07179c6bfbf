"""Just enough of protocol buffers and of TFRecord to read what somebody else wrote, without trust.

A TFRecord is a length, its checksum, as many bytes, and their checksum; little endian, CRC-32C, masked.

Sources: protobuf.dev/programming-guides/encoding; ``tensorflow/core/lib/io/record_writer.h``.
"""

from __future__ import annotations

import functools
import struct
from typing import TYPE_CHECKING, Any, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Iterator

VARINT, EIGHT, BYTES, FOUR = 0, 1, 2, 5

_HEAD = struct.Struct("<QI")
#: The upper bytes of a length below 64 KiB.
_SMALL = b"\0" * 6
_FROM_END = 2
_MASK = 0xFFFFFFFF
_WORD = 0xFFFFFFFFFFFFFFFF
_MORE = 0x80
_MOST_SHIFT = 70
_SIZES = {EIGHT: 8, FOUR: 4}


def records(file: BinaryIO, faults: list[str], *, largest: int) -> Iterator[bytes]:
    """The records of a TFRecord file.

    Args:
        file: Open for reading; a torn last record is left out.
        faults: Where it is said what is broken: records with a false checksum are left out, and a length with
            one ends the reading, for nobody knows where the next record begins.
        largest: Records of more bytes are stepped over without being read.
    """
    false = 0
    while len(head := file.read(_HEAD.size)) == _HEAD.size:
        length, checksum = _HEAD.unpack(head)
        if _crc_of_length(head[:8]) != checksum:
            faults.append("a record of false length; what follows it is not read")
            break
        if length > largest:
            if length >> 62:
                break
            file.seek(length + 4, 1)
            continue
        data = file.read(length + 4)
        if len(data) < length + 4:
            break
        if masked_crc(data[:length]) == int.from_bytes(data[length:], "little"):
            yield data[:length]
        else:
            false += 1
    if false:
        faults.append(f"records with a false checksum: {false}")


def seek_last_records(file: BinaryIO, size: int, *, largest: int) -> bool:
    """Go to the first record in the last ``size`` bytes of a file, unless the next one is further on.

    A record is known by the checksum of its length. Without one there, the reading goes to the end.

    Returns:
        Whether anything was stepped over.
    """
    at = file.tell()
    start = file.seek(0, _FROM_END) - size
    if start <= at:
        file.seek(at)
        return False
    file.seek(start)
    data = file.read(size)
    place = -1
    while (place := data.find(_SMALL, place + 1)) >= 0:
        head = data[place - 2 : place - 2 + _HEAD.size] if place > 1 else b""
        if len(head) == _HEAD.size:
            length, checksum = _HEAD.unpack(head)
            if 0 < length <= largest and masked_crc(head[:8]) == checksum:
                file.seek(start + place - 2)
                break
    return True


def masked_crc(data: bytes) -> int:
    """CRC-32C, rotated and shifted by a constant, so that the checksum of a checksum is no weak one."""
    table = _table()
    crc = _MASK
    for byte in data:
        crc = table[(crc ^ byte) & 0xFF] ^ (crc >> 8)
    crc ^= _MASK
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & _MASK


#: Lengths are few.
_crc_of_length = functools.lru_cache(maxsize=1024)(masked_crc)


@functools.cache
def _table() -> tuple[int, ...]:
    table = []
    for byte in range(256):
        crc = byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
        table.append(crc)
    return tuple(table)


def fields(data: bytes) -> Iterator[tuple[tuple[int, int], Any]]:
    """The fields of a message: (number, wire type), and an int without a sign, or bytes.

    Raises:
        ValueError: It is no message.
    """
    place, end = 0, len(data)
    while place < end:
        key, place = _varint(data, place)
        wire = key & 7
        if wire == VARINT:
            value, place = _varint(data, place)
            yield (key >> 3, wire), value
            continue
        if wire == BYTES:
            size, place = _varint(data, place)
        elif wire in _SIZES:
            size = _SIZES[wire]
        else:
            raise ValueError("a wire type that is no more")
        if size > end - place:
            raise ValueError("a field that ends beyond its message")
        yield (key >> 3, wire), data[place : place + size]
        place += size


def varints(data: bytes) -> Iterator[int]:
    """Packed numbers.

    Raises:
        ValueError: The last one does not end.
    """
    place = 0
    while place < len(data):
        value, place = _varint(data, place)
        yield value


def signed(value: int) -> int:
    """An ``int64`` as its sign has it."""
    return value - (1 << 64) if value >> 63 else value


def _varint(data: bytes, place: int) -> tuple[int, int]:
    result = shift = 0
    while place < len(data) and shift < _MOST_SHIFT:
        byte = data[place]
        place += 1
        result |= (byte & 0x7F) << shift
        if byte < _MORE:
            return result & _WORD, place
        shift += 7
    raise ValueError("a number that does not end")
