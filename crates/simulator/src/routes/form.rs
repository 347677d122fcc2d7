//! Bodies of `multipart/form-data`.

use crate::problem::Problem;
use axum::extract::{FromRequest, Multipart, Request};

/// The fields, in their order; a name can stand there several times.
pub(super) struct Form(Vec<(String, String)>);

impl Form {
    /// Files are read like texts; nobody looks at them.
    pub(super) async fn read(request: Request) -> Result<Self, Problem> {
        let unfit = |error: &dyn std::fmt::Display| {
            Problem::invalid_parameters(&format!("The body does not fit: {error}."))
        };
        let mut multipart = Multipart::from_request(request, &())
            .await
            .map_err(|error| unfit(&error))?;
        let mut fields = Vec::new();
        while let Some(field) = multipart
            .next_field()
            .await
            .map_err(|error| unfit(&error))?
        {
            let name = field.name().unwrap_or_default().to_owned();
            let bytes = field.bytes().await.map_err(|error| unfit(&error))?;
            fields.push((name, String::from_utf8_lossy(&bytes).into_owned()));
        }
        Ok(Self(fields))
    }

    /// Every value under this name.
    pub(super) fn all(&self, name: &str) -> Vec<String> {
        let values = self.0.iter().filter(|(known, _)| known == name);
        values.map(|(_, value)| value.clone()).collect()
    }

    /// The first value under this name that is not empty.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let mut values = self.0.iter().filter(|(known, _)| known == name);
        values
            .find(|(_, value)| !value.is_empty())
            .map(|(_, value)| value.as_str())
    }

    /// As [`Form::get`], where it must be.
    pub(super) fn need(&self, name: &str) -> Result<&str, Problem> {
        self.get(name)
            .ok_or_else(|| Problem::missing_parameters(&format!("{name} is required.")))
    }
}
