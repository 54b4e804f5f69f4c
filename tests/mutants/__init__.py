"""Plant small faults in the arithmetic of a room, one at a time, and name those no test notices.

``faults`` finds what may go wrong in a source, ``record`` which test runs which line, ``judge``
runs the tests on a source with one fault, in a process of its own (``child``), and ``__main__``
puts it together. CONTRIBUTING.md says how to use it.
"""
