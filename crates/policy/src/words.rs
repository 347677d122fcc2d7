//! Closed lists of words: each member of an enum and its word in tables, records and labels, written once.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

/// Longest word that a refusal repeats, in letters.
const REPEATED_MAX: usize = 60;

/// Member of a closed list that people and programs may ask by.
pub trait Word: Copy + Sized + 'static {
    /// Members, in the order in which they are shown.
    fn members() -> Vec<Self>;

    /// Text that stands for it.
    fn word(self) -> &'static str;

    /// Reads a word; an error names the list.
    fn read(text: &str) -> Result<Self, String> {
        let members = Self::members();
        let found = members.iter().find(|member| member.word() == text);
        found.copied().ok_or_else(|| {
            let words: Vec<&str> = members.iter().map(|member| member.word()).collect();
            let shown: String = text.chars().take(REPEATED_MAX).collect();
            format!("{shown:?} is none of {}", words.join(", "))
        })
    }
}

/// Deserializes a word that may be left out.
pub fn optional<'de, D: Deserializer<'de>, W: Word>(from: D) -> Result<Option<W>, D::Error> {
    let text = Option::<String>::deserialize(from)?;
    let read = text.map(|text| W::read(&text).map_err(D::Error::custom));
    read.transpose()
}

/// Declares an enum whose members each have a word, with `ALL`, `as_str`, `parse` and `Display` made from the one list.
///
/// ```
/// policy::words! {
///     /// Colour of a traffic light.
///     #[derive(Clone, Copy, Debug, PartialEq, Eq)]
///     pub enum Light {
///         /// Traffic stops.
///         Red = "red",
///         /// Traffic flows.
///         Green = "green",
///     }
/// }
/// assert_eq!(Light::ALL.map(Light::as_str), ["red", "green"]);
/// assert_eq!(Light::parse("green"), Some(Light::Green));
/// ```
///
/// After `serde:`, derived `Serialize`, `Deserialize` and `ToSchema` use the words too.
#[macro_export]
macro_rules! words {
    // A token and not a `literal`: that would reach other macros in a wrapping which not all of them see through.
    (serde: $(#[$meta:meta])* $vis:vis enum $name:ident {
        $($(#[$about:meta])* $member:ident = $word:tt),+ $(,)?
    }) => {
        $(#[$meta])*
        $vis enum $name {
            $($(#[$about])* #[serde(rename = $word)] $member,)+
        }
        $crate::words! { @list $vis $name { $($member = $word),+ } }
    };
    (@list $vis:vis $name:ident { $($member:ident = $word:literal),+ }) => {
        impl $name {
            /// Members, in the order of their declaration.
            $vis const ALL: [Self; [$($word),+].len()] = [$(Self::$member),+];

            /// Word in tables, records and labels.
            $vis const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$member => $word,)+
                }
            }

            /// Reads a member's word; `None` for any other text.
            $vis fn parse(word: &str) -> Option<Self> {
                Self::ALL.into_iter().find(|member| member.as_str() == word)
            }
        }

        impl $crate::words::Word for $name {
            fn members() -> Vec<Self> {
                Self::ALL.to_vec()
            }

            fn word(self) -> &'static str {
                self.as_str()
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
    ($(#[$meta:meta])* $vis:vis enum $name:ident {
        $($(#[$about:meta])* $member:ident = $word:literal),+ $(,)?
    }) => {
        $(#[$meta])*
        $vis enum $name {
            $($(#[$about])* $member,)+
        }
        $crate::words! { @list $vis $name { $($member = $word),+ } }
    };
}

#[cfg(test)]
mod tests;
