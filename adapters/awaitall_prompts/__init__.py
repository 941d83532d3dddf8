"""Prompts during which background tasks go on, by what the prompt is made with; for the adapters that use it."""
