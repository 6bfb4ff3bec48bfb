"""How well draws fit the laws they are said to follow: reads JSON, prints p-values.

Each item of the list has scipy's name of the law, its arguments and draws. Real draws are judged by Kolmogorov and
Smirnov's test, counts by χ² over bins with at least ten expected.
"""

import json
import sys

import numpy as np
from scipy import stats


def judged(law, arguments, draws):
    q = getattr(stats, law)(*arguments)
    x = np.array(draws)
    if not hasattr(getattr(stats, law), "pmf"):
        return stats.kstest(x, q.cdf).pvalue
    edges, low = [], -1
    for k in range(int(x.max()) + 2):
        if len(x) * (q.cdf(k) - (q.cdf(low) if low >= 0 else 0)) >= 10:
            edges.append(k)
            low = k
    edges = edges[:-1]
    sums = np.concatenate([[0], q.cdf(edges), [1]])
    counts = np.histogram(x, [-0.5, *(np.array(edges) + 0.5), np.inf])[0]
    return stats.chisquare(counts, np.diff(sums) * len(x)).pvalue


print(json.dumps([float(judged(**item)) for item in json.load(sys.stdin)]))
