import { io, type Socket } from "socket.io-client";
import { LOGGED, type ChatEmits, type ChatHears, type ChatSend, type Fault, type Message } from "./events.js";

/** The server refused: nothing was done. `code` says why. */
export class Refusal extends Error {
  readonly code: string;

  constructor(readonly fault: Fault) {
    super(fault.message);
    this.code = fault.code;
  }
}

/** An event that has a place in a conversation's log, with its payload. */
export type LogEvent = { [Name in (typeof LOGGED)[number]]: { event: Name; payload: ChatHears[Name] } }[(typeof LOGGED)[number]];

export interface Options {
  /** Where the server is, like `https://chat.example.org`. */
  url: string;
  /** Gives a token that is good now; asked again before each connection and before the token ends. */
  token: () => string | Promise<string>;
  /** How long an answer may take before the same is sent again. */
  patienceMs?: number;
}

export interface Following {
  /** The newest place of the log that is shown already, as of the last message that REST gave. */
  afterSeq: number;
  /** What happened next: each event once, in order, whatever happens to the connection. */
  hear: (event: LogEvent) => void;
  /** Not all that was missed can be told: read the messages anew, and return the newest place that is shown then. */
  reload: () => Promise<number>;
}

/** A connection that speaks chat. */
export class Chat {
  readonly socket: Socket;
  readonly #patienceMs: number;

  constructor({ url, token, patienceMs = 5_000 }: Options) {
    this.#patienceMs = patienceMs;
    this.socket = io(url, {
      auth: async (give) => give({ token: await token(), contracts: ["chat"] }),
    });
    this.on("auth:expiring", async () => void this.ask("authenticate", { token: await token() }));
  }

  /** Listen; returns how to stop. */
  on<Name extends keyof ChatHears>(name: Name, listener: (payload: ChatHears[Name]) => void): () => void {
    const { socket }: { socket: Socket } = this;
    socket.on(name as string, listener);
    return () => void socket.off(name as string, listener);
  }

  /** Emit, and return how it was acknowledged. Throws `Refusal`; another error where there is no answer in time. */
  async ask<Name extends keyof ChatEmits>(name: Name, payload: ChatEmits[Name]["payload"]): Promise<ChatEmits[Name]["ack"]> {
    const answer = await this.socket.timeout(this.#patienceMs).emitWithAck(name, payload);
    if (!answer.ok) throw new Refusal(answer.error);
    return answer;
  }

  /** Send a message, again and again until it is known what became of it: the nonce keeps it one message. */
  async send(message: ChatSend): Promise<Message> {
    const once = { clientNonce: crypto.randomUUID(), ...message };
    return (await this.#untilAnswered("chat:send", once)).message;
  }

  /** Press a button of a guided conversation, likewise. */
  async act(action: ChatEmits["chat:action"]["payload"]): Promise<ChatEmits["chat:action"]["ack"]> {
    return this.#untilAnswered("chat:action", { clientNonce: crypto.randomUUID(), ...action });
  }

  /** Follow a conversation from a place of its log on; returns how to stop. */
  follow(conversationId: string, { afterSeq, hear, reload }: Following): () => void {
    let seen = afterSeq;
    let entering: Promise<unknown> = Promise.resolve();

    const show = (event: LogEvent): void => {
      if (conversationOf(event) !== conversationId || placeOf(event) <= seen) return; // elsewhere, or shown already
      seen = placeOf(event);
      hear(event);
    };
    const enter = async (): Promise<void> => {
      for (;;) {
        const joined = await this.ask("chat:join", { conversationId, afterSeq: seen });
        if (!joined.gap) return;
        await this.ask("chat:leave", { conversationId }); // so that nothing comes while the messages are read
        seen = await reload();
      }
    };
    // One after the other. One that fails has lost its connection: the next `connect` begins anew.
    const enterSoon = (): void => void (entering = entering.then(enter).catch(() => undefined));

    const stops = LOGGED.map((event) => this.on(event, (payload) => show({ event, payload } as LogEvent)));
    this.socket.on("connect", enterSoon);
    if (this.socket.connected) enterSoon();
    return () => {
      for (const stop of stops) stop();
      this.socket.off("connect", enterSoon);
      if (this.socket.connected) this.socket.emit("chat:leave", { conversationId });
    };
  }

  /** Read the log after a place, all of it, without joining; undefined where it does not reach back so far. */
  async sync(conversationId: string, afterSeq: number): Promise<LogEvent[] | undefined> {
    const events: LogEvent[] = [];
    for (let after = afterSeq; ; ) {
      const part = await this.ask("chat:sync", { conversationId, afterSeq: after });
      if (part.gap) return undefined;
      events.push(...part.events.map(({ event, payload }) => ({ event, payload }) as unknown as LogEvent));
      if (!part.hasMore) return events;
      after = part.events.at(-1)?.seq ?? part.lastSeq;
    }
  }

  close(): void {
    this.socket.close();
  }

  async #untilAnswered<Name extends keyof ChatEmits>(name: Name, payload: ChatEmits[Name]["payload"]): Promise<ChatEmits[Name]["ack"]> {
    for (;;) {
      try {
        return await this.ask(name, payload);
      } catch (error) {
        if (error instanceof Refusal) throw error;
        if (!this.socket.active) throw error; // closed, or refused: it will not connect again by itself
      }
    }
  }
}

/** The place of an event in its conversation's log. */
export function placeOf({ payload }: LogEvent): number {
  return "seq" in payload ? payload.seq : payload.message.seq;
}

function conversationOf({ payload }: LogEvent): string {
  if ("conversationId" in payload) return payload.conversationId;
  return "message" in payload ? payload.message.conversation_id : payload.conversation_id;
}
