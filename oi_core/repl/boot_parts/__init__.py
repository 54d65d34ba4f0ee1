"""The process's side of the protocol, for languages that are programs in Python.

Such a language runs code, and nothing else: the part that is sent before it sets the terminal, takes messages, reports
the beginning and the end of code, marks standard error, asks the person, and stops code where that is safe.

- ``python_command`` makes the command line of such a process, and says what its program is.
- ``python`` is the part itself: its text is sent; it is not imported here.
"""
