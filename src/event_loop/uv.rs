//! The few functions of libuv that are needed, as Node exports them.
//!
//! No header is compiled in: the sizes of handles are asked for, and everything else of theirs is
//! reached through functions, so that any libuv since 1.19 will do.

use std::ffi::{c_char, c_int, c_void, CStr};
use std::sync::OnceLock;

use libloading::os::unix::Library;

pub(super) const ASYNC: c_int = 1;
pub(super) const POLL: c_int = 8;

pub(super) const READABLE: c_int = 1;
pub(super) const WRITABLE: c_int = 2;

/// A `uv_loop_t` or a `uv_handle_t`.
pub(super) type Pointer = *mut c_void;
pub(super) type OnEvent = unsafe extern "C" fn(Pointer);
pub(super) type OnPoll = unsafe extern "C" fn(Pointer, c_int, c_int);

pub(super) struct Uv {
    pub handle_size: unsafe extern "C" fn(c_int) -> usize,
    pub get_data: unsafe extern "C" fn(Pointer) -> Pointer,
    pub set_data: unsafe extern "C" fn(Pointer, Pointer),
    pub unref: unsafe extern "C" fn(Pointer),
    pub close: unsafe extern "C" fn(Pointer, OnEvent),
    pub async_init: unsafe extern "C" fn(Pointer, Pointer, OnEvent) -> c_int,
    pub async_send: unsafe extern "C" fn(Pointer) -> c_int,
    pub poll_init_socket: unsafe extern "C" fn(Pointer, Pointer, c_int) -> c_int,
    pub poll_start: unsafe extern "C" fn(Pointer, c_int, OnPoll) -> c_int,
    pub poll_stop: unsafe extern "C" fn(Pointer) -> c_int,
}

impl Uv {
    /// Nothing where this process exports no libuv, or one with other numbers.
    pub fn of_process() -> Option<&'static Uv> {
        static UV: OnceLock<Option<Uv>> = OnceLock::new();
        UV.get_or_init(Uv::find).as_ref()
    }

    fn find() -> Option<Uv> {
        let process = Library::this();
        // SAFETY: the types are those of uv.h; nothing is called yet but what only looks a name up.
        let (uv, name) = unsafe {
            type Name = unsafe extern "C" fn(c_int) -> *const c_char;
            let name = *process.get::<Name>(b"uv_handle_type_name\0").ok()?;
            let uv = Uv {
                handle_size: *process.get(b"uv_handle_size\0").ok()?,
                get_data: *process.get(b"uv_handle_get_data\0").ok()?,
                set_data: *process.get(b"uv_handle_set_data\0").ok()?,
                unref: *process.get(b"uv_unref\0").ok()?,
                close: *process.get(b"uv_close\0").ok()?,
                async_init: *process.get(b"uv_async_init\0").ok()?,
                async_send: *process.get(b"uv_async_send\0").ok()?,
                poll_init_socket: *process.get(b"uv_poll_init_socket\0").ok()?,
                poll_start: *process.get(b"uv_poll_start\0").ok()?,
                poll_stop: *process.get(b"uv_poll_stop\0").ok()?,
            };
            (uv, name)
        };
        let is_named = |number, expected: &CStr| {
            // SAFETY: it gives a text that lives as long as the process, or null.
            let name = unsafe { name(number) };
            !name.is_null() && unsafe { CStr::from_ptr(name) } == expected
        };
        (is_named(ASYNC, c"async") && is_named(POLL, c"poll")).then_some(uv)
    }
}
