//! Several statements in one journey to the database.
//!
//! With SQLite every statement is handed to the thread that owns the connection and its answer is
//! handed back, which costs more than a short statement does. Statements that do not depend on each
//! other's answers therefore travel together.

use crate::sql::Value;
use std::fmt::Write as _;

/// Most statements of one text: what is prepared is kept, so a text must not grow with its input.
const MOST: usize = 16;

/// A statement and its parameters.
pub(crate) struct Statement<'a> {
    pub(crate) sql: &'static str,
    pub(crate) values: Vec<Value<'a>>,
}

/// Statements in their order.
#[derive(Default)]
pub(crate) struct Batch<'a> {
    statements: Vec<Statement<'a>>,
}

impl<'a> Batch<'a> {
    /// Adds a statement with the parameters `$1`, `$2`, ….
    pub(crate) fn push(&mut self, sql: &'static str, values: impl Into<Vec<Value<'a>>>) {
        self.statements.push(Statement { sql, values: values.into() });
    }

    pub(crate) fn statements(&self) -> &[Statement<'a>] {
        &self.statements
    }

    /// The statements as few texts, each with its parameters counted through.
    pub(crate) fn texts(&self) -> impl Iterator<Item = (String, Vec<Value<'a>>)> {
        self.statements.chunks(MOST).map(|statements| {
            let (mut text, mut values) = (String::new(), Vec::new());
            for own in statements {
                push_shifted(&mut text, own.sql, values.len());
                text.push_str(";\n");
                values.extend_from_slice(&own.values);
            }
            (text, values)
        })
    }
}

/// Appends a statement whose parameters `$n` are called `$(n + by)`. None of ours has a dollar sign
/// elsewhere.
fn push_shifted(text: &mut String, sql: &str, by: usize) {
    let mut pieces = sql.split('$');
    text.push_str(pieces.next().unwrap_or_default());
    for piece in pieces {
        let digits = piece.bytes().take_while(u8::is_ascii_digit).count();
        let (number, rest) = piece.split_at(digits);
        let number = number.parse::<usize>().unwrap_or(0);
        let _ = write!(text, "${}{rest}", number + by);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_counted_through() {
        let mut batch = Batch::default();
        batch.push("SELECT $2, $10, $1", vec![Value::Int(0); 10]);
        batch.push("SELECT 1", []);
        batch.push("SELECT $1 + $2 WHERE $2 = 'x'", [Value::Int(11), Value::Int(12)]);
        let (text, values) = batch.texts().next().unwrap();
        let expected = "SELECT $2, $10, $1;\nSELECT 1;\nSELECT $11 + $12 WHERE $12 = 'x';\n";
        assert_eq!((text.as_str(), values.len()), (expected, 12));
    }

    #[test]
    fn a_text_does_not_grow_with_its_input() {
        let mut batch = Batch::default();
        for number in 0..40 {
            batch.push("INSERT INTO t VALUES ($1)", [Value::Int(number)]);
        }
        let texts: Vec<String> = batch.texts().map(|(text, _)| text).collect();
        assert_eq!(texts.len(), 3);
        assert_eq!(texts[0], texts[1], "one preparation serves both");
    }
}
