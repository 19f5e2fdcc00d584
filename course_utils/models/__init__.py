"""Whole models made of layers, what they are trained to do, and how good they are."""
