//! What a worker brings along for jobs of its own: an interlock, a mailer.

use std::any::Any;
use std::any::TypeId;
use std::any::type_name;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// Values by their types, one of each type, carried to every run of a worker. A tool is of use only to who can name its
/// type: so a crate that may not depend on that type's crate cannot take it out, though the fleet hands it to all.
#[derive(Clone, Default)]
pub struct Tools(BTreeMap<TypeId, Tool>);

#[derive(Clone)]
struct Tool {
    name: &'static str,
    value: Arc<dyn Any + Send + Sync>,
}

impl Tools {
    /// Adds `tool`, in place of an earlier one of its type.
    #[must_use]
    pub fn with<T: Any + Send + Sync>(mut self, tool: T) -> Self {
        let carried = Tool {
            name: type_name::<T>(),
            value: Arc::new(tool),
        };
        self.0.insert(TypeId::of::<T>(), carried);
        self
    }

    /// Adds all of `more`.
    #[must_use]
    pub fn and(mut self, more: Self) -> Self {
        self.0.extend(more.0);
        self
    }

    /// The tool of type `T`, if the worker was started with one.
    pub fn get<T: Any>(&self) -> Option<&T> {
        self.0.get(&TypeId::of::<T>())?.value.downcast_ref()
    }
}

impl fmt::Debug for Tools {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set()
            .entries(self.0.values().map(|tool| tool.name))
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq)]
    struct Mailer(&'static str);
    #[derive(Debug, PartialEq)]
    struct Interlock(u8);

    #[test]
    fn two_tools_live_side_by_side_and_each_is_found_by_its_type() {
        let tools = Tools::default()
            .with(Mailer("first"))
            .and(Tools::default().with(Interlock(6)))
            .with(Mailer("second"));
        let carried = tools.clone();
        assert_eq!(carried.get::<Interlock>(), Some(&Interlock(6)));
        assert_eq!(carried.get::<Mailer>(), Some(&Mailer("second")));
        assert_eq!(carried.get::<u8>(), None);
        let shown = format!("{tools:?}");
        assert!(
            shown.contains("Mailer") && !shown.contains("second"),
            "{shown}"
        );
    }
}
