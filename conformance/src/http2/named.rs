//! Numbers that RFC 9113 gives names to.

use serde::Deserialize;

/// The text form of such a number.
#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a name or a number")]
pub(super) enum NameOrNumber {
    Number(u64),
    Name(String),
}

/// The names of a type's values, and the text form: the name, or the number in hexadecimal if it has none.
macro_rules! named_numbers {
    ($type:ident($number:ty) $what:literal $hex:literal; $($value:literal $name:ident $doc:literal)*) => {
        impl $type {
            $(#[doc = $doc] pub const $name: $type = $type($value);)*

            /// Every value with a name, in the order of the numbers.
            pub const NAMED: &'static [$type] = &[$($type::$name),*];

            /// The name, if it has one.
            pub fn name(self) -> Option<&'static str> {
                match self { $($type::$name => Some(stringify!($name)),)* _ => None }
            }

            /// The value with this name.
            pub fn from_name(name: &str) -> Option<$type> {
                match name { $(stringify!($name) => Some($type::$name),)* _ => None }
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                match self.name() {
                    Some(name) => f.pad(name),
                    None => f.pad(&format!($hex, self.0)),
                }
            }
        }

        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<$type, D::Error> {
                use crate::http2::named::NameOrNumber;
                let known = [$(stringify!($name)),*];
                match NameOrNumber::deserialize(deserializer)? {
                    NameOrNumber::Number(number) => number.try_into().map($type).map_err(|_| {
                        format!("the {} {number} is above {}", $what, <$number>::MAX)
                    }),
                    NameOrNumber::Name(text) => {
                        let number = || <$number>::from_str_radix(text.strip_prefix("0x")?, 16).ok().map($type);
                        $type::from_name(&text).or_else(number).ok_or_else(|| {
                            format!("unknown {} `{text}`; expected {}, or a number", $what, known.join(", "))
                        })
                    }
                }
                .map_err(serde::de::Error::custom)
            }
        }
    };
}

pub(super) use named_numbers;
