"""Conditions of flows, in the language Rasa uses. The only file that knows pypred."""
