"""The boot text of the driven Python, in parts.

It is not imported: its text is compressed into the command line of a Python of any version from 3.8, where ``channel``,
``streams`` and ``cells`` run one after the other in a namespace of their own; imports between them are left out there.
The other parts are sent when a cell needs them. They speak the protocol of the kit's ``Dialect``, use the standard
library only, start no thread, and import late what only some cells need.
"""
