"""How the module is made: its toolchain, its sources, its build and its provenance."""
