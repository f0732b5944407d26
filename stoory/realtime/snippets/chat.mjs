import { io } from "socket.io-client"; // npm install socket.io-client

const url = "http://127.0.0.1:8000";
const ask = async (path, body, token) => {
  const headers = { "Content-Type": "application/json", ...(token && { Authorization: `Bearer ${token}` }) };
  const answer = await fetch(url + path, { headers, ...(body && { method: "POST", body: JSON.stringify(body) }) });
  return answer.json();
};
const { access: token } = await ask("/api/token", { username: "alice", password: "stoory-demo" });
const { conversations } = await ask("/api/messages/conversations?type=direct", null, token);
const conversationId = conversations[0].id;

const socket = io(url, { auth: { token } });
let seen = conversations[0].last_seq; // the newest place of the log that this client has shown

// What has a place in the log. A place that was shown is not shown again.
for (const name of ["chat:new", "chat:automated", "chat:read", "chat:edited", "chat:deleted"]) {
  socket.on(name, (payload) => {
    const seq = payload.seq ?? payload.message.seq;
    if (seq <= seen) return;
    seen = seq;
    console.log(name, payload.message?.message ?? "");
  });
}

// At first, and after every reconnection: what was missed comes before the answer, in order.
const entered = new Promise((resolve) => {
  socket.on("connect", async () => {
    const joined = await socket.emitWithAck("chat:join", { conversationId, afterSeq: seen });
    if (joined.gap) seen = joined.lastSeq; // too much was missed: read the messages by REST, and go on from here
    resolve();
  });
});

// One nonce for all tries keeps it one message, whatever happens to the connection.
const send = async (text) => {
  const message = { conversationId, text, clientNonce: crypto.randomUUID() };
  for (;;) {
    try {
      return await socket.timeout(5000).emitWithAck("chat:send", message);
    } catch {
      // No answer in time: the same again.
    }
  }
};

await entered;
const answer = await send("Hello Bob");
console.log(answer.ok ? "stored" : answer.error.code);
socket.close();
