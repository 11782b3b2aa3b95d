"""What an analyst asks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd


@dataclass(frozen=True)
class Question:
    """A question about one event year, as ``docs/formats/query.md`` has it.

    Either ``indicator`` names a question of the purpose, or ``query`` is one of your own, made of
    what the purpose permits. ``rho_nano`` says what the answer may cost, ``half_width`` how wide
    half a 95 % interval may be; without either the usual price is asked.
    """

    purpose: str
    indicator: str | None = None
    year: int = 0
    query: Mapping[str, Any] | None = None
    snapshot: str | None = None
    group_by: Sequence[str] | None = None
    rho_nano: int | None = None
    half_width: float | None = None
    fresh: bool = False

    def __post_init__(self) -> None:
        if (self.indicator is None) == (self.query is None):
            raise ValueError("name an indicator or a query, and not both")
        if self.rho_nano is not None and self.half_width is not None:
            raise ValueError("name a budget (rho_nano) or a width (half_width), and not both")
        if not 1900 <= self.year <= 2200:
            raise ValueError("name the event year, such as year=2025")

    def body(self) -> dict[str, Any]:
        """The request: what is not named is left out."""
        named: dict[str, Any] = {"purpose": self.purpose, "year": self.year}
        for name in ("indicator", "query", "snapshot", "rho_nano", "half_width"):
            value = getattr(self, name)
            if value is not None:
                named[name] = value
        if self.group_by is not None:
            named["group_by"] = list(self.group_by)
        if self.fresh:
            named["fresh"] = True
        return named


def questions(table: pd.DataFrame) -> list[Question]:
    """A question per row; columns are named as the fields of :class:`Question`."""
    known = set(Question.__dataclass_fields__)
    unknown = set(table.columns) - known
    if unknown:
        raise ValueError(f"no field of a question: {', '.join(sorted(map(str, unknown)))}")
    found = []
    for row in table.to_dict("records"):
        fields: dict[str, Any] = {}
        for name, value in row.items():
            if isinstance(value, (list, tuple, dict)) or not pd.isna(value):
                fields[str(name)] = value
        for name in ("year", "rho_nano"):
            if name in fields:
                fields[name] = int(fields[name])
        if "half_width" in fields:
            fields["half_width"] = float(fields["half_width"])
        if "fresh" in fields:
            fields["fresh"] = bool(fields["fresh"])
        found.append(Question(**fields))
    return found
