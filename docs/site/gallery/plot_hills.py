"""
Momentum ends in a lower minimum than small steps
=================================================

Two training runs start at one point of a ground with hills and hollows. Small steps go down to
the nearest minimum and stay there. With momentum the run rolls on, over the next rise, into a
lower hollow.
"""

# %%
# This ground has only two dimensions, so nothing of it is distorted.
# `thalweg landscape hills -o hills.html` makes a page of it, to turn and to wind back.

import matplotlib.pyplot as plt

from thalweg import race_landscape

race = race_landscape("hills", ["sgd", "momentum"], profiles=()).race
ends = {run.name: run.end_loss for run in race.runners}
assert ends["momentum"] < 0.5 * ends["sgd"], ends

figure, axes = plt.subplots(figsize=(7, 5), layout="constrained")
ground = race.surface
axes.contourf(ground.a, ground.b, ground.losses, levels=30, cmap="Greys_r")
for run, path in zip(race.runners, race.paths, strict=True):
    across, up = ground.plane.coordinates(path.thetas).T[:2]
    axes.plot(across, up, ".-", label=f"{run.title}: ends at {run.end_loss:.2f}")
axes.set(xlabel="first parameter", ylabel="second parameter", aspect="equal")
axes.legend()
