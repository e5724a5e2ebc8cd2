"""Measurements of section 5.3: large steps along hypermodes, beside other models pushed as far."""

from __future__ import annotations

from lrnrbook.modes import hypermodes
from study.far import autoencoder, coherence, euler
from study.instruments.views import MODES
from study.ledger.measurements import Measurement
from study.ledger.models import SHIPPED, load_pretrained, pretrained, subject, truncated_modes


def large_steps(name: str, seed: int) -> dict:
    """Large steps along the modes and the path, for seed 0 also of the SIREN; for Euler, descriptions of Fig. 16."""
    modes = truncated_modes(name, seed)
    found = {"steps": coherence.push_along_modes(modes, name, MODES[name]),
             "path": {"LRNR": coherence.push_along_path(modes, name)}}
    if subject() == SHIPPED and (name, "siren", seed) in pretrained():
        siren = hypermodes(load_pretrained(name, "siren", seed))
        found["path"]["SIREN"] = coherence.push_along_path(siren, name)
    if name == "euler":
        found["readings"] = euler.extrapolation_readings(modes)
    return found


def autoencoders(name: str, seed: int) -> dict:
    """A convolutional autoencoder with as many latent numbers as the model has hypermodes, pushed off its path."""
    return autoencoder.measure(name, truncated_modes(name, seed).count(), AUTOENCODER_STEPS[name], seed)


AUTOENCODER_STEPS = {"euler": 6000, "burgers": 3000}
EXTRAPOLATION = Measurement("extrapolation", large_steps, every_seed=True)
AUTOENCODERS = Measurement("autoencoders", autoencoders, sets=tuple(AUTOENCODER_STEPS))
