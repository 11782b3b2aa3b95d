//! The query builder: what may be chosen, what was chosen, and what it would cost.

use askama::Template;

use super::PriceView;
use crate::pages::staff::Frame;

/// The query builder, filled in.
#[derive(Template)]
#[template(path = "staff/analysis/question.html")]
pub(crate) struct QuestionPage {
    pub(crate) frame: Frame,
    /// Address of this page, as a value in another.
    pub(crate) here_coded: String,
    /// The purpose, as it stands in addresses.
    pub(crate) purpose: String,
    /// Everything that may be asked, by chapter.
    pub(crate) subjects: Vec<Group>,
    /// What is asked, as it stands in addresses.
    pub(crate) subject: String,
    /// What a reader sees of it; German.
    pub(crate) label: String,
    /// What it counts; nothing for a question of one's own, which counts what is chosen.
    pub(crate) counts: Option<String>,
    pub(crate) years: Vec<Choice>,
    /// Permitted groupings; none for a question of one's own, which has its own fields.
    pub(crate) groupings: Vec<Choice>,
    pub(crate) budget: BudgetFields,
    /// Whether an own answer is wanted although one was released.
    pub(crate) fresh: bool,
    pub(crate) own: Option<OwnFields>,
    pub(crate) message: Option<Message>,
    pub(crate) price: Option<PriceView>,
}

/// What stands below a field at which something is wrong; nothing at others.
#[derive(Template)]
#[template(
    source = r#"{% if !text.is_empty() %}<p class="kern-error a-fault" id="{{ field }}-fehler"><span class="kern-icon kern-icon--danger" aria-hidden="true"></span><span>{{ text }}</span></p>{% endif %}"#,
    ext = "html"
)]
struct Fault<'a> {
    field: &'a str,
    text: &'a str,
}

/// Choices under a heading.
pub(crate) struct Group {
    pub(crate) label: String,
    pub(crate) choices: Vec<Choice>,
}

/// One of several.
pub(crate) struct Choice {
    pub(crate) value: String,
    pub(crate) label: String,
    pub(crate) chosen: bool,
}

/// How exact, or for how much.
pub(crate) struct BudgetFields {
    /// `ueblich`, `breite` or `anteil`.
    pub(crate) how: &'static str,
    /// What was typed.
    pub(crate) width: String,
    /// In which unit, such as `Personen`.
    pub(crate) width_unit: String,
    /// What was typed.
    pub(crate) share: String,
    /// The usual price and the greatest, of a year's cap.
    pub(crate) usual: String,
    pub(crate) most: String,
}

/// The bricks of a question of one's own.
pub(crate) struct OwnFields {
    pub(crate) kinds: Vec<Choice>,
    pub(crate) services: Vec<Choice>,
    /// Who of them counts, for a share.
    pub(crate) with: Vec<Choice>,
    /// Properties that divide cases.
    pub(crate) properties: Vec<Choice>,
    pub(crate) most: String,
    pub(crate) assumed: String,
    pub(crate) groups: Vec<Choice>,
    pub(crate) filters: Vec<Filter>,
}

/// The keys of a dimension.
pub(crate) struct Filter {
    /// Name of its field.
    pub(crate) field: String,
    pub(crate) label: String,
    pub(crate) keys: Vec<Choice>,
}

/// What is wrong, where, and what to do.
pub(crate) struct Message {
    /// Name of the field; empty where none is at fault.
    pub(crate) field: &'static str,
    pub(crate) text: String,
    /// The words of the unit, in English.
    pub(crate) detail: Option<String>,
}

impl Filter {
    /// How many of its keys were chosen.
    fn chosen(&self) -> usize {
        self.keys.iter().filter(|own| own.chosen).count()
    }
}

impl QuestionPage {
    /// What stands below a field.
    fn fault_view<'a>(&'a self, field: &'a str) -> Fault<'a> {
        Fault { field, text: self.fault(field) }
    }

    /// What is wrong with a field; empty where nothing is.
    fn fault(&self, field: &str) -> &str {
        let own = self.message.as_ref().filter(|own| own.field == field);
        own.map_or("", |own| own.text.as_str())
    }
}
