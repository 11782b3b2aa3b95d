//! Two synthetic counties on one machine; not shipped.
