import { io } from "socket.io-client"; // npm install socket.io-client

const url = "http://127.0.0.1:8000";
const ask = async (path, body, token) => {
  const headers = { "Content-Type": "application/json", ...(token && { Authorization: `Bearer ${token}` }) };
  const answer = await fetch(url + path, { headers, ...(body && { method: "POST", body: JSON.stringify(body) }) });
  return answer.json();
};
const { access: token } = await ask("/api/token", { username: "alice", password: "stoory-demo" });
const { data } = await ask("/api/v1/conversations", null, token);
const { id } = data.find(({ type }) => type === "direct");

const socket = io(url, { auth: { token } });
socket.on("new_message", ({ content }) => {
  console.log("new_message", content);
  socket.close();
});
socket.on("error", ({ code, message }) => console.log(code, message));
socket.on("connect", async () => {
  await socket.emitWithAck("join_conversation", id); // a bare text
  await ask(`/api/v1/conversations/${id}/messages`, { content: "Hello Bob" }, token);
});
