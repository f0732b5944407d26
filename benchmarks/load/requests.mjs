/** REST reads over kept connections, each checked for the number of rows that it must bring. */

import http from "node:http";

/** Get each of `paths` in turns, up to `count` times in all or for `seconds`, on `inFlight` connections. */
export async function request({ url, token, paths, count, seconds, inFlight, key, rows }) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: inFlight });
  const headers = { Authorization: `Bearer ${token}`, Accept: "application/json" };
  const latencies = [];
  const first = {};
  let begun = 0;
  let bytes = 0;
  let wrong = "";
  const began = performance.now();
  const usage = process.cpuUsage();

  const work = async () => {
    while (!wrong && begun < count && performance.now() - began < seconds * 1000) {
      const path = paths[begun++ % paths.length];
      const at = performance.now();
      const { status, text } = await get(url + path, { agent, headers });
      latencies.push(performance.now() - at);
      bytes += text.length;
      const body = status === 200 ? JSON.parse(text) : {};
      if (body[key]?.length !== rows) wrong = `${path} was answered with ${status}: ${text.slice(0, 200)}`;
      first[path] ??= body;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, work));
  agent.destroy();
  const elapsed = performance.now() - began;
  const { user, system } = process.cpuUsage(usage);
  latencies.sort((a, b) => a - b);
  const percentile = (share) => latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? 0;
  return {
    answered: latencies.length,
    bytes,
    wrong,
    first,
    p50: percentile(0.5),
    p99: percentile(0.99),
    seconds: elapsed / 1000,
    load: (user + system) / 1000 / elapsed,
  };
}

function get(url, options) {
  return new Promise((resolve, reject) => {
    const request = http.get(url, options, (response) => {
      const parts = [];
      response.on("data", (part) => parts.push(part));
      response.on("end", () => resolve({ status: response.statusCode, text: Buffer.concat(parts).toString() }));
    });
    request.on("error", reject);
  });
}
