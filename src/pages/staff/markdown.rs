//! Files of the program, written in Markdown, as a page.

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd, html};

/// HTML of a text with tables. Markup inside of it stays text, links lead nowhere (their targets are
/// files that no page serves), pictures are left out, and wide tables scroll by themselves.
pub(crate) fn html(text: &str) -> String {
    let mut tables = 0;
    let mut events = Vec::new();
    for event in Parser::new_ext(text, Options::ENABLE_TABLES) {
        match event {
            Event::Start(Tag::Link { .. } | Tag::Image { .. })
            | Event::End(TagEnd::Link | TagEnd::Image) => {}
            Event::Html(own) | Event::InlineHtml(own) => events.push(Event::Text(own)),
            Event::Start(Tag::Table(columns)) => {
                tables += 1;
                let open = format!(
                    "<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"Tabelle {tables}\">"
                );
                events.push(Event::Html(open.into()));
                events.push(Event::Start(Tag::Table(columns)));
            }
            Event::End(TagEnd::Table) => {
                events.push(event);
                events.push(Event::Html("</div>".into()));
            }
            Event::Start(Tag::CodeBlock(_)) => {
                events.push(Event::Html("<pre tabindex=\"0\"><code>".into()));
            }
            Event::End(TagEnd::CodeBlock) => events.push(Event::Html("</code></pre>".into())),
            other => events.push(other),
        }
    }
    let mut page = String::with_capacity(text.len() * 2);
    html::push_html(&mut page, events.into_iter());
    page
}

#[cfg(test)]
mod tests {
    use super::html;

    #[test]
    fn markup_is_text_and_links_lead_nowhere() {
        let page = html(
            "# T\n\n<script>x</script> [a](b.md) ![c](d.png)\n\n| a | b |\n|---|---|\n| 1 | <i>2</i> |\n",
        );
        assert!(
            !page.contains("<script") && !page.contains("<a ") && !page.contains("<img"),
            "{page}"
        );
        assert!(page.contains("&lt;script&gt;") && page.contains("<h1>T</h1>"), "{page}");
        assert!(
            page.contains("aria-label=\"Tabelle 1\"><table>") && page.contains("&lt;i&gt;2"),
            "{page}"
        );
    }
}
