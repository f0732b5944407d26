/** What clients do under load, in a closed loop: as many operations in flight as asked for, taken in turns. */

import { setTimeout as sleep } from "node:timers/promises";

const DRAIN_SECONDS = 15;
const LETTERS = "the quick brown fox jumps over the lazy dog and says so to everyone who is listening ";
const HEARD_BY = { send: ["ack", "new", "list"], typing: ["typing"], read: [] };

/** Run up to `count` operations, or for `seconds`; return what was done, what was heard, and how long it took. */
export async function operate(clients, tally, { count, seconds, inFlight, mix, sizes, rate, name }) {
  const run = new Run(clients, tally, { count, mix, sizes, name });
  const usage = process.cpuUsage();
  const began = performance.now();
  run.endsAt = began + seconds * 1000;
  if (rate) await run.steadily(rate);
  else run.fill(inFlight);
  await run.done(seconds + DRAIN_SECONDS);
  const elapsed = performance.now() - began;
  const { user, system } = process.cpuUsage(usage);
  return { ...run.result(), seconds: elapsed / 1000, load: (user + system) / 1000 / elapsed };
}

class Run {
  constructor(clients, tally, { count, mix, sizes, name }) {
    Object.assign(this, { clients, tally, count, name });
    this.texts = sizes.map((size) => LETTERS.repeat(Math.ceil(size / LETTERS.length)).slice(0, size));
    this.schedule = interleaved(mix);
    this.before = { ...tally.heard, other: tally.other, lost: tally.lost };
    this.residents = new Map();
    for (const { conversation } of clients) {
      this.residents.set(conversation, (this.residents.get(conversation) ?? 0) + 1);
    }
    this.sentAt = new Float64Array(count + clients.length + 1);
    this.answered = new Uint8Array(count + clients.length + 1);
    this.latencies = [];
    this.issued = this.acknowledged = this.twice = this.refused = 0;
    this.did = { send: 0, typing: 0, read: 0 };
    this.expected = { ack: 0, new: 0, list: 0, typing: 0 };
    this.isOpen = true;
    for (const client of clients) client.onAck = (id, isOk) => this.answer(id, isOk);
  }

  /** Begin `inFlight` operations; each answer begins the next. */
  fill(inFlight) {
    this.refills = true;
    for (let begun = 0; begun < inFlight; begun += 1) this.next();
  }

  /** Begin `rate` operations a second, whatever the answers. */
  async steadily(rate) {
    const began = performance.now();
    while (this.isOpen) {
      const due = Math.min(this.count, Math.ceil(((performance.now() - began) / 1000) * rate));
      while (this.isOpen && this.issued < due) this.next();
      if (this.issued >= this.count) break;
      await sleep(1);
    }
    this.isOpen = false;
  }

  next() {
    if (this.issued >= this.count || performance.now() > this.endsAt) this.isOpen = false;
    if (!this.isOpen) return;
    const { clients, schedule } = this;
    const turn = Math.floor(this.issued / clients.length); // shifts the schedule, so that each client does everything
    this.issue(clients[this.issued % clients.length], schedule[(this.issued + turn) % schedule.length]);
  }

  issue(client, kind) {
    this.issued += 1;
    const id = this.issued;
    this.did[kind] += 1;
    this.sentAt[id] = performance.now();
    this[kind](client, id);
  }

  send(client, id) {
    const text = this.texts[id % this.texts.length];
    const inRoom = this.residents.get(client.conversation);
    this.expected.ack += 1;
    this.expected.new += inRoom;
    this.expected.list += inRoom;
    client.emit(
      id,
      "chat:send",
      `{"tempId":"t${id}","conversationId":"${client.conversation}","text":"${text}",` +
        `"clientNonce":"${this.name}-${id}"}`,
    );
  }

  typing(client, id) {
    client.isTyping = !client.isTyping;
    this.expected.typing += this.residents.get(client.conversation) - 1;
    const name = client.isTyping ? "typing_start" : "typing_stop";
    client.emit(id, name, `{"conversationId":"${client.conversation}"}`);
  }

  read(client, id) {
    client.emit(id, "chat:read", `{"conversationId":"${client.conversation}"}`);
  }

  answer(id, isOk) {
    this.twice += this.answered[id];
    this.answered[id] = 1;
    this.acknowledged += 1;
    if (!isOk) this.refused += 1;
    this.latencies.push(performance.now() - this.sentAt[id]);
    if (this.refills) this.next();
  }

  /** Wait until all is answered and heard; what is not by the end of the time is missing in the result. */
  async done(seconds) {
    const end = performance.now() + seconds * 1000;
    const until = async (isSo) => {
      while (!isSo() && performance.now() < end) await sleep(1);
    };
    await until(() => !this.isOpen && this.acknowledged >= this.issued);
    this.refills = false;
    for (const client of this.clients) if (client.isTyping) this.issue(client, "typing");
    await until(() => this.acknowledged >= this.issued && this.missing() <= 0);
  }

  heard(kind) {
    return this.tally.heard[kind] - this.before[kind];
  }

  missing() {
    const kinds = Object.keys(this.expected);
    return kinds.reduce((sum, kind) => sum + Math.max(0, this.expected[kind] - this.heard(kind)), 0);
  }

  result() {
    const { issued, acknowledged, twice, refused, did, expected, tally, before } = this;
    const kinds = Object.entries(did).flatMap(([kind, times]) => (times ? HEARD_BY[kind] : []));
    const sorted = Float64Array.from(this.latencies).sort();
    const percentile = (share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
    return {
      issued,
      acknowledged,
      twice,
      refused,
      did,
      expected: Object.fromEntries(kinds.map((kind) => [kind, expected[kind]])),
      heard: Object.fromEntries(kinds.map((kind) => [kind, this.heard(kind)])),
      unknown: tally.other - before.other,
      lost: tally.lost - before.lost,
      error: tally.lastError,
      p50: percentile(0.5),
      p99: percentile(0.99),
    };
  }
}

/** Return kinds of operations in the proportions of `mix`, well mixed. */
function interleaved(mix) {
  const total = Object.values(mix).reduce((sum, share) => sum + share, 0);
  const owed = Object.fromEntries(Object.keys(mix).map((kind) => [kind, 0]));
  return Array.from({ length: total }, () => {
    for (const [kind, share] of Object.entries(mix)) owed[kind] += share;
    const [kind] = Object.entries(owed).reduce((most, entry) => (entry[1] > most[1] ? entry : most));
    owed[kind] -= total;
    return kind;
  });
}
