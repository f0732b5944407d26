/** The REST API, with somebody's token. What is asked and answered is noted as frames are. */

import { Refused, Unanswered } from "./faults.js";

export class Rest {
  /** `line` says of a pane what frames are noted with, and whether it is reachable at all. */
  constructor(token, frames, line) {
    this.token = token;
    this.frames = frames;
    this.line = line;
  }

  get = (path) => this.#call("GET", path);
  post = (path, body, options) => this.#call("POST", path, body, options);
  put = (path, body = {}) => this.#call("PUT", path, body);
  patch = (path, body) => this.#call("PATCH", path, body);
  delete = (path, body) => this.#call("DELETE", path, body);

  async #call(method, path, body, { headers = {}, loses = false, note } = {}) {
    const name = `${method} ${path}`;
    const noted = { direction: "out", kind: "rest", name, payload: body, headers, notes: note ? [note] : [] };
    const frame = this.frames.add({ ...this.line.names(), ...noted });
    const start = performance.now();
    const response = await this.#fetch(method, path, body, headers, frame);
    const answer = await response.json();
    const ms = performance.now() - start;
    if (loses) {
      this.frames.amend(frame, { answer, ms, note: "answer lost" });
      throw new Unanswered("The answer was lost");
    }
    this.frames.amend(frame, { answer, ms, status: response.status });
    if (!response.ok) throw new Refused({ ...answer, fields: answer.fields ?? answer.errors });
    return answer;
  }

  async #fetch(method, path, body, headers, frame) {
    try {
      if (this.line.isOffline) throw new TypeError("offline");
      return await fetch(path, {
        method,
        credentials: "omit",
        headers: { Authorization: `Bearer ${this.token}`, "Content-Type": "application/json", Accept: "application/json", ...headers },
        body: body === undefined ? undefined : JSON.stringify(body),
      });
    } catch (error) {
      this.frames.amend(frame, { note: "not sent" });
      throw new Unanswered(error.message);
    }
  }
}
