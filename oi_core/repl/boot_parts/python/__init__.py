"""The part for languages written in Python: sent as text to a Python of any version from 3.8, standard library only."""
