"""Training on one's own data, predicting, evaluating: what the three commands do, as functions.

:func:`chainrule.runs.training.train` leaves a folder: model, report, figures as JSON, history.
:func:`chainrule.runs.predicting.predict` and :func:`chainrule.runs.evaluating.evaluate` take that
folder, or its model file, and raw data.

settings, defaults -> splitting -> training, fitting -> measuring, training_rows, looking,
importance -> document -> words, endings, advice, page -> files. Nothing is imported here, so that
asking for help is quick.
"""
