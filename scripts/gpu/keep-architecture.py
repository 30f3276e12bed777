"""Blanks, in place, the GPU code that a CUDA library holds for other architectures than one; it packs to a fraction then.

python keep-architecture.py LIBRARY SM            SM: 90 for Hopper, 80 for A100, 89 for Ada
The driver looks at the headers of the code's containers and takes what fits its GPU: headers stay as they are, code that it
would not take becomes zeros. A container without code for SM keeps what could be compiled for it.
"""
import mmap
import struct
import sys

CONTAINER_MAGIC, CONTAINER_HEADER, ENTRY_HEADER = 0xBA55ED50, struct.Struct("<IHHQ"), struct.Struct("<HHIQ")
PTX, MACHINE_CODE = 1, 2
ARCHITECTURE_AT = 28  # bytes from the start of an entry


def code_sections(file):
    """(start, end) in the file of each section that holds GPU code."""
    table, = struct.unpack_from("<Q", file, 0x28)
    count, names = struct.unpack_from("<HH", file, 0x3C)
    headers = [struct.unpack_from("<IIQQQQIIQQ", file, table + 64 * number) for number in range(count)]
    for header in headers:
        name_at = headers[names][4] + header[0]
        if file[name_at : file.find(b"\0", name_at)].startswith(b".nv_fatbin"):
            yield header[4], header[4] + header[5]


def entries(file, start, end):
    """(kind, architecture, start, size of the code) of what lies in one container."""
    while start + 64 <= end:
        kind, _, header_size, size = ENTRY_HEADER.unpack_from(file, start)
        architecture, = struct.unpack_from("<I", file, start + ARCHITECTURE_AT)
        yield kind, architecture, start + header_size, size
        start += header_size + size


def blank_others(file, wanted):
    """Returns the number of bytes that became zeros."""
    blanked = 0
    for at, end in code_sections(file):
        while at + CONTAINER_HEADER.size <= end:
            magic, _, header_size, size = CONTAINER_HEADER.unpack_from(file, at)
            if magic != CONTAINER_MAGIC:
                at += 8
                continue
            stop = at + header_size + size
            found = list(entries(file, at + header_size, stop))
            is_there = any((kind, sm) == (MACHINE_CODE, wanted) for kind, sm, _, _ in found)
            can_be_made = any(kind == PTX and sm <= wanted for kind, sm, _, _ in found)
            for kind, sm, start, code_size in found:
                if (kind, sm) != (MACHINE_CODE, wanted) and (is_there or not can_be_made):
                    file[start : start + code_size] = bytes(code_size)
                    blanked += code_size
            at = (stop + 7) & ~7
    return blanked


path, wanted = sys.argv[1], int(sys.argv[2])
with open(path, "r+b") as library, mmap.mmap(library.fileno(), 0) as file:
    print(f"{path}: {blank_others(file, wanted) / 1e6:.0f} MB blanked", file=sys.stderr)
