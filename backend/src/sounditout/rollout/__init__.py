"""Moving users from SSE to the WebSocket a part at a time, as far as the evidence goes. Pure: no database.

user ─ decide ─→ Decision            which transport, and why
changes ─ stages ─→ RolloutState     how far the rollout has come
counts ─ evidence ─→ Evidence ─ guard ─→ Verdict    whether it may go on, must stop, or has to wait
"""
