//! `$filter`: which rows a reader wants (OData 4.0 URL Conventions, section 5.1.1).
//!
//! Comparisons, `and`, `or`, `not`, parentheses, `contains`, `startswith` and `endswith`; nothing
//! else. As the standard has it, a comparison with a missing value holds for `ne` alone, and `eq
//! null` asks whether it is missing.

use std::cmp::Ordering;
use std::sync::Arc;

use publication::{ColumnKind, Value};

use super::bad::Bad;
use super::set::EntitySet;
use super::token::{Token, tokens};

/// How deep parentheses and `not` may be nested.
const MAX_DEPTH: usize = 16;

/// What a row has to fulfil.
#[derive(Debug)]
pub(super) struct Filter(Condition);

#[derive(Debug)]
enum Condition {
    And(Vec<Condition>),
    Or(Vec<Condition>),
    Not(Box<Condition>),
    Compare(Operand, Comparison, Operand),
    Matches(Match, usize, String),
    True(usize),
}

#[derive(Debug)]
enum Operand {
    Column(usize, ColumnKind),
    Literal(Value),
}

#[derive(Clone, Copy, PartialEq, Debug)]
enum Comparison {
    Eq,
    Ne,
    Gt,
    Ge,
    Lt,
    Le,
}

#[derive(Clone, Copy, Debug)]
enum Match {
    Contains,
    Starts,
    Ends,
}

impl Filter {
    pub(super) fn read(text: &str, set: &EntitySet<'_>) -> Result<Self, Bad> {
        let tokens = tokens(text)?;
        let mut reader = Reader { tokens: &tokens, set };
        let condition = reader.either(0)?;
        match reader.tokens.first() {
            None => Ok(Self(condition)),
            Some(_) => Err(Bad::asked("after the end of $filter something is left over")),
        }
    }

    pub(super) fn holds(&self, row: &[Value]) -> bool {
        self.0.holds(row)
    }
}

struct Reader<'a> {
    tokens: &'a [Token],
    set: &'a EntitySet<'a>,
}

impl Reader<'_> {
    fn next(&mut self) -> Result<Token, Bad> {
        let (first, rest) =
            self.tokens.split_first().ok_or_else(|| Bad::asked("$filter ends too early"))?;
        self.tokens = rest;
        Ok(first.clone())
    }

    fn takes(&mut self, token: &Token) -> bool {
        match self.tokens.split_first() {
            Some((first, rest)) if first == token => {
                self.tokens = rest;
                true
            }
            _ => false,
        }
    }

    fn takes_word(&mut self, word: &str) -> bool {
        self.takes(&Token::Word(word.to_owned()))
    }

    fn needs(&mut self, token: &Token) -> Result<(), Bad> {
        let missing = || Bad::asked("a parenthesis or comma is missing in $filter");
        if self.takes(token) { Ok(()) } else { Err(missing()) }
    }

    fn either(&mut self, depth: usize) -> Result<Condition, Bad> {
        if depth > MAX_DEPTH {
            return Err(Bad::asked("a $filter nests at most 16 deep"));
        }
        let mut parts = vec![self.both(depth)?];
        while self.takes_word("or") {
            parts.push(self.both(depth)?);
        }
        Ok(Condition::Or(parts))
    }

    fn both(&mut self, depth: usize) -> Result<Condition, Bad> {
        let mut parts = vec![self.single(depth)?];
        while self.takes_word("and") {
            parts.push(self.single(depth)?);
        }
        Ok(Condition::And(parts))
    }

    fn single(&mut self, depth: usize) -> Result<Condition, Bad> {
        if depth > MAX_DEPTH {
            return Err(Bad::asked("a $filter nests at most 16 deep"));
        }
        if self.takes_word("not") {
            return Ok(Condition::Not(Box::new(self.single(depth + 1)?)));
        }
        if self.takes(&Token::Open) {
            let inner = self.either(depth + 1)?;
            self.needs(&Token::Close)?;
            return Ok(inner);
        }
        for (word, own) in [
            ("contains", Match::Contains),
            ("startswith", Match::Starts),
            ("endswith", Match::Ends),
        ] {
            if self.takes_word(word) {
                return self.matching(own);
            }
        }
        let left = self.operand()?;
        let comparison = match self.tokens.first() {
            Some(Token::Word(word)) => comparison(word),
            _ => None,
        };
        let Some(comparison) = comparison else {
            return match left {
                Operand::Column(at, ColumnKind::Truth) => Ok(Condition::True(at)),
                _ => Err(Bad::asked("a value in $filter is compared by eq, ne, gt, ge, lt or le")),
            };
        };
        self.next()?;
        let right = self.operand()?;
        if !are_comparable(&left, &right) {
            return Err(Bad::asked(
                "$filter compares values of different kinds; texts stand in apostrophes",
            ));
        }
        Ok(Condition::Compare(left, comparison, right))
    }

    fn matching(&mut self, own: Match) -> Result<Condition, Bad> {
        self.needs(&Token::Open)?;
        let column = self.operand()?;
        self.needs(&Token::Comma)?;
        let part = self.operand()?;
        self.needs(&Token::Close)?;
        // As in `contains(name,'x') eq true`, which some programs write.
        let negated = match self.tokens {
            [Token::Word(eq), Token::Word(truth), ..] if eq == "eq" => {
                let negated = match truth.as_str() {
                    "true" => false,
                    "false" => true,
                    _ => return Err(Bad::asked("a match in $filter is eq true or eq false")),
                };
                self.next()?;
                self.next()?;
                negated
            }
            _ => false,
        };
        match (column, part) {
            (Operand::Column(at, ColumnKind::Text), Operand::Literal(Value::Text(part))) => {
                let matches = Condition::Matches(own, at, part.to_string());
                Ok(if negated { Condition::Not(Box::new(matches)) } else { matches })
            }
            _ => Err(Bad::asked("contains, startswith and endswith take a text column and a text")),
        }
    }

    fn operand(&mut self) -> Result<Operand, Bad> {
        Ok(match self.next()? {
            Token::Text(own) => Operand::Literal(Value::Text(Arc::from(own))),
            Token::Number(own) => Operand::Literal(Value::Number(own)),
            Token::Date(own) => Operand::Literal(Value::Date(own)),
            Token::Word(word) => match word.as_str() {
                "true" => Operand::Literal(Value::Truth(true)),
                "false" => Operand::Literal(Value::Truth(false)),
                "null" => Operand::Literal(Value::Nothing),
                _ if self.tokens.first() == Some(&Token::Open) => {
                    return Err(Bad::unknown(
                        "of the functions of $filter this feed knows contains, startswith and endswith",
                    ));
                }
                name => {
                    let (at, kind) = self.set.column(name)?;
                    Operand::Column(at, kind)
                }
            },
            Token::Open | Token::Close | Token::Comma => {
                return Err(Bad::asked("$filter has a parenthesis or comma where a value belongs"));
            }
        })
    }
}

fn comparison(word: &str) -> Option<Comparison> {
    Some(match word {
        "eq" => Comparison::Eq,
        "ne" => Comparison::Ne,
        "gt" => Comparison::Gt,
        "ge" => Comparison::Ge,
        "lt" => Comparison::Lt,
        "le" => Comparison::Le,
        _ => return None,
    })
}

fn are_comparable(left: &Operand, right: &Operand) -> bool {
    let kind = |own: &Operand| match own {
        Operand::Column(_, kind) => Some(*kind),
        Operand::Literal(Value::Nothing) => None,
        Operand::Literal(Value::Text(_)) => Some(ColumnKind::Text),
        Operand::Literal(Value::Whole(_) | Value::Number(_)) => Some(ColumnKind::Number),
        Operand::Literal(Value::Truth(_)) => Some(ColumnKind::Truth),
        Operand::Literal(Value::Date(_)) => Some(ColumnKind::Date),
    };
    let number = |own: ColumnKind| matches!(own, ColumnKind::Number | ColumnKind::Whole);
    match (kind(left), kind(right)) {
        (Some(left), Some(right)) => left == right || number(left) && number(right),
        _ => true,
    }
}

impl Condition {
    fn holds(&self, row: &[Value]) -> bool {
        match self {
            Self::And(parts) => parts.iter().all(|own| own.holds(row)),
            Self::Or(parts) => parts.iter().any(|own| own.holds(row)),
            Self::Not(own) => !own.holds(row),
            Self::True(at) => row.get(*at) == Some(&Value::Truth(true)),
            Self::Matches(own, at, part) => match (own, row.get(*at)) {
                (Match::Contains, Some(Value::Text(text))) => text.contains(part.as_str()),
                (Match::Starts, Some(Value::Text(text))) => text.starts_with(part.as_str()),
                (Match::Ends, Some(Value::Text(text))) => text.ends_with(part.as_str()),
                _ => false,
            },
            Self::Compare(left, comparison, right) => {
                let (left, right) = (left.value(row), right.value(row));
                comparison.holds(left, right)
            }
        }
    }
}

impl Operand {
    fn value<'a>(&'a self, row: &'a [Value]) -> &'a Value {
        match self {
            Self::Column(at, _) => row.get(*at).unwrap_or(&Value::Nothing),
            Self::Literal(own) => own,
        }
    }
}

impl Comparison {
    fn holds(self, left: &Value, right: &Value) -> bool {
        match (left, right, self) {
            (Value::Nothing, Value::Nothing, _) => self == Self::Eq,
            (Value::Nothing, _, _) | (_, Value::Nothing, _) => self == Self::Ne,
            _ => {
                let order = ordering(left, right);
                match self {
                    Self::Eq => order == Ordering::Equal,
                    Self::Ne => order != Ordering::Equal,
                    Self::Gt => order == Ordering::Greater,
                    Self::Ge => order != Ordering::Less,
                    Self::Lt => order == Ordering::Less,
                    Self::Le => order != Ordering::Greater,
                }
            }
        }
    }
}

/// The order of two values of one column; a missing one comes first.
#[expect(clippy::cast_precision_loss, reason = "read amounts are at most 2^53")]
pub(super) fn ordering(left: &Value, right: &Value) -> Ordering {
    let number = |own: &Value| match own {
        Value::Whole(own) => Some(*own as f64),
        Value::Number(own) => Some(*own),
        _ => None,
    };
    match (left, right) {
        (Value::Nothing, Value::Nothing) => Ordering::Equal,
        (Value::Nothing, _) => Ordering::Less,
        (_, Value::Nothing) => Ordering::Greater,
        (Value::Text(left), Value::Text(right)) => left.cmp(right),
        (Value::Truth(left), Value::Truth(right)) => left.cmp(right),
        (Value::Date(left), Value::Date(right)) => left.cmp(right),
        _ => match (number(left), number(right)) {
            // Zero has two signs, which no reader tells apart.
            (Some(left), Some(right)) => left.partial_cmp(&right).unwrap_or(Ordering::Equal),
            _ => Ordering::Equal,
        },
    }
}
