"""HTML of claims: symbols typeset, packed numbers unpacked into small tables with a name over each column."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape
from itertools import groupby

GREEK = {"lambda": "λ", "gamma": "γ", "rho": "ρ", "sigma": "σ", "eta": "η", "Phi": "Φ", "phi": "φ", "tau": "τ"}
SIGNS = (("&lt;=", "≤"), ("&gt;=", "≥"), ("+- ", "± "))
SYMBOLS = (
    # 1e-05 and 2.5e+03 are powers of ten
    (re.compile(r"(?<![\w.])(-?\d+(?:\.\d+)?)e([+-]?)0*(\d+)\b"), lambda m: _power_of_ten(*m.groups())),
    (re.compile(r"\b([A-Za-z\d])\^\(([^()]*(?:\([^()]*\)[^()]*)*)\)"), r"\1<sup>\2</sup>"),  # M^(-1/2-1/(2d))
    (re.compile(r"\b([A-Za-z\d])\^([a-z\d]+)"), r"\1<sup>\2</sup>"),  # 2^12
    (re.compile(r"\b([LH])([12])\b(?!-)"), r"<i>\1</i><sup>\2</sup>"),  # spaces
    (re.compile(r"\bl([12])\b"), r"ℓ<sub>\1</sub>"),
    (re.compile(r"\b([rsuvxqE])_?(\d)\b(\^[a-z])?"), lambda m: _indexed(*m.groups())),
    (re.compile(r"\br-(bar|hat)\b"), lambda m: f"<i>r{dict(bar='&#772;', hat='&#770;')[m[1]]}</i>"),
    (re.compile(r"\b([A-Za-z])_(sparse|ortho|[A-Za-z])\b"), r"<i>\1</i><sub>\2</sub>"),
    (re.compile(rf"\b({'|'.join(GREEK)})(?:_(sparse|ortho|i))?\b(?![a-z-])"),
     lambda m: f"<i>{GREEK[m[1]]}</i>" + (f"<sub>{m[2]}</sub>" if m[2] else "")),
    (re.compile(r"(?<![\w<>/&;.'’-])([cdikmnpqstuvwxzEMTUVWB])(?![\w<;'’.-])|\b(b)(?=\()"),
     lambda m: f"<i>{m[0]}</i>"),
)


def typeset(text: str) -> str:
    """HTML of a plain text, with its symbols as they are printed.

    Examples
    --------
    >>> typeset("n <= 4 at rate M^(-1/2), r1 below 5e-05")
    '<i>n</i> ≤ 4 at rate M<sup>-1/2</sup>, <i>r</i><sub>1</sub> below 5·10<sup>−5</sup>'
    """
    text = escape(text, quote=False)
    for sign, printed in SIGNS:
        text = text.replace(sign, printed)
    for pattern, printed in SYMBOLS:
        text = pattern.sub(printed, text)
    return text


def _power_of_ten(digits: str, sign: str, exponent: str) -> str:
    if float(digits) == 0:
        return "0"
    if sign != "-" and int(exponent) < 4:  # as few digits as there are
        places = max(len(digits.lstrip("-")) - 2 - int(exponent), 0)
        return f"{float(f'{digits}e{exponent}'):.{places}f}".replace("-", "−")
    factor = {"1": "", "-1": "−"}.get(digits, digits.replace("-", "−") + "·")
    return f"{factor}10<sup>{sign.replace('-', '−').strip('+')}{exponent}</sup>"


def _indexed(letter: str, index: str, layer: str | None) -> str:
    return f"<i>{letter}</i><sub>{index}</sub>" + (f"<sup>{layer[1:]}</sup>" if layer else "")


def written(value) -> str:
    """A number of a verdict as it is shown, with three digits.

    Examples
    --------
    >>> written(0.12345), written(12), written("0.1, 0.2")
    ('0.123', '12', '0.1, 0.2')
    """
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def unpacked(name: str, value) -> tuple[str, dict[str, str]]:
    """What an entry of a verdict is about, and its quantities by their names.

    Examples
    --------
    >>> unpacked("d = 1: n; u(0), residual", "4; 4e-16, 1e-13")
    ('d = 1', {'n': '4', 'u(0)': '4e-16', 'residual': '1e-13'})
    >>> unpacked("models", 21)
    ('models', {'': '21'})
    """
    value = written(value)
    about, colon, names = name.rpartition(": ")
    found = _pairs(names, value, "; ")
    if colon:  # a name may hold several too, in the order of its values
        found = [pair for names, values in found for pair in _pairs(names, values, ", ")]
    return (about, dict(found)) if len(found) > 1 else (name, {"": value})


def _pairs(names: str, values: str, sign: str) -> list[tuple[str, str]]:
    """Names and values side by side, or as they are where their numbers differ; signs within brackets do not count."""
    apart = re.split(re.escape(sign) + r"(?![^(]*\))", names)
    given = re.split(re.escape(sign) + r"(?![^(]*\))", values)
    return list(zip(apart, given, strict=True)) if len(apart) == len(given) else [(names, values)]


def tables(numbers: Mapping[str, object]) -> str:
    """Numbers of a verdict as HTML: entries with the same quantities below each other in one table."""
    entries = [unpacked(name, value) for name, value in numbers.items()]
    parts = []
    for names, rows in groupby(entries, key=lambda entry: tuple(entry[1])):
        head = "".join(f'<th scope="col">{typeset(name)}</th>' for name in names)
        head = f"<thead><tr><td></td>{head}</tr></thead>" if any(names) else ""
        body = "".join(f'<tr><th scope="row">{typeset(about)}</th>' + "".join(
            f"<td>{typeset(value)}</td>" for value in found.values()) + "</tr>" for about, found in rows)
        parts.append(f"<table>{head}<tbody>{body}</tbody></table>")
    return "".join(parts)


def in_words(name: str, value) -> str:
    """One entry of a verdict as HTML of a list: what it is about, and its quantities."""
    about, found = unpacked(name, value)
    values = ", ".join(f"{typeset(quantity)} {typeset(value)}".strip() for quantity, value in found.items())
    return f"<dt>{typeset(about)}</dt><dd>{values}</dd>"
