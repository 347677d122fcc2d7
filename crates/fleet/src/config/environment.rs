//! The environment of a process as a value, so that tests and `relink --local` can make one.

use std::collections::BTreeMap;

/// The environment of a process, as a value.
#[derive(Clone, Debug, Default)]
pub struct Environment(BTreeMap<String, String>);

impl Environment {
    /// Settings that this process was started with; only `RELINK_*` is kept.
    pub fn of_process() -> Self {
        let settings = std::env::vars_os().filter_map(|(name, value)| {
            let name = name.into_string().ok()?;
            // A value that is not UTF-8 becomes one that no check accepts, instead of vanishing.
            name.starts_with("RELINK_")
                .then(|| (name, value.to_string_lossy().into_owned()))
        });
        settings.collect()
    }

    /// Names of the settings that are set.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Value of a setting; an empty value counts as not set.
    pub(super) fn value_of(&self, name: &str) -> Option<&str> {
        let value = self.0.get(name).map(String::as_str);
        value.filter(|value| !value.is_empty())
    }

    /// Names of the settings that have a value; an empty value counts as not set.
    pub fn set_names(&self) -> impl Iterator<Item = &str> {
        let set = self.0.iter().filter(|(_, value)| !value.is_empty());
        set.map(|(name, _)| name.as_str())
    }

    /// Replaces the settings of the same names by `settings`, and adds the others.
    #[must_use]
    pub fn with_settings(mut self, settings: impl IntoIterator<Item = (String, String)>) -> Self {
        self.0.extend(settings);
        self
    }
}

impl FromIterator<(String, String)> for Environment {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(pairs: I) -> Self {
        Self(pairs.into_iter().collect())
    }
}
