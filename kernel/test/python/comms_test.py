"""Comms and widgets as Python's jupyter_client sees them. Run by jupyter-client.test.ts."""

import base64
import struct
import unittest
import uuid

import nbformat
from nbclient import NotebookClient
from jupyter_client.manager import start_new_kernel

TIMEOUT = 30


class CommTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.manager, cls.client = start_new_kernel(kernel_name="gradbook-under-test")
        cls.run_cell(
            """
            import { AnyWidget, comms } from "@gradbook/kernel";
            comms.register("echo", (comm) => {
              comm.onMessage(({ data, metadata, buffers }) => {
                console.log("handling", data);
                comm.send(data, { metadata, buffers });
              });
            });
            """
        )

    @classmethod
    def tearDownClass(cls):
        cls.client.stop_channels()
        cls.manager.shutdown_kernel(now=True)

    @classmethod
    def run_cell(cls, code):
        """Runs a cell; gives the messages published under it."""
        request = cls.client.execute(code)
        reply = cls.client._recv_reply(request, timeout=TIMEOUT)
        assert reply["content"]["status"] == "ok", reply["content"]
        return cls.published_under(request)

    @classmethod
    def published_until(cls, request, kind):
        """Waits for a message of this kind under a request."""
        while True:
            message = cls.client.get_iopub_msg(timeout=TIMEOUT)
            if message["parent_header"].get("msg_id") == request and message["msg_type"] == kind:
                return

    @classmethod
    def published_under(cls, *requests):
        """Everything published under these messages, until the kernel is idle after each."""
        messages, open_requests = [], set(requests)
        while open_requests:
            message = cls.client.get_iopub_msg(timeout=TIMEOUT)
            request = message["parent_header"].get("msg_id")
            if request not in requests:
                continue
            if message["content"].get("execution_state") == "idle":
                open_requests.discard(request)
            else:
                messages.append(message)
        return messages

    def send(self, kind, content, metadata=None, buffers=()):
        message = self.client.session.msg(kind, content, metadata=metadata)
        self.client.session.send(self.client.shell_channel.socket, message, buffers=list(buffers))
        return message["header"]["msg_id"]

    def open_comm(self, target, **more):
        comm_id = uuid.uuid4().hex
        content = {"comm_id": comm_id, "target_name": target, "data": {}}
        return comm_id, self.published_under(self.send("comm_open", content, **more))

    def test_a_comm_echoes_data_metadata_and_buffers_and_owns_what_its_handler_prints(self):
        comm_id, _ = self.open_comm("echo")
        buffers = [b"abc", bytes(10_000_000)]
        request = self.send("comm_msg", {"comm_id": comm_id, "data": {"a": [1]}}, {"m": 2}, buffers)
        published = self.published_under(request)
        kinds = [message["msg_type"] for message in published]
        self.assertEqual(kinds, ["status", "stream", "comm_msg"])
        answer = published[-1]
        self.assertEqual(answer["content"], {"comm_id": comm_id, "data": {"a": [1]}})
        self.assertEqual(answer["metadata"], {"m": 2})
        self.assertEqual([bytes(buffer) for buffer in answer["buffers"]], buffers)

    def test_an_unknown_target_is_answered_by_a_close(self):
        comm_id, published = self.open_comm("nobody")
        self.assertIn(
            ("comm_close", comm_id), [(m["msg_type"], m["content"].get("comm_id")) for m in published]
        )

    def test_comm_info_tells_open_comms_by_target(self):
        comm_id, _ = self.open_comm("echo")
        reply = self.client.comm_info("echo", reply=True, timeout=TIMEOUT)
        self.assertEqual(reply["content"]["comms"][comm_id], {"target_name": "echo"})
        self.assertEqual(self.client.comm_info("other", reply=True, timeout=TIMEOUT)["content"]["comms"], {})

    def test_a_widget_opens_takes_binary_state_while_a_cell_awaits_and_tells_its_state(self):
        published = self.run_cell(
            """
            const widget = new AnyWidget({ esm: "export default {}", state: { xs: new Float32Array([1.5]), n: 1 } });
            display(widget);
            """
        )
        opened = next(message for message in published if message["msg_type"] == "comm_open")
        self.assertEqual(opened["metadata"], {"version": "2.1.0"})
        self.assertEqual(opened["content"]["data"]["buffer_paths"], [["xs"]])
        self.assertEqual(struct.unpack("<f", opened["buffers"][0]), (1.5,))
        comm_id = opened["content"]["comm_id"]

        waiting = self.client.execute(
            "const set = new Promise((resolve) => widget.on('xs', resolve)); console.log('waits'); await set;"
        )
        self.published_until(waiting, "stream")
        data = {"method": "update", "state": {}, "buffer_paths": [["xs"]]}
        request = self.send("comm_msg", {"comm_id": comm_id, "data": data}, None, [struct.pack("<2f", 2, 3)])
        published = self.published_under(request, waiting)
        methods = [m["content"]["data"]["method"] for m in published if m["msg_type"] == "comm_msg"]
        self.assertEqual(methods, ["echo_update"])
        self.assertEqual(self.client._recv_reply(waiting, timeout=TIMEOUT)["content"]["status"], "ok")
        [result] = [m for m in self.run_cell("widget.get('xs')") if m["msg_type"] == "execute_result"]
        self.assertEqual(result["content"]["data"]["text/plain"], "Float32Array(2) [ 2, 3 ]")

        control, _ = self.open_comm("jupyter.widget.control", metadata={"version": "1.0.0"})
        request = self.send("comm_msg", {"comm_id": control, "data": {"method": "request_states"}})
        [answer] = [m for m in self.published_under(request) if m["msg_type"] == "comm_msg"]
        self.assertEqual(answer["content"]["data"]["buffer_paths"], [[comm_id, "state", "xs"]])
        self.assertEqual(struct.unpack("<2f", answer["buffers"][0]), (2, 3))

    def test_nbclient_saves_the_last_state_of_a_widget_in_the_notebook(self):
        notebook = nbformat.v4.new_notebook()
        notebook.cells = [
            nbformat.v4.new_code_cell(source)
            for source in (
                """
                import { AnyWidget } from "@gradbook/kernel";
                const saved = new AnyWidget({ esm: "export default {}", state: { xs: new Float32Array([1]), n: 0 } });
                display(saved);
                """,
                """
                for (let n = 1; n <= 10; n++) {
                  saved.set({ n, xs: new Float32Array([n]) });
                  await new Promise((resolve) => setTimeout(resolve, 2));
                }
                """,
            )
        ]
        NotebookClient(notebook, kernel_name="gradbook-under-test", timeout=TIMEOUT).execute()
        view = notebook.cells[0].outputs[0]["data"]["application/vnd.jupyter.widget-view+json"]
        states = notebook.metadata["widgets"]["application/vnd.jupyter.widget-state+json"]["state"]
        saved = states[view["model_id"]]
        self.assertEqual((saved["model_name"], saved["state"]["n"]), ("AnyModel", 10))
        [buffer] = saved["buffers"]
        self.assertEqual(buffer["path"], ["xs"])
        self.assertEqual(struct.unpack("<f", base64.b64decode(buffer["data"])), (10,))


if __name__ == "__main__":
    unittest.main(verbosity=2)
