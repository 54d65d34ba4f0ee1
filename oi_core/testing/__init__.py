"""For plugin authors' own tests: real counterparts to test against, nothing that patches.

- ``server.ChatServer`` speaks OpenAI's protocols on the loopback interface; ``answers`` makes what it answers in chat
  completions, ``responses_answers`` in the Responses protocol.
- ``scripted.ScriptedModel`` is a model in this process whose replies are lists of deltas.
- ``conformance.ExecutorConformance`` is the suite every language passes.

Nothing is imported here, so that each part costs only those who use it.
"""
