"""The process's side of the protocol, for languages that are programs in Python or for node.

Such a language runs code, and nothing else: the part that is sent before it sets the terminal, takes messages, reports
the beginning and the end of code, marks standard error, asks the person, and stops code where that is safe.

- ``python_command`` and ``node_command`` make the command lines of such processes, and say what a program is.
- ``python`` and ``node`` hold the parts themselves: their text is sent; it is not run here.
"""
