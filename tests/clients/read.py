"""Reads the releases of a statistics unit with the programs that planners have.

read.py URL DIR            reads every format, and keeps the files in DIR
read.py --project URL      prints the project with most rows
read.py --sqlite URL FILE  compares a SQLite file with the CSV

Ends with an error at the first difference.
"""

import json
import sqlite3
import sys
import urllib.request
from pathlib import Path

import pandas as pd


def fetch(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=120) as answer:
        return answer.read()


def project_of(url: str) -> str:
    rows = json.loads(fetch(f"{url}/odata/Freigaben?$select=projekt&$top=5000"))["value"]
    return pd.Series([row["projekt"] for row in rows]).mode()[0]


def check(what: str, held: bool) -> None:
    if not held:
        sys.exit(f"tests/clients/read.py: {what}")


def same(what: str, ours: pd.DataFrame, theirs: pd.DataFrame) -> None:
    """The rows of both are the same in the columns that say most."""
    check(f"{what}: {len(ours)} rows, {len(theirs)} in the CSV", len(ours) == len(theirs))
    ours, theirs = (own.set_index("id").sort_index() for own in (ours, theirs))
    for column in ["wert", "von", "bis", "wert_unverzerrt"]:
        a = pd.to_numeric(ours[column], errors="raise").astype("float64")
        b = theirs[column].astype("float64")
        check(f"{what}: {column} differs", ((a == b) | (a.isna() & b.isna())).all())
    for column in ["kennzahl", "gemeinde", "ebene", "zeitraum"]:
        a, b = (own[column].astype("object").fillna("") for own in (ours, theirs))
        check(f"{what}: {column} differs", (a.astype(str) == b.astype(str)).all())
    print(f"{what}: {len(ours)} rows, the same as in the CSV")


def by_pandas(url: str, project: str, place: Path) -> pd.DataFrame:
    for name in ["freigaben.csv", "freigaben-excel.csv", "releases.csv", "freigaben.parquet",
                 "releases.parquet", "freigaben.jsonstat", "Sozialmonitoring.xlsx",
                 "datapackage.json", "freigaben.csv-metadata.json"]:
        (place / name).write_bytes(fetch(f"{url}/projects/{project}/{name}"))
    plain = pd.read_csv(place / "freigaben.csv", dtype={"ags": str}, parse_dates=["stand"])
    check("the CSV has no row", len(plain) > 0)
    check("a municipality lost a digit", plain["ags"].dropna().str.len().eq(8).all())
    check("a withheld number is shown", plain.loc[plain["ausgeblendet"], "wert"].isna().all())
    counts = plain[(plain["art"] == "Anzahl") & ~plain["ausgeblendet"]]
    check("a count to show is negative or has decimals",
          (counts["wert"] >= 0).all() and (counts["wert"] % 1 == 0).all())
    check("a row has no unique id", plain["id"].is_unique)
    excel = pd.read_csv(place / "freigaben-excel.csv", sep=";", decimal=",", dtype={"ags": str})
    same("pandas, CSV for Excel", excel, plain)
    parquet = pd.read_parquet(place / "freigaben.parquet")
    check("Parquet: the day is no day", str(parquet["stand"].iloc[0]) == str(plain["stand"].iloc[0].date()))
    check("Parquet: the truth is no truth", parquet["ausgeblendet"].dtype == bool)
    same("pandas, Parquet", parquet, plain)
    english = pd.read_csv(place / "releases.csv")
    check("the English table has other rows", (english["id"] == plain["id"]).all()
          and english["value"].equals(plain["wert"]))
    sheet = pd.read_excel(place / "Sozialmonitoring.xlsx", sheet_name="Freigaben", dtype={"ags": str})
    same("pandas and openpyxl, XLSX", sheet, plain)
    return plain


def by_openpyxl(place: Path, url: str) -> None:
    from openpyxl import load_workbook
    book = load_workbook(place / "Sozialmonitoring.xlsx")
    check("XLSX: the Excel table is missing", list(book["Freigaben"].tables) == ["Freigaben"])
    steps = "\n".join(str(row[0].value or "") for row in book["So aktualisieren"].iter_rows())
    check("XLSX: the steps do not name this unit", f'OData.Feed("{url}/odata/"' in steps)
    print("openpyxl: the table is an Excel table, the steps name this unit")


def by_duckdb(place: Path, plain: pd.DataFrame) -> None:
    import duckdb
    for own in [f"read_parquet('{place}/freigaben.parquet')", f"read_csv('{place}/freigaben.csv')"]:
        rows, total = duckdb.sql(f"SELECT count(*), sum(wert) FROM {own}").fetchall()[0]
        check(f"DuckDB: {own} has other rows", rows == len(plain))
        check(f"DuckDB: {own} has another sum", abs(total - plain["wert"].sum()) < 1e-6)
    top = duckdb.sql(f"SELECT gemeinde, wert FROM read_parquet('{place}/freigaben.parquet') "
                     "WHERE aktuell AND ebene = 'gemeinde' ORDER BY wert DESC LIMIT 1").fetchall()[0]
    print(f"DuckDB: Parquet and CSV agree; highest: {top}")


def by_pyjstat(place: Path, plain: pd.DataFrame) -> None:
    from pyjstat import pyjstat
    cubes = json.loads((place / "freigaben.jsonstat").read_text())["link"]["item"]
    shown = 0
    for cube in cubes:
        frame = pyjstat.Dataset.read(json.dumps(cube)).write("dataframe")
        column = next(own for own in frame.columns if own == "Zahl")
        values = frame[frame[column].str.startswith("Wert, ab 0")]["value"]
        shown += values.notna().sum()
    check("JSON-stat: other numbers than in the CSV", shown == plain["wert"].notna().sum())
    print(f"pyjstat: {len(cubes)} cubes, {shown} numbers")


def by_metadata(place: Path) -> None:
    import frictionless
    report = frictionless.validate(str(place / "datapackage.json"))
    check(f"frictionless: {report.flatten(['type', 'note'])[:3]}", report.valid)
    from csvw import CSVW
    table = CSVW(str(place / "freigaben.csv"), md_url=str(place / "freigaben.csv-metadata.json"))
    check("csvw: the metadata do not fit the CSV", table.is_valid)
    print("frictionless and csvw: data package and metadata fit the CSV")


def by_odata(url: str, project: str, plain: pd.DataFrame) -> None:
    from odata import ODataService
    service = ODataService(f"{url}/odata/", reflect_entities=True)
    own = service.entities["Freigaben"]
    query = service.query(own).filter(own.projekt == project)
    rows = list(query)
    frame = pd.DataFrame([{name: getattr(row, name) for name in plain.columns} for row in rows])
    same("python-odata", frame, plain)
    # It knows no Edm.Double, so it filters by other kinds and orders by the value.
    last = int(plain["freigabe"].max())
    some = service.query(own).filter((own.aktuell == True) & (own.projekt == project)  # noqa: E712
                                     & (own.freigabe >= last)).order_by(own.wert.desc()).limit(3)
    values = [row.wert for row in some]
    expected = plain[plain["aktuell"] & (plain["freigabe"] >= last)]["wert"].nlargest(3)
    check("python-odata: filter and order choose other rows", values == expected.tolist())
    print(f"python-odata: filter, order and limit; highest values {values}")


def by_sqlite(url: str, file: str) -> None:
    project = project_of(url)
    plain = pd.read_csv(f"{url}/projects/{project}/freigaben.csv", dtype={"ags": str})
    with sqlite3.connect(file) as database:
        same("pandas and sqlite3", pd.read_sql("SELECT * FROM freigaben", database), plain)
        views = [own[0] for own in database.execute("SELECT name FROM sqlite_master WHERE type = 'view'")]
        for own in views:
            database.execute(f'SELECT * FROM "{own}" LIMIT 1').fetchall()
    check("a view per indicator is missing", len(views) == 2 + 2 * plain["kennzahl_id"].nunique())


def main() -> None:
    match sys.argv[1:]:
        case ["--project", url]:
            print(project_of(url))
        case ["--sqlite", url, file]:
            by_sqlite(url, file)
        case [url, folder]:
            place, project = Path(folder), project_of(url)
            plain = by_pandas(url, project, place)
            by_openpyxl(place, url)
            by_duckdb(place, plain)
            by_pyjstat(place, plain)
            by_metadata(place)
            by_odata(url, project, plain)
        case _:
            sys.exit(__doc__)


main()
