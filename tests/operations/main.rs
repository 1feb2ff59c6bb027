//! What people ask and do: over HTTP, on the page, and in a browser. The real binary, run
//! as a user would.

// A failed setup is a failed test.
#![allow(clippy::unwrap_used)]

mod api;
mod browser;
mod http;
mod login;
mod pages;
mod program;
mod webdriver;
