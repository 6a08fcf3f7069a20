"""Tests of the client's library in real Chromium, against a real service."""
