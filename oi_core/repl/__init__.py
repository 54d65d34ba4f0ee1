"""The kit that drives any language process on a pty: code goes in as opaque lines, events come back in band.

- ``executor`` runs pieces of code, one at a time, on one process; the other modules are its parts.
- ``dialect`` is what the kit must be told of a language; ``frames`` writes a message to its boot text.
- ``boot_parts`` speaks for the process's side, so that a language in Python or on node only has to run code.
- ``markers`` finds the events in what a process prints; ``transcript`` makes text of the rest.
- ``process`` owns the process and its pty; ``keyboard`` knows who waits for input there; ``escalation`` stops code.

Nothing is imported here: pexpect and its kin cost start-up time that only a session that runs code should pay.
"""
