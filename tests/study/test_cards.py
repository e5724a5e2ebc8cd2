"""Cards of claims: symbols as they are printed, packed numbers in tables with their names, nothing lost."""

import re
from html import unescape

import pytest

from study.evidence import claims
from study.ledger.cards import in_words, tables, typeset, unpacked


@pytest.mark.parametrize("plain, printed", [
    ("at rate M^(-1/2-1/(2d))", "at rate M<sup>-1/2-1/(2d)</sup>"),
    ("3.65e-18 to 2.35e-08", "3.65·10<sup>−18</sup> to 2.35·10<sup>−8</sup>"),
    ("-1.5e+06, 0.0e+00", "−1.5·10<sup>6</sup>, 0"),
    ("-2.9e+00, 1.25e+01, 1.5e+03", "−2.9, 12.5, 1500"),
    ("r-bar <= r1 + r2 for H1, E2", "<i>r&#772;</i> ≤ <i>r</i><sub>1</sub> + <i>r</i><sub>2</sub> for "
                                   "<i>H</i><sup>1</sup>, <i>E</i><sub>2</sub>"),
    ("lambda_sparse of R_sparse", "<i>λ</i><sub>sparse</sub> of <i>R</i><sub>sparse</sub>"),
    ("an l1 penalty, u_t at t = 0", "an ℓ<sub>1</sub> penalty, <i>u</i><sub>t</sub> at <i>t</i> = 0"),
    ("C5.2-1 as d'Alembert <b> has it, 2d", "C5.2-1 as d'Alembert &lt;b&gt; has it, 2d"),
])
def test_symbols_are_printed_as_in_the_paper(plain, printed):
    assert typeset(plain) == printed


@pytest.mark.parametrize("claim_id", claims.CHECKS)
def test_typesetting_loses_no_word(claim_id):
    claim = claims.CLAIMS[claim_id]
    for text in (claim.text, claim.rule, claim.paper):
        plain = re.sub("lambda_|lambda|gamma|R_", "", text)
        printed = unescape(re.sub("<[^>]*>", "", typeset(text)))
        assert re.findall("[A-Za-z]{4,}", plain) == re.findall("[A-Za-z]{4,}", re.sub("R(?=sparse|ortho)", "", printed))


def test_names_and_values_stand_side_by_side():
    assert unpacked("euler: rank; time", "8; 2e-3") == ("euler", {"rank": "8", "time": "2e-3"})
    assert unpacked("euler: slopes (a, b); n", "1, 2; 3") == ("euler", {"slopes (a, b)": "1, 2", "n": "3"})
    assert unpacked("kept, Adam, euler", "0.1, 0.2, 0.3") == ("kept, Adam, euler", {"": "0.1, 0.2, 0.3"})
    assert unpacked("a: b; c", 1.0) == ("a: b; c", {"": "1"})


def test_rows_of_the_same_quantities_share_a_table():
    html = tables({"euler: n; E1": "4; 1e-3", "burgers: n; E1": "5; 2e-3", "all <sets>": True})
    assert html.count("<table>") == 2 and html.count("<thead>") == 1
    assert html.index("<i>n</i>") < html.index("euler") < html.index("burgers") < html.index("all &lt;sets&gt;")
    assert in_words("euler: n; E1", "4; 1e-3") == (
        "<dt>euler</dt><dd><i>n</i> 4, <i>E</i><sub>1</sub> 10<sup>−3</sup></dd>")
