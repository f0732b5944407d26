"""The pages that show what runs: the landing page, and the playground with its two chats and the inspector."""
