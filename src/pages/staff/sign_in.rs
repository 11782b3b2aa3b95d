//! The sign-in.

use askama::Template;

use super::frame::unit_label;
use crate::UnitName;
use crate::api::Language;

/// Asks who somebody is.
#[derive(Template)]
#[template(path = "staff/sign_in.html")]
pub(crate) struct SignInPage {
    pub(crate) language: Language,
    /// Whether every person of this installation is made up.
    pub(crate) synthetic: bool,
    pub(crate) unit: UnitName,
    /// The name that was given before.
    pub(crate) name: String,
    /// The page that is wanted afterwards.
    pub(crate) onward: String,
    pub(crate) fault: Option<SignInFault>,
}

/// Why somebody is not signed in.
#[derive(Clone, Copy)]
pub(crate) enum SignInFault {
    /// Name and secret do not belong together; which of them is wrong nobody is told.
    Unknown,
    /// Too many wrong tries: so many seconds to wait.
    Wait(i64),
}

impl SignInPage {
    fn say<'a>(&self, german: &'a str, english: &'a str) -> &'a str {
        self.language.say(german, english)
    }

    fn unit_label(&self) -> &'static str {
        unit_label(self.unit, self.language)
    }

    fn fault_text(&self) -> Option<String> {
        Some(match self.fault? {
            SignInFault::Unknown => self
                .say(
                    "Name und Passwort passen nicht zusammen. Bitte prüfen Sie beides; auch Groß- \
                     und Kleinschreibung zählt.",
                    "Name and password do not belong together. Please check both; capital letters \
                     count.",
                )
                .to_owned(),
            SignInFault::Wait(seconds) => match self.language {
                Language::German => format!(
                    "Zu viele Versuche. Bitte warten Sie {seconds} Sekunden und versuchen Sie es \
                     dann noch einmal."
                ),
                Language::English => {
                    format!("Too many attempts. Please wait {seconds} seconds and try again.")
                }
            },
        })
    }
}
