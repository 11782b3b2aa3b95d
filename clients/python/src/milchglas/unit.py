"""One statistics unit, and what it answers."""

from __future__ import annotations

import io
import ipaddress
import json
import stat
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import pandas as pd

from .question import Question, questions

#: Columns of :meth:`Unit.releases` that are no text and no number.
_TRUTHS = ("ausgeblendet", "summe", "aktuell", "withheld", "is_total", "is_current")
_NUMBERS = ("wert", "wert_unverzerrt", "von", "bis", "value", "value_unbiased", "low", "high")
_WHOLE = ("freigabe", "jahr", "release", "year")
_DAYS = ("stand", "as_of")
#: Largest answer that is read, in bytes.
_LARGEST = 1 << 30


class Refused(Exception):
    """The unit refused; ``code`` is stable, ``detail`` says what to change."""

    def __init__(self, status: int, code: str, title: str, detail: str) -> None:
        super().__init__(f"{title}: {detail}")
        self.status, self.code, self.title, self.detail = status, code, title, detail


class Unreachable(Exception):
    """There is no way to the unit, or something else answered."""


@dataclass(frozen=True)
class Release:
    """An answer: the document as it was released, and its cells."""

    document: dict[str, Any]
    #: Whether it was stored before and so cost nothing now.
    stored_before: bool

    @property
    def cells(self) -> pd.DataFrame:
        """A row per cell: key and label per dimension, ``value``, ``low``, ``high``, ``withheld``."""
        rows = []
        for cell in self.document["cells"]:
            row: dict[str, Any] = {}
            for name, key, label in zip(self.document["dimensions"], cell["keys"], cell["labels"]):
                row[f"{name}_key"], row[name] = key, label
            if cell.get("datasets"):
                row["datasets"] = " + ".join(cell["datasets"])
            for name in ("value", "low", "high", "non_negative"):
                row[name] = cell.get(name)
            row["withheld"] = cell["withheld"]
            rows.append(row)
        return pd.DataFrame(rows)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A unit never redirects; whoever does must not be handed the token."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


class Unit:
    """A statistics unit at ``url``, such as ``https://statistik.kreis.example``.

    ``token_file`` is needed for everything but :meth:`releases`; only its owner may read it.
    """

    def __init__(
        self, url: str, token_file: str | Path | None = None, timeout: float = 600.0
    ) -> None:
        self._base = url.rstrip("/")
        if not _keeps_tokens(self._base):
            raise ValueError("a token goes over https:// only (http:// to this machine alone)")
        self._token = None if token_file is None else _token(Path(token_file))
        self._timeout = timeout
        # No proxy from the environment: nobody between who could read the token.
        self._opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), _NoRedirect()
        )

    def __repr__(self) -> str:
        return f"Unit({self._base!r})"

    def releases(self, project: str, *, english: bool = False) -> pd.DataFrame:
        """Every released cell of a project, a row each. Public, and costs nothing.

        Filter by ``aktuell`` (``is_current``) and by one ``ebene`` (``level``) before adding.
        """
        name = "releases.csv" if english else "freigaben.csv"
        path = f"/projects/{urllib.parse.quote(project, safe='')}/{name}"
        text, _ = self._call("GET", path, authorised=False)
        table = pd.read_csv(io.BytesIO(text), dtype=str, keep_default_na=False, na_values=[""])
        for column in table.columns:
            if column in _TRUTHS:
                table[column] = table[column] == "true"
            elif column in _NUMBERS:
                table[column] = pd.to_numeric(table[column])
            elif column in _WHOLE:
                table[column] = table[column].astype("int64")
            elif column in _DAYS:
                table[column] = pd.to_datetime(table[column], format="%Y-%m-%d")
        return table

    def price(self, asked: Question | pd.DataFrame) -> pd.DataFrame:
        """What answers would cost and how wide their intervals would be; spends nothing.

        Takes one question, or a table of up to 64 of one purpose with a column per field of
        :class:`Question`. Gives a row per question.
        """
        several = questions(asked) if isinstance(asked, pd.DataFrame) else [asked]
        body = {"queries": [own.body() for own in several]}
        answer = self._json("POST", "/v1/queries/price", body)
        rows = []
        for own, price in zip(several, answer["queries"]):
            width = price["price"]["half_width"]
            rows.append({
                "indicator": price["indicator"],
                "label": price["label"],
                "year": own.year,
                "rho_nano": price["price"]["rho_nano"],
                "eps": price["price"]["eps"],
                "half_width": width.get("half_width"),
                "cells": price["price"]["cells"],
                "costs_nano_rho": price["costs_nano_rho"],
                "is_released": price.get("released") is not None,
                "snapshot": price["snapshot"],
            })
        table = pd.DataFrame(rows)
        table.attrs["fits"] = answer["fits"]
        return table

    def query(self, asked: Question, key: str) -> Release:
        """Asks; charged before it is drawn, free where it was released before.

        ``key`` is your own name for the request: after a lost answer, ask again with the same one
        and nothing is paid twice.
        """
        if not key:
            raise ValueError("a request needs a name of its own (key)")
        text, headers = self._call(
            "POST", "/v1/queries", asked.body(), headers={"Idempotency-Key": key}
        )
        stored = headers.get("milchglas-stored") == "true"
        return Release(_document(text), stored)

    def documents(self, **choice: str | int) -> list[Release]:
        """The stored releases of the token's project as they were released.

        ``indicator``, ``year`` and ``period`` choose among them.
        """
        asked = urllib.parse.urlencode(choice)
        text, _ = self._call("GET", f"/v1/releases?{asked}" if asked else "/v1/releases")
        return [Release(_document(line), True) for line in text.splitlines() if line]

    def budget(self) -> pd.DataFrame:
        """Per event year what was spent, what is kept for release plans and what is left."""
        answer = self._json("GET", "/v1/budget")
        return pd.DataFrame(
            answer["lineages"], columns=["year", "cap", "spent", "reserved", "left"]
        )

    def _json(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        text, _ = self._call(method, path, body)
        return _document(text)

    def _call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        headers: dict[str, str] | None = None,
        authorised: bool = True,
    ) -> tuple[bytes, Any]:
        request = urllib.request.Request(self._base + path, method=method)
        if authorised:
            if self._token is None:
                raise ValueError("name the file with your token: Unit(url, token_file=…)")
            request.add_header("Authorization", f"Bearer {self._token}")
        for name, value in (headers or {}).items():
            request.add_header(name, value)
        if body is not None:
            request.data = json.dumps(body).encode()
            request.add_header("Content-Type", "application/json")
        try:
            with self._opener.open(request, timeout=self._timeout) as answer:
                text = answer.read(_LARGEST + 1)
                if len(text) > _LARGEST:
                    raise Unreachable(f"{self._base} answered more than a unit does")
                return text, answer.headers
        except urllib.error.HTTPError as error:
            _refuse(self._base, error)
        except (urllib.error.URLError, OSError) as error:
            raise Unreachable(f"cannot reach {self._base}: {error}") from None


def _refuse(base: str, error: urllib.error.HTTPError) -> NoReturn:
    text = error.read(1 << 20)
    try:
        problem = json.loads(text)
        raise Refused(error.code, problem["code"], problem["title"], problem["detail"]) from None
    except (ValueError, KeyError, TypeError):
        message = f"{base} did not answer like a unit of this version (status {error.code})"
        raise Unreachable(message) from None


def _document(text: bytes) -> dict[str, Any]:
    try:
        document = json.loads(text)
    except ValueError:
        raise Unreachable("the answer is not JSON, so no unit gave it") from None
    if not isinstance(document, dict):
        raise Unreachable("the answer is no object, so no unit gave it")
    return document


def _token(path: Path) -> str:
    if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise PermissionError(f"others can read {path}; run chmod 600")
    token = path.read_text(encoding="ascii").strip()
    if not token or not token.isprintable() or " " in token:
        raise ValueError(f"{path} does not hold a token: one line of visible characters")
    return token


def _keeps_tokens(base: str) -> bool:
    parts = urllib.parse.urlsplit(base)
    if not parts.hostname or "@" in parts.netloc:
        return False
    if parts.scheme == "https":
        return True
    try:
        here = ipaddress.ip_address(parts.hostname).is_loopback
    except ValueError:
        here = parts.hostname == "localhost"
    return parts.scheme == "http" and here
