"""Every tolerance and threshold of the verdicts, in one place.

They were written down before the first full run that they judge, and none was changed after it.
Shares are between 0 and 1.
"""

from __future__ import annotations

# --- figures --------------------------------------------------------------------------------------

ACCURACY_TOLERANCE = 0.01
LOSS_TOLERANCE = 0.1  # of the claimed loss
SCORE_TOLERANCE = 0.1  # of the claimed score

# --- words of section B ---------------------------------------------------------------------------

OSCILLATING = 1 / 3  # the share of epochs at which an oscillating curve turns, at least
WELL = 0.90  # the test accuracy of a network that does well, and of a good baseline, at least
VANISHED = 0.01  # the first layer's mean gradient as a share of the last layer's, below
KEPT = 0.1  # the same share where a gradient does not vanish, at least
MANY_ZEROS = 1 / 3  # of the hidden outputs, at least
CHEAP = 0.8  # of the time that the others take for an element, at most
STABLE = 0.1  # the share of epochs at which a stable validation loss turns, at most
UNSTABLE = 0.1  # by how much more often a loss turns that is called less stable, at least

# --- words of section C ---------------------------------------------------------------------------

STRUGGLES = 2.0  # times the lowest training loss
EARLY = 0.1  # of the epochs: what starts well is below the mean of all after so many
PLATEAU_EPOCHS, PLATEAU_FALL = 5, 0.01  # a plateau: so many epochs, a fall of less in all
AT_TIMES = 1  # plateaus a seed in the mean, at least
MORE_DEAD = 0.05  # by how much more units are 0 in plateaus than outside, at least
STEADY_SHARE, STEADY_FALL = 0.95, 0.5  # of the epochs; of the first loss
BLURRED = 0.8  # of the originals' sharpness, at most
IMPROVED = 0.95  # of the better error, at most
CHOSEN = 0.5  # of the searches: what the grid search chooses wins more
COMPARABLE = 0.05
OVERFITS = 0.01  # by how much a gap between training and test accuracy is larger, at least
