"""Writes and reads npy and npz files with numpy, to compare with.

    npy_files.py write SEED FOLDER    random arrays of every kind; prints their numbers by the name of the file
    npy_files.py read FILE            prints the kind, the shape and the numbers of every array
"""

import json
import sys
from pathlib import Path

import numpy as np
from numpy.lib import format as npy


def plain(array):
    values = array.astype("f8").ravel().tolist()
    return {"kind": array.dtype.str, "shape": list(array.shape),
            "values": [v if np.isfinite(v) else str(v) for v in values]}


if sys.argv[1] == "write":
    draw = np.random.default_rng(int(sys.argv[2]))
    folder = Path(sys.argv[3])
    found = {}
    arrays = {}
    for kind in ["?", "i1", "u1", "<i2", ">i2", "<u2", ">u2", "<i4", ">i4", "<u4", ">u4", "<i8", ">i8", "<u8", ">u8",
                 "<f2", ">f2", "<f4", ">f4", "<f8", ">f8"]:
        for fortran in [False, True]:
            shape = [int(n) for n in draw.integers(0 if draw.random() < 0.1 else 1, 5, draw.integers(0, 4))]
            dtype = np.dtype(kind)
            if dtype.kind == "f":
                array = draw.normal(size=shape, scale=100).astype(dtype)
            elif dtype.kind == "b":
                array = draw.integers(0, 2, shape).astype(dtype)
            else:
                low = max(np.iinfo(dtype).min, -(2**31))
                high = min(np.iinfo(dtype).max, 2**31 - 1)
                array = draw.integers(low, high, shape, dtype=np.int64, endpoint=True).astype(dtype)
            array = np.asarray(array, order="F" if fortran else "C", dtype=dtype)
            version = [(1, 0), (2, 0), (3, 0)][draw.integers(3)]
            name = f"{dtype.str[1:]}-{'big' if kind[0] == '>' else 'little'}-{'F' if fortran else 'C'}"
            with open(folder / f"{name}.npy", "wb") as file:
                npy.write_array(file, array, version=version)
            found[name] = plain(array)
            arrays[name] = array
    np.savez(folder / "all.npz", **arrays)
    np.savez_compressed(folder / "small.npz", **arrays)
    np.save(folder / "objects.npy", np.array([{}, 1], dtype=object))
    np.save(folder / "records.npy", np.zeros(2, dtype=[("a", "f4"), ("b", "i4")]))
    np.save(folder / "texts.npy", np.array(["a", "bc"]))
    np.save(folder / "complex.npy", np.zeros(2, dtype="c8"))
    np.save(folder / "large.npy", np.array([1, 2**40]))
    print(json.dumps(found))
else:
    loaded = np.load(sys.argv[2])
    arrays = {"": loaded} if isinstance(loaded, np.ndarray) else dict(loaded)
    print(json.dumps({name: plain(array) for name, array in arrays.items()}))
