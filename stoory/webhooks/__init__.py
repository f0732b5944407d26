"""Hooks for integrators: what happens in their conversations is read from the log and posted to them, signed."""
