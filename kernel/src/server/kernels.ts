import { existsSync, statSync } from "node:fs";
import { dirname, isAbsolute, resolve, sep } from "node:path";
import { type FoundKernelSpec, findKernelSpecs, OWN_NAME, ownKernelSpec } from "../install/kernelspec.ts";
import { Problem } from "../problem.ts";
import { NotFound } from "./problems.ts";
import { RunningKernel } from "./running-kernel.ts";

/** What a client says of the kernel it wants. */
export interface KernelRequest {
  /** The kernelspec's name; ours unless given. */
  name?: string;
  /** A path below the server's folder; the kernel works in its folder. */
  path?: string;
  /** The folder in which the kernel works, whole. It wins over `path`. */
  cwd?: string;
  env?: Record<string, string>;
}

/** The kernels that a server runs and could run. */
export class Kernels {
  readonly #running = new Map<string, RunningKernel>();
  /** Kernels that nobody has asked for yet, by what will be asked. */
  readonly #prepared: { key: string; starting: Promise<RunningKernel> }[] = [];
  readonly #root: string;
  readonly #extra: readonly FoundKernelSpec[];
  readonly #restarts: boolean;

  /** @param extra kernelspecs that need not be installed, by name before those that are. */
  constructor(root: string, extra: readonly FoundKernelSpec[] = [], restarts = true) {
    this.#root = resolve(root);
    this.#extra = extra;
    this.#restarts = restarts;
  }

  /** All kernelspecs, ours first, whether it is installed or not. */
  async specs(): Promise<FoundKernelSpec[]> {
    const specs = new Map<string, FoundKernelSpec>();
    for (const found of [...this.#extra, ownSpec(), ...(await findKernelSpecs())])
      if (!specs.has(found.name)) specs.set(found.name, found);
    return [...specs.values()];
  }

  /** The kernelspec of a name. @throws NotFound */
  async spec(name: string): Promise<FoundKernelSpec> {
    // Looked for among the installed ones only when it must be: that takes time.
    const found =
      [...this.#extra, ownSpec()].find((spec) => spec.name === name) ??
      (await this.specs()).find((spec) => spec.name === name.toLowerCase());
    if (!found) throw new NotFound(`The kernel ${JSON.stringify(name)} is not installed.`);
    return found;
  }

  list(): RunningKernel[] {
    return [...this.#running.values()];
  }

  /** @throws NotFound */
  get(id: string): RunningKernel {
    const kernel = this.#running.get(id);
    if (!kernel) throw new NotFound(`Kernel ${id}: no such kernel runs here.`);
    return kernel;
  }

  /**
   * Starts a kernel ahead of the request for it, which must be the same and will find it running.
   * Resolves when its program has been started; when it cannot be, whoever asks for it is told.
   */
  async prepare(request: KernelRequest): Promise<void> {
    const starting = this.#startNew(request);
    this.#prepared.push({ key: keyOf(request), starting });
    await starting.catch(() => {});
  }

  /** Starts a kernel. @throws NotFound for an unknown name, Problem when it cannot be started. */
  async start(request: KernelRequest): Promise<RunningKernel> {
    const key = keyOf(request);
    const place = this.#prepared.findIndex((prepared) => prepared.key === key);
    const [prepared] = place < 0 ? [] : this.#prepared.splice(place, 1);
    const kernel = await (prepared?.starting ?? this.#startNew(request));
    this.#running.set(kernel.id, kernel);
    return kernel;
  }

  async #startNew({ name = OWN_NAME, path, cwd, env }: KernelRequest): Promise<RunningKernel> {
    const found = await this.spec(name);
    const folder = cwd ?? this.#folderOf(path);
    if (!isAbsolute(folder) || !existsSync(folder) || !statSync(folder).isDirectory())
      throw new Problem(`The folder ${folder}, in which the kernel should work, does not exist.`);
    return RunningKernel.start(found, { cwd: folder, ...(env && { env }), restarts: this.#restarts });
  }

  /** Ends a kernel, and waits for its end. @throws NotFound */
  async shutdown(id: string): Promise<void> {
    const kernel = this.get(id);
    await kernel.shutdown();
    this.#running.delete(id);
  }

  /** Ends all kernels: politely, or at once. */
  async shutdownAll(politely = true): Promise<void> {
    const unused = await Promise.allSettled(this.#prepared.splice(0).map(({ starting }) => starting));
    const kernels = [...this.list(), ...unused.flatMap((start) => (start.status === "fulfilled" ? [start.value] : []))];
    this.#running.clear();
    await Promise.all(kernels.map((kernel) => kernel.shutdown(politely)));
  }

  /** The folder of a path below the root, or the nearest one above it that is there. */
  #folderOf(path: string | undefined): string {
    let folder = resolve(this.#root, `./${path ?? ""}`);
    while (folder.startsWith(this.#root + sep)) {
      if (existsSync(folder) && statSync(folder).isDirectory()) return folder;
      folder = dirname(folder);
    }
    return this.#root;
  }
}

function ownSpec(): FoundKernelSpec {
  return { name: OWN_NAME, spec: ownKernelSpec() };
}

/** The same for equal requests. */
function keyOf({ name, path, cwd, env }: KernelRequest): string {
  return JSON.stringify([name, path, cwd, Object.entries(env ?? {}).sort()]);
}
