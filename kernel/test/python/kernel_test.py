"""Debian's jupyter_kernel_test, pointed at this kernel. Run by jupyter-kernel-test.test.ts."""

import unittest

import jupyter_kernel_test


class GradbookKernelTests(jupyter_kernel_test.KernelTests):
    kernel_name = "gradbook-under-test"
    language_name = "typescript"
    file_extension = ".ts"

    code_hello_world = 'console.log("hello, world")'
    code_stderr = 'console.error("oops")'

    completion_samples = [
        {"text": "process.versions.no", "matches": {"node"}},
        {"text": '"text".toUpperC', "matches": {"toUpperCase"}},
    ]

    complete_code_samples = ["1", 'console.log("hello")', "function f(x: number) {\n  return x * 2;\n}\n"]
    incomplete_code_samples = ["for (const i of [1, 2]) {", "const a = [", "f(", "`one"]
    invalid_code_samples = ["const a = )", "let 1x = 3", "const s = 'open"]

    code_generate_error = 'throw new Error("planned")'

    code_execute_result = [
        {"code": "6 * 7", "result": "42"},
        {"code": '"a".concat("b")', "result": "'ab'"},
        {"code": "await Promise.resolve([1, 2])", "result": "[ 1, 2 ]"},
        {
            "code": '({ [Symbol.for("Jupyter.display")]: () => ({ "text/html": "<b>x</b>" }) })',
            "mime": "text/html",
            "result": "<b>x</b>",
        },
    ]

    code_display_data = [
        {"code": 'display.mime({ "image/png": new Uint8Array([137, 80, 78, 71]) });', "mime": "image/png"},
        {"code": "display({ a: 1 });", "mime": "text/plain"},
    ]

    code_history_pattern = "6 ? 7"
    supported_history_operations = ("tail", "range", "search")

    code_inspect_sample = "parseInt"

    code_clear_output = "display.clear();"


if __name__ == "__main__":
    unittest.main(verbosity=2)
