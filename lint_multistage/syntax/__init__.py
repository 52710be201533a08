"""From text to instructions, as BuildKit reads a Dockerfile (moby/buildkit 73ed682, frontend/dockerfile/parser and
instructions).
"""
