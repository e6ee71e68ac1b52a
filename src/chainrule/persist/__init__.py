"""The model file, read and written strictly; ONNX's bytes.

Nothing here knows what a network is: a file is a document of JSON values and named arrays, a graph
is operators and weights. What estimators put into them is in :mod:`chainrule.estimators`.
"""
