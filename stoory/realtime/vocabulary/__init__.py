"""What every event of every family carries: its payload as a type, who hears it, how it is answered.

The contracts' builders return these types, so that mypy holds them to what is written here; `stoory.realtime.registry`
joins both, and every document of the wires is made from that.
"""
