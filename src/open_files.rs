//! The system error of a process that may open no more files or sockets, which has no kind in Rust.

use std::io;

#[cfg(unix)]
const NUMBERS: [(i32, &str); 2] = [(24, "EMFILE"), (23, "ENFILE")];
#[cfg(windows)]
const NUMBERS: [(i32, &str); 2] = [(4, "EMFILE"), (10024, "EMFILE")];

pub const HINT: &str =
    "Close files, upload fewer states at once, or raise the limit of open files (ulimit -n)";

/// Node's name, if that is what happened.
pub fn used_up(error: &io::Error) -> Option<&'static str> {
    let number = error.raw_os_error()?;
    let found = NUMBERS.iter().find(|(known, _)| *known == number);
    found.map(|(_, name)| *name)
}
