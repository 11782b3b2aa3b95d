//! Which row is the header: specialist software likes to write a title above it.

/// Rows above the header that are passed over at most.
pub(super) const MOST_ABOVE: usize = 10;

/// The header among the first rows of a table.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Found {
    /// Rows above it.
    pub(super) above: usize,
    /// How many of the wanted columns it names.
    pub(super) fit: usize,
}

/// The first row that names most of the wanted columns; where none is wanted or named, the first
/// that has at least half as many filled cells as the fullest.
pub(super) fn find<S: AsRef<str>>(rows: &[Vec<S>], wanted: &[String]) -> Found {
    let fits = rows.iter().map(|row| fit(row, wanted));
    let best = fits.enumerate().rev().max_by_key(|(_, fit)| *fit);
    if let Some((above, fit)) = best.filter(|(_, fit)| *fit > 0) {
        return Found { above, fit };
    }
    let filled = |row: &Vec<S>| row.iter().filter(|cell| !cell.as_ref().is_empty()).count();
    let most = rows.iter().map(filled).max().unwrap_or(0);
    let above = rows.iter().position(|row| filled(row) * 2 >= most);
    Found { above: above.unwrap_or(0), fit: 0 }
}

fn fit<S: AsRef<str>>(row: &[S], wanted: &[String]) -> usize {
    wanted.iter().filter(|name| row.iter().any(|cell| cell.as_ref() == name.as_str())).count()
}

/// The delimiter of the header, found in the first lines of a file: the one that gives most of
/// the wanted columns, else the most frequent outside quotes of the first line that has nearly as
/// many as any.
pub(super) fn delimiter(start: &[u8], wanted: &[String]) -> Option<u8> {
    const DELIMITERS: [u8; 3] = [b';', b'\t', b','];
    let lines: Vec<&[u8]> = lines(start).take(MOST_ABOVE + 1).collect();
    let named = |delimiter: u8| {
        let fits = lines.iter().map(|line| {
            let cells = line.split(|byte| *byte == delimiter).map(|cell| {
                String::from_utf8_lossy(cell).trim().trim_matches('"').trim().to_owned()
            });
            fit(&cells.collect::<Vec<_>>(), wanted)
        });
        fits.max().unwrap_or(0)
    };
    // Of equals `max_by_key` takes the last: reversed, that is the semicolon.
    let best = DELIMITERS.into_iter().rev().max_by_key(|delimiter| named(*delimiter));
    if let Some(delimiter) = best.filter(|delimiter| named(*delimiter) > 1) {
        return Some(delimiter);
    }
    let most = |line: &[u8]| {
        let counted = DELIMITERS.map(|delimiter| (delimiter, outside_quotes(line, delimiter)));
        counted.into_iter().rev().max_by_key(|(_, count)| *count).filter(|(_, count)| *count > 0)
    };
    let counted: Vec<(u8, usize)> = lines.iter().filter_map(|line| most(line)).collect();
    let greatest = counted.iter().map(|(_, count)| *count).max()?;
    counted.into_iter().find(|(_, count)| count * 2 >= greatest).map(|(delimiter, _)| delimiter)
}

/// Lines that are not empty; a line break inside quotes ends none.
fn lines(start: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut quoted = false;
    let ends = start.split(move |byte| {
        quoted ^= *byte == b'"';
        matches!(byte, b'\n' | b'\r') && !quoted
    });
    ends.filter(|line| !line.iter().all(u8::is_ascii_whitespace))
}

fn outside_quotes(line: &[u8], wanted: u8) -> usize {
    let mut quoted = false;
    let mut count = 0;
    for byte in line {
        quoted ^= *byte == b'"';
        count += usize::from(*byte == wanted && !quoted);
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Vec<Vec<String>> {
        text.split('/').map(|row| row.split(';').map(str::to_owned).collect()).collect()
    }

    #[test]
    fn the_header_is_where_the_wanted_names_are() {
        let wanted = ["name", "plz", "ort"].map(str::to_owned);
        let found = find(&rows("Liste;;/;;/plz;name;x/64807;Ort;1"), &wanted);
        assert_eq!(found, Found { above: 2, fit: 2 });
        assert_eq!(find(&rows("a;b/1;2"), &wanted), Found { above: 0, fit: 0 });
    }

    #[test]
    fn without_wanted_names_it_is_the_first_full_row() {
        assert_eq!(find(&rows("Liste;;/Stand;2024;/a;b;c/1;2;3"), &[]).above, 1);
        assert_eq!(find(&rows("Liste;;;;/Stand;1;;;/a;b;c;d;e/1;;3;4;5"), &[]).above, 2);
        assert_eq!(find::<String>(&[], &[]), Found::default());
    }

    #[test]
    fn titles_with_other_signs_do_not_decide_the_delimiter() {
        let wanted = ["name", "plz"].map(str::to_owned);
        let title = b"Wohngeld, Landkreis, Stand, 2024\n\nname;plz\nA, B, C, D;1\n";
        assert_eq!(delimiter(title, &wanted), Some(b';'));
        assert_eq!(delimiter(b"Titel, kurz\na;b;c;d;e\n1;2;3;4;5", &[]), Some(b';'));
        assert_eq!(delimiter(b"name\nx\n", &[]), None);
        assert_eq!(delimiter(b"\"a;b\",c\n", &[]), Some(b','));
    }
}
