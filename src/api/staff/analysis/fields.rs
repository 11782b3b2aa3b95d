//! The fields of an address or a form, as they came: nothing here is trusted.

/// Most fields of a form; the municipalities of a county are few dozen.
const MOST: usize = 512;

/// Names and values in the order in which they came.
#[derive(Debug, Default, Clone)]
pub(crate) struct Fields(Vec<(String, String)>);

impl Fields {
    /// Takes what was decoded; what is beyond any form of ours is cut off.
    pub(crate) fn new(mut pairs: Vec<(String, String)>) -> Self {
        pairs.truncate(MOST);
        Self(pairs)
    }

    /// The first value under a name, without blanks around it; `None` where it is empty.
    pub(crate) fn one(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(own, _)| own == name);
        found.map(|(_, value)| value.trim()).filter(|value| !value.is_empty())
    }

    /// All values under a name.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    /// Whether a value stands under a name.
    pub(crate) fn has(&self, name: &str, value: &str) -> bool {
        self.all(name).any(|own| own == value)
    }
}

/// A query string of these pairs.
pub(crate) fn query_string<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let pairs = pairs.into_iter().map(|(name, value)| format!("{}={}", coded(name), coded(value)));
    pairs.collect::<Vec<_>>().join("&")
}

/// Percent-encoding of everything but what is never special in a query (RFC 3986, 2.3).
pub(crate) fn coded(text: &str) -> String {
    let mut coded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                coded.push(char::from(byte));
            }
            _ => coded.push_str(&format!("%{byte:02X}")),
        }
    }
    coded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_found_and_written_back() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let fields = Fields::new(vec![pair("a", " 1 "), pair("b", ""), pair("a", "65+")]);
        assert_eq!((fields.one("a"), fields.one("b"), fields.one("c")), (Some("1"), None, None));
        assert!(fields.has("a", "65+") && !fields.has("a", "65"));
        let written = query_string([("alter", "65+"), ("ort", "Groß & Klein")]);
        assert_eq!(written, "alter=65%2B&ort=Gro%C3%9F%20%26%20Klein");
    }
}
