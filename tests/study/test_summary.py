"""Numbers of the page that sums the book up."""

import lrnrbook as lb
from study.ledger.models import load_pretrained, load_record
from study.sizes import summary


def test_errors_are_those_of_the_networks_themselves():
    found = summary.learnt()
    model, between = lb.load_pretrained("euler"), lb.load_data("euler", "midpoints")
    assert found["laptop-error"] == f"{100 * lb.errors(model, between).mean:.2f}"
    large = lb.errors(load_pretrained("euler", "trial_full"), between).mean
    assert found["full-error"] == f"{100 * large:.2f}"
    assert found["full-minutes"] == f"{load_record('euler', 'trial_full')['seconds'] / 60:.0f}"
    assert found["soap"].endswith(" of 4") and found["full-linear"].endswith(" %")


def test_directions_are_counted_on_every_wave():
    found = summary.carried()
    assert set(found) == {"modes", "equal", "better", "trial-pod"} and all(" to " in text for text in found.values())
