import { randomUUID } from "node:crypto";
import type { KernelRequest, Kernels } from "./kernels.ts";
import { NotFound } from "./problems.ts";
import type { KernelModel, RunningKernel } from "./running-kernel.ts";

/** What a client says of a session: a document and the kernel that runs it. */
export interface SessionRequest {
  path?: string;
  name?: string;
  type?: string;
  kernel?: { id?: string | undefined; name?: string | undefined };
}

/** A session as the server's API describes it. */
export interface SessionModel {
  id: string;
  path: string;
  name: string;
  type: string;
  kernel: KernelModel;
  /** For older clients, of a notebook. */
  notebook?: { path: string; name: string };
}

interface Session {
  readonly id: string;
  path: string;
  name: string;
  type: string;
  kernel: RunningKernel;
}

/** Which document is run by which kernel. */
export class Sessions {
  readonly #kernels: Kernels;
  readonly #sessions = new Map<string, Session>();
  /** Those whose kernels are starting, by their documents' paths. */
  readonly #starting = new Map<string, Promise<SessionModel>>();

  constructor(kernels: Kernels) {
    this.#kernels = kernels;
  }

  list(): SessionModel[] {
    this.#forgetEnded();
    return [...this.#sessions.values()].map(modelOf);
  }

  /** @throws NotFound */
  get(id: string): SessionModel {
    return modelOf(this.#find(id));
  }

  /** The session of a document: the one there is, or a new one. @throws NotFound, Problem as starting a kernel does. */
  async create(request: SessionRequest): Promise<SessionModel> {
    const { path = "" } = request;
    if (path === "") return this.#createNew(request);
    this.#forgetEnded();
    const there = [...this.#sessions.values()].find((session) => session.path === path);
    if (there) return modelOf(there);
    // Whoever asks for it while its kernel starts gets the same one.
    const starting = this.#starting.get(path) ?? this.#createNew(request);
    this.#starting.set(path, starting);
    try {
      return await starting;
    } finally {
      this.#starting.delete(path);
    }
  }

  /** Renames a document or gives it another kernel; the one it had ends, unless another document uses it. */
  async change(id: string, { path, name, type, kernel }: SessionRequest): Promise<SessionModel> {
    const session = this.#find(id);
    if (path !== undefined) session.path = path;
    if (name !== undefined) session.name = name;
    if (type !== undefined) session.type = type;
    if (kernel?.id || kernel?.name) {
      const before = session.kernel;
      session.kernel = await this.#kernelFor(kernel, session.path);
      if (before !== session.kernel) await this.#endUnlessUsed(before);
    }
    return modelOf(session);
  }

  /** Ends a session and its kernel. @throws NotFound */
  async delete(id: string): Promise<void> {
    const { kernel } = this.#find(id);
    this.#sessions.delete(id);
    await this.#endUnlessUsed(kernel);
  }

  async #createNew({ path = "", name = "", type = "notebook", kernel }: SessionRequest): Promise<SessionModel> {
    const session = { id: randomUUID() as string, path, name, type, kernel: await this.#kernelFor(kernel, path) };
    this.#sessions.set(session.id, session);
    return modelOf(session);
  }

  async #kernelFor(kernel: SessionRequest["kernel"], path: string): Promise<RunningKernel> {
    if (kernel?.id) return this.#kernels.get(kernel.id);
    const request: KernelRequest = { path, ...(kernel?.name && { name: kernel.name }) };
    return this.#kernels.start(request);
  }

  async #endUnlessUsed(kernel: RunningKernel): Promise<void> {
    if ([...this.#sessions.values()].some((session) => session.kernel === kernel)) return;
    if (this.#kernels.list().includes(kernel)) await this.#kernels.shutdown(kernel.id);
  }

  #find(id: string): Session {
    this.#forgetEnded();
    const session = this.#sessions.get(id);
    if (!session) throw new NotFound(`Session ${id}: there is no such session.`);
    return session;
  }

  /** A kernel may be ended by itself: its sessions are over then. */
  #forgetEnded(): void {
    const kernels = this.#kernels.list();
    for (const [id, { kernel }] of this.#sessions) if (!kernels.includes(kernel)) this.#sessions.delete(id);
  }
}

function modelOf({ id, path, name, type, kernel }: Session): SessionModel {
  const model = { id, path, name, type, kernel: kernel.model };
  return type === "notebook" ? { ...model, notebook: { path, name } } : model;
}
