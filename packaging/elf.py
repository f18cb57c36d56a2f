"""Making a library forget the folders of the machine that it was built on.

Some Pythons (pyenv's) write their own folder into each library as a place to look for others. On somebody else's
machine the loader would look there first, in a folder that is not ours.
"""

from __future__ import annotations

import struct
from pathlib import Path

DYNAMIC, STRINGS, RPATH, RUNPATH = 2, 5, 15, 29


def forget_places(path: Path) -> str:
    """Empty the run path of a 64-bit library if it names a folder outside the bundle.

    Returns:
        What it was; "" if nothing was changed.
    """
    data = bytearray(path.read_bytes())
    if data[:6] != b"\x7fELF\x02\x01":
        return ""
    at, size, count = (*struct.unpack_from("<Q", data, 32), *struct.unpack_from("<HH", data, 54))
    headers = [struct.unpack_from("<IIQQQQQQ", data, at + number * size) for number in range(count)]
    loaded = [(header[3], header[2], header[5]) for header in headers if header[0] == 1]  # address, offset, length
    entries = [
        struct.unpack_from("<qQ", data, offset)
        for header in headers
        if header[0] == DYNAMIC
        for offset in range(header[2], header[2] + header[5], 16)
    ]
    strings = next((value for tag, value in entries if tag == STRINGS), None)
    if strings is None:
        return ""
    table = next(
        (strings - start + offset for start, offset, length in loaded if start <= strings < start + length), None
    )
    if table is None:
        return ""
    for tag, value in entries:
        if tag in (RPATH, RUNPATH):
            begin = table + value
            end = data.index(0, begin)
            was = data[begin:end].decode("utf-8", "replace")
            if was and any(not place.startswith("$ORIGIN") for place in was.split(":")):
                data[begin] = 0  # The rest stays: another name may end with the same letters and share them.
                path.write_bytes(data)
                return was
    return ""
