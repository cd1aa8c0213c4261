//! Where no event loop is used: everything runs on the addon's own thread.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::TcpStream;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

pub type Answer = (u32, Option<String>);

pub fn is_there() -> bool {
    false
}

pub fn current() -> Option<u64> {
    None
}

pub fn answer(_: Answer) {}

#[derive(Clone)]
pub struct EventLoop(Infallible);

impl EventLoop {
    /// # Safety
    ///
    /// None of it is used.
    pub unsafe fn open(
        _: *mut std::ffi::c_void,
        _: tokio::runtime::Handle,
        _: impl Fn(Answer) + 'static,
    ) -> Option<EventLoop> {
        None
    }

    pub fn has_room(&self) -> bool {
        match self.0 {}
    }

    pub fn run(&self, _: impl Future<Output = ()> + 'static) {
        match self.0 {}
    }

    pub fn close(&self, _: impl FnOnce() + 'static) {
        match self.0 {}
    }
}

pub struct Socket(Infallible);

impl Socket {
    pub fn new(_: TcpStream) -> io::Result<Socket> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

impl AsyncRead for Socket {
    fn poll_read(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        _: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.0 {}
    }
}

impl AsyncWrite for Socket {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, _: &[u8]) -> Poll<io::Result<usize>> {
        match self.0 {}
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.0 {}
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.0 {}
    }
}
