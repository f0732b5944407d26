"""What the automation does next in bid and campaign conversations.

The state that a flow moves (`chat_status`, `flow_state`, `awaiting_role`, `state_seq`) lives on the conversation; here
is the place of the definitions, their interpreter and its timers.
"""
