//! The figures as a page for a data protection impact assessment.

use std::fmt::Write as _;

use super::report::{Extent, Kind, Line};

/// What stands on the page besides the lines.
pub(super) struct Page<'a> {
    pub(super) command: &'a str,
    pub(super) extent: &'a Extent,
    pub(super) lines: &'a [Line],
    /// Name and description of each encoding, in their order.
    pub(super) encodings: &'a [(String, String)],
}

const GERMAN: &str = "\
## Was hier gemessen wird

Fachämter senden der Verknüpfungsstelle keine Namen, sondern Kodierungen: Bitfolgen, die aus Name, \
Geburtsdatum, Geschlecht und Anschrift mit einem geheimen Schlüssel entstehen. Kodierungen sind \
**pseudonymisierte, keine anonymen Daten**. Dieser Bericht sagt, wie viele der kodierten Personen \
jemand ohne den Schlüssel wieder benennen kann. Dazu greift das Programm seine eigenen Kodierungen \
an, so gut wir es können; angegriffen werden erfundene Menschen, weil nur dort die Wahrheit bekannt \
ist.

## Was ein Angreifer dafür braucht

| Angriff | Was er haben muss | Wer das sein könnte |
|---|---|---|
| Graphabgleich | alle Kodierungen, ein Register mit den Angegriffenen im selben Wortlaut, das öffentliche Schema | Verknüpfungsstelle oder wer ihre Datenbank stiehlt, mit einem Melderegister |
| bekannte Paare | dazu 500 bis 5.000 Personen, deren Klartext **und** Kodierung er kennt | ein Fachamt und die Verknüpfungsstelle, die gegen die Vereinbarung zusammenwirken |
| Häufigkeiten | alle Kodierungen, ein Register | wie beim Graphabgleich |
| Geburtsjahr | wie Graphabgleich oder wie bekannte Paare | will nur eine Eigenschaft wissen, nicht den Namen |

Zugunsten des Angreifers ist angenommen: Sein Register schreibt jede Person genau so wie das \
Fachamt, er weiß, aus welchem Fachamt jede Kodierung stammt, er sieht alle Sichten gemeinsam, und \
seine bekannten Paare sind aus denselben Familien wie die Angegriffenen. In Wirklichkeit weiß er \
weniger. Eine Benennung zählt, wenn der erste Vorschlag richtig ist.
";

const MEANING: &str = "\
## Was das heißt

- `plain` und `t2` sind Gegenproben: Dort **muss** der Angriff gelingen, sonst wäre ein kleiner Wert \
weiter unten kein Beweis, sondern ein schwacher Angriff.
- Ein Wert ist ein Anteil an allen angegriffenen Datensätzen; in Klammern steht das \
95-Prozent-Intervall nach Clopper und Pearson. Bloßes Raten träfe einen von so vielen, wie das \
Register Einträge hat.
- Beim Geburtsjahr ist der Vergleichswert der, den man ohne jede Kodierung allein aus dem Fachamt \
rät. Nur was darüber liegt, verrät die Kodierung.

## Was nicht abgedeckt ist

- **Schlüssel und Kodierungen in einer Hand** ergeben die Namen in Minuten, bei jeder Kodierung. \
Dagegen helfen nur getrennte Stellen, ein Schlüssel je Projekt und Zeitabschnitt und kurze \
Aufbewahrung.
- **Mehr Paare** als hier gemessen. Der Anteil wächst mit jedem Paar.
- **Bessere Angriffe.** Gemessen ist, was wir können; ein Angriff, der die geheimen Indexmengen der \
Diffusion selbst berechnet, ist uns nicht gelungen, aber nicht ausgeschlossen.
- **Was die Verknüpfung selbst zeigt**: welche Datensätze eine Person sind und welche Familien sich \
ähneln, sieht die Verknüpfungsstelle immer.
- Erfundene Menschen sind weniger verschieden als wirkliche: Ein sehr seltener Name kann leichter zu \
finden sein, als der Mittelwert sagt.
";

const ENGLISH: &str = "\
## How (English)

Crate `attack`; every attack sees all views jointly and each record's source, and salted views get a \
model per salt class.

- **graph**: nodes are described by their sorted similarities, quantiles and moments per view and \
jointly, their nearest neighbours' own neighbourhoods, and weights where filters are undiffused; how \
far chance moves each feature is learned from the attacker's own keys (Mahalanobis distance). The \
surest mutual matches become seeds of the kriging model below, ten rounds, cross-fitted so that a \
wrong seed does not confirm itself. After Vidanage, Ranbaduge, Christen and Schnell (CIKM 2020) and \
Schäfer, Armknecht and Heng (ACSAC 2024).
- **pairs**: each output bit is a random function of the person with correlation (1 − 2p)^t between \
two people, p from the schema and both clear texts (Armknecht, Heng and Schnell, PETS 2023). Kriging \
with exactly this correlation gives the best linear prediction of every bit of every register entry; \
entries are ranked by the likelihood of the observed bits over all views, with the ages that the \
source is known to have.
- **linear**: the same with ridge regression on token indicators, as published.
- **GF(2)**: an output bit as a noisy XOR of one secret bit per token; belief propagation over all \
pairs (learning parity with noise with a sparse secret).
- **frequency**: bits that occur together, grown into patterns and laid beside the register's most \
frequent tokens (after Christen, Ranbaduge, Vatsalan and Schnell, PAKDD 2018). *equal* counts records \
that share an encoding with another of their source.
- **year**: the year with the greatest posterior over all register entries; *blind* names the most \
frequent year of the source without looking at an encoding.
";

/// The whole page.
pub(super) fn write(page: &Page<'_>) -> String {
    let mut text = String::new();
    // A String takes everything that is written to it.
    let _ = body(&mut text, page);
    text
}

fn body(text: &mut String, page: &Page<'_>) -> std::fmt::Result {
    writeln!(text, "# Angriffsbericht: was Kodierungen verraten\n")?;
    writeln!(
        text,
        "Gemacht von `{}`; nicht von Hand ändern. Warum die Vorgabe so gewählt ist, steht in \
         [0022](decisions/0022-default-encoding-by-attack.md).\n",
        page.command
    )?;
    writeln!(text, "{GERMAN}")?;
    writeln!(text, "## Was er gefunden hat\n")?;
    let register = page.lines.first().map_or(0, |line| line.register);
    writeln!(
        text,
        "Angegriffen: {} Datensätze eines erfundenen Landkreises, je Person einer, Register {} \
         Personen, Startwert {}.\n",
        page.extent.records, register, page.extent.seed
    )?;
    names(text, page)?;
    years(text, page)?;
    writeln!(text, "{MEANING}")?;
    writeln!(text, "{ENGLISH}")?;
    writeln!(text, "| encoding | what it is |\n|---|---|")?;
    for (name, what) in page.encodings {
        writeln!(text, "| {name} | {what} |")?;
    }
    Ok(())
}

fn of<'a>(page: &Page<'a>, name: &str, kind: Kind, pairs: usize) -> Option<&'a Line> {
    page.lines.iter().find(|own| own.encoding == name && own.kind == kind && own.pairs == pairs)
}

fn cell(line: Option<&Line>) -> String {
    line.map_or("–".into(), |own| {
        format!("{} ({}–{})", percent(own.share), percent(own.low), percent(own.high))
    })
}

/// In per cent, as Germans write it.
fn percent(share: f64) -> String {
    format!("{:.1}", share * 100.0).replace('.', ",")
}

/// The strongest of the attacks with this many pairs.
fn strongest<'a>(page: &Page<'a>, name: &str, pairs: usize) -> Option<&'a Line> {
    [Kind::Pairs, Kind::Linear, Kind::Parity]
        .into_iter()
        .filter_map(|kind| of(page, name, kind, pairs))
        .max_by(|a, b| a.share.total_cmp(&b.share))
}

fn names(text: &mut String, page: &Page<'_>) -> std::fmt::Result {
    writeln!(
        text,
        "Anteil richtig benannter Datensätze in Prozent; bei Paaren der stärkste Angriff, ein \
         Strich: nicht gemessen:\n"
    )?;
    write!(text, "| Kodierung | Graphabgleich | Häufigkeiten |")?;
    for pairs in &page.extent.pairs {
        write!(text, " {pairs} Paare |")?;
    }
    write!(text, "\n|---|---|---|")?;
    page.extent.pairs.iter().try_for_each(|_| write!(text, "---|"))?;
    writeln!(text)?;
    for (name, _) in page.encodings {
        write!(
            text,
            "| {name} | {} | {} |",
            cell(of(page, name, Kind::Graph, 0)),
            cell(of(page, name, Kind::Frequency, 0))
        )?;
        for pairs in &page.extent.pairs {
            write!(text, " {} |", cell(strongest(page, name, *pairs)))?;
        }
        writeln!(text)?;
    }
    writeln!(
        text,
        "\nDie Angriffe mit Paaren im Einzelnen, in Prozent (kriging / linear / GF(2)):\n"
    )?;
    write!(text, "| Kodierung |")?;
    page.extent.pairs.iter().try_for_each(|pairs| write!(text, " {pairs} Paare |"))?;
    write!(text, " gleiche Kodierungen |\n|---|---|")?;
    page.extent.pairs.iter().try_for_each(|_| write!(text, "---|"))?;
    writeln!(text)?;
    for (name, _) in page.encodings {
        write!(text, "| {name} |")?;
        for pairs in &page.extent.pairs {
            let share =
                |kind| of(page, name, kind, *pairs).map_or("–".into(), |own| percent(own.share));
            write!(
                text,
                " {} / {} / {} |",
                share(Kind::Pairs),
                share(Kind::Linear),
                share(Kind::Parity)
            )?;
        }
        let equal = of(page, name, Kind::Equal, 0).map_or("–".into(), |own| percent(own.share));
        writeln!(text, " {equal} |")?;
    }
    writeln!(text)
}

fn years(text: &mut String, page: &Page<'_>) -> std::fmt::Result {
    writeln!(text, "Anteil richtig genannter Geburtsjahre in Prozent:\n")?;
    write!(text, "| Kodierung | ohne Paare |")?;
    page.extent.pairs.iter().try_for_each(|pairs| write!(text, " {pairs} Paare |"))?;
    write!(text, " ohne Kodierung geraten |\n|---|---|---|")?;
    page.extent.pairs.iter().try_for_each(|_| write!(text, "---|"))?;
    writeln!(text)?;
    let least = page.extent.pairs.iter().min().copied().unwrap_or(0);
    for (name, _) in page.encodings {
        write!(text, "| {name} | {} |", cell(of(page, name, Kind::YearGraph, 0)))?;
        for pairs in &page.extent.pairs {
            write!(text, " {} |", cell(of(page, name, Kind::YearPairs, *pairs)))?;
        }
        writeln!(text, " {} |", cell(of(page, name, Kind::YearGuess, least)))?;
    }
    writeln!(text)
}
