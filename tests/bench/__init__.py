"""The benchmark: `make bench` measures this project's code and its peers side by side."""
