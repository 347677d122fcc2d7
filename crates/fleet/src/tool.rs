//! What a worker brings along for jobs of its own.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

/// Carried to every run of a worker, and of use only to who can name its type: so a crate that may not depend on that
/// type's crate cannot take it out, though the fleet hands it to all.
#[derive(Clone, Default)]
pub struct Tool(Option<Arc<dyn Any + Send + Sync>>);

impl Tool {
    /// Brings `tool` along.
    pub fn new<T: Any + Send + Sync>(tool: T) -> Self {
        Self(Some(Arc::new(tool)))
    }

    /// The tool, if it is a `T`.
    pub fn get<T: Any>(&self) -> Option<&T> {
        self.0.as_ref()?.downcast_ref()
    }
}

impl fmt::Debug for Tool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Tool" } else { "no Tool" })
    }
}
