//! HTTP/2 frames as data, faults included.
//!
//! A [`Frame`] holds raw values: the nine header bytes and the payload, whether or not RFC 9113 allows them. Typed
//! constructors build the frames that the RFC describes, and [`Frame::view`] reads them back. A closed enum of the ten
//! frame types could not represent invalid frames, which the generators need.
//!
//! This is the lowest level of the crate: it depends on no stack, script or law. [`wire`] holds the byte form and
//! [`hpack`] the field blocks.

pub mod hpack;
pub mod wire;

mod error_code;
mod frame;
mod named;
mod settings;
mod stream_id;
mod view;

pub use error_code::ErrorCode;
pub use frame::{Frame, FrameType, flags};
pub use settings::SettingId;
pub use stream_id::{OutOfRange, StreamId};
pub use view::{View, WithFields};
