-- The tables of a usual chat backend: what each page shows is kept where it is read, and paid for by each send.
CREATE TABLE users (
    id text PRIMARY KEY,
    name text NOT NULL,
    role text NOT NULL DEFAULT 'influencer',
    image_url text NOT NULL DEFAULT '',
    last_seen timestamptz
);
CREATE TABLE conversations (
    id uuid PRIMARY KEY,
    type text NOT NULL,
    title text NOT NULL DEFAULT '',
    a text REFERENCES users,
    b text REFERENCES users,
    chat_status text NOT NULL DEFAULT 'real_time',
    last_seq bigint NOT NULL DEFAULT 0,
    last_message_id uuid,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE participants (
    id bigserial PRIMARY KEY,
    conversation_id uuid NOT NULL REFERENCES conversations,
    user_id text NOT NULL REFERENCES users,
    role text NOT NULL DEFAULT 'member',
    unread integer NOT NULL DEFAULT 0,
    UNIQUE (conversation_id, user_id)
);
CREATE INDEX ON participants (user_id);
CREATE SEQUENCE message_seq;
CREATE TABLE messages (
    id uuid PRIMARY KEY,
    conversation_id uuid NOT NULL REFERENCES conversations,
    seq bigint NOT NULL,
    sender_id text NOT NULL REFERENCES users,
    receiver_id text REFERENCES users,
    body text NOT NULL,
    message_type text NOT NULL DEFAULT 'user_input',
    seen boolean NOT NULL DEFAULT false,
    client_nonce text,
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (conversation_id, seq),
    UNIQUE (sender_id, client_nonce)
);
CREATE INDEX ON messages (conversation_id) WHERE NOT seen;
