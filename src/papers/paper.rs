//! A paper as blocks, written as Markdown and as a page for printing from the same blocks.

use std::fmt::Write as _;

use askama::Template;

/// A paper.
pub(crate) struct Paper {
    title: String,
    /// Where and when it was made.
    stand: String,
    blocks: Vec<Block>,
}

/// A piece of a paper.
pub(crate) enum Block {
    Heading(String),
    Text(String),
    List(Vec<String>),
    Table { heads: Vec<String>, rows: Vec<Vec<String>> },
}

#[derive(Template)]
#[template(path = "paper.html")]
struct Page<'a> {
    paper: &'a Paper,
}

impl Paper {
    pub(crate) fn new(title: &str, stand: &str) -> Self {
        Self { title: title.into(), stand: stand.into(), blocks: Vec::new() }
    }

    pub(crate) fn heading(&mut self, text: impl Into<String>) {
        self.blocks.push(Block::Heading(text.into()));
    }

    pub(crate) fn text(&mut self, text: impl Into<String>) {
        self.blocks.push(Block::Text(text.into()));
    }

    pub(crate) fn list<T: Into<String>>(&mut self, items: impl IntoIterator<Item = T>) {
        self.blocks.push(Block::List(items.into_iter().map(Into::into).collect()));
    }

    /// A table; where it would have no row, `empty` says so.
    pub(crate) fn table(&mut self, heads: &[&str], rows: Vec<Vec<String>>, empty: &str) {
        if rows.is_empty() {
            self.text(empty);
            return;
        }
        let heads = heads.iter().map(|own| (*own).to_owned()).collect();
        self.blocks.push(Block::Table { heads, rows });
    }

    /// Its title.
    pub(crate) fn title(&self) -> &str {
        &self.title
    }

    /// Where and when it was made.
    pub(crate) fn stand(&self) -> &str {
        &self.stand
    }

    /// What it says, in order.
    pub(crate) fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    /// The paper as Markdown.
    pub(crate) fn to_markdown(&self) -> String {
        let mut text = format!("# {}\n\n{}\n", marked(&self.title), marked(&self.stand));
        for block in &self.blocks {
            // Writing to a string does not fail.
            let _ = match block {
                Block::Heading(own) => write!(text, "\n## {}\n", marked(own)),
                Block::Text(own) => write!(text, "\n{}\n", marked(own)),
                Block::List(items) => {
                    let lines: String =
                        items.iter().map(|own| format!("- {}\n", marked(own))).collect();
                    write!(text, "\n{lines}")
                }
                Block::Table { heads, rows } => {
                    let line = |cells: &[String]| {
                        let cells: Vec<String> = cells.iter().map(|own| marked(own)).collect();
                        format!("| {} |\n", cells.join(" | "))
                    };
                    let under = vec!["---"; heads.len()].join("|");
                    let rows: String = rows.iter().map(|own| line(own)).collect();
                    write!(text, "\n{}|{under}|\n{rows}", line(heads))
                }
            };
        }
        text
    }

    /// The paper as a page for printing, which loads nothing from elsewhere.
    pub(crate) fn to_html(&self) -> anyhow::Result<String> {
        Ok(Page { paper: self }.render()?)
    }
}

/// What policies and releases say is text and no markup.
fn marked(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\\' | '|' | '<' | '`' | '*' | '[' | ']' => safe.extend(['\\', letter]),
            '\n' | '\r' => safe.push(' '),
            other => safe.push(other),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_in_a_policy_is_no_markup() {
        let hostile = "<script>a|b</script>\n# no heading [x](y)";
        let mut paper = Paper::new(hostile, hostile);
        paper.table(&["a"], vec![vec![hostile.into()]], "");
        let (text, page) = (paper.to_markdown(), paper.to_html().unwrap());
        assert!(!page.contains("<script>") && page.contains("&#60;script"), "{page}");
        assert!(text.lines().all(|line| !line.contains("a|b")), "{text}");
        assert_eq!(text.matches("\n# ").count(), 0, "{text}");
        assert!(!text.replace("\\<", "").contains("<script>"), "{text}");
    }
}
