"""The peer of lenet.mjs: for every line read, makes an epoch and prints its seconds and its last loss."""

import json
import os
import sys
import time

import numpy as np
import torch
from torch import nn

folder = sys.argv[1]
torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
torch.manual_seed(0)
model = nn.Sequential(
    nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
    nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
    nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10),
)
optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
images = torch.from_numpy(np.fromfile(f"{folder}/images", np.float32)).reshape(-1, 1, 28, 28)
labels = torch.from_numpy(np.fromfile(f"{folder}/labels", np.int32)).long()
for _ in sys.stdin:
    before = time.perf_counter()
    for batch in torch.randperm(len(images)).split(64):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(images[batch]), labels[batch])
        loss.backward()
        optimizer.step()
        last = loss.item()
    print(json.dumps({"seconds": time.perf_counter() - before, "loss": last}), flush=True)
