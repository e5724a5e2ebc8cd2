"""Low rank neural representations (LRNR) of hyperbolic waves: data, model, training, hypermodes, fast evaluation.

To read it, begin with model, losses, trainer, training, modes and fast, in this order. Docstrings quote equations of
"Learning low rank neural representations of hyperbolic wave dynamics from data" (Cho, Lee, Park, Rim, Welper, 2025).
"""

import sys
from importlib.metadata import version

from lrnrbook.arrays import checked
from lrnrbook.data import Snapshot, WaveData
from lrnrbook.datasets import load_data
from lrnrbook.encode import Encoder, Encoding
from lrnrbook.evaluation import Errors, errors
from lrnrbook.fast import FastLRNR
from lrnrbook.hyper import HyperNetwork
from lrnrbook.layers import DenseLayer, FactoredLayer, Ranks, SparseLayer
from lrnrbook.losses import misfit, orthogonality_penalty, sparsity_penalty
from lrnrbook.machine_code import compiled
from lrnrbook.model import LRNR, MetaNetwork
from lrnrbook.modes import Hypermodes, Pod, hypermodes
from lrnrbook.normalisation import Normalisation
from lrnrbook.recipes import RECIPES, Recipe, get_recipe
from lrnrbook.report import compare, plot_errors, report
from lrnrbook.storage import export, info, load, load_pretrained, load_record, pretrained, save
from lrnrbook.training import Fit, fit
from lrnrbook.truncation import truncate, unit_columns
from lrnrbook.widget import Explorer, explorer

__version__ = version("lrnrbook")
__all__ = [
    "LRNR", "RECIPES", "DenseLayer", "Encoder", "Encoding", "Errors", "Explorer", "FactoredLayer", "FastLRNR", "Fit",
    "HyperNetwork", "Hypermodes", "MetaNetwork", "Normalisation", "Pod", "Ranks", "Recipe", "Snapshot", "SparseLayer",
    "WaveData", "compare", "compiled", "errors", "explorer", "export", "fit", "get_recipe", "hypermodes", "info",
    "load", "load_data", "load_pretrained", "load_record", "misfit", "orthogonality_penalty", "plot_errors",
    "pretrained", "report", "save", "sparsity_penalty", "truncate", "unit_columns",
]

# arguments of what is public are checked
for _name in set(__all__) - {"RECIPES", "Explorer"}:
    globals()[_name] = checked(globals()[_name])
    setattr(sys.modules[globals()[_name].__module__], _name, globals()[_name])
