"""Loads our weights into PyTorch's LeNet-5, saves its own, and writes both networks' logits.

Arguments: our weights, images, where to put its weights, where to put the logits (all safetensors).
The format is read and written here by hand, so that the test does not trust our own reader.
"""

import json
import struct
import sys

import torch
from torch import nn


def read(path):
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
        body = file.read()
    header.pop("__metadata__", None)
    return {
        name: torch.frombuffer(bytearray(body[slice(*entry["data_offsets"])]), dtype=torch.float32).reshape(entry["shape"])
        for name, entry in header.items()
    }


def write(path, tensors):
    header, body = {}, b""
    for name, tensor in tensors.items():
        data = tensor.detach().contiguous().numpy().tobytes()
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [len(body), len(body) + len(data)]}
        body += data
    text = json.dumps(header).encode()
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + body)


def lenet():
    return nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10),
    )


ours, images, theirs, logits = sys.argv[1:]
x = read(images)["x"]
torch.manual_seed(0)
own = lenet()
loaded = lenet()
loaded.load_state_dict(read(ours))
write(theirs, own.state_dict())
write(logits, {"with our weights": loaded(x), "with its own weights": own(x)})
