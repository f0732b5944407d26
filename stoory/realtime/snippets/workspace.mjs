import { io } from "socket.io-client"; // npm install socket.io-client

const url = "http://127.0.0.1:8000";
const ask = async (path, body, token) => {
  const headers = { "Content-Type": "application/json", ...(token && { Authorization: `Bearer ${token}` }) };
  const answer = await fetch(url + path, { headers, ...(body && { method: "POST", body: JSON.stringify(body) }) });
  return answer.json();
};
const { access } = await ask("/api/token", { username: "alice", password: "stoory-demo" });
const { conversations } = await ask("/api/messages/conversations?type=direct", null, access);
const channelId = conversations[0].id;

const socket = io(url, { path: "/api/socket.io", auth: { token: `Bearer ${access}` } });
socket.on("connection:success", () => {
  socket.emit("message:send", { content: "Hello Bob", channelId, tempId: "temp-1", clientNonce: crypto.randomUUID() });
});
socket.on("connection:error", ({ error }) => console.log(error));
socket.on("message:failed", ({ code }) => console.log(code));
socket.on("message:delivered", ({ status }) => console.log("message:delivered", status));
socket.on("message:created", ({ message }) => {
  console.log("message:created", message.content);
  socket.close();
});
