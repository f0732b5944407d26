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
socket.on("new_message", ({ message }) => {
  console.log("new_message", message.message);
  socket.close();
});
socket.on("error", ({ code, message }) => console.log(code, message));
socket.on("connect", async () => {
  await socket.emitWithAck("join_conversation", { conversationId }); // an object
  await ask("/api/messages", { conversation_id: conversationId, message: "Hello Bob" }, token);
});
