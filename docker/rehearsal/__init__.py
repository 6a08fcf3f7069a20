"""Runs the steps of docker/Dockerfile in folders, where no container engine is at hand."""
