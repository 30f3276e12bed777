"""Writes test/fixtures/checkpoint-v1.whisker: format version 1 by hand, sharing no code with the reader.

python3 scripts/golden/checkpoint-v1.py        (standard library only; run with Python 3.11)

The file is made once and must load for ever.
"""
import hashlib
import math
import pathlib
import struct
import zlib


def pack(value) -> bytes:
    """msgpack of what JSON can hold; lists and maps of up to 15 entries, texts of up to 255 bytes."""
    if value is None:
        return b"\xc0"
    if isinstance(value, bool):
        return b"\xc3" if value else b"\xc2"
    if isinstance(value, int):
        return bytes([value]) if value < 128 else b"\xce" + struct.pack(">I", value)
    if isinstance(value, float):
        return b"\xcb" + struct.pack(">d", value)
    if isinstance(value, str):
        return b"\xd9" + bytes([len(value.encode())]) + value.encode()
    if isinstance(value, list):
        return bytes([0x90 | len(value)]) + b"".join(map(pack, value))
    return bytes([0x80 | len(value)]) + b"".join(pack(key) + pack(item) for key, item in value.items())


def main() -> None:
    kernel = struct.pack("<6f", *[math.sin(k) for k in range(6)])
    bias = struct.pack("<3f", 0.0, -1.5, 2.0**-120)
    count = struct.pack("<i", -7)
    tensors, offset = [], 0
    for name, shape, dtype, data in [
        ("encoder/input/kernel", [2, 3], "float32", kernel),
        ("encoder/input/bias", [3], "float32", bias),
        ("count", [], "int32", count),
    ]:
        tensors.append(dict(name=name, shape=shape, dtype=dtype, offset=offset, bytes=len(data), crc32=zlib.crc32(data)))
        offset += len(data)
    header = pack(dict(
        version=1, kind="pretraining", step=400,
        settings=dict(encoder=dict(kind="transformer", width=8), note="größer", rates=[0.001, None, True]),
        progress=dict(best=0.25), tensors=tensors,
    ))
    body = b"WHISKER\0" + struct.pack("<I", len(header)) + header + kernel + bias + count
    path = pathlib.Path(__file__).parents[2] / "test/fixtures/checkpoint-v1.whisker"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(body + hashlib.sha256(body).digest())


main()
