/** The load generator: a line of JSON in is something to do, a line of JSON out is what came of it. */

import readline from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { Client, Tally } from "./client.mjs";
import { operate } from "./operations.mjs";
import { request } from "./requests.mjs";

const groups = new Map(); // clients by the name of their group

const commands = {
  /** Connect, authenticate and join as many clients as there are `seats`, some at a time. */
  async open({ group, url, seats, contracts, atOnce, seconds }) {
    const { hostname: host, port } = new URL(url);
    const tally = new Tally();
    const clients = [];
    groups.set(group, { clients, tally });
    const began = performance.now();
    const usage = process.cpuUsage();
    const work = async () => {
      while (clients.length < seats.length && performance.now() - began < seconds * 1000) {
        const number = clients.length;
        const client = new Client(number, seats[number], { host, port: Number(port), contracts }, tally);
        clients.push(client);
        await client.ready;
      }
    };
    await withDeadline(Promise.all(Array.from({ length: atOnce }, work)), seconds);
    const { user, system } = process.cpuUsage(usage);
    const elapsed = performance.now() - began;
    return { opened: clients.length, seconds: elapsed / 1000, load: (user + system) / 1000 / elapsed };
  },

  /** Have a group's clients vanish, all at once. */
  async close({ group }) {
    const { clients } = groups.get(group);
    groups.delete(group);
    for (const client of clients) client.close();
    return { closed: clients.length };
  },

  async operate({ group, ...load }) {
    const { clients, tally } = groups.get(group);
    return operate(clients, tally, load);
  },

  /** Wait until a group has heard `count` of one kind, or for `seconds`. */
  async hear({ group, kind, count, seconds }) {
    const { tally } = groups.get(group);
    const end = performance.now() + seconds * 1000;
    while (tally.heard[kind] < count && performance.now() < end) await sleep(1);
    return { heard: tally.heard[kind], lost: tally.lost };
  },

  request,
};

async function withDeadline(promise, seconds) {
  const late = new AbortController();
  const deadline = sleep(seconds * 1000, undefined, { signal: late.signal }).then(
    () => Promise.reject(new Error(`It took more than ${seconds} s`)),
    () => {},
  );
  try {
    await Promise.race([promise, deadline]);
  } finally {
    late.abort();
  }
}

for await (const line of readline.createInterface({ input: process.stdin })) {
  const { do: name, ...parameters } = JSON.parse(line);
  const answer = await commands[name](parameters).catch((error) => ({ failed: error.message }));
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
process.exit(0);
