import { io } from "socket.io-client"; // npm install socket.io-client

const url = "http://127.0.0.1:8000";
const ask = async (path, body, token) => {
  const headers = { "Content-Type": "application/json", ...(token && { Authorization: `Bearer ${token}` }) };
  const answer = await fetch(url + path, { headers, ...(body && { method: "POST", body: JSON.stringify(body) }) });
  return answer.json();
};
const { access: token } = await ask("/api/token", { username: "alice", password: "stoory-demo" });
const { conversations } = await ask("/api/messages/conversations?type=bid", null, token);
const campaignId = conversations[0].campaign_id;

const socket = io(url, { auth: { token } });
socket.on("work:updated", ({ kind, data }) => {
  console.log("work:updated", kind, data.version);
  socket.close();
});
socket.on("work:error", ({ code, message }) => console.log(code, message));
socket.on("connect", async () => {
  await socket.emitWithAck("work:join", { campaignId });
  await ask(`/api/campaigns/${campaignId}/updates`, { kind: "brief_changed", data: { version: 2 } }, token);
});
