"""Checks number formats of safetensors files with numpy and PyTorch, without any reader of ours.

    number_formats.py write SEED FILE     writes every format with random numbers, prints them by name
    number_formats.py read FILE           prints the format, the shape and the numbers of every tensor
    number_formats.py round SEED FILE     writes random float32 bits, prints PyTorch's 16-bit roundings of them
"""

import json
import struct
import sys

import numpy as np
import torch

NUMPY = {
    "BOOL": "?", "I8": "<i1", "U8": "<u1", "I16": "<i2", "U16": "<u2", "I32": "<i4", "U32": "<u4",
    "I64": "<i8", "U64": "<u8", "F16": "<f2", "F32": "<f4", "F64": "<f8", "BF16": "<u2",
}


def write(path, tensors):
    """tensors: name, format, array of numbers as they lie in memory."""
    header, body = {"__metadata__": {"format": "pt", "by": "hand"}}, b""
    for name, kind, array in tensors:
        data = array.astype(NUMPY[kind]).tobytes()
        header[name] = {"dtype": kind, "shape": list(array.shape), "data_offsets": [len(body), len(body) + len(data)]}
        body += data
    text = json.dumps(header).encode()
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + body)


def read(path):
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
        body = file.read()
    header.pop("__metadata__", None)
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        array = np.frombuffer(body[begin:end], NUMPY[entry["dtype"]]).reshape(entry["shape"])
        yield name, entry["dtype"], array


def plain(values):
    return [str(v) if isinstance(v, float) and not np.isfinite(v) else v for v in np.asarray(values).ravel().tolist()]


def bfloat16(words):
    return (words.astype(np.uint32) << 16).view(np.float32)


mode = sys.argv[1]
if mode == "write":
    draw = np.random.default_rng(int(sys.argv[2]))
    dims = [int(n) for n in draw.integers(1, 5, 3)]
    tensors = [("flag", "BOOL", draw.integers(0, 2, dims))]
    for kind in ["I8", "U8", "I16", "U16", "I32"]:
        info = np.iinfo(NUMPY[kind])
        tensors.append((kind, kind, draw.integers(info.min, info.max, dims, dtype=np.int64, endpoint=True)))
    for kind in ["U32", "I64", "U64"]:
        low = -(2**31) if kind == "I64" else 0
        tensors.append((kind, kind, draw.integers(low, 2**31 - 1, dims, dtype=np.int64, endpoint=True)))
    tensors.append(("F32", "F32", draw.normal(size=dims).astype("f4")))
    tensors.append(("F64", "F64", draw.normal(size=dims)))
    every = np.arange(2**16, dtype=np.uint16)
    tensors.append(("F16", "F16", every.view(np.float16)))
    tensors.append(("BF16", "BF16", every))
    tensors.append(("empty", "F16", np.zeros([0, 3], "f2")))
    tensors.append(("scalar", "I64", np.array(-7)))
    write(sys.argv[3], tensors)
    values = {name: bfloat16(array) if kind == "BF16" else array.astype("f8") for name, kind, array in tensors}
    print(json.dumps({name: {"shape": list(v.shape), "values": plain(v.astype("f8"))} for name, v in values.items()}))
elif mode == "read":
    print(json.dumps({name: {"format": kind, "shape": list(array.shape), "values": plain(array)}
                      for name, kind, array in read(sys.argv[2])}))
elif mode == "round":
    draw = np.random.default_rng(int(sys.argv[2]))
    bits = draw.integers(0, 2**32, 200_000, dtype=np.uint32)
    # Many among them where float16 has numbers, and halfway between.
    bits[:100_000] = draw.integers(0x33000000, 0x47800100, 100_000, dtype=np.uint32)
    bits[:50_000] &= np.uint32(0xFFFFF000)
    floats = bits.view(np.float32)
    write(sys.argv[3], [("x", "F32", floats)])
    x = torch.from_numpy(floats.copy())
    print(json.dumps({kind: x.to(dtype).view(torch.int16).numpy().astype(np.uint16).tolist()
                      for kind, dtype in [("float16", torch.float16), ("bfloat16", torch.bfloat16)]}))
