//! Which ordinary files below some places may hold one of some byte strings, or match a pattern.
//!
//! Whether one does, and where, is not said: that is for who reads it afterwards. Devices, fifos and links are never
//! opened, other file systems never entered, and whatever was not looked into is counted with the reason.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::panic))]

mod left_out;
mod reading;
mod sought;
#[cfg(test)]
mod tests;
mod walk;

pub use left_out::{LeftOut, Reason};
pub use sought::Sought;
pub use walk::{search, Answer, Request};
