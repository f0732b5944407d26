/** What can go wrong with a request: the server refused it, or nobody knows what became of it. */

export class Refused extends Error {
  constructor({ code, message, ...details }) {
    super(message || code);
    this.code = code;
    this.details = details;
  }
}

/** No answer: not connected, too slow, lost. A request that carries a nonce may be made again. */
export class Unanswered extends Error {}
