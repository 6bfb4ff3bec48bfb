"""Minima of Rosenbrock's function that scipy finds: rosenbrock.py SEED COUNT prints one JSON object a line."""

import json
import sys

import numpy as np
from scipy.optimize import minimize, rosen, rosen_der

draw = np.random.default_rng(int(sys.argv[1]))
for i in range(int(sys.argv[2])):
    # In four and more dimensions there is a second minimum; there starts are near the global one.
    n = 2 + i % 3
    start = [-1.2, 1.0] if i == 0 else (1 + draw.uniform(-0.8, 0.8, n)).tolist()
    found = minimize(rosen, start, jac=rosen_der, method="BFGS", options={"gtol": 1e-8})
    print(json.dumps({"start": start, "fun": float(found.fun), "x": found.x.tolist(), "evaluations": int(found.nfev)}))
