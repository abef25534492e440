//! HTTP/2 frames as data, faults included.
//!
//! A [`Frame`] is raw first: what stands in its nine header bytes and in its payload, whether or not RFC 9113 allows it.
//! Typed constructors build the frames that the RFC describes, and [`Frame::view`] reads them back. A closed enum of the ten
//! frame types could not lie on the wire, and lying is half of what the generators do.
//!
//! This is the lowest floor of the crate: it knows no stack, no script and no law. [`wire`] holds the byte form and
//! [`hpack`] the header blocks.

pub mod hpack;
pub mod wire;

mod error_code;
mod frame;
mod settings;
mod stream_id;
mod view;

pub use error_code::ErrorCode;
pub use frame::{Frame, FrameType, flags};
pub use settings::SettingId;
pub use stream_id::{OutOfRange, StreamId};
pub use view::{View, WithFields};
