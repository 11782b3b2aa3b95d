//! The figures as `docs/usefulness.md`.

use std::fmt::Write as _;

use super::table::TableFigures;
use super::{CountyFigures, Figures};

const HOW: &str = "\
A cell *passes* where half the width of its 95 % interval is at most a quarter of its value. The \
interval covers what the noise does, and nothing else. Everything but linkage ran as in a county: \
departments read, mapped and coarsened clean extracts; the facts were counted under the generator's \
persons instead of links, because noise and the size of cells decide here. No noise was drawn: \
widths follow from the price, values from counting. Cells in which nobody is are counted and cannot \
pass.

- **budget**: rho of one answer, by the release plan where one is named, else the indicator's own.
- **±**: half the width, and **value**: the cell's number, both in the middle over the cells shown; \
shares are parts of 1.
- **pass**: share of cells that pass with that budget; **3 years**: the same for the sum or mean of \
three released years, which costs nothing more. A dash: the third year would read years before the \
36 months of a delivery.
- **needs**: the least budget of those tried (0.001 to 2) at which four fifths of the cells pass, \
for one year and for three.
- **bold**: the grouping that is taken where nobody names one.
";

/// The whole page.
pub(super) fn write(figures: &Figures) -> String {
    let mut page = String::new();
    // A String takes everything that is written to it.
    let _ = head(&mut page, figures);
    for county in &figures.counties {
        let _ = county_part(&mut page, county);
    }
    page
}

fn head(page: &mut String, figures: &Figures) -> std::fmt::Result {
    writeln!(page, "# How useful the tables are\n")?;
    writeln!(
        page,
        "Made by `cargo run --release -p demo -- usefulness --page docs/usefulness.md`; do not \
         edit. {}, seed {}, {} synthetic residents. Why the budget is what it is stands in \
         [0017](decisions/0017-default-budget-and-pooling.md).\n",
        figures.date,
        figures.seed,
        grouped(figures.persons as f64)
    )?;
    writeln!(page, "{HOW}")?;
    write!(page, "Generating both counties took {:.0} s", figures.generate_seconds)?;
    for county in &figures.counties {
        write!(
            page,
            "; {}: {} residents, {} fact rows from the extracts in {:.0} s, all groupings of all \
             indicators in {:.0} s",
            county.county,
            grouped(county.residents as f64),
            grouped(county.rows as f64),
            county.facts_seconds,
            county.count_seconds
        )?;
    }
    writeln!(page, ". Most memory held: {} MB.\n", figures.peak_memory_bytes >> 20)
}

fn county_part(page: &mut String, county: &CountyFigures) -> std::fmt::Result {
    writeln!(page, "## {} ({})\n", county.county, county.ags)?;
    writeln!(page, "Cap per event year: rho {}.\n", county.cap)?;
    writeln!(
        page,
        "| table | cells | budget | ± | value | pass | 3 years | needs | needs, 3 years |"
    )?;
    writeln!(page, "|---|---:|---:|---:|---:|---:|---:|---:|---:|")?;
    for table in &county.tables {
        row(page, table)?;
    }
    writeln!(page, "\n### By indicator\n")?;
    writeln!(page, "| indicator | finest grouping that passes | by itself in |")?;
    writeln!(page, "|---|---|---|")?;
    let mut done: Vec<&str> = Vec::new();
    for table in &county.tables {
        if !done.contains(&table.indicator.as_str()) {
            done.push(&table.indicator);
            summary(page, county, &table.indicator)?;
        }
    }
    writeln!(page, "\n### How often, beside what is published\n")?;
    writeln!(
        page,
        "The generator's chances are round numbers near those of official statistics and were not \
         fitted to these counties; what is not listed here is invented.\n"
    )?;
    writeln!(page, "| | generated | published | where |\n|---|---:|---:|---|")?;
    for own in &county.prevalence {
        writeln!(
            page,
            "| {} | {} | {} | {} |",
            own.what,
            short(own.generated),
            short(own.published),
            own.source
        )?;
    }
    writeln!(page)
}

fn row(page: &mut String, table: &TableFigures) -> std::fmt::Result {
    let name = format!("{} by {}", table.indicator, groups(table));
    let name = if table.usual { format!("**{name}**") } else { name };
    let part = |own: Option<f64>| own.map_or("–".into(), |own| format!("{:.0} %", 100.0 * own));
    let needs = |own: Option<f64>| own.map_or("more".into(), |own| format!("{own}"));
    let number = |own: Option<f64>| own.map_or("withheld".into(), short);
    let three = match table.three_years {
        Some(_) => needs(table.rho_needed_three_years),
        None => "–".into(),
    };
    writeln!(
        page,
        "| {name} | {} | {} | {} | {} | {} | {} | {} | {three} |",
        table.cells,
        short(table.rho),
        number(table.half_width),
        number(table.value),
        part(Some(table.passes)),
        part(table.three_years),
        needs(table.rho_needed),
    )
}

/// The finest grouping of an indicator that passes in one year, else in three.
fn summary(page: &mut String, county: &CountyFigures, indicator: &str) -> std::fmt::Result {
    let own = || county.tables.iter().filter(|table| table.indicator == indicator);
    let finest = |passes: fn(&TableFigures) -> bool| {
        own().filter(|table| passes(table)).max_by_key(|table| table.cells)
    };
    let one = finest(|table| table.passes >= 0.8);
    let three = finest(|table| table.three_years.is_some_and(|own| own >= 0.8));
    let passing = match (one, three) {
        (Some(one), Some(three)) if three.cells > one.cells => {
            format!("{}; {} over three years", groups(one), groups(three))
        }
        (Some(one), _) => groups(one),
        (None, Some(three)) => format!("{} over three years", groups(three)),
        (None, None) => "none at this budget".into(),
    };
    let plans: Vec<String> = own()
        .filter_map(|table| Some(format!("`{}` by {}", table.plan.as_ref()?, groups(table))))
        .collect();
    let plans = if plans.is_empty() { "on request".into() } else { plans.join(", ") };
    writeln!(page, "| {indicator} | {passing} | {plans} |")
}

fn groups(table: &TableFigures) -> String {
    if table.group_by.is_empty() { "county".into() } else { table.group_by.join(" × ") }
}

fn short(number: f64) -> String {
    match number.abs() {
        0.0 => "0".into(),
        n if n < 1.0 => format!("{number:.3}").trim_end_matches('0').to_owned(),
        n if n < 100.0 => format!("{number:.1}").trim_end_matches(".0").to_owned(),
        _ => grouped(number),
    }
}

/// A whole number with a comma between thousands.
fn grouped(number: f64) -> String {
    let digits = format!("{:.0}", number.abs());
    let mut shown = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    if number < 0.0 { format!("-{shown}") } else { shown }
}
