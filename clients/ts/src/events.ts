// Made by `manage.py export_schema typescript`: every event of every family. Not to be changed by hand.

/** It is done, or was. */
export interface ActionAck {
  ok: true;
  /** It had been done before; this is how it was answered then. */
  replayed: boolean;
  flow_state: string;
  /** Whose turn it is. */
  awaiting_role: string | null;
  /** People can write where it is `real_time`. */
  chat_status: "real_time" | "automated" | "closed";
  /** The step that its buttons belong to. */
  state_seq: number;
}

/** Why you may not stay. */
export interface AuthError {
  message: string;
  code: string;
  /** Seconds after which the same will pass. */
  retryAfter?: number;
}

/** You are known. */
export interface AuthenticateAck {
  ok: true;
  /** Your own id: identity comes from the token. */
  userId: string;
}

/** Who you are. */
export interface Authenticated {
  /** Your own id: identity comes from the token. */
  userId: string;
}

/** Something that the reader may do now: `chat:action`, or `POST …/actions`, with its `action`. */
export interface Button {
  id: string;
  action: string;
  /** What to write on it, in the reader's language. */
  text: string;
  style?: string;
  /** Ask first: `{title, text?}`. */
  confirm?: Record<string, string> | null;
  /** What `data` holds. */
  inputs?: Array<InputField>;
}

/** The buttons that one party has, with the words above them; `state_seq` goes back with the action. */
export interface Card {
  flow?: string;
  state?: string;
  /** The step of the flow that buttons belong to. */
  state_seq?: number;
  /** A participant's role. */
  awaiting_role?: string | null;
  /** A participant's role. */
  visible_to?: string;
  title?: string;
  subtitle?: string;
  /** ISO 8601, UTC, with milliseconds. */
  expires_at?: string | null;
  buttons?: Array<Button>;
  /** Which button was used: `{action, by, at}`. */
  submitted?: Record<string, unknown>;
}

/** Your message, stored. */
export interface ChatAck {
  /** The sender's own name for the message. */
  tempId: string | null;
  message: Message;
}

/** Your action, done. */
export interface ChatActionAck {
  /** It had been done before; this is how it was answered then. */
  replayed: boolean;
  flow_state: string;
  /** Whose turn it is. */
  awaiting_role: string | null;
  /** People can write where it is `real_time`. */
  chat_status: "real_time" | "automated" | "closed";
  /** The step that its buttons belong to. */
  state_seq: number;
  /** A conversation's id, a UUID. */
  conversationId: string;
  action: string;
  /** Unique per sender for ever: sent again, it is the same request. Use a random UUID. */
  clientNonce: string | null;
}

/** A button that was used: lock it wherever it is shown. */
export interface ChatActionDone {
  /** A conversation's id, a UUID. */
  conversation_id: string;
  /** A message's id, a UUID. */
  message_id: string | null;
  /** The step of the flow that buttons belong to. */
  state_seq: number;
  action: string;
  /** A participant's role. */
  actor_role: string;
  /** The event's place in the conversation's log. */
  seq: number;
}

/** The state is the same, but older buttons are stale. */
export interface ChatActionsRenewed {
  /** A conversation's id, a UUID. */
  conversation_id: string;
  /** The flow's state; null without a flow. */
  previous_state: string | null;
  /** The flow's state; null without a flow. */
  new_state: string | null;
  /** What led to it. */
  reason: string;
  /** ISO 8601, UTC, with milliseconds. */
  timestamp: string;
  /** The flow's state; null without a flow. */
  flow_state: string | null;
  /** A participant's role. */
  awaiting_role: string | null;
  /** People can write where it is `real_time`. */
  chat_status: "real_time" | "automated" | "closed";
  /** The event's place in the conversation's log. */
  seq: number;
  /** The step of the flow that buttons belong to. */
  state_seq: number;
}

/** The automation's message. */
export interface ChatAutomated {
  message: Message;
  /** What led to it. */
  reason: string;
}

/** A message that has lost its content. */
export interface ChatDeleted {
  /** A conversation's id, a UUID. */
  conversationId: string;
  /** A message's id, a UUID. */
  messageId: string;
  /** ISO 8601, UTC, with milliseconds. */
  deletedAt: string;
  /** The event's place in the conversation's log. */
  seq: number;
}

/** A message with its new text. */
export interface ChatEdited {
  message: Message;
  /** The event's place in the conversation's log. */
  seq: number;
}

/** A fault, with what you had called your request by. */
export interface ChatError {
  /** What went wrong, for people. */
  message: string;
  /** A stable error code: see [error codes](#errors). */
  code: string;
  /** What you had emitted. */
  event: string;
  /** The sender's own name for the message. */
  tempId?: string;
  /** Unique per sender for ever: sent again, it is the same request. Use a random UUID. */
  clientNonce?: string;
  /** Seconds after which the same will pass. */
  retryAfter?: number;
  /** Faults by input (`invalid_input`). */
  fields?: Record<string, string>;
  /** Where the conversation is now (actions). */
  current?: Record<string, unknown>;
}

/** You hear the conversation from here on. */
export interface ChatJoined {
  /** A conversation's id, a UUID. */
  conversationId: string;
  /** The last place of the log up to which you have been served. */
  lastSeq: number;
  /** Nothing was replayed, for not all can be: read the messages anew. */
  gap?: boolean;
}

/** Who takes part. */
export interface ChatMember {
  /** A conversation's id, a UUID. */
  conversationId: string;
  /** A user's id. */
  userId: string;
  role: string;
  /** The event's place in the conversation's log. */
  seq: number;
}

/** Who takes part no more. */
export interface ChatMemberRemoved {
  /** A conversation's id, a UUID. */
  conversationId: string;
  /** A user's id. */
  userId: string;
  /** The event's place in the conversation's log. */
  seq: number;
}

/** A person's message. */
export interface ChatNew {
  message: Message;
}

/** A reaction, added or taken back. */
export interface ChatReaction {
  /** A conversation's id, a UUID. */
  conversationId: string;
  /** A message's id, a UUID. */
  messageId: string;
  /** A user's id. */
  userId: string;
  /** One emoji, or `:shortcode:`. */
  type: string;
  /** The event's place in the conversation's log. */
  seq: number;
}

/** Why you may not stay. */
export interface ConnectionRefused {
  error: string;
  reason: string;
  /** Failures in a row, from your address. */
  reconnectAttempt: number;
  /** Seconds after which the same will pass. */
  retryAfter?: number;
}

/** Who you are, and your channels. */
export interface ConnectionSuccess {
  /** Your own id: identity comes from the token. */
  userId: string;
  /** The most recent first, 1,000 at most; the first 200 are joined. */
  channels: Array<string>;
}

/** A conversation's state; `current_action_data` are the reader's own buttons. */
export interface ConversationContext {
  /** A conversation's id, a UUID. */
  id: string;
  /** People can write where it is `real_time`. */
  chat_status: "real_time" | "automated" | "closed";
  /** The flow's state; null without a flow. */
  flow_state: string | null;
  /** A participant's role. */
  awaiting_role: string | null;
  /** Bid and campaign conversations are led by a flow. */
  conversation_type: "direct" | "bid" | "campaign" | "channel";
  automation_enabled: boolean;
  current_action_data: Card | null;
}

/** What a list shows; `message` comes with messages, the rest with changes of state. */
export interface ConversationListUpdated {
  /** A conversation's id, a UUID. */
  conversation_id: string;
  action: "message_sent" | "message_received" | "state_changed";
  message?: Message;
  /** The flow's state; null without a flow. */
  flow_state?: string | null;
  /** A participant's role. */
  awaiting_role?: string | null;
  /** People can write where it is `real_time`. */
  chat_status?: "real_time" | "automated" | "closed";
  /** The reader's own buttons. */
  current_action_data?: Card | null;
}

/** What a list shows of a conversation, to one reader: in the feed's words, and in the messenger's. */
export interface ConversationUpdated {
  /** A conversation's id, a UUID. */
  conversation_id: string;
  /** The flow's state; null without a flow. */
  flow_state: string | null;
  /** A participant's role. */
  awaiting_role: string | null;
  /** People can write where it is `real_time`. */
  chat_status: "real_time" | "automated" | "closed";
  /** Bid and campaign conversations are led by a flow. */
  conversation_type: "direct" | "bid" | "campaign" | "channel";
  conversation_context: ConversationContext;
  /** A conversation's id, a UUID. */
  conversationId: string;
  /** What was written, up to 10,000 characters. */
  lastMessage: string;
  /** ISO 8601, UTC, with milliseconds. */
  timestamp: string;
  unread: boolean;
  /** How many. */
  unreadCount: number;
}

/** It is done. */
export interface Done {
  ok: true;
}

/** A fault, beside the failed acknowledgement. */
export interface ErrorEvent {
  /** What went wrong, for people. */
  message: string;
  /** A stable error code: see [error codes](#errors). */
  code: string;
  /** What you had emitted. */
  event: string;
  /** Seconds after which the same will pass. */
  retryAfter?: number;
}

/** When the token ends. */
export interface Expiring {
  /** ISO 8601, UTC, with milliseconds. */
  expiresAt: string;
}

/** Why it was refused, and what helps: each of the other keys comes with some codes only. */
export interface Fault {
  /** A stable error code: see [error codes](#errors). */
  code: string;
  /** What went wrong, for people. */
  message: string;
  /** Where in the payload (`invalid_payload`). */
  path?: string;
  /** Seconds after which the same will pass. */
  retryAfter?: number;
  /** Faults by input (`invalid_input`). */
  fields?: Record<string, string>;
  /** Where the conversation is now (actions). */
  current?: Record<string, unknown>;
}

/** A message, as the feed shows it. */
export interface FeedMessage {
  /** A message's id, a UUID. */
  id: string;
  /** A conversation's id, a UUID. */
  conversation_id: string;
  /** Who wrote it. */
  sender_id: string;
  /** Whom it is addressed to; null where it is for all. */
  receiver_id: string | null;
  /** What was written, up to 10,000 characters. */
  message: string;
  /** An address. */
  media_url: string | null;
  /** Written by a person, or by the automation. */
  message_type: "user_input" | "system";
  is_automated: boolean;
  /** Its buttons can be used now. */
  action_required: boolean;
  /** The buttons that came with the message. */
  action_data: Card | null;
  /** ISO 8601, UTC, with milliseconds. */
  created_at: string;
  /** The message's place in the conversation's log. */
  seq: number;
}

/** A message and where its conversation is. */
export interface FeedNewMessage {
  /** A conversation's id, a UUID. */
  conversation_id: string;
  message: FeedMessage;
  conversation_context: ConversationContext;
}

/** A value that a button asks for. Which bounds there are depends on the type. */
export interface InputField {
  type?: "text" | "money" | "number" | "date" | "choice" | "file" | "bool";
  /** The key in the action's `data`. */
  id?: string;
  label?: string;
  /** It can't be left out. */
  required?: boolean;
  /** What an empty field shows. */
  placeholder?: string;
  /** What to write beside it. */
  help?: string;
  /** The least `money`, `number` or `date` of this moment. */
  min?: unknown;
  /** The most. */
  max?: unknown;
  /** Of a `text`. */
  min_length?: number;
  /** Of a `text`. */
  max_length?: number;
  /** The `text` may have several lines. */
  multiline?: boolean;
  /** Of a `text`: an address of the web, an email, a name like `@asha`. */
  format?: "plain" | "url" | "email" | "handle" | null;
  /** The value of a `choice` is a list. */
  multiple?: boolean;
  /** Of a `choice`, each `{value, label}`: send the `value`. */
  options?: Array<unknown>;
  /** The value of a `file` is a list of so many ids at most. */
  max_count?: number;
  /** Kinds of files, as HTML has them in `accept`. */
  accept?: Array<string>;
  /** A `bool` that has to be agreed to. */
  must_be_true?: boolean;
}

/** You hear the conversation; what you missed has been emitted before this. */
export interface JoinAck {
  ok: true;
  /** The last place of the log up to which you have been served. */
  lastSeq: number;
  /** Nothing was replayed, for not all can be: read the messages anew. */
  gap?: boolean;
}

/** You hear the conversation from here on. */
export interface Joined {
  ok: true;
  /** The last place of the log up to which you have been served. */
  lastSeq: number;
}

/** An event of the log, as it was emitted live. */
export interface LogEntry {
  /** The event's place in the conversation's log. */
  seq: number;
  event: string;
  payload: Record<string, unknown>;
}

/** A message, as the chat wire and REST show it. */
export interface Message {
  /** A message's id, a UUID. */
  id: string;
  /** A conversation's id, a UUID. */
  conversation_id: string;
  /** Who wrote it. */
  sender_id: string;
  /** Whom it is addressed to; null where it is for all. */
  receiver_id: string | null;
  /** What was written, up to 10,000 characters. */
  message: string;
  /** ISO 8601, UTC, with milliseconds. */
  created_at: string;
  /** Somebody else has read it. */
  seen: boolean;
  /** Written by a person, or by the automation. */
  message_type: "user_input" | "automated";
  /** What the sender attached: any JSON up to 16,384 bytes. */
  attachment_metadata: unknown;
  /** What the sender noted beside it, up to 8,192 bytes. */
  metadata: Record<string, unknown> | null;
  /** An address. */
  media_url: string | null;
  /** The message that it answers. */
  reply_to_id: string | null;
  /** ISO 8601, UTC, with milliseconds. */
  edited_at: string | null;
  /** Its content is gone since. */
  deleted_at: string | null;
  is_automated: boolean;
  /** Its buttons can be used now. */
  action_required: boolean;
  /** The buttons that came with the message. */
  action_data: Card | null;
  /** The message's place in the conversation's log. */
  seq: number;
}

/** Who wrote a message. */
export interface MessageAuthor {
  /** Who wrote it. */
  id: string;
  name: string;
  imageUrl: string | null;
}

/** A message, with the sender's own name for it. */
export interface MessageCreated {
  message: WorkspaceMessage;
  /** The sender's own name for the message. */
  tempId: string | null;
  /** Always true: the server has done it. */
  processed: boolean;
}

/** How far your message is: `SENT` when it is checked, with a time; `DELIVERED` when it is stored. */
export interface MessageDelivered {
  /** A message's id, a UUID. */
  messageId: string;
  /** The sender's own name for the message. */
  tempId: string | null;
  status: "SENT" | "DELIVERED";
  /** ISO 8601, UTC, with milliseconds. */
  timestamp?: string;
  /** With `DELIVERED`. */
  processed?: boolean;
}

/** Your message is not stored. */
export interface MessageFailed {
  error: string;
  /** The sender's own name for the message. */
  tempId: string | null;
  status: "FAILED";
  /** Always true: the server has done it. */
  processed: boolean;
  /** ISO 8601, UTC, with milliseconds. */
  timestamp: string;
  /** A stable error code: see [error codes](#errors). */
  code: string;
  /** Seconds after which the same will pass. */
  retryAfter?: number;
}

/** Who has read a message. */
export interface MessageRead {
  /** A message's id, a UUID. */
  messageId: string;
  /** A user's id. */
  userId: string;
  status: "READ";
  /** ISO 8601, UTC, with milliseconds. */
  timestamp: string;
}

/** It is stored, once. */
export interface MessageSendAck {
  ok: true;
  /** A message's id, a UUID. */
  messageId: string;
  /** The message's place in the conversation's log. */
  seq: number;
  /** It had been stored before. */
  duplicate?: boolean;
}

/** A message, as the messenger wire and its REST show it. */
export interface MessengerMessage {
  /** A message's id, a UUID. */
  id: string;
  /** A conversation's id, a UUID. */
  conversationId: string;
  /** Who wrote it. */
  senderId: string;
  /** Whom it is addressed to; null where it is for all. */
  receiverId: string | null;
  /** What was written, up to 10,000 characters. */
  content: string;
  /** Written by a person, or by the automation. */
  messageType: "user_input" | "automated";
  isRead: boolean;
  isEdited: boolean;
  /** ISO 8601, UTC, with milliseconds. */
  createdAt: string;
  /** ISO 8601, UTC, with milliseconds. */
  updatedAt: string;
  /** The message's place in the conversation's log. */
  seq: number;
}

/** Something to show wherever the user is. */
export interface Notification {
  type: "message";
  data: NotificationData;
}

/** What the notification shows. */
export interface NotificationData {
  /** A message's id, a UUID. */
  id: string;
  title: string;
  /** What was written, up to 10,000 characters. */
  body: string;
  /** ISO 8601, UTC, with milliseconds. */
  created_at: string;
  conversation_context: ConversationContext;
  payload: NotificationPayload;
  /** A conversation's id, a UUID. */
  conversation_id: string;
  message: FeedMessage;
  /** Who wrote it. */
  sender_id: string;
  /** Whom it is addressed to; null where it is for all. */
  receiver_id: string | null;
}

/** Where the notification leads. */
export interface NotificationPayload {
  /** A conversation's id, a UUID. */
  conversation_id: string;
  /** A message's id, a UUID. */
  message_id: string;
  /** Who wrote it. */
  sender_id: string;
}

/** Whether somebody is there. */
export interface PresenceChange {
  /** A user's id. */
  userId: string;
  online: boolean;
  /** When they were last there; null if never before. */
  lastSeen: string | null;
}

/** The reaction, stored now or before. */
export interface ReactionAck {
  ok: true;
  reaction: WorkspaceReaction;
}

/** A new reaction. */
export interface ReactionAdded {
  /** A message's id, a UUID. */
  messageId: string;
  reaction: WorkspaceReaction;
  /** Always true: the server has done it. */
  processed: boolean;
  /** The event's place in the conversation's log. */
  seq: number;
}

/** A reaction that is gone. */
export interface ReactionRemoved {
  /** A message's id, a UUID. */
  messageId: string;
  /** A user's id. */
  userId: string;
  /** One emoji, or `:shortcode:`. */
  type: string;
  /** Always true: the server has done it. */
  processed: boolean;
  /** The event's place in the conversation's log. */
  seq: number;
}

/** What has become read by it. */
export interface ReadAck {
  ok: true;
  messageIds: Array<string>;
  /** Unread messages that are left, counted up to 100. */
  unreadCount: number;
}

/** What somebody has read. */
export interface ReadReceipt {
  /** A conversation's id, a UUID. */
  conversationId: string;
  messageIds: Array<string>;
  /** A user's id. */
  readerId: string;
  /** ISO 8601, UTC, with milliseconds. */
  readAt: string;
  /** The event's place in the conversation's log. */
  seq: number;
  /** A message's id, a UUID. */
  upToMessageId?: string;
}

/** Nothing was done. */
export interface Refused {
  ok: false;
  error: Fault;
}

/** It is stored, once. */
export interface SendAck {
  ok: true;
  message: Message;
  /** It had been stored before. */
  duplicate?: boolean;
}

/** Where a conversation came from and is now. */
export interface StateChange {
  /** A conversation's id, a UUID. */
  conversation_id: string;
  /** The flow's state; null without a flow. */
  previous_state: string | null;
  /** The flow's state; null without a flow. */
  new_state: string | null;
  /** What led to it. */
  reason: string;
  /** ISO 8601, UTC, with milliseconds. */
  timestamp: string;
  /** The flow's state; null without a flow. */
  flow_state: string | null;
  /** A participant's role. */
  awaiting_role: string | null;
  /** People can write where it is `real_time`. */
  chat_status: "real_time" | "automated" | "closed";
  /** The event's place in the conversation's log. */
  seq: number;
}

/** A part of the log. */
export interface SyncAck {
  ok: true;
  events: Array<LogEntry>;
  /** The last place of the log up to which you have been served. */
  lastSeq: number;
  /** Nothing was replayed, for not all can be: read the messages anew. */
  gap: boolean;
  /** Ask again after the last event's `seq`. */
  hasMore: boolean;
}

/** Who is there. */
export interface UserJoined {
  /** A user's id. */
  userId: string;
  /** A conversation's id, a UUID. */
  channelId: string;
  /** ISO 8601, UTC, with milliseconds. */
  timestamp: string;
}

/** Somebody types, or no longer does. */
export interface UserTyping {
  /** A conversation's id, a UUID. */
  conversationId: string;
  /** A user's id. */
  userId: string;
  isTyping: boolean;
}

/** A fault, beside the failed acknowledgement. */
export interface WorkError {
  message: string;
  /** A stable error code: see [error codes](#errors). */
  code: string;
  /** Seconds after which the same will pass. */
  retryAfter?: number;
}

/** You hear the campaign from here on. */
export interface WorkJoined {
  /** A campaign's id. */
  campaignId: string;
}

/** What happened in a campaign: `data` of an update, or where a conversation is now. */
export interface WorkUpdated {
  /** A campaign's id. */
  campaignId: string;
  /** `state_changed`, or what an update was called. */
  kind: string;
  /** ISO 8601, UTC, with milliseconds. */
  timestamp: string;
  data?: Record<string, unknown> | null;
  /** Whose state has changed. */
  conversationId?: string;
  flow_state?: string | null;
  awaiting_role?: string | null;
  /** As `conversation_state_changed` has it. */
  chat_status?: string;
}

/** A message, as a workspace shows it. */
export interface WorkspaceMessage {
  /** A message's id, a UUID. */
  id: string;
  /** What was written, up to 10,000 characters. */
  content: string;
  /** A conversation's id, a UUID. */
  channelId: string;
  /** Who wrote it. */
  userId: string;
  /** The message that it answers. */
  replyToId: string | null;
  deliveryStatus: "DELIVERED";
  /** ISO 8601, UTC, with milliseconds. */
  createdAt: string;
  /** ISO 8601, UTC, with milliseconds. */
  updatedAt: string;
  user: MessageAuthor;
  /** The message's place in the conversation's log. */
  seq: number;
}

/** A reaction. */
export interface WorkspaceReaction {
  id: string;
  /** One emoji, or `:shortcode:`. */
  type: string;
  /** A user's id. */
  userId: string;
  /** A message's id, a UUID. */
  messageId: string;
  /** ISO 8601, UTC, with milliseconds. */
  createdAt: string;
}

/** Say who you are, on a connection that brought no token; on a live one, renew the token. */
export interface ChatAuthenticate {
  /** A token; `Bearer ` before it is optional. */
  token?: unknown;
}

/** Hear a conversation. With `afterSeq`, everything after that place is emitted first, in order. */
export interface ChatJoin {
  /** A conversation's id, a UUID. */
  conversationId: string;
  /** The last place of the log that you have. */
  afterSeq?: number | null;
}

/** Stop hearing a conversation. */
export interface ChatLeave {
  /** A conversation's id, a UUID. */
  conversationId: string;
}

/** Send a message. It is stored once for its `clientNonce`, however often it is sent. */
export interface ChatSend {
  /** A conversation's id, a UUID. */
  conversationId: string;
  /** The sender's own name for the message. */
  tempId?: string | null;
  /** What was written, up to 10,000 characters. */
  text?: string | null;
  /** What the sender attached: any JSON up to 16,384 bytes. */
  attachments?: unknown;
  /** What the sender noted beside it, up to 8,192 bytes. */
  metadata?: Record<string, unknown> | null;
  /** Unique per sender for ever: sent again, it is the same request. Use a random UUID. */
  clientNonce?: string | null;
  /** The message that this one answers, of the same conversation. */
  replyToId?: string | null;
}

/** Mark messages as read: `messageIds`, or all up to `upToMessageId`, or all. */
export interface ChatRead {
  /** A conversation's id, a UUID. */
  conversationId: string;
  /** Up to 1,000 messages. */
  messageIds?: Array<string> | null;
  /** A message's id, a UUID. */
  upToMessageId?: string | null;
}

/** Press a button of a guided conversation; `stateSeq` is that of the card that shows it. */
export interface ChatAction {
  /** A conversation's id, a UUID. */
  conversationId: string;
  /** A button's `action`. */
  action: string;
  /** A value for each of the button's inputs, by its id. */
  data?: unknown;
  /** The step of the flow that buttons belong to. */
  stateSeq?: number | null;
  /** Unique per sender for ever: sent again, it is the same request. Use a random UUID. */
  clientNonce?: string | null;
}

/** Read the log after a place, without joining. */
export interface ChatSync {
  /** A conversation's id, a UUID. */
  conversationId: string;
  /** The last place of the log that you have. */
  afterSeq: number;
  /** At most 500. */
  limit?: number;
}

/** Tell the others that you type. Again within 6 s, or it ends by itself. */
export interface ChatTypingStart {
  /** A conversation's id, a UUID. */
  conversationId: string;
  userId?: string | null;
}

/** Tell the others that you no longer type. */
export interface ChatTypingStop {
  /** A conversation's id, a UUID. */
  conversationId: string;
  userId?: string | null;
}

/** Hear a campaign. */
export interface WorkJoin {
  /** A campaign's id. */
  campaignId: string;
}

/** Stop hearing it. */
export interface WorkLeave {
  /** A campaign's id. */
  campaignId: string;
}

/** Hear a conversation. */
export interface FeedJoinConversation {
  /** A conversation's id, a UUID. */
  conversationId: string;
}

/** Stop hearing a conversation. */
export interface FeedLeaveConversation {
  /** A conversation's id, a UUID. */
  conversationId: string;
}

/** Hear your user-level events, as every socket does at first. */
export interface FeedJoinUserRoom {
  /** Your own id: identity comes from the token. */
  userId: string;
}

/** Hear no user-level events on this socket. */
export interface FeedLeaveUserRoom {
  /** Your own id: identity comes from the token. */
  userId: string;
}

/** Tell the others that you type. Again within 6 s, or it ends by itself. */
export interface FeedTypingStart {
  /** A conversation's id, a UUID. */
  conversationId: string;
  userId?: string | null;
}

/** Tell the others that you no longer type. */
export interface FeedTypingStop {
  /** A conversation's id, a UUID. */
  conversationId: string;
  userId?: string | null;
}

/** Hear a conversation: the payload is its id, a bare text. */
export type MessengerJoinConversation = string;

/** Stop hearing a conversation: the payload is its id, a bare text. */
export type MessengerLeaveConversation = string;

/** Send a message. It is stored once for its `clientNonce`, however often it is sent. */
export interface WorkspaceMessageSend {
  /** What was written, up to 10,000 characters. */
  content: string;
  /** A conversation's id, a UUID. */
  channelId: string;
  /** The sender's own name for the message. */
  tempId?: string | null;
  /** The message that this one answers, of the same conversation. */
  replyToId?: string | null;
  /** Unique per sender for ever: sent again, it is the same request. Use a random UUID. */
  clientNonce?: string | null;
}

/** Mark a message as read. */
export interface WorkspaceMessageRead {
  /** A message's id, a UUID. */
  messageId: string;
}

/** React to a message. Twice is once. */
export interface WorkspaceReactionAdd {
  /** A message's id, a UUID. */
  messageId: string;
  /** One emoji, or `:shortcode:`. */
  type: string;
}

/** Take a reaction back. */
export interface WorkspaceReactionRemove {
  /** A message's id, a UUID. */
  messageId: string;
  /** One emoji, or `:shortcode:`. */
  type: string;
}

/** Hear a channel; a public one makes you a member. */
export interface WorkspaceChannelJoin {
  /** A conversation's id, a UUID. */
  channelId: string;
}

/** Stop hearing a channel. You stay a member. */
export interface WorkspaceChannelLeave {
  /** A conversation's id, a UUID. */
  channelId: string;
}

/** By what events are refused. */
export type ErrorCode =
  | "invalid_token"
  | "token_expired"
  | "not_authenticated"
  | "invalid_payload"
  | "payload_too_large"
  | "forbidden"
  | "rate_limited"
  | "internal"
  | "not_found"
  | "automated_mode"
  | "conversation_closed"
  | "nonce_reused"
  | "wrong_role"
  | "stale_action"
  | "unknown_action"
  | "not_available"
  | "invalid_input"
  | "expired"
  | "flow_ended"
  | "flow_paused"
  | "busy"
  | "unknown_event";

export interface ChatEmits {
  /** Say who you are, on a connection that brought no token; on a live one, renew the token. */
  "authenticate": { payload: ChatAuthenticate; ack: AuthenticateAck };
  /** Hear a conversation. With `afterSeq`, everything after that place is emitted first, in order. */
  "chat:join": { payload: ChatJoin; ack: JoinAck };
  /** Stop hearing a conversation. */
  "chat:leave": { payload: ChatLeave; ack: Done };
  /** Send a message. It is stored once for its `clientNonce`, however often it is sent. */
  "chat:send": { payload: ChatSend; ack: SendAck };
  /** Mark messages as read: `messageIds`, or all up to `upToMessageId`, or all. */
  "chat:read": { payload: ChatRead; ack: ReadAck };
  /** Press a button of a guided conversation; `stateSeq` is that of the card that shows it. */
  "chat:action": { payload: ChatAction; ack: ActionAck };
  /** Read the log after a place, without joining. */
  "chat:sync": { payload: ChatSync; ack: SyncAck };
  /** Tell the others that you type. Again within 6 s, or it ends by itself. */
  "typing_start": { payload: ChatTypingStart; ack: Done };
  /** Tell the others that you no longer type. */
  "typing_stop": { payload: ChatTypingStop; ack: Done };
}

export interface ChatHears {
  /** Your token is good: you are known, and hear your user-level events. */
  "authenticated": Authenticated;
  /** You may not stay: a bad or ended token, or none within 10 s. The server disconnects. */
  "auth_error": AuthError;
  /** Emit `authenticate` with a new token, or be disconnected half a minute after the time. */
  "auth:expiring": Expiring;
  /** Answers `chat:join`, after what was missed. */
  "chat:joined": ChatJoined;
  /** Answers `chat:send`: stored. Comes before `chat:new`. */
  "chat:ack": ChatAck;
  /** Answers `chat:action`. */
  "chat:action_ack": ChatActionAck;
  /** Something you emitted was refused: nothing is stored. */
  "chat:error": ChatError;
  /** A person has written. The sender hears it too. */
  "chat:new": ChatNew;
  /** The automation has written. */
  "chat:automated": ChatAutomated;
  /** Somebody has read messages. */
  "chat:read": ReadReceipt;
  /** A message's text was changed by its sender. */
  "chat:edited": ChatEdited;
  /** A message was taken back by its sender. */
  "chat:deleted": ChatDeleted;
  /** Somebody reacted to a message. */
  "chat:reaction_added": ChatReaction;
  /** Somebody took a reaction back. */
  "chat:reaction_removed": ChatReaction;
  /** Somebody became a participant. */
  "chat:member_added": ChatMember;
  /** Somebody left or was removed; they hear nothing behind it. */
  "chat:member_removed": ChatMemberRemoved;
  /** Your party used one of its buttons. */
  "chat:action_done": ChatActionDone;
  /** The flow stays where it is, with new buttons: those of before are stale. */
  "chat:actions_renewed": ChatActionsRenewed;
  /** The conversation went from one state to another: its flow moved on, or it was closed or reopened. */
  "conversation_state_changed": StateChange;
  /** The list changes: a message was sent or received, or the state has changed. */
  "conversation_list_updated": ConversationListUpdated;
  /** Somebody began or stopped typing; the server ends it after 6 s of silence. Not part of the log. */
  "user_typing": UserTyping;
}

export interface WorkEmits {
  /** Hear a campaign. */
  "work:join": { payload: WorkJoin; ack: Done };
  /** Stop hearing it. */
  "work:leave": { payload: WorkLeave; ack: Done };
}

export interface WorkHears {
  /** Answers `work:join`. */
  "work:joined": WorkJoined;
  /** Something you emitted was refused. */
  "work:error": WorkError;
  /** A conversation of the campaign changed its state, or an update was posted by REST. */
  "work:updated": WorkUpdated;
}

export interface FeedEmits {
  /** Hear a conversation. */
  "join_conversation": { payload: FeedJoinConversation; ack: Joined };
  /** Stop hearing a conversation. */
  "leave_conversation": { payload: FeedLeaveConversation; ack: Done };
  /** Hear your user-level events, as every socket does at first. */
  "join_user_room": { payload: FeedJoinUserRoom; ack: Done };
  /** Hear no user-level events on this socket. */
  "leave_user_room": { payload: FeedLeaveUserRoom; ack: Done };
  /** Tell the others that you type. Again within 6 s, or it ends by itself. */
  "typing_start": { payload: FeedTypingStart; ack: Done };
  /** Tell the others that you no longer type. */
  "typing_stop": { payload: FeedTypingStop; ack: Done };
}

export interface FeedHears {
  /** Your token is good: you are known, and hear your user-level events. */
  "authenticated": Authenticated;
  /** Emit `authenticate` with a new token, or be disconnected half a minute after the time. */
  "auth:expiring": Expiring;
  /** Something you emitted was refused. */
  "error": ErrorEvent;
  /** A message was sent, by a person or by the automation. */
  "new_message": FeedNewMessage;
  /** A message has come. */
  "notification": Notification;
  /** The conversation went from one state to another: its flow moved on, or it was closed or reopened. */
  "conversation_state_changed": StateChange;
  /** The list changes: a message was sent, or the state has changed. */
  "conversation_updated": ConversationUpdated;
  /** Somebody began or stopped typing; the server ends it after 6 s of silence. Not part of the log. */
  "user_typing": UserTyping;
}

export interface MessengerEmits {
  /** Hear a conversation: the payload is its id, a bare text. */
  "join_conversation": { payload: MessengerJoinConversation; ack: Joined };
  /** Stop hearing a conversation: the payload is its id, a bare text. */
  "leave_conversation": { payload: MessengerLeaveConversation; ack: Done };
}

export interface MessengerHears {
  /** Your token is good: you are known, and hear your user-level events. */
  "authenticated": Authenticated;
  /** Emit `authenticate` with a new token, or be disconnected half a minute after the time. */
  "auth:expiring": Expiring;
  /** Something you emitted was refused. */
  "error": ErrorEvent;
  /** A message was sent, by a person or by the automation. */
  "new_message": MessengerMessage;
  /** The list changes: a message was sent, or the state has changed. */
  "conversation_updated": ConversationUpdated;
  /** Somebody came online, or went offline: has a connection on some server, or none on any. */
  "presence:changed": PresenceChange;
}

export interface WorkspaceEmits {
  /** Send a message. It is stored once for its `clientNonce`, however often it is sent. */
  "message:send": { payload: WorkspaceMessageSend; ack: MessageSendAck };
  /** Mark a message as read. */
  "message:read": { payload: WorkspaceMessageRead; ack: Done };
  /** React to a message. Twice is once. */
  "reaction:add": { payload: WorkspaceReactionAdd; ack: ReactionAck };
  /** Take a reaction back. */
  "reaction:remove": { payload: WorkspaceReactionRemove; ack: Done };
  /** Hear a channel; a public one makes you a member. */
  "channel:join": { payload: WorkspaceChannelJoin; ack: Joined };
  /** Stop hearing a channel. You stay a member. */
  "channel:leave": { payload: WorkspaceChannelLeave; ack: Done };
}

export interface WorkspaceHears {
  /** Your token is good. */
  "connection:success": ConnectionSuccess;
  /** You may not stay. The server disconnects. */
  "connection:error": ConnectionRefused;
  /** Emit `authenticate` with a new token, or be disconnected half a minute after the time. */
  "auth:expiring": Expiring;
  /** Something you emitted was refused. */
  "error": ErrorEvent;
  /** How far your message is: twice. */
  "message:delivered": MessageDelivered;
  /** Your message was refused. */
  "message:failed": MessageFailed;
  /** A message was sent. */
  "message:created": MessageCreated;
  /** Somebody has read a message. */
  "message:read": MessageRead;
  /** Somebody reacted to a message. */
  "reaction:added": ReactionAdded;
  /** Somebody took a reaction back. */
  "reaction:removed": ReactionRemoved;
  /** Somebody came into the channel. */
  "channel:user_joined": UserJoined;
}

export interface Families {
  chat: { emits: ChatEmits; hears: ChatHears };
  work: { emits: WorkEmits; hears: WorkHears };
  feed: { emits: FeedEmits; hears: FeedHears };
  messenger: { emits: MessengerEmits; hears: MessengerHears };
  workspace: { emits: WorkspaceEmits; hears: WorkspaceHears };
}

/** The events of chat that have a place in a conversation's log. */
export const LOGGED = ["chat:new","chat:automated","chat:read","chat:edited","chat:deleted","chat:reaction_added","chat:reaction_removed","chat:member_added","chat:member_removed","chat:action_done","chat:actions_renewed","conversation_state_changed"] as const;
