//! Linking outside a unit: for measuring on made-up people how good links are.

use std::time::Duration;

use linkage::{Filters, Progress, Source};
use policy::LinkageSchema;
use ring::rand::SecureRandom;
use submission::{LinkMap, LinkableChunk};

use crate::UnitError;
use crate::kept::Course;
use crate::load::{Loaded, LoadedSource};
use crate::order::Solving;
use crate::run;

/// The records of one department and dataset, as they would lie in the unit's database.
pub struct RehearsalSource {
    /// The sender.
    pub department: String,
    /// The dataset.
    pub dataset: String,
    /// The records.
    pub chunks: Vec<LinkableChunk>,
}

/// Links as a run of the unit does, by the same code, with no database, no epoch and nothing kept.
///
/// # Errors
/// As a run: where nothing is to be linked or a limit is passed.
pub fn rehearse(
    mut sources: Vec<RehearsalSource>,
    schema: &LinkageSchema,
    random: &dyn SecureRandom,
) -> Result<LinkMap, UnitError> {
    // A run takes sources in this order, and ties are decided by it.
    sources.sort_by(|a, b| (&a.department, &a.dataset).cmp(&(&b.department, &b.dataset)));
    let mut loaded = Loaded { sources: Vec::new(), batches: Vec::new() };
    for RehearsalSource { department, dataset, chunks } in sources {
        let mut views = Vec::new();
        for _ in &schema.views {
            views.push(Filters::new(u32::from(schema.bits))?);
        }
        let mut subjects = Vec::new();
        for linkable in chunks.iter().flat_map(LinkableChunk::iter) {
            subjects.push(linkable.subject);
            for (filters, bytes) in views.iter_mut().zip(&linkable.views) {
                filters.push(bytes)?;
            }
        }
        let source = Source::new(views)?;
        loaded.sources.push(LoadedSource { department, dataset, subjects, source });
    }
    let way = run::Way {
        schema,
        solving: Solving::agreed(schema),
        course: Course::Rehearse,
        earlier: None,
        progress: &Progress::new(),
        random,
    };
    let linked = run::link(loaded, Duration::ZERO, way)?;
    Ok(linked.map)
}
