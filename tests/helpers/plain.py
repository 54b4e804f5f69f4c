"""Settings that take away what a test is not about."""

# A network of the columns as they are, without noise: what theory speaks of.
PLAIN = {"dropout": 0.0, "n_bins": 0}
# One network, whose number of epochs five folds find.
ONE = {"early_stopping": "cross-validation"}
