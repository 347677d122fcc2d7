//! How long something lives, as a person writes it: `30m`, `2h`, `1h30m`, `90d`.

use serde::{Deserialize, Deserializer};
use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

/// The longest: what is counted from now on with it is an instant that every table keeps.
const LIFE_MAX: Duration = Duration::from_hours(24 * 3_660);
/// Longest text that a refusal repeats, in letters.
const SHOWN_MAX: usize = 60;
/// Texts that documents allow: some that are read besides have zeros in them.
const PATTERN: &str =
    "^(?!$)([1-9][0-9]{0,2}d)?([1-9][0-9]{0,3}h)?([1-9][0-9]{0,4}m)?([1-9][0-9]{0,5}s)?$";

/// A length of time that was asked for; never zero, at most ten years.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Life(
    /// The length.
    pub Duration,
);

impl<'de> Deserialize<'de> for Life {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// From the longest to the shortest; each at most once, in this order.
const UNITS: [(char, u64); 4] = [('d', 86_400), ('h', 3_600), ('m', 60), ('s', 1)];

impl FromStr for Life {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let shown: String = text.chars().take(SHOWN_MAX).collect();
        let wrong = || format!("{shown:?} is not a length of time like 30m, 2h, 1h30m or 90d");
        let (mut rest, mut seconds) = (text, 0_u64);
        for (unit, length) in UNITS {
            let digits = rest.len()
                - rest
                    .trim_start_matches(|it: char| it.is_ascii_digit())
                    .len();
            let (number, after) = rest.split_at(digits);
            let Some(after) = after.strip_prefix(unit) else {
                continue;
            };
            let number: u64 = number.parse().map_err(|_| wrong())?;
            let more = number.checked_mul(length);
            seconds = more
                .and_then(|it| seconds.checked_add(it))
                .ok_or_else(wrong)?;
            rest = after;
        }
        if !rest.is_empty() || seconds == 0 {
            return Err(wrong());
        }
        let life = Self(Duration::from_secs(seconds));
        if life.0 > LIFE_MAX {
            return Err(format!("at most {}, not {shown:?}", Self(LIFE_MAX)));
        }
        Ok(life)
    }
}

impl PartialSchema for Life {
    fn schema() -> RefOr<Schema> {
        let text = ObjectBuilder::new().schema_type(Type::String);
        let text = text.pattern(Some(PATTERN)).examples(["30m", "1h30m"]);
        text.description(Some("A length of time.")).into()
    }
}

impl ToSchema for Life {
    fn name() -> Cow<'static, str> {
        "LengthOfTime".into()
    }
}

impl fmt::Display for Life {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0.as_secs();
        for (unit, length) in UNITS {
            if rest >= length {
                write!(f, "{}{unit}", rest / length)?;
                rest %= length;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod interlock_tests {
    use super::Life;
    use std::time::Duration;

    #[test]
    fn a_life_is_read_as_a_person_writes_it_and_shown_alike() {
        for (text, seconds) in [
            ("1s", 1),
            ("30m", 1_800),
            ("2h", 7_200),
            ("1h30m", 5_400),
            ("1d2h3m4s", 93_784),
            ("90d", 7_776_000),
            ("3660d", 316_224_000),
        ] {
            let life: Life = text.parse().expect(text);
            assert_eq!(life.0, Duration::from_secs(seconds), "{text}");
            assert_eq!(life.to_string(), text);
        }
    }

    #[test]
    fn what_is_no_life_is_refused_with_what_was_written() {
        for text in [
            "",
            "2",
            "h",
            "2 h",
            "-2h",
            "0h",
            "30m2h",
            "2h2h",
            "1.5h",
            "2H",
            "2hours",
            "99999999999999999999d",
            "3661d",
            "2913000d",
            "109500000d",
            "99999999999h",
            "9999999999999999999d",
            "+2h",
            "2h ",
        ] {
            let why = text.parse::<Life>().expect_err(text);
            assert!(why.contains(&format!("{text:?}")), "{why}");
        }
    }
}
