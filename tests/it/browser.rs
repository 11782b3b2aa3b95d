//! Somebody with a browser at a unit's pages: cookies, forms, redirects that are not followed.

use std::cell::RefCell;
use std::collections::BTreeMap;

use milchglas::UnitName;

use crate::place::{Answer, Place};

/// A browser of one person at one unit.
pub(crate) struct Browser {
    agent: ureq::Agent,
    base: String,
    cookies: RefCell<BTreeMap<String, String>>,
    /// Sent as `Sec-Fetch-Site` with every form.
    pub(crate) site: &'static str,
}

impl Browser {
    /// A browser in which nobody is signed in.
    pub(crate) fn new(place: &Place, unit: UnitName) -> Self {
        let agent = ureq::Agent::config_builder().http_status_as_error(false).max_redirects(0);
        let (agent, base) = (agent.build().into(), place.url(unit, ""));
        Self { agent, base, cookies: RefCell::default(), site: "same-origin" }
    }

    /// A browser in which somebody signed in with their token.
    pub(crate) fn of(place: &Place, unit: UnitName, who: &str) -> Self {
        let own = Self::new(place, unit);
        let answer = own.sign_in(who, &format!("token-of-{who}"), "");
        assert_eq!(answer.status, 303, "{}", text(&answer));
        own
    }

    pub(crate) fn sign_in(&self, name: &str, secret: &str, onward: &str) -> Answer {
        self.send("/anmelden", &[("name", name), ("secret", secret), ("weiter", onward)])
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.run("GET", path, String::new())
    }

    /// The page at `path`, which has to be there.
    pub(crate) fn page(&self, path: &str) -> String {
        let answer = self.get(path);
        assert_eq!(answer.status, 200, "{path}: {}", text(&answer));
        text(&answer)
    }

    /// Sends a form with the word that the forms of the page at `from` hold.
    pub(crate) fn submit(&self, from: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
        let csrf = hidden(&self.page(from), "csrf");
        let fields: Vec<_> = fields.iter().copied().chain([("csrf", csrf.as_str())]).collect();
        self.send(path, &fields)
    }

    /// Sends a form as it is.
    pub(crate) fn send(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let pairs = fields.iter().map(|(name, value)| format!("{name}={}", encoded(value)));
        self.run("POST", path, pairs.collect::<Vec<_>>().join("&"))
    }

    fn run(&self, method: &str, path: &str, body: String) -> Answer {
        let pair = |(name, value): (&String, &String)| format!("{name}={value}");
        let cookies: Vec<String> = self.cookies.borrow().iter().map(pair).collect();
        let mut request = ureq::http::Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base))
            .header("accept", "text/html")
            .header("cookie", cookies.join("; "));
        if method == "POST" {
            request = request
                .header("content-type", "application/x-www-form-urlencoded")
                .header("sec-fetch-site", self.site);
        }
        let mut response = self.agent.run(request.body(body).unwrap()).unwrap();
        let headers = response.headers().clone();
        for line in headers.get_all("set-cookie") {
            let (name, rest) = line.to_str().unwrap().split_once('=').unwrap();
            let value = rest.split(';').next().unwrap();
            self.cookies.borrow_mut().insert(name.to_owned(), value.to_owned());
        }
        let status = response.status().as_u16();
        Answer { status, headers, stored: None, body: response.body_mut().read_to_vec().unwrap() }
    }
}

pub(crate) fn text(answer: &Answer) -> String {
    String::from_utf8(answer.body.clone()).unwrap()
}

/// Where an answer leads.
pub(crate) fn location(answer: &Answer) -> &str {
    answer.headers.get("location").map(|own| own.to_str().unwrap()).unwrap_or_default()
}

/// The value of a hidden field.
pub(crate) fn hidden(html: &str, name: &str) -> String {
    let start = format!("name=\"{name}\" value=\"");
    let (_, rest) = html.split_once(&start).unwrap_or_else(|| panic!("no field {name}: {html}"));
    rest.split('"').next().unwrap().to_owned()
}

fn encoded(text: &str) -> String {
    let byte = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => {
            char::from(byte).to_string()
        }
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(byte).collect()
}
