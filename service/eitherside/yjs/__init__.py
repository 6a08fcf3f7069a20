"""Yjs documents, in a process of their own: clients may be hostile, and the library is native code."""
