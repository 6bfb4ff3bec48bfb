"""The peer of lenet.mjs: for every line read, makes a round of training steps and prints CPU milliseconds a step."""

import sys
import time

import torch
from torch import nn

steps = int(sys.argv[1])
torch.set_num_threads(1)
torch.manual_seed(0)
model = nn.Sequential(
    nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
    nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
    nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10),
)
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
x = torch.rand(64, 1, 28, 28)
y = torch.randint(0, 10, (64,))
for _ in sys.stdin:
    before = time.process_time()
    for _ in range(steps):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        loss.item()
    print((time.process_time() - before) / steps * 1000, flush=True)
