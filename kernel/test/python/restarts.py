"""Restarts a kernel through Jupyter's own manager, as a notebook server does. Run by restarts.test.ts."""

import json
import sys
import time

from jupyter_client.manager import KernelManager

rounds = int(sys.argv[1])
manager = KernelManager(kernel_name="gradbook-under-test")
manager.start_kernel()
client = manager.client()
client.start_channels()
client.wait_for_ready(timeout=60)
ports = sorted(manager.ports)
times = []
for number in range(rounds):
    reply = client.execute("const kept = %d;" % number, reply=True, timeout=60)
    assert reply["content"]["status"] == "ok", reply
    started = time.time()
    # Every third time without asking, as when a kernel does not answer.
    manager.restart_kernel(now=number % 3 == 2)
    client.wait_for_ready(timeout=60)
    times.append(time.time() - started)
    assert sorted(manager.ports) == ports
    reply = client.execute("kept", reply=True, timeout=60)
    assert reply["content"]["ename"] == "TypeScriptError", reply
client.stop_channels()
file = manager.connection_file
manager.shutdown_kernel()
times.sort()
print(json.dumps({"restarts": rounds, "median": times[rounds // 2], "slowest": times[-1], "ports": ports, "file": file}))
