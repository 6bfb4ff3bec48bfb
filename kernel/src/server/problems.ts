import { Problem } from "../problem.ts";

/** Why a request cannot be met, with the status that says so in HTTP. */
export class HttpProblem extends Problem {
  override readonly name: string = "HttpProblem";
  readonly status: 400 | 403 | 404 | 409 | 413 | 507;

  constructor(status: HttpProblem["status"], message: string) {
    super(message);
    this.status = status;
  }
}

/** A request for what is not there. */
export class NotFound extends HttpProblem {
  override readonly name = "NotFound";

  constructor(message: string) {
    super(404, message);
  }
}

/** A request that is not what was expected. */
export class BadRequest extends HttpProblem {
  override readonly name = "BadRequest";

  constructor(message: string) {
    super(400, message);
  }
}
