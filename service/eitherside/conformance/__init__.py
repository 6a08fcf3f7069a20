"""The conformance suite of ISO/IEC 18181-3, run on the module in any engine."""
