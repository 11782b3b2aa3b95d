"""Against a server on loopback that answers as a unit does."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from milchglas import Question, Refused, Unit, Unreachable

CSV = (
    b"kennzahl,ags,wert,wert_unverzerrt,von,bis,ausgeblendet,aktuell,freigabe,stand\r\n"
    b"Kinder,06432001,0,-4,-10,2,false,true,17,2026-11-21\r\n"
    b'"Kinder, alle",,,,,,true,false,18,2026-11-22\r\n'
)
DOCUMENT = {
    "dimensions": ["municipality"],
    "cells": [
        {"keys": ["06432001"], "labels": ["Alsbach-H\u00e4hnlein"], "datasets": [],
         "value": -4, "low": -10, "high": 2, "non_negative": 0, "withheld": False},
        {"keys": ["06432002"], "labels": ["Babenhausen"], "datasets": [],
         "value": None, "low": None, "high": None, "withheld": True},
    ],
}
PRICE = {
    "queries": [{
        "indicator": "children", "label": "Kinder", "snapshot": "s", "costs_nano_rho": 0,
        "price": {"rho_nano": 5, "eps": 0.1, "cells": 23,
                  "half_width": {"kind": "exact", "half_width": 6}},
        "released": {"sequence": 17},
    }],
    "fits": True,
}


class Handler(BaseHTTPRequestHandler):
    asked: list[tuple[str, str, dict[str, str], Any]] = []

    def answer(self) -> None:
        length = int(self.headers.get("content-length", 0))
        body = json.loads(self.rfile.read(length)) if length else None
        Handler.asked.append((self.command, self.path, 
                              {name.lower(): value for name, value in self.headers.items()}, body))
        status, kind, text = 200, "application/json", b"{}"
        match self.path:
            case "/projects/county%2F1/freigaben.csv":
                kind, text = "text/csv", CSV
            case "/v1/queries/price":
                text = json.dumps(PRICE).encode()
            case "/v1/queries":
                text = json.dumps(DOCUMENT).encode()
            case "/v1/releases?indicator=children":
                text = (json.dumps(DOCUMENT) + "\n").encode() * 2
            case "/v1/budget":
                text = json.dumps({"lineages": [
                    {"year": 2025, "cap": 10, "spent": 4, "reserved": 1, "left": 5}]}).encode()
            case "/elsewhere/v1/budget":
                status = 302
            case _:
                status = 404
                text = json.dumps({"type": "x", "title": "not found", "status": 404,
                                   "code": "not-found", "detail": "check it"}).encode()
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(text)))
        self.send_header("milchglas-stored", "true")
        self.send_header("location", "http://127.0.0.1:1/")
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_POST = answer

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def url() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    Handler.asked.clear()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.fixture
def token(tmp_path: Path) -> Path:
    path = tmp_path / "token"
    path.write_text("sesame\n")
    path.chmod(0o600)
    return path


QUESTION = Question("monitoring", "children", 2025)


def test_releases_keep_digits_days_and_gaps_and_need_no_token(url: str) -> None:
    table = Unit(url).releases("county/1")
    assert table["ags"].iloc[0] == "06432001"
    assert table["wert"].iloc[0] == 0 and table["wert_unverzerrt"].iloc[0] == -4
    assert table["wert"].isna().iloc[1] and bool(table["ausgeblendet"].iloc[1])
    assert table["aktuell"].tolist() == [True, False]
    assert table["stand"].iloc[1] == pd.Timestamp(2026, 11, 22)
    assert table["freigabe"].dtype == "int64"
    assert "authorization" not in Handler.asked[0][2]


def test_a_table_of_questions_becomes_a_table_of_prices(url: str, token: Path) -> None:
    asked = pd.DataFrame({"purpose": ["monitoring"], "indicator": ["children"], "year": [2025],
                          "half_width": [10.0], "rho_nano": [None], "group_by": [["municipality"]]})
    prices = Unit(url, token).price(asked)
    assert prices["half_width"].tolist() == [6] and prices.attrs["fits"]
    assert prices["is_released"].tolist() == [True]
    method, path, headers, body = Handler.asked[0]
    assert (method, path, headers["authorization"]) == ("POST", "/v1/queries/price", "Bearer sesame")
    assert body == {"queries": [{"purpose": "monitoring", "indicator": "children", "year": 2025,
                                 "half_width": 10.0, "group_by": ["municipality"]}]}


def test_an_answer_is_a_table_of_cells(url: str, token: Path) -> None:
    release = Unit(url, token).query(QUESTION, key="report-1")
    assert release.stored_before
    assert release.cells["municipality_key"].tolist() == ["06432001", "06432002"]
    assert release.cells["withheld"].tolist() == [False, True]
    assert Handler.asked[0][2]["idempotency-key"] == "report-1"


def test_documents_and_budget(url: str, token: Path) -> None:
    unit = Unit(url, token)
    assert len(unit.documents(indicator="children")) == 2
    assert unit.budget()["left"].tolist() == [5]


def test_refusals_say_what_to_do(url: str, token: Path) -> None:
    with pytest.raises(Refused) as refused:
        Unit(url, token).documents(year=1)
    assert (refused.value.status, refused.value.code) == (404, "not-found")
    with pytest.raises(Unreachable):
        Unit(f"{url}/elsewhere", token).budget()
    assert len(Handler.asked) == 2, "a redirect is not followed"


@pytest.mark.parametrize("bad", [
    "http://unit.example", "http://10.0.0.1", "ftp://127.0.0.1", "127.0.0.1:1",
    "https://anna:secret@unit.example", "http://localhost.example", ""])
def test_a_token_leaves_the_machine_over_tls_only(bad: str) -> None:
    with pytest.raises(ValueError):
        Unit(bad)


def test_a_token_that_others_can_read_is_refused(token: Path) -> None:
    token.chmod(0o644)
    with pytest.raises(PermissionError):
        Unit("http://localhost", token)
    with pytest.raises(ValueError, match="token_file"):
        Unit("http://localhost").budget()


@pytest.mark.parametrize("wrong", [
    {"purpose": "p", "year": 2025}, {"purpose": "p", "indicator": "i"},
    {"purpose": "p", "indicator": "i", "query": {}, "year": 2025},
    {"purpose": "p", "indicator": "i", "year": 2025, "rho_nano": 1, "half_width": 1.0}])
def test_a_question_that_is_none_is_told_before_it_is_sent(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        Question(**wrong)
    with pytest.raises(ValueError):
        Unit("http://localhost").price(pd.DataFrame({"purpose": ["p"], "colour": ["red"]}))
