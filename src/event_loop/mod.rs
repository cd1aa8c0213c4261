//! Futures on a thread of JavaScript, woken by Node's own event loop.
//!
//! Where an upload runs on a thread of the addon, two threads have to wake each other for it, which
//! takes longer than all the rest of the addon's work for a small one. Here its sockets are watched by
//! libuv, as Node's own are.
//!
//! On Unix only: nobody has tried it on Windows, where `nowhere.rs` is in its place.

mod handle;
mod socket;
mod uv;

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::Future;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Wake, Waker};
use std::thread::{self, ThreadId};

use tokio::runtime;
use tokio::task::LocalSet;

use self::handle::{of_callback, Handle};
pub use self::socket::Socket;
use self::uv::{Pointer, Uv};

use crate::lock::lock;

/// The answer to the call of a number: nothing, where that broke off.
pub type Answer = (u32, Option<String>);

/// Futures of one event loop at a time: with more there is work for a second thread.
const MOST: usize = 2;

thread_local! {
    /// The one that this thread is working for at the moment.
    static CURRENT: RefCell<Option<Rc<Inner>>> = const { RefCell::new(None) };
}

/// Whether this process has an event loop of a kind that is known.
pub fn is_there() -> bool {
    Uv::of_process().is_some()
}

/// The number of the event loop that is turning on this thread.
pub fn current() -> Option<u64> {
    CURRENT.with_borrow(|current| current.as_ref().map(|inner| inner.number))
}

/// Keeps an answer until JavaScript can be called: as soon as the futures have nothing to do.
pub fn answer(answer: Answer) {
    CURRENT.with_borrow(|current| {
        // Nobody waits any more where the event loop has been closed.
        if let Some(inner) = current {
            inner.answers.borrow_mut().push_back(answer);
        }
    });
}

#[derive(Clone)]
pub struct EventLoop(Rc<Inner>);

struct Inner {
    /// Tells it from all others of the process.
    number: u64,
    uv: &'static Uv,
    uv_loop: Pointer,
    /// For timers, names and files, which are waited for on other threads.
    runtime: runtime::Handle,
    /// Nothing when it was closed.
    tasks: RefCell<Option<LocalSet>>,
    /// Futures that were given to `run` and have not ended.
    running: Cell<usize>,
    alarm: Arc<Alarm>,
    waker: Waker,
    /// How often the futures went on.
    turns: Cell<u64>,
    answers: RefCell<VecDeque<Answer>>,
    tell: Box<dyn Fn(Answer)>,
    /// Those that libuv still knows.
    handles: Cell<usize>,
    on_closed: RefCell<Option<Box<dyn FnOnce()>>>,
    bell: RefCell<Option<Handle<()>>>,
}

impl EventLoop {
    /// `tell` calls JavaScript, and is called from the event loop. Nothing where there is no libuv.
    ///
    /// # Safety
    ///
    /// `uv_loop` is the `uv_loop_t` of this thread, and lives until `close` has called back.
    pub unsafe fn open(
        uv_loop: *mut std::ffi::c_void,
        runtime: runtime::Handle,
        tell: impl Fn(Answer) + 'static,
    ) -> Option<EventLoop> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let alarm = Arc::new(Alarm {
            thread: thread::current().id(),
            attended: AtomicBool::new(false),
            rung: AtomicBool::new(false),
            bell: Mutex::new(None),
        });
        let inner = Rc::new(Inner {
            number: NEXT.fetch_add(1, Ordering::Relaxed),
            uv: Uv::of_process()?,
            uv_loop,
            runtime,
            tasks: RefCell::new(Some(LocalSet::new())),
            running: Cell::new(0),
            waker: Waker::from(alarm.clone()),
            alarm,
            turns: Cell::new(0),
            answers: RefCell::default(),
            tell: Box::new(tell),
            handles: Cell::new(0),
            on_closed: RefCell::default(),
            bell: RefCell::default(),
        });
        let bell = Handle::new(&inner, uv::ASYNC, (), |uv, handle| {
            // SAFETY: memory for a handle of this kind, and the loop of this thread.
            unsafe { (uv.async_init)(inner.uv_loop, handle, on_bell) }
        });
        let bell = bell.ok()?;
        inner.alarm.ring_with(Some(Bell(inner.uv, bell.pointer())));
        inner.bell.replace(Some(bell));
        Some(EventLoop(inner))
    }

    /// Whether one more future is welcome.
    pub fn has_room(&self) -> bool {
        self.0.running.get() < MOST && self.0.tasks.borrow().is_some()
    }

    /// Runs `future` on this thread; until its first wait at once.
    pub fn run(&self, future: impl Future<Output = ()> + 'static) {
        // No bell is needed: the turn comes at once.
        self.0.attend(true);
        if let Some(tasks) = self.0.tasks.borrow().as_ref() {
            let running = Running::new(&self.0);
            tasks.spawn_local(async move {
                future.await;
                drop(running);
            });
        }
        self.0.turn();
        if !self.0.answers.borrow().is_empty() {
            // Who calls is not ready for an answer yet.
            self.0.alarm.ring();
        }
    }

    /// Drops all futures and closes all sockets. Calls back when libuv has let go of everything.
    pub fn close(&self, closed: impl FnOnce() + 'static) {
        let inner = &self.0;
        inner.on_closed.replace(Some(Box::new(closed)));
        drop(inner.tasks.take());
        inner.alarm.ring_with(None);
        drop(inner.bell.take());
    }
}

/// One of the futures that an event loop has to run.
struct Running(Rc<Inner>);

impl Running {
    fn new(inner: &Rc<Inner>) -> Running {
        inner.running.set(inner.running.get() + 1);
        Running(inner.clone())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.running.set(self.0.running.get() - 1);
    }
}

impl Inner {
    /// Lets the futures go on as far as they can; until then they are attended to.
    fn turn(self: &Rc<Inner>) {
        if let Ok(mut tasks) = self.tasks.try_borrow_mut() {
            if let Some(tasks) = tasks.as_mut() {
                self.poll(tasks);
            }
        }
        self.attend(false);
    }

    fn poll(self: &Rc<Inner>, tasks: &mut LocalSet) {
        let _runtime = self.runtime.enter();
        let outer = CURRENT.replace(Some(self.clone()));
        let mut context = Context::from_waker(&self.waker);
        self.turns.set(self.turns.get() + 1);
        loop {
            self.alarm.rung.store(false, Ordering::Relaxed);
            let _ = std::pin::Pin::new(&mut *tasks).poll(&mut context);
            if !self.alarm.rung.load(Ordering::Relaxed) {
                break;
            }
        }
        CURRENT.replace(outer);
    }

    /// Whether the futures are polled now, or as soon as what is going on has ended.
    fn attend(&self, attended: bool) {
        self.alarm.attended.store(attended, Ordering::Relaxed);
    }

    /// What happened is told to the futures by `tell`; they go on, and JavaScript hears their answers.
    fn happened(self: &Rc<Inner>, tell: impl FnOnce()) {
        self.attend(true);
        tell();
        self.turn();
        // One by one: JavaScript may turn its event loop itself, to wait for one of the others.
        while let Some(answer) = self.next_answer() {
            (self.tell)(answer);
        }
    }

    fn next_answer(&self) -> Option<Answer> {
        self.answers.borrow_mut().pop_front()
    }

    fn handle_closed(&self) {
        self.handles.set(self.handles.get() - 1);
        if self.handles.get() == 0 {
            if let Some(closed) = self.on_closed.take() {
                closed();
            }
        }
    }
}

unsafe extern "C" fn on_bell(handle: Pointer) {
    of_callback::<()>(handle, |inner, ()| inner.happened(|| {}));
}

/// Tells the event loop, from any thread, that a future can go on.
struct Alarm {
    thread: ThreadId,
    /// The futures are being looked after: ringing would wake nobody.
    attended: AtomicBool,
    rung: AtomicBool,
    bell: Mutex<Option<Bell>>,
}

struct Bell(&'static Uv, Pointer);

// SAFETY: `uv_async_send` may be called on any thread, and nothing else is done with it.
unsafe impl Send for Bell {}

impl Alarm {
    fn ring_with(&self, bell: Option<Bell>) {
        *lock(&self.bell) = bell;
    }

    fn ring(&self) {
        let bell = lock(&self.bell);
        if let Some(Bell(uv, handle)) = &*bell {
            // SAFETY: the handle is taken out of here, under the lock, before it is closed.
            unsafe { (uv.async_send)(*handle) };
        }
    }
}

impl Wake for Alarm {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        let is_here = thread::current().id() == self.thread;
        if is_here && self.attended.load(Ordering::Relaxed) {
            self.rung.store(true, Ordering::Relaxed);
        } else {
            self.ring();
        }
    }
}
