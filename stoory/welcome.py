"""What someone who has just started the server needs to try it."""

from django.conf import settings
from django.db import connection

from stoory import demo, dialogue

SUMMARY = """
stoory is running: {url}   ({mode})

  Start here  {url}/
  Playground  {url}/playground/?left=alice&right=bob
  Socket.IO   {url}/socket.io/ (namespace /)
  REST        {url}/api/
  Admin       {url}/admin/           staff / {password}
  Health      {url}/readyz

  Logins      alice, bob, charlie, staff / {password}

Send a message as alice to bob:

  curl -X POST {url}/api/messages -H 'Content-Type: application/json' \\
    -H 'Authorization: Bearer {alice}' \\
    -d '{{"conversation_id": "{direct}", "message": "Hello, Bob"}}'

Hear it as bob (npm install socket.io-client, then node --input-type=module):

  import {{ io }} from "socket.io-client";
  const socket = io("{url}");
  socket.emit("authenticate", {{ token: "{bob}" }});
  socket.on("authenticated", () => socket.emit("chat:join", {{ conversationId: "{direct}" }}));
  socket.on("chat:new", ({{ message }}) => console.log(message.sender_id, message.message));

Ctrl-C stops it.
"""


def summary(url: str) -> str:
    """Return URLs, logins and two snippets with tokens that work."""
    dialogue.enliven()
    made = demo.make_demo()
    users = made["users"]
    return SUMMARY.format(
        url=url,
        mode=f"{connection.display_name}, {'Redis' if settings.REDIS_URL else 'in memory, one process'}",
        password=users["staff"]["password"],
        alice=users["alice"]["token"],
        bob=users["bob"]["token"],
        direct=made["conversations"]["direct"],
    )
