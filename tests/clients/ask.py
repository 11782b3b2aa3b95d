"""Asks a demo's statistics unit with our own Python package.

ask.py URL FOLDER    FOLDER is a county's in the demo's data: FOLDER/analyst/token

Prices, reads the budget, and asks a question whose answer was released, which costs nothing.
"""

import sys
from pathlib import Path

import pandas as pd
from milchglas import Question, Refused, Unit


def main() -> None:
    url, folder = sys.argv[1], Path(sys.argv[2])
    unit = Unit(url, folder / "analyst" / "token")
    releases = unit.documents()
    newest = releases[-1].document
    public = unit.releases(newest["project"])
    cells = sum(len(own.document["cells"]) for own in releases)
    assert len(public) == cells, f"{len(public)} public rows, {cells} released cells"
    before = unit.budget()
    asked = pd.DataFrame({"purpose": newest["purpose"], "indicator": newest["indicator"],
                          "year": newest["year"], "rho_nano": [1_000_000, 20_000_000]})
    prices = unit.price(asked)
    print(prices[["indicator", "year", "rho_nano", "half_width", "costs_nano_rho"]].to_string())
    assert prices["costs_nano_rho"].tolist() == [0, 0], "what was released costs nothing"
    question = Question(newest["purpose"], newest["indicator"], newest["year"])
    answer = unit.query(question, key="clients-1")
    assert answer.stored_before
    assert len(answer.cells) == len(answer.document["cells"]) > 0
    after = unit.budget()
    assert after.equals(before), "reading spent budget"
    print(after.to_string())
    try:
        unit.query(Question("nothing", "nothing", 2025), key="clients-2")
    except Refused as refused:
        print(f"refused as {refused.code}: {refused.detail}")
    else:
        raise AssertionError("a purpose that is not there answered")


main()
