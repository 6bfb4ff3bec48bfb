"""Debian's jupyter_kernel_test, pointed at ipykernel, to be read beside ours. Run by jupyter-kernel-test.test.ts."""

import unittest

import jupyter_kernel_test


class IPyKernelTests(jupyter_kernel_test.KernelTests):
    kernel_name = "ipykernel-to-compare"
    language_name = "python"
    file_extension = ".py"

    code_hello_world = 'print("hello, world")'
    code_stderr = 'import sys; print("oops", file=sys.stderr)'

    completion_samples = [
        {"text": "zi", "matches": {"zip"}},
        {"text": '"text".upp', "matches": {"upper"}},
    ]

    complete_code_samples = ["1", 'print("hello")', "def f(x):\n  return x * 2\n\n\n"]
    incomplete_code_samples = ["for i in [1, 2]:", "a = [", "f(", '"""one']
    invalid_code_samples = ["a = )", "1x = 3", "s = 'open"]

    code_generate_error = 'raise ValueError("planned")'

    code_execute_result = [
        {"code": "6 * 7", "result": "42"},
        {"code": '"a" + "b"', "result": "'ab'"},
        {"code": "import asyncio; await asyncio.sleep(0, [1, 2])", "result": "[1, 2]"},
        {"code": 'from IPython.display import HTML; HTML("<b>x</b>")', "mime": "text/html", "result": "<b>x</b>"},
    ]

    code_display_data = [
        {"code": "from IPython.display import *; display(Image(data=bytes([137, 80, 78, 71, 13, 10, 26, 10])))", "mime": "image/png"},
        {"code": "display({'a': 1})", "mime": "text/plain"},
    ]

    code_history_pattern = "6 ? 7"
    supported_history_operations = ("tail", "range", "search")

    code_inspect_sample = "zip"

    code_page_something = "zip?"

    code_clear_output = "from IPython.display import *; clear_output()"


if __name__ == "__main__":
    unittest.main(verbosity=2)
