"""How a model says that code is to run: by calling a tool, by filling a schema step by step, or in Markdown fences.

- ``model_formats`` says what a format is; ``tools_format``, ``schema_format`` and ``fences_format`` are the three.
- ``fence_scanner`` and ``step_scanner`` read Markdown and the schema's JSON while they arrive; ``written_calls`` finds
  calls that a model wrote as text, and ``rescue_reader`` does so while the text arrives.
- ``adaptive`` asks in the format that works for a model, and finds out which does; ``memory`` remembers it.
"""
