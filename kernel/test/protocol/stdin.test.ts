import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { plain, TestKernel } from "../client.ts";

let kernel: TestKernel;
beforeAll(async () => {
  kernel = await TestKernel.start();
});
afterAll(() => kernel.stop());

const asking = { allow_stdin: true };

describe("prompt", () => {
  test("asks the client, holds up the cell, and returns what was typed", async () => {
    const id = kernel.begin(`const answer = prompt("Your name?"); answer + "!"`, asking);
    const question = await kernel.question("Ada Lovelace 😀");
    expect(question.header.msg_type).toBe("input_request");
    expect(question.content).toEqual({ prompt: "Your name? ", password: false });
    expect(question.parent.msg_id).toBe(id);
    expect((await kernel.end(id)).result).toBe("'Ada Lovelace 😀!'");
  });

  test("asks for a password as one", async () => {
    const id = kernel.begin(`prompt.password().length`, asking);
    expect((await kernel.question("secret")).content).toEqual({ prompt: "Password: ", password: true });
    expect((await kernel.end(id)).result).toBe("6");
  });

  test("asks again and again, also in loops and after an await", async () => {
    const id = kernel.begin(
      `let sum = 0; await null; for (let i = 0; i < 3; i++) sum += Number(prompt(String(i))); sum`,
      asking,
    );
    for (const value of ["10", "20", "30"]) await kernel.question(value);
    expect((await kernel.end(id)).result).toBe("60");
  });

  test("takes an empty answer for the default, as in a browser; confirm and alert ask as well", async () => {
    const id = kernel.begin(
      `[prompt("a", "default"), prompt("b"), confirm("sure?"), confirm("really?"), alert("!")]`,
      asking,
    );
    for (const value of ["", "", "y", "no", ""]) await kernel.question(value);
    expect((await kernel.end(id)).result).toBe("[ 'default', '', true, false, undefined ]");
  });

  test("shows what was printed before, first", async () => {
    const id = kernel.begin(`console.log("before"); prompt("?")`, asking);
    await kernel.question();
    expect(kernel.publishedUnder(id).some((message) => message.content.text === "before\n")).toBe(true);
    kernel.send("stdin", "input_reply", { value: "x" });
    await kernel.end(id);
  });

  test("refuses with advice where the client cannot be asked", async () => {
    const { reply } = await kernel.run(`prompt("Name?")`, { stop_on_error: false });
    expect(reply.content).toMatchObject({ status: "error", ename: "StdinNotAllowed" });
    expect(reply.content.evalue).toContain("allow_stdin");
  });

  test("refuses after the cell has ended", async () => {
    const id = kernel.begin(
      `setTimeout(() => { try { prompt("late") } catch (e) { console.log(String(e)) } }, 30)`,
      asking,
    );
    await kernel.end(id);
    await kernel.until(() =>
      kernel.publishedUnder(id).some(({ content }) => /cell that asks has ended/.test(content.text)),
    );
  });

  test("is ended by an interrupt, says where it was, and runs finally blocks", async () => {
    const id = kernel.begin(`let cleaned = false;\ntry {\n  prompt("?");\n} finally { cleaned = true }`, asking);
    await kernel.question();
    await kernel.interrupt();
    const { reply } = await kernel.end(id);
    expect(reply.content).toMatchObject({ status: "error", ename: "KeyboardInterrupt" });
    expect(plain(reply.content.traceback)).toContain(", line 3");
    expect((await kernel.run("cleaned")).result).toBe("true");
  });

  test("is ended by an interrupt in a loop that catches everything and asks again", async () => {
    const id = kernel.begin(`for (;;) { try { if (prompt("?") === "never") break; } catch {} }`, asking);
    await kernel.question();
    await kernel.interrupt();
    expect((await kernel.end(id)).reply.content.ename).toBe("KeyboardInterrupt");
    expect((await kernel.run("1 + 1")).result).toBe("2");
  });

  test("control, heartbeat and completion answer meanwhile; a stray answer does no harm", async () => {
    const first = kernel.begin(`prompt("first")`, asking);
    await kernel.question();
    kernel.send("stdin", "input_reply", { value: "one" });
    // Behind an answer, so that it is there before the next question: between sockets there is no order.
    kernel.send("stdin", "input_reply", { value: "nobody asked" });
    expect((await kernel.end(first)).result).toBe("'one'");
    const id = kernel.begin(`prompt("?")`, asking);
    await kernel.question();
    expect((await kernel.request("control", "kernel_info_request", {})).content.status).toBe("ok");
    expect(
      (await kernel.request("shell", "complete_request", { code: "conso", cursor_pos: 5 })).content.matches,
    ).toContain("console");
    expect(await kernel.beats()).toBe(true);
    kernel.send("stdin", "input_reply", { value: "now" });
    expect((await kernel.end(id)).result).toBe("'now'");
  });
});
