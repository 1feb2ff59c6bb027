//! The text of a log, whatever it lies in.
//!
//! A [`Log`] reads bytes from a file or a pipe and gives those of its text. What
//! they are, the first of them tell: packed by gzip, zstd, bzip2, xz or lz4, in
//! one member or in many, one after the other, not all of one kind; in UTF-8, or
//! in UTF-16 with its mark. Other encodings in which a line's end is `\n` pass as
//! they are.
//!
//! What cannot be read is a [`Fault`], behind all that could be: data that ends
//! early or is damaged, something else behind it, an archive, or no text at all.
//! It never ends quietly as if there had been no more.
//!
//! It streams: what has been read is given at once, and memory is bounded, at
//! 128 MiB for the windows of zstd and xz. Beyond unpacking and decoding it costs
//! nothing where blocks of 64 KiB are asked for. No file is opened here, and no
//! line is looked at.
//!
//! ```
//! use std::io::Read;
//!
//! let mut text = String::new();
//! signatures_logs::Log::new(&b"\xfe\xff\0o\0k\0\n"[..]).read_to_string(&mut text)?;
//! assert_eq!(text, "ok\n");
//!
//! let error = signatures_logs::Log::new(&b"PK\x03\x04\x14\0"[..]).read_to_end(&mut Vec::new());
//! assert_eq!(
//!     error.unwrap_err().to_string(),
//!     "it is a zip archive; unpack it first, as `unzip -p` does"
//! );
//! # Ok::<(), std::io::Error>(())
//! ```

mod decoder;
mod fault;
mod foreign;
mod log;
mod lz4;
mod member;
mod packing;
mod peek;
mod skippable;
mod unpacked;
mod utf16;
mod xz;

pub use fault::Fault;
pub use log::Log;
pub use packing::Packing;
