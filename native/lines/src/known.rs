//! What is known beside the flows.

use std::collections::HashMap;

use crate::refusals::Refusals;

/// What addresses are called.
pub type Names = HashMap<String, String>;

#[derive(Default)]
pub struct Known {
    pub names: Names,
    pub refusals: Refusals,
}
